#!/usr/bin/env bash
# From a saved file to the verdict: verdict.sh [ROUNDS] [EXERCISE...] saves each exercise's file ROUNDS times (5 if left
# out), each time with another text, and waits for `./learn check` to say what it thinks of it. Prints seconds.
# Works in build/release/trial_01, trial_02 and so on, one folder for each chapter, and leaves my/ alone.
set -eu
export LC_ALL=C  # numbers with a point, wherever this is

cd "$(dirname "$0")/../.."
rounds=${1:-5}
shift $(($# > 0 ? 1 : 0))
export NO_COLOR=1
log=build/release/verdict.log
TIMEFORMAT=%R

if [ $# -eq 0 ]; then
  # shellcheck disable=SC2046 # a list of words
  set -- $(./learn list | sed -n 's/^[> ] *[0-9][0-9]*  [a-z]* *\([a-z_0-9]*\) .*/\1/p')
fi
rm -rf build/release/trial_[0-9][0-9]

median() { sort -n | awk '{ t[NR] = $1 } END { print NR % 2 ? t[(NR + 1) / 2] : (t[NR / 2] + t[NR / 2 + 1]) / 2 }'; }

printf '%-24s %7s %7s\n' exercise median slowest
all=()
for name; do
  chapter=$(echo chapters/*/exercise/[0-9]_"$name")
  chapter=${chapter#chapters/}
  export BARDLING_PARTS=trial_${chapter%%_*}
  mine=$(./learn exercise "$name" 2>>"$log" | sed -n 's/^  write  //p')
  cp "chapters/${mine##*/"$BARDLING_PARTS"/}" "$mine"
  ./learn check "$name" >"$log" 2>&1 || { cat "$log"; exit 1; } # builds what all the others need
  times=()
  for ((round = 1; round <= rounds; round++)); do
    echo "// saved for the time number $round" >>"$mine"
    seconds=$({ time ./learn check "$name" >"$log" 2>&1; } 2>&1) || { cat "$log"; exit 1; }
    times+=("$seconds")
  done
  all+=("${times[@]}")
  printf '%-24s %7.2f %7.2f\n' "$name" "$(printf '%s\n' "${times[@]}" | median)" \
    "$(printf '%s\n' "${times[@]}" | sort -n | tail -1)"
done
printf '%-24s %7.2f %7.2f\n' 'all of them' "$(printf '%s\n' "${all[@]}" | median)" \
  "$(printf '%s\n' "${all[@]}" | sort -n | tail -1)"
