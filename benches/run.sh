#!/usr/bin/env bash
# The server's numbers, into benches/results/latest.json. About four minutes on two quiet cores.
set -euo pipefail
cd "$(dirname "$0")/.."

cargo build --release --locked -p kmz-meet-bench
[ -n "${KMZ_MEET_BIN:-}" ] || cargo build --release --locked -p kmz-meet-server
exec target/release/kmz-meet-bench "${@:-all}"
