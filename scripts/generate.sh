#!/usr/bin/env bash
# Everything in git that is made from the code: openapi/openapi.json, the client's TypeScript types of the protocol and of
# the REST API, and the fuzz targets' lock file (the versions that are fuzzed are the versions that are shipped).
# With --check nothing is changed; a difference is told and fails.
set -euo pipefail
cd "$(dirname "$0")/.."

cargo=${CARGO:-cargo}
types=kmz-meet-server/web/src/generated
check=false
[ "${1:-}" != --check ] || check=true

fresh=$(mktemp -d)
trap 'rm -rf "$fresh"' EXIT

# Built as `make test` builds, so that nothing is built twice there.
build=(--locked --workspace --all-features)
$cargo test --quiet --no-run "${build[@]}"
# ts-rs writes each exported type from a test of its own.
TS_RS_EXPORT_DIR=$fresh/types $cargo test --quiet "${build[@]}" --lib export_bindings >"$fresh/log" 2>&1 ||
  { cat "$fresh/log" >&2; exit 1; }
target/debug/kmz-meet openapi >"$fresh/openapi.json"
(cd kmz-meet-server/web && npm run --silent generate -- --output "$fresh/types/api.d.ts" "$fresh/openapi.json" >"$fresh/log" 2>&1) ||
  { cat "$fresh/log" >&2; exit 1; }

if ! $check; then
  rm -rf "$types"
  cp -r "$fresh/types" "$types"
  cp "$fresh/openapi.json" openapi/openapi.json
  cp Cargo.lock fuzz/Cargo.lock
  $cargo metadata --format-version 1 --manifest-path fuzz/Cargo.toml >/dev/null
  exit 0
fi

stale=false
diff -r "$fresh/types" "$types" || stale=true
diff "$fresh/openapi.json" openapi/openapi.json || stale=true
$cargo metadata --locked --format-version 1 --manifest-path fuzz/Cargo.toml >/dev/null || stale=true
if $stale; then
  echo "generated files are not what the code makes: run 'make generate' and commit" >&2
  exit 1
fi
echo "generated files are up to date"
