#!/usr/bin/env bash
# Installs these Debian packages, or says how. With RUNLEVEL=1 no service of theirs is started.
set -euo pipefail

if ! command -v apt-get >/dev/null; then
  echo "missing: $*. This is no Debian: install them by your own package manager." >&2
  exit 1
fi
if [ "$(id -u)" = 0 ]; then
  as_root=(env)
elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
  as_root=(sudo env)
else
  echo "missing: $*. Run as root: apt-get install $*" >&2
  exit 1
fi

echo "installing $*"
as_root+=(DEBIAN_FRONTEND=noninteractive ${RUNLEVEL:+RUNLEVEL=$RUNLEVEL})
"${as_root[@]}" apt-get update -qq
"${as_root[@]}" apt-get install -y -qq --no-install-recommends "$@" >/dev/null
