#!/usr/bin/env python3
"""docs/site/page.py on a small tree: GitHub's forms in, Doxygen's out, one line for one line."""

import json
import re
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "docs/site"))

from headers import for_doxygen  # noqa: E402
from overview import thumbnail  # noqa: E402
from page import Page, legible  # noqa: E402
from rooms import arrows, picture  # noqa: E402
from tree import Run, Tree, read_runs  # noqa: E402

FILES = {
    "docs/site/pages.txt": "README.md | Start |\nchapters\ndocs/later.md | Later |\n",
    "chapters/chapters.txt": "01_one | One | table | first | 2.49 | tour\n12_two | Two | table | second | 2.41\n",
    "README.md": "# Project\n\n## Start\n",
    "chapters/12_two/README.md": "# Two\n\n",
    "chapters/01_one/head.hpp": "/// @file head.hpp\nclass Head {\n};\nclass Tail;\nstruct Tail;  // elsewhere\n",
    "chapters/01_one/inside.hpp": "/// @file inside.hpp\n/// Made of parts. Only\n/// for this folder.\n#pragma once\nclass Inside {\n};\n",
    "chapters/01_one/exercise/head.hpp": "class Stub {\n};\n",
    "chapters/01_one/main.cpp": "",
    "docs/figures/box.svg": '<?xml version="1.0"?>\n<svg viewBox="0 0 1 1"></svg>\n',
    "docs/site/theme/landing.html": "@START@\n@CARDS@\n",
    "docs/site/widgets/slider.js": "",
    "docs/site/widgets/slider.html": "<table></table>\n",
    "docs/site/widgets/bare.js": "",
    "docs/site/widgets/bars.js": "",
}
TRACE = {"run": "chapter 1, 9 steps", "tensors": [
    {"name": "stream", "title": "t", "axes": ["after", "position"], "shape": [2, 2], "values": [1, 2, None, 3]}]}


class SmallTree(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)
        for path, content in FILES.items():
            self.write(path, content)

    def write(self, path, content):
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_text(content, encoding="utf-8")

    def page(self, *lines, path="chapters/01_one/README.md", runs=None):
        self.write("chapters/01_one/README.md", "\n".join(["# One", "", *lines]) + "\n")
        tree = Tree(self.root, self.root / "docs/site")
        runs = runs or {("traces", "small"): Run("small", "traces", TRACE, "made up")}
        return Page(tree, tree.by_path[path], runs, {})


class Exercises(SmallTree):
    FOLD = ["<details>", "<summary>The answer to <code>head</code>: it</summary>", "", "```cpp", "x", "```", "", "</details>"]

    def folded(self, *lines):
        page = self.page(*lines)
        self.assertEqual(page.faults, [])
        return [page.includes[line.split()[-1]] if line.startswith("\\htmlinclude") else line for line in page.lines]

    def test_an_answer_is_a_fold_and_lines_stay_lines(self):
        lines = self.folded(*self.FOLD)
        self.assertIn('<details class="fold answer"><summary>The answer to <code>head</code>: it</summary><div>\n', lines)
        self.assertEqual(lines.index("</div></details>\n") - lines.index("x"), 3)

    def test_what_is_done_here_stands_open(self):
        self.write("my/progress.txt", "current other\ndone head 00ff\n")
        self.assertTrue(any(line.startswith('<details class="fold answer" open>') for line in self.folded(*self.FOLD)))

    def test_beside_a_picture_the_code_alone_is_folded(self):
        fold = self.FOLD[:3] + ["<!-- beside: chapters/01_one/head.hpp picture=box -->"] + self.FOLD[3:]
        text = "\n".join(self.folded(*fold))
        order = [text.index(part) for part in ("beside-code", "<details", "\nx\n", "</details>", "beside-picture", "<svg")]
        self.assertEqual(order, sorted(order))
        self.assertEqual(text.count("</details>"), 1)

    def test_tasks_and_challenges_have_a_page_and_links_lead_there(self):
        self.write("docs/site/pages.txt", FILES["docs/site/pages.txt"] + "docs/exercises.md | Exercises | all\n")
        self.write("chapters/01_one/exercise/1_head/README.md", "# A head\n\n## Shapes\n\n[the chapter](../../README.md)\n")
        self.write("chapters/01_one/exercise/challenge.md", "# Open challenge: more\n\n<!-- challenge: loss 2 files x -->\n\nGo.\n")
        page = self.page("[`head`](exercise/1_head/README.md), [more](exercise/challenge.md)")
        self.assertIn(r'<code>\ref exercises--head "head"</code>, [more](@ref exercises--challenge-of-chapter-1)', page.lines)
        tasks = self.page(path="docs/exercises.md")
        self.assertEqual(tasks.faults, [])
        for line in ("### head {#exercises--head}", "<b>Shapes</b>", "[the chapter](@ref chapter_01_one)", "Go.",
                     "### Challenge of chapter 1 {#exercises--challenge-of-chapter-1}"):
            self.assertIn(line, tasks.lines)


class Lines(SmallTree):
    def test_a_line_becomes(self):
        include = "\\htmlinclude[block] chapter_01_one-1.html"
        for line, expected in {
            "plain words": "plain words",
            r"a $`x_i \cdot y`$ b": r"a \f$x_i \cdot y\f$ b",
            "## A `Part`, twice!": "## A `Part`, twice! {#chapter_01_one--a-part-twice}",
            "[two](../12_two/README.md)": "[two](@ref chapter_12_two)",
            "[two](../12_two)": "[two](@ref chapter_12_two)",
            "[two](../12_two/README.md#the-end)": "[two](@ref chapter_12_two--the-end)",
            "[home](../../README.md)": "[home](@ref index)",
            "[home](../../README.md#start)": "[home](index.html#start)",
            "[here](#below)": "[here](@ref chapter_01_one--below)",
            "[the header](head.hpp)": "[the header](@ref chapters/01_one/head.hpp)",
            "[`head.hpp`](head.hpp)": r'<code>\ref chapters/01_one/head.hpp "head.hpp"</code>',
            "[the class](head.hpp#Head)": "[the class](@ref gpt::Head)",
            "[`Head`](head.hpp#Head)": r'<code>\ref gpt::Head "Head"</code>',
            "[not shown](inside.hpp)": "not shown",
            "see [the program](main.cpp).": "see the program.",
            "[paper](https://arxiv.org/abs/1706.03762)": "[paper](https://arxiv.org/abs/1706.03762)",
            "a `Head`, then a `Head`": r'a <code>\ref gpt::Head "Head"</code>, then a `Head`',
            "`Tail`, `Stub` and `Inside`": "`Tail`, `Stub` and `Inside`",
            "mail @someone, #include, <vector>": r"mail \@someone, \#include, \<vector>",
            "<b>stays</b>, x < y": "<b>stays</b>, x < y",
            "`@x` `#include <vector>`": "`@x` `#include <vector>`",
            "`'a'` and ``a`b``": "`` 'a' `` and `a`b`",
            "a ` alone, [one](": "a ` alone, [one](",
            "| `a|b` | c |": "| <code>a&#124;b</code> | c |",
            "so **(1, `a`)**, a ** b": "so <b>(1, `a`)</b>, a ** b",
            "<!-- a remark -->": "",
            "<!-- widget: slider -->": include,
            "<!-- widget: bars trace=small tensor=stream -->": include,
            "![A box](../../docs/figures/box.svg)": include,
            "<!-- figure: box -->": include,
            '<!-- figure: box caption="After `a <b>`." -->': include,
            "[later](../../docs/later.md)": "later",
            "<!-- changed: chapters/01_one/head.hpp#a chapters/01_one/main.cpp -->":
                r'<div class="quote-origin">from \ref chapters/01_one/head.hpp "head.hpp" (−) to <code>main.cpp</code> (+)</div>',
            "<!-- code: chapters/01_one/inside.hpp -->": '<div class="quote-origin"><code>chapters/01_one/inside.hpp</code></div>',
        }.items():
            with self.subTest(line):
                page = self.page(line)
                self.assertEqual(page.faults, [])
                self.assertEqual(page.lines[2], expected)

    def test_a_line_is_refused(self):
        for line, words in {
            "[gone](gone.md)": "chapters/01_one/README.md:3: link to gone.md, but there is no chapters/01_one/gone.md",
            "<!-- widget: sldier -->": "there is no widget sldier",
            "<!-- widget: bare -->": "needs a picture for readers without JavaScript",
            "<!-- figure: bax -->": "there is no picture bax",
            "![A box](../../docs/figures/bax.svg)": "there is no picture bax",
            "<!-- widget: slider trace=none -->": 'there is no trace "none"',
            "<!-- widget: slider report=none -->": 'there is no report "none"',
            "<!-- widget: bars trace=small tensor=gone -->": 'small holds no tensor "gone"',
            "<!-- widget: slider speed=1 fast -->": 'cannot read "fast" in this marker',
            "<!-- beside: chapters/01_one/main.cpp -->": "beside needs picture=NAME",
            "<!-- github only -->": "never ended",
            "<!-- changed: chapters/01_one/head.hpp -->": "takes two sources",
            "```cpp": "the last code block is never closed",
        }.items():
            with self.subTest(line):
                self.assertIn(words, "\n".join(self.page(line).faults))

    def test_the_caption_shows_code_as_code(self):
        page = self.page('<!-- figure: box caption="After `a <b>`." -->')
        self.assertIn("<figcaption>After <code>a &lt;b&gt;</code>.</figcaption>", page.includes["chapter_01_one-1.html"])

    def test_a_pictures_links(self):
        for drawing, expected in {
            '<a href="../../chapters/12_two/README.md"><a href="../../README.md">': '<a href="chapter_12_two.html"><a href="index.html">',
            '<a href="../../chapters/12_two/README.md#the-end">': '<a href="chapter_12_two.html#chapter_12_two--the-end">',
            '<a href="../../chapters/01_one/head.hpp#Head">': '<a href="classgpt_1_1Head.html">',
            '<use href="#box"/><a href="https://example.org/">': '<use href="#box"/><a href="https://example.org/">',
        }.items():
            with self.subTest(drawing):
                self.write("docs/figures/map.svg", drawing)
                self.assertIn(expected, self.page("<!-- figure: map -->").includes["chapter_01_one-1.html"])
        for target in ("../../chapters/01_one/head.hpp#Hand", "../../docs/later.md"):
            with self.subTest(target):
                self.write("docs/figures/map.svg", f'<a href="{target}">')
                self.assertIn(f"a picture links to {target}, which is neither", self.page("<!-- figure: map -->").faults[0])


class Blocks(SmallTree):
    def test_a_shape_stays_on_one_line(self):
        self.assertIn("| (B,&nbsp;T,&nbsp;C) |", self.page("| (B, T, C) |").lines[2])
        self.assertIn("`(B, T)` and (well, a, remark of words)", self.page("`(B, T)` and (well, a, remark of words)").lines[2])

    def test_what_can_wait_is_folded_and_not_counted(self):
        page = self.page("one two", "", "<details>", "<summary>Why `x`?</summary>", "", "three four five", "", "</details>")
        self.assertEqual(len(page.lines), 12)
        self.assertIn("<details class=\"fold\"><summary>Why <code>x</code>?</summary>", page.includes["chapter_01_one-1.html"])
        self.assertIn("</details>", page.includes["chapter_01_one-2.html"])
        self.assertEqual(page.words, 3)  # its title counts

    def test_the_first_time_a_term_is_named_it_has_a_card(self):
        self.write("docs/site/pages.txt", "README.md | Start |\nchapters\ndocs/glossary.md | Glossary |\n")
        self.write("docs/glossary.md", "# Glossary\n\n- **Loss.** How `wrong` it was.\n  → [One](../chapters/01_one/README.md#loss)\n"
                                       "- **Late.** Of chapter 12.\n  → [Two](../chapters/12_two/README.md)\n")
        card = '<a class="term" href="chapter_01_one.html#chapter_01_one--loss" data-card="How wrong it was.">'
        lines = self.page("`loss`, glossary, *loss* and loss; it is late.", "losses").lines
        self.assertEqual(lines[2], f"`loss`, glossary, <em>{card}loss</a></em> and loss; it is late.")
        self.assertEqual(lines[3], "losses")
        self.assertEqual(self.page("Losses, *a loss*").lines[2], f"{card}Loss</a>es, *a loss*")
        self.assertEqual(self.page('After "a loss" a loss.').lines[2], f'After "a loss" a {card}loss</a>.')
        self.assertEqual(self.page('After "a `x` loss" a loss.').lines[2], f'After "a `x` loss" a {card}loss</a>.')
        lines = self.page("See [the loss of", "a loss](https://a.b/) and a loss.").lines
        self.assertEqual(lines[2:4], ["See [the loss of", f"a loss](https://a.b/) and a {card}loss</a>."])
        self.assertEqual(self.page('An "end', 'of loss" and loss.').lines[3], f'of loss" and {card}loss</a>.')
        self.assertEqual(self.page('- `"` and "an end', '- of loss', "", "loss").lines[3], f"- of {card}loss</a>")

    def test_letters_are_legible_on_a_phone(self):
        whole = legible('<svg viewBox="0 0 650 9" style="color: red"><text>a</text></svg>')
        self.assertIn('style="--least:531px;color: red"', whole)  # 13.4 px by the style sheet
        pieces = legible('<svg viewBox="0 0 650 9" data-narrow="0 0 130 9 | 130 0 260 9"><text style="font-size: 10px">a</text></svg>')
        self.assertEqual(re.findall('viewBox="([^"]*)"', pieces), ["0 0 650 9", "0 0 130 9", "130 0 260 9"])
        self.assertEqual(re.findall("--least:(\\d+)", pieces), ["711", "142", "284"])

    def test_the_map_says_what_a_chapter_adds(self):
        drawing = ('<svg viewBox="0 0 9 9"><g class="role-key"><rect data-chapter="1" class="box" x="1" y="2" width="3" height="4"/></g>'
                   '<path class="flow" d="M1 2"/><g><circle data-chapter="2" class="box" cx="1" cy="2" r="3"/></g>'
                   '<rect data-chapter="3" class="box" x="0" y="0" width="9" height="9" fill="none"/></svg>')
        small = thumbnail(drawing, 2, "map.html")
        self.assertIn('<rect class="part built role-key" x="1" y="2" width="3" height="4"/>', small)
        self.assertIn('<circle class="part new " cx="1" cy="2" r="3"/>', small)
        self.assertIn('class="part later frame "', small)
        self.assertIn("1 new in this chapter, 1 built before, 1 to come", small)
        self.assertIn("all of it is built", thumbnail(drawing, 7, "map.html"))

    def test_formulas_and_code(self):
        page = self.page("```math", "x", "```", "```cpp", "$`x`$ [a](b.md)", "```", "end")
        self.assertEqual(page.lines[2:9], ["\\f[", "x", "\\f]", "```{.cpp}", "$`x`$ [a](b.md)", "```", "end"])

    def test_changes(self):
        page = self.page("```diff", "-a<b>;  // old", "+c;", " d", "```", "end")
        self.assertEqual(page.lines[2:8], ["\\htmlinclude[block] chapter_01_one-1.html", "", "", "", "", "end"])
        self.assertEqual(page.includes["chapter_01_one-1.html"].splitlines(), [
            '<div class="fragment diff">', '<div class="line"><del>-a&lt;b&gt;; <span class="comment"> // old</span></del></div>',
            '<div class="line"><ins>+c;</ins></div>', '<div class="line"> d</div>', "</div>"])

    def test_what_only_github_shows(self):
        page = self.page("<!-- github only -->", "hidden", "<!-- end of github only -->", "shown")
        self.assertEqual(page.lines[2:6], ["", "", "", "shown"])

    def test_code_beside_its_picture(self):
        page = self.page("<!-- beside: chapters/01_one/main.cpp picture=box -->", "```cpp", "a", "```", "", "end")
        self.assertEqual(page.lines[3:8], ["```{.cpp}", "a", "```", "\\htmlinclude[block] chapter_01_one-1.html", "end"])

    def test_code_beside_a_picture_that_is_missing(self):
        page = self.page("<!-- beside: chapters/01_one/main.cpp picture=gone -->", "```cpp", "```")
        self.assertIn("there is no picture gone", "\n".join(page.faults))

    def test_sections_with_one_name_have_two_anchors(self):
        page = self.page("## Twice", "", "## Twice")
        self.assertEqual([page.lines[2], page.lines[4]], ["## Twice {#chapter_01_one--twice}", "## Twice {#chapter_01_one--twice-1}"])

    def test_what_the_search_finds(self):
        page = self.page("A [link](#b) to `code`.", "", "## A `b`", "", "| x |", "| --- |")
        self.assertEqual(page.records(), [["One", "", "chapter_01_one.html", "A link to code."],
                                          ["One", "A b", "chapter_01_one.html#chapter_01_one--a-b", "x"]])


    def test_a_term_leads_to_what_explains_it(self):
        page = self.page("- **A `term`.** What it", "  is. → [There](../12_two/README.md#the-end)", "- **Home.** Here. → [x](../../README.md#start)",
                         "- **No term.** Without a link.")
        self.assertEqual(page.terms(), [["A term", "What it is.", "chapter_12_two.html#chapter_12_two--the-end"],
                                        ["Home", "Here.", "index.html#start"]])


class Lists(SmallTree):
    def test_chapters_stand_where_the_line_chapters_stands_and_two_digits_count(self):
        page = self.page("text")
        self.assertEqual([text.label for text in page.tree.texts], ["Start", "1. One", "12. Two"])
        self.assertEqual(page.tree.planned, ["docs/later.md"])
        self.assertIn("Chapter 1 of 12", page.lines[1])
        self.assertIn("Chapter 12 of 12", self.page(path="chapters/12_two/README.md").lines[1])

    def test_a_page_that_does_not_exist_is_passed_over(self):
        self.assertIn('class="next" rel="next" href="chapter_12_two.html"', self.page("text").lines[-1])
        self.assertNotIn("rel=\"next\"", self.page(path="chapters/12_two/README.md").lines[-1])

    def test_the_landing_page_has_a_card_for_each_chapter(self):
        landing = self.page(path="README.md").includes["index-1.html"]
        self.assertTrue(landing.startswith("chapter_01_one.html\n"))
        self.assertIn("<b>12</b><strong>Two</strong><span>second</span><small>loss <em>2.41</em></small>", landing)
        self.assertIn("--share:0.577", landing)  # 2.41 / ln 65

    def test_a_chapter_without_a_published_loss_has_no_bar(self):
        self.write("chapters/chapters.txt", "01_one | One | table | first | 2.49\n12_two | Two | table | second | -\n")
        landing = self.page(path="README.md").includes["index-1.html"]
        self.assertIn('<a class="card" href="chapter_12_two.html"><b>12</b><strong>Two</strong><span>second</span></a>', landing)

    def test_a_chapter_without_a_published_loss_has_our_own(self):
        self.write("chapters/chapters.txt", "01_one | One | table | first | -\n12_two | Two | table | second | -\n")
        ours = {"val_loss": 1.6934, "corpus": "tinyshakespeare"}
        runs = {("reports", "ch01"): Run("ch01", "reports", ours, ""),
                ("reports", "ch12"): Run("ch12", "reports", {**ours, "corpus": "sums"}, "")}
        landing = self.page(path="README.md", runs=runs).includes["index-1.html"]
        self.assertIn("<span>first</span><small>our loss <em>1.69</em></small>", landing)
        self.assertIn("<span>second</span></a>", landing)

    def test_a_text_in_no_list_is_named(self):
        self.write("docs/lost.md", "# Lost\n")
        self.write("docs/authoring.md", "# For writers\n")
        self.assertEqual(self.page().tree.unlisted(), ["docs/lost.md"])

    def test_the_reference_leaves_out_what_is_only_for_its_neighbours(self):
        self.assertEqual(self.page().tree.headers, ["chapters/01_one/head.hpp"])


class Runs(SmallTree):
    """Reports and traces: the reader's own, in runs/, before those of the repository."""

    def read(self, **files):
        shipped = {"docs/runs/a.json": {"val_loss": 2}, "docs/runs/a.trace.json": {"tensors": [{"name": "x"}, {"name": "y"}]}}
        for path, content in shipped.items():
            self.write(path, json.dumps(content))
        for path, content in files.items():
            self.write(f"runs/{path.replace('_', '.')}", content)
        said = []
        return read_runs(self.root, said.append), said

    def test_the_readers_own_run_takes_the_place_of_the_shipped_one(self):
        runs, said = self.read(a_json='{"val_loss": 1}', b_json='{"val_loss": 3}')
        self.assertEqual(said, ["2 of the figures' data are your own, from runs/"])
        self.assertEqual([(run.data["val_loss"], run.origin) for key, run in runs.items() if key[0] == "reports"],
                         [(1, "your own run"), (3, "your own run")])
        self.assertEqual(runs["traces", "a"].origin, "a run that comes with the repository")
        self.assertEqual(runs["reports", "a"].script(), '(window.bardlingReports = window.bardlingReports || {})["a"] = '
                                                        'Object.assign({"val_loss":1}, {origin: "your own run"});\n')

    def test_a_trace_that_holds_less_than_the_texts_show_is_left_out(self):
        runs, said = self.read(a_trace_json='{"tensors": [{"name": "y"}]}')
        self.assertEqual(said, ["runs/a.trace.json holds no x - the figures show the repository's run"])
        self.assertEqual(runs["traces", "a"].origin, "a run that comes with the repository")

    def test_a_report_without_a_curve_is_left_out_but_needs_no_published_loss(self):
        shipped = '{"curve": [1], "val_loss": 2, "published_val_loss": 3}'
        self.write("docs/runs/c.json", shipped)
        runs, said = self.read(c_json='{"curve": [], "val_loss": null, "published_val_loss": 3}')
        self.assertEqual(said, ["runs/c.json holds no curve val_loss - the figures show the repository's run"])
        runs, said = self.read(c_json='{"curve": [4], "val_loss": 5, "published_val_loss": null}')
        self.assertEqual(runs["reports", "c"].data["val_loss"], 5)

    def test_several_seeds_make_a_band(self):
        def report(seed, last, at_100):
            return {"steps": 100, "corpus": "c", "seed": seed, "val_loss": last,
                    "curve": [{"step": step, "val": val} for step, val in ((0, 4), (seed, 3), (100, at_100))]}
        for name, one in (("docs/runs/a.json", report(7, 2, 2.5)), ("docs/runs/seeds/a-1.json", report(1, 4, 1)),
                          ("docs/runs/seeds/a-2.json", report(2, 3, 4))):
            self.write(name, json.dumps(one))
        band = read_runs(self.root, print)["reports", "a"].data["band"]
        self.assertEqual(band, {"seeds": [7, 1, 2], "ends": [2, 3, 4], "points": [[0, 4, 4, 4], [100, 1, 2.5, 4]]})
        self.write("runs/a.json", json.dumps(report(7, 2, 2.5) | {"steps": 99}))  # a run of one's own, of another length
        self.assertNotIn("band", read_runs(self.root, print)["reports", "a"].data)

    def test_a_run_that_cannot_be_read_is_left_out(self):
        runs, said = self.read(a_json='{"val_loss": ')
        self.assertIn("runs/a.json cannot be read (", said[0])
        self.assertEqual(runs["reports", "a"].data, {"val_loss": 2})


class Rooms(SmallTree):
    def test_includes_between_rooms_are_counted_and_drawn(self):
        self.write("common/kernels/gemm.hpp", "#include <vector>\n")
        self.write("common/tensor/ops.hpp", '#include "common/kernels/gemm.hpp"\n')
        self.write("common/tensor/ops.cpp", '#include "common/tensor/ops.hpp"\n#include "common/kernels/gemm.hpp"\n')
        self.write("common/gpt.hpp", '#include "common/tensor/ops.hpp"\n')
        self.write("chapters/12_two/part.hpp", '#include "common/gpt.hpp"\n#include "01_one/head.hpp"\n')
        self.write("chapters/12_two/test_part.cpp", '#include "common/kernels/gemm.hpp"\n')
        self.write("chapters/12_two/exercise/part.hpp", '#include "common/kernels/gemm.hpp"\n')
        self.write("chapters/12_two/main.cpp", '#include "12_two/part.hpp"\n')
        self.assertEqual(arrows(self.root), {("tensor", "kernels"): 2, ("chapters", "tensor"): 1, ("main.cpp", "chapters"): 1})
        drawing = picture(self.root)
        self.assertIn(">2<title>tensor includes kernels</title>", drawing)
        self.assertEqual([drawing.count(f">{room}</text>") for room in ("main.cpp", "chapters", "tensor", "kernels", "nn")],
                         [1, 1, 1, 1, 0])


class Headers(unittest.TestCase):
    def test_a_line_becomes(self):
        for line, expected in {
            "//! [forward]": "// [forward]",
            "/// Chapter 12. New idea: more.": "/// Chapter 12: more.",
            "/// Chapter 2. Nobody.": "/// Chapter 2: Nobody.",
            "  /// Shapes: x": "  /// <br><b>Shapes</b>: x",
            "/// Parameters, in order: a": "/// <br><b>Parameters</b>, in order: a",
            "/// Vaswani et al. 2017": "/// Vaswani et al.\\ 2017",
            "/// Vaswani et al.": "/// Vaswani et al.\\ ",
            "/// with --size, --steps": "/// with \\--size, \\--steps",
            "for (; i > 0; --i)": "for (; i > 0; --i)",
            "int a;\n/// x + f(x)\n/// and more": "int a;\n/// &zwnj;x + f(x)\n/// and more",
            "int a;\n  ///< x": "int a;\n  ///< x",
            "  friend class A;": "",
            "  template <class T>\n  friend class A;\nint b;": "\n\nint b;",
        }.items():
            with self.subTest(line):
                self.assertEqual(for_doxygen(line), expected)


if __name__ == "__main__":
    unittest.main()
