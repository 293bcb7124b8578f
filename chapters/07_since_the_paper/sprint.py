#!/usr/bin/env python3
"""The records of docs/the_sprint.md: from chapter 6's model to the sprint's, one change a line. After
`cmake --build --preset release`:

    python3 chapters/07_since_the_paper/sprint.py run FOLDER [LINE ...] [--seeds 3] [--steps N] [--threads N] [--tuning]
        [--busy]
    python3 chapters/07_since_the_paper/sprint.py table FOLDER [--page docs/the_sprint.md [--marker records]]
        [--svg docs/figures/the_sprint.svg]

`run` trains the lines that are named, or all but `lecture`, each with seeds 1 to --seeds. A run that has its file in
FOLDER is not made again, so that it can be stopped at any time. The line `lecture` is not trained: three of its steps are
timed, and the time of 5,000 is worked out. --steps shortens all runs alike (give those a folder of their own), and
--tuning validates on a slice of the training part. --busy notes that the machine had other work to do, so that only
processor time means anything.
`table` prints the table and, where it is asked to, puts it and the chart into the page, between <!-- MARKER --> and
<!-- end of MARKER -->.
"""
import argparse
import json
import os
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
GOAL = 1.4873
LECTURE_STEPS = 5000

# Name, what changes, and the words that this adds to those of the line before.
LINES = [
    ("lecture", "chapter 6 at the lecture's size, as it stands", None),
    ("smaller", "an eighth of its weights, 16 windows in a batch instead of 64, no dropout", "--base chapter-6"),
    ("bfloat16", "products made from bfloat16", "--precision bfloat16"),
    ("rate", "a rate of up to 0.003, with warm-up, that ends at 0", "--training line"),
    ("rotary", "places are angles", "--positions rotary"),
    ("relu2", "squared ReLU", "--feed-forward relu2"),
    ("rms", "RMSNorm, no biases", "--norm rms --biases no"),
    ("qk-norm", "queries and keys are normed", "--qk-norm yes"),
    ("muon", "Muon for the hidden matrices", "--optimizer muon"),
    ("zero", "projections into the stream begin at 0", "--projections zero"),
    ("short-first", "windows of 64 for the first 60 % of the steps", "--windows short-first"),
    ("float32", "products made from float32 again, for processors that have no bfloat16", "--precision float32"),
]
NAMES = [name for name, _, _ in LINES]


def words_of(line):
    """The program and its options, all changes up to this line together."""
    if line == "lecture":
        return ["ch06", "--size", "lecture", "--steps", "3"]
    chosen = {"--size": "sprint"}
    for name, _, added in LINES[1:]:
        words = added.split()
        chosen.update(zip(words[::2], words[1::2]))
        if name == line:
            return ["ch07", *(word for option in chosen.items() for word in option)]
    raise KeyError(line)


def megabytes(maxrss):
    """macOS counts what getrusage says of memory in bytes, Linux in thousands of them."""
    return round(maxrss / (1e6 if sys.platform == "darwin" else 1000))


def train(line, seed, folder, options):
    """Trains, and writes FOLDER/LINE.SEED.json: the report, with processor seconds and memory."""
    file = folder / f"{line}.{seed}.json"
    if file.exists():
        return
    words = words_of(line)
    with tempfile.TemporaryDirectory() as scratch:
        report = pathlib.Path(scratch) / "report.json"
        command = [options.bin / words[0], *words[1:], "--data", "tinyshakespeare", "--quiet", "--seed", str(seed),
                   "--report", report]
        if line == "lecture":
            command += ["--tokens", "0", "--eval-every", "1000"]
        elif options.steps:
            command += ["--steps", str(options.steps)]
        if options.tuning and line != "lecture":
            command += ["--tuning", "yes"]
        if options.threads:
            command += ["--threads", str(options.threads)]
        print("train:", *command, file=sys.stderr, flush=True)
        process = subprocess.Popen(command)
        _, status, usage = os.wait4(process.pid, 0)
        if status != 0:
            sys.exit(f"sprint.py: {line} with seed {seed} did not come to its end")
        result = json.loads(report.read_text())
    result.update(line=line, processor_seconds=round(usage.ru_utime + usage.ru_stime, 1),
                  memory_mb=megabytes(usage.ru_maxrss), tuning=options.tuning, busy=options.busy)
    part = file.with_suffix(".part")
    part.write_text(json.dumps(result, indent=2) + "\n")
    part.rename(file)


def runs_of(folder):
    """Each line's runs, in the lines' order. Of one table, all have as many steps and the same text to validate on."""
    runs = {name: [json.loads(file.read_text()) for file in sorted(folder.glob(f"{name}.*.json"))] for name in NAMES}
    trained = [run for name in NAMES[1:] for run in runs[name]]
    for what in ("steps", "tuning"):
        if len({run[what] for run in trained}) > 1:
            sys.exit(f"sprint.py: {folder} has runs that differ in {what}, which make no table")
    return {name: some for name, some in runs.items() if some}


def minutes_of(run):
    """Minutes of the whole training, looks at the losses included, and processor minutes of the whole program."""
    if run["line"] == "lecture":
        return run["step_ms_median"] * LECTURE_STEPS / 6e4, None
    return run["seconds"] / 60, run["processor_seconds"] / 60


def minutes_to_goal(run):
    """Processor minutes, shared out evenly to the steps, to the first look at the goal or below; None if the run does not
    end there."""
    step = next((look["step"] for look in run["curve"] if look["val"] <= GOAL), None) if run["val_loss"] <= GOAL else None
    return None if step is None else minutes_of(run)[1] * step / run["steps"]


def table(runs):
    lines = ["| | what changes | weights | steps | minutes | processor minutes | "
             f"to a look of {GOAL} | peak memory | validation loss | runs |",
             "| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"]
    for name, change, _ in LINES:
        if name == "lecture" and name not in runs:
            continue
        if name not in runs:
            lines.append(f"| `{name}` | {change} | | | | | | | not measured yet | 0 |")
            continue
        some = runs[name]
        alone = [run for run in some if not run.get("busy")]
        minutes = statistics.mean(minutes_of(run)[0] for run in alone) if alone else None
        if name == "lecture":
            lines.append(f"| `{name}` | {change} | {some[0]['parameters']:,} | {LECTURE_STEPS:,} | "
                         f"{f'{minutes:.0f}, estimated' if alone else 'not known'} | | | {some[0]['memory_mb']:,} MB | {GOAL}, the lecture's | 0 |")
            continue
        losses = [run["val_loss"] for run in some]
        spread = f" ± {statistics.stdev(losses):.4f}" if len(losses) > 1 else ""
        processor = statistics.mean(minutes_of(run)[1] for run in some)
        reached = [minutes_to_goal(run) for run in some]
        lines.append(f"| `{name}` | {change} | {some[0]['parameters']:,} | {some[0]['steps']:,} | "
                     f"{f'{minutes:.1f}' if alone else 'not known'} | "
                     f"{processor:.1f} | {'not reached' if None in reached else f'{statistics.mean(reached):.1f}'} | "
                     f"{max(run['memory_mb'] for run in some):,} MB | "
                     f"{statistics.mean(losses):.4f}{spread} | {len(losses)} |")
    trained = [run for name in NAMES[1:] for run in runs.get(name, [])]
    if trained:
        threads = sorted({run["threads"] for run in trained})
        seeds = sorted({run["seed"] for run in trained})
        slice_ = ", on the slice of the training part" if trained[0]["tuning"] else ""
        lines += ["", f"Threads: {', '.join(map(str, threads))}. Seeds: {', '.join(map(str, seeds))}. Losses are means over "
                      f"the whole validation part in windows of {trained[0]['context']}, of the final weights{slice_}. "
                      "*To a look* are processor minutes until a look at a part of it, one in "
                      f"{len(trained[0]['curve']) - 1} of the run, is as low; looks say up to 0.02 less than the whole."]
        if any(run["busy"] for run in trained):
            alone = sum(not run["busy"] for run in trained)
            lines += ["All runs had to share the machine, so that only processor time counts." if not alone else
                      f"Minutes are those of the {alone} run{'s' if alone != 1 else ''} that had the machine to "
                      f"{'themselves' if alone != 1 else 'itself'}; the others had to share it."]
        reached = [name for name in NAMES[1:] if name in runs
                   and statistics.mean(run["val_loss"] for run in runs[name]) <= GOAL]
        records = [name for name in reached if len(runs[name]) >= 3]
        lines += [f"At most {GOAL}: {', '.join(reached)}; with three seeds, and so a record: {', '.join(records) or 'none'}."
                  if reached else f"None of these reaches {GOAL}."]
    return "\n".join(lines) + "\n"


def chart(runs):
    """Looks at the validation loss over processor minutes, a line for each of the runs. Its time is shared out evenly to its
    steps."""
    width, height, left, right, top, bottom = 470, 360, 42, 388, 16, 320
    drawn = [(name, run) for name in NAMES[1:] for run in runs.get(name, [])]
    longest = max(minutes_of(run)[1] for _, run in drawn)
    low, high = 1.4, 2.2

    def place(minutes, loss):
        y = bottom - (min(loss, high) - low) / (high - low) * (bottom - top)
        return f"{left + minutes / longest * (right - left):.1f} {y:.1f}"

    svg = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="group" aria-label="Validation loss '
           'over processor minutes" style="max-width:560px" font-family="sans-serif" font-size="13" fill="#6b667c">']
    for tenth in range(14, 23, 2):
        y = place(0, tenth / 10).split()[1]
        svg += [f'<path d="M{left} {y}H{right}" stroke="#8a8499" stroke-opacity="0.3"/>',
                f'<text x="{left - 8}" y="{float(y) + 4:.1f}" text-anchor="end">{tenth / 10:.1f}</text>']
    y = place(0, GOAL).split()[1]
    svg += [f'<path d="M{left} {y}H{right}" stroke="#211d30" stroke-dasharray="5 4" style="stroke:currentColor"/>',
            f'<text x="{right + 6}" y="{float(y) + 4:.1f}" fill="#211d30">{GOAL}</text>', '<g class="role-loss">']
    labels = {}
    for name, run in drawn:
        minutes = minutes_of(run)[1]
        points = [place(minutes * look["step"] / run["steps"], look["val"]) for look in run["curve"] if look["val"] <= high]
        if not points:
            continue
        svg.append(f'<path d="M{" L".join(points)}" fill="none" stroke="#a3285d" stroke-width="1.5" '
                   'style="stroke:var(--loss, #a3285d)"/>')
        labels[name] = points[-1].split()
    svg.append("</g>")
    # From the lowest loss up, a line of text for each, in a column beside the ends that lie near.
    ends = {name: (float(x), float(y)) for name, (x, y) in labels.items()}
    at = bottom + 12.0
    for name, (x, y) in sorted(ends.items(), key=lambda item: -item[1][1]):
        at = min(at - 14, y + 4)
        beside = max(other for other, _ in ends.values() if other < x + 40)
        svg.append(f'<text x="{beside + 6:.1f}" y="{at:.1f}" fill="#211d30">{name}</text>')
    svg += [f'<text x="{left}" y="{bottom + 20}">0</text>',
            f'<text x="{right}" y="{bottom + 20}" text-anchor="end">{longest:.0f} processor minutes</text>', "</svg>"]
    return "\n".join(svg) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    run = commands.add_parser("run", help="trains")
    run.add_argument("folder", type=pathlib.Path)
    run.add_argument("lines", nargs="*", metavar="LINE", help=", ".join(NAMES))
    run.add_argument("--seeds", type=int, default=3)
    run.add_argument("--steps", type=int)
    run.add_argument("--threads", type=int)
    run.add_argument("--tuning", action="store_true")
    run.add_argument("--busy", action="store_true")
    run.add_argument("--bin", type=pathlib.Path, default=ROOT / "build/release/bin")
    make = commands.add_parser("table", help="prints")
    make.add_argument("folder", type=pathlib.Path)
    make.add_argument("--page", type=pathlib.Path)
    make.add_argument("--marker", default="records")
    make.add_argument("--svg", type=pathlib.Path)
    options = parser.parse_args()
    if options.command == "run":
        for line in options.lines:
            if line not in NAMES:
                parser.error(f"expected lines among {', '.join(NAMES)}, got {line}")
        options.folder.mkdir(parents=True, exist_ok=True)
        for seed in range(1, options.seeds + 1):
            for line in options.lines or NAMES[1:]:
                if line != "lecture" or seed == 1:
                    train(line, seed, options.folder, options)
        return
    runs = runs_of(options.folder)
    if not runs:
        sys.exit(f"sprint.py: {options.folder} holds no runs; make some with sprint.py run {options.folder}")
    text = table(runs)
    print(text, end="")
    if options.page:
        page = options.page.read_text()
        marker = re.escape(options.marker)
        marked = re.compile(f"(<!-- {marker} -->\n).*?(<!-- end of {marker} -->)", re.S)
        if not marked.search(page):
            sys.exit(f"sprint.py: {options.page} has no <!-- {options.marker} --> and <!-- end of {options.marker} -->")
        options.page.write_text(marked.sub(lambda match: match[1] + text + match[2], page))
    if options.svg and any(name != "lecture" for name in runs):
        options.svg.write_text(chart(runs))


if __name__ == "__main__":
    main()
