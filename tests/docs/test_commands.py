#!/usr/bin/env python3
"""Every command that the texts, the help and the programs print is run as it stands, where it stands.

    tests/docs/test_commands.py BUILD          BUILD: a folder that CMake has configured and built
    tests/docs/test_commands.py BUILD --list   only names them, with what is done with each

The commands are taken from the `sh` blocks and the `code` of every text, in their order, and from whatever the programs
print meanwhile: each of those is run after the run that printed it, in the same folder. So that this takes a minute and
changes nothing, all of it happens in a copy of the tutorial, whose folder has a blank in its name:

- A chapter's program is the built one, by way of a script that asks for six steps on the play's beginning where the
  command asks for none and names no text (SHORT). What else would take minutes gets options that shorten it (SHORTER), or only --help (ONLY_HELP).
- cmake, ctest and package managers are stand-ins (stand_in): cmake looks whether the targets exist, ctest lists the tests
  that would be run and wants one at least, apt-get compares the packages with those of learn.
- The exercises are built in BUILD, beside the reader's own parts, as their own tests do it.

What is not run at all stands in SKIPPED, each with its reason; a line there that fits nothing is an error.
"""
import os
import pathlib
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time

SOURCE = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(sys.argv[1]).resolve()
TEXT = os.environ.get("BARDLING_DATA", "") + "/tinyshakespeare.txt"

SKIPPED = {
    r"(NN|\bNAME\b|\bFILE\b|\bFOLDER\b|\bN\b|\bCOMMAND\b|\bCONFIG\b)": "a form, not a command: its places are filled elsewhere",
    r"^chapters/07_since_the_paper/measure\.sh ": "hours; the test chapter_7_measures calls each of its ways",
    r"^python3 chapters/07_since_the_paper/sprint\.py ": "hours; the test chapter_7_sprint makes its tables and runs its words",
    r"^python3 chapters/08_recurrent/measure\.py ": "an hour; the test chapter_8_measures calls each of its ways",
    r"^tests/benchmark/precision\.sh ": "many whole trainings; what is measured stands beside it",
    r"^tests/benchmark/parts\.sh ": "minutes under valgrind, which few have",
    r"data fetch gpt2$": "half a gigabyte; the test learn_fetches_gpt2 has a server of its own",
    r"--load data/gpt2": "GPT-2's weights, half a gigabyte; chapter 9's tests load a small one of that form",
    r"^(DATA=\S+ )?chapters/(09|10)\w+/measure\.sh": "hours of training",
    r"^chapters/09\w+/kjv\.sh ": "a package of Debian's",
    r"hosts\.sh|^mpirun |^sudo chrt ": "root, or other hosts; the tests of the ranks start them on this one",
    r"run 10 --task brackets": "a task that the reader is to write first",
    r"run 10 .*--load": "a model trained for as long as the text says",
    r"tests/benchmark/bench_ddp\.py": "PyTorch, which few have",
    r"tests/benchmark/modes\.py": "minutes, and PyTorch; the test stages_have_places calls it with programs of its own",
    r"tests/benchmark/stages\.py$": "minutes; the test stages_have_places holds its tables against the text",
    r"^build/release/bin/bench_\w+$": "minutes; what is measured is compared elsewhere",
    r"^docs/site/quotes\.py --update$": "changes texts; the test docs_quote_command calls it",
    r"^docs/\w+/\w+\.(py|sh)$": "the name of a file, which is there",
    r"^\./learn run$": "the name of the command",
}
ONLY_HELP = {
    r"--size lecture": "an hour",
    r"bench .*gpt-lecture": "minutes for each step",
}
SHORTER = {
    r"--size sprint": "--context 72",
    r"\bbench\b": "--seconds 0.05 --rounds 1",
    r"\btour$": "--quick",
}
# What chapter 11 says then, and rightly.
WITHOUT_MPI = "needs MPI, and it was not there when this was built"
SHORT = """#!/bin/sh
# NAME, made short
words=" $* "
case $words in *' --help '* | *' -h '*) exec "PROGRAM" "$@" ;; esac
before=
for word; do # the 500 steps of the examples in --help are six, too, and their play its beginning
  shift
  case "$before $word" in '--steps 500') word=6 ;; '--data play') word="BEGINNING" ;; esac
  set -- "$@" "$word"
  before=$word
done
case $words in
  *' --data '* | *' --load '*) ;;
  *' --vocabulary '*) set -- "$@" --data play ;; # as many pieces are in a longer text alone
  *) set -- "$@" --data "BEGINNING" ;;
esac
case $words in *' --load '* | *' --steps '* | *' --steps='*) ;; *)
  case $words in *' --eval-every '*) ;; *) set -- "$@" --eval-every 6 ;; esac
  set -- "$@" --steps 6 --batch 2 ;;
esac
case $words in *' --tokens '*) ;; *) set -- "$@" --tokens 20 ;; esac
case $words in *' --threads '*) ;; *) set -- "$@" --threads 1 ;; esac
exec "PROGRAM" "$@"
"""


def stand_in(name, words):
    """What cmake, ctest and their like do here. Returns the exit code."""
    real = os.environ["REAL_PATH"]
    environment = dict(os.environ, PATH=real)
    presets = (SOURCE / "CMakePresets.json").read_text()
    if name == "cmake":
        if "--version" in words:
            return subprocess.call(["cmake", "--version"], env=environment)
        for i, word in enumerate(words):
            if word == "--preset" and f'"name": "{words[i + 1]}"' not in presets:
                print("there is no preset", words[i + 1])
                return 1
        if "--target" in words:
            for target in words[words.index("--target") + 1:]:
                if target.startswith("-"):
                    break
                if target == "bench_ops" and "benchmark_DIR-NOTFOUND" in (BUILD / "CMakeCache.txt").read_text():
                    continue  # it needs Google Benchmark, as its text says
                if subprocess.run(["ninja", "-C", BUILD, "-t", "query", target], env=environment,
                                  capture_output=True, check=False).returncode != 0:
                    print("error: there is no target", target)
                    return 1
        return 0
    if name == "ctest":
        words = list(words)
        for option in ("--preset", "--test-dir"):
            if option in words:
                at = words.index(option)
                del words[at:at + 2]
        listed = subprocess.run(["ctest", "--test-dir", BUILD, "-N", *words], env=environment, capture_output=True,
                                text=True, check=False).stdout
        print(listed[-300:])
        return 0 if re.search(r"Total Tests: [1-9]", listed) else 1
    if name in ("apt", "apt-get", "sudo"):
        known = (SOURCE / "learn").read_text()
        packages = [word for word in words if word not in ("apt", "apt-get", "install", "update", "-y")]
        unknown = [word for word in packages if not word.startswith("-") and word not in known]
        print("learn does not know of", unknown) if unknown else None
        return 1 if unknown else 0
    if name == "dpkg-query":
        print("installed", end="")
        return 0
    if name == "curl":
        if "--version" in words:
            print("curl, played by Tiny Shakespeare as it lies here")
            return 0
        shutil.copy(os.environ["TINY_SHAKESPEARE"], words[words.index("-o") + 1])
        return 0
    return 1


class Stage:
    """A copy of the tutorial in which all is short."""

    def __init__(self, folder):
        self.root = folder / "a tutorial"
        ignored = shutil.ignore_patterns("build", "my", "runs", ".git", "node_modules", "*.safetensors",
                                         "tinyshakespeare*")
        # The reader's runs/ and build/ are at the top, docs/runs is not.
        shutil.copytree(SOURCE, self.root, symlinks=True,
                        ignore=lambda at, names: ignored(at, names) if pathlib.Path(at) == SOURCE
                        else {n for n in ignored(at, names) if n not in ("runs",)})
        # Each look at the loss reads all of it, which takes longer than the six steps. Chapter 9 has its 1,024 pieces in it,
        # the sprint its context in the last tenth.
        beginning = folder / "beginning.txt"
        beginning.write_text((SOURCE / "data/original_play.txt").read_text()[:6000])
        self.bin = self.root / "build/release/bin"
        self.bin.mkdir(parents=True)
        for program in filter(pathlib.Path.is_file, (BUILD / "bin").iterdir()):
            short = re.fullmatch(r"ch\d\d", program.name)
            for name in [program.name, "my_" + program.name] if short else [program.name]:
                if name.startswith("my_") and not short:
                    continue
                if short:
                    self.script(self.bin / name, SHORT.replace("PROGRAM", str(program)).replace("NAME", program.name)
                                .replace("BEGINNING", str(beginning)))
                elif not (self.bin / name).exists():
                    (self.bin / name).symlink_to(program)
        phony = [name.name for name in self.bin.iterdir() if name.name.startswith("my_ch")]
        (self.root / "build/release/build.ninja").write_text("".join(f"build {n}: phony\n" for n in phony))
        (self.root / "build/release/CMakeCache.txt").write_text(f"CMAKE_HOME_DIRECTORY:INTERNAL={self.root}\n")
        self.stand_ins = folder / "bin"
        self.stand_ins.mkdir()
        for name in ("cmake", "ctest", "apt", "apt-get", "sudo", "dpkg-query", "curl"):
            self.script(self.stand_ins / name,
                        f'#!/bin/sh\nexec "{sys.executable}" "{__file__}" "{BUILD}" --stand-in {name} "$@"\n')
        self.trials = {}

    @staticmethod
    def script(file, text):
        file.write_text(text)
        file.chmod(0o755)

    def trial(self, chapter):
        """Where an exercise of this chapter is built, prepared as tests/runner/test_exercise.sh does it."""
        name = f"trial_{chapter:02}"
        if name not in self.trials:
            folder = BUILD / name
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            (folder / "build.ninja").write_text(f"builddir = {name}\ninclude build.ninja\n")
            for file in (".ninja_log", ".ninja_deps"):
                shutil.copy(BUILD / file, folder)
            self.trials[name] = folder
        return name

    def run(self, command, where, chapter=1, stdin="", stop=None, environment=None):
        """Returns exit code and text. `stop`: send this signal as soon as it trains."""
        env = {k: v for k, v in os.environ.items() if not k.startswith("BARDLING_") and k not in ("DISPLAY", "WAYLAND_DISPLAY", "CI")}
        env.update(PATH=f"{self.stand_ins}:{os.environ['PATH']}", REAL_PATH=os.environ["PATH"], NO_COLOR="1",
                   TINY_SHAKESPEARE=TEXT, EDITOR="true")
        env["BARDLING_DATA"] = str(self.root / "data")
        if "--mine" not in command and re.search(EXERCISES, command):
            env.update(BARDLING_BUILD=str(BUILD), BARDLING_PARTS=self.trial(chapter))
        env.update(environment or {})
        line = f"exec {command}" if stop is not None else command  # or else the shell would be stopped, too
        with subprocess.Popen(["sh", "-c", line], cwd=where, env=env, text=True, errors="replace", stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True) as process:
            text = ""
            if stop is not None:
                for line in process.stdout:
                    text += line
                    if "step  " in line:
                        os.killpg(process.pid, stop)
                        break
            try:
                text += process.communicate(stdin, timeout=300)[0]
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                text += process.communicate()[0] + "\n(no end within 300 seconds)"
            return process.returncode, text


EXERCISES = r"learn (exercise|task|watch|check|hint|list|solution|reset)|learn$"


def commands_of(text):
    """The commands of a text, in its order: of its blocks first, then those in its lines."""
    found = []
    for block in re.findall(r"^```(?:sh|bash|console)\n(.*?)^```", text, re.S | re.M):
        found += [re.sub(r"\s+#.*", "", line).strip() for line in block.splitlines()]
    inline = re.sub(r"^```.*?^```", "", text, flags=re.S | re.M)
    starts = r"(\./learn|build/\w+/bin/|cmake |ctest |docs/\w+/\w+\.(sh|py)|tests/\w+/\w+\.(sh|py)|chapters/\S+\.sh|sudo )"
    found += [c for c in re.findall(r"(?<!`)`([^`\n]+)`(?!`)", inline) if re.match(starts, c)]
    return list(dict.fromkeys(c for c in found if c and not c.startswith("#")))


def printed_commands(output, names):
    """The commands in what a program printed: lines of their own, and those within a sentence."""
    found = []
    for line in output.splitlines():
        whole = re.match(r"^  ((?:\S*/|'[^']*/|\"[^\"]*/)(?:learn|ch\d\d|my_ch\d\d)['\"]?(?: .*)?)$", line)
        if whole:
            found.append(re.sub(r"   *\S.*", "", whole.group(1)))  # what stands two blanks further is its description
            continue
        for learn, rest in re.findall(r"((?<![\w/'\"])(?:\./|(?:\.\./)+)learn)\b((?: [\w./|\[\]-]+)*)", line):
            words = rest.split()
            command, arguments = (words[0] if words else ""), words[1:]
            taken = []
            if command == "challenge" and re.fullmatch(r"\d+\.?", " ".join(arguments[:1])):
                taken = [arguments[0].rstrip(".")]
            elif command == "run" and arguments:
                taken = [arguments[0]] + [w for w in arguments[1:] if w in ("--mine", "--help")]
            elif command == "data" and arguments[:1] == ["fetch"]:
                taken = ["fetch"]
            elif arguments and (arguments[0].startswith("--") or arguments[0].rstrip(".") in names):
                taken = [arguments[0].rstrip(".")]
            if command and not re.fullmatch(r"tour|run|exercise|task|challenge|watch|check|hint|list|solution|reset|test|docs|data|doctor|bench|help", command):
                command, taken = "", []  # prose goes on
            found.append(" ".join([learn] + ([command] if command else []) + taken))
    return [re.sub(r" \[.*", "", c) for c in dict.fromkeys(found)]


class Check:
    def __init__(self, stage):
        self.stage = stage
        self.names = {p.name.split("_", 1)[1] for p in SOURCE.glob("chapters/*/exercise/[0-9]*")}
        self.done = set()
        self.saved = {}  # which command has saved a file last
        self.used = set()
        self.failed = 0
        self.count = 0

    def first(self, table, command):
        for pattern, what in table.items():
            if re.search(pattern, command):
                self.used.add(pattern)
                return what
        return None

    def command(self, command, where, chapter, came_from, depth=0):
        """Runs a command, unless it was run here already, and then all those that it has printed."""
        key = (command, str(where), chapter if re.search(EXERCISES, command) else 0)
        if key in self.done:
            return
        self.done.add(key)
        reason, only_help, extra = (self.first(table, command) for table in (SKIPPED, ONLY_HELP, SHORTER))
        if reason and reason.startswith("the name of a file") and not (SOURCE / command).is_file():
            reason = None
        if re.search(r"learn bench\b", command) and extra and not (BUILD / "bin" / "bench_models").is_file():
            reason = "its programs are built only when they are called for"
        if command.endswith("data fetch") and not pathlib.Path(TEXT).is_file():
            reason = "there is no Tiny Shakespeare in BARDLING_DATA to play the network's part"
        if reason:
            print(f"  not run  {command}    ({reason})")
            return
        line = command
        if only_help:
            line = command + " --help"
        elif extra and extra.split()[0] not in command:
            line = f"{command} {extra}"
        if "--list" in sys.argv:
            print(f"  {line}    ({came_from})")
            return
        if line != command:  # other commands may have become the same one
            shortened = (line, *key[1:])
            if shortened in self.done:
                return
            self.done.add(shortened)
        # What is to be loaded was saved by another of the text's commands, or by the option that it names.
        loads, saves = re.search(r"(.*?) --load (\S+)", command), re.search(r"(.*?) --save (\S+)", command)
        if loads and "'" not in loads.group(2):
            before, file = loads.groups()
            if self.saved.get((where, file), before) != before or not (where / file).exists():
                self.done.discard((f"{before} --save {file}", str(where), 0))
                self.command(f"{before} --save {file}", where, chapter, f"for {command}", 3)
        if saves and "--help" not in line:
            self.saved[(where, saves.group(2))] = saves.group(1)
        stdin = "q" if re.search(r"learn watch", command) else "y\n"
        began = time.time()
        code, text = self.stage.run(line, where, chapter, stdin)
        self.count += 1
        # A check of a stub says that it is not written yet, and a challenge that nothing was changed: what they are for.
        unfinished = re.search(r"learn (check|challenge)", command) and re.search(
            r"NOT WRITTEN|NOT BEGUN|of \d+|When you have changed", text)
        fine = code == 0 or (code == 1 and (unfinished or WITHOUT_MPI in text))
        print(f"  {'ran' if fine else 'FAILED'} {time.time() - began:5.1f} s  {line}    ({came_from})", flush=True)
        if not fine:
            self.failed += 1
            print(f"exit code {code} in {where}:\n{text}")
        if depth < 3:
            for printed in printed_commands(text, self.names):
                self.command(printed, where, chapter, f"printed by {command}", depth + 1)

    def texts(self):
        files = [*SOURCE.glob("*.md"), *SOURCE.glob("data/*.md"), *SOURCE.glob("docs/**/*.md"),
                 *SOURCE.glob("chapters/**/*.md")]
        for file in sorted(files):
            name = file.relative_to(SOURCE)
            number = re.match(r"chapters/(\d\d)_", str(name))
            chapter = int(number.group(1)) if number else 1
            where = self.stage.root
            for command in commands_of(file.read_text()):
                self.command(command, where, chapter, str(name))

    def must(self, what, command, where=None, chapter=1, code=0, says=None, deep=1, **how):
        """A run of our own, and then all that it has printed; `deep` 3: but not what those print, 4: nothing. Returns its
        text."""
        where = where or self.stage.root
        got, text = self.stage.run(command, where, chapter, **how)
        self.count += 1
        right = got == code and (says is None or says in text) or WITHOUT_MPI in text
        print(f"  {'ran' if right else 'FAILED'}  {command}    ({what})", flush=True)
        if not right:
            self.failed += 1
            print(f"expected exit code {code}{' and: ' + says if says else ''}, got {got}:\n{text}")
        for printed in printed_commands(text, self.names) if deep < 4 else []:
            self.command(printed, where, chapter, what, deep)
        return text

    def programs(self):
        """What is printed in the situations that no text leads to."""
        root, bins = self.stage.root, self.stage.bin
        elsewhere = root / "chapters/01_bigram"
        self.must("help", "./learn help", says="./learn exercise")
        self.must("from another folder", "../../learn", elsewhere, says="../../learn", deep=3)
        self.must("from another folder", "../../learn help", elsewhere, says="../../learn tour", deep=4)
        self.must("a word that is no command", "./learn tset", code=2, says="did you mean")
        self.must("a chapter that is none", "./learn run 99", code=2)
        self.must("an exercise that is none", "./learn hint vocabulery", code=1, says="did you mean")
        for chapter in sorted(p.name for p in BUILD.glob("bin/ch[0-9][0-9]")):
            self.must("--help", f"./learn run {int(chapter[2:])} --help", says="Examples:")
        self.must("--help of the program itself", shlex.quote(str(bins / "ch01")) + " --help", says="Examples:")
        # Stopped, by learn and without it, here and elsewhere: the line that is printed goes on with the run.
        for where, learn in ((root, "./learn"), (elsewhere, "../../learn")):
            self.must("stopped", f"{learn} run 1 --data play --batch 2 --steps 20000 --eval-every 100", where,
                      code=130, stop=signal.SIGINT, says="To go on:", deep=3)
        # Texts that are refused say how to mend them.
        (root / "utf16.txt").write_bytes(("Το be or not to be. " * 200).encode("utf-16"))
        text = self.must("a text in UTF-16", "./learn run 1 --data utf16.txt", code=1, says="iconv -f UTF-16")
        mend = re.search(r"`(iconv [^`]*)`", text).group(1)
        self.must("the iconv line", mend)
        self.must("the text that it made", "./learn run 1 --data " + mend.split("> ")[1])
        (root / "data/tinyshakespeare.txt").write_text("Not by Shakespeare. " * 100)
        text = self.must("another text by the name", "./learn run 1 --data tinyshakespeare", code=1, says="data fetch")
        self.must("the rm line", re.search(r"`(rm [^`]*)`", text).group(1))
        # An exercise, from its beginning to the end.
        self.must("an exercise", "./learn exercise vocabulary")
        self.must("not yet written", "./learn check vocabulary", code=1)
        for n in (1, 2, 3):
            self.must("a hint", "./learn hint vocabulary", says=f"Hint {n} of 3")
        shutil.copy(SOURCE / "chapters/01_bigram/vocabulary.hpp", BUILD / "trial_01/01_bigram/vocabulary.hpp")
        self.must("passed", "./learn check vocabulary", says="Next: ")
        self.must("list", "./learn list", says=" done ")
        self.must("begun again", "./learn reset vocabulary")
        (BUILD / "trial_01/01_bigram/vocabulary.hpp").write_text("")
        self.must("an empty file", "./learn check vocabulary", code=1, says="learn reset vocabulary")

    def stale(self):
        if "--list" in sys.argv:
            return
        for table in (SKIPPED, ONLY_HELP, SHORTER):
            for pattern in table:
                if pattern not in self.used:
                    self.failed += 1
                    print(f"FAILED: nothing fits {pattern} any more")


def main():
    if len(sys.argv) > 3 and sys.argv[2] == "--stand-in":
        sys.exit(stand_in(sys.argv[3], sys.argv[4:]))
    if not (BUILD / "bin/runner").exists() or not (BUILD / "build.ninja").exists():
        print("skipped: the programs are not built, or not by Ninja")
        sys.exit(77)
    with tempfile.TemporaryDirectory() as folder:
        stage = Stage(pathlib.Path(folder).resolve())
        check = Check(stage)
        check.texts()
        if "--list" not in sys.argv:
            check.programs()
        check.stale()
        print(f"{check.count} commands were run, {check.failed} failures")
    sys.exit(1 if check.failed else 0)


main()
