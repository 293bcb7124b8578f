#!/usr/bin/env bash
# Feeds the readers of files (checkpoint, corpus, report) with bytes that libFuzzer makes out of seeds:
#     tests/fuzz/run.sh FOLDER [SECONDS]
# compiles into FOLDER and tries each for that long. What makes one fail is left there, as crash-*; a run for an hour
# each is  tests/fuzz/run.sh /tmp/fuzz 3600. Exit code 77: there is no clang with libFuzzer here.
set -euo pipefail
folder=${1:?give a folder to build in}
seconds=${2:-5}
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(dirname "$(dirname "$here")")
clang=$(command -v "${CLANG:-clang++}") || { echo "no clang++ here"; exit 77; }
mkdir -p "$folder"
echo 'extern "C" int LLVMFuzzerTestOneInput(const unsigned char*, unsigned long) { return 0; }' >"$folder/probe.cpp"
"$clang" -fsanitize=fuzzer "$folder/probe.cpp" -o "$folder/probe" 2>/dev/null || { echo "no libFuzzer here"; exit 77; }

cd "$root"
"$clang" -std=c++20 -O1 -g -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all -I . -I chapters \
  -DBARDLING_DATA_FOLDER='"data"' tests/fuzz/readers.cpp \
  common/files/{atomic_file,checkpoint,corpus,report}.cpp common/nn/utf8.cpp common/tensor/shape.cpp -o "$folder/readers"
for reader in checkpoint corpus report; do
  mkdir -p "$folder/$reader"
  echo "== $reader, $seconds seconds"
  FUZZ_READER=$reader "$folder/readers" -max_total_time="$seconds" -max_len=65536 -rss_limit_mb=2048 \
    -artifact_prefix="$folder/" -print_final_stats=1 -verbosity=0 "$folder/$reader" "$here/seeds/$reader" 2>&1 | tail -n 40
done
