#!/bin/sh
# What does the wire cost? Trains chapter 11's model on two hosts of this machine over wires of several bandwidths, a thread
# on each, and holds the steps' times against step_cost.hpp's formula. Needs root, and what hosts.sh needs. After
# `cmake --build --preset release`:
#
#   chapters/11_many_machines/measure.sh wires FOLDER [SIZE]    FOLDER/wires.md: milliseconds a step, measured and predicted
#   chapters/11_many_machines/measure.sh same FOLDER            losses of 1, 2 and 4 ranks after every ten of 100 steps
#   chapters/11_many_machines/measure.sh batches FOLDER [SEEDS]   losses of batches 16 to 512 at equal numbers of characters
#
# A run that has its report in FOLDER already is not made again by `batches`. A time is the median of three runs, each of which gives the median of its steps. STEPS (100) is their length.
set -eu
here=$(cd "$(dirname "$0")/../.." && pwd)
hosts=$here/chapters/11_many_machines/hosts.sh
program=${PROGRAM:-$here/build/release/bin/ch11}
steps=${STEPS:-100}

usage() {
  sed -n 's/^# *\(chapters.*measure\.sh\)/\1/p' "$0" >&2
  exit 2
}
value() { sed -n "s/^  \"$1\": \([^,]*\),\{0,1\}\$/\1/p" "$2"; }
median() { sort -g | sed -n 2p; }

# Milliseconds of a step: three runs' medians, of which the middle one.
time_of() { # NAME COMMAND ... : the program's options come last
  name=$1
  shift
  for i in 1 2 3; do
    "$@" --threads 1 --quiet --tokens 0 --steps "$steps" --eval-every "$steps" --report "$folder/$name.$i.json" >/dev/null 2>&1
    value step_ms_median "$folder/$name.$i.json"
  done | median
}

[ $# -ge 2 ] || usage
folder=$2
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)
case $1 in
  wires)
    size=${3:-small}
    whole=$(time_of whole "$program" --size "$size")
    B=$(value batch "$folder/whole.1.json")
    half=$(time_of half "$program" --size "$size" --batch $((B / 2)))
    bytes=$((4 * $(value parameters "$folder/whole.1.json")))
    {
      echo "$size, batch $B, $bytes bytes of gradients; one machine alone: $whole ms a step, for half of the batch $half ms."
      echo
      echo "| wire | one by one | after | while | predicted, after |"
      echo "| --- | --- | --- | --- | --- |"
      for wire in none 1gbit 300mbit 100mbit; do
        if [ $wire = none ]; then "$hosts" make 2 >/dev/null; else "$hosts" make 2 $wire >/dev/null; fi
        line="| $wire "
        for average in one-by-one after while; do
          line="$line| $(time_of "$wire.$average" "$hosts" run 2 "$program" --size "$size" --average $average) "
        done
        # fixed + work / 2 is what half of the batch takes; the ring sends bytes / 2 twice.
        rate=$(echo $wire | sed 's/none/0/; s/gbit/000/; s/mbit//')
        predicted=$(awk -v half="$half" -v bytes="$bytes" -v mbit="$rate" \
          'BEGIN { print mbit == 0 ? half : half + 1e3 * bytes / (mbit * 1e6 / 8) }')
        echo "$line| $predicted |"
      done
      "$hosts" remove
    } | tee "$folder/wires.md"
    ;;
  same)
    for ranks in 1 2 4; do
      "$program" --ranks $ranks --threads 1 --quiet --tokens 0 --steps 100 --eval-every 10 \
        --report "$folder/ranks.$ranks.json" >/dev/null
    done
    for ranks in 1 2 4; do
      echo "$ranks ranks: $(sed -n 's/^ *"val": \([0-9.]*\)/\1/p' "$folder/ranks.$ranks.json" | tr '\n' ' ')"
    done | tee "$folder/same.txt"
    ;;
  batches)
    # Batch 16 for 1024 steps, half a million characters; each further one has twice the windows and half the steps. The
    # learning rate stays, or grows with the root of the batch, or with the batch itself.
    windows=16384
    seeds=${3:-3}
    seed=1
    while [ "$seed" -le "$seeds" ]; do
      for batch in 16 32 64 128 256 512; do
        for scaled in not root linear; do
          [ $batch -gt 16 ] || [ $scaled = not ] || continue
          file=$folder/batch.$batch.$scaled.$seed.json
          [ ! -f "$file" ] || continue
          lr=$(awk -v n=$((batch / 16)) -v how=$scaled \
            'BEGIN { print 0.001 * (how == "not" ? 1 : how == "root" ? sqrt(n) : n) }')
          "$program" --threads 1 --quiet --tokens 0 --seed "$seed" --batch $batch --steps $((windows / batch)) --lr "$lr" \
            --eval-every 1000000 --report "$file.part" >/dev/null
          mv "$file.part" "$file"
        done
      done
      seed=$((seed + 1))
    done
    for batch in 16 32 64 128 256 512; do
      line="| $batch | $((windows / batch)) "
      for scaled in not root linear; do
        set -- "$folder/batch.$batch.$scaled".[0-9]*.json
        if [ ! -f "$1" ]; then
          line="$line| "
          continue
        fi
        line="$line| $(for file; do value val_loss "$file"; done | awk '{ n++; s += $1; q += $1 * $1 }
          END { m = s / n; printf "%.3f ± %.3f", m, n > 1 ? sqrt((q - n * m * m) / (n - 1)) : 0 }') "
      done
      echo "$line|"
    done | tee "$folder/batches.md"
    ;;
  *) usage ;;
esac
