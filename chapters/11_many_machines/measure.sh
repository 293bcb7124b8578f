#!/bin/sh
# What does the wire cost, and what a larger batch? After `cmake --build --preset release --target ch11 bench_ranks`:
#
#   chapters/11_many_machines/measure.sh wires FOLDER [SIZE]    milliseconds a step, measured and predicted
#   chapters/11_many_machines/measure.sh timeline FILE [WIRE]   what two ranks do when, over a wire such as 300mbit
#   chapters/11_many_machines/measure.sh same FOLDER            losses of 1, 2 and 4 ranks after every ten of 100 steps
#   chapters/11_many_machines/measure.sh batches FOLDER [SEEDS]   losses of batches 16 to 512 at equal numbers of characters
#
# wires and timeline make hosts on this machine, with a thread on each: they need root, what hosts.sh needs, and a machine
# that does nothing else (or `chrt -r 10` before the command), for some four minutes. A time is the middle one of three runs,
# each of which gives the median of its steps; STEPS (40) is their length, half of it for four ranks. A run that has its report
# in FOLDER already is not made again by `batches`. What `wires` and `batches` leave in FOLDER, figures.py draws.
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
    # What is missing is missed now, and not when all else has been timed.
    command -v mpirun >/dev/null || { echo "measure.sh: mpirun is missing (Debian: apt-get install openmpi-bin)" >&2; exit 1; }
    "$hosts" make 2 1gbit >/dev/null
    "$hosts" remove
    runs_of whole "$bench"
    B=$(sed -n '1s/.*"batch": \([0-9]*\).*/\1/p' "$folder/whole.jsonl")
    runs_of half "$bench" --batch $((B / 2))
    trap '"$hosts" remove' EXIT
    for ranks in 2 4; do
      fewer=$((steps * 2 / ranks)) # four that take turns are slow
      for wire in none 1gbit "1gbit 1ms" 300mbit 100mbit; do
        # shellcheck disable=SC2046,SC2086  # bandwidth and latency are words
        "$hosts" make $ranks $([ "$wire" = none ] || echo $wire) >/dev/null ||
          case $wire in *ms) continue ;; *) exit 1 ;; esac # no netem, no latency
        runs_of "$ranks.$(echo "$wire" | tr ' ' .)" "$hosts" run $ranks "$bench"
      done
    done
    python3 -B "$here/chapters/11_many_machines/figures.py" wires "$folder" >"$folder/wires.md"
    cat "$folder/wires.md"
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
          # Ctrl-C ends a run early, with a report that says so.
          grep -q '"interrupted": false' "$file.part" || exit 1
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
