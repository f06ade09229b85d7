#!/usr/bin/env python3
# tools/run_tests.py - runs a build folder's tests with ctest and sums their cases.
"""Usage: run_tests.py BUILD [ctest arguments]

Each test program writes its result as JSON; a program that dies before that counts as one failure, and so does a run
that finds no test. Closes with `N passed, N failed`.
"""
import json
import os
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as xml
from pathlib import Path


def cases_of(folder, name):
    """(passed, failed, skipped) of one program, or None if it left no result."""
    for file in (folder / f"{name}_test.json", folder / f"{name}.json"):
        if file.exists():
            try:
                result = json.loads(file.read_text())
            except ValueError:
                return None
            cases = [case for suite in result["testsuites"] for case in suite["testsuite"] if case.get("status") == "RUN"]
            failed = sum(1 for case in cases if case.get("failures"))
            skipped = sum(1 for case in cases if case.get("result") == "SKIPPED")
            return len(cases) - failed - skipped, failed, skipped
    return None


# Sanitizers name functions in their reports and end the program at the first fault.
SANITIZERS = {
    "ASAN_OPTIONS": "detect_stack_use_after_return=1:strict_string_checks=1",
    "UBSAN_OPTIONS": "print_stacktrace=1",
    "TSAN_OPTIONS": "halt_on_error=1:second_deadlock_stack=1",
    "ASAN_SYMBOLIZER_PATH": "/usr/bin/llvm-symbolizer-19",
    "TSAN_SYMBOLIZER_PATH": "/usr/bin/llvm-symbolizer-19",
}


def main(arguments):
    build, rest = arguments[1], arguments[2:]
    with tempfile.TemporaryDirectory() as made:
        folder, report = Path(made), Path(made) / "ctest.xml"
        jobs = str(os.cpu_count() or 1)
        status = subprocess.run(
            ["ctest", "--test-dir", build, "-j", jobs, "--output-on-failure", "--timeout", "600", "--no-tests=error",
             "--output-junit", str(report), *rest],
            env={**SANITIZERS, **os.environ, "GTEST_OUTPUT": f"json:{folder}/", "GTEST_COLOR": "no"}, check=False).returncode
        passed = failed = skipped = 0
        if report.exists():
            for test in xml.parse(report).getroot().iter("testcase"):
                counts = cases_of(folder, test.get("name"))
                good = test.get("status") == "run"
                if counts is None:
                    counts = (1, 0, 0) if good else (0, 1, 0)
                elif not good and counts[1] == 0:
                    counts = (counts[0], 1, counts[2])   # every case passed, and the program still failed: a leak, a crash at exit
                passed, failed, skipped = passed + counts[0], failed + counts[1], skipped + counts[2]
        if status != 0 and failed == 0:
            failed = 1
    if skipped:
        print(f"{skipped} skipped")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
