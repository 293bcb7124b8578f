"""The map of the GPT, small, at the head of each chapter: what is built so far in colour, what the chapter adds lit up.

docs/figures/map.svg says of each box, by data-chapter, which chapter builds it.
"""

import re

SHAPE = re.compile(r"""<g(?:\ class="(?P<role>role-\w+)")?>
  | <(?P<tag>rect|circle)\ data-chapter="(?P<chapter>\d+)"(?P<rest>[^>]*)>
  | <path\ class="flow"\ d="(?P<way>[^"]*)\"""", re.VERBOSE)


def thumbnail(drawing, chapter, address):
    box = re.search('viewBox="([^"]*)"', drawing)[1]
    shapes, role, counts = [], "", {"built": 0, "new": 0, "later": 0}
    for found in SHAPE.finditer(drawing):
        if found["way"]:
            shapes.append(f'<path class="way" d="{found["way"]}"/>')
        elif found["tag"]:
            built = int(found["chapter"])
            state = "new" if built == chapter else "built" if built < chapter else "later"
            counts[state] += 1
            place = " ".join(re.findall(r'\b(?:x|y|width|height|rx|cx|cy|r)="[^"]*"', found["rest"]))
            frame = " frame" if 'fill="none"' in found["rest"] else ""
            shapes.append(f'<{found["tag"]} class="part {state}{frame} {role}" {place}/>')
        else:
            role = found["role"] or ""
    said = "The GPT; lit: new here" if counts["new"] else "The GPT; all of it is built"
    name = (f"{said}. Parts of its map: {counts['new']} new in this chapter, "
            f"{counts['built']} built before, {counts['later']} to come")
    return (f'<a class="overview" href="{address}" aria-label="{name}"><svg viewBox="{box}" aria-hidden="true">'
            f"{''.join(shapes)}</svg><span>{said}</span></a>\n")
