#!/usr/bin/env bash
# All checks, one after the other; every one runs even if an earlier one failed, so that one run tells everything.
set -uo pipefail
cd "$(dirname "$0")/.."

# static and rust share what they build; the browsers come last, against what rust built.
steps=(static web generated rust postgres deny fuzz interop e2e)
passed=0
failed=0
table=""
for step in "${steps[@]}"; do
  echo "=== $step"
  started=$SECONDS
  if make --no-print-directory "test-$step"; then
    passed=$((passed + 1)) result=passed
  else
    failed=$((failed + 1)) result=FAILED
  fi
  table+=$(printf '  %-10s %-7s %4d s' "$step" "$result" $((SECONDS - started)))$'\n'
done

printf '\n%s  %-10s %7s %4d s\n' "$table" all "" "$SECONDS"
echo "steps: $passed passed, $failed failed"
[ "$failed" -eq 0 ]
