#!/usr/bin/env bash
# Licences, sources, duplicates and known holes of everything that we depend on.
# Installs its own cargo-deny once, into target/tools.
set -euo pipefail
cd "$(dirname "$0")/.."

version=0.20.2
deny=target/tools/bin/cargo-deny
if [ "$("$deny" --version 2>/dev/null)" != "cargo-deny $version" ]; then
  CARGO_TARGET_DIR=target/tools/build cargo install --quiet --locked "cargo-deny@$version" --root target/tools
  rm -rf target/tools/build
fi

"$deny" --log-level error --locked check bans licenses sources
for lock in fuzz; do
  [ ! -f "$lock/Cargo.toml" ] || "$deny" --log-level error --locked --manifest-path "$lock/Cargo.toml" check --config deny.toml bans licenses sources
done

# The list of advisories is a git repository elsewhere: a machine without that way out cannot ask it.
log=$(mktemp)
trap 'rm -f "$log"' EXIT
if "$deny" --locked fetch db >"$log" 2>&1; then
  "$deny" --locked check --disable-fetch advisories
else
  echo "deny: the advisory list could not be fetched, so known holes were NOT checked here (bans, licences, sources were)"
fi
