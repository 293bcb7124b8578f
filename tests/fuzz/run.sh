#!/usr/bin/env bash
# Feeds a reader of others' bytes (files, the command line, what compilers and tests print) with bytes that libFuzzer makes
# out of seeds:
#     tests/fuzz/run.sh PROGRAM READER FOLDER
# for FUZZ_SECONDS, or 5. What it found worth keeping is left in FOLDER/READER for the next time, what makes the reader
# fail in FOLDER/crash-*.
set -euo pipefail
program=$1 reader=$2 folder=$3
seeds=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)/seeds/$reader
mkdir -p "$folder/$reader"
# From a folder of its own: what is tried are names of files, too.
cd "$folder/$reader"
FUZZ_READER=$reader "$program" -max_total_time="${FUZZ_SECONDS:-5}" -max_len=65536 -rss_limit_mb=2048 \
  -artifact_prefix="$folder/" -print_final_stats=1 -verbosity=0 -print_funcs=0 "$folder/$reader" "$seeds" 2>&1 | tail -n 40
