"""The page of all exercises: each chapter's tasks and its challenge, one below the other, from the files that ./learn
shows. It has no file of its own."""

import posixpath
import re

PATH = "docs/exercises.md"
INTRODUCTION = """Each chapter says where its exercises come in. `./learn exercise NAME` begins one, `./learn task` shows what stands here,
`./learn watch` tests your file whenever you save, `./learn hint` says a little, and then a little more. `./learn challenge N`
measures what you make of a challenge."""


def read(file):
    return file.read_text(encoding="utf-8")


def places(root, chapters):
    """Of each task and challenge: its path, the section of the page that shows it, and the chapter's label."""
    found = []
    for chapter in chapters:
        folder = root / posixpath.dirname(chapter.path) / "exercise"
        tasks = sorted(folder.glob("*_*/README.md"), key=lambda task: int(task.parent.name.split("_")[0]))
        found += [(task.relative_to(root).as_posix(), task.parent.name.split("_", 1)[1], chapter.label) for task in tasks]
        if (folder / "challenge.md").exists():
            found.append(((folder / "challenge.md").relative_to(root).as_posix(),
                          f"Challenge of chapter {chapter.number}", chapter.label))
    return found


def section(root, path, heading):
    """A task below its heading: its own headings become bold lines, its links start from docs/."""
    title, *lines = read(root / path).splitlines()
    body, code = [], False
    for line in lines:
        code ^= bool(re.match(r" *```", line))
        if not code:
            line = re.sub(r"^#+ +(.*)", r"**\1**", line)
            line = re.sub(r"\]\(([^():]+)\)", lambda link: f"]({moved(path, link[1])})", line)
        body.append(line)
    return [f"### {heading}", "", f"**{title.removeprefix('# ')}.**", *body, ""]


def moved(path, target):
    file, mark, anchor = target.partition("#")
    return posixpath.relpath(posixpath.normpath(posixpath.join(posixpath.dirname(path), file)), "docs") + mark + anchor


def text(root, chapters):
    lines, label = ["# Exercises", "", *INTRODUCTION.split("\n"), ""], ""
    for path, heading, of_chapter in places(root, chapters):
        if of_chapter != label:
            label = of_chapter
            lines += [f"## {label}", ""]
        lines += section(root, path, heading)
    return "\n".join(lines) + "\n"
