#!/usr/bin/env python3
"""docs/site/reference.py: what is made of the class reference as Doxygen writes it."""

import sys
import tempfile
import unittest
from pathlib import Path
from types import SimpleNamespace

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "docs/site"))

import reference  # noqa: E402
from tree import Text  # noqa: E402

ROW = ('<tr id="row_0_{0}_"><td class="entry"><span style="width:32px;"></span><a class="el" href="class{1}.html" target="_self">{1}</a></td>'
       '<td class="desc">d</td></tr>')
NESTED = '<tr id="row_0_1_0_"><td><a class="el" href="n.html" target="_self">Inner</a></td></tr>'
LIST = "\n".join(['<div class="contents"><div class="directory">', '<div class="levels">1 2</div><table class="directory">',
                  '<tr id="row_0_"><td><b>gpt</b></td></tr>', ROW.format(0, "Array"), ROW.format(1, "Head"), NESTED, ROW.format(2, "Pair"),
                  ROW.format(3, "Stray"), "</table>", "</div>"])
CHAPTERS = [Text("chapters/01_pairs/README.md", "Pairs", "counts", "2.5"), Text("chapters/12_heads/README.md", "Heads & more", "looks", "2")]
PAGES = Text("docs/tape.md", "The tape", "numbers that remember")
TREE = SimpleNamespace(
    texts=[*CHAPTERS, PAGES], chapters=CHAPTERS,
    headers=["chapters/01_pairs/pair.hpp", "chapters/12_heads/head.hpp", "common/tensor/array.hpp", "common/nn/nn_all.hpp"],
    classes={"Array": ("common/tensor/array.hpp", "class"), "Head": ("chapters/12_heads/head.hpp", "class"),
             "Pair": ("chapters/01_pairs/pair.hpp", "class")})


def links():
    page = [SimpleNamespace(text=PAGES, folder="docs", quoted={"common/tensor/array.hpp": "tape--sums", "chapters/01_pairs/pair.hpp": "tape--x"})]
    for text, quoted in zip(CHAPTERS, [{"chapters/01_pairs/pair.hpp": "pairs--count"}, {"chapters/01_pairs/pair.hpp": "heads--old"}]):
        page.append(SimpleNamespace(text=text, folder=text.path.rsplit("/", 1)[0], quoted=quoted))
    return reference.explanations(TREE, page)


class Reference(unittest.TestCase):
    def test_classes_stand_by_chapters_then_by_rooms_and_none_is_lost(self):
        page = reference.grouped(LIST, TREE)
        order = [page.index(words) for words in (
            'Chapter 1: <a href="chapter_01_pairs.html">Pairs</a>', ">Pair</a>", "Heads &amp; more</a>", ">Head</a>", ">Inner</a>",
            "tensor: numbers and the tape", ">Array</a>", "And besides", ">Stray</a>")]
        self.assertEqual(order, sorted(order))
        for gone in ("levels", "<b>gpt</b>", "32px", "nn: "):
            self.assertNotIn(gone, page)

    def test_a_header_is_explained_by_its_own_chapter_or_shown_where_it_is_quoted(self):
        self.assertEqual(links(), {
            "chapters/01_pairs/pair.hpp": 'Explained in <a href="chapter_01_pairs.html#pairs--count">chapter 1, Pairs</a>',
            "chapters/12_heads/head.hpp": 'Explained in <a href="chapter_12_heads.html">chapter 12, Heads &amp; more</a>',
            "common/tensor/array.hpp": 'Shown in <a href="tape.html#tape--sums">The tape</a>'})

    def test_classes_and_headers_have_that_link(self):
        page = '<div class="contents">\n<div class="contents">'
        for name in ("classgpt_1_1Head.html", "head_8hpp.html"):
            self.assertEqual(reference.amended(name, page, TREE, links()).count("chapter 12, Heads"), 1, name)
        for name in ("structgpt_1_1Gone.html", "nn__all_8hpp.html", "chapter_12_heads.html"):
            self.assertEqual(reference.amended(name, page, TREE, links()), page, name)

    def test_each_page_says_what_it_is_about(self):
        page = '<meta content="@DESCRIPTION@"/>'
        self.assertIn('"Numbers that remember. Build a GPT', reference.amended("tape.html", page, TREE, {}))
        self.assertIn('"Build a GPT', reference.amended("classgpt_1_1Head.html", page, TREE, {}))

    def test_what_doxygen_says_too_much_of_is_left_out(self):
        for before, after in {
            '<div class="headertitle"><div>head.hpp File Reference</div>': '<div class="headertitle"><div>head.hpp</div>',
            '<p class="definition">Definition in file a.\nnext': "next",
            '<a href="#nested-classes">Classes</a> &#124;next': "next",
            '<script src="mathjax/MathJax.js"></script>\nnext': "next",
        }.items():
            self.assertEqual(reference.amended("x.html", before, TREE, {}), after)
        formula = '<script src="mathjax/MathJax.js"></script>\n\\(x\\)'
        self.assertEqual(reference.amended("x.html", formula, TREE, {}), formula)

    def test_the_search_knows_classes_headers_and_members(self):
        with tempfile.TemporaryDirectory() as folder:
            tags = Path(folder) / "tags.xml"
            tags.write_text("""<tagfile>
                <compound kind="class"><name>gpt::Head</name><filename>h.html</filename>
                  <member kind="function"><name>operator()&lt;T&gt;</name><anchorfile>h.html</anchorfile><anchor>a1</anchor></member>
                  <member kind="function"><name>~Head</name><anchorfile>h.html</anchorfile><anchor>a2</anchor></member></compound>
                <compound kind="file"><name>ops.hpp</name><filename>ops_8hpp</filename>
                  <member kind="function"><name>relu</name><anchorfile>ops_8hpp.html</anchorfile><anchor>b</anchor></member></compound>
                <compound kind="namespace"><name>gpt</name><filename>namespacegpt.html</filename>
                  <member kind="function"><name>relu</name><anchorfile>ops_8hpp.html</anchorfile><anchor>b</anchor></member></compound>
                </tagfile>""", encoding="utf-8")
            self.assertEqual(reference.names(tags), [
                ["Head", "class", "", "h.html"], ["operator()<T>", "function", "Head", "h.html#a1"],
                ["ops.hpp", "header", "", "ops_8hpp.html"], ["relu", "function", "", "ops_8hpp.html#b"]])


if __name__ == "__main__":
    unittest.main()
