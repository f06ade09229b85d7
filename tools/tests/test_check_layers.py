# tools/tests/test_check_layers.py - planted violations that check_layers.py must find, each by file, line and rule.
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

TOOLS = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(TOOLS))
import check_layers  # noqa: E402

LAYERS = """
[room.base]
may = []
[room.policy]
may = ["base"]
[room.route]
may = ["policy", "base"]
[external]
"simdjson.h" = ["src/base/json*.cpp"]
"toml++/*" = ["src/config/toml.cpp"]
[only_in]
"steady_clock::now" = ["src/base/clock.cpp"]
"throw" = []
"std::regex" = []
"""


class Planted(unittest.TestCase):
    def setUp(self):
        self.made = tempfile.TemporaryDirectory()
        self.root = Path(self.made.name)
        self.write("layers.toml", LAYERS)
        self.write("src/base/CMakeLists.txt", "ajar_room(base external simdjson::simdjson)\n")
        self.write("src/policy/CMakeLists.txt", "ajar_room(policy may base)\n")
        self.write("src/route/CMakeLists.txt", "ajar_room(route may policy base)  # may also mention wire here\n")
        self.write("src/base/error.hpp", "// base/error.hpp - errors.\n#include <expected>\n#include <cstdint>\n")
        self.write("src/route/choose.cpp", '// route/choose.cpp - chooses.\n#include "base/error.hpp"\n')

    def tearDown(self):
        self.made.cleanup()

    def write(self, path, text):
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def problems(self):
        checker = check_layers.Checker(self.root)
        checker.run()
        return checker.problems

    def assert_found(self, start, part):
        found = self.problems()
        self.assertEqual(len(found), 1, found)
        self.assertTrue(found[0].startswith(start), found[0])
        self.assertIn(part, found[0])

    def test_clean_house_has_no_violation(self):
        self.assertEqual(self.problems(), [])

    def test_upward_include_is_found(self):
        self.write("src/policy/clear.cpp", '// x\n\n#include "route/choose.cpp"\n')
        self.assert_found("src/policy/clear.cpp:3:", "policy may not include route")

    def test_include_within_the_room_is_fine(self):
        self.write("src/route/health.hpp", "// x\n")
        self.write("src/route/health.cpp", '#include "route/health.hpp"\n')
        self.assertEqual(self.problems(), [])

    def test_missing_header_is_found(self):
        self.write("src/route/health.cpp", '#include "base/gone.hpp"\n')
        self.assert_found("src/route/health.cpp:1:", "does not exist")

    def test_unrooted_include_is_found(self):
        self.write("src/base/text.cpp", '#include "error.hpp"\n')
        self.assert_found("src/base/text.cpp:1:", "not rooted at src")

    def test_outside_header_in_the_wrong_file_is_found(self):
        self.write("src/base/text.cpp", "#include <simdjson.h>\n")
        self.assert_found("src/base/text.cpp:1:", "<simdjson.h> may only be included by src/base/json*.cpp")

    def test_outside_header_in_its_file_is_fine(self):
        self.write("src/base/json_reader.cpp", "#include <simdjson.h>\n")
        self.assertEqual(self.problems(), [])

    def test_unknown_outside_header_is_found(self):
        self.write("src/base/text.cpp", "#include <boost/asio.hpp>\n")
        self.assert_found("src/base/text.cpp:1:", "not in [external]")

    def test_include_in_a_comment_does_not_count(self):
        self.write("src/base/text.cpp", "// #include <boost/asio.hpp>\n/*\n#include <boost/asio.hpp>\n*/\n")
        self.assertEqual(self.problems(), [])

    def test_one_home_word_elsewhere_is_found(self):
        self.write("src/route/health.cpp", "// x\nauto t = std::chrono::steady_clock::now();\n")
        self.assert_found("src/route/health.cpp:2:", "`steady_clock::now` may only stand in src/base/clock.cpp")

    def test_one_home_word_at_home_is_fine(self):
        self.write("src/base/clock.cpp", "auto t = std::chrono::steady_clock::now();\n")
        self.assertEqual(self.problems(), [])

    def test_forbidden_word_is_found_and_its_kin_is_not(self):
        self.write("src/base/text.cpp", "int rethrow_count;\nthrow 1;\n")
        self.assert_found("src/base/text.cpp:2:", "`throw` may only stand in no file")

    def test_words_in_comments_and_strings_do_not_count(self):
        self.write("src/base/text.cpp", '// throw\nauto a = "throw";\nauto b = R"x(throw " std::regex)x";\nint c = 20\'000;  /* throw */\n')
        self.assertEqual(self.problems(), [])

    def test_digit_separators_do_not_hide_what_follows(self):
        self.write("src/base/text.cpp", "int a = 20'000; throw a; int b = 1'000;\n")
        self.assert_found("src/base/text.cpp:1:", "`throw`")

    def test_too_many_links_are_found(self):
        self.write("src/policy/CMakeLists.txt", "ajar_room(policy may base route)\n")
        self.assert_found("src/policy/CMakeLists.txt:1:", "too many ['route']")

    def test_missing_link_is_found(self):
        self.write("src/route/CMakeLists.txt", "ajar_room(route may base)\n")
        self.assert_found("src/route/CMakeLists.txt:1:", "missing ['policy']")

    def test_folder_that_is_no_room_is_found(self):
        self.write("src/utils/text.hpp", "// x\n")
        self.assert_found("src/utils:1:", "no room of layers.toml")

    def test_cycle_is_found(self):
        self.write("layers.toml", LAYERS.replace('[room.base]\nmay = []', '[room.base]\nmay = ["route"]'))
        self.write("src/base/CMakeLists.txt", "ajar_room(base may route)\n")
        found = self.problems()
        self.assertTrue(any("cycle: " in line for line in found), found)

    def test_room_that_may_see_a_stranger_is_found(self):
        self.write("layers.toml", LAYERS.replace('may = ["policy", "base"]', 'may = ["policy", "base", "plan"]'))
        self.write("src/route/CMakeLists.txt", "ajar_room(route may policy base plan)\n")
        self.assert_found("layers.toml:1:", "plan, which is no room")

    def test_exit_status_and_place_are_told(self):
        self.write("src/base/text.cpp", "throw 1;\n")
        run = subprocess.run([sys.executable, TOOLS / "check_layers.py", self.root], capture_output=True, text=True, check=False)
        self.assertEqual(run.returncode, 1)
        self.assertIn("src/base/text.cpp:1:", run.stdout)
        self.write("src/base/text.cpp", "// nothing\n")
        run = subprocess.run([sys.executable, TOOLS / "check_layers.py", self.root], capture_output=True, text=True, check=False)
        self.assertEqual(run.returncode, 0, run.stdout)


if __name__ == "__main__":
    unittest.main()
