#!/usr/bin/env python3
# tools/mutants.py - makes the faults of tests/mutants.toml one at a time in a copy of the repository; each has to turn a test red.
"""Usage: mutants.py [--only TEXT] [--json]

The copy is build/mutants; the first run builds it, which takes minutes. Prints a line per fault; exits 1 when one of them passed unseen.
"""
import json
import os
import shutil
import subprocess
import sys
import time
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
COPY = ROOT / "build" / "mutants"


def run(command, **more):
    return subprocess.run(command, cwd=COPY, capture_output=True, text=True, errors="replace", **more)


def sync():
    """Brings the copy up to date; files that did not change keep their time, so that little is built anew."""
    listed = subprocess.run(["git", "ls-files", "-z", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    wanted = {name for name in listed.split("\0") if name and (ROOT / name).is_file()}
    for name in wanted:
        target, now = COPY / name, (ROOT / name).read_bytes()
        if name == "cmake/room.cmake":
            now = now.replace(b" -Werror", b"")  # a fault may leave something unused
        if not target.exists() or target.read_bytes() != now:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(now)
            shutil.copymode(ROOT / name, target)
    for path in [p for p in COPY.rglob("*") if p.is_file() and not p.is_symlink()]:
        name = path.relative_to(COPY).as_posix()
        if not name.startswith("build/") and "node_modules/" not in name and name not in wanted:
            path.unlink()
    modules = COPY / "tests/e2e/node_modules"
    if not modules.exists() and (ROOT / "tests/e2e/node_modules").exists():
        modules.symlink_to(ROOT / "tests/e2e/node_modules")


def build(target):
    if not (COPY / "build/dev/build.ninja").exists():
        run(["cmake", "--preset", "dev", "-DAJAR_WEB=OFF"], check=True)
    return run(["cmake", "--build", "build/dev", "--target", *target])


def targets(test):
    return ["ajar", "ajar-verify"] if test.startswith("e2e:") else [f"{test}_test"]


def is_red(test):
    """The first failing test, or nothing."""
    try:
        if test.startswith("e2e:"):
            done = subprocess.run(["node", "--test", f"{test[4:]}.test.mjs"], cwd=COPY / "tests/e2e", capture_output=True, text=True, errors="replace", timeout=300,
                                  env={**os.environ, "AJAR_BIN": str(COPY / "build/dev/ajar")})
            lines = [line for line in done.stdout.splitlines() if line.strip().startswith("not ok")]
        else:
            done = run([f"build/dev/tests/{test}_test", "--gtest_brief=1"], timeout=300)
            lines = [line for line in done.stdout.splitlines() if line.startswith("[  FAILED  ]")]
    except subprocess.TimeoutExpired:
        return "ran out of time"
    return (lines[0].strip() if lines else "ended badly") if done.returncode != 0 else ""


def main():
    only = sys.argv[sys.argv.index("--only") + 1] if "--only" in sys.argv else ""
    mutants = [m for m in tomllib.loads((ROOT / "tests/mutants.toml").read_text())["mutant"] if only in m["name"] + m["file"]]
    sync()
    needed = sorted({t for m in mutants for t in targets(m["test"])})
    if (done := build(needed)).returncode != 0:
        sys.exit(done.stdout[-2000:])
    for test in sorted({m["test"] for m in mutants}):
        if why := is_red(test):
            sys.exit(f"{test} is red before anything was changed: {why}")
    unseen, results = [], []
    for m in mutants:
        file = COPY / m["file"]
        whole = file.read_text()
        if whole.count(m["find"]) != 1:
            unseen.append(m["name"])
            print(f"STALE   {m['name']}: the text to change stands {whole.count(m['find'])} times in {m['file']}", file=sys.stderr, flush=True)
            continue
        began = time.monotonic()
        file.write_text(whole.replace(m["find"], m["replace"]))
        built = build(targets(m["test"]))
        red = is_red(m["test"]) if built.returncode == 0 else "does not build"
        file.write_text(whole)
        if not red or red == "does not build":
            unseen.append(m["name"])
        results.append({"name": m["name"], "red": red})
        if "--json" not in sys.argv:
            print(f"{'caught ' if red and red != 'does not build' else 'UNSEEN '} {m['name']}: {red or 'every test passed'} ({time.monotonic() - began:.0f} s)", flush=True)
    build(needed)
    if "--json" in sys.argv:
        print(json.dumps({"mutants": results, "unseen": unseen}))
    else:
        print(f"{len(mutants) - len(unseen)} of {len(mutants)} faults turned a test red")
    sys.exit(1 if unseen else 0)


if __name__ == "__main__":
    main()
