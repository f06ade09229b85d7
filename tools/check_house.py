#!/usr/bin/env python3
# tools/check_house.py - the house rules that a script can check: first lines, ASCII, sizes, links, stages, fresh documents.
"""Usage: check_house.py [ROOT]

Prints one line per violation, `file:line: rule`, and exits 1 if there is any. Needs nothing but Python 3.11.
"""
import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import check_layers  # noqa: E402
import gen_map  # noqa: E402

SKIP = {".git", "node_modules", "__pycache__", ".venv", "golden", "corpus"}
CODE = {".hpp", ".cpp"}
WRITTEN = CODE | {".py", ".sh", ".cmake", ".md", ".mjs", ".js", ".toml"}
LONGEST_FILE, LONGEST_PIPELINE = 500, 150
STAGES = ["identify", "decode", "reserve", "clear", "choose", "dispatch", "relay", "settle"]
UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b(?!\(#\d+\))")
SOMEBODYS_FOLDER = re.compile(r"(?<![\w./$}])/(home/[a-z]|work/|Users/[A-Za-z])")
DEAD_CODE = re.compile(r"^\s*//\s*(if \(.*\) \{|for \(.*\) \{|return [^;]*;|#include .*|[\w:]+\(.*\);|auto \w+ = .*;)\s*$")
LINK = re.compile(r"\[[^\]\n]*\]\(([^)\s]+)\)")
TICKED = re.compile(r"`([a-z_]+)::([A-Za-z_:]+)(?:\(\))?`")
VERB = re.compile(r"(?:^|[\s`])(?:\./)?(?:build/release/)?ajar ([a-z]+)((?: [^\n`|#]*)?)")
DEV_VERB = re.compile(r"(?:^|[\s`(])\./dev ([a-z-]+)")
CONFIG_KEY = re.compile(r"^\s*\{?\s*\"([a-z_]+(?:\.[a-z_]+)*)\"", re.M)


def anchor(heading):
    """The name that a heading gets on a rendered page."""
    text = re.sub(r"[`*]", "", heading.strip().lower())
    return re.sub(r"[^\w\- ]", "", text).replace(" ", "-")


class House:
    def __init__(self, root):
        self.root = Path(root)
        self.problems = []
        self.files = sorted(f for f in self.root.rglob("*") if f.is_file() and not self.skipped(f))

    def skipped(self, file):
        parts = file.relative_to(self.root).parts
        return bool(SKIP.intersection(parts)) or parts[0].startswith("build")

    def say(self, path, line, rule):
        self.problems.append(f"{path}:{line}: {rule}")

    def text(self, file):
        return file.read_text(encoding="utf-8", errors="replace")

    def read(self, path):
        file = self.root / path
        return self.text(file) if file.exists() else ""

    def check_first_line(self, path, lines):
        name = path.removeprefix("src/")
        if not re.match(rf"// {re.escape(name)} - \S.*[.:?]( .*)?$", lines[0] if lines else ""):
            self.say(path, 1, f"begins with `// {name} - what it is, one sentence.`")

    def check_text(self, file):
        path, text = file.relative_to(self.root).as_posix(), self.text(file)
        lines = text.split("\n")
        if file.suffix in CODE and path.split("/")[0] in ("src", "tests", "bench", "fuzz"):
            self.check_first_line(path, lines)
        if file.suffix in CODE | {".py", ".sh", ".mjs", ".js"} and len(lines) - 1 > LONGEST_FILE:
            self.say(path, LONGEST_FILE, f"{len(lines) - 1} lines; at most {LONGEST_FILE}")
        for number, line in enumerate(lines, 1):
            if not line.isascii():
                column = next(i for i, c in enumerate(line, 1) if ord(c) > 127)
                self.say(path, number, f"not ASCII in column {column}")
            if "\t" in line or line != line.rstrip():
                self.say(path, number, "a tab or trailing blank")
            if path.startswith("tools/"):
                continue   # the rules themselves name what they forbid
            if UNFINISHED.search(line):
                self.say(path, number, "unfinished work without an issue: write TODO(#12)")
            if SOMEBODYS_FOLDER.search(line):
                self.say(path, number, "an absolute path into somebody's folder")
            if file.suffix in CODE and DEAD_CODE.match(line):
                self.say(path, number, "commented-out code")
            if path.startswith("tests/") and file.suffix in CODE and re.search(r"\b(sleep_for|sleep_until|usleep)\b", line):
                self.say(path, number, "a test that sleeps")
        if text and not text.endswith("\n"):
            self.say(path, len(lines), "no newline at the end")

    def check_links(self, file):
        path = file.relative_to(self.root).as_posix()
        fenced = False
        for number, line in enumerate(self.text(file).split("\n"), 1):
            fenced ^= line.lstrip().startswith("```")
            for target in [] if fenced else LINK.findall(line):
                if re.match(r"[a-z]+:", target):
                    continue
                name, _, fragment = target.partition("#")
                goal = (file.parent / name) if name else file
                if not goal.exists():
                    self.say(path, number, f"link to {target}, which does not exist")
                elif fragment and goal.suffix == ".md":
                    heads = {anchor(h) for h in re.findall(r"^#+ (.*)$", self.text(goal), re.M)}
                    if fragment not in heads:
                        self.say(path, number, f"link to {target}: no such heading")

    def check_pipeline(self):
        path = "src/gateway/pipeline.cpp"
        text = check_layers.blank(self.read(path))
        if not text:
            return
        if text.count("\n") > LONGEST_PIPELINE:
            self.say(path, LONGEST_PIPELINE, f"at most {LONGEST_PIPELINE} lines: the whole story on two pages")
        places = [match.start() if (match := re.search(rf"(?<![\w]){stage}\(", text)) else -1 for stage in STAGES]
        for stage, place in zip(STAGES, places):
            if place < 0:
                self.say(path, 1, f"stage {stage} is not called")
        if -1 not in places and places != sorted(places):
            self.say(path, 1, f"stages out of order; the order is {', '.join(STAGES)}")
        for provider in ("openai", "anthropic", "gemini", "vllm", "ollama", "deepseek"):
            if provider in text.lower():
                self.say(path, 1, f"the pipeline knows no provider, and no dialect either: {provider}")

    def check_named_functions(self, path):
        """Every `room::name` that a document tells of exists in that room."""
        rooms = {f.name: f for f in (self.root / "src").iterdir() if f.is_dir()} if (self.root / "src").is_dir() else {}
        for number, line in enumerate(self.read(path).split("\n"), 1):
            for room, name in TICKED.findall(line):
                if room not in rooms:
                    continue
                last = name.split("::")[-1]
                if not any(re.search(rf"\b{last}\b", self.text(f)) for f in rooms[room].rglob("*.[hc]pp")):
                    self.say(path, number, f"`{room}::{name}` is not in src/{room}")

    def check_stage_list(self):
        for path in ("ARCHITECTURE.md", "docs/life-of-a-request.md"):
            if (self.root / path).exists():
                told = [s for s in re.findall(r"\*\*(?:\d )?([a-z]+)\.?\*\*", self.read(path)) if s in STAGES]
                if list(dict.fromkeys(told)) != STAGES:
                    self.say(path, 1, f"tells the stages as {list(dict.fromkeys(told))}, not {STAGES}")
                self.check_named_functions(path)

    def check_commands(self, file):
        """Each `ajar verb --option` and `./dev verb` in a document exists."""
        path, program, dev = file.relative_to(self.root).as_posix(), self.read("src/cli/main.cpp"), self.read("dev")
        # Keys of a workload file are options of `ajar plan` too.
        keys = re.findall(r'(?:\{|\()"([a-z_]+)", "', self.read("src/config/workload_file.cpp"))
        workload = {"--" + key.replace("_", "-") for key in keys}
        for number, line in enumerate(self.text(file).split("\n"), 1):
            for verb in DEV_VERB.findall(line) if dev else []:
                if not re.search(rf"^  (?:[a-z\- |]*\| )?{verb}(?: \||\))", dev, re.M):
                    self.say(path, number, f"./dev has no verb {verb}")
            for verb, rest in VERB.findall(line) if program and self.is_command(line) else []:
                if f'"{verb}"' not in program:
                    self.say(path, number, f"ajar has no verb {verb}")
                for option in re.findall(r"(?<!\S)--[a-z\-]+", rest):
                    if not (verb == "plan" and option in workload) and not re.search(rf'{option}["=,]', program):
                        self.say(path, number, f"ajar {verb} has no option {option}")

    @staticmethod
    def is_command(line):
        return bool(re.match(r"\s*(\$ |sudo )?(\./|build/release/)?(ajar|dev) ", line) or re.search(r"`(build/release/)?ajar [a-z]", line))

    def check_tested(self):
        for room in sorted((self.root / "src").iterdir()) if (self.root / "src").is_dir() else []:
            if any(room.rglob("*.cpp")) and not any((self.root / "tests" / room.name).glob("*_test.cpp")):
                self.say(f"src/{room.name}", 1, f"a room without tests/{room.name}/*_test.cpp")

    def check_options_told(self):
        told = self.read("docs/CONFIG.md")
        for file in (self.root / "src" / "config").glob("options*.[hc]pp") if (self.root / "src" / "config").is_dir() else []:
            path = file.relative_to(self.root).as_posix()
            for key in CONFIG_KEY.findall(self.text(file)):
                if key.split(".")[-1] not in told:
                    self.say(path, 1, f"option {key} is not in docs/CONFIG.md")

    def check_lock_files(self):
        for file in self.files:
            if file.name in ("package-lock.json", "npm-shrinkwrap.json") and re.search(r'"resolved": "https?://', self.text(file)):
                self.say(file.relative_to(self.root).as_posix(), 1, "a lock file with download addresses: npm config set omit-lockfile-registry-resolved true")

    def run(self):
        for file in self.files:
            if file.suffix in WRITTEN or file.name in ("dev", "CMakeLists.txt") or file.as_posix().endswith(".ci/run"):
                self.check_text(file)
            if file.suffix == ".md":
                self.check_links(file)
                if file.name != "MAP.md":
                    self.check_commands(file)
        self.check_pipeline()
        self.check_stage_list()
        self.check_tested()
        self.check_options_told()
        self.check_lock_files()
        if (self.root / "layers.toml").exists() and self.read("docs/MAP.md") != gen_map.make_map(self.root):
            self.say("docs/MAP.md", 1, "does not match the files: ./dev map")
        return len(self.files)


def main(arguments):
    house = House(arguments[1] if len(arguments) > 1 else Path(__file__).resolve().parent.parent)
    count = house.run()
    for problem in house.problems:
        print(problem)
    print(f"house: {count} files, {len(house.problems)} violations")
    return 1 if house.problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
