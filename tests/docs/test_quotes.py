#!/usr/bin/env python3
"""docs/site/quotes.py on a small tree: it must find a quote that differs, mend it, and say what it cannot read."""

import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

PROGRAM = Path(__file__).resolve().parents[2] / "docs/site/quotes.py"
SOURCE = """class A {
  //! [body]
  int f() {
    //! [inner]
    return 1;
    //! [inner]
  }
  //! [body]
};
//! [once]
"""
FRAME = """/// @file {0}.hpp
#include <{0}>
{1}namespace gpt {{

/// {0} words.
class A {{
 public:
  {2}
  int two() {{ return 2; }}
  int three() {{ return 3; }}
  int four(){3} {{ return 4; }}
  int five() {{ return 5; }}
}};

}}  // namespace gpt
"""
OLD = FRAME.format("old", "", "int one() { return 1; }    // a", "")
NEW = FRAME.format("new", "\n", "int one() { return 10; }  // a", " ")


class Quotes(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)
        self.text = self.write("chapters/01_one/README.md", "")
        self.write("chapters/01_one/a.hpp", SOURCE)

    def write(self, path, content):
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_text(content, encoding="utf-8")
        return self.root / path

    def quote(self, marker, *lines, language="cpp"):
        """The text with one quote, whose first line is the text's fifth."""
        self.text.write_text("\n".join(["# One", "", f"<!-- {marker} -->", f"```{language}", *lines, "```", "", "After.", ""]))

    def block(self):
        return self.text.read_text(encoding="utf-8").split("\n")[4:-4]

    def expect(self, code, words="", *options):
        run = subprocess.run([sys.executable, PROGRAM, "--root", self.root, *options], capture_output=True, text=True, check=False)
        self.assertEqual(run.returncode, code, run.stdout + run.stderr)
        self.assertIn(words, run.stdout + run.stderr)
        return run.stdout + run.stderr

    def test_an_equal_quote_passes_without_indentation_and_inner_markers(self):
        self.quote("code: chapters/01_one/a.hpp#body", "int f() {", "  return 1;", "}")
        self.assertEqual(self.expect(0), "")
        self.quote("code: chapters/01_one/a.hpp#inner", "return 1;")
        self.expect(0)
        self.quote("beside: chapters/01_one/a.hpp#inner picture=box", "return 1;")
        self.expect(0)

    def test_what_only_the_class_reference_needs_is_left_out(self):
        (self.root / "chapters/01_one/b.hpp").write_text(
            "/// Adds.\n/// @param a  one,\n///           and more of it\n/// Stays.\n/// @throws never\nint f(int a);\n", encoding="utf-8")
        self.quote("code: chapters/01_one/b.hpp", "/// Adds.", "/// Stays.", "int f(int a);")
        self.expect(0)

    def test_a_changed_quote_is_found_shown_and_mended(self):
        self.quote("code: chapters/01_one/a.hpp#body", "int f() {", "  return 2;", "}")
        self.expect(1, "chapters/01_one/README.md:6: the quote of chapters/01_one/a.hpp#body differs from its source in line 2")
        self.expect(1, "source:   return 1;")
        self.expect(0, "brought chapters/01_one/README.md up to date", "--update")
        self.assertEqual(self.expect(0), "")
        self.assertEqual(self.block(), ["int f() {", "  return 1;", "}"])
        self.assertTrue(self.text.read_text().endswith("```\n\nAfter.\n"))

    def test_a_quote_that_ends_too_early_is_found(self):
        self.quote("code: chapters/01_one/a.hpp#body", "int f() {")
        self.expect(1, "quote:  (ends)")

    def test_what_cannot_be_read_is_said_and_left_alone(self):
        for marker, words in {
            "code: chapters/01_one/a.hpp#gone": "has no lines `//! [gone]`",
            "code: chapters/01_one/a.hpp#once": "must stand before and after",
            "code: chapters/01_one/b.hpp#body": "cannot read chapters/01_one/b.hpp",
        }.items():
            for options in ([], ["--update"]):
                with self.subTest(marker, options=options):
                    self.quote(marker, "int x;")
                    self.expect(1, words, *options)
                    self.assertEqual(self.block(), ["int x;"])

    def test_a_marker_without_a_code_block(self):
        self.text.write_text("# One\n<!-- code: chapters/01_one/a.hpp#body -->\nwords\n")
        self.expect(1, "must open its code block")
        self.text.write_text("# One\n<!-- code: chapters/01_one/a.hpp#body -->\n```cpp\nint f() {\n")
        self.expect(1, "the text ends before the quote")
        self.text.write_text("# One\n<!-- code: chapters/01_one/a.hpp#body -->")
        self.expect(1, "the text ends before the quote")

    def test_a_marker_inside_a_code_block_is_an_example(self):
        self.text.write_text("# One\n\n```text\n<!-- code: gone.hpp -->\n```\n")
        self.expect(0)

    def test_a_line_that_does_not_fit_into_the_box_is_named(self):
        fits, wide = "x" * 82, "y" * 83
        self.write("wide.hpp", f"  {fits}\n  {wide}\n")
        self.quote("code: wide.hpp", fits, wide)
        said = self.expect(1, f"README.md:6: this line of wide.hpp has 83 columns, 82 fit into the box: {wide}")
        self.assertNotIn(fits, said)
        self.write("before.hpp", "a();\n")
        self.quote("changed: before.hpp wide.hpp", "-a();", f"+{fits}", f"+{wide}", language="diff")
        self.assertNotIn(fits, self.expect(1, "README.md:7: this line of wide.hpp"))

    def change(self, sources, *lines):
        self.quote(f"changed: {sources}", *lines, language="diff")

    def test_a_change_leaves_out_heads_comments_and_spacing(self):
        self.write("chapters/01_one/old.hpp", OLD)
        new = self.write("chapters/02_two/new.hpp", NEW)
        sources = "chapters/01_one/old.hpp chapters/02_two/new.hpp"
        self.change(sources)
        self.expect(0, "brought chapters/01_one/README.md up to date", "--update")
        self.assertEqual(self.block(), [" class A {", "  public:", "-  int one() { return 1; }    // a", "+  int one() { return 10; }  // a",
                                        "   int two() { return 2; }", "   int three() { return 3; }", " ..."])
        self.expect(0)
        new.write_text(NEW.replace("return 10", "return 11"))
        self.expect(1, f"README.md:8: what changed in {sources} differs from its source in line 4")
        self.expect(0, "up to date", "--update")

    def test_a_change_between_regions(self):
        self.write("chapters/01_one/old.hpp", "void f() {\n//! [x]\n  a();\n  b();\n}\n//! [x]\n")
        self.write("chapters/02_two/new.hpp", "//! [y]\na();\nc();\n}\n//! [y]\n")
        self.change("chapters/01_one/old.hpp#x chapters/02_two/new.hpp#y", "   a();", "-  b();", "+c();", " }")
        self.expect(1, "differs from its source")
        self.expect(0, "up to date", "--update")
        self.assertEqual(self.block(), [" a();", "-  b();", "+c();", " }"])

    def test_brackets_hold_no_two_changes_apart(self):
        self.write("old.hpp", "a();\n}\n\nb();\n}\n")
        self.write("new.hpp", "c();\n}\n\nd();\n}\n")
        self.change("old.hpp new.hpp")
        self.expect(0, "up to date", "--update")
        self.assertEqual(self.block(), ["-a();", "-}", "-", "-b();", "+c();", "+}", "+", "+d();", " }"])

    def test_a_change_that_cannot_be_shown(self):
        self.write("chapters/01_one/old.hpp", OLD)
        for sources, words in {
            "chapters/01_one/old.hpp chapters/01_one/old.hpp": "do not differ",
            "chapters/01_one/old.hpp": "takes two sources",
            "chapters/01_one/old.hpp chapters/01_one/gone.hpp": "cannot read chapters/01_one/gone.hpp",
        }.items():
            with self.subTest(sources):
                self.change(sources)
                self.expect(1, words)

    def test_options_are_checked(self):
        run = subprocess.run([sys.executable, PROGRAM, "--root"], capture_output=True, text=True, check=False)
        self.assertEqual(run.returncode, 2)
        self.assertIn("--root: expected one argument", run.stderr)
        self.expect(2, "unrecognized arguments: --mend", "--mend")


if __name__ == "__main__":
    unittest.main()
