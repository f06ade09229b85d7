#!/usr/bin/env bash
# tools/run_fuzz.sh - runs every fuzz target of a folder for some seconds, from its seeds.
# Usage: run_fuzz.sh FOLDER [SECONDS] [TARGET...]     closes with `N passed, N failed`
set -euo pipefail
folder=$1 seconds=${2:-10}
shift; shift || true
targets=("$@")
if [ ${#targets[@]} = 0 ]; then
  mapfile -t targets < <(find "$folder" -maxdepth 1 -type f -executable -printf '%f\n' | sort)
fi
if [ ${#targets[@]} = 0 ]; then echo "no fuzz target in $folder" >&2; echo "0 passed, 1 failed"; exit 1; fi
here=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
passed=0 failed=0
for target in "${targets[@]}"; do
  mkdir -p "$work/$target"
  seeds=(); [ -d "$here/fuzz/corpus/$target" ] && seeds=("$here/fuzz/corpus/$target")
  # The first folder takes what is found; the seeds stay as they are.
  if "$folder/$target" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -print_final_stats=0 -verbosity=0 \
       -artifact_prefix="$folder/$target-" "$work/$target" "${seeds[@]}" >"$work/$target.log" 2>&1; then
    passed=$((passed + 1)); echo "$target: $(find "$work/$target" -type f | wc -l) new inputs in $seconds s, no fault"
  else
    failed=$((failed + 1)); echo "$target: FAILED"; tail -40 "$work/$target.log"
    # The input that broke it, so that it can be tried again even when the folder is gone.
    for input in "$folder/$target-"*; do [ -f "$input" ] && { echo "$input:"; base64 -w 120 "$input" | head -20; }; done
  fi
done
echo "$passed passed, $failed failed"
[ $failed = 0 ]
