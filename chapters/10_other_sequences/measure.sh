#!/bin/sh
# How often is the model right, and what is each rung of the ladder worth? Trains it on every task with several seeds, and
# makes one table of all such runs. After `cmake --build --preset release --target ch10`:
#
#   chapters/10_other_sequences/measure.sh run FOLDER SEEDS [VARIANT ...]   without variants, all of them
#   chapters/10_other_sequences/measure.sh table FOLDER                     FOLDER/table.json, and the table in Markdown
#
# A run that has its report in FOLDER already is not made again, so that it can be stopped at any time. SEEDS is a number:
# seeds 1 to SEEDS. STEPS are the program's own unless it is set; THREADS (1) is how many each run computes with, PROGRAM
# the program that is measured.
set -eu
export LC_ALL=C  # numbers with a point, wherever this is
here=$(cd "$(dirname "$0")/../.." && pwd)
program=${PROGRAM:-$here/build/release/bin/ch10}
all="sort sort-even sort-even-modern add-plain add-plain-reversed add-aligned add-reversed add-answer-forward add draw"

usage() {
  sed -n 's/^# *\(chapters.*measure\.sh\)/\1/p' "$0" >&2
  exit 2
}

options() {
  case $1 in
    sort | add | draw | brackets) echo "--task $1" ;;
    sort-modern | add-modern | draw-modern) echo "--task ${1%-modern} --model modern" ;;
    sort-even) echo "--task sort --lengths even" ;;
    sort-even-modern) echo "--task sort --lengths even --model modern" ;;
    add-plain | add-plain-reversed | add-aligned | add-reversed | add-answer-forward) echo "--task add --ladder ${1#add-}" ;;
    *)
      echo "measure.sh: expected one of $all, or brackets, sort-modern, add-modern, draw-modern, got $1" >&2
      exit 2
      ;;
  esac
}

run() { # folder seed variant
  file=$1/$3.$2
  [ ! -f "$file.json" ] || return 0
  # shellcheck disable=SC2046,SC2086  # options are words
  "$program" --threads "${THREADS:-1}" --quiet --tokens 0 --seed "$2" ${STEPS:+--steps "$STEPS"} \
    --report "$file.part" --save "$file.safetensors" $(options "$3")
  # Ctrl-C ends a run early, with a report that says so.
  grep -q '"interrupted": false' "$file.part" || exit 1
  mv "$file.part" "$file.json"
}

case ${1:-} in
  run)
    [ $# -ge 3 ] || usage
    folder=$2 seeds=$3
    shift 3
    mkdir -p "$folder"
    # shellcheck disable=SC2086  # variants are words
    [ $# -gt 0 ] || set -- $all
    for variant; do options "$variant" >/dev/null; done
    seed=1
    while [ "$seed" -le "$seeds" ]; do
      for variant; do run "$folder" "$seed" "$variant"; done
      seed=$((seed + 1))
    done
    ;;
  table)
    [ $# -eq 2 ] || usage
    folder=$2
    set --
    for variant in $all brackets sort-modern add-modern draw-modern; do
      for file in "$folder/$variant".[0-9]*.json; do [ ! -f "$file" ] || set -- "$@" "$file"; done
    done
    [ $# -gt 0 ] || { echo "measure.sh: there is no report in $folder; measure.sh run makes them" >&2; exit 1; }
    awk -v json="$folder/table.json" -f "$here/chapters/10_other_sequences/measure.awk" "$@"
    ;;
  *) usage ;;
esac
