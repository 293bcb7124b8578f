#!/bin/sh
# The King James Bible, of 1611, as a text of 4.1 MB with a verse on each line. Debian's packages bible-kjv and
# bible-kjv-text have it.
#
#   chapters/09_subwords/kjv.sh FILE
set -eu
[ $# -eq 1 ] || { sed -n 's/^# *\(chapters.*\)/\1/p' "$0" >&2; exit 2; }
command -v bible >/dev/null || { echo 'kjv.sh: there is no program bible - on Debian: apt install bible-kjv bible-kjv-text' >&2; exit 1; }
expected=b5c4940bcfeee072c0935b5200d0f9d88a00a0199cb0961d16133458fcdfae5d
# Each line begins with its place: "Ge1:1 In the beginning".
bible -f Gen1:1-Rev22:21 </dev/null | sed 's/^[^ ]* //' >"$1.part"
sum=$({ sha256sum "$1.part" 2>/dev/null || shasum -a 256 "$1.part"; } | cut -d ' ' -f 1)
if [ "$sum" != "$expected" ]; then
  rm -f "$1.part"
  echo "kjv.sh: this is another text than the one measured: its sha256 is $sum" >&2
  exit 1
fi
mv "$1.part" "$1"
