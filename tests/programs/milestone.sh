#!/bin/sh
# Trains a chapter as published, on Tiny Shakespeare, and holds its validation loss against the one that it
# prints beside it, the published one or our own:
#   milestone.sh PROGRAMS REPORTS ch05_residual ch05 --stage residual     at most 0.05 above it
#   milestone.sh PROGRAMS REPORTS compare A B                             the run A ended lower than the run B
# A program whose answers are right or wrong has to be right on 99 % of the first kind of question in its report (drawing,
# where an answer is 18 choices in a row, on 80 %).
# Exit code 77, which ctest calls skipped, if Tiny Shakespeare is not there.
set -eu
export LC_ALL=C  # numbers with a point, wherever this is

data=$(dirname "$0")/../../data
programs=$1 reports=$2
shift 2
field() { sed -n "s/.*\"$2\": *\([-0-9.e]*\).*/\1/p" "$reports/$1.json" | head -n 1; }

if [ "$1" = compare ]; then
  [ -f "$reports/$2.json" ] && [ -f "$reports/$3.json" ] || exit 77
  echo "$2 $(field "$2" val_loss), $3 $(field "$3" val_loss)"
  awk -v low="$(field "$2" val_loss)" -v high="$(field "$3" val_loss)" 'BEGIN { exit !(low < high) }'
  exit
fi

allowed=0.05
name=$1 program=$2
shift 2
mkdir -p "$reports"
rm -f "$reports/$name.json"
if ! "$programs/$program" "$@" --data tinyshakespeare --tokens 100 --report "$reports/$name.json" >"$reports/$name.txt"; then
  for folder in "${BARDLING_DATA:-$data}" "$data"; do
    if [ -f "$folder/tinyshakespeare.txt" ] || [ -f "$folder/input.txt" ]; then exit 1; fi
  done
  exit 77
fi
val=$(field "$name" val_loss)
right=$(field "$name" share)
if [ -n "$right" ]; then
  case $name in *_draw) wanted=0.8 ;; *) wanted=0.99 ;; esac
  echo "$name: $right right, wanted $wanted"
  awk -v right="$right" -v wanted="$wanted" 'BEGIN { exit !(right >= wanted) }'
  exit
fi
cat "$reports/$name.txt"
# "val 1.822 (published: 1.82)"
expected=$(sed -n 's/.*val [0-9.]* ([^:]*: \([0-9.]*\)).*/\1/p' "$reports/$name.txt")
echo "$name: $val, expected $expected"
awk -v val="$val" -v expected="$expected" -v allowed="$allowed" \
  'BEGIN { exit !(expected > 0 && val <= expected + allowed) }'
