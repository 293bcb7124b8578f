#!/bin/sh
# Makes the weights that come with the site, docs/live/weights/small_STEPS.safetensors: chapter 6's `small` at several
# moments of one training on Tiny Shakespeare, in float16. After `cmake --build --preset release`, some minutes:
#
#   docs/live/weights.sh [STEPS ...]      without a number 100 500 2000 5000
set -eu
cd "$(dirname "$0")/../.."
[ $# -gt 0 ] || set -- 100 500 2000 5000
saved=$(mktemp)
trap 'rm -f "$saved"' EXIT
mkdir -p docs/live/weights
for steps; do
  # The last is the model of docs/runs/ch06.json, which is looked at as often.
  often=$([ "$steps" -lt 5000 ] || echo "--eval-every 50")
  # shellcheck disable=SC2086  # options are words
  build/release/bin/ch06 --quiet --threads 1 --data tinyshakespeare --steps "$steps" $often --save "$saved"
  python3 docs/live/half.py "$saved" "docs/live/weights/small_$steps.safetensors"
done
