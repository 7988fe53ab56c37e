#!/usr/bin/env bash
# Installs Janus, which `make bench-peer` measures and nothing else needs.
set -euo pipefail

command -v janus >/dev/null && exit 0
if ! command -v apt-get >/dev/null; then
  echo "missing: janus. This is no Debian: install it by your own package manager." >&2
  exit 1
fi
if [ "$(id -u)" = 0 ]; then
  as_root=(env)
elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
  as_root=(sudo env)
else
  echo "missing: janus. Run as root: apt-get install janus" >&2
  exit 1
fi
echo "installing janus"
"${as_root[@]}" DEBIAN_FRONTEND=noninteractive apt-get update -qq
# The package starts a service; the measurement starts its own process.
"${as_root[@]}" DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get install -y -qq --no-install-recommends janus >/dev/null
