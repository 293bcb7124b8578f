"""The walk through a forward pass: its stops, the lines of C++ that they quote, and what print shows in its place.

docs/live/walk.json names each line by a piece of its text; here it becomes a file, a line's number and an address. A piece
that the file does not hold stops the build.
"""

import json
import re

from tree import HERE, Unfit, escaped, read

WALK = HERE.parent / "live/walk.json"
COLUMNS = ["stop", "what happens", "the line of C++"]


# docs/one_character.md's model: its weights are written in the test that computes the page's numbers.
SPELLER = "tests/pages/test_worked_pages.cpp"


def line_of(root, path, piece):
    """(number, text) of the first line of a file that holds a piece of code."""
    for number, line in enumerate(read(root / path).splitlines(), 1):
        if piece in line and not line.lstrip().startswith("//"):
            return number, re.sub(r"\s*// .*", "", line).strip()
    raise Unfit(f'docs/live/walk.json quotes "{piece}", which {path} does not hold')


def source_page(path):
    """Doxygen's page of a header's source."""
    return re.sub("_", "__", path.rsplit("/", 1)[1]).replace(".", "_8") + "_source.html"


def code_of(root, site, pages):
    """name -> file, line, text, addresses of the line and of the section that explains it."""
    explained = {}
    for page in pages:
        for path, anchor in page.quoted.items():
            explained.setdefault(path, (f"{page.text.url}#{anchor}" if anchor else page.text.url, page.text.label))
    boxes = algorithms(pages)
    code = {}
    for name, (path, piece) in json.loads(read(WALK))["code"].items():
        number, text = line_of(root, path, piece)
        address = source_page(path)
        if not (site / address).exists():
            raise Unfit(f"docs/live/walk.json quotes {path}, and the site has no {address}")
        code[name] = {"file": path, "line": number, "text": text, "url": f"{address}#l{number:05}"}
        if path in explained:
            code[name]["chapter"], code[name]["label"] = explained[path]
        box = next((url for quoted, url in boxes if quoted in text), None)
        if box:
            code[name]["algorithm"] = box
    return code


def algorithms(pages):
    """(line of C++, address of its box) for the lines of docs/algorithms.md."""
    found = []
    for page in pages:
        if page.text.path == "docs/algorithms.md":
            section = 0
            for line in page.source:
                section += line.startswith("## ")
                quoted = re.match(r"\| \d+ \| .+? \| `(.+?)` \|", line)
                if quoted:
                    found.append((quoted[1], f"{page.text.url}#{page.sections[section][1]}"))
    return found


def speller(root):
    """name -> numbers, row after row, of the weights that are not 0."""
    source = re.sub(r"//.*", "", read(root / SPELLER))
    found = re.findall(r'set_weight\(p, (?:(\w+) \+ )?"([\w.]+)",\s*\{([^}]*)\}\)', source)
    weights = {(f"blocks.0.{part}." if part else "") + name: [float(x) for x in re.findall(r"-?[\d.]+", numbers)]
               for part, name, numbers in found}
    back = [0.0] * 64
    for unit, channel, number in re.findall(r"back\[(\d+) \* 4 \+ (\d+)\] = (-?\d+)", source):
        back[int(unit) * 4 + int(channel)] = float(number)
    return weights | {"blocks.0.feed_forward.projection.weight": back}


def script(root, site, pages):
    """live/walk-stops.js: a classic script, as all that the site loads."""
    walk = {"code": code_of(root, site, pages), "stops": json.loads(read(WALK))["stops"], "speller": speller(root)}
    return f"bardlingLive.walk = {json.dumps(walk, ensure_ascii=False)};\n"


def still(_runs, _options):
    """All stops as a table: what print shows, and readers without JavaScript."""
    walk = json.loads(read(WALK))
    head = "".join(f'<th scope="col">{title}</th>' for title in COLUMNS)
    rows = []
    for stop in walk["stops"]:
        path, piece = walk["code"][stop["code"]]
        rows.append(f'<tr><th scope="row">{escaped(stop["title"])}</th><td>{escaped(stop["text"])}</td>'
                    f'<td><code>{escaped(piece)}</code><br/>{escaped(path)}</td></tr>')
    return f'<table class="walk-stops"><thead><tr>{head}</tr></thead><tbody>{"".join(rows)}</tbody></table>'
