#!/usr/bin/env bash
# Installs Janus, which `make bench-peer` measures and nothing else needs.
set -euo pipefail

command -v janus >/dev/null && exit 0
# The package starts a service; the measurement starts its own process.
RUNLEVEL=1 exec "$(dirname "$0")/../../scripts/install.sh" janus
