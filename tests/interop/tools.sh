#!/usr/bin/env bash
# Installs the clients and platforms that the tests use, if they are missing or older than their lists.
set -euo pipefail
cd "$(dirname "$0")"
venv=$(cd ../.. && pwd)/target/interop-venv

if [ ! -e "$venv/ready" ] || [ requirements.txt -nt "$venv/ready" ]; then
  rm -rf "$venv"
  python3 -m venv "$venv" || { echo "no Python environment can be made. On Debian: apt install python3-venv" >&2; exit 1; }
  "$venv/bin/pip" install --quiet --disable-pip-version-check --no-deps --requirement requirements.txt
  touch "$venv/ready"
fi
# The server and the participant without a browser are those of the end-to-end tests.
for folder in . ../e2e ../../examples/typescript; do
  if [ ! -e "$folder/node_modules/.package-lock.json" ] || [ "$folder/package-lock.json" -nt "$folder/node_modules/.package-lock.json" ]; then
    (cd "$folder" && npm ci --no-fund --no-audit)
    touch "$folder/node_modules/.package-lock.json"
  fi
done
