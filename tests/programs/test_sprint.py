#!/usr/bin/env python3
"""The records of chapters/07_since_the_paper/sprint.py: the words of its lines, and a table made from reports that were
written by hand.

    python3 tests/programs/test_sprint.py BUILD/bin
"""
import importlib.util
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest
import unittest.mock

ROOT = pathlib.Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "chapters/07_since_the_paper/sprint.py"
spec = importlib.util.spec_from_file_location("sprint", SCRIPT)
sprint = importlib.util.module_from_spec(spec)
spec.loader.exec_module(sprint)


def report(line, seed, loss, **others):
    return {"line": line, "seed": seed, "val_loss": loss, "steps": 100, "parameters": 1234567, "context": 256, "threads": 2,
            "seconds": 90, "step_ms_median": 1200, "processor_seconds": 150, "memory_mb": 321, "tuning": False, "busy": False,
            "curve": [{"step": 0, "val": 4.2}, {"step": 50, "val": 2.0}, {"step": 100, "val": loss}], **others}


class Lines(unittest.TestCase):
    def test_each_adds_to_the_one_before(self):
        for before, after in zip(sprint.NAMES[1:-1], sprint.NAMES[2:-1]):
            self.assertEqual(sprint.words_of(after)[:len(sprint.words_of(before))], sprint.words_of(before))

    def test_the_last_takes_one_back(self):
        last, before = sprint.words_of("float32"), sprint.words_of(sprint.NAMES[-2])
        self.assertEqual([pair for pair in zip(before, last) if pair[0] != pair[1]], [("bfloat16", "float32")])

    def test_all_changes_together_are_the_sprint(self):
        with tempfile.TemporaryDirectory() as folder:
            variants = set()
            for words in (sprint.words_of("float32"), sprint.words_of("short-first"), ["ch07", "--size", "sprint"]):
                file = pathlib.Path(folder) / "report.json"
                subprocess.run([BIN / words[0], *words[1:], "--data", "play", "--steps", "0", "--context", "8", "--tokens",
                                "0", "--threads", "1", "--quiet", "--report", file], check=True)
                variants.add(json.loads(file.read_text())["variant"])
        self.assertEqual(len(variants), 1, variants)


class Memory(unittest.TestCase):
    def test_is_counted_as_the_system_counts(self):
        for platform, maxrss in (("linux", 321000), ("darwin", 321000000)):
            with unittest.mock.patch.object(sprint.sys, "platform", platform):
                self.assertEqual(sprint.megabytes(maxrss), 321)


class Table(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.path = pathlib.Path(self.folder.name)
        self.addCleanup(self.folder.cleanup)

    def write(self, *reports):
        for each in reports:
            (self.path / f"{each['line']}.{each['seed']}.json").write_text(json.dumps(each))

    def table(self, *options):
        return subprocess.run([sys.executable, SCRIPT, "table", self.path, *options], capture_output=True, text=True)

    def test_means_deviations_and_what_is_missing(self):
        self.write(report("rate", 1, 1.6), report("rate", 2, 1.8), report("muon", 1, 1.48, seconds=150),
                   report("lecture", 1, 4.0, parameters=10788929))
        text = self.table().stdout
        # 1,200 ms a step and 5,000 steps are 100 minutes; the deviation of two is their difference by the root of 2.
        self.assertIn("| 10,788,929 | 5,000 | 100, estimated | | | 321 MB | 1.4873, the lecture's | 0 |", text)
        self.assertIn("| 1,234,567 | 100 | 1.5 | 2.5 | not reached | 321 MB | 1.7000 ± 0.1414 | 2 |", text)
        self.assertIn("| 100 | 2.5 | 2.5 | 2.5 | 321 MB | 1.4800 | 1 |", text)
        self.assertIn("| `smaller` | an eighth of its weights, 16 windows in a batch instead of 64, no dropout | | | | | | | not "
                      "measured yet | 0 |", text)
        self.assertIn("At most 1.4873: muon; with three seeds, and so a record: none.", text)
        self.assertIn("Threads: 2. Seeds: 1, 2.", text)

    def test_minutes_to_the_goal_are_those_to_the_first_look_at_it(self):
        looks = [{"step": 0, "val": 4.2}, {"step": 40, "val": 1.48}, {"step": 80, "val": 1.47}, {"step": 100, "val": 1.46}]
        self.write(report("muon", 1, 1.4873, curve=looks), report("zero", 1, 1.4874, curve=looks))
        text = self.table().stdout
        self.assertIn("| 2.5 | 1.0 | 321 MB | 1.4873 | 1 |", text)
        self.assertIn("| 2.5 | not reached | 321 MB | 1.4874 | 1 |", text)

    def test_nothing_is_said_to_reach_what_it_does_not(self):
        self.write(report("rate", 1, 1.4874))
        self.assertIn("None of these reaches 1.4873.", self.table().stdout)

    def test_minutes_of_a_busy_machine_are_not_shown(self):
        self.write(report("rate", 1, 1.6, busy=True), report("muon", 1, 1.5, seconds=60),
                   report("muon", 2, 1.5, seconds=600, busy=True))
        text = self.table().stdout
        self.assertIn("| 100 | not known | 2.5 | not reached | 321 MB | 1.6000 | 1 |", text)
        self.assertIn("| 100 | 1.0 | 2.5 | not reached | 321 MB | 1.5000 ± 0.0000 | 2 |", text)
        self.assertIn("Minutes are those of the 1 run that had the machine to itself", text)

    def test_the_lecture_on_a_busy_machine_has_no_minutes(self):
        self.write(report("lecture", 1, 4.0, busy=True))
        outcome = self.table()
        self.assertEqual(outcome.returncode, 0, outcome.stderr)
        self.assertIn("| 1,234,567 | 5,000 | not known | | | 321 MB | 1.4873, the lecture's | 0 |", outcome.stdout)

    def test_runs_of_other_lengths_make_no_table(self):
        self.write(report("rate", 1, 1.6), report("muon", 1, 1.5, steps=50))
        outcome = self.table()
        self.assertNotEqual(outcome.returncode, 0)
        self.assertIn("runs that differ in steps", outcome.stderr)

    def test_page_and_chart(self):
        self.write(report("rate", 1, 1.6), report("muon", 1, 1.5))
        page, svg = self.path / "page.md", self.path / "chart.svg"
        page.write_text("before\n<!-- records -->\nold\n<!-- end of records -->\nafter\n")
        self.assertEqual(self.table("--page", page, "--svg", svg).returncode, 0)
        self.assertTrue(page.read_text().startswith("before\n<!-- records -->\n| | what changes"))
        self.assertTrue(page.read_text().endswith("None of these reaches 1.4873.\n<!-- end of records -->\nafter\n"))
        self.assertNotIn("old", page.read_text())
        # From 50 steps, half of the way, in the middle: the first look, at 4.2, lies above the chart.
        self.assertIn('d="M215.0 92.0 L388.0 244.0"', svg.read_text())

    def test_a_run_that_stays_above_the_chart_is_not_drawn(self):
        self.write(report("rate", 1, 2.3, curve=[{"step": 0, "val": 4.2}, {"step": 100, "val": 2.3}]))
        svg = self.path / "chart.svg"
        outcome = self.table("--svg", svg)
        self.assertEqual(outcome.returncode, 0, outcome.stderr)
        self.assertNotIn("rate", svg.read_text())
        self.write(report("muon", 1, 1.5))
        self.assertEqual(self.table("--svg", svg).returncode, 0)
        self.assertIn(">muon</text>", svg.read_text())

    def test_an_unknown_line_is_refused(self):
        outcome = subprocess.run([sys.executable, SCRIPT, "run", self.path, "adam"], capture_output=True, text=True)
        self.assertEqual(outcome.returncode, 2)
        self.assertIn("expected lines among lecture, smaller", outcome.stderr)


if __name__ == "__main__":
    BIN = pathlib.Path(sys.argv.pop(1)).resolve()
    unittest.main()
