#!/bin/sh
# What holds for every file that git knows.
#
#   tests/test_house.sh format   C++ is as clang-format 14 writes it; another version would write it otherwise
#   tests/test_house.sh blanks   no tabs, no blanks at a line's end, a new line at the end of a file
#   tests/test_house.sh ends     LF at the end of every line, in a checkout of Git for Windows too
set -u
cd "$(dirname "$0")/.." || exit 1
skip() { printf '%s\n' "skipped: $*"; exit 77; }
command -v git >/dev/null || skip 'install git'
git() { command git -c safe.directory='*' "$@"; }
git rev-parse --is-inside-work-tree >/dev/null 2>&1 || skip 'this is no git checkout, so nothing says which files are ours'
status=0
wrong() { printf '%s\n' "$*"; status=1; }

case ${1:-} in
  format)
    tool=
    for name in clang-format-14 clang-format; do
      case $("$name" --version 2>/dev/null) in *'version 14.'*) tool=$name; break ;; esac
    done
    [ -n "$tool" ] || skip 'install clang-format-14'
    found=$(git ls-files '*.cpp' '*.hpp' | xargs ls -d 2>/dev/null | xargs "$tool" --dry-run 2>&1 |
      sed -n 's/^\([^ :]*\):[0-9]*:[0-9]*: .*clang-format.*/\1/p' | sort -u)
    for file in $found; do wrong "$file: not as clang-format writes it - $tool -i $file"; done ;;
  blanks)
    tab=$(printf '\t')
    # In a difference, a line that stays and is empty is a blank.
    found=$(git grep -nIE "$tab|[ $tab]\$" -- ':!*.diff' ':!data/*.txt' ':!*.svg')
    [ -z "$found" ] || wrong "tabs, or blanks at the end of a line:
$found"
    for file in $(git grep -lI '' -- ':!data/*.txt'); do
      [ ! -s "$file" ] || [ -z "$(tail -c 1 "$file")" ] || wrong "$file: no new line at its end"
    done ;;
  ends)
    found=$(git grep -lI "$(printf '\r')")
    [ -z "$found" ] || wrong "lines that end with a carriage return in: $found"
    for file in $(git ls-files learn '*.sh' '*.awk' '*.md' '*.cpp' '*.hpp' '*.cmake' .ci); do
      case $(git check-attr eol -- "$file") in *': lf') ;; *) wrong "$file: .gitattributes does not keep its LF" ;; esac
    done
    for file in $(git ls-files 'data/*.txt'); do
      case $(git check-attr text -- "$file") in *': unset') ;; *) wrong "$file: .gitattributes lets git change it" ;; esac
    done ;;
  *) printf '%s\n' "test_house.sh: say what to look at: format, blanks or ends"; exit 2 ;;
esac
exit "$status"
