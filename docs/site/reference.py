"""The class reference as Doxygen writes it, and what is made of it: names for the search, an order by chapters, and a
link from each class to the text that explains it."""

import re
import xml.etree.ElementTree as xml

from rooms import ROOMS
from tree import escaped

PROMISE = "Build a GPT in C++20, step by step, until it speaks like the Bard."


def names(tagfile):
    """Doxygen's tag file: name, kind, where it belongs and address of each class, function and header."""
    found = {}
    for compound in xml.parse(tagfile).getroot().iter("compound"):
        kind, name, file = compound.get("kind"), compound.findtext("name"), compound.findtext("filename")
        if kind in ("class", "struct", "concept", "file"):
            page = file if file.endswith(".html") else file + ".html"
            found.setdefault((name, page), ["header" if kind == "file" else kind, ""])
        for member in compound.iter("member"):
            inside = "" if kind == "file" or name == "gpt" else name
            if not member.findtext("name").startswith("~"):
                address = f"{member.findtext('anchorfile')}#{member.findtext('anchor')}"
                found.setdefault((member.findtext("name"), address), [member.get("kind"), inside])
    return [[name.removeprefix("gpt::"), kind, inside.removeprefix("gpt::"), url]
            for (name, url), (kind, inside) in found.items()]


def explanations(tree, pages):
    """Header -> words that link to the text which explains it: that of its chapter, or else the first to quote it."""
    links = {}
    for page in [*filter(lambda page: page.text.number, pages), *pages]:
        own = [path for path in tree.headers if page.text.number and path.startswith(f"{page.folder}/")]
        for path in [*own, *page.quoted]:
            where = f"chapter {page.text.number}, {page.text.name}" if page.text.number else page.text.name
            section = page.quoted.get(path)
            address = page.text.url + (f"#{section}" if section else "")
            verb = "Explained" if path in own else "Shown"
            links.setdefault(path, f'{verb} in <a href="{address}">{escaped(where)}</a>')
    return links


def grouped(page, tree):
    """The list of classes in the order of the chapters; then, room by room, what they are made of."""
    rows = {}
    for row, number in re.findall(r'(?s)(<tr id="row_0_(\d+)_.*?</tr>)', page):  # a nested class has its owner's
        rows.setdefault(number, []).append(row.replace("width:32px", "width:0px"))
    groups = [(f'Chapter {text.number}: <a href="{text.url}">{escaped(text.name)}</a>',
               text.path.removesuffix("README.md")) for text in tree.chapters]
    groups += [(escaped(f"{name}: {words}"), files) for name, words, files in reversed(ROOMS)] + [("And besides", "")]
    shown = []
    for heading, files in groups:
        inside = []
        for number, (row, *_) in list(rows.items()):
            name = re.search(r'target="_self">(\w+)</a>', row)
            if name and re.match(files, tree.classes.get(name[1], ("",))[0]):
                inside += rows.pop(number)
        if inside:
            shown += [f'<h2 class="groupheader">{heading}</h2>\n<table class="directory">', *inside, "</table>"]
    return re.sub(r'(?s)<div class="levels">.*</table>', lambda _: "\n".join(shown), page, count=1)


def amended(name, page, tree, links):
    """What Doxygen says too much of, what it says without need, and what it does not say."""
    page = re.sub("<title>Bardling . Bardling</title>", "<title>Bardling: a GPT in C++20, step by step</title>", page)
    page = re.sub(r'(class="headertitle".*?) File Reference</div>', r"\1</div>", page)
    page = re.sub(r'^<p class="definition">Definition in file .*\n', "", page, flags=re.MULTILINE)
    # A private member `struct sigaction x{}` is listed as a nested class in a page's summary, but not shown.
    if 'name="nested-classes"' not in page:
        page = page.replace('<a href="#nested-classes">Classes</a> &#124;', "")
    # Most pages of the reference have no formula: they need not wait for MathJax.
    if not re.search(r'class="formula|\\\[|\\\(', page):
        page = re.sub(r'.*<script [^>]*src="mathjax/MathJax.js".*\n', "", page)
    adds = next((text.adds for text in tree.texts if text.url == name and text.adds), "")
    page = page.replace("@DESCRIPTION@", escaped(f"{adds[:1].upper()}{adds[1:]}. {PROMISE}" if adds else PROMISE))
    if name == "annotated.html":
        page = grouped(page, tree)
    of_class = re.match(r"(?:class|struct)gpt_1_1(\w+)\.html", name)
    header = tree.classes.get(of_class[1], ("",))[0] if of_class else headers_by_page(tree).get(name)
    if header in links:
        link = f'<div class="contents">\n<p class="explained">{links[header]}</p>'
        page = page.replace('<div class="contents">', link, 1)
    return page


def headers_by_page(tree):
    return {path.rsplit("/", 1)[1].replace("_", "__").replace(".", "_8") + ".html": path for path in tree.headers}
