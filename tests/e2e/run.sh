#!/usr/bin/env bash
# The end-to-end tests, against the real server and real browsers.
#
#   run.sh                     all stories
#   run.sh lobby restart       the stories with these names
#   KMZ_MEET_BIN=... run.sh    another server than target/debug/kmz-meet
set -euo pipefail
cd "$(dirname "$0")"
root=$(cd ../.. && pwd)

"$root/scripts/need.sh" node npm
for browser in chromium firefox-esr; do
  command -v "$browser" >/dev/null || { echo "missing: $browser. Run: make deps" >&2; exit 1; }
done
if [ package-lock.json -nt node_modules/.package-lock.json ]; then
  npm ci --no-fund --no-audit
  touch node_modules/.package-lock.json
fi

# Built as the Rust tests are, so that nothing is built twice.
if [ -z "${KMZ_MEET_BIN:-}" ]; then
  (cd "$root" && "${CARGO:-cargo}" test --quiet --no-run --locked --workspace --all-features)
  export KMZ_MEET_BIN=$root/target/debug/kmz-meet
fi
exec node run.mjs "$@" </dev/null
