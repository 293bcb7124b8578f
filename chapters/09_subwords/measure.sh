#!/bin/sh
# How large a vocabulary? Trains the chapter's model with several of them, and makes one table of all runs. After
# `cmake --build --preset release`:
#
#   chapters/09_subwords/measure.sh run FOLDER SEEDS STEPS [VOCABULARY ...]   without vocabularies, all of them
#   chapters/09_subwords/measure.sh table FOLDER STEPS                        FOLDER/table.json, it in Markdown, and a
#                                                                             picture, FOLDER/vocabulary-bits.svg
#   chapters/09_subwords/measure.sh rounded SEEDS STEPS                       what 16 and 8 bits cost, in bits a character
#
# "characters" among the vocabularies is chapter 7's model. A run that has its report in FOLDER already is not made again, so
# that it can be stopped at any time. SEEDS is a number: seeds 1 to SEEDS. THREADS (1) is how many each run computes with, DATA
# (tinyshakespeare) what it learns from, BIN where the programs are.
set -eu
export LC_ALL=C  # numbers with a point, wherever this is
here=$(cd "$(dirname "$0")/../.." && pwd)
bin=${BIN:-$here/build/release/bin}
data=${DATA:-tinyshakespeare}
all="characters 256 512 1024 2048 4096"

usage() {
  sed -n 's/^# *\(chapters.*measure\.sh\)/\1/p' "$0" >&2
  exit 2
}

run() { # folder seed steps vocabulary
  file=$1/$4.$3.$2
  [ ! -f "$file.json" ] || return 0
  case $4 in
    characters) set -- "$@" "$bin/ch07" ;;
    *) set -- "$@" "$bin/ch09" --vocabulary "$4" ;;
  esac
  seed=$2 steps=$3
  shift 4
  "$@" --data "$data" --threads "${THREADS:-1}" --quiet --tokens 0 --eval-every "$steps" --seed "$seed" --steps "$steps" \
    --report "$file.part"
  # Ctrl-C ends a run early, with a report that says so.
  grep -q '"interrupted": false' "$file.part" || exit 1
  mv "$file.part" "$file.json"
}

case ${1:-} in
  run)
    [ $# -ge 4 ] || usage
    folder=$2 seeds=$3 length=$4
    shift 4
    mkdir -p "$folder"
    # shellcheck disable=SC2086  # vocabularies are words
    [ $# -gt 0 ] || set -- $all
    for vocabulary; do
      case " $all " in *" $vocabulary "*) ;; *) echo "measure.sh: expected one of $all, got $vocabulary" >&2; exit 2 ;; esac
    done
    die=1
    while [ "$die" -le "$seeds" ]; do
      for vocabulary; do run "$folder" "$die" "$length" "$vocabulary"; done
      die=$((die + 1))
    done
    ;;
  table)
    [ $# -eq 3 ] || usage
    folder=$2 length=$3
    set --
    for vocabulary in $all; do
      for file in "$folder/$vocabulary.$length".[0-9].json "$folder/$vocabulary.$length".[0-9][0-9].json; do
        [ ! -f "$file" ] || set -- "$@" "$file"
      done
    done
    [ $# -gt 0 ] || { echo "measure.sh: $folder has no runs of $length steps - make some with: measure.sh run $folder 3 $length" >&2; exit 1; }
    awk -v json="$folder/table.json" -v svg="$folder/vocabulary-bits.svg" -f "$here/chapters/09_subwords/measure.awk" "$@"
    ;;
  rounded)
    [ $# -eq 3 ] || usage
    die=1
    while [ "$die" -le "$2" ]; do
      OMP_NUM_THREADS=${THREADS:-1} "$bin/bench_gpt2" bits "$data" "$die" "$3"
      die=$((die + 1))
    done
    ;;
  *) usage ;;
esac
