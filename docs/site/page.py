"""Turns one text of the repository, written for GitHub, into a page that Doxygen understands.

One line in gives one line out, so that Doxygen's warnings name the right line. What is more than a line (pictures,
widgets) goes into files of its own, which the page pulls in with \\htmlinclude. docs/authoring.md is the manual of
the markers.
"""

import json
import posixpath
import re
from functools import cache
from math import log

import exercises
from live import MODELS, WIDGETS
from overview import thumbnail
from stills import STILLS
from tree import escaped, read
from walk import speller

MARKER = re.compile(r"<!-- *(widget|figure|code|beside|changed): *(.*?) *-->\s*$")
IMAGE = re.compile(r"!\[([^\]]*)\]\(([^)]*)\)\s*$")
# Words of the glossary that everybody uses, mostly in their plain sense: no card for these.
PLAIN = {"value", "key", "share", "speak", "place", "target"}
FOLD = re.compile(r"<details>\s*$|<summary>(?P<summary>.*)</summary>\s*$|</details>\s*$")
TAGS = set("a b i em strong kbd sub sup br code p ul ol li div span details summary table tr td th".split())

# What means something inside a line. Doxygen reads @name, \name, #name and <name> as commands and links, where we mean
# the characters; and it leaves **(1, 2)** as it is, which GitHub does not.
INLINE = re.compile(r"""
    \$`(?P<formula>.*?)`\$
  | (?P<ticks>`+)(?!`)(?P<code>.*?)(?P=ticks)
  | \[(?P<text>[^\[]*?)\]\((?P<target>[^)]*)\)
  | \*\*(?P<bold>[^ *].*?)\*\*
  | (?P<shape>\((?:[\w·−]{1,10},\ )+[\w·−]{1,10}\))
  | (?P<command>[@\\#][A-Za-z])
  | <(?P<tag>[A-Za-z_][A-Za-z_0-9]*)>""", re.VERBOSE)


def captioned(text):
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escaped(text))


def words_of(source):
    """How many are read on the way through: without what is folded away, only on GitHub, or a marker."""
    for unread in (r"<details>.*?</details>", r"<!-- github only -->.*?<!-- end of github only -->", r"<!--.*?-->",
                   r"\]\([^)]*\)"):
        source = re.sub(unread, " ", source, flags=re.DOTALL)
    return len(re.findall(r"\S*\w\S*", source))


def figure(drawing, caption):
    below = f"<figcaption>{captioned(caption)}</figcaption>\n" if caption else ""
    return f'<figure class="figure">\n{legible(drawing.strip())}\n{below}</figure>\n'


def legible(drawing):
    """A drawing with the least width that shows its letters 11 px high on a phone; and, where it says
    `data-narrow="VIEWBOX | VIEWBOX"`, the same in these pieces for phones."""
    sizes = [float(size) for size in re.findall(r"font-size: *([\d.]+)px", drawing)]
    smallest = min([*sizes, 13.4])  # what the style sheet gives all others there

    def piece(box):
        """The part of the drawing in this view box, with its least width."""
        style = f"--least:{int(float(box.split()[2]) * 10.95 / smallest)}px"
        svg = re.sub('viewBox="[^"]*"', f'viewBox="{box}"', drawing, count=1)
        root, inside = svg.split(">", 1)
        root = root.replace(' style="', f' style="{style};') if " style=" in root else f'{root} style="{style}"'
        return f"{root}>{inside}"

    whole = re.search('viewBox="([^"]*)"', drawing)
    if not whole:
        return f'<div class="figure-body">\n{drawing}\n</div>'
    shown = f'<div class="figure-body wide">\n{piece(whole[1])}\n</div>'
    narrow = re.search(r' data-narrow="([^"]*)"', drawing)
    if narrow:
        pieces = "\n".join(piece(" ".join(box.split())) for box in narrow[1].split("|"))
        # Arrowheads of a drawing that is not shown are not drawn either: the page has one of its own.
        pieces = re.sub(r"<defs>.*?</defs>", "", pieces, flags=re.DOTALL)
        pieces = re.sub(r"url\(#arrow-[\w-]+\)", "url(#arrow)", pieces)
        shown += f'\n<div class="figure-body narrow">\n{pieces}\n</div>'
    return shown


class Page:
    """`lines` is the page for Doxygen, `includes` its files by name, `sections` what the search knows of it, `quoted`
    the first section that quotes each source, `faults` what is wrong in it, each with its line."""

    def __init__(self, tree, text, runs, pictures):
        self.tree, self.text, self.runs, self.pictures = tree, text, runs, pictures
        self.folder = posixpath.dirname(text.path)
        source = tree.source(text)
        self.source, self.words, self.at = source.splitlines(), words_of(source), 0
        self.lines, self.includes, self.faults = [], {}, []
        self.sections = [("", "", [])]  # heading, anchor, words
        self.loaded, self.linked, self.slugs, self.quoted = set(), set(), set(), {}
        self.beside, self.explained = None, set()  # terms that have their card
        self.answer = None  # how its fold begins, until it is known what is in it
        self.convert()

    def fail(self, message):
        self.faults.append(f"{self.text.path}:{self.at}: {message}")

    # ------------------------------------------------------------------------------------------------ the page's blocks

    def convert(self):
        hidden = begun = False
        while self.at < len(self.source):
            line = self.next_line()
            if re.match(r" *(```|~~~)", line):
                self.fence(line)
            elif MARKER.match(line):
                self.marker(*MARKER.match(line).groups())
            elif re.match(r"<!--.*-->\s*$", line):
                hidden = {"github only": True, "end of github only": False}.get(line.strip("<!-> \t"), hidden)
                self.lines.append("")
            elif hidden:
                self.lines.append("")
            elif FOLD.match(line):  # Doxygen would close it after each paragraph
                self.fold(line.strip(), FOLD.match(line)["summary"])
            elif IMAGE.match(line):
                caption, path = IMAGE.match(line).groups()
                self.lines.append(self.include(self.figure(posixpath.basename(path).removesuffix(".svg"), caption)))
            elif line.startswith("# "):
                name = "Bardling" if self.text.id == "index" else f"{line[2:].strip()} {{#{self.text.id}}}"
                self.lines.append(f"# {name}")
            elif not begun and self.at > 1 and not line.strip():
                begun = True
                self.lines.append(self.include(self.landing()) if self.text.id == "index"
                                  else f"{self.meta()} [TOC] {self.overview()}")
            elif line.startswith("##"):
                self.lines.append(self.heading(*re.match(r"(#+) *(.*)", line).groups()))
            else:
                self.remember(line)
                in_table = re.match(r"\s*\|", line)
                self.lines.append(self.inline(line, in_table) if in_table else self.with_cards(line))
        if hidden:
            self.fail("`<!-- github only -->` is never ended (`<!-- end of github only -->`)")
        self.lines += ["", self.page_order() if self.text.id == "index" else self.page_turns()]

    def fold(self, line, summary):
        """What can wait, behind its title: `<details>`, `<summary>title</summary>`, an empty line, the text, `</details>`. An
        answer, whose title holds `<code>EXERCISE</code>`, stands open if that is done on this machine. Of one with a picture
        beside its code, the code alone is folded."""
        ending = line == "</details>" and self.answer is None
        if summary:
            name = re.search(r"<code>(\w+)</code>", summary)
            is_open = " open" if name and name[1] in self.tree.done else ""
            kind, title = ("fold answer", summary) if name else ("fold", captioned(summary))
            opening = f'<details class="{kind}"{is_open}><summary>{title}</summary><div>\n'
            ahead = next((later for later in self.source[self.at:] if later.strip()), "")
            if re.match("<!-- *beside:", ahead):
                self.answer = opening
            else:
                self.lines.append(self.include(opening))
                return
        self.lines.append(self.include("</div></details>\n") if ending else "")
        if line == "</details>":
            self.answer = None

    def next_line(self):
        self.at += 1
        return self.source[self.at - 1].rstrip("\r")

    def peek(self):
        return self.source[self.at] if self.at < len(self.source) else ""

    def fence(self, line):
        indent, fence, language = re.match(r"( *)(`+|~+)\s*(.*?)\s*$", line).groups()
        body = []
        while self.at < len(self.source) and self.peek().strip() != fence:
            body.append(self.next_line())
        if self.at == len(self.source):
            self.fail("the last code block is never closed")
        else:
            self.next_line()
        if language == "math":
            self.lines += ["\\f[", *body, "\\f]"]
        elif language == "diff":
            self.lines += [self.include(changes(body)), *[""] * (len(body) + 1)]
        else:
            for said in body:
                self.remember(said)
            known = {"cpp": "cpp", "c++": "cpp", "py": "py", "python": "py"}.get(language, "unparsed")
            self.lines += [f"{indent}{fence}{{.{known}}}", *body, indent + fence]
        if self.beside:  # the picture beside the code that has just ended
            picture = self.figure(*self.beside) or ""
            ending = "</div></details>" if self.answer else ""
            self.lines.append(self.include(f'{ending}</div><div class="beside-picture">\n{picture}</div></div>\n'
                                           + self.script("widgets/beside.js")))
            self.beside = None
            if not self.peek().strip() and self.at < len(self.source):
                self.next_line()

    def marker(self, kind, spec):
        if kind == "changed":
            if len(spec.split()) != 2:
                return self.fail("`changed:` takes two sources, the old and the new one")
            old, new = (self.source_link(path, posixpath.basename(path.split("#")[0])) for path in spec.split())
            self.lines.append(f'<div class="quote-origin">from {old} (−) to {new} (+)</div>')
            return None
        name, options = self.options(spec)
        if kind == "widget":
            self.lines.append(self.include(self.widget(name, options)))
        elif kind == "figure":
            self.lines.append(self.include(self.figure(name, options.get("caption"))))
        else:
            self.quoted.setdefault(name.split("#")[0], self.sections[-1][1])
            origin = f'<div class="quote-origin">{self.source_link(name)}</div>'
            if kind == "beside":
                if "picture" not in options:
                    self.fail("beside needs picture=NAME")
                self.beside = options.get("picture"), options.get("caption")
                origin = f'\\htmlonly[block]<div class="beside"><div class="beside-code">{self.answer or ""}\\endhtmlonly ' + origin
            self.lines.append(origin)
        return None

    def options(self, spec):
        """`NAME key=value key="two words"` -> NAME and its options"""
        name, _, rest = spec.partition(" ")
        found = re.compile(r'\s*([a-z]+)=("[^"]*"|[^\s"]+)')
        options, at = {}, 0
        while match := found.match(rest, at):
            options[match[1]], at = match[2].strip('"'), match.end()
        if rest[at:].strip():
            self.fail(f'cannot read "{rest[at:].strip()}" in this marker: expected key=value')
        return name, options

    def heading(self, marks, title):
        # Sections of the first page would stand among the chapters in the tree, so there they are plain HTML.
        anchor = self.slug(title)
        if self.text.id != "index":
            anchor = f"{self.text.id}--{anchor}"
        self.sections.append((re.sub(r"[`*]", "", title), anchor, []))
        shown, level = self.inline(title, link_code=False), len(marks) - 1
        if self.text.id == "index":
            return f'<h{level} id="{anchor}">{shown}</h{level}>'
        return f"{marks} {shown} {{#{anchor}}}"

    def slug(self, title):
        """GitHub's name for a heading, so that one link works there and here."""
        name = slug_of(title)
        unique, count = name, 0
        while unique in self.slugs:
            unique, count = f"{name}-{count + 1}", count + 1
        self.slugs.add(unique)
        return unique

    def remember(self, line):
        line = re.sub(r"\]\([^)]*\)", "", re.sub(r"\$`[^`]*`\$", " ", line))
        line = re.sub(r" +", " ", re.sub(r"[`*|\[]|<[^>]*>|^#+ ", "", line)).strip()
        if not re.match(r"[ :-]*$", line):
            self.sections[-1][2].append(line)

    def records(self):
        """For the search, one of each section: page, heading, address, words. Terms are found by themselves."""
        sections = self.sections[:1] if self.terms() else self.sections
        return [[self.text.name, heading, self.text.url + (f"#{anchor}" if anchor else ""), " ".join(words)]
                for heading, anchor, words in sections if heading or words]

    def terms(self):
        """What this page explains, if it is a glossary."""
        return self.tree.explained("\n".join(self.source), self.text)

    # ----------------------------------------------------------------------------------------- one line of running text

    def inline(self, line, in_table=False, link_code=True, in_link=False):
        def replace(match):
            if match["formula"] is not None:
                return f"\\f${match['formula']}\\f$"
            if match["ticks"]:
                return self.code(match["code"].strip(), in_table, link_code and not in_link, in_link)
            if match["target"] is not None:
                shown = self.inline(match["text"], in_table, link_code, in_link=True)
                return self.link(shown, match["target"], re.fullmatch("`[^`]*`", match["text"]))
            if match["bold"]:
                return f"<b>{self.inline(match['bold'], in_table, link_code, in_link)}</b>"
            if match["shape"]:  # stays on one line
                return match[0].replace(", ", ",&nbsp;")
            return match[0] if match["tag"] in TAGS else "\\" + match[0]
        return INLINE.sub(replace, line)

    def with_cards(self, line):
        """The same, and a card with its explanation for a term that the page names for the first time, if this or an
        earlier page explains it."""
        terms, words = self.cards()
        if not terms or "**" in INLINE.sub("", line):  # Doxygen bears no link in bold words that go on in the next line
            return self.inline(line)

        def carded(match):
            name = match[1] or match[2]
            quoted = quotes + match.string[:match.start()].count('"')
            # Nor does it bear one in the words of another that takes two lines.
            linked = re.search(r"\[[^\]]*$", match.string[:match.start()]) or re.match(r"[^\[]*\]\(", match.string[match.end():])
            if name.lower() in self.explained or quoted % 2 or linked:
                return match[0]
            self.explained.add(name.lower())
            said, address = terms[name.lower()]
            link = f'<a class="term" href="{address}" data-card="{said.replace(chr(34), "”")}">{name}</a>'
            return f"<em>{link}</em>" if match[1] else link

        shown, at, quotes = "", 0, self.quotes_before()  # Doxygen shows a link in quotation marks as it is written
        for match in INLINE.finditer(line):
            shown += words.sub(carded, line[at:match.start()]) + self.inline(match[0])
            quotes += line[at:match.start()].count('"')
            at = match.end()
        return shown + words.sub(carded, line[at:])

    def quotes_before(self):
        """How many quotation marks there are in the lines of this paragraph above this one."""
        count, at = 0, self.at - 1
        while at and self.source[at - 1].strip() and not re.match(r" *(?:[-*]|\d+\.) ", self.source[at]):
            at -= 1
            count += INLINE.sub("", self.source[at]).count('"')
        return count

    @cache
    def cards(self):
        """term -> explanation, address, of those that are explained up to this page; and how to find them in a line."""
        order = [text.url for text in self.tree.texts]
        terms = {} if self.terms() else {
            term.lower(): (words, address) for term, words, address in self.tree.terms()
            if term.lower() not in PLAIN and order.index(address.split("#")[0]) <= order.index(self.text.url)}
        any_of = "|".join(sorted(map(re.escape, terms), key=len, reverse=True))
        return terms, re.compile(rf"\*({any_of})\*(?!\*)|(?<![-\w/*])({any_of})(?=e?s?(?![-\w/*]))", re.IGNORECASE)

    def code(self, code, in_table, link, in_link):
        if in_table and "|" in code:
            return f"<code>{escaped(code).replace('|', '&#124;')}</code>"
        name = re.sub(r"^gpt::", "", code)
        if link and name in self.tree.classes and name not in self.linked:
            self.linked.add(name)  # the first mention on a page leads to the class reference
            return f'<code>\\ref gpt::{name} "{code}"</code>'
        if in_link:
            return code  # Doxygen takes a link's text as it is
        return f"`` {code} ``" if "'" in code else f"`{code}`"

    def link(self, shown, target, is_code):
        if re.match("[a-z]+:", target):
            return f"[{shown}]({target})"
        path, _, anchor = target.partition("#")
        path = posixpath.normpath(posixpath.join(self.folder, path)) if path else self.text.path
        if path in self.tree.tasks and exercises.PATH in self.tree.by_path:
            place = self.place(self.tree.by_path[exercises.PATH], slug_of(self.tree.tasks[path]))
            return reference(shown, place, is_code)
        for text in (path, f"{path}/README.md"):
            if text in self.tree.by_path and anchor.startswith("stop="):  # of the walk: not a section, but a state
                return f'<a href="{self.tree.by_path[text].url}#{anchor}">{shown}</a>'
            if text in self.tree.by_path:
                return reference(shown, self.place(self.tree.by_path[text], anchor), is_code)
            if text in self.tree.planned:
                return shown  # not written yet
        if not (self.tree.root / path).exists():
            self.fail(f"link to {target}, but there is no {path}")
        if path in self.tree.headers:
            of_class = self.tree.classes.get(anchor, ("",))[0] == path
            return reference(shown, f"@ref gpt::{anchor}" if of_class else f"@ref {path}", is_code)
        return shown  # a file that the site does not show: its name is enough

    def place(self, text, anchor):
        if text.id == "index" and anchor:  # its sections are plain HTML, so links to them are too
            return f"index.html#{anchor}"
        return f"@ref {text.id}" + (f"--{anchor}" if anchor else "")

    def source_link(self, path, name=None):
        path = path.split("#")[0]
        return f'\\ref {path} "{name or path}"' if path in self.tree.headers else f"<code>{name or path}</code>"

    # ------------------------------------------------------------------------------------------------ pictures, widgets

    def include(self, content):
        name = f"{self.text.id}-{len(self.includes) + 1}.html"
        self.includes[name] = content or ""
        return f"\\htmlinclude[block] {name}"

    def figure(self, name, caption):
        """docs/figures/NAME.svg inside the page, where it can follow the theme."""
        file = self.tree.root / f"docs/figures/{name}.svg"
        drawing = self.pictures.get(name) or (read(file) if file.exists() else None)
        if drawing is None:
            return self.fail(f"there is no picture {name} (docs/figures/{name}.svg or .dot)")
        drawing = re.sub(r"<\?xml.*|<!DOCTYPE.*", "", drawing)
        linked = re.sub(r'href="(\.\./[^"]*)"', lambda link: f'href="{self.picture_link(link[1])}"', drawing)
        return figure(linked, caption)

    def picture_link(self, target):
        """A picture's links are paths from docs/figures: to a text, and to a class as its header, `#`, its name."""
        path, _, anchor = target.partition("#")
        path = posixpath.normpath(posixpath.join("docs/figures", path))
        text = self.tree.by_path.get(path)
        if text:
            return text.address(anchor)
        header, kind = self.tree.classes.get(anchor, ("", ""))
        if header == path:
            return f"{kind}gpt_1_1{anchor}.html"
        self.fail(f"a picture links to {target}, which is neither a text of the site nor a class in its header")
        return "#"

    def script(self, path):
        """Each script once a page; `defer` keeps them in order and runs them when the page stands."""
        if path in self.loaded:
            return ""
        self.loaded.add(path)
        return f'<script src="{path}" defer></script>\n'

    def widget(self, name, options):
        folder = "live" if name in WIDGETS else "widgets"
        if folder == "widgets" and not (self.tree.site / f"widgets/{name}.js").exists():
            return self.fail(f"there is no widget {name} (docs/site/widgets/{name}.js)")
        runs, scripts = [], ""
        for option, kind, ending in [("trace", "traces", ".trace.json"), ("report", "reports", ".json")]:
            for run in filter(None, options.get(option, "").split(",")):
                if (kind, run) not in self.runs:
                    return self.fail(f'there is no {option} "{run}" (docs/runs/{run}{ending})')
                runs.append(self.runs[kind, run])
                scripts += self.script(f"{kind}/{run}.js")
        if name == "journey":
            options = options | {"weights": json.dumps(speller(self.tree.root))}
        if folder == "live":
            scripts += self.script("live/client.js")
        values = "".join(f' data-{key}="{escaped(value)}"' for key, value in options.items())
        return (f'<div class="widget" data-widget="{name}"{values}>\n<div class="widget-static">\n'
                f"{self.still(name, options, runs) or ''}</div>\n</div>\n{scripts}" + self.script(f"{folder}/{name}.js"))

    def still(self, name, options, runs):
        """What print and readers without scripts see in a widget's place."""
        tables = self.tree.site / f"widgets/{name}.html"
        if name in STILLS and runs:
            try:
                return figure(STILLS[name](runs, options), options.get("caption"))
            except (LookupError, TypeError, ValueError) as error:
                return self.fail(f"widget {name} finds nothing to draw in its data: {error}")
        if tables.exists():
            return read(tables)
        return self.fail(f"widget {name} needs a picture for readers without JavaScript: "
                         f"widgets/{name}.html or one in stills.py")

    # --------------------------------------------------------------------------------------------- around a page's text

    def meta(self):
        minutes = self.words // 200 + 1
        last = self.tree.chapters[-1].number if self.tree.chapters else 0
        chapter = f"<span>Chapter {self.text.number} of {last}</span>" if self.text.number else ""
        return (f'\\htmlonly[block]<p class="page-meta">{chapter}<span>{minutes} minute{"s" * (minutes > 1)} to read'
                "</span></p>\\endhtmlonly")

    def overview(self):
        """A chapter's place in the whole."""
        place = self.tree.by_path.get("docs/map.md")
        if not self.text.number or not place:
            return ""
        return self.include(thumbnail(read(self.tree.root / "docs/figures/map.svg"), self.text.number, place.url))

    def page_turns(self):
        texts = self.tree.texts
        at = texts.index(self.text)
        turns = [(at - 1, "prev", "Previous"), (at + 1, "next", "Next")]
        return ('\\htmlonly[block]<nav class="page-turns" aria-label="Previous and next page">' + "".join(
            f'<a class="{way}" rel="{way}" href="{texts[i].url}"><small>{label}</small>'
            f"<span>{escaped(texts[i].label)}</span></a>"
            if 0 <= i < len(texts) else "<span></span>" for i, way, label in turns) + "</nav>\\endhtmlonly")

    def page_order(self):
        """The order of \\subpage is the order of the pages in the tree."""
        pages = [f"\\subpage {text.id}" for text in self.tree.texts if text.id != "index"]
        return "\n".join(['<div class="page-order">', *pages, "</div>"])

    def landing(self):
        """Promise, start button, and the chapters as a staircase down the loss."""
        start = [*self.tree.chapters, *self.tree.texts[1:], *self.tree.texts][0]
        cards = "\n".join(['<ol class="cards">', *[card(text, self.own_loss(text)) for text in self.tree.chapters], "</ol>"])
        page = read(self.tree.site / "theme/landing.html")
        parts = {"START": start.url, "CARDS": cards, "LIVE": self.landing_live() or "", "MAP": self.landing_map()}
        return re.sub("@([A-Z]+)@", lambda name: parts[name[1]], page)

    def landing_map(self):
        """The whole, and every chapter's place in it."""
        if "docs/map.md" not in self.tree.by_path:
            return ""
        return self.figure("map", "The whole of it. Boxes lead to their classes, numbers to the chapters that build them.")

    def own_loss(self, text):
        """The loss of our run, where nobody has published one: a chapter may learn from something else, though."""
        run = self.runs.get(("reports", f"ch{int(text.number):02}"))
        return run.data["val_loss"] if run and run.data["corpus"] == "tinyshakespeare" else None

    def landing_live(self):
        """The chapters' models, learning in the page, where their runs are known."""
        runs = [run for run in MODELS if ("reports", run) in self.runs]
        return self.widget("train-here", {"report": ",".join(runs), "chosen": "ch05_norm"}) if runs else ""


def slug_of(title):
    return re.sub(r"[^a-z0-9 _-]", "", re.sub(r"\$`[^`]*`\$", "", title).lower()).replace(" ", "-")


def card(text, own):
    """A chapter on the landing page. A full bar is ln 65, the loss of a model that knows nothing."""
    loss, share = "", ""
    if text.loss != "-" or own:
        number, whose = (float(text.loss), "loss") if text.loss != "-" else (own, "our loss")
        loss = f"<small>{whose} <em>{number:.2f}</em></small>"
        share = f' style="--share:{number / log(65):.3f}"'
    return (f'<li><a class="card" href="{text.url}"{share}><b>{text.number}</b><strong>{escaped(text.name)}</strong>'
            f"<span>{escaped(text.adds)}</span>{loss}</a></li>")


def reference(shown, target, is_code):
    if is_code and target.startswith("@ref "):
        return f'<code>\\{target[1:]} "{shown}"</code>'
    return f"[{shown}]({target})"


def changes(lines):
    """A block of what changed: lines that went, came and stayed, told apart by sign and by colour."""
    shown = ['<div class="fragment diff">']
    for line in lines:
        code, comment = re.match(r"(.*?)((?: |^)//[ /].*)?$", line[1:]).groups()
        text = escaped(code) + (f'<span class="comment">{escaped(comment)}</span>' if comment else "")
        tag = {"+": "ins", "-": "del"}.get(line[:1])
        text = f"<{tag}>{line[0]}{text}</{tag}>" if tag else line[:1] + text
        shown.append(f'<div class="line">{text}</div>')
    return "\n".join([*shown, "</div>\n"])
