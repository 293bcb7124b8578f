#!/usr/bin/env bash
# Feeds whatever reads bytes of others' (files, the command line, what compilers and tests print) with bytes that libFuzzer
# makes out of seeds:
#     tests/fuzz/run.sh FOLDER [SECONDS [READER...]]
# compiles into FOLDER and tries each for that long, or FUZZ_SECONDS, or 5. What makes one fail is left there, as crash-*;
# a run for an hour each is  tests/fuzz/run.sh /tmp/fuzz 3600. Exit code 77: there is no clang with libFuzzer here.
set -euo pipefail
folder=${1:?give a folder to build in}
seconds=${2:-${FUZZ_SECONDS:-5}}
shift $(($# < 2 ? $# : 2))
readers=("$@")
[[ $# -gt 0 ]] || readers=(checkpoint corpus report command_line compiler_log test_log printed)
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(dirname "$(dirname "$here")")
clang=$(command -v "${CLANG:-clang++}") || { echo "no clang++ here"; exit 77; }
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)
echo 'extern "C" int LLVMFuzzerTestOneInput(const unsigned char*, unsigned long) { return 0; }' >"$folder/probe.cpp"
"$clang" -fsanitize=fuzzer "$folder/probe.cpp" -o "$folder/probe" 2>/dev/null || { echo "no libFuzzer here"; exit 77; }

cd "$root"
compile() { # compile NAME SOURCE...: unless it is newer than all that it may be made of
  local name=$1
  shift
  if [[ -x $folder/fuzz_$name && -z $(find common chapters runner tests/fuzz -newer "$folder/fuzz_$name" -name '*.[ch]pp' -print -quit) ]]; then
    return
  fi
  "$clang" -std=c++20 -O1 -g -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all -I . -I chapters \
    -DBARDLING_DATA_FOLDER='"data"' "tests/fuzz/$name.cpp" "$@" -o "$folder/fuzz_$name"
}
for reader in "${readers[@]}"; do
  case $reader in
    checkpoint | corpus | report)
      program=readers
      compile readers common/files/{atomic_file,checkpoint,corpus,report,safetensors}.cpp common/nn/utf8.cpp common/tensor/shape.cpp ;;
    command_line)
      program=command_line
      compile command_line common/terminal/{command_line,interrupt,run_program,text}.cpp ;;
    compiler_log | test_log | printed)
      program=logs
      compile logs runner/{compiler_log,test_log}.cpp common/terminal/text.cpp ;;
    *) echo "no such reader: $reader"; exit 1 ;;
  esac
  mkdir -p "$folder/$reader"
  echo "== $reader, $seconds seconds"
  # From a folder of its own: what is tried are names of files, too.
  (cd "$folder/$reader" && FUZZ_READER=$reader "$folder/fuzz_$program" -max_total_time="$seconds" -max_len=65536 -rss_limit_mb=2048 \
    -artifact_prefix="$folder/" -print_final_stats=1 -verbosity=0 -print_funcs=0 "$folder/$reader" "$here/seeds/$reader") 2>&1 | tail -n 40
done
