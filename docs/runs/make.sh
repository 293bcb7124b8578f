#!/bin/sh
# Makes the runs that the texts show where the reader has none yet: docs/runs/ch01.json, a report, ch01.trace.json, the
# numbers inside the trained model, and so on. After `cmake --build --preset release`, where Tiny Shakespeare is at hand:
#
#   docs/runs/make.sh [NAME ...]      such as ch03 ch05_plain; without a name all, a few minutes
#
# Sizes and seed are the programs' own, so that `./learn run 3` makes the same.
set -eu
cd "$(dirname "$0")/../.."
bin=build/release/bin
runs=docs/runs
[ $# -gt 0 ] || set -- ch01 ch02 ch03 ch04 ch05_plain ch05_residual ch05_norm ch06 ch06_0 ch06_100 ch06_500 ch06_2000

for name; do
  case $name in
    ch05_*) program=ch05; options="--stage ${name#ch05_}" ;;
    ch06_*) program=ch06; options="--steps ${name#ch06_}" ;;
    *) program=$name; options= ;;
  esac
  # What a GPT says on its way is all that is wanted of the shorter runs.
  case $name in ch06_*) ;; *) options="$options --trace $runs/$name.trace.json" ;; esac
  printf '%s\n' "$name"
  # shellcheck disable=SC2086  # options are words
  "$bin/$program" --quiet --threads 1 --data tinyshakespeare --report "$runs/$name.json" $options
done
