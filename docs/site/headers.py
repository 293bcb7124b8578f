"""What Doxygen must know of a header, line for line; Doxyfile.in names this as its filter: headers.py FILE"""

import re
import sys

RULES = [
    # A quote's marker `//! [name]` must not become the documentation of what follows it.
    (r"//! *\[", "// ["),
    # A file's brief sentence is its chapter and what it is about.
    (r"^/// Chapter (\d+)\. (New idea: )?", r"/// Chapter \1: "),
    # In lists, Doxygen begins each sentence with a capital, also one that begins with code: "X + attention(norm(x))".
    # What begins with a sign is left as it is.
    (r"(^(?! *///).*\n *///) (?=[a-z])", r"\1 &zwnj;"),
    # Shapes and parameters each begin a line of their own.
    (r"^( */// )(Shapes|Parameters)(?=[:,])", r"\1<br><b>\2</b>"),
    # Friends are no part of what a class offers.
    (r"^ *template <.*>\n *friend .*;.*$", "\n"),
    (r"^ *friend .*;.*", ""),
    # In comments of the reference: "et al." does not end the brief sentence, and --option keeps both dashes.
    (r"(?<=et al\.)( |$)", r"\\ "),
    (r"///.*", lambda comment: re.sub(r" --(?=[a-z])", r" \\--", comment[0])),
]


def for_doxygen(text):
    for pattern, instead in RULES:
        text = re.sub(pattern, instead, text, flags=re.MULTILINE)
    return text


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as header:
        sys.stdout.reconfigure(encoding="utf-8")
        sys.stdout.write(for_doxygen(header.read()))
