#!/usr/bin/env python3
"""The texts ask readers to predict a loss and then to measure it: are the commands there, and do they give the figure?

    tests/docs/test_measured.py BIN   runs each `<!-- measured: run N OPTIONS | LOSS -->` with BIN/chNN, on Tiny Shakespeare

The command has to stand in the block below, the figure in the fold after it.
"""
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MEASURED = re.compile(r"<!-- measured: run (\d+) (.*?) \| ([\d.]+) -->\n```sh\n(.*?)\n```\n\n<details>\n(.*?)</details>", re.S)
NEAR = 0.02  # other processors and libraries round otherwise


def loss_of(program, options):
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        command = [program, *options, "--data", "tinyshakespeare", "--tokens", "1", "--quiet", "--report", report]
        subprocess.run(command, check=True, cwd=ROOT)
        return json.loads(report.read_text(encoding="utf-8"))["val_loss"]


def main(folder):
    places = [Path(os.environ.get("BARDLING_DATA", "")), ROOT / "data"]
    if not any((place / "tinyshakespeare.txt").exists() for place in places):
        print("skipped: Tiny Shakespeare is not here")
        return 77
    failed = count = 0
    for text in sorted(ROOT.glob("chapters/*/README.md")):
        content = text.read_text(encoding="utf-8")
        found = MEASURED.findall(content)
        if len(found) != content.count("<!-- measured:"):
            print(f"{text.relative_to(ROOT)}: below a marker `measured` there must be a command and a fold")
            failed = 1
        for number, options, figure, command, answer in found:
            count += 1
            said = f"{text.relative_to(ROOT)}: run {number} {options}: "
            if command != f"./learn run {number} {options}" or figure not in answer:
                print(said + f"the command below is {command}, and {figure} must stand in the fold")
                failed = 1
                continue
            got = loss_of(Path(folder) / f"ch{int(number):02}", options.split())
            print(said + f"{got:.3f}, the text says {figure}")
            failed |= abs(got - float(figure)) > NEAR
    return 1 if failed or not count else 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1]))
