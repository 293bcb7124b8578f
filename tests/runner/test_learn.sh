#!/bin/sh
# shellcheck disable=SC2016,SC2013 # fakes are written in single quotes; commands are words
# Tests of the learn command, one function a behaviour: test_learn.sh RUNNER NAME runs test_NAME.
#
# Each test gets a copy of the script in a tree of its own, and a PATH that holds a few tools of this system and
# fakes of everything that would touch the machine or the network. Fakes write each call into the file calls.
set -u

runner=$1
name=$2
source=$(CDPATH='' cd -- "$(dirname "$0")/../.." && pwd -P)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
calls=$work/calls
: >"$calls"

# ---- the stage ---------------------------------------------------------------------------------------------

fake() { # fake NAME BODY
  [ -h "$work/bin/$1" ] && rm "$work/bin/$1" # a link to the real one, which must stay as it is
  printf '#!/bin/sh\nprintf "%%s\\n" "%s $*" >>"%s"\n%s\n' "$1" "$calls" "$2" >"$work/bin/$1"
  [ -x "$work/bin/$1" ] || chmod +x "$work/bin/$1"
}

lacking() { for tool do rm -f "$work/bin/$tool"; done; }

make_stage() {
  tree="$work/a tree"
  mkdir -p "$work/bin" "$tree/runner" "$tree/data" "$tree/chapters"
  cp "$source/learn" "$tree/learn"
  cp "$source/runner/help.txt" "$tree/runner/help.txt"
  # As many chapters as it takes: two numbers with two digits, and one that the tour leaves out.
  cat >"$tree/chapters/chapters.txt" <<'END'
# folder | short name | what it adds, for a table | what it adds, in a few more words | published validation loss | "tour"
01_bigram | Bigram | bigram table | a table of letters | 2.49 | tour
02_self_attention | Attention | one attention head | letters that look back | 2.41 | tour
05_blocks | Blocks | blocks that go deep | depth | 2.06 | tour
06_gpt | GPT | the GPT | the whole thing | 1.48 | tour
10_other_sequences | Sequences | other sequences | sorting and adding | | tour
12_last | Last | something else | what comes after it | |
END
  printf 'First Fisherman:\nHaul, neighbour, haul.\n' >"$tree/data/original_play.txt"
  for tool in apt-get apt-cache c++ cmake ctest curl dpkg-query id ninja sha256sum sudo; do
    : >"$work/bin/$tool"
  done
  chmod +x "$work"/bin/*
  for tool in sh awk cat chmod cp cut dirname env fold grep ln mkdir mv readlink rm sed sleep tr; do
    set -- "$@" "$(command -v "$tool")"
  done
  ln -s "$@" "$work/bin"
  fake id 'echo 1000'
  fake sudo 'exec "$@"'
  fake dpkg-query 'printf installed'
  for tool in apt-get apt-cache ctest; do fake "$tool" 'exit 0'; done
  fake c++ 'case $1 in -dumpversion) echo 12 ;; --version) echo g++ 12 ;; esac'
  fake ninja 'echo 1.11.1'
  fake curl 'case $1 in --version) echo curl ;; *) exit 6 ;; esac'
  fake sha256sum 'echo 86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed'
  # Configures and builds as the real one does, as far as learn can see.
  fake cmake 'RUNNER="'"$runner"'" CHAPTER="'"$work/chapter"'"
case $1 in
  --version) echo cmake version 3.25.1 ;;
  --preset)
    mkdir -p build/release/bin
    : >build/release/build.ninja
    printf "CMAKE_HOME_DIRECTORY:INTERNAL=%s\n" "$(pwd -P)" >build/release/CMakeCache.txt ;;
  --build)
    [ -x build/release/bin/runner ] && exit
    echo "[1/1] Linking"
    ln -s "$RUNNER" build/release/bin/runner
    for n in 01 02 05 06 10 12; do ln -s "$CHAPTER" build/release/bin/ch$n; done ;;
esac'
  fake_chapter 'exit 0'
}

# fake_chapter ENDING: a chapter's program, which leaves a report without training. ENDING is what it does last.
fake_chapter() {
  cat >"$work/chapter" <<END
#!/bin/sh
name=\${0##*/}
number=\${name#ch}
number=\${number#0}
printf '%s\n' "\$name \$*" >>"$calls"
while [ \$# -gt 0 ]; do
  case \$1 in
    --report) report=\$2 ;;
    --trace) trace=\$2 ;;
    --stage) variant=\$2 ;;
    --data) corpus=\${2##*/} ;;
  esac
  shift
done
[ -z "\${SILENT-}" ] || exit 0
letters='And now, good night. My frog and I depart, '
point='{"step": 0, "train": 4.2, "val": 4.2}'
say=\$letters\$letters\$letters\$letters\$letters\$letters\$letters\$letters
printf '{"chapter": %s, "title": "t", "variant": "%s", "corpus": "%s", "parameters": 4225, "steps": 3000,
  "batch": 32, "context": 8, "lr": 0.01, "seed": 1, "threads": 1, "gemm": "portable", "seconds": 3.2,
  "step_ms_median": 0.5, "train_loss": 2.46, "val_loss": %s, "published_val_loss": 2.5, "interrupted": false, "curve": [%s],
  "sample": "%s", "fingerprint": "%s"}' "\$number" "\$variant" "\${corpus:-play}" "\${LOSS:-2.49}" "\${CURVE-\$point}" "\$say" "\${PRINT:-a}" >"\$report"
[ -z "\$trace" ] || printf '{"title": "Chapter %s.", "run": "", "tensors": []}' "\$number" >"\$trace"
$1
END
  chmod +x "$work/chapter"
}

# learn ARGUMENTS...: what it prints is in $work/out afterwards, its exit code in $code. Words of the form NAME=VALUE
# before the arguments go into its environment; what it reads is in $input.
input=
learn() {
  code=0
  assignments=
  while [ $# -gt 0 ]; do
    case $1 in *=*) assignments="$assignments $1"; shift ;; *) break ;; esac
  done
  # shellcheck disable=SC2086 # assignments are single words
  printf %s "$input" | (
    cd "${from:-$tree}" && env -i PATH="$work/bin" HOME="$work" $assignments "${script:-./learn}" "$@"
  ) >"$work/out" 2>&1 || code=$?
}

# ---- expectations ------------------------------------------------------------------------------------------

wrong() {
  printf 'FAILED: %s\n--- what learn printed:\n' "$1"
  cat "$work/out"
  printf -- '--- calls:\n'
  cat "$calls"
  exit 1
}
ends_with() { [ "$code" = "$1" ] || wrong "expected exit code $1, got $code"; }
says() { grep -qF -e "$1" "$work/out" || wrong "expected it to say: $1"; }
never_says() { ! grep -qF -e "$1" "$work/out" || wrong "expected it not to say: $1"; }
called() { grep -qF -e "$1" "$calls" || wrong "expected a call of: $1"; }
never_called() { ! grep -qF -e "$1" "$calls" || wrong "expected no call of: $1"; }
expect() { what=$1; shift; "$@" || wrong "$what"; }

lacks_a_package() {
  fake dpkg-query 'case "$*" in *libdnnl-dev*) exit 1 ;; *) printf installed ;; esac'
}

# ---- help, and words that are no commands ------------------------------------------------------------------

test_help_needs_nothing_installed_or_built() {
  lacking cmake ninja c++ dpkg-query
  learn help
  ends_with 0
  says './learn tour'
  expect 'help must not call anything' [ ! -s "$calls" ]
}

test_alone_before_anything_is_built_it_helps_and_builds_nothing() {
  learn
  ends_with 0
  says 'Begin with:  ./learn tour'
  expect 'nothing must be called' [ ! -s "$calls" ]
}

test_an_unknown_command_gets_the_nearest_one_suggested() {
  learn tset
  ends_with 2
  says 'there is no command "tset" - ./learn help'
  expect 'nothing must be called' [ ! -s "$calls" ]
  learn data # the program is there from here on, and guesses what was meant
  learn tset
  ends_with 2
  says 'there is no command "tset", did you mean "test"?'
  learn fhqwhgads
  ends_with 2
  never_says 'did you mean'
  says './learn help'
}

test_run_wants_a_chapter_that_is_listed() {
  for number in 0 3 six 99 -1 010 1. ''; do
    learn run "$number"
    ends_with 2
    [ -z "$number" ] || says "there is no chapter \"$number\", only 1, 2, 5, 6, 10, 12"
  done
  learn run
  ends_with 2
  says 'which chapter?'
  expect 'nothing must be called' [ ! -s "$calls" ]
}

test_help_fits_a_terminal_of_80_columns() {
  learn help
  expect 'no line is longer' [ -z "$(grep -E '.{81}' "$work/out")" ]
}

test_every_command_that_help_lists_is_there() {
  for command in $(sed -n 's|^  ./learn \([a-z][a-z]*\).*|\1|p' "$source/runner/help.txt"); do
    case $command in help | test | run) continue ;; esac
    learn "$command" --help
    ends_with 0
    says "./learn $command"
  done
}

test_an_option_that_a_command_does_not_have_is_refused_in_a_line() {
  learn docs --pdf
  ends_with 2
  says '--pdf'
  says './learn docs'
  learn tour --fast
  ends_with 2
  says '--fast'
  says './learn help'
}

# ---- packages ----------------------------------------------------------------------------------------------

test_with_everything_installed_nothing_is_asked_or_installed() {
  learn data
  ends_with 0
  never_called apt-get
  never_says '[y/N]'
}

test_it_asks_before_it_installs_and_takes_no_for_an_answer() {
  lacks_a_package
  input='n
'
  learn data
  ends_with 1
  says 'libdnnl-dev'
  says 'sudo apt-get install libdnnl-dev'
  says 'nothing was installed'
  never_called apt-get
  never_called 'cmake --preset'
}

test_silence_is_no_consent() {
  lacks_a_package
  learn data
  ends_with 1
  never_called apt-get
}

test_after_a_yes_it_installs_what_is_missing_and_no_more() {
  lacks_a_package
  input='y
'
  learn data
  ends_with 0
  called 'sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends libdnnl-dev'
  never_called 'catch2 '
}

test_root_and_option_yes_and_ci_are_not_asked() {
  lacks_a_package
  learn --yes data
  ends_with 0
  called 'apt-get install'
  for way in root ci after; do
    rm -rf "$tree/build" && : >"$calls"
    case $way in
      root) fake id 'echo 0'; learn data; never_called sudo ;;
      ci) fake id 'echo 1000'; learn CI=true data ;;
      after) learn data --yes ;;
    esac
    ends_with 0
    called 'apt-get install'
    never_says '[y/N]'
  done
}

test_without_sudo_it_says_what_root_has_to_do() {
  lacks_a_package
  lacking sudo
  learn --yes data
  ends_with 1
  says 'As root: apt-get install libdnnl-dev'
  never_called apt-get
}

test_an_installation_that_fails_ends_it_with_the_reason() {
  lacks_a_package
  fake apt-get 'case $* in *install*) echo "E: Unable to fetch some archives"; exit 100 ;; esac'
  learn --yes data
  ends_with 1
  says 'is there a network?'
  says 'E: Unable to fetch some archives'
  never_called 'cmake --preset'
}

test_on_an_unknown_system_it_says_what_to_install() {
  lacking apt-get dpkg-query ninja
  learn data
  ends_with 1
  says 'lacks ninja'
  says 'xtensor, CLI11, nlohmann-json'
}

test_a_compiler_or_cmake_that_is_too_old_is_named() {
  fake c++ 'case $1 in -dumpversion) echo 9 ;; --version) echo g++ 9 ;; esac'
  learn data
  ends_with 1
  says 'version 9; Bardling needs g++ 12'
  fake c++ 'case $1 in -dumpversion) echo 12 ;; --version) echo g++ 12 ;; esac'
  fake cmake 'echo cmake version 3.18.4'
  learn data
  ends_with 1
  says 'cmake is version 3.18.4; Bardling needs 3.22'
}

test_condas_compiler_makes_way_for_the_systems() {
  [ -x /usr/bin/c++ ] || exit 77
  mkdir -p "$work/conda/bin"
  printf '#!/bin/sh\necho conda compiles >>"%s"\n' "$calls" >"$work/conda/bin/x86_64-conda-linux-gnu-c++"
  chmod +x "$work/conda/bin/x86_64-conda-linux-gnu-c++"
  learn CONDA_PREFIX="$work/conda" CXX="$work/conda/bin/x86_64-conda-linux-gnu-c++" data
  ends_with 0
  says '/usr/bin/c++ compiles'
  rm -rf "$tree/build"
  learn CONDA_PREFIX="$work/conda" data # an environment without a compiler is none of our business
  ends_with 0
  never_says conda
}

# ---- configuring and building ------------------------------------------------------------------------------

test_a_second_call_only_lets_the_build_tool_look() {
  learn data
  : >"$calls"
  learn data
  ends_with 0
  never_says 'building'
  expect 'one look by the build tool' [ "$(grep -c '^cmake' "$calls")" = 1 ]
  called 'cmake --build'
  never_called 'cmake --preset'
  never_called dpkg-query
}

test_only_what_a_command_needs_is_built() {
  learn data
  called '--target runner'
  never_called ch01
  learn run 5 --steps 1
  called '--target runner ch05'
  learn run 10 --steps 1
  called '--target runner ch10'
}

test_it_works_through_a_link_from_another_folder_with_spaces() {
  mkdir "$work/some where"
  ln -s "$tree/learn" "$work/some where/link"
  ln -s link "$work/some where/link to a link"
  from="$work/some where" script="./link to a link"
  learn run 1 --report mine.json
  ends_with 0
  expect 'the report is where the reader stands' [ -f "$work/some where/mine.json" ]
  expect 'and is kept in the tree' [ -f "$tree/runs/ch01.json" ]
}

test_a_run_leaves_what_the_figures_are_drawn_from() {
  learn run 02
  learn run 5 --stage plain
  learn run 6 --trace my.json
  learn run 10
  for name in ch02 ch05 ch05_plain ch06 ch10; do
    expect "$name has a report" [ -f "$tree/runs/$name.json" ]
    expect "$name has a trace" [ -f "$tree/runs/$name.trace.json" ]
  done
  expect 'the trace is where the reader wants it, too' grep -q 'Chapter 6' "$tree/my.json"
  expect 'nothing else is left' [ -z "$(ls "$tree/runs/new")" ]
}

test_what_only_spoke_leaves_no_figures() {
  learn CURVE= run 2
  expect 'no report is kept' [ ! -e "$tree/runs/ch02.json" ]
  expect 'no trace is kept' [ ! -e "$tree/runs/ch02.trace.json" ]
}

test_a_tree_that_was_moved_is_configured_anew() {
  learn data
  mv "$tree" "$work/moved"
  : >"$calls"
  from="$work/moved" script=./learn
  learn data
  ends_with 0
  called 'cmake --preset release'
}

test_a_build_that_fails_shows_its_first_error() {
  learn data
  fake cmake 'echo "../../common/tensor/rng.cpp:7:1: error: expected a semicolon"; exit 1'
  learn data
  ends_with 1
  says '    common/tensor/rng.cpp:7:1: error: expected a semicolon'
  says 'build/learn.log'
}

test_a_full_disk_is_called_a_full_disk() {
  learn data
  fake cmake 'echo "fatal error: error writing to x.o: No space left on device"; exit 1'
  learn data
  ends_with 1
  says 'the disk is full'
}

test_a_tree_that_cannot_be_written_is_called_so() {
  : >"$tree/build" # a file where the folder should be: not even root can write there
  learn data
  ends_with 1
  says 'cannot write to'
}

test_a_folder_that_the_build_tools_trip_over_is_named() {
  for name in "it's" 'a;b' 'a&b' 'a"b' 'a|b' 'a$b' 'C# 12' 'a<b' 'what?' "$(printf 'a\tb')" 'a
b'; do
    mv "$tree" "$work/$name"
    tree=$work/$name
    learn data
    ends_with 1
    says 'has a character in its name that the build tools trip over'
  done
  for name in '[new] bardling' 'Größe (2)' '你好' '50% @home, a=b!'; do
    mv "$tree" "$work/$name"
    tree=$work/$name
    learn data
    ends_with 0
  done
}

a_second_call_waits() {
  ("$flock" 8; sleep 2) 8>>"$tree/build/release/learn.lock" &
  sleep 1
  learn data
  ends_with 0
  says 'another ./learn is building; waiting for it ...'
  wait
  learn data
  never_says 'another'
}

test_two_calls_take_turns() {
  flock=$(command -v flock) || exit 77
  ln -s "$flock" "$work/bin/flock"
  learn data
  ends_with 0
  mkdir -p "$tree/build/release"
  a_second_call_waits
}

test_two_calls_take_turns_where_there_is_perl_and_no_flock() {
  flock=$(command -v flock) && perl=$(command -v perl) || exit 77
  ln -s "$perl" "$work/bin/perl"
  learn data
  ends_with 0
  a_second_call_waits
}

test_a_call_with_sudo_is_advised_against() {
  learn data
  never_says sudo
  fake id 'echo 0'
  learn SUDO_USER=reader data
  ends_with 0
  says 'called with sudo'
  learn data # who is root by himself works as root
  never_says sudo
}

test_what_a_call_with_sudo_has_left_is_named() {
  learn data
  fake cmake 'echo "ninja: error: opening build log: Permission denied"; exit 1'
  fake find ''
  learn data
  ends_with 1
  says 'Permission denied'
  never_says chown
  fake find 'echo build/release/.ninja_log'
  learn data
  ends_with 1
  says "sudo chown -R \"\$(id -un)\" '$tree/build'"
}

test_no_source_prints_a_command_but_as_learn_was_called() {
  grep -nE '"[^"]*\./learn ' "$source"/runner/*.cpp | grep -vE 'string beginning = |# Kept by' >"$work/out"
  expect 'learn("...") prints them' [ ! -s "$work/out" ]
}

test_commands_are_printed_as_they_are_called() {
  learn help
  says '  ./learn tour'
  mkdir "$work/else where"
  ln -s "$tree/learn" "$work/else where/my learn"
  from="$work/else where" script='./my learn'
  learn
  says "Begin with:  './my learn' tour"
  learn data
  says "A text of your own: './my learn' run N --data FILE"
  learn run 1 --steps 1
  from=$tree script=./learn
  learn
  says '  ./learn run 2'
}

test_folders_that_cannot_be_written_are_said() {
  learn data
  : >"$tree/runs" # a file where the folder should be: not even root can write there
  learn run 1
  ends_with 1
  says "cannot write to $tree/runs"
  never_called 'ch01 --'
  learn tour
  ends_with 1
  says "cannot write to $tree/runs"
  never_called 'ch01 --'
  mkdir -p "$tree/chapters/01_bigram/exercise/1_vocabulary"
  echo '// write it' >"$tree/chapters/01_bigram/exercise/1_vocabulary/vocabulary.hpp"
  : >"$tree/my"
  learn exercise
  ends_with 1
  says "$tree/my"
  says "is it somebody else's, or read-only?"
}

test_run_and_test_have_help_too() {
  learn run --help
  ends_with 0
  says './learn run N --help lists its options'
  learn test --help
  ends_with 0
  says 'arguments go to ctest'
  never_called cmake
}

test_test_runs_all_but_the_milestones_unless_labels_are_chosen() {
  learn test -R head
  ends_with 0
  called '--target all'
  called '-LE milestone|mutants -R head'
  : >"$calls"
  learn test -L milestone
  never_called '-LE'
  : >"$calls"
  learn test -LE docs -j 3
  called '-LE docs|milestone|mutants -j 3'
  : >"$calls"
  learn test -L slow -LE docs
  called '-L slow -LE docs'
  never_called 'milestone'
}

# ---- texts -------------------------------------------------------------------------------------------------

no_trace_of_a_download() {
  expect 'nothing is left in data/' [ "$(cd "$tree/data" && echo *)" = original_play.txt ]
}

# The last argument but one is where to write.
fake_download() {
  fake "$1" '[ "$1" = --version ] && { echo a version; exit; }
while [ $# -gt 2 ]; do shift; done
echo text >"$1"'
}

test_without_a_network_fetch_says_so_in_a_line_and_keeps_nothing() {
  learn data fetch
  ends_with 1
  says 'is there a network?'
  no_trace_of_a_download
}

test_a_download_with_another_hash_is_not_kept() {
  fake_download curl
  fake sha256sum 'echo 0000000000000000000000000000000000000000000000000000000000000000'
  learn data fetch
  ends_with 1
  says 'not the published file'
  no_trace_of_a_download
}

test_a_download_that_cannot_be_checked_is_not_kept() {
  fake_download curl
  lacking sha256sum
  learn data fetch
  ends_with 1
  says 'neither sha256sum nor shasum'
  no_trace_of_a_download
}

test_a_download_with_the_published_hash_is_kept() {
  fake_download curl
  learn data fetch
  ends_with 0
  expect 'it is in data/' [ "$(cat "$tree/data/tinyshakespeare.txt")" = text ]
  : >"$calls"
  learn data fetch
  says 'here already'
  never_called 'curl -'
}

test_wget_serves_where_curl_is_not_there() {
  lacking curl
  fake_download wget
  learn data fetch
  ends_with 0
  called 'wget -q'
}

test_a_plain_data_does_not_touch_the_network() {
  learn data
  ends_with 0
  says 'not here'
  never_called curl
}

# ---- runs --------------------------------------------------------------------------------------------------

test_the_tour_trains_its_chapters_and_ends_with_a_table_and_a_voice() {
  learn tour --data play
  ends_with 0
  called '--target runner ch01 ch02 ch05 ch06 ch10'
  expect 'its chapters in order' [ "$(grep -o '^ch[0-9]*' "$calls" | tr -d '\n')" = ch01ch02ch05ch06ch10 ]
  never_called curl
  says '4 of 5: the GPT'
  says '6  the GPT                   4,225  3,000        3   2.46  2.49       2.50'
  says './learn run 10 --load'
  spoken=$(sed -n '/of chapter 10 says/,/^Let it/p' "$work/out" | grep 'good night' | tr -d '\n')
  expect "300 letters after two spaces, got ${#spoken}" [ "${#spoken}" = 302 ]
}

test_the_tour_of_all_trains_what_comes_after_it_too() {
  learn tour --all --data play
  ends_with 0
  expect 'all in order' [ "$(grep -o '^ch[0-9]*' "$calls" | tr -d '\n')" = ch01ch02ch05ch06ch10ch12 ]
  says '12  something else'
}

test_the_tour_tries_to_fetch_the_text_once_and_falls_back_to_the_play() {
  learn tour
  ends_with 0
  says 'The built-in play serves instead'
  expect 'one try' [ "$(grep -c '^curl -f' "$calls")" = 1 ]
  called 'ch06 --data play'
}

test_ctrl_c_ends_the_tour_with_what_is_done() {
  fake_chapter '[ $number = 5 ] && kill -INT $PPID; exit 0'
  learn tour --data play
  ends_with 130
  says '5  blocks that go deep'
  says 'The tour ends here'
  never_called 'ch06 --'
}

test_a_chapter_that_fails_ends_the_tour_with_what_is_done() {
  fake_chapter '[ $number = 2 ] && { rm -f "$report"; exit 1; }; exit 0'
  learn tour --data play
  ends_with 1
  says '1  bigram table'
  says 'chapter 2 stopped with exit code 1'
  never_called 'ch05 --'
}

test_run_hands_all_arguments_to_the_chapter_and_its_exit_code_back() {
  learn run 5 --steps 7 --prompt 'To be' --help
  ends_with 0
  called 'ch05 --steps 7 --prompt To be --help --report'
  fake_chapter 'exit 2'
  learn run 05
  ends_with 2
}

test_a_chapter_that_crashes_is_called_by_its_signal() {
  fake_chapter 'kill -SEGV $$; sleep 1'
  learn run 1
  ends_with 139
  says 'SIGSEGV'
}

test_the_best_run_is_remembered_for_each_text() {
  learn LOSS=2.40 run 1 --data play
  learn LOSS=2.60 run 1 --data play
  learn
  says '1  bigram table             2.40'
  learn LOSS=3.00 run 1 --data mine.txt
  learn
  says '1  bigram table             3.00'
  says 'mine.txt'
  learn LOSS=3.50 PRINT=b run 1 --data other/mine.txt # another text by the same name
  learn
  says '1  bigram table             3.50'
}

test_a_run_that_only_spoke_does_not_take_the_place_of_one_that_learned() {
  learn run 1
  learn CURVE= LOSS=2.00 run 1 --load model.safetensors
  learn
  says '1  bigram table             2.49'
}

test_a_report_that_was_there_before_is_none_of_this_run() {
  learn run 1 --report r.json
  learn SILENT=1 run 5 --report r.json
  ends_with 0
  expect 'nothing is kept of a run that wrote no report' [ ! -e "$tree/runs/ch05.json" ]
}

test_where_am_i_names_the_first_chapter_that_was_not_run() {
  learn run 1
  learn run 5
  learn
  ends_with 0
  says './learn run 2'
  says 'chapters/02_self_attention/README.md'
  for number in 2 6 10; do learn run "$number"; done
  learn
  says './learn run 12'
  learn run 12
  learn
  says 'All of them were run'
}

test_where_am_i_begins_with_the_tour_and_then_leads_to_the_first_page() {
  learn data # builds, and has nothing to do with chapters
  learn
  ends_with 0
  says './learn tour'
  never_says './learn run'
  learn tour --data play
  says 'Read docs/tensors.md, and chapter 1: chapters/01_bigram/README.md'
  learn
  says 'Next: read docs/tensors.md'
  says 'chapters/01_bigram/README.md'
  says './learn run 1'
  never_says 'larger'
  learn run 1
  learn
  says 'Next: read chapters/02_self_attention/README.md'
  for number in 2 5 6 10 12; do learn run $number; done
  learn
  says 'All of them were run'
  never_says 'larger'
}

test_a_broken_report_hides_no_other() {
  learn run 1
  learn run 2
  echo '{' >"$tree/runs/ch01.json"
  learn
  ends_with 0
  says 'ch01.json is not a report'
  says '2  one attention head       2.49'
}

# ---- the script itself -------------------------------------------------------------------------------------

test_shellcheck_finds_nothing() {
  command -v shellcheck >/dev/null || { echo 'skipped: shellcheck is not installed'; exit 77; }
  shellcheck "$source/learn" "$source/.ci/run" "$source"/tests/*.sh "$source"/tests/*/*.sh "$source"/chapters/*/*.sh \
    "$source"/docs/*/*.sh >"$work/out" ||
    wrong 'shellcheck has something to say'
}

make_stage
"test_$name"
