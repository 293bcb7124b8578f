#!/bin/sh
# What is each part worth? Trains chapter 6's model with one part exchanged, at equal numbers of weights (within 1 %), of
# steps and of characters, and makes one table of all such runs. After `cmake --build --preset release`:
#
#   chapters/07_since_the_paper/measure.sh run FOLDER SEEDS STEPS [VARIANT ...]    without variants, all of them
#   chapters/07_since_the_paper/measure.sh table FOLDER STEPS                     FOLDER/table.json, it in Markdown, and
#                                                                                 runs of STEPS steps as FOLDER/parts.svg
#   chapters/07_since_the_paper/measure.sh places FOLDER SEEDS STEPS [VARIANT ...]  trained on 32 places, read at 48 and 64
#
# A run that has its report in FOLDER already is not made again, so that it can be stopped at any time. SEEDS is a number:
# seeds 1 to SEEDS. THREADS (1) is how many each run computes with, PROGRAM the program that is measured.
set -eu
here=$(cd "$(dirname "$0")/../.." && pwd)
program=${PROGRAM:-$here/build/release/bin/ch07}
all="chapter-6 rms no-norm post gelu relu2 swiglu rotary no-positions groups-2 groups-1 tied qk-norm no-biases parts"
all="$all scheduled all-together"

usage() {
  sed -n 's/^# *\(chapters.*measure\.sh\)/\1/p' "$0" >&2
  exit 2
}

options() {
  case $1 in
    chapter-6) echo ;;
    rms) echo --norm rms ;;
    no-norm) echo --norm none ;;
    post) echo --place post ;;
    gelu | relu2 | swiglu) echo --feed-forward "$1" ;;
    rotary) echo --positions rotary ;;
    no-positions) echo --positions none ;;
    groups-*) echo --groups "${1#groups-}" ;;
    tied) echo --tied yes ;;
    qk-norm) echo --qk-norm yes ;;
    no-biases) echo --biases no ;;
    scheduled) echo --training scheduled ;;
    parts) echo --base modern --training plain ;;
    all-together) echo --base modern ;;
    *)
      echo "measure.sh: expected one of $all, got $1" >&2
      exit 2
      ;;
  esac
}

run() { # folder seed steps variant
  file=$1/$4.$3.$2
  [ ! -f "$file.json" ] || return 0
  opts=$(options "$4")
  case $opts in *--base*) ;; *) opts="--base chapter-6 $opts" ;; esac
  # shellcheck disable=SC2086  # options are words
  "$program" --data tinyshakespeare --threads "${THREADS:-1}" --quiet --tokens 0 --eval-every 500 --seed "$2" \
    --steps "$3" --report "$file.part" --save "$file.safetensors" $opts
  # Ctrl-C ends a run early, with a report that says so.
  grep -q '"interrupted": false' "$file.part" || exit 1
  mv "$file.part" "$file.json"
}

case ${1:-} in
  run)
    [ $# -ge 4 ] || usage
    folder=$2 seeds=$3 steps=$4
    shift 4
    mkdir -p "$folder"
    # shellcheck disable=SC2086  # variants are words
    [ $# -gt 0 ] || set -- $all
    for variant; do options "$variant" >/dev/null; done
    seed=1
    while [ "$seed" -le "$seeds" ]; do
      for variant; do run "$folder" "$seed" "$steps" "$variant"; done
      seed=$((seed + 1))
    done
    ;;
  places)
    [ $# -ge 4 ] || usage
    folder=$2 seeds=$3 steps=$4
    shift 4
    [ $# -gt 0 ] || set -- rotary no-positions all-together
    for variant; do
      seed=1
      while [ "$seed" -le "$seeds" ]; do
        for context in 32 48 64; do
          file=$folder/$variant.$steps.$seed.at_$context
          [ -f "$file.json" ] || "$program" --data tinyshakespeare --threads "${THREADS:-1}" --quiet --tokens 0 \
            --context "$context" --load "$folder/$variant.$steps.$seed.safetensors" --report "$file.json"
          echo "$variant, seed $seed, read $context places at a time: $(sed -n 's/^  "val_loss": \(.*\),/\1/p' "$file.json")"
        done
        seed=$((seed + 1))
      done
    done
    ;;
  table)
    [ $# -eq 3 ] || usage
    steps=$3
    set -- "$2"
    for variant in $all; do
      for file in "$1/$variant".[0-9]*.[0-9].json; do [ ! -f "$file" ] || set -- "$@" "$file"; done
    done
    folder=$1
    shift
    awk -v json="$folder/table.json" -v svg="$folder/parts.svg" -v drawn="$steps" -f "$here/chapters/07_since_the_paper/measure.awk" "$@"
    ;;
  *) usage ;;
esac
