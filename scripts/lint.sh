#!/usr/bin/env bash
# Builds the whole workspace and its tests, and fails if the compiler or one of the lints warns. The build is the one that the
# tests run (RUSTC_WORKSPACE_WRAPPER in the Makefile), so linting costs no second one.
set -euo pipefail
cd "$(dirname "$0")/.."

export RUSTC_WORKSPACE_WRAPPER=clippy-driver
log=$(mktemp)
trap 'rm -f "$log"' EXIT
# Warnings of what is built already are told again.
"${CARGO:-cargo}" test --locked --workspace --all-features --no-run 2>&1 | tee "$log"
if grep -q '^warning' "$log"; then
  echo "the compiler or clippy warns: see above" >&2
  exit 1
fi
