#!/bin/sh
# Where a training step's time goes now: samples the program with perf (Debian: linux-perf), says which part of the step
# each sample fell into, and prints a table.
#
#   tests/benchmark/parts.sh [CONFIG [BUILD_FOLDER]]    CONFIG as ./learn bench has it, gpt-laptop unless named
#
# One thread, so that no sample is of one waiting for the other.
set -eu
export LC_ALL=C  # numbers with a point, wherever this is
cd "$(dirname "$0")/../.."
config=${1:-gpt-laptop}
build=${2:-build/release}
command -v perf >/dev/null || { echo "parts.sh: needs perf; Debian has it in linux-perf" >&2; exit 1; }
cmake --build "$build" --target bench_models >/dev/null
samples=$(mktemp)
trap 'rm -f "$samples"' EXIT
perf record --quiet --freq 2000 --output "$samples" "$build/bin/bench_models" "$config" --threads 1 --steps-only \
  --seconds 5 >/dev/null
perf script --input "$samples" --fields ip,sym,dso 2>/dev/null | awk '
  # The first rule that fits has it.
  /libdnnl|\[JIT\]|perf-[0-9]+\.map|multiply_|gemm/      { count["matrix products"]++; next }
  /attend|each_block|block_scores|causal|DropoutMask/    { count["attention, its products apart"]++; next }
  /layer_norm/                                           { count["layer norm"]++; next }
  /relu/                                                 { count["ReLU"]++; next }
  /cross_entropy|log_total|pick/                         { count["cross-entropy"]++; next }
  /AdamW/                                                { count["AdamW"]++; next }
  /gather|copy_runs|memmove|memcpy|memset/               { count["numbers moved"]++; next }
  /linear/                                               { count["biases"]++; next }
  /sum_of|binary|broadcast|assign|xarray|expanded|give/  { count["sums of two tensors"]++; next }
  /malloc|free|take_block|return_block|Node|record|backward|Storage|shared_ptr/ { count["the tape and memory"]++; next }
  /kernel/                                               { count["the system"]++; next }
                                                         { count["all else"]++ }
  END {
    for (part in count) total += count[part]
    print "| part of a step | share |\n| --- | ---: |"
    for (part in count) printf "| %s | %.1f %% |\n", part, 100 * count[part] / total | "sort -t\"|\" -k3,3 -rn"
  }'
