#!/usr/bin/env python3
"""The table and the pictures of chapter 11, from what measure.sh has measured:

    python3 chapters/11_many_machines/figures.py wires FOLDER     FOLDER/wires.json and the table, from the times in FOLDER
    python3 chapters/11_many_machines/figures.py draw [FOLDER]    the pictures, from FOLDER's wires.json and batches.json

Without FOLDER, from docs/runs/many_machines; the pictures are docs/figures/many-machines-wires.svg and batch-study.svg. A time
is the middle one of a wire's runs, each of which gave the median of its steps.
"""
import argparse
import json
import math
import os
import pathlib
import re
import statistics
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
WAYS = ["one-by-one", "after", "while"]
HIDDEN = {"after": 0, "while": 0.6}  # how much of the work the sums could travel behind
COLOURS = {"query": "#a8431a", "value": "#18704a", "loss": "#a3285d"}


# Wires: what a step takes, and what the formula says.


def times_of(file):
    """{way: milliseconds of each run} and what is said of the runs, from lines of bench_ranks."""
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    return {way: [line["step_ms_median"] for line in lines if line["average"] == way] for way in WAYS}, lines[0]


def measured(folder):
    whole, said = times_of(folder / "whole.jsonl")
    half, _ = times_of(folder / "half.jsonl")
    wires = []
    for file in sorted(folder.glob("[0-9]*.jsonl")):
        ranks, wire, *latency = file.name.split(".")[:-1]
        mbit = 0 if wire == "none" else int(re.sub("mbit", "", wire.replace("gbit", "000")))
        times, _ = times_of(file)
        wires.append({"ranks": int(ranks), "mbit": mbit, "latency_ms": float(latency[0][:-2]) if latency else 0, **times})
    wires.sort(key=lambda wire: (wire["ranks"], -(wire["mbit"] or math.inf), wire["latency_ms"]))
    return {"size": said["size"], "batch": said["batch"], "bytes": 4 * said["parameters"], "cores": os.cpu_count(),
            "whole": whole["one-by-one"], "half": half["one-by-one"], "wires": wires}


def predicted(measured, ranks, mbit, latency_ms, way):
    """step_cost.hpp's milliseconds. Where ranks are more than the cores, they take turns."""
    whole, half = statistics.median(measured["whole"]), statistics.median(measured["half"])
    work, turns = 2 * (whole - half), max(1, ranks / measured["cores"])
    ring = 2 * (ranks - 1) * (latency_ms + 8e-3 * measured["bytes"] / (ranks * mbit)) if mbit else 0
    return (whole - work + work / ranks) * turns + max(0, ring - HIDDEN[way] * work / ranks * turns)


def table(measured):
    whole, half = statistics.median(measured["whole"]), statistics.median(measured["half"])
    lines = [f"{measured['size']}, batch {measured['batch']}, {measured['bytes']:,} bytes of gradients, {measured['cores']} cores; one "
             f"rank: {whole:.1f} ms a step, with half of the batch {half:.1f} ms.", "",
             "| ranks | wire | one by one | after | predicted | while | predicted |", "| --- | --- | --- | --- | --- | --- | --- |"]
    for wire in measured["wires"]:
        mbit = wire["mbit"]
        name = ("none" if not mbit else f"{mbit} Mbit/s" if mbit < 1000 else f"{mbit // 1000} Gbit/s") + (
            f", {wire['latency_ms']:g} ms" if wire["latency_ms"] else "")
        cells = [f"{statistics.median(wire['one-by-one']):.1f}"]
        for way in HIDDEN:
            cells += [f"{statistics.median(wire[way]):.1f}", f"{predicted(measured, wire['ranks'], mbit, wire['latency_ms'], way):.1f}"]
        lines.append(f"| {wire['ranks']} | {name} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


# Pictures.


class Chart:
    """An SVG with a level for each tick, and numbers below. Both scales are given as functions to units of the picture."""

    def __init__(self, title, width, height, x, y, left, right, levels):
        self.x, self.y, self.right = x, y, right
        self.svg = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="group" aria-label="{title}" '
                    f'style="max-width:{width + 90}px" font-family="sans-serif" font-size="13" fill="#6b667c">']
        for level, name in levels:
            self.svg += [f'<path d="M{left} {y(level):.1f}H{right}" fill="none" stroke="#8a8499" stroke-opacity="0.3"/>',
                         f'<text class="soft" x="{left - 8}" y="{y(level) + 4:.1f}" text-anchor="end">{name}</text>']

    def says(self, x, y, text, anchor="middle"):
        self.svg.append(f'<text class="soft" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{text}</text>')

    def begin(self, role):
        self.colour = COLOURS[role]
        self.svg.append(f'<g class="role-{role}">')

    def line(self, points, dashes=""):
        path = " L".join(f"{self.x(x):.1f} {self.y(y):.1f}" for x, y in points)
        dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
        self.svg.append(f'<path class="line" d="M{path}" fill="none" stroke="{self.colour}" stroke-width="2"{dashed}/>')

    def dot(self, x, y, aside=0, hollow=False):
        fill = f'fill="none" stroke="{self.colour}" stroke-width="1.5"' if hollow else f'fill="{self.colour}"'
        self.svg.append(f'<circle cx="{self.x(x) + aside:.1f}" cy="{self.y(y):.1f}" r="3.2" {fill}/>')

    def label(self, x, y, text):
        self.svg.append(f'<text class="role" x="{x:.1f}" y="{y:.1f}" fill="{self.colour}">{text}</text>')

    def end(self):
        self.svg.append("</g>")

    def text(self):
        return "\n".join(self.svg + ["</svg>"]) + "\n"


def draw_wires(measured):
    """Efficiency, one rank's time over P times that of P, over bandwidth: dots measured, lines predicted."""
    left, right, top, bottom, apart = 50, 330, 30, 290, 390  # memory stands apart, at 390

    def across(mbit):
        return left + 20 + math.log10(mbit / 100) * (right - left - 40) if mbit else apart

    chart = Chart("Efficiency of two and of four ranks over bandwidth, measured and predicted", 470, 356, across,
                  lambda share: bottom - share * (bottom - top), left, apart + 30, [(n / 4, f"{25 * n} %") for n in range(5)])
    chart.says(left - 8, 14, "efficiency", "start")
    for mbit, name in ((100, "100"), (300, "300"), (1000, "1000"), (0, "memory")):
        chart.says(across(mbit), bottom + 20, name)
    chart.says((left + right) / 2, bottom + 38, "Mbit/s")
    chart.says(left, bottom + 58, "dots: after, rings: while; lines: the formula, dashed for while", "start")
    whole = statistics.median(measured["whole"])

    def efficiency(ranks, milliseconds):
        return whole / (ranks * milliseconds)

    for ranks, role in ((2, "query"), (4, "value")):
        chart.begin(role)
        for way, dashes in (("after", ""), ("while", "6 4")):
            curve = [100 * 10 ** (i / 20) for i in range(21)]
            chart.line([(mbit, efficiency(ranks, predicted(measured, ranks, mbit, 0, way))) for mbit in curve], dashes)
        at_best = efficiency(ranks, predicted(measured, ranks, 0, 0, "after"))
        chart.svg.append(f'<path class="line" d="M{apart - 16} {chart.y(at_best):.1f}h32" fill="none" stroke="{chart.colour}" '
                         'stroke-width="2"/>')
        for wire in measured["wires"]:
            if wire["ranks"] == ranks and not wire["latency_ms"]:
                for way, aside in (("after", -5), ("while", 5)):
                    for milliseconds in wire[way]:
                        chart.dot(wire["mbit"], efficiency(ranks, milliseconds), aside, hollow=way == "while")
        chart.label(apart + 24, chart.y(at_best) + 4, f"{ranks} ranks")
        chart.end()
    return chart.text()


def draw_batches(runs):
    """Validation loss over the batch, a line for each rule of the rate, a dot for each run."""
    left, right, top, bottom = 50, 344, 30, 266
    batches = sorted({run["batch"] for run in runs})
    windows = 16384  # as many in all, of measure.sh batches

    def across(batch):
        return left + math.log2(batch / batches[0]) / math.log2(batches[-1] / batches[0]) * (right - left)

    chart = Chart("Validation loss over the batch, at equal numbers of characters: the rate as it is, times the root, and times the batch",
                  470, 312, across, lambda loss: bottom - (loss - 2) / 1.4 * (bottom - top), left, right,
                  [(loss / 10, f"{loss / 10:.1f}") for loss in range(20, 36, 4)])
    chart.says(left - 8, 14, "validation loss", "start")
    for batch in batches:
        chart.says(across(batch), bottom + 20, batch)
        chart.says(across(batch), bottom + 38, windows // batch)
    chart.says(right + 26, bottom + 20, "batch", "start")
    chart.says(right + 26, bottom + 38, "steps", "start")
    for rate, name, role, dashes in (("not", "as it is", "query", ""), ("root", "times the root", "value", "6 3"),
                                     ("linear", "times the batch", "loss", "2 3")):
        losses = {batch: [run["val_loss"] for run in runs
                          if run["batch"] == batch and run["rate"] == (rate if batch > batches[0] else "not")] for batch in batches}
        means = [(batch, statistics.mean(some)) for batch, some in losses.items()]
        chart.begin(role)
        chart.line(means, dashes)
        for batch, some in losses.items():
            for loss in some:
                chart.dot(batch, loss)
        chart.label(right + 8, chart.y(means[-1][1]) + 4, name)
        chart.end()
    return chart.text()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("wires").add_argument("folder", type=pathlib.Path)
    draw = commands.add_parser("draw")
    draw.add_argument("folder", type=pathlib.Path, nargs="?", default=ROOT / "docs/runs/many_machines")
    draw.add_argument("--figures", type=pathlib.Path, default=ROOT / "docs/figures")
    options = parser.parse_args()
    if options.command == "wires":
        if not (options.folder / "whole.jsonl").exists():
            sys.exit(f"figures.py: {options.folder} holds no times; measure.sh wires {options.folder} takes them")
        result = measured(options.folder)
        if not result["wires"]:
            sys.exit(f"figures.py: {options.folder} holds times of no wire; measure.sh wires {options.folder} takes them")
        wires = ",\n".join("  " + json.dumps(wire) for wire in result.pop("wires"))
        (options.folder / "wires.json").write_text(json.dumps(result)[:-1] + f', "wires": [\n{wires}\n]}}\n')
        print(table(json.loads((options.folder / "wires.json").read_text())), end="")
        return
    for name, picture, draw_it in (("wires", "many-machines-wires", draw_wires), ("batches", "batch-study", draw_batches)):
        runs = options.folder / f"{name}.json"
        if runs.exists():
            (options.figures / f"{picture}.svg").write_text(draw_it(json.loads(runs.read_text())))


if __name__ == "__main__":
    main()
