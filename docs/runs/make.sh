#!/bin/sh
# Makes the runs that the texts show where the reader has none yet: docs/runs/ch01.json, a report, ch01.trace.json, the
# numbers inside the trained model, and so on. After `cmake --build --preset release`, where Tiny Shakespeare is at hand:
#
#   docs/runs/make.sh [NAME ...]      such as ch03 ch05_plain; without a name all that are there, a few minutes
#
# ch05_plain is the run with the option that has the value plain, ch06_500 the one that ends after 500 steps, ch03-2 that of
# chapter 3 with the seed 2, whose report goes to docs/runs/seeds: the bands of the loss curves are made of those.
# Sizes and seed are the programs' own otherwise, so that `./learn run 3` makes the same.
set -eu
cd "$(dirname "$0")/../.."
bin=build/release/bin
runs=docs/runs
if [ $# -eq 0 ]; then
  for file in "$runs"/ch*.json "$runs"/seeds/ch*.json; do
    name=$(basename "$file" .json)
    case $name in *.trace) ;; *) set -- "$@" "$name" ;; esac
  done
fi
# The option of a program that has this value: its help lists the values, "--stage plain|residual|norm".
option_of() {
  "$bin/$1" --help | sed -n "s/^ *\(--[a-z-]*\) \([^ ]*|\)*$2\(|[^ ]*\)*\( .*\)*\$/\1/p" | head -n 1
}

for name; do
  program=${name%%[_-]*}
  seed=
  case $name in *-*) seed=${name#*-} ;; esac
  value=${name#"$program"}
  value=${value%%-*}
  value=${value#_}
  # What a model says on its way is all that is wanted of the shorter runs.
  case $value in
    '') options= ;;
    *[!0-9]*) options="$(option_of "$program" "$value") $value" ;;
    *) options="--steps $value" ;;
  esac
  # The curves of the chapters that grow out of each other.
  case $name in ch0[1-5]* | ch06 | ch06-*) options="$options --eval-every 50" ;; esac
  if [ -n "$seed" ]; then
    report=$runs/seeds/$name.json
    options="$options --seed $seed --tokens 1"
  else
    report=$runs/$name.json
    case $value in '' | *[!0-9]*) options="$options --trace $runs/$name.trace.json" ;; esac
  fi
  # What the traces of chapter 10 follow through the model: a word and a sum that were held out.
  case $name in
    ch10_sort) options="$options --prompt silver" ;;
    ch10_add) options="$options --prompt 417+385" ;;
    # Ten minutes. A trace of windows of 256 would be larger than all the others together.
    ch07_sprint) options='--size sprint --precision bfloat16 --tokens 600' ;;
  esac
  # Its table of pieces would make the trace larger than all the others.
  case $name in ch09) options= ;; esac
  # Chapter 8's net reads a longer text; its gates and outputs would fill a megabyte.
  case $name in
    ch08_lstm)
      model=$(mktemp)
      options="${options%% --trace*} --save $model"
      ;;
  esac
  printf '%s\n' "$name"
  # shellcheck disable=SC2086  # options are words
  "$bin/$program" --quiet --threads 1 --data tinyshakespeare --report "$report" $options
  case $name in
    ch08_lstm)
      "$bin/$program" --quiet --threads 1 --data tinyshakespeare --tokens 0 --load "$model" --trace "$runs/$name.trace.json" \
        --prompt "$(sed -n '/^My wife says/,/^And nothing left/p' data/original_play.txt)"
      sed -i.whole '/^{"name":"\(embedded\|layers[.]gates\|layers[.]states\)"/d' "$runs/$name.trace.json"
      rm "$model" "$runs/$name.trace.json.whole"
      ;;
  esac
  # What is large and in no figure: tables of embeddings but those of chapters 2 and 6, most of what draws a picture.
  unseen=
  case $name in
    *-*) ;;
    ch0[345]*) unseen='(token_embedding|position_embedding|output)[.]weight' ;;
    ch10_draw) unseen='blocks[.](scores|masked|read|hidden|thought)' ;;
  esac
  if [ -n "$unseen" ]; then
    awk -v unseen="^{\"name\":\"$unseen\"" '$0 ~ unseen { next }
      $0 == "]}" { sub(/,$/, "", last) } NR > 1 { print last } { last = $0 } END { print last }' \
      "$runs/$name.trace.json" >"$runs/$name.less"
    mv "$runs/$name.less" "$runs/$name.trace.json"
  fi
done
