#!/usr/bin/env python3
"""Builds the site. CMake's target `docs` calls this with what it has found:

  docs/site/build.py --source . --out build/release/docs --doxygen doxygen --awesome DIR --mathjax DIR [--dot dot]

html/ is replaced at the end, so a failed build leaves the last good site.
"""

import argparse
import json
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import reference
import walk
from live import copy_live
from page import Page
from rooms import picture
from tree import HERE, Tree, Unfit, escaped, read, read_runs

FONTS = [("EB Garamond", 400, "normal", "EBGaramond12-Regular.otf"),
         ("EB Garamond", 400, "italic", "EBGaramond12-Italic.otf"),
         ("Inter", 400, "normal", "Inter-Regular.otf"), ("Inter", 400, "italic", "Inter-Italic.otf"),
         ("Inter", 600, "normal", "Inter-SemiBold.otf"), ("JetBrains Mono", 400, "normal", "JetBrainsMono-Regular.ttf")]
# The part of MathJax that draws SVG, 2 MB of its 54.
MATHJAX = """MathJax.js extensions/tex2jax.js extensions/MathEvents.js extensions/TeX extensions/AssistiveMML.js
    extensions/toMathML.js jax/input/TeX jax/element/mml jax/output/SVG/config.js jax/output/SVG/jax.js
    jax/output/SVG/autoload jax/output/SVG/fonts/TeX"""
NEWER = {"HTML_COLORSTYLE": "LIGHT", "HTML_CODE_FOLDING": "NO", "HTML_COPY_CLIPBOARD": "NO", "PAGE_OUTLINE_PANEL": "NO",
         "FULL_SIDEBAR": "NO", "MARKDOWN_ID_STYLE": "GITHUB"}


def say(message):
    print(f"docs: {message}", flush=True)


def write(file, content):
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(content, encoding="utf-8")


def drawn(tree, dot):
    """Pictures that are made, not kept: the rooms of the house, and by graphviz those of docs/figures/NAME.dot."""
    pictures = {"rooms": picture(tree.root)}
    for file in sorted(tree.root.glob("docs/figures/*.dot")):
        if not dot:
            raise Unfit(f"graphviz is needed to draw {file.name}: install the package graphviz")
        svg = subprocess.run([dot, "-Tsvg", file], check=True, capture_output=True, text=True).stdout
        # Black becomes the text's colour, so that dark mode works; the XML prolog has no place inside a page.
        svg = svg[svg.index("<svg"):].replace('"black"', '"currentColor"')
        pictures[file.stem] = re.sub('font-family="[^"]*"', "", svg)
    return pictures


def card(tree, dot, file):
    """The picture that a link to the site unfurls to: the chapters on their way down, drawn by graphviz."""
    def cell(words, size, ink, more=""):
        return f'<TD {more}><FONT POINT-SIZE="{size}" COLOR="{ink}">{words}</FONT></TD>'

    wide = f'COLSPAN="{max(1, len(tree.chapters))}" ALIGN="LEFT"'
    boxes = [cell(f"{text.number}<BR/>{escaped(text.name)}", 17, "#5b3cc4", 'BGCOLOR="#ece7fa" WIDTH="138" HEIGHT="110"')
             for text in tree.chapters]
    rows = [cell("Bardling", 92, "#5b3cc4", wide), cell("Build a GPT in C++20, step by step", 44, "#211d30", wide)]
    table = "".join(f"<TR>{row}</TR>" for row in [*rows, "".join(boxes)] if row)
    picture = f"""digraph {{ graph [size="12.5,6.5625!" ratio=fill dpi=96 bgcolor="#fcfbf8" pad="0.6,1.5"]
        card [shape=plain fontname="EB Garamond" label=<<TABLE BORDER="0" CELLSPACING="9" CELLPADDING="8">{table}</TABLE>>] }}"""
    subprocess.run([dot, "-Tpng", "-o", file], input=picture, check=True, text=True)


def cited(tree, key):
    """What CITATION.cff says: `repository-code`, where the sources are, `url`, where the site is; else ""."""
    file = tree.root / "CITATION.cff"
    found = re.search(rf"^{key}: *\"?(.*?)\"?$", read(file) if file.exists() else "", re.MULTILINE)
    return found[1].rstrip("/") if found else ""


def fonts(out):
    """Fonts, if this machine has them; the style sheet names others for when it has not."""
    files = [file for share in ("/usr/share", "/usr/local/share") for file in Path(share, "fonts").rglob("*.?tf")]
    found = {file.name: file for file in files}
    faces = ""
    for family, weight, style, name in FONTS:
        if name in found:
            (out / "fonts").mkdir(parents=True, exist_ok=True)
            shutil.copy(found[name], out / "fonts")
            faces += (f'@font-face {{ font-family: "{family}"; font-weight: {weight}; font-style: {style}; '
                      f'font-display: swap; src: url("fonts/{name}"); }}\n')
    return faces


def doxyfile(tree, out, options):
    """The template filled in. Options that only newer versions know are added when this one lists them, those that it
    no longer knows are left out."""
    template = subprocess.run([options.doxygen, "-s", "-g", "-"], check=True, capture_output=True, text=True).stdout
    known = set(re.findall(r"^([A-Z_]+) *=", template, re.MULTILINE))
    places = {"SOURCE": tree.root, "SITE": HERE, "OUT": out, "AWESOME": options.awesome, "PYTHON": sys.executable,
              "PAGES": " ".join(f'"{out}/pages/{text.path}"' for text in tree.texts),
              "HEADERS": " ".join(f'"{tree.root / path}"' for path in tree.headers),
              "MAINPAGE": f'"{out}/pages/README.md"'}
    lines = read(HERE / "Doxyfile.in").splitlines() + [f"{key} = {value}" for key, value in NEWER.items()]
    kept = [line for line in lines if re.match(r"[A-Z_]*", line)[0] in known | {""}]
    return re.sub("@([A-Z]+)@", lambda name: str(places[name[1]]), "\n".join(kept)) + "\n"


def run_doxygen(out, options):
    done = subprocess.run([options.doxygen, out / "Doxyfile"], check=False, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    write(out / "doxygen.log", done.stdout)
    sys.stderr.write(done.stdout.replace(f"{out}/pages/", ""))
    if done.returncode:
        raise Unfit(f"Doxygen was not content (all it said is above and in {out}/doxygen.log)")


def finish(tree, pages, runs, site, options, out):
    """What Doxygen does not copy: scripts, data, pictures, MathJax; and what it would say otherwise."""
    shutil.copytree(HERE / "widgets", site / "widgets", ignore=shutil.ignore_patterns("*.html"))
    if not copy_live(options.wasm, site / "live"):
        say("no clang here compiles for WebAssembly, so the site has no live parts; what to install is said in their place")
    if any("live/walk.js" in page.loaded for page in pages):
        write(site / "live/walk-stops.js", walk.script(tree.root, site, pages))
    for run in runs.values():
        write(site / run.kind / f"{run.name}.js", run.script())
    if options.dot:
        card(tree, options.dot, site / "card.png")
    if (tree.root / "LICENSE").exists():
        shutil.copy(tree.root / "LICENSE", site / "licence.txt")
    if (out / "fonts").exists():
        shutil.copytree(out / "fonts", site / "fonts")
    index = {"sections": [record for page in pages for record in page.records()],
             "terms": [term for page in pages for term in page.terms()], "names": reference.names(out / "tags.xml")}
    write(site / "search-index.js", f"window.bardlingIndex = {json.dumps(index, ensure_ascii=False)};\n")
    for part in MATHJAX.split():
        source, target = Path(options.mathjax) / part, site / "mathjax" / part
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copytree(source, target) if source.is_dir() else shutil.copy(source, target)
    # Indexes of members by letter: layout.xml keeps them out of the tree, but Doxygen writes them all the same.
    for file in [*site.glob("functions*.html"), *site.glob("globals*.html")]:
        file.unlink()
    # The tree has the words of the cards and of the links below each page.
    labels = {text.url: text.label.replace('"', "") for text in tree.texts[1:]}
    entries = re.sub(r'\[ "([^"]*)", "([^"]*)",', lambda entry: f'[ "{labels.get(entry[2], entry[1])}", "{entry[2]}",',
                     read(site / "navtreedata.js"))
    write(site / "navtreedata.js", entries)
    links = reference.explanations(tree, pages)
    for file in site.glob("*.html"):
        write(file, reference.amended(file.name, read(file), tree, links))


def build(options):
    started, out = time.time(), options.out.resolve()
    for folder in ("pages", "include", "fonts", "html.new"):
        shutil.rmtree(out / folder, ignore_errors=True)
    tree = Tree(options.source)
    if tree.unlisted():
        raise Unfit(f"{tree.unlisted()[0]} is not in docs/site/pages.txt, which says where it stands in the site")
    runs = read_runs(tree.root, say)
    pictures = drawn(tree, options.dot)
    pages = [Page(tree, text, runs, pictures) for text in tree.texts]
    faults = [fault for page in pages for fault in page.faults]
    if faults:
        print("\n".join(faults), file=sys.stderr)
        raise Unfit("the texts above must be mended first")
    for page in pages:
        write(out / "pages" / page.text.path, "\n".join(page.lines) + "\n")
        for name, content in page.includes.items():
            write(out / "include" / name, content)
    write(out / "fonts.css", fonts(out))
    # Without scripts there is no tree, so the header holds the pages' names.
    plain = [f'<li><a href="$relpath^{text.url}">{escaped(text.label)}</a></li>' for text in tree.texts[1:]]
    site = cited(tree, "url")
    picture = f'<meta property="og:image" content="{f"{site}/" if site else ""}card.png"/>'
    header = read(HERE / "theme/header.html").replace("@PAGES_LIST@", "\n".join(plain))
    write(out / "header.html", header.replace("@CARD@", picture if options.dot else ""))
    sources = cited(tree, "repository-code")
    links = f'<a href="{sources}">Sources</a>, ' if sources else ""
    if (tree.root / "LICENSE").exists():
        links += '<a href="$relpath^licence.txt">MIT licence</a>; '
    write(out / "footer.html", read(HERE / "theme/footer.html").replace("@LINKS@", links))
    write(out / "Doxyfile", doxyfile(tree, out, options))
    run_doxygen(out, options)
    finish(tree, pages, runs, out / "html.new", options, out)
    shutil.rmtree(out / "html", ignore_errors=True)
    (out / "html.new").rename(out / "html")
    if tree.planned:
        say("listed in docs/site/pages.txt but not written yet: " + " ".join(tree.planned))
    say(f"built in {time.time() - started:.0f} s: {out}/html/index.html")


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description="Builds the site; CMake's target docs calls this.")
    for name in ("--source", "--out"):
        arguments.add_argument(name, type=Path, required=True)
    for name in ("--doxygen", "--awesome", "--mathjax"):
        arguments.add_argument(name, required=True)
    arguments.add_argument("--dot", default="")
    arguments.add_argument("--wasm", default="", help="docs/live as WebAssembly")
    try:
        build(arguments.parse_args())
    except Unfit as unfit:
        sys.exit(f"docs: {unfit}")
