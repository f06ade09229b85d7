#!/usr/bin/env python3
# tools/gen_map.py - writes docs/MAP.md from layers.toml and the first line of every file; --check only compares.
"""Usage: gen_map.py [--check] [ROOT]"""
import re
import sys
import tomllib
from pathlib import Path

FIRST = re.compile(r"^(?://|#)\s*(\S+) - (.+)$")
SKIP = {".git", "node_modules", "__pycache__", ".venv", "golden", "corpus"}
SUFFIXES = {".hpp", ".cpp", ".py", ".sh", ".cmake", ".mjs", ".js", ".toml"}
OTHERS = {   # folder -> what it is
    "tests": "Tests, one folder per room; and the built program from outside.",
    "bench": "What it costs, measured beside HAProxy and nginx.",
    "fuzz": "Fuzz targets, one file each.",
    "conf": "Example configurations, each tested.",
    "data": "The catalogue's facts, each row with its source.",
    "tools": "Checks and generators.",
    "cmake": "How a room is built.",
}


def sentence(file):
    """What the file's first comment line says it is; "" if it says nothing."""
    with open(file, encoding="utf-8", errors="replace") as lines:
        for line in (next(lines, ""), next(lines, "")):
            match = FIRST.match(line.rstrip("\n"))
            if match:
                return match.group(2)
    return ""


def escaped(text):
    """Plain text as Markdown shows it: `<T>` is no HTML, `|` no column."""
    return re.sub(r"([<|])", r"\\\1", text)


def files_under(folder):
    for file in sorted(folder.rglob("*")):
        if file.is_file() and file.suffix in SUFFIXES and not SKIP.intersection(file.parts):
            yield file


def rows(root, folder, base):
    """Table rows of a folder: a header and its source share one, under the header's sentence."""
    made = []
    for file in files_under(folder):
        header = file.with_suffix(".hpp")
        if file.suffix == ".cpp" and header.exists():
            continue
        name = file.relative_to(base).as_posix()
        if file.suffix == ".hpp" and file.with_suffix(".cpp").exists():
            name += ", .cpp"
        made.append(f"| `{name}` | {escaped(sentence(file))} |")
    return made


def make_map(root):
    with open(root / "layers.toml", "rb") as file:
        rooms = tomllib.load(file)["room"]
    out = ["# Map", "",
           "Made by `tools/gen_map.py` from `layers.toml` and the first line of every file. Do not edit: `./dev map`.", ""]
    out += ["## Rooms of `src/`, lowest first", "", "| room | what it is | may include |", "|---|---|---|"]
    for name, room in rooms.items():
        shown = f"[`{name}`](#{name})" if rows(root, root / "src" / name, root) else f"`{name}`"
        out.append(f"| {shown} | {room.get('what', '')} | {' '.join(room['may']) or 'nothing'} |")
    for name, room in rooms.items():
        lines = rows(root, root / "src" / name, root / "src" / name)
        if lines:
            out += ["", f"### {name}", "", room.get("what", ""), "", "| file | what it is |", "|---|---|"] + lines
    out += ["", "## Beside `src/`"]
    for name, what in OTHERS.items():
        lines = rows(root, root / name, root / name) if (root / name).is_dir() else []
        if lines:
            out += ["", f"### {name}/", "", what, "", "| file | what it is |", "|---|---|"] + lines
    return "\n".join(out) + "\n"


def main(arguments):
    check = "--check" in arguments
    rest = [a for a in arguments[1:] if a != "--check"]
    root = Path(rest[0]) if rest else Path(__file__).resolve().parent.parent
    text, file = make_map(root), root / "docs" / "MAP.md"
    if check:
        if not file.exists() or file.read_text() != text:
            print("docs/MAP.md:1: does not match the files: ./dev map")
            return 1
        return 0
    file.parent.mkdir(exist_ok=True)
    file.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
