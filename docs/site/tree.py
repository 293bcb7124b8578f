"""What the site is made of: the texts in reading order, the headers of the class reference, the runs' numbers."""

import html
import json
import posixpath
import re
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean

import exercises

HERE = Path(__file__).resolve().parent


class Unfit(Exception):
    """The site cannot be built, and a reader or an author can mend it: the message is one sentence."""


@dataclass
class Text:
    """One page: where it lies, its short name, what it adds and, for a chapter, the published loss."""

    path: str
    name: str
    adds: str
    loss: str = ""

    @property
    def number(self):
        found = re.match(r"chapters/(\d+)_", self.path)
        return int(found[1]) if found else None

    @property
    def label(self):
        return f"{self.number}. {self.name}" if self.number else self.name

    @property
    def id(self):
        """chapters/02_self_attention/README.md -> chapter_02_self_attention, docs/glossary.md -> glossary"""
        if self.path == "README.md":
            return "index"
        name = re.sub(r"(/README)?\.md$", "", self.path)
        return re.sub(r"[^A-Za-z0-9]", "_", re.sub(r"^docs/", "", re.sub(r"^chapters/", "chapter_", name)))

    @property
    def url(self):
        return self.id + ".html"

    def address(self, section):
        """Of a section, by GitHub's name for it; those of the first page are plain HTML."""
        return self.url + (f"#{'' if self.id == 'index' else self.id + '--'}{section}" if section else "")


def read(file):
    return file.read_text(encoding="utf-8")


def escaped(text):
    return html.escape(str(text)).replace("&#x27;", "'")


def rows_of(file):
    """The lines of a list whose columns stand between `|`; those that begin with # are remarks."""
    lines = read(file).splitlines()
    return [[cell.strip() for cell in line.split("|")] for line in lines if line.strip() and not line.startswith("#")]


class Tree:
    def __init__(self, root, site=HERE):
        self.root, self.site = Path(root).resolve(), Path(site).resolve()
        listed = []
        for path, *rest in rows_of(self.root / "docs/site/pages.txt"):
            if path == "chapters":  # their own list says the rest
                listed += [Text(f"chapters/{folder}/README.md", name, adds, loss)
                           for folder, name, _, adds, loss, *_ in rows_of(self.root / "chapters/chapters.txt")]
            else:
                listed.append(Text(path, *rest))
        chapters = [text for text in listed if text.number and (self.root / text.path).exists()]
        self.tasks = {path: heading for path, heading, _ in exercises.places(self.root, chapters)}
        self.made = {exercises.PATH: exercises.text(self.root, chapters)} if self.tasks else {}
        self.texts = [text for text in listed if (self.root / text.path).exists() or text.path in self.made]
        self.planned = [text.path for text in listed if text not in self.texts]
        self.by_path = {text.path: text for text in self.texts}
        self.chapters = [text for text in self.texts if text.number]
        self.headers = self.reference_headers()
        self.classes = self.find_classes()
        self.done = self.exercises_done()
        self.known = []  # the glossary's terms, once they are asked for

    def explained(self, source, text):
        """What a list explains, `- **Term.** What it is. → [where](page.md#section)`: term, explanation, address."""
        found = re.findall(r"(?sm)^- \*\*(.+?)\.\*\* (.*?)\s*→ \[.*?\]\((.*?)\)", source)
        terms = []
        for term, words, target in found:
            path, _, anchor = target.partition("#")
            where = self.by_path.get(posixpath.normpath(posixpath.join(posixpath.dirname(text.path), path)), text)
            plain = " ".join(re.sub(r"\$`[^`]*`\$|[`*]", "", words).split())
            terms.append([term.replace("`", ""), plain, where.address(anchor)])
        return terms

    def terms(self):
        """Those of the glossary."""
        text = self.by_path.get("docs/glossary.md")
        if text and not self.known:
            self.known = self.explained(read(self.root / text.path), text)
        return self.known

    def source(self, text):
        """What stands in it, whether it is a file or made from others."""
        return self.made.get(text.path) or read(self.root / text.path)

    def exercises_done(self):
        """The reader's, on this machine."""
        notes = self.root / "my/progress.txt"
        return set(re.findall(r"^done (\w+)", read(notes), flags=re.M)) if notes.exists() else set()

    def unlisted(self):
        """Texts that nobody would find: they stand in no list."""
        files = [*self.root.glob("docs/*.md"), *self.root.glob("chapters/*/README.md")]
        paths = {file.relative_to(self.root).as_posix() for file in files} - {"docs/authoring.md"}
        return sorted(paths - set(self.by_path))

    def reference_headers(self):
        """The headers that a reader meets: all but those whose own comment says "Only for" their neighbours."""
        files = [*self.root.glob("common/**/*.hpp"), *self.root.glob("chapters/**/*.hpp")]
        paths = sorted(file.relative_to(self.root).as_posix() for file in files if "exercise" not in file.parts)
        return [path for path in paths if not re.search(r"\bOnly\b[ /\n]+for\b", self.file_comment(path))]

    def file_comment(self, path):
        return re.match(r"(///.*\n)*", read(self.root / path))[0]

    def find_classes(self):
        """Name -> (header, "class" or "struct"), for every class that a header defines."""
        classes = {}
        for path in self.headers:
            for line in read(self.root / path).splitlines():
                found = re.match(r"(class|struct) ([A-Z][A-Za-z0-9]*)( |$)", line)
                if found and not re.search(r"; *(//.*)?$", line):
                    classes[found[2]] = (path, found[1])
        return classes


@dataclass
class Run:
    """A report or a trace as its JSON says it, and whose it is."""

    name: str
    kind: str  # "reports" or "traces"
    data: dict
    origin: str

    def script(self):
        """The same for the page: a script works on file://, where nothing can be fetched."""
        table = {"reports": "bardlingReports", "traces": "bardlingTraces"}[self.kind]
        content = json.dumps(self.data, ensure_ascii=False, separators=(",", ":"))
        return (f'(window.{table} = window.{table} || {{}})["{self.name}"] = '
                f'Object.assign({content}, {{origin: "{self.origin}"}});\n')


def read_runs(root, say):
    """(kind, name) -> Run: the reader's own from runs/ take the place of those that come with the repository."""
    runs, own = {}, 0
    for folder, origin in [("docs/runs", "a run that comes with the repository"), ("runs", "your own run")]:
        for file in sorted((root / folder).glob("*.json")):
            kind = "traces" if file.stem.endswith(".trace") else "reports"
            name = file.stem[:-len(".trace")] if kind == "traces" else file.stem
            shown = f"{folder}/{file.name}"
            try:
                run = Run(name, kind, json.loads(read(file)), origin)
                # A model of the reader's own parts may note less than the texts show; untrained, it has no curve.
                lacking = sorted(contents(runs.get((kind, name))) - contents(run))
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                if folder == "docs/runs":
                    raise Unfit(f"{shown} cannot be read: {error}") from error
                say(f"{shown} cannot be read ({error}); the figures show the repository's run")
                continue
            if lacking:
                say(f"{shown} holds no {' '.join(lacking)} - the figures show the repository's run")
                continue
            runs[kind, name] = run
            own += folder == "runs"
    for (kind, name), run in runs.items():
        several = band(root, name, run.data) if kind == "reports" else None
        if several:
            run.data["band"] = several
    if own:
        say(f"{own} of the figures' data are your own, from runs/")
    return runs


def band(root, name, report):
    """What the curves of several seeds are together, where a run of the repository's has others beside it in
    docs/runs/seeds, NAME-SEED.json: the seeds, [step, lowest, mean, highest] of the losses on the way, and
    [lowest, mean, highest] of those at the end. Nothing for a run of another length or text."""
    files = [root / f"docs/runs/{name}.json", *sorted((root / "docs/runs/seeds").glob(f"{name}-*.json"))]
    several = [json.loads(read(file)) for file in files if file.exists()]
    if len(several) < 3 or any(one.get(key) != report.get(key) for one in several for key in ("steps", "corpus")):
        return None
    curves = [{point["step"]: point["val"] for point in one["curve"]} for one in several]
    steps = sorted(set(curves[0]).intersection(*curves[1:]))

    def spread(losses):
        return [min(losses), fmean(losses), max(losses)]

    return {"seeds": [one["seed"] for one in several], "ends": spread([one["val_loss"] for one in several]),
            "points": [[step, *spread([curve[step] for curve in curves])] for step in steps]}


def contents(run):
    """What a run has to show: a trace's tensors, a report's entries but for the published loss, which may lack."""
    if run is None:
        return set()
    if run.kind == "traces":
        return {tensor["name"] for tensor in run.data["tensors"]}
    return {key for key, value in run.data.items() if value not in (None, [])} - {"published_val_loss"}
