#!/usr/bin/env bash
# schemathesis with every check on against a running server: as a stranger, with the demo school's API key, and as an operator.
#
#   schemathesis.sh            all, with new random data
#   CALLERS=operator schemathesis.sh    one of them: stranger, key, operator
#   SEED=7 EXAMPLES=200 schemathesis.sh
#   KMZ_MEET_BIN=... schemathesis.sh    another server than target/debug/kmz-meet
set -euo pipefail
cd "$(dirname "$0")"
root=$(cd ../.. && pwd)

"$root/scripts/need.sh" node npm python3
./tools.sh
if [ -z "${KMZ_MEET_BIN:-}" ]; then
  (cd "$root" && "${CARGO:-cargo}" test --quiet --no-run --locked --workspace --all-features)
  export KMZ_MEET_BIN=$root/target/debug/kmz-meet
fi
export INTEROP_PYTHON=$root/target/interop-venv/bin/python
exec ../e2e/netns.sh node schemathesis.mjs "$@" </dev/null
