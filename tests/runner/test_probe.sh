#!/bin/sh
# Is a folder, and a line in chapters/chapters.txt, all that a new chapter needs? test_probe.sh BUILD_FOLDER adds chapter
# 99 to a copy of the tutorial, BUILD_FOLDER/probe, and looks for it wherever chapters are to be found. What was compiled
# there stays, for the next time.
# shellcheck disable=SC2016 # backticks are Markdown's
set -u

source=$(CDPATH='' cd -- "$(dirname "$0")/../.." && pwd -P)
copy=$1/probe
out=$copy/out.txt
unset BARDLING_ROOT BARDLING_BUILD BARDLING_PARTS EDITOR CI
export NO_COLOR=1 BARDLING_DATA=

wrong() {
  printf 'FAILED: %s\n--- what was printed last:\n' "$1"
  tail -n 40 "$out"
  exit 1
}
does() { # does CODE COMMAND...: with this exit code
  wanted=$1
  shift
  code=0
  "$@" >"$out" 2>&1 </dev/null || code=$?
  [ "$code" = "$wanted" ] || wrong "expected exit code $wanted from \"$*\", got $code"
}
says() { grep -qE -e "$1" "$out" || wrong "expected it to say: $1"; }

# ---- the copy, and what is new in it -------------------------------------------------------------------------

mkdir -p "$copy" || exit 1
(cd "$copy" && for old in *; do [ "$old" = build ] || rm -rf "$old"; done)
(cd "$source" && tar cf - --exclude=node_modules CMakeLists.txt CMakePresets.json README.md learn chapters common data docs \
  runner tests) | (cd "$copy" && tar xf -) || exit 1
cd "$copy" || exit 1

echo '99_probe | Probe | the probe | something to look for | |' >>chapters/chapters.txt
exercise=chapters/99_probe/exercise/1_doubled
mkdir -p "$exercise"
cd chapters/99_probe || exit 1
echo 'gpt_chapter(NUMBER 99 EXERCISES doubled RUNS default)' >CMakeLists.txt
echo '# Chapter 99: the probe' >README.md
sed 's/number = 1,/number = 99,/; s|^#include "program|#include "99_probe/doubled.hpp"\n&|' ../01_bigram/main.cpp >main.cpp
cat >doubled.hpp <<'END'
#pragma once

#include "common/tensor/ops.hpp"

namespace gpt {

/// Twice as much.
inline Tensor doubled(const Tensor& x) { return x + x; }

}  // namespace gpt
END
cat >test_doubled.cpp <<'END'
#include "99_probe/doubled.hpp"

#include "tests/support/catch.hpp"
#include "tests/support/expect.hpp"

TEST_CASE("doubled: adds what is there once more", "[ch99]") {
  const gpt::Tensor y = gpt::doubled(gpt::Tensor::from({2}, {1.0f, 2.0f}));
  CHECK(y.values()[1] == 4.0f);
}
END
cd "$copy" || exit 1
sed 's|return x + x;|todo("doubled");|; s|^#include.*|&\n#include "common/nn/todo.hpp"|' chapters/99_probe/doubled.hpp \
  >"$exercise/doubled.hpp"
printf '# Twice\n\nFile: `my/99_probe/doubled.hpp`\n' >"$exercise/README.md"
printf '## Hint 1\n\nAdd it to itself.\n' >"$exercise/hints.md"

# ---- is it found? --------------------------------------------------------------------------------------------

# Nothing of what is looked for is fast: it need not be optimised, either. clang compiles that in half of g++'s time.
if command -v clang++ >/dev/null; then CXX=clang++ && export CXX; fi
does 0 cmake --preset release -D CMAKE_CXX_FLAGS_RELEASE=-O0 -D BARDLING_OPTIMISED=-O0
does 0 ctest --test-dir build/release -N
for test in 'exercise: doubled' milestone_ch99 'test_ch99_NOT_BUILT|doubled: adds'; do says "$test"; done

does 0 ./learn run 99 --data play --steps 3 --tokens 5
says 'Chapter 99'
[ -f runs/ch99.json ] || wrong 'the run is not kept'
does 0 ./learn
says '99  the probe'
does 2 ./learn run 98
says 'only 1, 2,.*, 99'

does 0 ./learn list
says 'open  *doubled'
does 0 ./learn exercise doubled
says 'my/99_probe/doubled.hpp'
does 1 ./learn check
says 'NOT WRITTEN YET'
cp chapters/99_probe/doubled.hpp my/99_probe/doubled.hpp
does 0 ./learn check
says 'PASSED'

does 0 cmake --build build/release --target test_ch99
does 0 ctest --test-dir build/release -L ch99
says 'doubled: adds what is there once more'

# The tour trains all; what the other chapters' programs leave behind is not what this is about.
cp build/release/bin/ch99 real
mkdir tools
cat >program <<END
#!/bin/sh
echo "\${0##*/}" >>"$copy/calls.txt"
while [ \$# -gt 0 ]; do case \$1 in --report) cp "$copy/runs/ch99.json" "\$2" ;; esac; shift; done
END
printf '#!/bin/sh\nexit 0\n' >tools/cmake
chmod +x program tools/cmake
while IFS= read -r line; do
  case $line in
    [0-9][0-9]_*) cp program "build/release/bin/ch${line%%_*}" ;;
  esac
done <chapters/chapters.txt
code=0
PATH="$copy/tools:$PATH" ./learn tour --all --quick --data play >"$out" 2>&1 </dev/null || code=$?
mv real build/release/bin/ch99
[ "$code" = 0 ] || wrong "the tour ended with exit code $code"
says '99  the probe'
[ "$(tail -n 1 calls.txt)" = ch99 ] || wrong 'the tour should end with chapter 99'

# The site has its page, after those of the chapters before it.
if command -v python3 >/dev/null; then
  does 0 python3 -c 'import sys; sys.path.insert(0, "docs/site"); import tree
print([text.path for text in tree.Tree(".").chapters][-1])'
  says '^chapters/99_probe/README.md$'
fi
echo 'chapter 99 was found everywhere'
