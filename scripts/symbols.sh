#!/usr/bin/env bash
# Moves the symbols of a program into a file beside it, PROGRAM.debug. The program remembers the file's name, so that
# its backtraces (and gdb, perf, addr2line) have functions and lines as long as both are in one folder.
set -euo pipefail

program=$1
if ! command -v objcopy >/dev/null; then
  echo "missing: objcopy (binutils): $program keeps its symbols inside" >&2
  exit 0
fi
objcopy --only-keep-debug "$program" "$program.debug"
chmod -x "$program.debug"
# A new file: cargo's own copy is the same inode.
(cd "$(dirname "$program")" && name=$(basename "$program") &&
  objcopy --strip-all --add-gnu-debuglink="$name.debug" "$name" "$name.stripped" && mv "$name.stripped" "$name")
size() { numfmt --to=si --suffix=B "$(stat -c %s "$1")"; }
echo "$program: $(size "$program"), symbols in $program.debug: $(size "$program.debug")"
