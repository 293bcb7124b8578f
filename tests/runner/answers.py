#!/usr/bin/env python3
"""Wrong answers of an exercise, as files that are planted in the reader's place.

    answers.py REFERENCE.hpp WRONG.DIFF FOLDER

wrong.diff says how each answer differs from the reference. An answer begins with "@@ NAME" and "expect: WHAT THE READER
IS TOLD". After that come lines of the reference that stay, " ", and that go, "-", and lines that come in their place,
"+"; an empty line stands between two places. Comments and spacing of the reference do not count, so that nobody who
edits them has to think of this.

To compile the tests takes longer than all else, so that answers share a file: FOLDER/together.hpp is the reference with
a switch in each function, and the environment variable GPT_ANSWER says whose body runs. What changes more than the bodies
of functions and the arguments in a constructor's list, such as a class's members, has a file of its own, and so has an
answer that says "alone: " in place of "expect: ". FOLDER/answers.txt lists them all, a line each: the file, the number,
the name and what the reader is told, with tabs between.
"""
import pathlib
import re
import sys

TOKEN = re.compile(r"""
    (?P<comment> //[^\n]* | /\*.*?\*/ )
  | (?P<directive> ^[ \t]*\#[^\n]* )
  | (?P<space> \s+ )
  | (?P<string> (?:u8|[uUL])?"(?:\\.|[^"\\])*" | (?:[uUL])?'(?:\\.|[^'\\])*' )
  | (?P<number> \.?\d(?:[eE][+-]|[\w.'])* )
  | (?P<name> [A-Za-z_]\w* )
  | (?P<sign> <<=|>>=|<=>|->|::|\+\+|--|<=|>=|==|!=|&&|\|\||\+=|-=|\*=|/=|%=|. )
""", re.VERBOSE | re.DOTALL | re.MULTILINE)


def tokens(text):
    """All of it, in order: (kind, text)."""
    return [(match.lastgroup, match.group()) for match in TOKEN.finditer(text)]


def code(text):
    """What counts of a text: its tokens without comments and spaces."""
    return tuple(word for kind, word in tokens(text) if kind not in ("comment", "space"))


class Item:
    """A declaration, in parts: text that stays, and places, where answers may differ: ("body" or "argument", text)."""

    def __init__(self):
        self.parts = []

    def add(self, kind, text):
        if kind == "text" and self.parts and self.parts[-1][0] == "text":
            self.parts[-1] = ("text", self.parts[-1][1] + text)
        else:
            self.parts.append((kind, text))

    def key(self):
        return tuple(code(text) if kind == "text" else kind for kind, text in self.parts)

    def places(self):
        return [text for kind, text in self.parts if kind != "text"]

    def text(self):
        return "".join(text for _, text in self.parts)


def closing(words, begin):
    """Where the bracket that opens at begin is closed."""
    pairs, depth = {"(": 1, "[": 1, "{": 1, ")": -1, "]": -1, "}": -1}, 0
    for i in range(begin, len(words)):
        depth += pairs.get(words[i][1], 0) if words[i][0] == "sign" else 0
        if depth == 0:
            return i
    raise ValueError("a bracket is not closed")


def arguments(words, begin, end, item):
    """Adds what stands between the brackets at begin and end, each argument a place."""
    item.add("text", words[begin][1])
    start = i = begin + 1
    while i <= end:
        if i == end or words[i][1] == ",":
            if code("".join(word for _, word in words[start:i])):
                item.add("argument", "".join(word for _, word in words[start:i]))
            item.add("text", words[i][1])
            start = i + 1
        i = closing(words, i) + 1 if words[i][1] in "([{" else i + 1


def items(text):
    """The declarations of a header, in order. Namespaces and classes count as their beginning and their end."""
    words, found, item, i = tokens(text), [], Item(), 0
    head, in_list = [], False  # what was read of this declaration; are we behind the : of a constructor?

    def end():
        nonlocal item, head, in_list
        found.append(item)
        item, head, in_list = Item(), [], False

    while i < len(words):
        kind, word = words[i]
        if kind in ("comment", "space"):
            item.add("text", word)
        elif kind == "directive" or (word == ":" and head and head[-1] in ("public", "private", "protected")):
            item.add("text", word)
            end()
        elif kind == "sign" and word in "([":
            last = closing(words, i)
            if in_list:
                arguments(words, i, last, item)
            else:
                item.add("text", "".join(w for _, w in words[i:last + 1]))
            head.append("()" if word == "(" else "[]")
            i = last
        elif word == "{":
            last = closing(words, i)
            whole = "".join(w for _, w in words[i:last + 1])
            if in_list and re.match(r"\w", head[-1]):  # name_{arguments}
                arguments(words, i, last, item)
                head.append("{}")
                i = last
            elif "()" in head and "=" not in head:
                item.add("body", whole)
                i = last
                end()
            elif any(w in head for w in ("namespace", "class", "struct")) and "=" not in head and "enum" not in head:
                item.add("text", word)
                end()
            else:
                item.add("text", whole)
                head.append("{}")
                i = last
        elif word in (";", "}"):
            item.add("text", word)
            if word == "}" and i + 1 < len(words) and words[i + 1][1] == ";":
                item.add("text", ";")
                i += 1
            end()
        else:
            in_list = in_list or (word == ":" and "()" in head)
            head.append(word)
            item.add("text", word)
        i += 1
    found.append(item)
    return found


def returns_at_end(body):
    """Is the last statement of a function's body a return of something, or a loop that only a return can end?"""
    words, depth, last = code(body)[1:-1], 0, -1
    for i, word in enumerate(words):
        depth += (word == "{") - (word == "}")
        if depth == 1 and word == "{" and words[i - 4:i] == ("while", "(", "true", ")"):
            last = i
        if depth == 0 and word == "}" and i == len(words) - 1 and last >= 0:
            return True
        if depth == 0 and i < len(words) - 1 and word == "}":
            last = -1
    depth, last = 0, -1
    for i, word in enumerate(words):
        depth += (word in ("{", "(", "[")) - (word in ("}", ")", "]"))
        if depth == 0 and word == ";" and i < len(words) - 1:
            last = -1
        if depth == 0 and word == "return" and (i == 0 or words[i - 1] in (";", "}")):
            last = i
    return last >= 0


class Together:
    """A reference and what differs from it, in one file."""

    def __init__(self, reference):
        self.items = items(reference)
        self.others = {}  # (item, place) -> [(number, text)]
        self.extras = {}  # item -> {key: item}, what comes before it

    def add(self, number, text):
        """@returns whether there is room for this answer"""
        at, places, extras = 0, [], []
        keys = [item.key() for item in self.items]
        for item in items(text):
            key = item.key()
            if at < len(keys) and key == keys[at]:
                for n, (mine, its) in enumerate(zip(self.items[at].places(), item.places())):
                    if code(mine) != code(its):
                        places.append(((at, n), its))
                at += 1
            elif key not in keys[at:] and (item.places() or item.text().lstrip().startswith("#")):
                extras.append((at, item))  # a function or an #include of its own
            else:
                return False
        if at != len(keys):
            return False
        for before, item in extras:
            known = [e for of in self.extras.values() for e in of.values() if e.key() == item.key()]
            if any(code(e.text()) != code(item.text()) for e in known):
                return False
        for before, item in extras:
            self.extras.setdefault(before, {})[item.key()] = item
        for place, its in places:
            self.others.setdefault(place, []).append((number, its))
        return True

    def text(self):
        out = ["#include <cstdlib>\n", "namespace gpt {\n", "inline int planted_answer() {\n",
               '  static const char* const said = std::getenv("GPT_ANSWER");\n',
               "  static const int number = said == nullptr ? 0 : std::atoi(said);\n", "  return number;\n}\n}\n"]
        for at, item in enumerate(self.items):
            for extra in self.extras.get(at, {}).values():
                out.append(extra.text() + "\n")
            place = -1
            for kind, text in item.parts:
                place += kind != "text"
                others = self.others.get((at, place), []) if kind != "text" else []
                if kind == "body" and others:
                    out.append("{\nswitch (gpt::planted_answer()) {\n")
                    out += ["case %d:\n%s\nbreak;\n" % (number, its) for number, its in others]
                    end = 'throw "no result";\n' if returns_at_end(text) else ""  # of one that forgets to return
                    out.append("default:\n%s\nbreak;\n}\n%s}" % (text, end))
                elif others:
                    out += ["\ngpt::planted_answer() == %d ? (%s) :" % (number, its.strip()) for number, its in others]
                    out.append("\n(%s)" % text.strip())
                else:
                    out.append(text)
        return "".join(out)


class Wrong:
    """One answer of wrong.diff."""

    def __init__(self, name, line):
        self.name, self.line, self.reason, self.alone = name, line, "", False
        self.places = []  # of (sign, text, line)


def read_wrong(path):
    answers, fresh = [], True
    for number, line in enumerate(path.read_text().split("\n"), 1):
        if line.startswith("@@ "):
            answers.append(Wrong(line[3:], number))
            fresh = True
        elif line == "":
            fresh = True
        elif not answers:
            sys.exit(f"{path}:{number}: not understood: {line}")
        elif line.startswith(("expect: ", "alone: ")):
            answers[-1].alone = line.startswith("alone")
            answers[-1].reason = line.split(": ", 1)[1]
        elif line[0] in "-+ ":
            if fresh:
                answers[-1].places.append([])
            fresh = False
            answers[-1].places[-1].append((line[0], line[1:], number))
        else:
            sys.exit(f"{path}:{number}: not understood: {line}")
    return answers


def plain(line):
    """A line of code without its comment, with single spaces."""
    return " ".join(re.sub(r"//.*", "", line).split())


def changed(reference, reference_name, answer, path):
    """The reference as this answer has it."""
    lines = reference.split("\n")
    numbered = [(plain(line), i) for i, line in enumerate(lines) if plain(line)]
    comes, goes = {}, set()

    def fail(line, sentence):
        sys.exit(f"{path}:{line}: {answer.name}: {sentence}")

    for place in answer.places:
        stays = [plain(text) for sign, text, _ in place if sign != "+"]
        if not stays:
            fail(place[0][2], "it does not say where this comes, add a line that stays")
        found = [i for i in range(len(numbered) - len(stays) + 1)
                 if [text for text, _ in numbered[i:i + len(stays)]] == stays]
        if len(found) != 1:
            for text in stays:
                if text not in (line for line, _ in numbered):
                    fail(place[0][2], f'{reference_name} no longer has the line "{text}"')
            fail(place[0][2], f"{reference_name} has these lines in a row {len(found)} times, expected once")
        at = found[0] - 1
        for sign, text, _ in place:
            if sign != "+":
                at += 1
            else:
                comes.setdefault(numbered[at][1] if at >= 0 else -1, []).append(text)
            if sign == "-":
                goes.add(numbered[at][1])
    out = list(comes.get(-1, []))
    for i, line in enumerate(lines):
        if i not in goes:
            out.append(line)
        out += comes.get(i, [])
    return "\n".join(out)


def main():
    reference_path, path, folder = map(pathlib.Path, sys.argv[1:])
    reference = reference_path.read_text()
    answers = read_wrong(path)
    together, table = Together(reference), []
    for number, answer in enumerate(answers, 1):
        if not answer.reason:
            sys.exit(f"{path}:{answer.line}: {answer.name}: it does not say what to expect")
        if answer.name in (other.name for other in answers[:number - 1]):
            sys.exit(f"{path}:{answer.line}: {answer.name}: there are two of this name")
        text = changed(reference, reference_path, answer, path)
        file = "together.hpp"
        if answer.alone or not together.add(number, text):
            file = answer.name + ".hpp"
            (folder / file).write_text(text)
        table.append(f"{file}\t{number}\t{answer.name}\t{answer.reason}\n")
    (folder / "together.hpp").write_text(together.text())
    (folder / "answers.txt").write_text("".join(sorted(table, key=lambda line: not line.startswith("together.hpp\t"))))


if __name__ == "__main__":
    main()
