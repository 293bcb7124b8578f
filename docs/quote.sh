#!/bin/sh
# Keeps the code in the texts equal to the compiled sources.
#
#   docs/quote.sh            says which quotes differ from their source (a test runs this)
#   docs/quote.sh --update   writes the sources' present text into the quotes
#   docs/quote.sh [--update] --root DIR    the same for another tree
#
# A quote is a code block under a marker, `<!-- code: chapters/02_self_attention/head.hpp#forward -->`; its source stands
# between two lines `//! [forward]`. See docs/authoring.md.
set -eu
root=$(dirname "$0")/..
mode=check
while [ $# -gt 0 ]; do
  case $1 in
    --update) mode=update ;;
    --check) mode=check ;;
    --root) shift; root=$1 ;;
    *) printf '%s\n' "quote.sh: unknown option $1; there are --check, --update and --root DIR" >&2; exit 2 ;;
  esac
  shift
done
cd "$root"
new=$(mktemp)
trap 'rm -f "$new"' EXIT
status=0
for text in README.md docs/*.md chapters/*/README.md; do
  [ -f "$text" ] && [ "$text" != docs/authoring.md ] || continue
  result=0
  awk -v text="$text" -v mode="$mode" '
    function complain(message) { printf "%s:%d: %s\n", text, NR, message > "/dev/stderr"; bad = 1 }

    # The lines between the two markers, without their common indentation and without other markers; count in `size`.
    function read_source(path, name,   line, inside, seen, opened, i, indent, least) {
      size = 0; inside = (name == ""); opened = inside; seen = 0
      while ((seen = (getline line < path)) > 0) {
        if (line ~ /^[ \t]*\/\/! \[[^]]*\][ \t]*$/) {
          if (name != "" && index(line, "[" name "]")) { inside = !inside; opened = 1 }
          continue
        }
        if (inside) source[++size] = line
      }
      close(path)
      if (seen < 0) { complain("cannot read " path ", whose code is quoted here"); return 0 }
      if (!opened) { complain(path " has no lines `//! [" name "]` around the code that is quoted here"); return 0 }
      if (name != "" && inside) { complain(path ": the marker `//! [" name "]` stands there once; it must stand before and after"); return 0 }
      least = 999
      for (i = 1; i <= size; i++) if (source[i] ~ /[^ \t]/) { match(source[i], /^ */); if (RLENGTH < least) least = RLENGTH }
      for (i = 1; i <= size; i++) source[i] = substr(source[i], least + 1)
      return 1
    }

    function compare(   i, most) {
      most = size > quoted ? size : quoted
      for (i = 1; i <= most; i++) if (i > size || i > quoted || source[i] != quote[i]) {
        complain("the quote of " spec " differs from its source in line " i)
        printf "    source: %s\n    quote:  %s\n", (i <= size ? source[i] : "(ends)"), (i <= quoted ? quote[i] : "(ends)") > "/dev/stderr"
        return
      }
    }

    function finish(   i) {
      if (mode == "check") { compare(); return }
      for (i = 1; i <= size; i++) print source[i]
    }

    BEGIN { state = "text" }
    state == "quote" {
      if ($0 ~ /^```[ \t]*$/) { finish(); state = "text"; print }
      else quote[++quoted] = $0
      next
    }
    state == "fence" { print; if ($0 ~ /^(```|~~~)[ \t]*$/) state = "text"; next }
    state == "marker" {
      if ($0 ~ /^```/) { print; quoted = 0; state = "quote"; if (!read_source(path, name)) state = "fence"; next }
      complain("the line after the marker of " spec " must open its code block (```cpp)")
      state = "text"
    }
    /^(```|~~~)/ { state = "fence"; print; next }
    /^<!-- *(code|beside): / {
      spec = $3; path = spec; name = ""
      if (index(spec, "#")) { path = substr(spec, 1, index(spec, "#") - 1); name = substr(spec, index(spec, "#") + 1) }
      state = "marker"; print; next
    }
    { print }
    END {
      if (state == "marker" || state == "quote") complain("the text ends before the quote of " spec " does")
      exit bad
    }' "$text" > "$new" || result=1
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
