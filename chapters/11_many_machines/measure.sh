#!/bin/sh
# What does the wire cost, and what a larger batch? After `cmake --build --preset release --target ch11 bench_ranks`:
#
#   chapters/11_many_machines/measure.sh wires FOLDER [SIZE]    FOLDER/wires.md: milliseconds a step, measured and predicted
#   chapters/11_many_machines/measure.sh timeline FILE [WIRE]   what two ranks do when, over a wire such as 300mbit
#   chapters/11_many_machines/measure.sh same FOLDER            losses of 1, 2 and 4 ranks after every ten of 100 steps
#   chapters/11_many_machines/measure.sh batches FOLDER [SEEDS]   losses of batches 16 to 512 at equal numbers of characters
#
# wires and timeline make hosts on this machine, with a thread on each: they need root, what hosts.sh needs, and a machine
# that does nothing else, for some three minutes. A time is the middle one of three runs, each of which gives the median of
# its steps; STEPS (40) is their length, half of it for four ranks. A run that has its report in FOLDER already is not made again by `batches`.
set -eu
here=$(cd "$(dirname "$0")/../.." && pwd)
hosts=$here/chapters/11_many_machines/hosts.sh
program=${PROGRAM:-$here/build/release/bin/ch11}
bench=${BENCH:-$here/build/release/bin/bench_ranks}
steps=${STEPS:-40}
export LC_ALL=C

usage() {
  sed -n 's/^# *\(chapters.*measure\.sh\)/\1/p' "$0" >&2
  exit 2
}
value() { sed -n "s/^  \"$1\": \([^,]*\),\{0,1\}\$/\1/p" "$2"; }

# Three runs of bench_ranks, all their lines in FOLDER/NAME.jsonl.
runs_of() { # NAME COMMAND ...
  lines=$folder/$1.jsonl
  shift
  for _ in 1 2 3; do "$@" --size "$size" --steps "${fewer:-$steps}"; done >"$lines" 2>"$lines.errors" ||
    { cat "$lines.errors" >&2; exit 1; }
}
# The middle one of them.
ms_of() { # NAME WAY
  sed -n "s/.*\"average\": \"$2\", \"step_ms_median\": \([0-9.]*\).*/\1/p" "$folder/$1.jsonl" | sort -g | awk 'NR == 2 { printf "%.1f", $1 }'
}
# What step_cost.hpp's formula says of P ranks; where they are more than the cores, they take turns.
predicted() { # P MBIT MILLISECONDS HIDDEN
  awk -v P="$1" -v mbit="$2" -v latency="$3" -v hidden="$4" -v whole="$whole" -v half="$half" -v bytes="$bytes" -v cores="$(nproc)" 'BEGIN {
    work = 2 * (whole - half); fixed = whole - work; turns = P > cores ? P / cores : 1
    ring = mbit == 0 ? 0 : 2 * (P - 1) * (latency + 1e3 * bytes / (P * mbit * 1e6 / 8))
    wait = ring - hidden * work / P * turns
    printf "%.1f", (fixed + work / P) * turns + (wait > 0 ? wait : 0) }'
}

[ $# -ge 2 ] || usage
folder=$2
case $1 in
  timeline) ;;
  *)
    mkdir -p "$folder"
    folder=$(cd "$folder" && pwd)
    ;;
esac
case $1 in
  wires)
    size=${3:-small}
    runs_of whole "$bench"
    whole=$(ms_of whole one-by-one)
    B=$(sed -n '1s/.*"batch": \([0-9]*\).*/\1/p' "$folder/whole.jsonl")
    bytes=$((4 * $(sed -n '1s/.*"parameters": \([0-9]*\).*/\1/p' "$folder/whole.jsonl")))
    runs_of half "$bench" --batch $((B / 2))
    half=$(ms_of half one-by-one)
    {
      echo "$size, batch $B, $bytes bytes of gradients, $(nproc) cores; one rank: $whole ms a step, with half of the batch $half ms."
      echo
      echo "| ranks | wire | one by one | after | predicted | while | predicted |"
      echo "| --- | --- | --- | --- | --- | --- | --- |"
      trap '"$hosts" remove' EXIT
      for ranks in 2 4; do
        fewer=$((steps * 2 / ranks)) # four that take turns are slow
        for wire in none 1gbit "1gbit 1ms" 300mbit 100mbit; do
          # shellcheck disable=SC2046,SC2086  # bandwidth and latency are words
          "$hosts" make $ranks $([ "$wire" = none ] || echo $wire) >/dev/null 2>&1 || continue # no netem, no latency
          name=$ranks.$(echo "$wire" | tr ' ' .)
          runs_of "$name" "$hosts" run $ranks "$bench"
          mbit=$(echo "$wire" | sed 's/none/0/; s/ .*//; s/gbit/000/; s/mbit//')
          case $wire in *ms) latency=1 ;; *) latency=0 ;; esac
          echo "| $ranks | $wire | $(ms_of "$name" one-by-one) | $(ms_of "$name" after)" \
            "| $(predicted $ranks "$mbit" $latency 0) | $(ms_of "$name" while) | $(predicted $ranks "$mbit" $latency 0.6) |"
        done
      done
    } | tee "$folder/wires.md"
    ;;
  timeline)
    # shellcheck disable=SC2086
    "$hosts" make 2 ${3:-} >/dev/null
    "$hosts" run 2 "$bench" --timeline --steps "$steps" >"$folder"
    "$hosts" remove
    ;;
  same)
    for ranks in 1 2 4; do
      # Four ranks on two cores take turns: slow, and the same losses.
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
    for file in "$folder"/batch.*.json; do
      # shellcheck disable=SC2046  # four words
      set -- $(basename "$file" .json | tr . ' ')
      printf '{"batch": %s, "rate": "%s", "seed": %s, "val_loss": %s},\n' "$2" "$3" "$4" "$(value val_loss "$file")"
    done | sed '1s/^/[/; $s/,$/]/' >"$folder/batches.json"
    for batch in 16 32 64 128 256 512; do
      line="| $batch | $((windows / batch)) "
      for scaled in not root linear; do
        set -- "$folder/batch.$batch.$scaled".[0-9]*.json
        if [ ! -f "$1" ]; then
          line="$line| "
          continue
        fi
        line="$line| $(for file; do value val_loss "$file"; done | awk '{ n++; s += $1; q += $1 * $1 }
          END { m = s / n; spread = n < 2 ? 0 : sqrt((q - n * m * m) / (n - 1)); printf "%.3f ± %.3f", m, spread }') "
      done
      echo "$line|"
    done | tee "$folder/batches.md"
    ;;
  *) usage ;;
esac
