#!/usr/bin/env python3
"""Takes what was measured or photographed last into the files that are in git.

Start it by `make record-bench`, `make record-lines` or `make record-screenshots`, look at the difference, and commit.
"""
import json
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MEASURED = ROOT / "target/bench"
LINES = ROOT / "target/lines"
RESULTS = ROOT / "benches/results"
PICTURES = ROOT / "target/screenshots"
IMAGES = ROOT / "docs/images"

# The pictures that the README shows.
OF_THE_README = {
    "pre-join-camera.laptop.light.png": "pre-join.png",
    "tiles-9.laptop.light.png": "tiles.png",
    "safety.laptop.light.png": "teacher-panel.png",
    "tiles-9.phone.light.png": "phone.png",
}


def bench() -> None:
    measured = sorted(MEASURED.glob("*.json"))
    if not measured:
        sys.exit("nothing was measured in target/bench: run `make bench` or `make siege` first")
    RESULTS.mkdir(parents=True, exist_ok=True)
    for source in measured:
        target = RESULTS / source.name
        if source.name == "browser.json":
            shutil.copyfile(source, target)
        else:
            # A scenario or a flood that was not run keeps its last result.
            whole = json.loads(target.read_text()) if target.exists() else {}
            whole |= json.loads(source.read_text())
            target.write_text(json.dumps(dict(sorted(whole.items())), indent=2, ensure_ascii=False) + "\n")
        print(target.relative_to(ROOT))


def lines() -> None:
    if not (LINES / "lines.json").exists():
        sys.exit("no line was measured in target/lines: run `make lines` first")
    RESULTS.mkdir(parents=True, exist_ok=True)
    for name in ("lines.json", "lines.md"):
        shutil.copyfile(LINES / name, RESULTS / name)
        print((RESULTS / name).relative_to(ROOT))


def screenshots() -> None:
    wanted = dict(OF_THE_README)
    # The guide for counties shows each area of the console, in its own language.
    for source in sorted(PICTURES.glob("console-*.laptop.light.png")):
        area, language = source.name.removeprefix("console-").split(".")[:2]
        wanted[source.name] = f"console/{area}.{language}.png"
    # `screenshots.mjs console` takes a part of them: the others keep what is in git.
    taken = {source: target for source, target in wanted.items() if (PICTURES / source).exists()}
    if not taken:
        sys.exit("no picture was taken in target/screenshots: run `make screenshots` first")
    for source, target in taken.items():
        (IMAGES / target).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(PICTURES / source, IMAGES / target)
        print((IMAGES / target).relative_to(ROOT))


if __name__ == "__main__":
    commands = {"bench": bench, "lines": lines, "screenshots": screenshots}
    if len(sys.argv) != 2 or sys.argv[1] not in commands:
        sys.exit("usage: record.py bench | lines | screenshots")
    commands[sys.argv[1]]()
