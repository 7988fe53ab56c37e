#!/usr/bin/env bash
# Says by name what is missing, and where it comes from, before a build fails in some less clear way.
set -euo pipefail

missing=0
tell() { echo "missing: $1" >&2; missing=1; }

for tool in "$@"; do
  case $tool in
    cargo)
      command -v cargo >/dev/null || tell "cargo, the Rust toolchain 1.95 or newer: https://rustup.rs" ;;
    cc)
      command -v cc >/dev/null || tell "cc, a C compiler: apt-get install build-essential" ;;
    node)
      if ! command -v node >/dev/null; then
        tell "node 20.19 or newer: https://nodejs.org"
      elif ! node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)'; then
        tell "node 20.19 or newer; this is $(node --version): https://nodejs.org"
      fi ;;
    *)
      command -v "$tool" >/dev/null || tell "$tool" ;;
  esac
done
exit $missing
