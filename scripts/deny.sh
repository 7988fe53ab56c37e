#!/usr/bin/env bash
# Licences, sources, duplicates and known holes of everything that we depend on.
# Installs its own cargo-deny once, into target/tools.
set -euo pipefail
cd "$(dirname "$0")/.."

version=0.20.2
deny=target/tools/bin/cargo-deny
if [ "$("$deny" --version 2>/dev/null)" != "cargo-deny $version" ]; then
  # Unoptimised and without debug information: it is built in a fourth of the time and needs a second more.
  CARGO_PROFILE_DEV_DEBUG=0 CARGO_TARGET_DIR=target/tools/build cargo install --debug --quiet --locked "cargo-deny@$version" --root target/tools
  rm -rf target/tools/build
fi

for manifest in Cargo.toml fuzz/Cargo.toml; do
  "$deny" --log-level error --locked --manifest-path "$manifest" --config deny.toml check bans licenses sources
done

# The list of advisories is a git repository elsewhere: a machine without that way out cannot ask it.
log=$(mktemp)
trap 'rm -f "$log"' EXIT
if "$deny" --locked fetch db >"$log" 2>&1; then
  "$deny" --locked check --disable-fetch advisories
else
  echo "deny: the advisory list could not be fetched, so known holes were NOT checked here (bans, licences, sources were)"
fi
