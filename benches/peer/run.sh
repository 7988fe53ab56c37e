#!/usr/bin/env bash
# Janus and this server beside each other, into target/bench/peer.json. About thirteen minutes for three rounds.
# `benches/peer/run.sh 1 "to 30"` measures one round of the rooms with that in their name.
set -euo pipefail
cd "$(dirname "$0")/../.."

benches/peer/deps.sh
[ -n "${KMZ_MEET_BIN:-}" ] || make build
export KMZ_MEET_BIN=${KMZ_MEET_BIN:-$PWD/target/release/kmz-meet}
"${CARGO:-cargo}" build --release --locked -p kmz-meet-bench-peer
# Janus announces no address of the loopback interface; the namespace has another one.
exec tests/e2e/netns.sh "$PWD/target/release/kmz-meet-bench-peer" "$@"
