#!/usr/bin/env bash
# Builds the fuzz targets with coverage on the stable toolchain and runs each for FUZZ_SECONDS (default 60).
#
#   fuzz/run.sh               all targets
#   fuzz/run.sh offer stun    these
#
# The same as `cargo fuzz run TARGET -s none`, without a tool to install. Seeds are in git (fuzz/seeds); what the fuzzer
# learns stays in target/fuzz/corpus. A finding is written to fuzz/artifacts/TARGET: run the target with that file
# as its argument to see it again, and keep the file as a seed once it is mended.
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/need.sh cargo c++

seconds=${FUZZ_SECONDS:-60}
host=$(rustc -vV | sed -n 's/^host: //p')
targets=("$@")
[ $# -gt 0 ] || mapfile -t targets < <(cd fuzz/fuzz_targets && for file in *.rs; do echo "${file%.rs}"; done)

# --target keeps the instrumentation out of build scripts and macros.
RUSTFLAGS="-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
  -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
  -Cllvm-args=-sanitizer-coverage-trace-compares" \
  CARGO_TARGET_DIR=target/fuzz ${CARGO:-cargo} build --release --locked --manifest-path fuzz/Cargo.toml --target "$host"

run_one() {
  local target=$1 log=target/fuzz/$1.log
  mkdir -p "target/fuzz/corpus/$target" "fuzz/artifacts/$target" "fuzz/seeds/$target"
  # More than 256 MiB or 5 s for one input is a finding as well.
  if "target/fuzz/$host/release/$target" "target/fuzz/corpus/$target" "fuzz/seeds/$target" \
    -max_total_time="$seconds" -max_len=65536 -timeout=5 -rss_limit_mb=512 -malloc_limit_mb=256 \
    -artifact_prefix="fuzz/artifacts/$target/" -print_final_stats=1 >"$log" 2>&1; then
    local runs
    runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
    # An instrumented target that was never run, or that sees no code, would pass for ever.
    if [ "${runs:-0}" -lt 100 ] || ! grep -q ' cov: [1-9]' "$log"; then
      echo "fuzz $target: FAILED, ran $runs inputs without coverage; see $log"
      return 1
    fi
    echo "fuzz $target: $runs inputs in $seconds s, no finding"
  else
    echo "fuzz $target: FAILED"
    tail -n 40 "$log"
    return 1
  fi
}
export -f run_one
export host seconds

printf '%s\n' "${targets[@]}" | xargs -P "$(nproc)" -I{} bash -c 'run_one {}'
