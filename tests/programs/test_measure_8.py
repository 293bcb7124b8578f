#!/usr/bin/env python3
"""The measurements of chapters/08_recurrent/measure.py: each way in a few steps, and tables made from runs that were written
by hand.

    python3 tests/programs/test_measure_8.py BUILD/bin
"""
import importlib.util
import itertools
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "chapters/08_recurrent/measure.py"
spec = importlib.util.spec_from_file_location("measure", SCRIPT)
measure = importlib.util.module_from_spec(spec)
spec.loader.exec_module(measure)
MARKS = "".join(f"<!-- {name} -->\nold\n<!-- end of {name} -->\n" for name in measure.TABLES)


def call(*words):
    return subprocess.run([sys.executable, "-B", SCRIPT, *map(str, words)], capture_output=True, text=True)


class InFolder(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.path = pathlib.Path(folder.name)
        self.addCleanup(folder.cleanup)

    def write(self, name, seed, **what):
        run = {"name": name, "seed": seed, "busy": False, "processor_seconds": 30, "parameters": 80000, "channels": 64, **what}
        (self.path / f"{name}.{seed}.json").write_text(json.dumps(run))

    def table(self, *options):
        made = call("table", self.path, *options)
        self.assertEqual(made.returncode, 0, made.stderr)
        return made.stdout


class Ways(InFolder):
    def test_each_makes_its_runs_once_and_all_make_a_page(self):
        folder, short = self.path / "runs", ["--bin", BIN, "--seeds", 1, "--steps", 4, "--data", "play"]
        measure.LENGTHS = [8]
        for way, runs in (("distance", 3), ("position", 3), ("recall", 6)):
            made = call(way, folder, *short)
            self.assertEqual(made.returncode, 0, made.stderr)
            self.assertEqual(len(list(folder.glob("*.json"))), runs)
            self.assertEqual(made.stderr.count("run:"), 0 if way == "position" else 3)
        made = call("scaling", folder, *short, "--sizes", "20k")
        self.assertEqual(made.returncode, 0, made.stderr)
        self.assertEqual(len(list(folder.glob("scaling.*.json"))), 12)
        made = call("longer", folder, *short, "--sizes", "20k", "--only", "gpt", "--rates", "0.01")
        self.assertEqual(made.returncode, 0, made.stderr)
        self.assertTrue((folder / "longer.gpt.20k.0.01.play.1.json").exists())
        page = self.path / "page.md"
        page.write_text("before\n" + MARKS + "after\n")
        self.path.joinpath("figures").mkdir()
        made = call("table", folder, "--page", page, "--figures", self.path / "figures")
        self.assertEqual(made.returncode, 0, made.stderr)
        self.assertEqual(page.read_text().count("old"), 1)  # of waiting
        self.assertTrue(page.read_text().endswith("after\n"))
        for name in ("distance", "position", "recall", "scaling", "longer"):
            json.loads((self.path / f"measured_{name}.json").read_text())
            self.assertIn("</svg>", (self.path / f"figures/recurrent_{name}.svg").read_text())

    def test_waiting(self):
        options = type("", (), {"folder": self.path, "bin": BIN, "steps": 1, "data": "play", "budget": None, "busy": True})
        measure.LENGTHS = [8]
        measure.waiting(measure.Runs(options))
        self.assertEqual(len(list(self.path.glob("waiting.*.json"))), 4)
        self.assertIn("not known", self.table())

    def test_a_budget_ends_it(self):
        self.write("inside.rnn", 1, processor_seconds=120)
        made = call("distance", self.path, "--bin", BIN, "--budget", 2, "--steps", 4, "--data", "play")
        self.assertIn("has taken 2.0 processor minutes", made.stderr)
        self.assertEqual(made.returncode, 1)

    def test_a_folder_without_runs_makes_no_table(self):
        self.assertIn("holds no runs", call("table", self.path).stderr)


class Tables(InFolder):
    def test_waiting(self):
        for T, lstm, gpt in ((8, 10, 5), (16, 20, 6)):
            for threads, share in ((1, 1.0), (2, 0.5)):
                self.write(f"waiting.lstm.{T}.{threads}", 1, ms=[lstm, lstm])
                self.write(f"waiting.gpt.{T}.{threads}", 1, ms=[gpt * share, gpt])
        self.assertIn("| 8 | 10.0 | 10.0 | 1.00 | 5.0 | 2.5 | 2.00 | 2.00 |", self.table())

    def test_waiting_that_was_stopped_before_a_pair_was_there(self):
        self.write("waiting.lstm.8.1", 1, ms=[10, 10])
        self.assertIn("holds no runs", call("table", self.path).stderr)
        self.write("waiting.lstm.8.2", 1, ms=[5, 5])
        self.assertIn("| 8 | 10.0 | 5.0 | 2.00 |  |  |  |  |", self.table())

    def inside(self):
        for seed, far in ((1, 0.25), (2, 0.35)):
            lengths = [2.0, 1.0] + [2 * far] + [0.0] * 125
            self.write("inside.lstm", seed, look=[[500, 1, 2], [1000, 2, 1.9]], val_loss=1.9, distance_before=lengths,
                       distance_after=[1.0] * 128, positions=[3.0, 2.5] + [2.0] * 62 + [2.0 - far] * 64)

    def test_distance(self):
        self.inside()
        text = self.table()
        # By the last one's: 1, 0.5, and 0.25 or 0.35; of 1.75 and 1.85, nine tenths are reached at the third.
        self.assertIn("| LSTM, before training | 1 | 0.5 | 0.3 | 0 | 0 | 0 | 0 | 0 | 0 | 2 ± 0 |", text)
        self.assertIn("| LSTM, after training | 1 | 1 | 1 | 1 | 1 | 1 | 1 | 1 | 1 | 115 ± 0 |", text)

    def test_position(self):
        self.inside()
        self.assertIn("| LSTM | 3.000 | 2.500 | 2.000 | 2.000 | 2.000 | 2.000 | 2.000 | 1.700 | 1.700 ± 0.071 | 0.3000 ± 0.0707 |",
                      self.table())

    def test_the_most_frequent_value_is_right_as_often_as_can_be_counted(self):
        self.assertAlmostEqual(measure.most_frequent_is_right(1), 1)
        for pairs in (2, 3, 5):  # every list of so many digits
            counted = [max(map(digits.count, digits)) / pairs for digits in itertools.product(range(10), repeat=pairs)]
            self.assertAlmostEqual(measure.most_frequent_is_right(pairs), sum(counted) / len(counted))

    def test_recall(self):
        for seed, share in ((1, 0.5), (2, 0.7)):
            self.write("recall.gpt", seed, look=[[1500, 1, 0.5]], pairs=[[1, 1.0], [16, share]], filler=[[0, 1.0], [64, 0.25]],
                       asked=[[i, share] for i in range(16)])
        text = self.table()
        self.assertIn("| GPT | 100.0 ± 0.0 | 60.0 ± 14.1 |", text)
        self.assertIn("1,500 steps", text)

    def scaling(self, losses, **others):
        """Losses of one family at four sizes, each of two seeds that lie 0.002 apart."""
        for family, of in losses.items():
            for size, parameters, loss in zip(measure.SIZES, (20000, 80000, 320000, 1280000), of):
                for seed, off in ((1, 0.001), (2, -0.001)):
                    self.write(f"scaling.{family}.{size}.0.003", seed, parameters=parameters, val_loss=loss + off, train_loss=loss,
                               seconds=parameters / 10000, corpus="play", look=[[600, 1, loss]], **others)

    def test_a_straight_line_is_clean_and_a_bent_one_is_not(self):
        self.scaling({"gpt": [2.4 * 0.9 ** i for i in range(4)], "lstm": [2.4, 2.1, 2.09, 1.7], "lstm2": [2.3, 2.1, 2.2, 1.7]})
        text = self.table()
        # Four times the parameters take off a tenth: 1 - 0.9 ** 0.5 is 5.13 % by doubling.
        self.assertIn("| GPT | -0.0760 | 5.13 % | ", text)
        rows = {line.split(" | ")[0]: line for line in text.splitlines() if line.endswith((" yes |", " no |"))}
        self.assertTrue(rows["| GPT"].endswith("| yes | yes | yes |"), rows)
        self.assertTrue(rows["| LSTM"].endswith("| no | yes | no |"), rows)
        self.assertTrue(rows["| LSTM, 2 layers"].endswith("| no | no | no |"), rows)

    def test_stacking_and_time(self):
        self.scaling({"lstm": [2.4, 2.2, 2.0, 1.8], "lstm2": [2.3, 2.2, 2.1, 1.8], "lstm4": [2.4] * 4, "gpt": [2.5, 2.1, 1.9, 1.7]})
        text = self.table()
        self.assertIn("| 20k | +0.1000 | gains | +0.0000 | within the spread | -0.1000 | higher |", text)
        self.assertIn("| 300k | -0.1000 | loses | -0.4000 | loses | +0.1000 | lower |", text)
        # 2, 8, 32 and 128 seconds: what is between has a loss between.
        self.assertIn("| processor seconds | 2 | 5 | 10 | 20 | 50 | 100 |", text)
        self.assertIn("| LSTM, 4 layers | 2.400 | 2.400 | 2.400 | 2.400 | 2.400 | 2.400 |", text)

    def test_the_best_rate_is_marked_where_a_better_one_may_lie_beyond(self):
        for rate, loss in (("0.001", 2.0), ("0.003", 1.9), ("0.01", 1.8)):
            self.write(f"scaling.lstm.20k.{rate}", 1, val_loss=loss, train_loss=loss, seconds=3, corpus="play", look=[[600, 1, loss]])
        self.assertIn("| LSTM | 80,000 | 64 | 0.01 * of 3 | 1.8000 | 1.8000 | 1 | 3.0 |", self.table())

    def test_runs_of_other_lengths_make_no_table(self):
        self.scaling({"lstm": [2.4, 2.2, 2.0, 1.8]})
        self.write("scaling.gpt.20k.0.003", 1, val_loss=2, train_loss=2, seconds=3, corpus="play", look=[[50, 1, 2]])
        self.assertIn("several texts or lengths", call("table", self.path).stderr)

    def test_longer_shows_where_a_run_was_best(self):
        for seed, off in ((1, 0.1), (2, -0.1)):
            looks = [[step, 1, loss + off] for step, loss in ((100, 3.0), (200, 2.0), (300, 1.5), (400, 1.75))]
            self.write("longer.lstm4.1m.0.01.play", seed, corpus="play", look=looks, val_loss=1.8 + off, train_loss=1.2)
        self.write("longer.gpt.1m.0.003.other", 1, corpus="other", look=[[50, 1, 2.5], [100, 2, 2.25]], val_loss=2.2, train_loss=2.1)
        text = self.table()
        self.assertIn("| play | LSTM, 4 layers | 80,000 | 0.01 | 400 | 3.000 | 2.000 | 1.500 | 1.750 | 300 | 1.800 ± 0.141 | 1.200 | 2 |", text)
        self.assertIn("| other | GPT | 80,000 | 0.003 | 100 |", text)

    def test_what_clean_means_stands_before_the_numbers(self):
        self.scaling({"lstm": [2.4, 2.2, 2.0, 1.8]})
        text = self.table()
        self.assertLess(text.index("What *clean* means"), text.index("| LSTM |"))


if __name__ == "__main__":
    BIN = pathlib.Path(sys.argv.pop(1)).resolve()
    unittest.main()
