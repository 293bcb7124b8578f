#!/usr/bin/env python3
"""tests/benchmark/stages.py puts tables in the places of those that are headed alike, and in docs/where_the_time_goes.md each
table of bench_stages has such a place.

    python3 tests/programs/test_stages.py
"""
import importlib.util
import pathlib
import re
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


if __name__ == "__main__":
    unittest.main()
