#!/usr/bin/env bash
# Other people's clients and platforms against the real server, with real browsers.
#
#   run.sh                     all stories
#   run.sh bbb-clients lti     the stories with these names
#   run.sh --all               those of the end-to-end tests as well
#   KMZ_MEET_BIN=... run.sh    another server than target/debug/kmz-meet
set -euo pipefail
cd "$(dirname "$0")"
root=$(cd ../.. && pwd)

"$root/scripts/need.sh" node npm python3 openssl
for browser in chromium firefox-esr; do
  command -v "$browser" >/dev/null || { echo "missing: $browser. Run: make deps" >&2; exit 1; }
done
./tools.sh

# Built as the Rust tests are, so that nothing is built twice.
if [ -z "${KMZ_MEET_BIN:-}" ]; then
  (cd "$root" && "${CARGO:-cargo}" test --quiet --no-run --locked --workspace --all-features)
  export KMZ_MEET_BIN=$root/target/debug/kmz-meet
fi
export INTEROP_PYTHON=$root/target/interop-venv/bin/python
exec node run.mjs "$@" </dev/null
