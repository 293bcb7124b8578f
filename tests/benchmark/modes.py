#!/usr/bin/env python3
"""A training step in every mode of ours and of PyTorch's, by turns, as a table: milliseconds, and how many times as long as
ours in float32 and in bfloat16. After `cmake --build --preset release --target bench_models`:

    python3 tests/benchmark/modes.py gpt-small gpt-laptop gpt-lecture

torch.compile needs g++ and Python's headers. PyTorch in another place, such as a chroot that bench_torch.py was copied to,
is named by --torch "chroot FOLDER python3 bench_torch.py"; a mode that does not run there has a dash in its column.
"""
import argparse
import json
import pathlib
import shlex
import statistics
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
OURS = {"float32": [], "bfloat16": ["--bfloat16"]}
THEIRS = {"eager": [], "compiled": ["--compile"], "bfloat16": ["--bfloat16"], "compiled, bfloat16": ["--compile", "--bfloat16"]}


def timed(command):
    """The milliseconds of a step as the command prints them, or None if it fails."""
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        print(f"modes.py: {shlex.join(command)} ended with {done.returncode}: {done.stderr.strip()[-200:]}", file=sys.stderr)
        return None
    return json.loads(done.stdout)["step_ms_median"]


def row(config, options):
    commands = {("ours", mode): [str(options.program), *words] for mode, words in OURS.items()}
    commands |= {("PyTorch", mode): [*shlex.split(options.torch), *words] for mode, words in THEIRS.items()}
    times = {mode: [] for mode in commands}
    for _ in range(options.rounds):
        for mode, command in commands.items():
            wish = [config, "--steps-only", "--threads", str(options.threads), "--seconds", str(options.seconds)]
            ms = None if None in times[mode] else timed([*command, *wish])
            times[mode].append(ms)
    median = {mode: None if None in found else statistics.median(found) for mode, found in times.items()}
    best = min((ms for (who, _), ms in median.items() if who == "PyTorch" and ms is not None), default=None)
    ratios = [f"{best / median['ours', mode]:.1f} x" if best else "-" for mode in OURS]
    return [f"`{config}`", *("-" if ms is None else f"{ms:.3g}" for ms in median.values()), *ratios]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("configs", nargs="+")
    parser.add_argument("--program", type=pathlib.Path, default=ROOT / "build/release/bin/bench_models")
    parser.add_argument("--torch", default=f"python3 {shlex.quote(str(ROOT / 'tests/benchmark/bench_torch.py'))}")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    if not options.program.exists():
        sys.exit(f"modes.py: there is no {options.program}; cmake --build --preset release --target bench_models makes it")
    heads = ["a step, ms", *(f"ours, {mode}" for mode in OURS), *(f"PyTorch, {mode}" for mode in THEIRS),
             *(f"its best by our {mode}" for mode in OURS)]
    print("| " + " | ".join(heads) + " |")
    print("| --- |" + " ---: |" * (len(heads) - 1))
    for config in options.configs:
        print("| " + " | ".join(row(config, options)) + " |", flush=True)


if __name__ == "__main__":
    main()
