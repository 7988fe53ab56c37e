#!/usr/bin/env bash
# The server's numbers, into target/bench/latest.json. About five minutes on two quiet cores.
set -euo pipefail
cd "$(dirname "$0")/.."

[ -n "${KMZ_MEET_BIN:-}" ] || make build
"${CARGO:-cargo}" build --release --locked -p kmz-meet-bench
exec target/release/kmz-meet-bench "${@:-all}"
