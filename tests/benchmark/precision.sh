#!/bin/sh
# What does rounding do to a loss? Trains programs in float32, in bfloat16, and in float32 once more with a learning rate that
# is larger by two ten-millionths: what that changes is how far apart two runs end that differ in their last digits alone.
#
#   tests/benchmark/precision.sh FOLDER "1337 1 2" "ch05" "ch06 --size small" ...
#
# The second word lists the seeds. A run that has its report in FOLDER already is not made again. THREADS (1) is how many each
# run computes with, BIN (build/release/bin) where the programs are.
set -eu
export LC_ALL=C  # numbers with a point, wherever this is
if [ $# -lt 3 ]; then
  sed -n 's/^# *\(tests.*precision\.sh\)/\1/p' "$0" >&2
  exit 2
fi
folder=$1 seeds=$2
shift 2
bin=${BIN:-$(cd "$(dirname "$0")/../.." && pwd)/build/release/bin}
mkdir -p "$folder"

loss() { # file words options: trains, unless that was done, and prints the validation loss
  file=$folder/$1 words=$2
  shift 2
  if [ ! -f "$file.json" ]; then
    # shellcheck disable=SC2086  # words are a program and its options
    "$bin"/$words --data tinyshakespeare --threads "${THREADS:-1}" --quiet --tokens 0 \
      --report "$file.part" "$@"
    # Ctrl-C ends a run early, with a report that says so.
    grep -q '"interrupted": false' "$file.part" || exit 1
    mv "$file.part" "$file.json"
  fi
  sed -n 's/^  "val_loss": \(.*\),/\1/p' "$file.json"
}

echo "| program | seed | float32 | bfloat16 | difference | float32, other last digits | difference |"
echo "| --- | ---: | ---: | ---: | ---: | ---: | ---: |"
for words; do
  name=$(echo "$words" | tr -c 'a-z0-9\n' _)
  for seed in $seeds; do
    float32=$(loss "$name.float32.$seed" "$words" --seed "$seed")
    bfloat16=$(loss "$name.bfloat16.$seed" "$words" --seed "$seed" --precision bfloat16)
    lr=$(sed -n 's/^  "lr": \(.*\),/\1/p' "$folder/$name.float32.$seed.json")
    nudged=$(loss "$name.nudged.$seed" "$words" --seed "$seed" --lr "$(awk -v lr="$lr" 'BEGIN { printf "%.9g", lr * (1 + 2e-7) }')")
    echo "$words $seed $float32 $bfloat16 $nudged" | awk '{
      n = NF - 4; name = $1
      for (i = 2; i <= n; ++i) name = name " " $i
      printf "| `%s` | %d | %.3f | %.3f | %+.3f | %.3f | %+.3f |\n", name, $(n + 1), $(n + 2), $(n + 3), $(n + 3) - $(n + 2),
             $(n + 4), $(n + 4) - $(n + 2)
    }'
  done
done
