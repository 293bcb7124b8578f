#!/usr/bin/env python3
"""Keeps the code in the texts equal to the compiled sources.

  docs/site/quotes.py            says which quotes differ from their source (a test runs this)
  docs/site/quotes.py --update   writes the sources' present text into the quotes

A quote is a code block under a marker, `<!-- code: chapters/02_self_attention/head.hpp#forward -->`; its source stands
between two lines `//! [forward]`, and `/// @param`, `@throws` and `@returns` are left out. Under
`<!-- changed: OLD NEW -->` stands what changed between two sources.
See docs/authoring.md.
"""

import argparse
import re
import sys
import textwrap
from difflib import SequenceMatcher
from itertools import groupby
from pathlib import Path

WIDEST = 82
MARKER = re.compile(r"<!-- *(code|beside|changed): *(.*?) *-->\s*$")


class Fault(Exception):
    pass


def source_of(root, spec):
    """chapters/02_self_attention/head.hpp#forward: the lines between its two markers, without other markers and common
    indentation; without #forward the whole file."""
    path, _, name = spec.partition("#")
    try:
        lines = (root / path).read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise Fault(f"cannot read {path}, whose code is quoted here") from error
    marked = [i for i, line in enumerate(lines) if line.strip() == f"//! [{name}]"]
    if name and not marked:
        raise Fault(f"{path} has no lines `//! [{name}]` around the code that is quoted here")
    if len(marked) % 2:
        raise Fault(f"{path}: the marker `//! [{name}]` stands there once; it must stand before and after")
    pieces = [lines[a:b] for a, b in zip(marked[::2], marked[1::2])] if name else [lines]
    kept = [line for piece in pieces for line in piece if not re.match(r"\s*//! \[[^\]]*\]\s*$", line)]
    # What only the class reference needs, with the lines that go on with it.
    short = re.sub(r"(?m)^ */// @(param|throws|returns)\b.*\n( *///  +.*\n)*", "", "\n".join(kept))
    return textwrap.dedent(short).split("\n")


# ------------------------------------------------------------------------------- what changed between two sources

def without_frame(lines):
    """What every file has says nothing about a change: head, includes, namespace, the comments of the reference."""
    frame = re.compile(r"\s*///([^<]|$)|#(include|pragma) |namespace gpt {$|}  // namespace gpt$")
    kept = "\n".join(line for line in lines if not frame.match(line))
    return re.sub(r"\n\s*\n(?=\s*\n)", "\n", kept).strip("\n").split("\n")


def change_of(root, spec):
    """Two lines around each change are kept; three dots stand for two or more that are not. Lines that are only spaced
    otherwise have not changed for a reader, and brackets, alike everywhere, hold no two changes apart."""
    if len(spec.split()) != 2:
        raise Fault("`changed:` takes two sources, the old and the new one")
    before, after = (without_frame(source_of(root, source)) for source in spec.split())
    keys = [[" ".join(line.split()) for line in lines] for lines in (before, after)]
    matcher = SequenceMatcher(lambda key: not re.search("[A-Za-z]", key), *keys, autojunk=False)
    steps = []
    for what, i, i_end, j, j_end in matcher.get_opcodes():
        stays = j if what == "equal" else j_end
        while what == "replace" and stays > j and i_end > i and keys[0][i_end - 1] == keys[1][stays - 1]:
            stays, i_end = stays - 1, i_end - 1  # the last bracket
        if what != "equal":
            steps += ["-" + line for line in before[i:i_end]] + ["+" + line for line in after[j:stays]]
        steps += [" " + line for line in after[stays:j_end]]
    changed = [i for i, line in enumerate(steps) if line[0] != " "]
    if not changed:
        raise Fault("{} and {} do not differ".format(*spec.split()))
    shown = []
    for near, lines in groupby(enumerate(steps), lambda step: min(abs(step[0] - at) for at in changed) <= 2):
        lines = [line.rstrip() for _, line in lines]
        shown += lines if near or len(lines) < 2 else [" ..."]
    return shown


# ---------------------------------------------------------------------------------------------------------- the text

def requoted(root, path, lines):
    """The text with its quotes filled anew, what cannot be filled, and what differs: pairs of a line and words."""
    new, broken, differing, at = [], [], [], 0
    while at < len(lines):
        line = lines[at]
        at += 1
        new.append(line)
        marker = MARKER.match(line)
        opening = "```" if not marker or marker[1] != "changed" else "```diff"
        if marker and at == len(lines):
            broken.append((at, f"the text ends before the quote of {marker[2]} does"))
        elif marker and not lines[at].startswith(opening):
            broken.append((at + 1, f"the line after the marker of {marker[2]} must open its code block ({opening})"))
        elif marker or re.match("```|~~~", line):
            begin = at + 1 if marker else at
            end = next((i for i in range(begin, len(lines)) if re.match(r"(```|~~~)\s*$", lines[i])), None)
            if end is None:
                if marker:
                    broken.append((at, f"the text ends before the quote of {marker[2]} does"))
                return lines, broken, differing
            quote = lines[begin:end]
            if marker:
                new.append(lines[at])
                try:
                    quote = (change_of(root, marker[2]) if marker[1] == "changed"
                             else source_of(root, marker[2].split()[0]))
                except Fault as fault:
                    broken.append((at + 1, str(fault)))
                differing += difference(marker, lines[begin:end], quote, begin) + too_wide(marker, lines[begin:end], begin)
            new += [*quote, lines[end]]
            at = end + 1
    return new, broken, differing


def difference(marker, quote, source, begin):
    for i in range(max(len(quote), len(source))):
        lines = [said[i] if i < len(said) else "(ends)" for said in (source, quote)]
        if lines[0] != lines[1]:
            what = f"what changed in {marker[2]}" if marker[1] == "changed" else f"the quote of {marker[2].split()[0]}"
            return [(begin + i + 1, f"{what} differs from its source in line {i + 1}\n"
                                    f"    source: {lines[0]}\n    quote:  {lines[1]}")]
    return []


def too_wide(marker, quote, begin):
    """On a desk, a box of code shows WIDEST columns; what stands further right, mostly a shape, is cut off."""
    sources, said = marker[2].split(), []
    for i, line in enumerate(quote):
        source, code = sources[0], line
        if marker[1] == "changed":
            source, code = sources[0 if line[:1] == "-" else 1], line[1:]
        if len(code) > WIDEST:
            said.append((begin + i + 1, f"this line of {source} has {len(code)} columns, {WIDEST} fit into the box: {code}"))
    return said


def main():
    options = argparse.ArgumentParser(description="Keeps the code in the texts equal to the compiled sources.")
    options.add_argument("--update", action="store_true", help="write the sources' present text into the quotes")
    options.add_argument("--root", type=Path, default=Path(__file__).resolve().parents[2], help="another tree")
    chosen = options.parse_args()
    root, failed = chosen.root, False
    for text in [*root.glob("README.md"), *sorted(root.glob("docs/*.md")), *sorted(root.glob("chapters/*/README.md"))]:
        path = text.relative_to(root).as_posix()
        if path == "docs/authoring.md":
            continue
        lines = text.read_text(encoding="utf-8").split("\n")
        new, broken, differing = requoted(root, path, lines)
        for at, words in broken + ([] if chosen.update else differing):
            print(f"{path}:{at}: {words}", file=sys.stderr)
            failed = True
        if chosen.update and not broken and new != lines:
            text.write_text("\n".join(new), encoding="utf-8")
            print(f"brought {path} up to date")
    if failed and not chosen.update:
        print("If the source is right, docs/site/quotes.py --update takes it over; then reread the words around it.",
              file=sys.stderr)
    sys.exit(failed)


if __name__ == "__main__":
    main()
