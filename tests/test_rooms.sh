#!/bin/sh
# Who may include whom. Nine rules keep the rooms apart; each #include is held against them.
#
#   tests/test_rooms.sh           the sources as they are
#   tests/test_rooms.sh broken    does the test see it? One include is put in against each rule, and must be named
set -u
cd "$(dirname "$0")/.." || exit 1

# Prints the includes that break a rule, each with the rule.
broken_rules() {
  (cd "$1" && find common chapters runner tests -name '*.[ch]pp' -exec grep -H '^ *#include' {} +) | awk '
    function rule(number, sentence) { if (!allowed) printf "%s includes %s - rule %d: %s\n", file, what, number, sentence }
    {
      file = substr($0, 1, index($0, ":") - 1)
      what = substr($0, index($0, "#include") + 9)
      sub(/[>"][^>"]*$/, "", what)
      ours = what ~ /^"/; sub(/^[<"]/, "", what)
      in_tests = file ~ /^tests\// || file ~ /\/test_[^\/]*$/
      from = substr(file, 10, 2); to = substr(what, 1, 2)  # the chapters of both, where they are of chapters
    }
    ours && file ~ /^common\/kernels\// { allowed = what ~ /^common\/kernels\//; rule(1, "kernels are plain floats and include nothing else of ours") }
    what ~ /^(dnnl|omp\.h|oneapi)/ { allowed = file ~ /^common\/kernels\//; rule(1, "only kernels see oneDNN and OpenMP") }
    ours && file ~ /^common\/tensor\// { allowed = what ~ /^common\/(tensor|kernels)\//; rule(2, "tensor stands on kernels alone") }
    what ~ /^xtensor\// { allowed = file ~ /^common\/tensor\//; rule(2, "only tensor includes xtensor itself, everybody else tensor/array.hpp") }
    ours && file ~ /^common\/nn\// { allowed = what ~ /^common\/(nn|tensor)\/|^common\/kernels\/parallel.hpp$/; rule(3, "nn stands on tensor, and on parallel of kernels") }
    ours && file ~ /^common\/files\// { allowed = what ~ /^common\/(files|nn|tensor)\//; rule(4, "files stand on nn and tensor") }
    what ~ /^nlohmann\// { allowed = in_tests || file ~ /^(common\/files|runner)\//; rule(4, "JSON lives in files") }
    ours && file ~ /^common\/terminal\// { allowed = what ~ /^common\/terminal\//; rule(5, "terminal includes nothing else of ours") }
    what ~ /^CLI\// { allowed = in_tests || file ~ /^(common\/terminal|runner)\//; rule(5, "the library of command lines lives in terminal") }
    ours && file ~ /^chapters\/[0-9][0-9]_.*\.hpp$/ {
      allowed = what ~ /^common\/(gpt.hpp$|tensor\/|nn\/)/ || (what ~ /^[0-9][0-9]_/ && to <= from)
      if (file ~ /\/cached_gpt\.hpp$/) allowed = allowed || what ~ /^common\/kernels\//  # one row at a time needs no tape
      rule(6, "a part of a chapter stands on tensor, nn and earlier chapters, never on files, terminal or program")
    }
    ours && file ~ /^chapters\/program\// && !in_tests { allowed = what ~ /^(common|program|01_bigram)\//; rule(7, "what all programs share stands on chapter 1 and common") }
    what ~ /^program\// { allowed = in_tests || file ~ /^chapters\/(program\/|[0-9][0-9]_[a-z_0-9]*\/main\.cpp$)/; rule(7, "only the main.cpp of a chapter includes program") }
    ours && file ~ /^runner\// { allowed = what ~ /^(runner|common\/(files|terminal|kernels))\//; rule(8, "the runner stands on files, terminal and kernels, never on a chapter") }
    ours && file ~ /^tests\/support\// { allowed = what ~ /^(tests\/support|common)\//; rule(9, "what tests share stands on common alone") }
  '
}

if [ "${1:-}" != broken ]; then
  found=$(broken_rules .)
  [ -z "$found" ] || { printf '%s\n' "$found"; exit 1; }
  exit
fi

tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
mkdir -p "$tree/common" "$tree/chapters" "$tree/runner" "$tree/tests"
while read -r number file include; do
  mkdir -p "$tree/$(dirname "$file")"
  printf '#pragma once\n#include <vector>\n#include %s  // why\n' "$include" >"$tree/$file"
  found=$(broken_rules "$tree")
  case $found in
    *" - rule $number: "*) rm "$tree/$file" ;;
    *) echo "$file with #include $include should break rule $number, but this was said: $found"; exit 1 ;;
  esac
done <<'END'
1 common/kernels/gemm.hpp "common/tensor/check.hpp"
1 common/tensor/ops_matrix.cpp <dnnl.h>
2 common/tensor/ops.hpp "common/nn/nn.hpp"
2 common/nn/nn.hpp <xtensor/xarray.hpp>
3 common/nn/adamw.cpp "common/kernels/gemm.hpp"
4 common/files/report.cpp "common/terminal/text.hpp"
4 chapters/program/program.cpp <nlohmann/json.hpp>
5 common/terminal/progress.cpp "common/kernels/memory.hpp"
5 chapters/program/program.cpp <CLI/CLI.hpp>
6 chapters/01_bigram/batch.hpp "common/terminal/progress.hpp"
6 chapters/02_self_attention/head.hpp "common/kernels/gemm.hpp"
6 chapters/02_self_attention/head.hpp "03_multi_head_attention/batched_attention.hpp"
6 chapters/10_sorting/exercise/1_sort/sort.hpp "11_many_machines/all_reduce.hpp"
7 chapters/program/task.hpp "02_self_attention/head.hpp"
7 chapters/06_gpt/gpt_language_model.cpp "program/program.hpp"
8 runner/tour.cpp "01_bigram/vocabulary.hpp"
9 tests/support/expect.hpp "01_bigram/vocabulary.hpp"
END
