#!/usr/bin/env bash
# All checks; every one runs even if an earlier one failed, so that one run tells everything.
#
# 1. `static` compiles everything, with the lints, and takes all cores; `generated` and all later steps use that build. Beside
#    them, and after them, runs what only computes as well, and gives way.
# 2. The Rust tests wait much of their time, for deadlines that pass, so they run in two rows beside each other, with
#    what `static` built: `outside`, the programs in `tests` folders, is the first row; `units` and then `postgres` are the second.
# 3. Browsers get the machine alone.
# What a row says beside the first one is kept, and shown at the end of the second part.
set -uo pipefail
cd "$(dirname "$0")/.."

compile=(static generated)
giving_way=(deny fuzz)
tests=(outside)
beside=(units postgres)
browsers=(browsers)
told=target/make/test
mkdir -p "$told"
rm -f "$told"/*

# What a step did, for the table at the end: passed or FAILED, its seconds, and the seconds of processor time in them.
run_step() {
  (
    started=$SECONDS result=passed
    make --no-print-directory "test-$1" || result=FAILED
    # In a pipe, `times` would tell of the pipe's own shell.
    times >"$told/$1.times"
    echo "$result $((SECONDS - started)) $(processor_seconds <"$told/$1.times")" >"$told/$1.result"
  )
}

# Of the ended children of a shell, from what its `times` printed: user and system, as in 1m2.345s.
processor_seconds() {
  awk 'NR == 2 { for (i = 1; i <= 2; i++) { split($i, part, /[ms]/); total += part[1] * 60 + part[2] } printf "%d", total }'
}

# One step after the other. What they say is seen at once.
run_aloud() {
  local step
  for step; do
    echo "=== $step"
    run_step "$step"
  done
}

# The same, and what they say is kept.
run_beside() {
  local step result
  for step; do
    run_step "$step" >"$told/$step.log" 2>&1
    read -r result _ _ <"$told/$step.result"
    echo "=== $step, beside the others: $result, output follows"
  done
}

# All steps need the client, and two must not build it at once. What is wrong with it the steps say themselves.
make --no-print-directory web || true
run_beside web &
# Some Rust tests measure how long people wait; what only builds and counts gives way to them.
(renice -n 15 -p "$BASHPID" >/dev/null && run_beside "${giving_way[@]}") &
run_aloud "${compile[@]}"
run_beside "${beside[@]}" &
run_aloud "${tests[@]}"
wait
for step in web "${giving_way[@]}" "${beside[@]}"; do
  echo "=== $step"
  cat "$told/$step.log"
done
run_aloud "${browsers[@]}"

passed=0
failed=0
echo
printf '  %-10s %-7s %7s %7s\n' step result took "CPU"
for step in web "${compile[@]}" "${giving_way[@]}" "${tests[@]}" "${beside[@]}" "${browsers[@]}"; do
  read -r result seconds processor 2>/dev/null <"$told/$step.result" || result=FAILED seconds=0 processor=0
  [ "$result" = passed ] && passed=$((passed + 1)) || failed=$((failed + 1))
  printf '  %-10s %-7s %5d s %5d s\n' "$step" "$result" "$seconds" "$processor"
done
printf '  %-10s %-7s %4d s\n' all "" "$SECONDS"
echo "steps: $passed passed, $failed failed"
[ "$failed" -eq 0 ]
