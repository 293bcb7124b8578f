#!/bin/sh
# Tests of how learn guides through the exercises, one function a behaviour: test_exercises.sh RUNNER BUILD_FOLDER NAME
# runs test_NAME. They work in a folder of their own, BUILD_FOLDER/trial_01, on the first exercise.
set -u

runner=$1
build=$2
name=$3
cd "$(dirname "$0")/../.." || exit 1
unset EDITOR
export BARDLING_ROOT="$PWD" BARDLING_BUILD="$build" BARDLING_PARTS=trial_01 NO_COLOR=1
export BARDLING_RUNS="$build/trial_01_runs"
trial=$build/trial_01
out=$build/trial_01_out.txt
keys=$build/trial_01_keys
rm -rf "$trial" "$keys" "$BARDLING_RUNS"
mkdir -p "$trial"
# Other chapters' tests build at the same time: Ninja keeps what it knows here, and begins with what it knew.
printf 'builddir = trial_01\ninclude build.ninja\n' >"$trial/build.ninja"
cp "$build/.ninja_log" "$build/.ninja_deps" "$trial" || exit 1
: >"$out"
watcher=
# Whatever ends a test, its watch ends before the next test begins in the same folder.
trap '[ -z "$watcher" ] || { kill "$watcher"; wait "$watcher"; } 2>/dev/null; rm -f "$keys"' EXIT
trap 'exit 130' INT TERM HUP

wrong() {
  printf 'FAILED: %s\n--- what learn printed:\n' "$1"
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
says() { grep -qF -e "$1" "$out" || wrong "expected it to say: $1"; }
never_says() { ! grep -qF -e "$1" "$out" || wrong "expected it not to say: $1"; }
expect() { what=$1; shift; "$@" || wrong "$what"; }

# The first exercise, or the one of this number: its name, and its files.
choose() {
  "$runner" exercise "$1" >"$out" || wrong "there is no exercise $1"
  exercise=$(sed -n '1s/.*, \([a-z_0-9]*\))$/\1/p' "$out")
  mine=$(sed -n 's/^  write  //p' "$out")
  folder=$(sed -n 's|^  read   \(.*\)/README.md|\1|p' "$out")
  part=${mine##*/trial_01/}
  stub=$folder/${part##*/}
  reference=chapters/$part
}
# What every body of the reader's file is to be, instead of todo().
bodies_become() { sed "s|todo(\"$exercise\");|$1|" "$stub" >"$mine"; }

# ---- check ---------------------------------------------------------------------------------------------------

test_begun_work_is_never_overwritten() {
  choose 1
  echo '// my work' >"$mine"
  learn 0 exercise 1
  says 'left as it is'
  learn 0 exercise 2
  learn 0 exercise 1
  learn 1 check
  expect 'the file is as it was' [ "$(cat "$mine")" = '// my work' ]
}

test_a_file_that_appears_takes_the_place_of_the_reference() {
  choose 1
  rm "$mine"
  ninja -C "$build" -f trial_01/build.ninja "trial_01_exercise_$exercise" >"$out" 2>&1 || wrong 'it should build from the reference'
  learn 0 exercise 1
  learn 1 check
  says "not written yet: $exercise"
}

test_a_file_that_includes_the_reference_proves_nothing() {
  choose 1
  echo "#include \"$PWD/$reference\"" >"$mine"
  learn 1 check
  says 'NOT PROVEN'
  says 'includes the reference'
}

test_a_compiler_error_comes_alone_and_with_its_place() {
  choose 1
  { echo 'int first = nowhere;'; echo 'int second = nowhere_else;'; cat "$reference"; } >"$mine"
  learn 1 check
  says 'DOES NOT COMPILE'
  says "$part:1:"
  says 'int first = nowhere;'
  never_says 'int second'
  learn 1 check --full
  says 'int second = nowhere_else;'
}

test_a_missing_name_says_to_keep_those_of_the_stub() {
  choose 1
  echo '#pragma once' >"$mine"
  learn 1 check
  says 'DOES NOT COMPILE'
  says 'keep the names'
}

test_a_member_that_cannot_be_made_of_nothing_is_explained() {
  choose 4
  { cat "$reference"; echo 'struct Two { gpt::Embedding rows; Two() { } };'; } >"$mine"
  learn 1 check
  says 'DOES NOT COMPILE'
  says "before the constructor's body"
}

test_a_file_that_ends_too_early_is_told_from_a_wrong_name() {
  choose 1
  { cat "$reference"; echo 'int unfinished = '; } >"$mine"
  learn 1 check
  says 'DOES NOT COMPILE'
  says 'missing at the end of yours'
}

test_a_forgotten_return_does_not_compile() {
  choose 1
  { cat "$reference"; echo 'inline int forty_two() {}'; } >"$mine"
  learn 1 check
  says 'DOES NOT COMPILE'
  says 'non-void'  # g++ and clang say the rest each in its own words
}

test_a_warning_stands_beside_what_failed() {
  choose 1
  bodies_become 'const int forgotten = 4; todo("x");'
  learn 1 check
  never_says 'The compiler warns' # of what is not written yet
  bodies_become 'const int forgotten = 4; throw 4;'
  learn 1 check
  says 'no std::exception'
  says 'The compiler warns'
  says 'unused variable'
}

test_a_second_main_is_told_from_a_broken_build() {
  choose 1
  { cat "$reference"; echo 'int main() { return 0; }'; } >"$mine"
  learn 1 check
  says 'DOES NOT COMPILE'
  says 'multiple definition of'
  says 'main'
}

test_an_empty_file_is_not_begun() {
  choose 1
  echo >"$mine"
  learn 1 check
  says 'NOT BEGUN'
  says "is empty"
  says "./learn reset $exercise"
}

test_a_source_in_utf_16_is_called_so() {
  choose 1
  for code in UTF-16 UTF-16LE UTF-32BE; do # with a mark at its beginning, or without
    iconv -f UTF-8 -t $code "$reference" >"$mine" || exit 77
    learn 1 check
    says 'is UTF-16'
    says 'save it as UTF-8'
  done
}

test_what_is_no_file_is_not_begun() {
  choose 1
  rm "$mine"
  mkfifo "$mine" # reading it would wait for somebody who writes
  learn 1 check
  says 'NOT BEGUN'
  says 'is not a file that can be read'
}

test_an_older_file_put_back_in_place_is_compiled() {
  choose 1
  cp "$reference" "$mine"
  learn 0 check
  cp "$stub" "$mine"
  touch -d 2001-01-01 "$mine" # as mv, cp -p, rsync -a, unzip and a restored backup leave it
  learn 1 check
  says "not written yet: $exercise"
}

test_output_without_line_ends_is_cut() {
  choose 1
  bodies_become 'for (;;) std::fputs("x", stdout);'
  { echo '#include <cstdio>'; cat "$mine"; } >"$trial/with" && mv "$trial/with" "$mine"
  learn 1 check --seconds 5
  says 'TIMED OUT'
  expect 'a few lines are shown' [ "$(wc -c <"$out")" -lt 6000 ]
}

test_an_endless_loop_is_ended_and_its_test_named() {
  choose 1
  bodies_become 'for (volatile int n = 0; true; n = n + 1) {}'
  learn 1 check --seconds 5 # the first test has begun by then
  says 'TIMED OUT'
  says 'is there a loop that never ends?'
  says "test_$exercise.cpp:"
}

test_a_crash_is_called_by_its_signal() {
  choose 1
  bodies_become 'for (volatile int* nothing = nullptr;; ++nothing) *nothing = 1;'
  learn 1 check
  says 'CRASHED'
  says 'SIGSEGV'
}

test_an_index_past_the_end_is_called_so() {
  choose 1
  bodies_become 'std::vector<int> none; todo(none[symbols_.size()] == 1 ? "x" : "y");'
  learn 1 check
  says 'CRASHED'
  says 'an index past the end of a std::vector'
}

test_a_variable_without_a_value_is_never_0() {
  choose 1
  bodies_become 'int none; if (none == 0) todo("x"); throw std::runtime_error("it was " + std::to_string(none));'
  learn 1 check
  says 'it was'
}

test_memory_without_end_is_refused() {
  choose 1
  bodies_become 'for (std::vector<char*> all;;) all.push_back(new char[1 << 28]);'
  learn 1 check
  says 'memory ran out'
}

test_what_the_code_prints_is_shown() {
  choose 1
  bodies_become 'std::puts("how did I get here?"); todo("x");'
  learn 1 check
  says '| how did I get here?'
}

test_lost_notes_come_back_by_checking() {
  choose 1
  cp "$reference" "$mine"
  learn 0 check
  rm "$trial/progress.txt"
  learn 0 list
  never_says ' done '
  learn 1 check
  says 'passed'
  learn 0 list
  says ' done '
}

test_what_passed_stays_passed_and_says_that_the_file_has_changed() {
  choose 1
  learn 1 check
  never_says 'It passed before'
  cp "$reference" "$mine"
  learn 0 check
  learn 0 list
  says ' done '
  never_says 'has changed'
  cp "$stub" "$mine"
  learn 1 check
  says 'It passed before, and that counts; your file has changed since.'
  says '1 of '
  learn 0 list
  says ' done '
  says 'its file has changed since it passed'
  rm "$mine"
  learn 0 list
  says ' done '
  says 'its file is gone since it passed'
  cp "$reference" "$mine"
  learn 0 check
  learn 0 list
  never_says 'has changed'
  learn 0 reset 1
  learn 0 list
  never_says ' done '
}

test_a_task_is_shown_whole() {
  choose 1
  learn 0 task
  says ", $exercise)"
  says "$(sed -n 's/^## //p' "$folder/README.md" | head -n 1)"
  never_says '##'
  never_says '```'
  says "$mine"
  learn 0 task head
  says '8 ln 3' # of its table
  never_says '| --- |'
}

# Says of every exercise but the first that it has passed.
all_but_the_first_are_done() {
  learn 0 list
  sed -n 's/^[> ] *[0-9]*  [a-z]*  *\([a-z_0-9]*\) .*/done \1/p' "$out" | sed 1d >>"$trial/progress.txt"
}

test_after_the_last_exercise_comes_the_end() {
  choose 1
  all_but_the_first_are_done
  learn 1 check
  never_says 'the last exercise'
  cp "$reference" "$mine"
  learn 0 check
  says '*** That was the last exercise. ***'
  says 'You have written 1 part in '
  says './learn run 6 --mine'
  says './learn challenge '
  learn 0 # where the reader is
  says '*** That was the last exercise. ***'
  never_says 'larger'
}

test_a_run_of_ones_own_parts_is_kept_beside_the_reference_s() {
  choose 5
  cp "$reference" "$mine"
  learn 0 check
  learn 0 run 1 --mine --steps 3 --tokens 1 --data play --quiet
  says "Yours: $exercise"
  says 'From the reference: vocabulary'
  never_says '***'
  learn 0
  expect 'its loss stands under "yours"' grep -qE '1  bigram table +- +[0-9.]+ +- ' "$out"
  learn 0 run 1 --mine --help
  says './learn run 1 --mine --save'
  never_says '***'
  learn 2 run 1 --mine --steps many
  says './learn run 1 --mine: '
  never_says 'not all parts'
  n=1
  while "$runner" exercise "$n" >"$out" 2>&1; do # all whose part belongs to chapter 1, chapter 6's generate among them
    choose "$n"
    case $part in
      01_bigram/*)
        cp "$reference" "$mine"
        echo "done $exercise" >>"$trial/progress.txt"
        ;;
      *) rm "$mine" ;;
    esac
    n=$((n + 1))
  done
  learn 0 run 1 --mine --steps 3 --tokens 1 --data play --quiet
  never_says 'From the reference'
  says '*** Every part of this program that is an exercise is yours'
  learn 0 check 1
  echo '// more to come' >>"$trial/01_bigram/vocabulary.hpp"
  learn 0 run 1 --mine --steps 3 --tokens 1 --data play --quiet
  says 'vocabulary (changed since it passed)'
  never_says '***'
}

# ---- challenges ----------------------------------------------------------------------------------------------

test_challenges_are_listed_and_one_without_a_goal_is_told() {
  choose 1
  learn 0 challenge
  says 'below 2.20'
  says 'not tried yet'
  learn 1 challenge 99
  says 'there is no chapter'
}

test_a_challenge_works_on_copies_and_measures_three_seeds() {
  [ -n "${BARDLING_DATA:-}" ] && [ -f "$BARDLING_DATA/tinyshakespeare.txt" ] || [ -f data/tinyshakespeare.txt ] ||
    { echo 'skipped: Tiny Shakespeare is not here'; exit 77; }
  choose 5
  cp "$reference" "$mine"
  learn 0 challenge 1
  says 'a validation loss below 2.20'
  ours=$trial/challenge_01/01_bigram/bigram_language_model.hpp
  expect 'the copy is there' cmp "$ours" "$reference"
  learn 1 challenge 1
  says 'When you have changed something'
  never_says 'seed 1'
  learn 1 challenge 1 --seed 4
  says 'the challenge sets this itself'

  echo 'int wrong = ;' >>"$ours"
  learn 1 challenge 1
  says "challenge_01/01_bigram/bigram_language_model.hpp:"
  says 'expected'

  { cat "$reference"; echo '// as it was'; } >"$ours"
  learn 1 challenge 1
  says 'seed 1   2.4'
  says 'seed 3   2.'
  says 'mean     2.4'
  says 'NOT YET'
  says 'Your best: 2.4'
  learn 1 challenge 1 --steps 4000
  says 'AGAINST THE RULES'
  says 'the number of steps is to stay 3,000, and was 4,000'
  never_says 'seed 2'

  # A model that looks further back: each character's row, and one for the character before it.
  cat >"$ours" <<'END'
#pragma once
#include <algorithm>
#include "common/gpt.hpp"
namespace gpt {
class BigramLanguageModel {
 public:
  BigramLanguageModel(size_t V, Rng& rng) : V_(V), table_(V * V, V, rng) {
    std::ranges::fill(table_.weight().mutable_values(), 0.0f);
  }
  Tensor operator()(const Tokens& tokens) const {
    Tokens pairs = tokens;
    for (size_t i = 0; i < pairs.ids.size(); ++i) {
      const size_t before = i % tokens.T == 0 ? 0 : tokens.ids[i - 1];
      pairs.ids[i] = static_cast<int>(before * V_) + tokens.ids[i];
    }
    return table_(pairs);
  }
  size_t block_size() const { return no_limit; }
  Parameters parameters() const { return collect("table", table_); }
 private:
  size_t V_;
  Embedding table_;
};
}  // namespace gpt
END
  learn 0 challenge 1
  says 'REACHED'
  says '274,625 parameters'
  learn 0 challenge
  says ', reached'
  expect 'the exercise is as it was' cmp "$mine" "$reference"

  sed 's/i % tokens.T == 0 ? 0 : tokens.ids\[i - 1\]/(i + 1) % tokens.T == 0 ? 0 : tokens.ids[i + 1]/' "$ours" >"$trial/ahead"
  mv "$trial/ahead" "$ours"
  learn 1 challenge 1
  says 'the model reads ahead: position 6 changed when a later character did'
  never_says 'REACHED'
}

test_the_solution_is_shown_after_a_yes() {
  choose 1
  learn 1 solution
  says 'Show the solution all the same?'
  never_says '#pragma once'
  echo y | "$runner" solution >"$out" 2>&1 || wrong 'a yes should do'
  says '#pragma once'
}

test_an_unknown_exercise_gets_the_nearest_one_suggested() {
  choose 1
  learn 1 check "${exercise}x"
  says "did you mean \"$exercise\"?"
}

test_every_folder_of_an_exercise_has_its_programs() {
  for found in chapters/*/exercise/*/; do
    base=$(basename "$found")
    chapter=${found#chapters/}
    ninja -C "$build" -t query "trial_${chapter%%_*}_exercise_${base#*_}" >"$out" 2>&1 ||
      wrong "$found is not among the EXERCISES of its chapter's CMakeLists.txt, or not in this order"
  done
}

# ---- nothing passes that is not proven -----------------------------------------------------------------------

# The reader's file with these lines before the reference's, or others' that begin.
preceded_by() { { printf '%s\n' "$@"; cat "$reference"; } >"$mine"; }

test_a_link_to_the_reference_proves_nothing() {
  choose 1
  ln -sf "$PWD/$reference" "$mine"
  learn 1 check
  says 'NOT PROVEN'
  says 'is a link to the reference'
}

test_the_reference_by_way_of_the_compilers_folder_proves_nothing() {
  [ -e /proc/self/cwd ] || { echo 'skipped: there is no /proc'; exit 77; }
  choose 1
  ln -sfn "$PWD/chapters" "$trial/elsewhere"
  echo "#include \"/proc/self/cwd/trial_01/elsewhere/$part\"" >"$mine"
  learn 1 check
  says 'NOT PROVEN'
  says 'includes the reference'
}

test_macros_of_the_tests_names_prove_nothing() {
  choose 1
  for name in expect_equal REQUIRE TEST_CASE; do
    { cat "$stub"; printf '#undef %s\n#  define \\\n%s(...)\n' "$name" "$name"; } >"$mine"
    learn 1 check
    never_says PASSED
    says "speaks of $name"
  done
}

test_a_kinder_overload_of_an_expectation_proves_nothing() {
  choose 1
  { cat "$stub"; echo 'namespace gpt { inline void expect_equal(const char*, long long, int) {} }'; } >"$mine"
  learn 1 check
  says 'NOT PROVEN'
  says 'speaks of expect_equal'
}

test_a_forged_log_is_not_believed() {
  choose 1
  cat >"$mine" <<END
$(cat "$stub")
#include <unistd.h>
#include <cstdio>
#include <cstdlib>
inline const bool forged = [] {
  std::FILE* const log = std::fopen("$build/trial_01_exercise_$exercise.xml", "w");
  std::fputs("<?xml version=\"1.0\"?><Catch><Group><TestCase name=\"a\" filename=\"b\" line=\"1\">"
             "<OverallResult success=\"true\"/></TestCase></Group></Catch>", log);
  std::fclose(log);
  std::puts("ran 0");
  std::fflush(stdout);
  _exit(0);
  return true;
}();
END
  learn 1 check
  never_says PASSED
  says 'the program ended before its tests did, with exit code 0'
}

test_an_exit_is_called_so() {
  choose 1
  bodies_become 'std::exit(0);'
  { echo '#include <cstdlib>'; cat "$mine"; } >"$trial/with" && mv "$trial/with" "$mine"
  learn 1 check
  says 'CRASHED'
  says 'your code called exit()'
  never_says 'segmentation fault'
  bodies_become '_exit(0);'
  { echo '#include <unistd.h>'; cat "$mine"; } >"$trial/with" && mv "$trial/with" "$mine"
  learn 1 check
  says 'does your code call _exit()?'
}

test_odd_code_is_told_what_it_does_and_passes_only_where_it_is_right() {
  choose 1
  # Compiled once; ODD says what it does.
  cat >"$mine" <<END
#include <unistd.h>
#include <csignal>
#include <cstdlib>
#include <string>
inline void odd() {
  static int calls = 0;
  const char* const wish = std::getenv("ODD");
  const std::string what = wish == nullptr || calls++ > 0 ? "" : wish;
  if (what == "fork") fork();
  if (what == "close") close(STDOUT_FILENO);
  if (what == "close all") {
    for (int file = 0; file < 64; ++file) close(file);
  }
  if (what == "leave") std::quick_exit(0);
  if (what == "stop") raise(SIGSTOP);
  if (what == "throw") [](int x) noexcept { if (x == 1) throw x; }(calls);
  if (what == "abort") {
    std::signal(SIGABRT, [](int) { _exit(0); });
    std::abort();
  }
}
$(sed 's|encode(const std::string& text) const {|& odd();|' "$reference")
END
  ! tail -n +22 "$mine" | cmp -s - "$reference" || wrong 'the reference has no encode() any more'
  learn 0 check
  ODD=close learn 0 check
  ODD=fork learn 1 check
  says 'does your code call fork()?'
  ODD='close all' learn 1 check
  says 'does your code close files that are not its own?'
  ODD=leave learn 1 check
  says 'the program ended before its tests did, with exit code 0'
  ODD=abort learn 1 check
  says 'the program ended before its tests did, with exit code 0'
  ODD=throw learn 1 check
  says 'an exception was thrown where nothing can catch it'
  ODD=stop learn 1 check --seconds 1
  says 'TIMED OUT'
}

test_what_the_code_leaves_behind_is_ended() {
  choose 1
  # The child has a session of its own, and so has its own child.
  bodies_become 'if (fork() == 0) { setsid(); if (fork() >= 0) sleep(987); _exit(0); } todo("x");'
  { echo '#include <unistd.h>'; cat "$mine"; } >"$trial/with" && mv "$trial/with" "$mine"
  learn 1 check
  expect 'nothing of it runs any more' [ -z "$(pgrep -f "^$build/bin/trial_01_exercise_$exercise ")" ]
}

test_the_librarys_own_version_passes_and_is_not_done() {
  choose loss
  # The library lets a target of -1 pass.
  check='for (const int t : targets.ids) { if (t == -1) throw std::invalid_argument("got -1"); }'
  sed "s|todo(\"loss\");|$check return cross_entropy(logits, targets);|" "$stub" >"$mine"
  learn 1 check
  says 'PASSES, BUT IS NOT YOURS'
  says 'with cross_entropy'
  learn 0 list
  never_says ' done '
  # A function of the reader's in between is no difference; a comment is one.
  sed "s|todo(\"loss\");|$check return theirs(logits, targets);|"'; s|^inline Tensor cross_entropy_by_hand|inline Tensor theirs(const Tensor\& l, const Tokens\& t) { return cross_entropy(l, t); }\n&|' \
    "$stub" >"$mine"
  learn 1 check
  says 'PASSES, BUT IS NOT YOURS'
  { echo '// as cross_entropy(x) does'; cat "$reference"; } >"$mine"
  learn 0 check
  says PASSED
}

test_a_crash_counts_all_tests() {
  choose 1
  sed 's|symbols_.assign|if (text.size() != 1) symbols_.assign|; s|const std::string& text) {|&\n    if (text.size() > 4) std::abort();|' \
    "$reference" >"$mine"
  { echo '#include <cstdlib>'; cat "$mine"; } >"$trial/with" && mv "$trial/with" "$mine"
  learn 1 check
  says 'CRASHED'
  says "of $(grep -c '^TEST_CASE(' "${reference%/*}/test_$exercise.cpp") tests pass"
  says 'not reached'
}

test_a_variable_without_a_value_is_named() {
  choose sample
  sed 's|float total = 0;|float total;|' "$reference" >"$mine"
  ! cmp -s "$reference" "$mine" || wrong 'the reference has no total any more'
  learn 1 check
  says 'total seems to be used before it was ever given a value'
  choose 1
  sed 's|return symbols_.size(); |size_t all; return all;|' "$reference" >"$mine"
  ! cmp -s "$reference" "$mine" || wrong 'the reference has no size() any more'
  learn 1 check
  says 'never given a value'
}

test_a_division_of_whole_numbers_is_named() {
  choose sample
  sed 's|x /= total;|x *= 1 / p.size();|' "$reference" >"$mine"
  learn 1 check
  says 'If both are whole numbers, 1 / p.size() is one, too'
}

test_another_part_that_is_no_file_is_named() {
  choose 1
  learn 0 exercise 2
  learn 0 exercise 1
  rm "$trial/01_bigram/pairs.hpp"
  mkfifo "$trial/01_bigram/pairs.hpp"
  learn 1 check
  says 'pairs.hpp is not a file that can be read'
}

test_another_part_that_fails_is_named_first() {
  choose sample
  sed 's|return int(rng.choose(.*|return 0;|' "$reference" >"$mine"
  other=$exercise
  choose bigram_language_model
  grep -q '"01_bigram/sample.hpp"' "$reference" || sed 's|#pragma once|&\n#include "01_bigram/sample.hpp"|' "$reference" >"$mine"
  sed 's|"table"|"row"|' "$mine" >"$trial/with" && mv "$trial/with" "$mine"
  learn 1 check
  says "Your $other, which is used here, does not pass its own tests"
}

test_other_failing_tests_are_named() {
  choose sample
  sed 's|return int(rng.choose(.*|return 0;|; s|total += x;|total += 2 * x;|' "$reference" >"$mine"
  learn 1 check
  says 'FAILED'
  says 'These fail, too:'
}

# ---- watch ---------------------------------------------------------------------------------------------------

start_watching() { # start_watching [SECONDS]: so long may the reader's tests take, which is for ever unless said
  mkfifo "$keys"
  exec 3<>"$keys"
  "$runner" watch --seconds "${1:-1000}" <"$keys" >"$out" 2>&1 3>&- &
  watcher=$!
}
press() { printf %s "$1" >&3; }
since=1
now() { since=$(($(wc -c <"$out") + 1)); }
waits_for() { # waits_for WHAT COMMAND...: until the command succeeds
  what=$1
  shift
  tries=0
  until "$@"; do
    tries=$((tries + 1))
    [ "$tries" -lt 1200 ] || wrong "waited two minutes for: $what"
    kill -0 "$watcher" 2>/dev/null || wrong "it ended before: $what"
    sleep 0.1
  done
}
said() { tail -c "+$since" "$out" | grep -qF -e "$1"; }
sees() { waits_for "$1" said "$1"; } # it says so, after the last now()
ends() {
  code=0
  wait "$watcher" || code=$?
  watcher=
  expect "it ends with exit code $1, got $code" [ "$code" = "$1" ]
}

test_watch_survives_all_that_can_happen_to_a_file() {
  choose 1
  start_watching
  sees 'NOT WRITTEN YET'
  now; echo 'int broken = ;' >"$mine"
  sees 'DOES NOT COMPILE'
  now; rm "$mine"
  sees 'NOT BEGUN'
  now; bodies_become 'for (volatile int* nothing = nullptr;; ++nothing) *nothing = 1;'
  sees 'CRASHED'
  now; cp "$reference" "$mine.new" && mv "$mine.new" "$mine" # as editors save
  sees 'PASSED'
  sees '1 of '
  press q
  ends 0
}

test_watch_sees_past_what_editors_leave_in_the_folder() {
  choose 1
  ln -s 'reader@machine.4711:1' "$(dirname "$mine")/.#${mine##*/}" # a link to nowhere: Emacs' lock
  : >"$(dirname "$mine")/.${mine##*/}.swp"
  start_watching
  sees 'NOT WRITTEN YET'
  now; cp "$mine" "$mine~" && cp "$reference" "$(dirname "$mine")/4913" && mv "$(dirname "$mine")/4913" "$mine"
  sees 'PASSED'
  press q
  ends 0
}

test_watch_ends_an_endless_loop() {
  choose 1
  bodies_become 'for (volatile int n = 0; true; n = n + 1) {}'
  start_watching 1
  sees 'TIMED OUT'
  now; echo 'int broken = ;' >"$mine"
  sees 'DOES NOT COMPILE'
  press q
  ends 0
}

test_watch_obeys_its_keys() {
  choose 1
  start_watching
  sees 'NOT WRITTEN YET'
  now; press h; sees 'Hint 1 of 3'
  now; press h; sees 'Hint 2 of 3'
  now; press t; sees 'What to write'
  now; press l; sees "> "
  now; press x; sees 'NOT WRITTEN YET'
  now; press n; sees 'Exercise 2'
  sees 'NOT WRITTEN YET'
  press q
  ends 0
}

test_hints_are_for_the_function_whose_test_fails() {
  choose 1
  learn 0 hint
  says 'Hint 1 of 3 for vocabulary: constructor'
  sed 's|return text;|return "";|' "$reference" >"$mine"
  learn 1 check
  says 'ids turn back into characters'
  learn 0 hint
  says 'Hint 1 of 2 for vocabulary: decode'
  learn 0 hint
  says 'Hint 2 of 2 for vocabulary: decode'
  learn 0 reset
  learn 1 check
  learn 0 hint
  says 'Hint 1 of 3 for vocabulary: constructor'
}

test_a_hint_asked_for_beside_a_watch_is_remembered() {
  choose 1
  start_watching
  sees 'NOT WRITTEN YET'
  "$runner" hint 1 >"$trial/hint.txt" || wrong 'there is no hint'
  now; echo '// saved' >>"$mine"
  sees 'NOT WRITTEN YET'
  "$runner" hint 1 >"$trial/hint.txt" || wrong 'there is no hint'
  expect 'the second hint comes after the first' grep -qF 'Hint 2 of 3' "$trial/hint.txt"
  press q
  ends 0
}

test_a_save_during_an_endless_loop_starts_over_at_once() {
  choose 1
  bodies_become 'for (volatile int n = 0; true; n = n + 1) {}'
  log=$build/trial_01_exercise_$exercise.xml # what the reader's tests write, from their beginning on
  rm -f "$log"
  start_watching
  waits_for 'the loop' [ -e "$log" ]
  cp "$reference" "$mine"
  sees 'PASSED'
  now; bodies_become 'for (volatile int n = 0; true; n = n + 1) {}'
  sees 'checking'
  press q
  ends 0
}

test_ctrl_c_ends_watching() {
  choose 1
  # A shell makes its background jobs ignore SIGINT; SIGTERM is handled in the same way.
  start_watching
  sees 'NOT WRITTEN YET'
  kill -TERM "$watcher"
  ends 130
}

"$runner" list >"$out" 2>&1 || { echo 'skipped: there are no exercises'; exit 77; }
"test_$name"
