#!/usr/bin/env python3
"""Chapter 11's table of wires and its pictures are what figures.py makes of docs/runs/many_machines; and measure.sh times no
wire that it could not lay.

    python3 tests/programs/test_figures_11.py
"""
import importlib.util
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "chapters/11_many_machines/figures.py"
RUNS = ROOT / "docs/runs/many_machines"
spec = importlib.util.spec_from_file_location("figures", SCRIPT)
figures = importlib.util.module_from_spec(spec)
spec.loader.exec_module(figures)
WIRES = json.loads((RUNS / "wires.json").read_text())


def call(*words):
    return subprocess.run([sys.executable, "-B", SCRIPT, *map(str, words)], capture_output=True, text=True)


class Figures(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.path = pathlib.Path(folder.name)
        self.addCleanup(folder.cleanup)

    def test_the_text_has_the_table(self):
        page = (ROOT / "chapters/11_many_machines/README.md").read_text()
        self.assertIn(figures.table(WIRES).split("\n\n")[1], page)

    def test_the_pictures_are_drawn_from_the_runs(self):
        made = call("draw", "--figures", self.path)
        self.assertEqual(made.returncode, 0, made.stderr)
        pictures = sorted(self.path.glob("*.svg"))
        self.assertEqual([picture.name for picture in pictures], ["batch-study.svg", "many-machines-wires.svg"])
        for picture in pictures:
            self.assertEqual(picture.read_text(), (ROOT / "docs/figures" / picture.name).read_text(), picture.name)

    def test_the_formula_is_that_of_the_chapter(self):
        # A second of work and gradients of 100 MB over 100 MB/s, as in test_step_cost.cpp.
        slow = {"whole": [1000], "half": [500], "bytes": 10 ** 8, "cores": 64}
        for ranks, way, expected in ((1, "after", 1000), (2, "after", 1500), (2, "while", 1200), (4, "after", 1750)):
            self.assertAlmostEqual(figures.predicted(slow, ranks, 800, 0, way), expected)
        self.assertAlmostEqual(figures.predicted(slow, 4, 800, 250, "after"), 1750 + 6 * 250)
        self.assertAlmostEqual(figures.predicted({**slow, "cores": 2}, 4, 0, 0, "after"), 500)

    def test_lines_of_the_benchmark_become_a_table(self):
        def lines(*milliseconds):
            return "".join(json.dumps({"size": "small", "batch": 16, "parameters": 1000, "average": way, "step_ms_median": ms}) + "\n"
                           for ms in milliseconds for way in figures.WAYS)

        for name, times in (("whole", (8, 10, 9)), ("half", (5, 5, 4)), ("2.none", (7, 6, 5)), ("2.100mbit", (20, 30, 21)),
                            ("2.1gbit.1ms", (9, 9, 9))):
            (self.path / f"{name}.jsonl").write_text(lines(*times))
        made = call("wires", self.path)
        self.assertEqual(made.returncode, 0, made.stderr)
        rows = [row for row in made.stdout.splitlines() if row.startswith("| 2 ")]
        self.assertEqual([row.split(" | ")[1] for row in rows], ["none", "1 Gbit/s, 1 ms", "100 Mbit/s"])
        self.assertEqual(rows[0], "| 2 | none | 6.0 | 6.0 | 5.0 | 6.0 | 5.0 |")
        shutil.copy(RUNS / "batches.json", self.path)
        self.assertEqual(call("draw", self.path, "--figures", self.path).returncode, 0)
        self.assertEqual(len(list(self.path.glob("*.svg"))), 2)

    def wires(self, **stand_ins):
        """measure.sh wires, on a machine where these programs are other ones."""
        programs = self.path / "programs"
        programs.mkdir(exist_ok=True)
        said = {"size": "small", "batch": 16, "parameters": 1000, "step_ms_median": 10}
        lines = "\n".join(json.dumps({**said, "average": way}) for way in figures.WAYS)
        bench = f"cat <<'end'\n{lines}\nend"
        for name, text in {"id": "echo 0", "ip": f'case "$*" in "netns exec"*) {bench}\n;; esac', "tc": ":", "mpirun": ":",
                           "bench": bench, **stand_ins}.items():
            (programs / name).write_text(f"#!/bin/sh\n{text}\n")
            (programs / name).chmod(0o755)
        return subprocess.run(["sh", SCRIPT.with_name("measure.sh"), "wires", self.path / "times"], capture_output=True, text=True,
                              env={**os.environ, "PATH": f"{programs}:{os.environ['PATH']}", "BENCH": str(programs / "bench")})

    def test_wires_are_timed_without_those_of_a_latency_that_cannot_be_had(self):
        made = self.wires(tc='case "$*" in *netem*) exit 1 ;; esac')
        self.assertEqual(made.returncode, 0, made.stderr)
        wires = json.loads((self.path / "times/wires.json").read_text())["wires"]
        self.assertEqual([(wire["ranks"], wire["mbit"]) for wire in wires], [(ranks, mbit) for ranks in (2, 4) for mbit in (0, 1000, 300, 100)])
        self.assertEqual(made.stdout, (self.path / "times/wires.md").read_text())

    def test_wires_that_cannot_be_laid_are_an_error(self):
        for what in ({"id": "echo 1000"}, {"tc": "exit 1"}, {"ip": "exit 1"}, {"tc": 'case "$*" in *100mbit*) exit 1 ;; esac'}):
            made = self.wires(**what)
            self.assertNotEqual(made.returncode, 0, what)
            self.assertFalse((self.path / "times/wires.json").exists(), what)

    def test_times_without_wires_are_no_table(self):
        for name in ("whole", "half"):
            (self.path / f"{name}.jsonl").write_text(json.dumps({"size": "small", "batch": 16, "parameters": 1, "average": "one-by-one",
                                                                 "step_ms_median": 9}) + "\n")
        self.assertIn("holds times of no wire", call("wires", self.path).stderr)
        self.assertFalse((self.path / "wires.json").exists())

    def test_an_empty_folder_is_refused(self):
        refused = call("wires", self.path)
        self.assertEqual(refused.returncode, 1)
        self.assertIn("holds no times", refused.stderr)


if __name__ == "__main__":
    unittest.main()
