#!/usr/bin/env bash
# tools/tests/run.sh - the tests of the tools; closes with `N passed, N failed`.
set -uo pipefail
cd "$(dirname "$0")"
log=$(mktemp); trap 'rm -f "$log"' EXIT
python3 -B -m unittest discover -p 'test_*.py' 2>&1 | tee "$log"
status=${PIPESTATUS[0]}
ran=$(grep -oE '^Ran [0-9]+' "$log" | grep -oE '[0-9]+' || echo 0)
failed=$(grep -oE '(failures|errors)=[0-9]+' "$log" | awk -F= '{ sum += $2 } END { print sum + 0 }')
failed=${failed:-0}
[ "$status" = 0 ] || [ "$failed" != 0 ] || failed=1
[ "$ran" != 0 ] || failed=1
echo "$((ran - failed < 0 ? 0 : ran - failed)) passed, $failed failed"
[ "$failed" = 0 ]
