#!/usr/bin/env python3
"""Draws docs/figures/drawings.svg: what a saved model of `ch10 --task draw` draws at three temperatures, and beside each
picture the nearest that training had. After `measure.sh run FOLDER 1 draw`:

    chapters/10_other_sequences/drawings.py build/release/bin/ch10 FOLDER/draw.1.safetensors >docs/figures/drawings.svg
"""

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

DOT = 5                      # units wide and high
WIDE, HIGH = 12 * DOT, 12 * DOT
HALVES = {" ": (0, 0), "▀": (1, 0), "▄": (0, 1), "█": (1, 1)}


def spoken(program, model, kind, temperature, seed):
    """(is it right, how many dots differ, [drawn, nearest] as sets of dots)"""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        subprocess.run([program, "--load", model, "--prompt", kind, "--temperature", str(temperature), "--seed", str(seed),
                        "--quiet", "--threads", "1", "--report", report], check=True)
        first, *lines = json.loads(report.read_text(encoding="utf-8"))["sample"].strip("\n").split("\n")
    pictures = [set(), set()]
    for row, line in enumerate(lines):
        for dots, picture in zip(line.split("|")[1::2], pictures):
            picture |= {(x, 2 * row + half) for x, c in enumerate(dots) for half in (0, 1) if HALVES[c][half]}
    return first.startswith("right"), int(re.search(r"\d+", first)[0]), pictures


def picture(dots, x, y, role, colour):
    rows = "".join(f"M{a * DOT} {b * DOT}h{DOT}v{DOT}h-{DOT}z" for a, b in sorted(dots, key=lambda d: d[::-1]))
    return (f'<g transform="translate({x} {y})"><rect class="box" width="{WIDE}" height="{HIGH}" fill="#ffffff" stroke="#5a556b" '
            f'stroke-width=".6"/><path d="{rows}" fill="{colour}" style="fill:var(--{role}, {colour})"/></g>')


def main(program, model):
    shown, y = [], 30
    for temperature in (0.5, 1, 1.5):
        shown.append(f'<text class="soft" x="8" y="{y + 34}" fill="#6b667c">{temperature}</text>')
        for i, (kind, seed) in enumerate((kind, seed) for kind in ("face", "house") for seed in (1, 2)):
            right, differ, (drawn, nearest) = spoken(program, model, kind, temperature, seed)
            x = 44 + i * 150
            shown.append(picture(drawn, x, y, "value", "#136c3a"))
            shown.append(picture(nearest, x + WIDE + 6, y, "ink-soft", "#6b667c"))
            words = f'{"right" if right else "wrong"}, {differ} off'
            shown.append(f'<text class="soft" x="{x}" y="{y + HIGH + 15}" fill="#6b667c">{words}</text>')
        y += HIGH + 30
    print(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 640 {y - 6}" '
          f'data-narrow="0 22 338 {y - 30} | 338 22 300 {y - 30}" role="group" aria-label="Faces and houses drawn '
          'at three temperatures, each beside the nearest picture that training had" style="max-width:640px" '
          'font-family="sans-serif" font-size="13">')
    print('<text class="soft" x="44" y="18" fill="#6b667c">drawn, and beside it the nearest that training had; how many dots '
          "differ</text>")
    print("\n".join(shown) + "\n</svg>")


main(*sys.argv[1:])
