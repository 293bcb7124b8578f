#!/usr/bin/env python3
"""Times the ways of bench_stages and puts its tables into docs/where_the_time_goes.md, on a machine that has nothing else
to do. After `cmake --build --preset release --target bench_stages`:

    python3 tests/benchmark/stages.py [--program build/release/bin/bench_stages] [--page PAGE] [OPTION OF bench_stages ...]

A table takes the place of the one whose first column is headed alike.
"""
import argparse
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]


def tables_of(text):
    """All tables of a text: the first header cell, and the rows from the header on."""
    found = re.findall(r"(?:^\|.*\n)+", text, re.M)
    return [(table.split("|")[1].strip(), table) for table in found]


def filled(page, printed):
    """The page, with each printed table in the place of its old one."""
    for head, table in tables_of(printed):
        old = [other for name, other in tables_of(page) if name == head]
        if len(old) != 1:
            sys.exit(f"stages.py: the page should have one table that begins with '{head}', and has {len(old)}")
        page = page.replace(old[0], table)
    return page


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", type=pathlib.Path, default=ROOT / "build/release/bin/bench_stages")
    parser.add_argument("--page", type=pathlib.Path, default=ROOT / "docs/where_the_time_goes.md")
    options, others = parser.parse_known_args()
    filled(options.page.read_text(), "")  # before minutes of work
    printed = subprocess.run([options.program, *others], check=True, capture_output=True, text=True).stdout
    print(printed, end="")
    options.page.write_text(filled(options.page.read_text(), printed))


if __name__ == "__main__":
    main()
