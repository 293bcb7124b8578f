#!/bin/sh
# What an exercise promises: test_exercise.sh RUNNER BUILD_FOLDER PARTS NAME. Everything goes through the commands
# that a reader uses, in a folder of its own, BUILD_FOLDER/PARTS, with PARTS = trial_02 for chapter 2.
set -u

runner=$1
build=$2
parts=$3
name=$4
cd "$(dirname "$0")/../.." || exit 1
command -v python3 >/dev/null || { echo 'skipped: install python3'; exit 77; }
unset EDITOR GPT_ANSWER
export BARDLING_ROOT="$PWD" BARDLING_BUILD="$build" BARDLING_PARTS="$parts" NO_COLOR=1
trial=$build/$parts
out=$trial/out.txt
rm -rf "$trial" && mkdir -p "$trial" || exit 1

# Other chapters' tests build at the same time: Ninja keeps what it knows here, and begins with what it knew.
printf 'builddir = %s\ninclude build.ninja\n' "$parts" >"$trial/build.ninja"
cp "$build/.ninja_log" "$build/.ninja_deps" "$trial" || exit 1

wrong() {
  printf 'FAILED: %s: %s\n--- what learn printed:\n' "$name" "$1"
  cat "$out"
  exit 1
}
learn() { # learn CODE ARGUMENTS...: with this exit code
  wanted=$1
  shift
  code=0
  "$runner" "$@" >"$out" 2>&1 </dev/null || code=$?
  [ "$code" = "$wanted" ] || wrong "expected exit code $wanted from \"learn $*\", got $code"
}
words() { tr -s ' \n' '  ' <"$out"; } # lines may be broken anywhere
says() { words | grep -qF -e "$1" || wrong "expected it to say: $1"; }
passes() {
  says 'PASSED'
  says "compiled from $mine"
}
never_says() { ! words | grep -qF -e "$1" || wrong "expected it not to say: $1"; }

# Nothing is tested before there is a file of the reader's.
learn 1 check "$name"
says 'NOT BEGUN'

# The stub goes to where the instructions say, and the instructions are there.
learn 0 exercise "$name"
mine=$(sed -n 's/^  write  //p' "$out")
readme=$(sed -n 's/^  read   //p' "$out")
folder=${readme%/README.md}
part=${mine##*/"$parts"/}
[ -s "$readme" ] || wrong "there are no instructions in $readme"
grep -qF "File: \`my/$part\`" "$readme" || wrong "$readme does not name the file, my/$part"
cmp "$mine" "$folder/${part##*/}" >"$out" 2>&1 || wrong 'the file is not the stub'

# It compiles without a warning, and the first test that fails does so with the exercise's name.
learn 1 check "$name" --full
never_says 'warning:'
says 'NOT WRITTEN YET'
says "not written yet: $name "

# Three hints at least. Those for a function are for one that is tested: a test's name begins with it, or it has it as a tag.
grep -c '^## Hint' "$folder/hints.md" >"$out"
[ "$(cat "$out")" -ge 3 ] || wrong 'there are fewer than three hints'
sed -n 's/^## Hint [0-9]* for //p' "$folder/hints.md" | sort -u | while read -r about; do
  grep -qF -e "\"$about:" -e ", $about:" -e "[$about]" "chapters/${part%/*}/test_$name.cpp" ||
    wrong "there are hints for $about, and no test is about that"
done || exit 1
n=0
until [ "$n" -gt 0 ] && words | grep -qF 'That was the last one'; do
  n=$((n + 1))
  learn 0 hint "$name"
  says "Hint $n of "
  [ "$(wc -w <"$out")" -gt 12 ] || wrong "hint $n says little"
done

# Each wrong answer fails, for the reason that wrong.diff gives: what is tested is the reader's file. Those that differ
# in the bodies of functions alone are compiled together, and GPT_ANSWER says which of them it is.
answers=$trial/wrong
mkdir "$answers"
python3 tests/runner/answers.py "chapters/$part" "$folder/wrong.diff" "$answers" || exit 1
tab=$(printf '\t')
count=0
planted=
while IFS=$tab read -r file number answer reason; do
  count=$((count + 1))
  if [ "$planted" != "$file" ]; then
    cp "$answers/$file" "$mine"
    planted=$file
    # Asked for none of its answers, the file is the reference in the reader's place.
    if [ "$file" = together.hpp ]; then
      GPT_ANSWER=0 learn 0 check "$name"
      passes
    fi
  fi
  GPT_ANSWER=$number learn 1 check "$name"
  words | grep -qF -e "$reason" || wrong "$answer should be told: $reason"
  never_says 'DOES NOT COMPILE'
done <"$answers/answers.txt"
[ "$count" -ge 3 ] || wrong "expected at least three wrong answers in $folder/wrong.diff, found $count"

# The reference passes in the reader's place.
cp "chapters/$part" "$mine"
if ! [ -f "$answers/together.hpp" ]; then
  learn 0 check "$name"
  passes
fi
learn 0 solution "$name"
says 'letter by letter'

# Beginning again loses nothing.
learn 0 reset "$name"
cmp "$mine.1" "chapters/$part" >"$out" 2>&1 || wrong 'reset did not keep the file'
cmp "$mine" "$folder/${part##*/}" >"$out" 2>&1 || wrong 'reset did not bring the stub'
times >"$out"
seconds=$(awk 'END { split($0, part, /[ms ]+/); printf "%.1f", part[1] * 60 + part[2] + part[3] * 60 + part[4] }' "$out")
echo "$name: $count wrong answers, each told what is wrong with it, in $seconds seconds of CPU time"
