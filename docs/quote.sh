#!/bin/sh
# Keeps the code in the texts equal to the compiled sources.
#
#   docs/quote.sh            says which quotes differ from their source (a test runs this)
#   docs/quote.sh --update   writes the sources' present text into the quotes
#   docs/quote.sh [--update] --root DIR    the same for another tree
#
# A quote is a code block under a marker, `<!-- code: chapters/02_self_attention/head.hpp#forward -->`; its source stands
# between two lines `//! [forward]`. Under `<!-- changed: OLD NEW -->` stands what changed between two sources.
# See docs/authoring.md.
set -eu
docs=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
root=$docs/..
mode=check
while [ $# -gt 0 ]; do
  case $1 in
    --update) mode=update ;;
    --check) mode=check ;;
    --root)
      [ $# -gt 1 ] || { printf '%s\n' "quote.sh: --root needs a folder" >&2; exit 2; }
      shift; root=$1 ;;
    *) printf '%s\n' "quote.sh: unknown option $1; there are --check, --update and --root DIR" >&2; exit 2 ;;
  esac
  shift
done
cd "$root"
new=$(mktemp)
trap 'rm -f "$new"' EXIT
status=0
for text in README.md docs/*.md chapters/*/README.md; do
  [ -f "$text" ] || continue
  [ "$text" != docs/authoring.md ] || continue
  result=0
  awk -v text="$text" -v mode="$mode" -f "$docs/quote.awk" "$text" > "$new" || result=1
  if [ "$result" != 0 ]; then
    status=1
  elif [ "$mode" = update ] && ! cmp -s "$new" "$text"; then
    cat "$new" > "$text"
    printf '%s\n' "quote.sh: brought $text up to date"
  fi
done
if [ "$status" != 0 ] && [ "$mode" = check ]; then
  printf '%s\n' "If the source is right, docs/quote.sh --update takes it over; then reread the words around it." >&2
fi
exit "$status"
