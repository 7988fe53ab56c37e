#!/usr/bin/env bash
# All numbers, into target/bench. They are measured, never asserted: run it on a quiet machine.
set -euo pipefail
cd "$(dirname "$0")/.."

export KMZ_MEET_BIN=$PWD/target/release/kmz-meet
# The browser's first: the other one puts all of them together.
(cd tests/e2e && { [ -d node_modules ] || npm ci --no-fund --no-audit; } && ./netns.sh node bench-browser.mjs)
benches/run.sh
