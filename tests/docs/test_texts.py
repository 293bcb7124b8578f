#!/usr/bin/env python3
"""The texts of the repository: where their links lead, and whether the glossary's lead to the word.

    tests/docs/test_texts.py links      every relative link of every .md file leads to a file, and to a section of it
    tests/docs/test_texts.py algorithms each line of C++ in docs/algorithms.md stands in the file that its box names
    tests/docs/test_texts.py answers    no exercise's answer stands unfolded before it, and each is asked for in its chapter;
                                        what a stub gives is what its reference has
    tests/docs/test_texts.py runs       what the chapters say of the runs in docs/runs is what these hold, to the last digit
    tests/docs/test_texts.py glossary   each term occurs in the section that it leads to; terms in order, and counted
"""
import json
import math
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/runner"))
from answers import code, items  # noqa: E402

SKIPPED = {"build", "my", "runs", "node_modules", "fixture", ".git"}


def texts():
    return [path for path in sorted(ROOT.rglob("*.md")) if not SKIPPED & set(path.relative_to(ROOT).parts)]


def without_code(text):
    """Fences emptied, line by line, so that line numbers stay."""
    return re.sub(r"^( *)```.*?^\1```", lambda fence: "\n" * fence.group().count("\n"), text, flags=re.M | re.S)


def sections(path):
    """Of each heading, by GitHub's name for it: what stands under it, up to the next of its level or above."""
    text = without_code(path.read_text(encoding="utf-8"))
    headings = list(re.finditer(r"^(#+) +(.+?) *$", text, flags=re.M))
    found = {}
    for i, heading in enumerate(headings):
        name = re.sub(r"[^\w\- ]", "", heading.group(2).lower()).replace(" ", "-")
        end = next((h.start() for h in headings[i + 1:] if len(h.group(1)) <= len(heading.group(1))), len(text))
        unique, n = name, 0
        while unique in found:
            n += 1
            unique = f"{name}-{n}"
        found[unique] = text[heading.start():end]
    return found


def check_links():
    wrong = []
    stops = {stop["id"] for stop in json.loads((ROOT / "docs/live/walk.json").read_text(encoding="utf-8"))["stops"]}
    for path in texts():
        text = re.sub(r"`[^`\n]*`", "", without_code(path.read_text(encoding="utf-8")))
        for link in re.finditer(r"\]\(([^()\s]+)\)", text):
            target, _, section = link.group(1).partition("#")
            where = f"{path.relative_to(ROOT)}:{text.count(chr(10), 0, link.start()) + 1}: "
            if re.match(r"[a-z]+:", target):
                continue
            to = (path.parent / target) if target else path
            if not to.exists():
                wrong.append(f"{where}{target} does not exist")
            elif section.startswith("stop="):  # a place in the walk
                if section.removeprefix("stop=") not in stops:
                    wrong.append(f"{where}the walk has no stop {section.removeprefix('stop=')}")
            elif section and to.suffix == ".md" and section not in sections(to):
                wrong.append(f"{where}{target or 'this page'} has no section #{section}")
    return wrong


def check_glossary():
    glossary = ROOT / "docs/glossary.md"
    text = glossary.read_text(encoding="utf-8")
    entries = re.findall(r"^- \*\*(.+?)\.\*\*(.*?)→ \[(.*?)\]\((.*?)\)", text, flags=re.M | re.S)
    wrong = []
    count = re.search(r"(\d+) of them", text)
    if not count or int(count.group(1)) != len(entries):
        wrong.append(f"glossary.md says {count and count.group(1)} terms; there are {len(entries)}")
    if len(entries) != text.count("\n- **"):
        wrong.append("glossary.md: a term without its arrow and link")
    names = [term.lower() for term, _, _, _ in entries]
    wrong += [f"glossary.md: {b} stands after {a}" for a, b in zip(names, names[1:]) if b < a]
    for term, _, _, link in entries:
        target, _, section = link.partition("#")
        to = (glossary.parent / target).resolve()
        if not to.exists():
            wrong.append(f"glossary.md: {term}: {target} does not exist")
            continue
        there = sections(to).get(section, "") if section else to.read_text(encoding="utf-8")
        there = re.sub(r"[_\s]+", " ", re.sub(r"[*`]", "", there.lower()))
        for word in term.lower().split(", "):
            if word not in there and word.replace("-", " ") not in there:
                wrong.append(f"glossary.md: {term}: {link} does not hold the word")
    return wrong


def check_algorithms():
    page = ROOT / "docs/algorithms.md"
    boxes = re.split(r"^## ", page.read_text(encoding="utf-8"), flags=re.M)[1:]
    wrong = [] if len(boxes) == 10 else [f"algorithms.md has {len(boxes)} boxes, expected 10"]
    for box in boxes:
        name, files = box.split("\n")[0], re.findall(r"\]\((\S+\.hpp)\)", box)
        source = "\n".join((page.parent / file).read_text(encoding="utf-8") for file in files)
        lines = re.findall(r"^\| (\d+) \| .+? \| `(.+?)` \|", box, flags=re.M)
        wrong += [f"algorithms.md: {name}: line {n}: `{code}` is not in {files}" for n, code in lines if code not in source]
        if [int(n) for n, _ in lines] != list(range(1, len(lines) + 1)) or not lines:
            wrong.append(f"algorithms.md: {name}: its lines are {[n for n, _ in lines]}")
    return wrong


# ------------------------------------------------------------------------------------------------- what the runs hold

RUNS = ["ch01", "ch02", "ch03", "ch04", "ch05_norm", "ch06"]


def cosine(a, b):
    return sum(x * y for x, y in zip(a, b)) / math.hypot(*a) / math.hypot(*b)


def sayings():
    """What is to stand in chapters 6 and 7, from the reports and chapter 6's trace."""
    reports = {name: json.loads((ROOT / f"docs/runs/{name}.json").read_text(encoding="utf-8")) for name in RUNS}
    trace = json.loads((ROOT / "docs/runs/ch06.trace.json").read_text(encoding="utf-8"))
    tensors = {tensor["name"]: tensor for tensor in trace["tensors"]}
    losses = {name: report["val_loss"] for name, report in reports.items()}
    small = reports["ch06"]
    said = [f"| {loss:.3f} | {math.exp(loss):.1f} |" for loss in losses.values()]
    said += [f"train {small['train_loss']:.3f}, val {small['val_loss']:.3f} (published: 1.82)", small["sample"][:60]]

    def table(name):
        """A table of embeddings as training left it, a row of numbers each."""
        (steps, rows, width), values = tensors[name]["shape"], tensors[name]["values"]
        first = (steps - 1) * rows * width
        return [values[first + i * width:first + (i + 1) * width] for i in range(rows)]

    symbols = tensors["token_embedding.weight"]["labels"]["symbol"]
    at = {symbol: i for i, symbol in enumerate(symbols)}
    tokens, places = table("token_embedding.weight"), table("position_embedding.weight")
    output = [list(column) for column in zip(*table("output.weight"))]
    small_letters = "abcdefghijklmnopqrstuvwxyz"
    shift = [sum(tokens[at[c.upper()]][i] - tokens[at[c]][i] for c in small_letters) / 26 for i in range(len(tokens[0]))]

    def capitals(moved):
        """How many small letters, moved so far, have their own capital for their nearest."""
        count = 0
        for c in small_letters:
            point = [x + moved * d for x, d in zip(tokens[at[c]], shift)]
            count += c.upper() == max((s for s in symbols if s != c), key=lambda s, point=point: cosine(point, tokens[at[s]]))
        return count

    said += [f"`t` and `T` have a cosine of {cosine(tokens[at['t']], tokens[at['T']]):.2f}, and for {capitals(0)} of 26",
             f"{capitals(1)} of 26 come out nearest to their own capital",
             f"`.` has `;`, with {cosine(output[at['.']], output[at[';']]):.2f}.",
             f"a cosine of {cosine(places[16], places[15]):.2f} with the one and of {cosine(places[16], places[17]):.2f} with the "
             f"other, and of {cosine(places[16], places[31]):.2f} with place 31"]
    (layers, T, V), shares = tensors["lens"]["shape"], tensors["lens"]["values"]
    first, second = [[f"{100 * shares[(layer * T + place) * V + at['e']]:.0f}" for layer in range(layers)] for place in (3, 16)]
    said += [f"give {second[0]} % to `e`. Block by block it becomes {', '.join(second[1:-1])} and {second[-1]} %",
             f"after the first `b` it ends at {first[-1]} %"]
    return {"chapters/06_gpt/README.md": said,
            "chapters/07_since_the_paper/README.md": [f"Chapter 6 ended at {small['val_loss']:.3f} with this seed"]}


def check_runs():
    return [f"{path} does not say: {one}" for path, all_said in sayings().items()
            for one in all_said if " ".join(one.split()) not in " ".join((ROOT / path).read_text(encoding="utf-8").split())]


# ------------------------------------------------------------------------------------------- answers to the exercises

def code_lines(text):
    """Without comments, spacing, and what every file has: a listing and a file that say the same are then equal."""
    lines = [re.sub(r"\s+", " ", re.sub(r"//.*", "", line)).strip() for line in text.split("\n")]
    return [line for line in lines if re.search(r"\w", line) and not re.match(
        r"#|namespace |class |struct |public:|private:|todo\(|inline |explicit |template |TODO|const \w+ \w+;$", line)]


def exercises():
    """Of each: its chapter's folder, its name, and the lines of its reference that the stub does not have."""
    found = []
    for folder in sorted(ROOT.glob("chapters/*/exercise/*_*/")):
        stub = next(iter(folder.glob("*.hpp")))
        task = (folder / "README.md").read_text(encoding="utf-8")
        part = re.search(r"^File: `my/(.*?)`", task, flags=re.M).group(1)
        given = code_lines(stub.read_text(encoding="utf-8")) + code_lines(task)
        answer = [line for line in code_lines((ROOT / "chapters" / part).read_text(encoding="utf-8")) if line not in given]
        found.append((folder.parents[1].name, folder.name.split("_", 1)[1], answer))
    return found


def other_given_halves():
    """What a stub declares or gives otherwise than its reference. What is to be written says todo(), and a body that calls
    the reader's function, lstm_by_hand(), may have the library's in the reference."""
    wrong = []
    for folder in sorted(ROOT.glob("chapters/*/exercise/*_*/")):
        task = (folder / "README.md").read_text(encoding="utf-8")
        part = re.search(r"^File: `my/(.*?)`", task, flags=re.M).group(1)
        declared = {}
        for item in items((ROOT / "chapters" / part).read_text(encoding="utf-8")):
            declared.setdefault(item.key(), []).append(code(item.text()))
        for item in items((folder / Path(part).name).read_text(encoding="utf-8")):
            words = code(item.text())
            if not words or words[0].startswith("#") or "todo" in words:
                continue
            by_hand = any(word.endswith("_by_hand") for place in item.places() for word in code(place))
            if not (item.key() in declared if by_hand else words in declared.get(item.key(), [])):
                wrong.append(f"{folder.relative_to(ROOT)}: its reference has this otherwise: {' '.join(words)[:90]}")
    return wrong


def listings(path):
    """The blocks of code of a text: the line where each begins, whether it is folded, and its lines."""
    lines, found, folded, at = path.read_text(encoding="utf-8").split("\n"), [], False, 0
    while at < len(lines):
        folded = folded or lines[at].startswith("<details")
        folded = folded and not lines[at].startswith("</details")
        if re.match(r" *```", lines[at]):
            end = next((i for i in range(at + 1, len(lines)) if re.match(r" *```\s*$", lines[i])), len(lines))
            body = [re.sub(r"^[-+]", "", line) for line in lines[at + 1:end]] if "diff" in lines[at] else lines[at + 1:end]
            found.append((at + 1, folded, code_lines("\n".join(body))))
            at = end
        at += 1
    return found


def check_answers():
    wrong = other_given_halves()
    chapters = sorted({chapter for chapter, _, _ in exercises()})
    before = {chapter: [ROOT / "README.md", ROOT / "docs/tensors.md"] +
              [ROOT / "chapters" / c / "README.md" for c in chapters if c <= chapter] for chapter in chapters}
    for chapter, name, answer in exercises():
        if not answer:
            wrong.append(f"{name}: its stub holds all that the reference does")
        # A third of its lines is enough to copy from, wherever they stand; a single line may be a chance.
        enough = max(1, len(set(answer)) / 3)
        open_ones = [(path, line, set(answer) & set(listing)) for path in before[chapter]
                     for line, folded, listing in listings(path) if not folded]
        open_ones = [one for one in open_ones if len(one[2]) >= min(2, enough)]
        if len(set().union(*(there for _, _, there in open_ones))) >= enough:
            wrong += [f"{path.relative_to(ROOT)}:{line}: the answer to {name} stands unfolded before it"
                      for path, line, there in open_ones]
        own = ROOT / "chapters" / chapter / "README.md"
        text = own.read_text(encoding="utf-8")
        asked = text.find(f"`./learn exercise {name}`")
        folds = [text.find(fold.group(), 0) for fold in re.finditer(r"<details>\n<summary>.*?</summary>", text)
                 if f"<code>{name}</code>" in fold.group()]
        if asked < 0:
            wrong.append(f"{own.relative_to(ROOT)}: nowhere asks to write {name} (`./learn exercise {name}`)")
        elif folds and min(folds) < asked:
            wrong.append(f"{own.relative_to(ROOT)}: the answer to {name} is folded before the text asks for it")
    return wrong


if __name__ == "__main__":
    checks = {"links": check_links, "answers": check_answers, "algorithms": check_algorithms,
              "runs": check_runs, "glossary": check_glossary}
    if len(sys.argv) != 2 or sys.argv[1] not in checks:
        sys.exit(__doc__)
    found = checks[sys.argv[1]]()
    for line in found:
        print(line)
    sys.exit(1 if found else 0)
