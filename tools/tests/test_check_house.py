# tools/tests/test_check_house.py - planted violations that check_house.py must find, and the map that it compares.
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import check_house  # noqa: E402
import gen_map  # noqa: E402

PIPELINE = """// gateway/pipeline.cpp - the story.
void run() {
  admit::identify(); decode(); admit::reserve(); policy::clear(); route::choose(); upstream::dispatch(); relay();
  settle();
}
"""
STORY = "# Life\n\n" + " then ".join(f"**{stage}**" for stage in check_house.STAGES) + "\n"


class Planted(unittest.TestCase):
    def setUp(self):
        self.made = tempfile.TemporaryDirectory()
        self.root = Path(self.made.name)
        self.write("layers.toml", '[room.gateway]\nwhat = "The path."\nmay = []\n')
        self.write("src/gateway/pipeline.cpp", PIPELINE)
        self.write("tests/gateway/pipeline_test.cpp", "// tests/gateway/pipeline_test.cpp - the story, tested.\n")
        self.write("docs/life-of-a-request.md", STORY)
        self.write("docs/MAP.md", gen_map.make_map(self.root))

    def tearDown(self):
        self.made.cleanup()

    def write(self, path, text):
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def problems(self):
        house = check_house.House(self.root)
        house.run()
        return house.problems

    def assert_found(self, start, part):
        found = [line for line in self.problems() if not line.startswith("docs/MAP.md")]
        self.assertEqual(len(found), 1, found)
        self.assertTrue(found[0].startswith(start), found[0])
        self.assertIn(part, found[0])

    def test_clean_house_has_no_violation(self):
        self.assertEqual(self.problems(), [])

    def test_wrong_first_line_is_found(self):
        self.write("src/gateway/relay.cpp", "// relay.cpp - relays.\n")
        self.assert_found("src/gateway/relay.cpp:1:", "begins with")

    def test_other_letters_are_found(self):
        self.write("docs/a.md", "plain\nna\u00efve\n")
        self.assert_found("docs/a.md:2:", "not ASCII in column 3")

    def test_long_file_is_found(self):
        self.write("src/gateway/relay.cpp", "// gateway/relay.cpp - relays.\n" + "int a;\n" * 500)
        self.assert_found("src/gateway/relay.cpp:500:", "501 lines")

    def test_unfinished_work_is_found_unless_it_has_an_issue(self):
        self.write("src/gateway/relay.cpp", "// gateway/relay.cpp - relays.\n// TODO(#12): fine\n// " + "TODO: not\n")
        self.assert_found("src/gateway/relay.cpp:3:", "without an issue")

    def test_somebodys_folder_is_found(self):
        self.write("docs/a.md", "see /home/" + "alice/notes\n")
        self.assert_found("docs/a.md:1:", "absolute path")

    def test_commented_out_code_is_found(self):
        self.write("src/gateway/relay.cpp", "// gateway/relay.cpp - relays.\n  // return x + 1;\n")
        self.assert_found("src/gateway/relay.cpp:2:", "commented-out code")

    def test_sleeping_test_is_found(self):
        self.write("tests/gateway/a_test.cpp", "// tests/gateway/a_test.cpp - waits.\nstd::this_thread::sleep_for(1s);\n")
        self.assert_found("tests/gateway/a_test.cpp:2:", "sleeps")

    def test_broken_link_is_found(self):
        self.write("docs/a.md", "[there](gone.md)\n")
        self.assert_found("docs/a.md:1:", "gone.md")

    def test_broken_anchor_is_found_and_a_good_one_is_not(self):
        self.write("docs/b.md", "## The `good` one\n")
        self.write("docs/a.md", "[x](b.md#the-good-one)\n[y](b.md#bad)\n")
        self.assert_found("docs/a.md:2:", "no such heading")

    def test_link_in_a_fence_is_not_followed(self):
        self.write("docs/a.md", "```\n[there](gone.md)\n```\n")
        self.assertEqual(self.problems(), [])

    def test_stages_out_of_order_are_found(self):
        self.write("src/gateway/pipeline.cpp", PIPELINE.replace("policy::clear(); route::choose();", "route::choose(); policy::clear();"))
        self.assert_found("src/gateway/pipeline.cpp:1:", "out of order")

    def test_missing_stage_is_found(self):
        self.write("src/gateway/pipeline.cpp", PIPELINE.replace(" policy::clear();", ""))
        self.assert_found("src/gateway/pipeline.cpp:1:", "stage clear is not called")

    def test_provider_in_the_pipeline_is_found(self):
        self.write("src/gateway/pipeline.cpp", PIPELINE + "bool anthropic;\n")
        self.assert_found("src/gateway/pipeline.cpp:1:", "anthropic")

    def test_story_that_forgets_a_stage_is_found(self):
        self.write("docs/life-of-a-request.md", STORY.replace("**clear**", "clear"))
        self.assert_found("docs/life-of-a-request.md:1:", "tells the stages as")

    def test_function_that_is_not_there_is_found(self):
        self.write("docs/life-of-a-request.md", STORY + "`gateway::settle` and `gateway::vanish`\n")
        self.assert_found("docs/life-of-a-request.md:4:", "`gateway::vanish` is not in src/gateway")

    def test_stale_map_is_found(self):
        self.write("src/gateway/relay.cpp", "// gateway/relay.cpp - relays.\n")
        self.assertEqual(self.problems(), ["docs/MAP.md:1: does not match the files: ./dev map"])

    def test_room_without_tests_is_found(self):
        self.write("layers.toml", '[room.gateway]\nmay = []\n[room.net]\nmay = []\n')
        self.write("src/net/loop.cpp", "// net/loop.cpp - loops.\n")
        self.assert_found("src/net:1:", "without tests")

    def test_unknown_command_and_option_in_a_document_are_found(self):
        self.write("dev", 'case $verb in\n  up) a ;;\n  fmt | form) b ;;\nesac\n')
        self.write("src/cli/main.cpp", '// cli/main.cpp - parses.\nadd("up"); add("--listen", x);\n')
        self.write("layers.toml", '[room.gateway]\nmay = []\n[room.cli]\nmay = []\n')
        self.write("tests/cli/a_test.cpp", "// tests/cli/a_test.cpp - tests.\n")
        self.write("docs/a.md", "```\n./dev up\n./dev fly\najar up --listen 1\najar up --sing\najar fall\n```\nthe word ajar means half open\n")
        found = [line for line in self.problems() if not line.startswith("docs/MAP.md")]
        self.assertEqual(found, ["docs/a.md:3: ./dev has no verb fly", "docs/a.md:5: ajar up has no option --sing", "docs/a.md:6: ajar has no verb fall"])

    def test_option_without_documentation_is_found(self):
        self.write("src/config/options.hpp", '// config/options.hpp - options.\n{"listen.address", 1},\n{"limits.head", 2},\n')
        self.write("layers.toml", '[room.gateway]\nmay = []\n[room.config]\nmay = []\n')
        self.write("docs/CONFIG.md", "`address`\n")
        self.assert_found("src/config/options.hpp:1:", "limits.head")

    def test_lock_file_with_addresses_is_found(self):
        self.write("tests/e2e/package-lock.json", '{"resolved": "https://' + 'example.invalid/a.tgz"}\n')
        self.assert_found("tests/e2e/package-lock.json:1:", "download addresses")


class Map(unittest.TestCase):
    def test_sentence_is_the_first_or_second_line(self):
        with tempfile.TemporaryDirectory() as made:
            file = Path(made) / "a.py"
            file.write_text("#!/usr/bin/env python3\n# tools/a.py - does a thing.\n")
            self.assertEqual(gen_map.sentence(file), "does a thing.")

    def test_markup_is_escaped(self):
        self.assertEqual(gen_map.escaped("Result<T> | x"), "Result\\<T> \\| x")


if __name__ == "__main__":
    unittest.main()
