#!/usr/bin/env python3
# tools/check_layers.py - compares every #include, link list and one-home word with layers.toml.
"""Usage: check_layers.py [ROOT]

Prints one line per violation, `file:line: rule`, and exits 1 if there is any. Needs nothing but Python 3.11.
"""
import re
import sys
import tomllib
from pathlib import Path

SOURCES = ("src", "bench", "fuzz")
SUFFIXES = {".hpp", ".cpp", ".h"}
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')
STANDARD = re.compile(r"^(c?[a-z_0-9]+)$")
ROOM_LINE = re.compile(r"ajar_room\(\s*(\w+)([^)]*)\)", re.S)
TOKEN = re.compile(
    r'//[^\n]*|/\*.*?\*/|R"(?P<d>[^()\\\s]{0,16})\(.*?\)(?P=d)"|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])+\'', re.S)


def glob_match(path, pattern):
    """`*` stays inside a folder, `**` crosses folders."""
    parts = re.split(r"(\*\*|\*)", pattern)
    text = "".join({"**": ".*", "*": "[^/]*"}.get(p, re.escape(p)) for p in parts)
    return re.fullmatch(text, path) is not None


def blank(text, keep_strings=False):
    """The text with comments (and string literals) replaced by spaces; line numbers stay."""
    def erase(match):
        whole = match.group(0)
        if keep_strings and not whole.startswith(("//", "/*")):
            return whole
        return re.sub(r"[^\n]", " ", whole)
    # A digit separator is no quote: 20'000.
    text = re.sub(r"(?<=[0-9a-fA-F])'(?=[0-9a-fA-F])", "_", text)
    return TOKEN.sub(erase, text)


def word_pattern(word):
    left = r"(?<!\w)" if re.match(r"\w", word) else ""
    right = r"(?!\w)" if re.search(r"\w$", word) else ""
    return re.compile(left + re.escape(word) + right)


def allowed(path, globs):
    return any(glob_match(path, g) for g in globs)


class Checker:
    def __init__(self, root):
        self.root = Path(root)
        with open(self.root / "layers.toml", "rb") as file:
            layers = tomllib.load(file)
        self.rooms = {name: row["may"] for name, row in layers.get("room", {}).items()}
        self.external = layers.get("external", {})
        self.only_in = {word: (word_pattern(word), globs) for word, globs in layers.get("only_in", {}).items()}
        self.problems = []

    def say(self, path, line, rule):
        self.problems.append(f"{path}:{line}: {rule}")

    def check_graph(self):
        for room, may in self.rooms.items():
            for other in may:
                if other not in self.rooms:
                    self.say("layers.toml", 1, f"room {room} may see {other}, which is no room")
        done, doing = set(), []

        def visit(room):
            if room in done or room not in self.rooms:
                return
            if room in doing:
                self.say("layers.toml", 1, "cycle: " + " -> ".join(doing[doing.index(room):] + [room]))
                return
            doing.append(room)
            for other in self.rooms[room]:
                visit(other)
            doing.pop()
            done.add(room)
        for room in self.rooms:
            visit(room)

    def check_links(self):
        source = self.root / "src"
        for folder in sorted(p for p in source.iterdir() if p.is_dir()) if source.is_dir() else []:
            room, lists = folder.name, folder / "CMakeLists.txt"
            if room not in self.rooms:
                self.say(f"src/{room}", 1, "a folder of src that is no room of layers.toml")
                continue
            if not lists.exists():
                self.say(f"src/{room}", 1, "a room without CMakeLists.txt")
                continue
            match = ROOM_LINE.search(re.sub(r"#[^\n]*", "", lists.read_text()))
            path = f"src/{room}/CMakeLists.txt"
            if not match:
                self.say(path, 1, "has no ajar_room(...)")
                continue
            words = match.group(2).split()
            if match.group(1) != room:
                self.say(path, 1, f"builds room {match.group(1)} in the folder of {room}")
            may = words[words.index("may") + 1:] if "may" in words else []
            may = may[:may.index("external")] if "external" in may else may
            if set(may) != set(self.rooms[room]):
                gone, extra = set(self.rooms[room]) - set(may), set(may) - set(self.rooms[room])
                self.say(path, 1, f"links differ from layers.toml: missing {sorted(gone)}, too many {sorted(extra)}")

    def check_include(self, path, number, quote, header):
        room = path.split("/")[1] if path.startswith("src/") else None
        if quote == '"':
            target = header.split("/")[0]
            if "/" not in header or target not in self.rooms:
                if room is not None or not (self.root / path).parent.joinpath(header).exists():
                    self.say(path, number, f'"{header}" is not rooted at src (write "room/file.hpp")')
                return
            if not (self.root / "src" / header).exists():
                self.say(path, number, f'"{header}" does not exist')
            if room and target != room and target not in self.rooms.get(room, []):
                self.say(path, number, f"room {room} may not include {target} (may: {', '.join(self.rooms.get(room, [])) or 'nothing'})")
            return
        if STANDARD.match(header):
            return
        homes = [globs for pattern, globs in self.external.items() if glob_match(header, pattern)]
        if not homes:
            self.say(path, number, f"<{header}> is not in [external] of layers.toml")
        elif not any(allowed(path, globs) for globs in homes):
            self.say(path, number, f"<{header}> may only be included by {', '.join(sorted({g for h in homes for g in h})) or 'nobody'}")

    def check_file(self, file):
        path = file.relative_to(self.root).as_posix()
        text = file.read_text(encoding="utf-8", errors="replace")
        for number, line in enumerate(blank(text, keep_strings=True).split("\n"), 1):
            match = INCLUDE.match(line)
            if match:
                self.check_include(path, number, match.group(1), match.group(2))
        for number, line in enumerate(blank(text).split("\n"), 1):
            for word, (pattern, globs) in self.only_in.items():
                if pattern.search(line) and not line.lstrip().startswith("#") and not allowed(path, globs):
                    self.say(path, number, f"`{word}` may only stand in {', '.join(globs) or 'no file'}")

    def run(self):
        self.check_graph()
        self.check_links()
        files = sorted(f for top in SOURCES for f in (self.root / top).rglob("*") if f.suffix in SUFFIXES)
        for file in files:
            self.check_file(file)
        return len(files)


def main(arguments):
    root = arguments[1] if len(arguments) > 1 else Path(__file__).resolve().parent.parent
    checker = Checker(root)
    count = checker.run()
    for problem in checker.problems:
        print(problem)
    print(f"layers: {count} files, {len(checker.rooms)} rooms, {len(checker.problems)} violations")
    return 1 if checker.problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
