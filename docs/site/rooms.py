"""The rooms of the house and who includes whom, counted in the #include lines and drawn as a picture."""

import re
from collections import Counter

from tree import escaped

# From the door to the cellar: who opens what stands above it. Name, what is in it, which files are its own.
ROOMS = [
    ("main.cpp", "one program a chapter", r"chapters/\d+_\w+/main\.cpp"),
    ("program", "what all chapters' programs share", r"chapters/program/"),
    ("runner", "behind ./learn", r"runner/"),
    ("chapters", "the parts of the GPT", r"chapters/\d+_\w+/\w+\.hpp"),
    ("files", "what outlives a run", r"common/files/"),
    ("terminal", "the person in front", r"common/terminal/"),
    ("nn", "weights and optimisers", r"common/nn/"),
    ("tensor", "numbers and the tape", r"common/tensor/"),
    ("kernels", "plain floats, fast", r"common/kernels/"),
]


def room_of(path):
    found = [name for name, _, files in ROOMS if re.match(files, path)]
    return found[0] if found and "/test" not in path else None


def arrows(root):
    """(from, to) -> in how many places a file of one room includes a header of another."""
    counts = Counter()
    for file in [*root.glob("common/**/*.[ch]pp"), *root.glob("chapters/**/*.[ch]pp"), *root.glob("runner/*.[ch]pp")]:
        room = room_of(file.relative_to(root).as_posix())
        if room and "exercise" not in file.parts:
            counts.update((room, other) for other in map(room_of, opened(root, file)) if other not in (None, room))
    return counts


def opened(root, file):
    """The headers that a file includes, by their paths; one that stands in no room, gpt.hpp, is what it includes."""
    for name in re.findall(r'^#include "([^"]+)"', file.read_text(encoding="utf-8"), re.MULTILINE):
        path = f"chapters/{name}" if (root / "chapters" / name).exists() else name
        if room_of(path) or not (root / path).exists():
            yield path
        else:
            yield from opened(root, root / path)


def picture(root):
    """Rooms below each other, and an arc for each pair that is joined; the further apart, the further out."""
    step, left, wide, high = 62, 6, 236, 44
    counts = arrows(root)
    order = [name for name, *_ in ROOMS if any(name in pair for pair in counts)]
    def middle(room):
        return order.index(room) * step + 8 + high / 2

    def span(arrow):
        return order.index(arrow[1]) - order.index(arrow[0])

    far_first = sorted(counts, key=lambda arrow: -abs(span(arrow)))
    arcs, numbers = [], []
    for start, end in far_first:  # the further arrow leaves above the nearer and arrives below it: they do not cross
        top = middle(start) + 2 + 4 * [arrow for arrow in far_first if arrow[0] == start].index((start, end))
        bottom = middle(end) - 2 - 4 * [arrow for arrow in far_first if arrow[1] == end].index((start, end))
        edge, out = left + wide, 26 + 24 * (abs(span((start, end))) - 1)
        bend = edge + out * 4 / 3
        arcs.append(f'<path class="flow" style="stroke-width: {1 + counts[start, end] ** .5 / 6:.1f}" '
                    'marker-end="url(#arrow)" '
                    f'd="M{edge} {top:.0f}C{bend:.0f} {top:.0f} {bend:.0f} {bottom:.0f} {edge + 4} {bottom:.0f}"/>')
        numbers.append(f'<text class="soft plate" x="{edge + out}" y="{(top + bottom) / 2:.0f}" dy=".35em" '
                       'text-anchor="middle">'
                       f"{counts[start, end]}<title>{start} includes {end}</title></text>")
    boxes = [f'<g><rect class="box" x="{left}" y="{middle(name) - high / 2}" width="{wide}" height="{high}" rx="8"/>'
             f'<text class="mono" x="{left + 14}" y="{middle(name) - 4}">{escaped(name)}</text>'
             f'<text class="soft" x="{left + 14}" y="{middle(name) + 13}">{escaped(words)}</text></g>'
             for name, words, _ in ROOMS if name in order]
    svg = [f'<svg viewBox="0 0 470 {step * len(order)}" role="group" '
           'aria-label="The rooms, and how often each includes another">',
           *arcs, *numbers, *boxes]
    return "\n".join([*svg, "</svg>"])
