#!/usr/bin/env python3
"""tests/benchmark/stages.py puts tables in the places of those that are headed alike, and in docs/where_the_time_goes.md each
table of bench_stages has such a place. And tests/benchmark/modes.py makes its rows, whatever runs here and whatever does not.

    python3 tests/programs/test_stages.py
"""
import importlib.util
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
spec = importlib.util.spec_from_file_location("stages", ROOT / "tests/benchmark/stages.py")
stages = importlib.util.module_from_spec(spec)
spec.loader.exec_module(stages)

PAGE = "text\n\n| a | ms |\n| --- | --- |\n| x | 1 |\n\nmore\n\n| b | ms |\n| --- | --- |\n| y | 2 |\n"


class Filled(unittest.TestCase):
    def test_a_table_takes_the_place_of_the_one_that_is_headed_alike(self):
        new = "| b | cores | ms |\n| --- | --- | --- |\n| z | 2 | 3 |\n"
        self.assertEqual(stages.filled(PAGE, "\n" + new), PAGE[:PAGE.index("| b")] + new)

    def test_a_table_without_a_place_is_an_error_and_not_lost(self):
        with self.assertRaisesRegex(SystemExit, "one table that begins with 'c', and has 0"):
            stages.filled(PAGE, "| c | ms |\n")

    def test_the_page_has_a_place_for_each_table_of_bench_stages(self):
        heads = [name for name, _ in stages.tables_of((ROOT / "docs/where_the_time_goes.md").read_text())]
        source = (ROOT / "tests/benchmark/bench_stages.cpp").read_text()
        printed = re.findall(r'"(?:\\n)?\| ([^|]*) \| cores', source)
        self.assertEqual(len(printed), 3)
        for head in printed:
            if "%zu" in head:
                head = head.replace("%zu", "{}").format(768, 128, 128, 512)
            self.assertEqual(heads.count(head), 1, head)


class Modes(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.path = pathlib.Path(folder.name)
        self.addCleanup(folder.cleanup)

    def program(self, name, script):
        file = self.path / name
        file.write_text("#!/bin/sh\n" + script)
        file.chmod(0o755)
        return file

    def modes(self, ours, theirs):
        return subprocess.run([sys.executable, "-B", ROOT / "tests/benchmark/modes.py", "some", "--program", ours, "--torch", theirs],
                              capture_output=True, text=True)

    def test_each_mode_has_a_column_and_the_best_of_theirs_is_compared(self):
        # The middle one of 1, 3 and 2 is theirs by eager; what compile needs is not here; bfloat16 is slower.
        ours = self.program("ours", 'case "$*" in *--bfloat16*) ms=0.5 ;; *) ms=1 ;; esac; echo "{\\"step_ms_median\\": $ms}"\n')
        theirs = self.program("theirs", 'case "$*" in *--compile*) echo no compiler >&2; exit 1 ;; *--bfloat16*) ms=7 ;;\n'
                              f'*) echo >>{self.path}/n; ms=$(sed -n "$(wc -l <{self.path}/n)p" <<E\n1\n3\n2\nE\n) ;; esac\n'
                              'echo "{\\"step_ms_median\\": $ms}"\n')
        made = self.modes(ours, theirs)
        self.assertEqual(made.returncode, 0, made.stderr)
        self.assertEqual(made.stdout.splitlines()[-1], "| `some` | 1 | 0.5 | 2 | - | 7 | - | 2.0 x | 4.0 x |")
        self.assertEqual(made.stderr.count("no compiler"), 2)  # said once for a mode, which is not tried again

    def test_a_program_that_is_not_built_is_named(self):
        made = self.modes(self.path / "nothing", "true")
        self.assertIn("--target bench_models makes it", made.stderr)
        self.assertEqual(made.returncode, 1)


if __name__ == "__main__":
    unittest.main()
