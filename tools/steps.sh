# tools/steps.sh - sourced by ./dev and .ci/run: runs named steps, times them and adds up what passed and failed.
# A step that closes with a line `N passed, N failed` counts as that many; any other counts as one. Exit status 77 with a
# line `SKIPPED: why` counts as nothing, and the table says so.

steps_passed=0 steps_failed=0 steps_table=""
steps_logs=$(mktemp -d "${TMPDIR:-/tmp}/ajar-steps.XXXXXX")
trap 'rm -rf "$steps_logs"' EXIT

# step NAME COMMAND...: runs it and goes on; gives its status.
step() {
  local name=$1 began=$SECONDS status=0 took counts passed=0 failed=0 log
  shift
  log=$steps_logs/${name//[^a-z0-9]/_}
  echo "== $name"
  "$@" </dev/null 2>&1 | tee "$log" || status=${PIPESTATUS[0]}   # in a subshell: an exit in a step ends only the step
  took=$((SECONDS - began))
  counts=$(grep -aoE '^[0-9]+ passed, [0-9]+ failed' "$log" | tail -1 || true)
  if [ -n "$counts" ]; then
    passed=${counts%% *} failed=${counts#*, } failed=${failed%% *}
    if [ $status != 0 ] && [ "$failed" = 0 ]; then failed=1; fi
    if [ "$failed" != 0 ] && [ $status = 0 ]; then status=1; fi
  elif [ $status = 77 ]; then :   # skipped: the step has said why
  elif [ $status = 0 ]; then passed=1; else failed=1; fi
  steps_passed=$((steps_passed + passed)) steps_failed=$((steps_failed + failed))
  local word=ok; [ $status = 0 ] || word="FAILED ($status)"
  if [ $status = 77 ] && [ $failed = 0 ]; then word="SKIPPED: $(grep -a SKIPPED "$log" | tail -1 | sed 's/.*SKIPPED:* *//')"; status=0; fi
  steps_table+=$(printf '%6ds  %-34s %s' "$took" "$name" "$word")$'\n'
  echo "== $name: $word, $took s"
  return $status
}

# must NAME COMMAND...: a step without which the rest is pointless.
must() { step "$@" || finish; }

# finish: the table, the sum, and the exit status.
finish() {
  printf '\n%s' "$steps_table"
  echo "${SECONDS} s in all"
  echo "$steps_passed passed, $steps_failed failed"
  [ "$steps_failed" = 0 ] && exit 0
  exit 1
}
