#!/usr/bin/env python3
"""Do an exercise's tests notice every change of the reference that changes a result?

    mutants.py BUILD_FOLDER TRIAL NAME [--show]

makes mechanical changes of the reference of the exercise NAME, one at a time: operators, comparisons, constants, axes and
indices, signs, arguments in another order, calls and terms that are left out, statements that are left out or exchanged.
The exercise's tests are run on each of these mutants. Whoever passes all of them has survived, and stands in
tests/runner/equivalent.txt with a reason why its results are the same; else this fails. TRIAL, "trial_02", is the folder
below BUILD_FOLDER in which the parts of chapter 2's exercises are planted; --show lists all mutants and what became of them.

All mutants of an exercise are compiled at once (see answers.py), those left out that no compiler takes.
"""
import math
import os
import pathlib
import re
import resource
import shutil
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from answers import Together, closing, code, items, tokens  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[2]
SWAPS = {"+": "-", "-": "+", "*": "/", "/": "*", "%": "/", "+=": "-=", "-=": "+=", "*=": "/=", "/=": "*=",
         "==": "!=", "!=": "==", "&&": "||", "||": "&&", "++": "--"}
BOUNDS = {"<": ["<=", ">"], "<=": ["<", ">"], ">": [">=", "<"], ">=": [">", "<"]}
NAMES = {"true": "false", "false": "true", "on": "off", "off": "on", "max": "min", "min": "max", "max_element": "min_element",
         "sin": "cos", "cos": "sin", "lower_bound": "upper_bound", "begin": "end", "sum": "mean", "mean": "sum"}


def operand(words, at, step):
    """The end of the operand that begins at `at`, forwards (step 1) or backwards (-1): a name, a number, a call."""
    last = None
    while 0 <= at < len(words):
        kind, word = words[at]
        if kind in ("name", "number", "string") and (last is None or words[last][1] in (".", "->", "::", "(", "[")
                                                    or step > 0 and words[last][1] in (".", "->", "::")):
            last = at
        elif word in (".", "->", "::") and last is not None:
            last = at
        elif step > 0 and word in "([":
            if word == "[" and last is None:
                return None
            at = last = closing(words, at)
        elif step < 0 and word in ")]" and (last is None or words[last][1] in (".", "->", "(", "[")):
            depth = 0
            while at >= 0:
                depth += (words[at][1] in (")", "]")) - (words[at][1] in ("(", "["))
                if depth == 0:
                    break
                at -= 1
            last = at
        else:
            break
        at += step
    return last


def changes(text):
    """All ways to change one thing in a body or an argument: texts."""
    words = [(kind, word) for kind, word in tokens(text) if kind not in ("comment", "directive")]
    words = [(kind, " " if kind == "space" else word) for kind, word in words]
    solid = [i for i, (kind, _) in enumerate(words) if kind != "space"]
    plain = [words[i] for i in solid]  # without spaces; what is changed is in these
    sizes = []
    for i, (kind, word) in enumerate(plain[:-1]):
        if word in ("size_t", "int") and plain[i + 1][0] == "name" and plain[i + 1][1] not in sizes:
            sizes.append(plain[i + 1][1])
        if word == "," and plain[i + 1][0] == "name" and i + 2 < len(plain) and plain[i + 2][1] == "=" and sizes:
            sizes.append(plain[i + 1][1])

    def said(replaced):
        """The text with plain[i] replaced by replaced[i], where it has an entry."""
        out = [word for _, word in words]
        for i, word in replaced.items():
            out[solid[i]] = word
        return "".join(out)

    gone = lambda begin, end: {i: "" for i in range(begin, end + 1)}
    for i, (kind, word) in enumerate(plain):
        before = plain[i - 1] if i else ("sign", "(")
        binary = before[0] in ("name", "number") and before[1] != "return" or before[1] in (")", "]")
        after = plain[i + 1] if i + 1 < len(plain) else ("sign", "")
        if kind == "sign":
            types = ("float", "double", "int", "size_t", "char32_t", "Tensor", "bool", "const", "std")
            in_template = word == "<" and after[1] in types or word == ">" and before[1] in types
            if word in SWAPS and (binary or word in ("++", "&&", "||")):
                yield said({i: SWAPS[word]})
            if word == "-" and not binary:
                yield said({i: ""})
            if word in BOUNDS and binary and not in_template:
                for other in BOUNDS[word]:
                    yield said({i: other})
            if word in ("+", "-", "*", "/", "&&", "||") and binary:  # a term or a factor is left out
                end, begin = operand(plain, i + 1, 1), operand(plain, i - 1, -1)
                if end is not None:
                    yield said(gone(i, end))
                if begin is not None:
                    yield said(gone(begin, i))
        if kind == "number" and before[1] != "<":
            value = float(re.sub(r"[^0-9.eE+-]|[fuUlL]+$", "", word.rstrip("fFuUlL")))
            is_float = "." in word
            for other in sorted({value + 1, value - 1} if not is_float else {value * 2 if value else 1.0, value / 2}):
                if other >= 0 and other != value:
                    yield said({i: (repr(other) + "f") if is_float else str(int(other))})
        if kind == "name" and word in NAMES and (before[1] in ("::", ".") or after[1] == "(" or word in ("true", "false")):
            yield said({i: NAMES[word]})
        if kind == "name" and word in sizes and len(sizes) > 1 and before[1] not in ("size_t", "int", ",", "."):
            yield said({i: sizes[(sizes.index(word) + 1) % len(sizes)]})
        if word == "(" and before[0] == "name" and before[1] not in ("if", "for", "while", "switch", "return"):
            last = closing(plain, i)
            commas, k = [], i + 1
            while k < last:
                if plain[k][1] == ",":
                    commas.append(k)
                k = closing(plain, k) + 1 if plain[k][1] in "([{" else k + 1
            ends = [i] + commas + [last]
            parts = ["".join(words[n][1] for n in range(solid[a] + 1, solid[b])) for a, b in zip(ends, ends[1:])]
            for n in range(len(parts) - 1):  # two arguments exchanged
                exchanged = parts[:n] + [parts[n + 1], parts[n]] + parts[n + 2:]
                yield said({**gone(i + 1, last - 1), i: "(" + ",".join(exchanged)} if last > i + 1 else {})
            name = operand(plain, i - 1, -1)
            if parts and parts[0].strip() and name is not None:  # the call is left out, its first argument stays
                yield said({**gone(name, last), name: "(" + parts[0] + ")"})
        if word == "if" and after[1] == "(":
            last = closing(plain, i + 1)
            for value in ("false", "true"):
                yield said({**gone(i + 2, last - 1), i + 2: value})
    # Statements: what stands between two of ; { } and has no brace of its own.
    marks = [i for i, (_, word) in enumerate(plain) if word in ";{}"]
    depth, flat = 0, []
    for a, b in zip(marks, marks[1:]):
        inside = plain[a + 1:b + 1]
        round_brackets = sum((w == "(") - (w == ")") for _, w in inside)
        if plain[b][1] == ";" and len(inside) > 1 and round_brackets == 0 and inside[0][1] not in ("for", "else", "case"):
            flat.append((a + 1, b))
            if inside[0][1] not in ("return", "const", "auto"):  # the name of a constant would be missing
                yield said(gone(a + 1, b - 1))
    for (a, b), (c, d) in zip(flat, flat[1:]):
        if b + 1 == c and not plain[a][1] == plain[c][1] == "const":
            first = "".join(words[n][1] for n in range(solid[a], solid[b] + 1))
            second = "".join(words[n][1] for n in range(solid[c], solid[d] + 1))
            yield said({**gone(a, d), a: second + " " + first})


def short(before, after):
    """What differs, in a line: the tokens that went and that came, with their surroundings."""
    one, two = code(before), code(after)
    front = 0
    while front < min(len(one), len(two)) and one[front] == two[front]:
        front += 1
    back = 0
    while back < min(len(one), len(two)) - front and one[-1 - back] == two[-1 - back]:
        back += 1
    left = front
    while left > 0 and front - left < 14 and one[left - 1] not in (";", "{", "}"):
        left -= 1
    right = back
    while right > 0 and back - right < 14 and one[len(one) - right - 1] not in (";", "{", "}"):
        right -= 1
    join = lambda words: re.sub(r" ?(::|\.|->|\[|\(|\)|\]|,|;) ?", r"\1", " ".join(words)).replace(",", ", ")
    return (join(one[left:len(one) - right]) + "  =>  " + join(two[left:len(two) - right])).strip()


def make(reference):
    """@returns the reference with all mutants in it, and what each of them changes"""
    together, said, seen = Together(reference), {}, set()
    for at, item in enumerate(together.items):
        for place, text in enumerate(item.places()):
            for other in changes(text):
                key = (at, place, code(other))
                if key in seen or code(other) == code(text):
                    continue
                seen.add(key)
                number = len(said) + 1
                together.others.setdefault((at, place), []).append((number, other))
                said[number] = short(text, other)
    return together, said


def compiled(together, said, mine, ninja):
    """Builds, and leaves out what does not compile."""
    for _ in range(12):
        text = together.text()
        mine.write_text(text)
        run = subprocess.run(ninja, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if run.returncode == 0:
            return
        of_line, now = {}, 0
        for line, content in enumerate(text.split("\n"), 1):
            found = re.match(r"case (\d+):$|gpt::planted_answer\(\) == (\d+) \? ", content)
            if found:
                now = int(found[1] or found[2])
            elif content == "default:" or content.startswith("gpt::planted_answer() == 0"):
                now = 0
            of_line[line] = now
        broken = set()
        for pattern in (r"error:|required from here", r""):
            for line in run.stdout.split("\n"):
                found = re.search(re.escape(mine.name) + r":(\d+)", line)
                if found and re.search(pattern, line):
                    broken.add(of_line.get(int(found[1]), 0))
            broken.discard(0)
            if broken:
                break
        if not broken:
            sys.exit(run.stdout[-3000:])
        for place, others in together.others.items():
            together.others[place] = [(number, its) for number, its in others if number not in broken]
        for number in broken:
            said.pop(number, None)
    sys.exit("the mutants do not compile")


def survives(program, number, seconds=20, patience=300):
    """Do all tests pass, in so many seconds of the processor's time and so many on the clock?"""
    def limits():
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
        resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))

    try:
        return subprocess.run([program, "--abort"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=patience,
                              preexec_fn=limits, env={**os.environ, "GPT_ANSWER": str(number), "OMP_NUM_THREADS": "1"}
                              ).returncode == 0
    except subprocess.TimeoutExpired:
        return False


def explanations(name):
    """[(what the change holds, why its results are the same)] of an exercise."""
    found = []
    for line in (ROOT / "tests/runner/equivalent.txt").read_text().split("\n"):
        cells = [cell.strip() for cell in line.split(" | ")]
        if len(cells) == 3 and cells[0] in (name, "*"):
            found.append((cells[1], cells[2], cells[0]))
    return found


def main():
    build, trial, name = pathlib.Path(sys.argv[1]), sys.argv[2], sys.argv[3]
    show = "--show" in sys.argv
    folder = next((f for f in ROOT.glob("chapters/*/exercise/*/") if re.sub(r"^\d+_", "", f.name) == name), None)
    if folder is None:
        sys.exit(f"there is no exercise {name}")
    part = re.search(r"^File: `my/(.*?)`", (folder / "README.md").read_text(), re.MULTILINE)[1]
    parts = build / trial
    mine = parts / part
    shutil.rmtree(parts, ignore_errors=True)
    mine.parent.mkdir(parents=True)
    (parts / "build.ninja").write_text(f"builddir = {trial}\ninclude build.ninja\n")
    for log in (".ninja_log", ".ninja_deps"):
        shutil.copy(build / log, parts)

    together, said = make((ROOT / "chapters" / part).read_text())
    compiled(together, said, mine, ["ninja", "-C", str(build), "-f", f"{trial}/build.ninja", f"{trial}_exercise_{name}"])
    program = str(build / "bin" / f"{trial}_exercise_{name}")
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    if not survives(program, 0):
        sys.exit(f"{name}: the reference itself does not pass")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = 2 + math.ceil(4 * (after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime))  # endless loops end
    patience = 3 + 10 * (time.monotonic() - began)  # and so do threads that wait for each other
    known, used, open_ones = explanations(name), set(), []
    for number, change in said.items():
        if not survives(program, number, seconds, patience):
            if show:
                print(f"{name}: killed: {change}")
            continue
        why = next((e for e in known if e[0] in change), None)
        if why is None:
            open_ones.append(change)
        else:
            used.add(why)
        if show or why is None:
            print(f"{name}: {'SURVIVES' if why is None else 'the same: ' + why[1]}: {change}", flush=True)
    for unused in sorted(set(k for k in known if k[2] != "*") - used):
        print(f"{name}: no survivor is explained any more by: {unused[0]}")
        open_ones.append(unused[0])
    print(f"{name}: {len(said)} mutants, {len(open_ones)} of them without a reason", flush=True)
    sys.exit(1 if open_ones else 0)


if __name__ == "__main__":
    main()
