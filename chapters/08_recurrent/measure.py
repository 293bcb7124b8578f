#!/usr/bin/env python3
"""The four measurements of chapter 8: runs of its nets and of chapter 6's GPT with equal parameters, and what comes of
them. After `cmake --build --preset release --target ch08_measure`:

    python3 chapters/08_recurrent/measure.py waiting FOLDER [--busy]
    python3 chapters/08_recurrent/measure.py distance FOLDER [--seeds 3] [--steps N]
    python3 chapters/08_recurrent/measure.py position FOLDER [--seeds 3] [--steps N]
    python3 chapters/08_recurrent/measure.py recall FOLDER [--seeds 3] [--steps N]
    python3 chapters/08_recurrent/measure.py scaling FOLDER [--seeds 3] [--steps N] [--sizes 20k 80k 300k 1m 3m]
        [--rates 0.003 0.01 0.03] [--data FILE]
    python3 chapters/08_recurrent/measure.py longer FOLDER --steps N --sizes 1m --rates 0.003 --only gpt [--data FILE]
    python3 chapters/08_recurrent/measure.py table FOLDER [--page chapters/08_recurrent/README.md]

waiting times steps; distance and position train the same models, and look at them in two ways; recall trains others on a
task of their own; scaling trains each size with three learning rates, and the best of them again with the other seeds; longer
trains some of these for more steps, or on another text, and shows the loss on the way. A run that has its file in FOLDER is not made again, so that each can be stopped at any time and goes on later. --budget ends a
command once the runs in FOLDER have taken so many processor minutes, --only names some of rnn, lstm, lstm2, lstm4 and gpt, and
--busy notes that the machine had other work to do, so that only processor time means anything. All with one thread, except
where two are what is measured.

table prints what there is; with --page, the tables go into that page, and beside it go measured_NAME.json and, in
docs/figures, recurrent_NAME.svg.
"""
import argparse
import json
import math
import os
import pathlib
import re
import statistics
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
# A family of models: its name in tables, its options, the role whose colour it has.
FAMILIES = {
    "rnn": ("RNN", ["--cell", "rnn"], "activation", "#7d5b00"),
    "lstm": ("LSTM", ["--cell", "lstm"], "query", "#a8431a"),
    "lstm2": ("LSTM, 2 layers", ["--cell", "lstm", "--layers", "2", "--residual", "yes"], "value", "#18704a"),
    "lstm4": ("LSTM, 4 layers", ["--cell", "lstm", "--layers", "4", "--residual", "yes"], "residual", "#6a3fc0"),
    "gpt": ("GPT", ["--cell", "gpt"], "key", "#1d5cae"),
}
CELLS = ["rnn", "lstm", "gpt"]
STACKS = ["lstm", "lstm2", "lstm4", "gpt"]
SIZES = ["20k", "80k", "300k", "1m", "3m"]
RATES = ["0.003", "0.01", "0.03"]
LENGTHS = [8, 16, 32, 64, 128, 256, 512]
DISTANCES = [0, 1, 2, 4, 8, 16, 32, 64, 127]
BANDS = [(0, 0), (1, 1), (2, 3), (4, 7), (8, 15), (16, 31), (32, 63), (64, 127)]
OFF_THE_LINE = 0.01
CLEAN = f"""What *clean* means was written down before the numbers were looked at:

- *Straight*: the line that is fitted to ln loss over ln parameters passes each point by less than {100 * OFF_THE_LINE:g} % of
  its loss.
- *Gain by doubling*: what twice the parameters take off the loss, by that line, in per cent; and each size has a lower loss
  than the one before it, by more than the spreads of both together.
- *Gain by stacking*: what 2 or 4 layers take off the loss of one layer that has as many parameters. It counts where it is
  more than the spreads of both together.

A family scales cleanly if it is straight and each size gains; stacking is clean if 2 layers, and then 4, gain at each size.
The spread is the standard deviation over seeds; where a point has a single seed, the largest spread of the table stands in.
"""


def numbers_of(text):
    """What a run printed, `name number number ...` a line: names that come again, or with several numbers, become lists."""
    result = {}
    for line in text.splitlines():
        name, *words = line.split()
        if name == "corpus":
            result[name] = " ".join(words)
            continue
        values = [float(word) for word in words]
        if name in ("look", "pairs", "filler", "asked"):
            result.setdefault(name, []).append(values)
        else:
            result[name] = values if len(values) > 1 else values[0]
    return result


class Runs:
    """The runs in a folder, one file each."""

    def __init__(self, options):
        self.folder, self.options = options.folder, options
        self.folder.mkdir(parents=True, exist_ok=True)

    def minutes(self):
        return sum(json.loads(file.read_text())["processor_seconds"] for file in self.folder.glob("*.json")) / 60

    def make(self, name, words, seed=1, threads=1):
        """The run of that name, made if it is not there."""
        file = self.folder / f"{name}.{seed}.json"
        if file.exists():
            return json.loads(file.read_text())
        if self.options.budget and self.minutes() >= self.options.budget:
            sys.exit(f"measure.py: {self.folder} has taken {self.minutes():.1f} processor minutes, as --budget allows")
        command = [self.options.bin / "ch08_measure", *words, "--seed", str(seed), "--threads", str(threads)]
        if self.options.steps:
            command += ["--steps", str(self.options.steps)]
        if self.options.data:
            command += ["--data", self.options.data]
        print("run:", *command[1:], file=sys.stderr, flush=True)
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        printed = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        process.stdout.close()
        if process.returncode:
            sys.exit(f"measure.py: {name} with seed {seed} ended with {process.returncode}")
        run = {"name": name, "seed": seed, "threads": threads, "busy": self.options.busy,
               "processor_seconds": round(usage.ru_utime + usage.ru_stime, 2), **numbers_of(printed)}
        part = file.with_suffix(".part")
        part.write_text(json.dumps(run) + "\n")
        part.rename(file)
        return run

    def chosen(self, families):
        return [family for family in families if family in (self.options.only or FAMILIES)]

    def all(self, prefix):
        return [json.loads(file.read_text()) for file in sorted(self.folder.glob(f"{prefix}.*.json"))]


def waiting(runs):
    for T in LENGTHS:
        for threads in (1, 2):
            for cell in ("lstm", "gpt"):
                runs.make(f"waiting.{cell}.{T}.{threads}",
                          FAMILIES[cell][1] + ["--measure", "waiting", "--parameters", "300k", "--batch", "8", "--context", str(T)],
                          threads=threads)


def inside(runs):
    for seed in range(1, runs.options.seeds + 1):
        for cell in runs.chosen(CELLS):
            runs.make(f"inside.{cell}", FAMILIES[cell][1] + ["--measure", "inside", "--parameters", "80k"], seed)


def recall(runs):
    for seed in range(1, runs.options.seeds + 1):
        for cell in runs.chosen(CELLS):
            runs.make(f"recall.{cell}", FAMILIES[cell][1] + ["--measure", "recall", "--parameters", "80k"], seed)


def scaling_name(family, size, rate):
    return f"scaling.{family}.{size}.{rate}"


def scaling(runs):
    def make(family, size, rate, seed):
        return runs.make(scaling_name(family, size, rate), FAMILIES[family][1] + ["--parameters", size, "--lr", rate], seed)

    best = {}
    for size in runs.options.sizes:
        for family in runs.chosen(STACKS):
            best[family, size] = min(runs.options.rates, key=lambda rate: make(family, size, rate, 1)["val_loss"])
    for seed in range(2, runs.options.seeds + 1):
        for size in runs.options.sizes:
            for family in runs.chosen(STACKS):
                make(family, size, best[family, size], seed)


def longer(runs):
    text = pathlib.Path(runs.options.data or "tinyshakespeare").stem
    for seed in range(1, runs.options.seeds + 1):
        for size in runs.options.sizes:
            for family in runs.chosen(STACKS):
                for rate in runs.options.rates:
                    runs.make(f"longer.{family}.{size}.{rate}.{text}", FAMILIES[family][1] + ["--parameters", size, "--lr", rate], seed)


def mean(values):
    return statistics.mean(values)


def spread(values):
    return statistics.stdev(values) if len(values) > 1 else None


def with_spread(values, form="{:.3f}"):
    wide = spread(values)
    return form.format(mean(values)) + ("" if wide is None else " ± " + form.format(wide))


def markdown(head, rows):
    lines = ["| " + " | ".join(head) + " |", "| --- |" + " ---: |" * (len(head) - 1)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows]) + "\n"


def seeds_said(counts):
    counts = sorted(set(counts))
    return f"{counts[0]} seed{'s' if counts[0] != 1 else ''}" if len(counts) == 1 else f"{counts[0]} to {counts[-1]} seeds"


# Pictures. Each series is a family, its points, and how its line is drawn.


def chart(title, series, x, y, ticks_x, ticks_y, log_x=False, log_y=False, label_x="", label_y="", form_y="{:g}"):
    """Lines, or with `dots` points and no line. Labels stand at the right ends and keep clear of each other."""
    left, right, top, bottom = 52, 342, 30, 320
    scale_x, scale_y = (math.log if log_x else float), (math.log if log_y else float)

    def place(point):
        across = (scale_x(point[0]) - scale_x(x[0])) / (scale_x(x[1]) - scale_x(x[0]))
        clipped = min(max(point[1], y[0]), y[1])
        up = (scale_y(clipped) - scale_y(y[0])) / (scale_y(y[1]) - scale_y(y[0]))
        return left + across * (right - left), bottom - up * (bottom - top)

    svg = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 470 370" role="group" aria-label="{title}" '
           'style="max-width:560px" font-family="sans-serif" font-size="13" fill="#6b667c">',
           f'<text class="soft" x="{left}" y="16">{label_y}</text>']
    for tick in ticks_y:
        height = place((x[0], tick))[1]
        svg += [f'<path d="M{left} {height:.1f}H{right}" stroke="#8a8499" stroke-opacity="0.35" fill="none"/>',
                f'<text class="soft" x="{left - 8}" y="{height + 4:.1f}" text-anchor="end">'
                f'{form_y.format(tick).replace("e-0", "e-")}</text>']
    for tick in ticks_x:
        across = place((tick, y[0]))[0]
        svg.append(f'<text class="soft" x="{across:.1f}" y="{bottom + 18}" text-anchor="middle">{tick if tick < 1e4 else f"{tick:,}"}</text>')
    svg.append(f'<text class="soft" x="{right}" y="{bottom + 38}" text-anchor="end">{label_x}</text>')
    labels = []
    for family, label, points, how in series:
        if not points:
            continue
        _, _, role, colour = FAMILIES[family]
        places = [place(point) for point in points]
        dashes = ";stroke-dasharray:5 4" if "dashed" in how else ""
        if "line" in how:
            svg.append(f'<path d="M{"L".join(f"{px:.1f} {py:.1f}" for px, py in places)}" fill="none" stroke="{colour}" '
                       f'stroke-width="2.5" style="stroke:var(--{role}, {colour}){dashes}"/>')
        if "dots" in how:
            svg += [f'<circle cx="{px:.1f}" cy="{py:.1f}" r="4" fill="{colour}" style="fill:var(--{role}, {colour})"/>'
                    for px, py in places]
        if label:
            labels.append((places[-1][1] + 4, label, role, colour))
    at = -100.0
    labels.sort()
    heights = []
    for height, *_ in labels:
        at = max(at + 16, height)
        heights.append(at)
    over = max(0.0, heights[-1] - bottom) if heights else 0.0
    for height, (_, label, role, colour) in zip(heights, labels):
        svg.append(f'<text x="{right + 10}" y="{height - over:.1f}" fill="{colour}" style="fill:var(--{role}, {colour})">{label}</text>')
    return "\n".join(svg + ["</svg>"]) + "\n"


def table_waiting(runs):
    found = {tuple(run["name"].split(".")[1:]): run for run in runs.all("waiting")}
    if not found:
        return None
    busy = any(run["busy"] for run in found.values())
    rows, data = [], []
    for T in LENGTHS:
        row = [str(T)]
        one = {}
        for cell in ("lstm", "gpt"):
            runs_of = [found.get((cell, str(T), str(threads))) for threads in (1, 2)]
            if not all(runs_of):
                row += ["", "", ""]
                continue
            wall = [run["ms"][0] for run in runs_of]
            one[cell] = runs_of[0]["ms"][1] if busy else wall[0]
            row += [f"{one[cell]:.1f}"] + (["not known", "not known"] if busy else [f"{wall[1]:.1f}", f"{wall[0] / wall[1]:.2f}"])
            data.append({"cell": cell, "T": T, "parameters": runs_of[0]["parameters"], "ms": wall,
                         "processor_ms": [run["ms"][1] for run in runs_of], "busy": busy})
        row.append(f"{one['lstm'] / one['gpt']:.2f}" if len(one) == 2 else "")
        rows.append(row)
    if not data:
        return None
    text = markdown(["T", "LSTM, 1 thread", "2 threads", "times faster", "GPT, 1 thread", "2 threads", "times faster", "LSTM : GPT"], rows)
    sizes = {cell: next(entry["parameters"] for entry in data if entry["cell"] == cell) for cell in {entry["cell"] for entry in data}}
    text += ("\nMilliseconds a step of training, batches of 8 windows of T characters, the median of five steps or more; "
             + ", ".join(f"{FAMILIES[cell][0]} {sizes[cell]:,.0f} parameters" for cell in sorted(sizes)) + ". LSTM : GPT is of one thread.")
    if busy:
        text += " The machine had other work to do: times are of the processor, and what a second thread brings is not known."
    of = {cell: [(entry["T"], entry["processor_ms" if busy else "ms"][0]) for entry in data if entry["cell"] == cell] for cell in ("lstm", "gpt")}
    two = {cell: [] if busy else [(entry["T"], entry["ms"][1]) for entry in data if entry["cell"] == cell] for cell in ("lstm", "gpt")}
    heights = [ms for points in (*of.values(), *two.values()) for _, ms in points]
    svg = chart("Milliseconds a step over the length of the window, LSTM and GPT, one thread and two",
                [(cell, f"{FAMILIES[cell][0]}, 1 thread", of[cell], "line dots") for cell in ("lstm", "gpt")]
                + [(cell, f"{FAMILIES[cell][0]}, 2 threads", two[cell], "line dashed") for cell in ("lstm", "gpt")],
                (8, 512), (min(heights) * 0.8, max(heights) * 1.2), LENGTHS, [t for t in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000)
                                                                              if min(heights) * 0.8 <= t <= max(heights) * 1.2],
                log_x=True, log_y=True, label_x="T, characters in a window", label_y="milliseconds a step")
    return text + "\n", data, svg


def grouped(found):
    """By cell, in the order of the chapter."""
    cells = {cell: [run for run in found if run["name"].split(".")[1] == cell] for cell in CELLS}
    return {cell: some for cell, some in cells.items() if some}


def reach(lengths, share=0.9):
    """Within how many characters of the last one lies that share of all lengths?"""
    rest, total = share * sum(lengths), 0.0
    for distance, length in enumerate(lengths):
        total += length
        if total >= rest:
            return distance
    return len(lengths) - 1


def about_inside(cells):
    sizes = ", ".join(f"{FAMILIES[cell][0]} {some[0]['parameters']:,.0f}" for cell, some in cells.items())
    last = next(iter(cells.values()))[0]["look"][-1][0]
    return (f"Parameters: {sizes}. {last:,.0f} steps at a rate of up to 0.003, 8 windows of 128 in a batch, "
            f"{seeds_said(len(some) for some in cells.values())}.")


def table_distance(runs):
    cells = grouped(runs.all("inside"))
    if not cells:
        return None
    lowest = 1e-8  # of the picture; the table says what lies below
    rows, data, series = [], [], []
    for when in ("before", "after"):
        for cell, some in cells.items():
            curves = [[length / run[f"distance_{when}"][0] for length in run[f"distance_{when}"]] for run in some]
            curve = [mean(values) for values in zip(*curves)]
            reaches = [reach(run[f"distance_{when}"]) for run in some]
            rows.append([f"{FAMILIES[cell][0]}, {when} training"] + [f"{curve[d]:.2g}" for d in DISTANCES if d < len(curve)]
                        + [with_spread(reaches, "{:.0f}")])
            data.append({"cell": cell, "when": when, "seeds": len(some), "relative": [float(f"{v:.4g}") for v in curve], "reach_90": reaches})
            series.append((cell, f"{FAMILIES[cell][0]}, {when}", [(d + 1, v) for d, v in enumerate(curve) if v >= lowest],
                           "line" if when == "after" else "line dashed"))
    text = markdown(["characters back"] + [str(d) for d in DISTANCES] + ["90 % within"], rows)
    text += ("\nLength of the gradient of the last loss with respect to the embedding of the character so far back, by that of the last "
             "character itself: means over windows of the validation part. 90 % within: so far back lie nine tenths of all "
             f"lengths together. {about_inside(cells)}\n")
    svg = chart("Length of the gradient over the distance to the character, by that at distance 0, before and after training", series, (1, 128),
                (lowest, 10), [1, 2, 4, 8, 16, 32, 64, 128], [10.0 ** k for k in range(-8, 2, 2)], log_x=True, log_y=True,
                label_x="which character from the end", label_y="gradient, by that of the last character")
    return text, data, svg


def table_position(runs):
    cells = grouped(runs.all("inside"))
    if not cells:
        return None
    rows, data, series = [], [], []
    for cell, some in cells.items():
        bands = [[mean(run["positions"][first:last + 1]) for run in some] for first, last in BANDS]
        gains = [before - after for before, after in zip(bands[-2], bands[-1])]
        rows.append([FAMILIES[cell][0]] + [f"{mean(band):.3f}" for band in bands] + [with_spread(bands[-1]), with_spread(gains, "{:.4f}")])
        data.append({"cell": cell, "seeds": len(some), "val_losses": [run["val_loss"] for run in some], "gain_from_64": gains,
                     "positions": [round(mean(values), 4) for values in zip(*(run["positions"] for run in some))]})
        series.append((cell, FAMILIES[cell][0], [(last + 1, mean(band)) for (_, last), band in zip(BANDS, bands)], "line dots"))
    head = ["characters seen"] + [f"{a + 1}" if a == b else f"{a + 1} to {b + 1}" for a, b in BANDS]
    text = markdown(head + ["the last, with spread", "gain of the last"], rows)
    text += ("\nValidation loss by the number of characters that the model has seen of its window. From 17 on, each column is about the "
             "same characters of the text. Gain of the last: what 65 to 128 characters have over 33 to 64. "
             f"{about_inside(cells)}\n")
    values = [v for _, _, points, _ in series for _, v in points]
    low, high = math.floor(min(values) * 5) / 5, math.ceil(max(values) * 5) / 5
    ticks = [round(low + 0.2 * i, 1) for i in range(int(round((high - low) / 0.2)) + 1)]
    svg = chart("Validation loss over the number of characters seen", series, (1, 128), (low, high), [1, 2, 4, 8, 16, 32, 64, 128],
                ticks[::max(1, len(ticks) // 8)], log_x=True, label_x="characters seen, at most", label_y="validation loss", form_y="{:.1f}")
    return text, data, svg


def most_frequent_is_right(pairs):
    """How often is the value right that comes most often among so many digits, each as likely as any other? The expectation of the
    largest count, over the number of pairs: that none comes more than m times is pairs! times the coefficient of x^pairs in
    (1 + x + x^2/2! + ... + x^m/m!)^10, over 10^pairs."""
    def none_more(m):
        series = [1.0]
        for _ in range(10):
            series = [sum(series[n - k] / math.factorial(k) for k in range(min(m, n) + 1) if n - k < len(series))
                      for n in range(pairs + 1)]
        return series[pairs] * math.factorial(pairs) / 10 ** pairs
    return sum(1 - none_more(m) for m in range(pairs)) / pairs


def table_recall(runs):
    cells = grouped(runs.all("recall"))
    if not cells:
        return None
    data, series, text = [], [], ""
    for what, title in (("pairs", "pairs, no filler"), ("filler", "characters of filler, 1 pair")):
        numbers = [int(number) for number, _ in next(iter(cells.values()))[0][what]]
        rows = []
        for cell, some in cells.items():
            shares = [[run[what][i][1] for run in some] for i in range(len(numbers))]
            rows.append([FAMILIES[cell][0]] + [with_spread([100 * share for share in column], "{:.1f}") for column in shares])
            data.append({"cell": cell, "by": what, "numbers": numbers, "shares": shares})
        text += markdown([title] + [str(number) for number in numbers], rows) + "\n"
    for cell, some in cells.items():
        asked = [[run["asked"][i][1] for run in some] for i in range(len(some[0]["asked"]))]
        data.append({"cell": cell, "by": "asked", "numbers": list(range(len(asked))), "shares": asked})
        series.append((cell, FAMILIES[cell][0],
                       [(number + 2, 100 * mean([run["filler"][i][1] for run in some])) for i, (number, _) in enumerate(some[0]["filler"])],
                       "line dots"))
    sizes = ", ".join(f"{FAMILIES[cell][0]} {some[0]['parameters']:,.0f}" for cell, some in cells.items())
    last = next(iter(cells.values()))[0]["look"][-1][0]
    text += (f"Per cent of 250 held-out questions that are answered right; one in ten is what a guess gets, and who "
             f"says the value that comes most often among those that were there is right in "
             f"{', '.join(f'{100 * most_frequent_is_right(n):.0f}' for n in (2, 4))} and {100 * most_frequent_is_right(8):.0f} % "
             f"for 2, 4 and 8 pairs. Parameters: {sizes}. {last:,.0f} "
             f"steps at a rate of up to 0.003, 16 rows in a batch, {seeds_said(len(some) for some in cells.values())}.\n")
    svg = chart("Per cent right over the distance from the value to its key, of one pair", series, (2, 66), (0, 100), [2, 10, 18, 34, 50, 66],
                [0, 25, 50, 75, 100], label_x="characters from the value to the question's key", label_y="per cent right, of one pair")
    return text, data, svg


def fit(points):
    """The line ln loss = intercept + slope ln parameters, by least squares, and how far off it each loss is, as a share of it."""
    xs, ys = [math.log(n) for n, _ in points], [math.log(loss) for _, loss in points]
    mid_x, mid_y = mean(xs), mean(ys)
    slope = sum((x - mid_x) * (y - mid_y) for x, y in zip(xs, ys)) / sum((x - mid_x) ** 2 for x in xs)
    intercept = mid_y - slope * mid_x
    return intercept, slope, [math.exp(y - intercept - slope * x) - 1 for x, y in zip(xs, ys)]


def at_time(points, seconds):
    """A family's loss at that time: on straight lines between its points, on doubly logarithmic paper."""
    points = sorted(points)
    for (t0, loss0), (t1, loss1) in zip(points, points[1:]):
        if t0 <= seconds <= t1:
            share = math.log(seconds / t0) / math.log(t1 / t0)
            return math.exp(math.log(loss0) + share * math.log(loss1 / loss0))
    return None


def table_scaling(runs):
    found = {}
    for run in runs.all("scaling"):
        _, family, size, *rate = run["name"].split(".")
        found.setdefault((family, size), {}).setdefault(".".join(rate), []).append(run)
    points = {}  # the best rate by seed 1, and all seeds of it
    for key, rates in found.items():
        first = {rate: next((run["val_loss"] for run in some if run["seed"] == 1), math.inf) for rate, some in rates.items()}
        best = min(first, key=first.get)
        points[key] = {"rate": best, "rates": sorted(rates, key=float), "runs": rates[best], "losses": [run["val_loss"] for run in rates[best]]}
    if not points:
        return None
    sizes = [size for size in SIZES if any((family, size) in points for family in STACKS)]
    families = [family for family in STACKS if any((family, size) in points for size in sizes)]
    some_runs = [run for point in points.values() for run in point["runs"]]
    corpora, steps = {run["corpus"] for run in some_runs}, {run["look"][-1][0] for run in some_runs}
    if len(corpora) > 1 or len(steps) > 1:
        sys.exit(f"measure.py: {runs.folder} has scaling runs of several texts or lengths, which make no table")
    widest = max([spread(point["losses"]) or 0.0 for point in points.values()])
    wide = {key: spread(point["losses"]) if len(point["losses"]) > 1 else widest for key, point in points.items()}
    loss = {key: mean(point["losses"]) for key, point in points.items()}
    parameters = {key: point["runs"][0]["parameters"] for key, point in points.items()}
    seconds = {key: mean([run["seconds"] for run in point["runs"]]) for key, point in points.items()}

    rows, data = [], []
    for family in families:
        for size in sizes:
            if (family, size) not in points:
                continue
            point = points[family, size]
            edge = point["rate"] in (point["rates"][0], point["rates"][-1])
            rows.append([FAMILIES[family][0], f"{parameters[family, size]:,.0f}", f"{point['runs'][0]['channels']:.0f}",
                         f"{point['rate']}{' *' if edge else ''} of {len(point['rates'])}", with_spread(point["losses"], "{:.4f}"),
                         f"{mean([run['train_loss'] for run in point['runs']]):.4f}", str(len(point["losses"])), f"{seconds[family, size]:.1f}"])
            data.append({"family": family, "size": size, "parameters": parameters[family, size], "channels": point["runs"][0]["channels"],
                         "rate": float(point["rate"]), "val_losses": point["losses"],
                         "train_losses": [run["train_loss"] for run in point["runs"]],
                         "processor_seconds": [run["seconds"] for run in point["runs"]],
                         "by_rate": {rate: [run["val_loss"] for run in some] for rate, some in found[family, size].items()}})
    text = CLEAN + "\n" + markdown(["model", "parameters", "width", "best rate", "validation loss", "training loss", "seeds", "processor seconds"], rows)
    text += (f"\nOn {corpora.pop()}: {steps.pop():,.0f} steps of 16 windows of 64 characters. * The best rate is the lowest or highest of "
             "those that were tried, so that a better one may lie beyond.\n\n")

    rows, series, fits, verdicts = [], [], {}, {}
    for family in families:
        keys = [(family, size) for size in sizes if (family, size) in points]
        line = [(parameters[key], loss[key]) for key in keys]
        series.append((family, "" if len(line) > 1 else FAMILIES[family][0], line, "dots"))
        if len(line) < 3:
            continue
        intercept, slope, off = fits[family] = fit(line)
        gains = all(loss[a] - loss[b] > wide[a] + wide[b] for a, b in zip(keys, keys[1:]))
        straight = max(abs(share) for share in off) < OFF_THE_LINE
        verdicts[family] = straight and gains
        rows.append([FAMILIES[family][0], f"{slope:.4f}", f"{100 * (1 - 2 ** slope):.2f} %", ", ".join(f"{100 * share:+.2f} %" for share in off),
                     "yes" if straight else "no", "yes" if gains else "no", "yes" if verdicts[family] else "no"])
        series.append((family, FAMILIES[family][0], [(n, math.exp(intercept + slope * math.log(n))) for n in (line[0][0], line[-1][0])], "line"))
    if rows:
        text += markdown(["model", "slope", "gain by doubling", "off the line, size by size", "straight", "each size gains", "clean"], rows) + "\n"

    rows = []
    for size in sizes:
        keys = [(family, size) for family in ("lstm", "lstm2", "lstm4")]
        if not all(key in points for key in keys):
            continue
        row = [size]
        for one, more in ((keys[0], keys[1]), (keys[0], keys[2])):
            gain, both = loss[one] - loss[more], wide[one] + wide[more]
            row += [f"{gain:+.4f}", "" if both == 0 else "gains" if gain > both else "loses" if gain < -both else "within the spread"]
        gain, both = (loss[keys[0]] - loss["gpt", size], wide[keys[0]] + wide["gpt", size]) if ("gpt", size) in points else (None, 0)
        row += ["", ""] if gain is None else [f"{gain:+.4f}", "" if both == 0 else "lower" if gain > both else "higher" if gain < -both else "within the spread"]
        rows.append(row)
    if rows:
        text += markdown(["size", "2 layers over 1", "", "4 layers over 1", "", "GPT over 1 layer", ""], rows) + "\n"

    times = sorted({seconds[family, size] for family in families for size in sizes if (family, size) in points})
    grid = [t for t in (1, 2, 5, 10, 20, 50, 100, 200, 500) if times[0] <= t <= times[-1]]
    rows = []
    for family in families:
        line = [(seconds[key], loss[key]) for key in points if key[0] == family]
        reached = [at_time(line, t) for t in grid]
        rows.append([FAMILIES[family][0]] + ["" if value is None else f"{value:.3f}" for value in reached])
    if grid:
        text += markdown(["processor seconds"] + [str(t) for t in grid], rows)
        text += ("\nThe same runs, by time in place of size: the loss of the size that trains in so many processor seconds, between "
                 "two sizes on a straight line. All runs have seen the same number of characters.\n")
    heights = [value for value in loss.values()]
    low, high = min(heights) * 0.97, max(heights) * 1.03
    svg = chart("Validation loss over parameters, both on scales of ratios, with fitted lines", series,
                (min(parameters.values()) * 0.9, max(parameters.values()) * 1.1), (low, high), [20000, 80000, 300000, 1000000][:len(sizes)],
                [t / 10 for t in range(10, 50) if low <= t / 10 <= high], log_x=True, log_y=True, label_x="parameters",
                label_y="validation loss", form_y="{:.1f}")
    return text, data, svg


def table_longer(runs):
    """Loss on the way of runs that may differ in everything; of several seeds, the mean."""
    found = {}
    for run in runs.all("longer"):
        found.setdefault((run["corpus"], run["parameters"], run["name"]), []).append(run)
    if not found:
        return None
    rows, data, series = [], [], []
    for (corpus, parameters, name), some in sorted(found.items()):
        _, family, size, *rate = name.split(".")[:-1]
        looks = [(looks[0][0], mean([loss for _, _, loss in looks])) for looks in zip(*(run["look"] for run in some))]
        best = min(looks, key=lambda look: look[1])
        ends = [run["val_loss"] for run in some]
        rows.append([corpus, FAMILIES[family][0], f"{parameters:,.0f}", ".".join(rate), f"{looks[-1][0]:,.0f}",
                     *(f"{looks[max(0, len(looks) * quarter // 4 - 1)][1]:.3f}" for quarter in (1, 2, 3, 4)), f"{best[0]:,.0f}", with_spread(ends),
                     f"{mean([run['train_loss'] for run in some]):.3f}", str(len(some))])
        data.append({"corpus": corpus, "family": family, "size": size, "parameters": parameters, "rate": float(".".join(rate)),
                     "look": looks, "val_losses": ends, "train_losses": [run["train_loss"] for run in some],
                     "processor_seconds": [run["processor_seconds"] for run in some]})
        first = corpus == min(corpus for corpus, *_ in found)
        series.append((family, f"{FAMILIES[family][0].split(',')[0]}, {size}", looks, "line dots" if first else "line dashed"))
    text = markdown(["text", "model", "parameters", "rate", "steps", "loss after 1/4", "1/2", "3/4", "at the end", "lowest after",
                     "whole validation part", "training part", "seeds"], rows)
    text += ("\nSteps of 16 windows of 64 characters. Losses on the way and *lowest after* are of looks at some of the validation "
             "part, the last two of the whole.\n")
    losses = [loss for *_, looks, _ in series for _, loss in looks]
    low, high = min(losses) * 0.98, max(losses) * 1.02
    last = max(look[0] for *_, looks, _ in series for look in looks)
    svg = chart("Validation loss over steps, long runs on two texts", series, (0, last), (low, high),
                [round(last * k / 4) for k in range(5)], [t / 10 for t in range(8, 40, 2) if low <= t / 10 <= high], label_x="steps",
                label_y="validation loss", form_y="{:.1f}")
    return text, data, svg


TABLES = {"waiting": table_waiting, "distance": table_distance, "recall": table_recall, "position": table_position, "scaling": table_scaling,
          "longer": table_longer}


def compact(data):
    return "[\n" + ",\n".join("  " + json.dumps(entry) for entry in data) + "\n]\n"


def tables(runs, page, figures):
    made = {name: table(runs) for name, table in TABLES.items()}
    made = {name: result for name, result in made.items() if result}
    if not made:
        sys.exit(f"measure.py: {runs.folder} holds no runs; make some with measure.py waiting {runs.folder}, or another of its ways")
    for name, (text, _, _) in made.items():
        print(f"{name}\n\n{text}")
    if not page:
        return
    words = page.read_text()
    for name, (text, data, svg) in made.items():
        marked = re.compile(f"(<!-- {name} -->\n).*?(<!-- end of {name} -->)", re.S)
        if not marked.search(words):
            sys.exit(f"measure.py: {page} has no <!-- {name} --> and <!-- end of {name} -->")
        words = marked.sub(lambda match, text=text: f"{match[1]}\n{text}\n{match[2]}", words)
        (page.parent / f"measured_{name}.json").write_text(compact(data))
        (figures / f"recurrent_{name}.svg").write_text(svg)
    page.write_text(words)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    ways = {"waiting": waiting, "distance": inside, "position": inside, "recall": recall, "scaling": scaling, "longer": longer}
    for name in [*ways, "table"]:
        command = commands.add_parser(name)
        command.add_argument("folder", type=pathlib.Path)
        if name == "table":
            command.add_argument("--page", type=pathlib.Path)
            command.add_argument("--figures", type=pathlib.Path, default=ROOT / "docs/figures")
            continue
        command.add_argument("--seeds", type=int, default=3)
        command.add_argument("--steps", type=int)
        command.add_argument("--sizes", nargs="+", choices=SIZES, default=SIZES[:-1])
        command.add_argument("--rates", nargs="+", default=RATES)
        command.add_argument("--only", nargs="+", choices=FAMILIES)
        command.add_argument("--data")
        command.add_argument("--budget", type=float)
        command.add_argument("--busy", action="store_true")
        command.add_argument("--bin", type=pathlib.Path, default=ROOT / "build/release/bin")
    options = parser.parse_args()
    if options.command == "table" and not options.folder.is_dir():
        sys.exit(f"measure.py: there is no folder {options.folder}")
    runs = Runs(options)
    if options.command == "table":
        tables(runs, options.page, options.figures)
    else:
        ways[options.command](runs)


if __name__ == "__main__":
    main()
