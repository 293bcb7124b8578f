#!/bin/sh
# What is each part worth, how deep can a model be, and what does chapter 6's craft gain? Trains the runs behind the tables
# of this chapter and of chapter 6, and makes the tables. After `cmake --build --preset release`:
#
#   chapters/07_since_the_paper/measure.sh parts FOLDER SEEDS STEPS [VARIANT ...]   chapter 6's model, one part exchanged
#   chapters/07_since_the_paper/measure.sh depth FOLDER SEEDS STEPS [VARIANT ...]   pre, post or no norm in 3, 12, 24 blocks
#   chapters/07_since_the_paper/measure.sh craft FOLDER SEEDS STEPS [VARIANT ...]   laptop, one setting changed
#   chapters/07_since_the_paper/measure.sh places FOLDER SEEDS STEPS [VARIANT ...]  trained on 32 places, read at 48 and 64
#   chapters/07_since_the_paper/measure.sh step FOLDER ROUNDS                      chapter 7's time for a step by chapter 6's
#   chapters/07_since_the_paper/measure.sh table FOLDER STEPS                      of all of these that FOLDER has, in
#                                                                                 Markdown, as JSON and as figures
#
# A run that has its report in FOLDER already is not made again, so that it can be stopped at any time. SEEDS is a number:
# seeds 1 to SEEDS. Without variants all are trained. In `parts`, the numbers of weights are equal within 1 %, and so are
# steps and characters. THREADS (1) is how many each run computes with, BIN the folder of the programs.
set -eu
export LC_ALL=C  # numbers with a point, wherever this is
here=$(cd "$(dirname "$0")/../.." && pwd)
bin=${BIN:-$here/build/release/bin}
all_parts="chapter-6 rms no-norm post gelu relu2 swiglu rotary no-positions groups-2 groups-1 tied qk-norm no-biases parts"
all_parts="$all_parts scheduled all-together"
all_depth=$(for place in pre post none; do
  for blocks in 3 12 24; do
    for training in plain warm-up; do
      for initial in pytorch gpt-2; do printf '%s_%s_%s_%s ' "$place" "$blocks" "$training" "$initial"; done
    done
  done
done)
all_craft="all none no-schedule no-warm-up no-clipping weak-decay long-memory dropout short short-dropout"

usage() {
  sed -n 's/^# *\(chapters.*measure\.sh\)/\1/p' "$0" >&2
  exit 2
}

unknown() { # known, variant
  echo "measure.sh: expected one of $1, got $2" >&2
  exit 2
}

# Each says a variant's program and options.
parts() {
  case $1 in
    chapter-6) set -- ;;
    rms) set -- --norm rms ;;
    no-norm) set -- --norm none ;;
    post) set -- --place post ;;
    gelu | relu2 | swiglu) set -- --feed-forward "$1" ;;
    rotary) set -- --positions rotary ;;
    no-positions) set -- --positions none ;;
    groups-*) set -- --groups "${1#groups-}" ;;
    tied) set -- --tied yes ;;
    qk-norm) set -- --qk-norm yes ;;
    no-biases) set -- --biases no ;;
    scheduled) set -- --training scheduled ;;
    parts) set -- --base modern --training plain ;;
    all-together) set -- --base modern ;;
    *) unknown "$all_parts" "$1" ;;
  esac
  case "$*" in *--base*) ;; *) set -- --base chapter-6 "$@" ;; esac
  echo ch07 --data tinyshakespeare --eval-every 500 "$@"
}
depth() {
  case " $all_depth" in *" $1 "*) ;; *) unknown "$all_depth" "$1" ;; esac
  words=$1
  set --
  case $words in none_*) set -- --norm none ;; post_*) set -- --place post ;; esac
  words=${words#*_}
  blocks=${words%%_*}
  words=${words#*_}
  echo ch07 --data tinyshakespeare --eval-every 200 --base chapter-6 --channels 32 --lr 0.003 --blocks "$blocks" \
    --training "${words%_*}" --initial "${words#*_}" "$@"
}
craft() { # on a short text, too, which laptop soon knows by heart
  case " $all_craft " in *" $1 "*) ;; *) unknown "$all_craft" "$1" ;; esac
  case $1 in # train() says where the short text is
    short) echo ch06 --eval-every 50 --size laptop --craft all ;;
    short-*) echo ch06 --eval-every 50 --size laptop --craft "${1#short-}" ;;
    *) echo ch06 --data tinyshakespeare --eval-every 250 --size laptop --craft "$1" ;;
  esac
}

train() { # kind folder seed steps variant
  file=$2/$5.$4.$3
  [ "$1" = parts ] || file=$2/$1-$5.$4.$3
  [ ! -f "$file.json" ] || return 0
  opts=$("$1" "$5")
  program=${opts%% *}
  set -- "$@" --threads "${THREADS:-1}" --quiet --tokens 0 --seed "$3" --steps "$4" --report "$file.part"
  case $1-$5 in
    parts-*) set -- "$@" --save "$file.safetensors" ;;
    depth-*) set -- "$@" --trace "$file.trace" ;;
    craft-short*) set -- "$@" --data "$2/short.txt" ;;
  esac
  shift 5
  # shellcheck disable=SC2086  # options are words
  if "$bin/$program" "$@" ${opts#* } 2>"$file.error"; then
    rm "$file.error"
  elif grep -q 'not a finite number' "$file.error"; then
    # This is a result, too.
    printf '{\n  "interrupted": false,\n  "val_loss": null\n}\n' >"$file.part"
  else
    cat "$file.error" >&2
    exit 1
  fi
  # Ctrl-C ends a run early, with a report that says so.
  grep -q '"interrupted": false' "$file.part" || exit 1
  if [ -f "$file.trace" ]; then
    grep '"name":"gradients"' "$file.trace" >"$file.gradients"
    rm "$file.trace"
  fi
  mv "$file.part" "$file.json"
}

# A step's time in ms, as the processor counts it for one thread: what 150 steps take more than 50, so that what comes
# before and after the training is left out.
seconds() { # program steps
  (
    "$bin/$1" --data tinyshakespeare --threads 1 --quiet --tokens 0 --eval-every 1000 --steps "$2" >/dev/null
    times
  ) | awk 'NR == 2 { split($1, part, /[ms]/); print 60 * part[1] + part[2] }'
}
step_ms() { # program
  awk -v few="$(seconds "$1" 50)" -v many="$(seconds "$1" 150)" 'BEGIN { print 1000 * (many - few) / 100 }'
}

case ${1:-} in
  parts | depth | craft)
    [ $# -ge 4 ] || usage
    kind=$1 folder=$2 seeds=$3 steps=$4
    shift 4
    mkdir -p "$folder"
    head -c 30000 "$here/data/original_play.txt" >"$folder/short.txt"
    # shellcheck disable=SC2046  # variants are words
    [ $# -gt 0 ] || set -- $(eval "echo \$all_$kind")
    for variant; do "$kind" "$variant" >/dev/null; done
    seed=1
    while [ "$seed" -le "$seeds" ]; do
      for variant; do train "$kind" "$folder" "$seed" "$steps" "$variant"; done
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
          [ -f "$file.json" ] || "$bin/ch07" --data tinyshakespeare --threads "${THREADS:-1}" --quiet --tokens 0 \
            --context "$context" --load "$folder/$variant.$steps.$seed.safetensors" --report "$file.json"
          echo "$variant, seed $seed, read $context places at a time: $(sed -n 's/^  "val_loss": \(.*\),/\1/p' "$file.json")"
        done
        seed=$((seed + 1))
      done
    done
    ;;
  step)
    [ $# -eq 3 ] || usage
    mkdir -p "$2"
    round=1
    while [ "$round" -le "$3" ]; do
      # One after the other, so that whatever else the machine does slows both.
      for program in ch06 ch07; do
        file=$2/step-$program.$round.ms
        [ ! -f "$file" ] || continue
        step_ms $program >"$file.part"
        awk '$1 > 0 { measured = 1 } END { exit !measured }' "$file.part" ||
          { echo "measure.sh: a step of $program could not be timed" >&2; exit 1; }
        mv "$file.part" "$file"
      done
      round=$((round + 1))
    done
    for program in ch06 ch07; do
      sort -n "$2/step-$program".*.ms |
        awk -v program=$program '{ ms[NR] = $1 } END { print program, (ms[int((NR + 1) / 2)] + ms[int(NR / 2) + 1]) / 2 }'
    done | awk -v rounds="$3" '{ ms[$1] = $2 }
      END { printf "A step of chapter 7 takes %.2f times as long as one of chapter 6: %.2f and %.2f ms on one core, medians of %d runs each.\n",
              ms["ch07"] / ms["ch06"], ms["ch07"], ms["ch06"], rounds }'
    ;;
  table)
    [ $# -eq 3 ] || usage
    folder=$2 steps=$3 room=$here/chapters/07_since_the_paper
    set --
    for variant in $all_parts; do
      for file in "$folder/$variant".[0-9]*.[0-9].json "$folder/$variant".[0-9]*.[0-9][0-9].json; do
        [ ! -f "$file" ] || set -- "$@" "$file"
      done
    done
    [ $# -eq 0 ] ||
      awk -v json="$folder/parts.json" -v svg="$folder/parts.svg" -v drawn="$steps" -f "$room/measure.awk" "$@"
    set --
    for file in "$folder"/depth-*.[0-9]*.[0-9].json "$folder"/depth-*.[0-9]*.[0-9][0-9].json; do
      [ ! -f "$file" ] || set -- "$@" "$file"
    done
    [ $# -eq 0 ] ||
      awk -v json="$folder/depth.json" -v svg="$folder/depth.svg" -f "$room/measure_depth.awk" "$@"
    set --
    for variant in $all_craft; do
      for file in "$folder/craft-$variant".[0-9]*.[0-9].json "$folder/craft-$variant".[0-9]*.[0-9][0-9].json; do
        [ ! -f "$file" ] || set -- "$@" "$file"
      done
    done
    [ $# -eq 0 ] || awk -v json="$folder/craft.json" -f "$room/measure_craft.awk" "$@"
    ;;
  *) usage ;;
esac
