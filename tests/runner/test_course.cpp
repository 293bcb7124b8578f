#include <unistd.h>

#include <cmath>
#include <fstream>
#include <stdexcept>
#include <string>

#include "runner/challenge.hpp"
#include "runner/closed.hpp"
#include "runner/compiler_log.hpp"
#include "runner/exercise.hpp"
#include "runner/process.hpp"
#include "runner/progress_file.hpp"
#include "runner/repository.hpp"
#include "runner/source_text.hpp"
#include "runner/test_log.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/temp_folder.hpp"

using namespace gpt;
namespace fs = std::filesystem;

namespace {

void write(const fs::path& file, const std::string& text) {
  fs::create_directories(file.parent_path());
  std::ofstream(file) << text;
}

/// What was wrong with the first test case of a log.
std::string problem(const std::string& inside) {
  const auto tests = read_test_log(
      "<?xml version=\"1.0\"?>\n<Catch2TestRun name=\"x\">\n<TestCase name=\"t\" tags=\"\" "
      "filename=\"a.cpp\" line=\"7\">\n" +
      inside + "</TestCase></Catch2TestRun>");
  REQUIRE(tests.size() == 1);
  return tests[0].problem;
}

}  // namespace

TEST_CASE("exercises: found in the chapters' folders, in the order of the tutorial", "[course]") {
  const TempFolder folder;
  const fs::path root = folder.path();
  write(root / "chapters/02_self_attention/exercise/10_last/README.md",
        "# Last\n\nFile: `my/01_bigram/last.hpp`\n");
  write(root / "chapters/02_self_attention/exercise/2_head/README.md", "no title, no file\n");
  write(root / "chapters/01_bigram/exercise/1_loss/README.md",
        "# Loss\n\nFile: `my/01_bigram/loss.hpp`, which ...\n");
  write(root / "chapters/01_bigram/exercise/progress.txt", "not an exercise");
  write(root / "chapters/README.md", "not a chapter");

  const std::vector<Exercise> all = find_exercises(root);
  REQUIRE(all.size() == 3);
  CHECK(all[0].name == "loss");
  CHECK(all[0].title == "Loss");
  CHECK(all[0].part == fs::path("01_bigram/loss.hpp"));
  CHECK(all[1].name == "head");
  CHECK(all[1].title == "head");
  CHECK(all[1].part == fs::path("02_self_attention/head.hpp"));
  CHECK(all[2].name == "last");
  CHECK(all[2].number == 3);
  CHECK(all[2].chapter == 2);
  CHECK(all[2].reference() == fs::path("chapters/01_bigram/last.hpp"));
  CHECK(all[2].stub() == fs::path("chapters/02_self_attention/exercise/10_last/last.hpp"));

  CHECK(find(all, "head").name == "head");
  CHECK(find(all, "2").name == "head");
  CHECK(find(all, "2.10").name == "last");
  CHECK_THROWS_WITH(find(all, "haed"),
                    "there is no exercise \"haed\", did you mean \"head\"? - ./learn list names them all");
  CHECK_THROWS_WITH(find(all, "something"),
                    "there is no exercise \"something\" - ./learn list names them all");
}

TEST_CASE("exercises: none where there are no chapters", "[course]") {
  const TempFolder folder;
  CHECK(find_exercises(folder.path() / "nowhere").empty());
}

TEST_CASE("hints: the sections of a file, without headings and blank edges", "[course]") {
  const TempFolder folder;
  const Exercise exercise{
      1, 1, 1, "loss", "Loss", "chapters/01_bigram/exercise/1_loss", "01_bigram/loss.hpp"};
  write(folder.path() / exercise.folder / "hints.md",
        "# Hints\n\n## Hint 1\n\nOne.\n\nStill one.\n\n## Hint 2: more\nTwo.\n## Hint 3\n");
  const std::vector<Hints> all = hints(folder.path(), exercise);
  REQUIRE(all.size() == 1);
  CHECK(all[0].about.empty());
  CHECK(all[0].texts == std::vector<std::string>{"One.\n\nStill one.", "Two.", ""});
}

TEST_CASE("hints: those for one function stand by themselves", "[course]") {
  const TempFolder folder;
  const Exercise exercise{1, 2, 3, "head", "Head", "chapters/02/exercise/3_head", "02/head.hpp"};
  write(folder.path() / exercise.folder / "hints.md",
        "## Hint 1\n\nAll.\n\n## Hint 1 for constructor\n\nA.\n\n## Hint 2 for constructor\n\nB.\n\n"
        "## Hint 1 for operator()\n\nC.\n");
  const std::vector<Hints> all = hints(folder.path(), exercise);
  REQUIRE(all.size() == 3);
  CHECK(all[0].texts == std::vector<std::string>{"All."});
  CHECK(all[1].about == "constructor");
  CHECK(all[1].texts == std::vector<std::string>{"A.", "B."});
  CHECK(all[2].about == "operator()");
  CHECK(all[2].texts == std::vector<std::string>{"C."});
}

TEST_CASE("test log: which function a test is about, by its name or by its tags", "[course]") {
  const std::vector<TestResult> tests = read_test_log(
      "<TestCase name=\"split_heads, merge_heads: gradient\" tags=\"[batched][ch03]\" filename=\"t.cpp\" "
      "line=\"3\"></TestCase><TestCase name=\"Head: gradient\" tags=\"[ch02][operator()]\"></TestCase>");
  REQUIRE(tests.size() == 2);
  CHECK(is_about(tests[0], "split_heads"));
  CHECK(is_about(tests[0], "merge_heads"));
  CHECK_FALSE(is_about(tests[0], "heads"));
  CHECK_FALSE(is_about(tests[0], "gradient"));
  CHECK_FALSE(is_about(tests[0], ""));
  CHECK(is_about(tests[1], "Head"));
  CHECK(is_about(tests[1], "operator()"));
  CHECK_FALSE(is_about(tests[1], "constructor"));
}

/// While it lives, who runs the tests is nobody, where that was root, to whom no file is closed.
struct Nobody {
  Nobody() { user = ::geteuid() == 0 && ::seteuid(65534) == 0 ? 0 : ::geteuid(); }
  ~Nobody() { CHECK(::seteuid(user) == 0); }
  Nobody(const Nobody&) = delete;
  Nobody& operator=(const Nobody&) = delete;
  uid_t user;
};

TEST_CASE("closed files: whose they are and what opens them, in the tutorial's folder alone", "[course]") {
  const TempFolder folder;
  const fs::path root = folder / "a tree", my = root / "my";
  fs::create_directories(my / "01_bigram");
  const auto open_to = [](const fs::path& file, int mode) { fs::permissions(file, fs::perms(mode)); };
  open_to(root.parent_path(), 0755);
  open_to(root, 0755);
  open_to(my, 0555);
  const bool was_root = ::geteuid() == 0;
  const auto opened = [&](const fs::path& file) {
    return file.string() +
           (was_root ? " belongs to root. To make it yours: sudo chown -R \"$(id -un)\" '"
                     : " is closed. To open it: chmod -R u+rwX '") +
           file.string() + "'";
  };
  {
    const Nobody nobody;
    CHECK(why_closed(root, my / "progress.txt", Access::read).empty());
    CHECK(why_closed(root, my / "progress.txt", Access::write) == opened(my));
    CHECK(why_closed(root, my / "02_more" / "head.hpp", Access::write) == opened(my));
    CHECK(why_closed(root / "my", root / "progress.txt", Access::write).empty());
    CHECK_THROWS_WITH(require_open(root, my / "progress.txt", Access::write),
                      "cannot write " + (my / "progress.txt").string() + ": " + opened(my));
  }
  open_to(my, 0755);
  open_to(my / "01_bigram", 0);
  {
    const Nobody nobody;
    CHECK(why_closed(root, my / "01_bigram" / "loss.hpp", Access::read) == opened(my / "01_bigram"));
  }
  open_to(my / "01_bigram", 0755);
  const Nobody nobody;
  CHECK(why_closed(root, my / "01_bigram" / "loss.hpp", Access::read).empty());
}

TEST_CASE("progress file: comes back as it was written, and nonsense is passed over", "[course]") {
  const TempFolder folder;
  const fs::path file = folder.path() / "my" / "progress.txt";
  CHECK(read_progress(file).current.empty());
  ReaderProgress progress;
  progress.current = "head";
  progress.done = {{"loss", "00ff"}, {"batch", ""}};
  progress.hints["head"] = 2;
  progress.challenges[2] = {2.25, 7553};
  write_progress(file, progress);
  std::ofstream(file, std::ios::app) << "done\nhints head many\nchallenge 3 low\n???\n";
  const ReaderProgress read = read_progress(file);
  CHECK(read.current == progress.current);
  CHECK(read.done == progress.done);
  CHECK(read.hints == progress.hints);
  REQUIRE(read.challenges.size() == 1);
  CHECK(read.challenges.at(2).value == 2.25);
  CHECK(read.challenges.at(2).parameters == 7553);
}

TEST_CASE("challenges: what their comments ask for", "[course]") {
  const TempFolder folder;
  write(folder.path() / "chapters/chapters.txt",
        "01_one | One | a\n02_two | Two | b\n03_three | Three | c\n04_four | Four | d\n");
  const auto challenge = [&](const std::string& chapter, const std::string& text) {
    write(folder.path() / "chapters" / chapter / "exercise/challenge.md", text);
  };
  challenge("01_one",
            "# Open challenge: more\n\n<!-- challenge: loss 2.35 parameters 75 lr 0.001 files a b -->\n");
  challenge("02_two", "# Open challenge: less\n\n<!-- challenge: bits 2.3 files c -->\n");
  challenge("03_three",
            "# Sums\n\n<!-- challenge: wrong 0.1 \"of sums\" with --task add --ladder plain files d -->\n");
  challenge("04_four", "# Nothing that is measured\n");
  const std::vector<Challenge> all = find_challenges(Repository(folder.path()));
  REQUIRE(all.size() == 3);
  CHECK(all[0].title == "more");
  CHECK(goal_of(all[0]) ==
        "a validation loss below 2.35 with at most 75 parameters, as the mean of three seeds");
  CHECK(all[0].files == std::vector<fs::path>{"a", "b"});
  CHECK(goal_of(all[1]) == "bits per character below 2.30, as the mean of three seeds");
  CHECK(all[1].is_about_text());
  CHECK(goal_of(all[2]) == "a share of wrong answers, of sums, below 0.10, as the mean of three seeds");
  CHECK(all[2].with == std::vector<std::string>{"--task", "add", "--ladder", "plain"});
  CHECK(all[2].files == std::vector<fs::path>{"d"});
  CHECK_FALSE(all[2].is_about_text());

  Report report;
  report.val_loss = 2.5f;
  CHECK(measured(all[0], report) == 2.5);
  CHECK(std::isnan(measured(all[1], report)));
  report.bits_per_character = 2.25f;
  CHECK(measured(all[1], report) == 2.25);
  report.scores = {{"of others", 1}, {"of sums", 0.75f}};
  CHECK(measured(all[2], report) == 0.25);
  report.parameters = 76;
  CHECK(broken_rule(all[0], report) == "at most 75 parameters are allowed, and there were 76");
  CHECK(broken_rule(all[2], report).empty());

  challenge("04_four", "# Five\n\n<!-- challenge: loss 2 luck 3 files e -->\n");
  CHECK_THROWS_WITH(find_challenges(Repository(folder.path())),
                    "chapters/04_four/exercise/challenge.md: \"luck\" in its comment is no rule");
}

TEST_CASE("repository: the chapters are those of the list, in its order", "[course]") {
  const TempFolder folder;
  write(folder.path() / "chapters" / "chapters.txt",
        "# folder | a comment\n"
        "01_bigram | Bigram |  bigram table | which letter follows | 2.49 | tour\n"
        "\n"
        "10_other_sequences | Sequences | sorting\n"
        "07_since_the_paper|Since|what came after|more|1.72|tour\n"
        "notes_are_no_chapter | x | y\n");
  const Repository repository(folder.path());
  REQUIRE(repository.chapters().size() == 3);
  CHECK(repository.chapters()[0].number == 1);
  CHECK(repository.chapters()[0].folder == "01_bigram");
  CHECK(repository.chapters()[0].adds == "bigram table");
  CHECK(repository.chapters()[0].in_tour);
  CHECK(repository.chapters()[1].folder == "10_other_sequences");
  CHECK_FALSE(repository.chapters()[1].in_tour);
  CHECK(repository.end_of_tour().number == 7);

  for (const char* seven : {"7", "07"}) CHECK(repository.chapter(seven).folder == "07_since_the_paper");
  CHECK(repository.chapter("10").number == 10);
  for (const char* none : {"", "0", "2", "70", "007", "x", "1.0", "-1"}) {
    CHECK_THROWS_WITH(repository.chapter(none),
                      "there is no chapter \"" + std::string(none) + "\", only 1, 10, 7");
  }
  CHECK(short_name(7) == "ch07");
  CHECK(short_name(10) == "ch10");
  CHECK(repository.program(10) == folder.path() / "build/release/bin/ch10");
}

TEST_CASE("repository: a folder without a list of chapters is refused", "[course]") {
  const TempFolder folder;
  CHECK_THROWS_AS(Repository(folder.path()), std::runtime_error);
  write(folder.path() / "chapters" / "chapters.txt", "# none\n");
  CHECK_THROWS_AS(Repository(folder.path()), std::runtime_error);
}

TEST_CASE("test log: reads Catch2's XML, version 2 and 3", "[course]") {
  CHECK(problem("<OverallResult success=\"true\"/>").empty());
  CHECK(problem("<Exception filename=\"a.cpp\" line=\"8\">\n  not written yet: head\n</Exception>") ==
        "not written yet: head");
  CHECK(
      problem(
          "<Info>\n in the second batch\n</Info><Failure filename=\"a.cpp\" line=\"8\">\n a &lt; b &amp; c\n"
          "</Failure>") == "in the second batch\na < b & c");
  CHECK(problem(
            "<Expression success=\"false\" type=\"CHECK\" filename=\"a.cpp\" line=\"8\"><Original>\n a == b\n"
            "</Original><Expanded>\n 1 == 2\n</Expanded></Expression>") ==
        "expected: a == b\nbut got:  1 == 2");
  CHECK(problem("<Section name=\"s\"><Expression success=\"false\" type=\"REQUIRE\"><Original>f()</Original>"
                "<Expanded>f()</Expanded><Exception>boom</Exception></Expression></Section>") == "boom");
}

TEST_CASE("test log: the first problem of each test counts, and names may hold any letter", "[course]") {
  const auto tests = read_test_log(
      "<Catch name=\"x\"><Group name=\"x\"><TestCase name=\"(B, T) -> &quot;(T)&quot;\" filename=\"a.cpp\" "
      "line=\"1\">"
      "<Exception>first</Exception><Exception>second</Exception></TestCase>"
      "<TestCase name=\"good\" filename=\"a.cpp\" line=\"2\"><OverallResult "
      "success=\"true\"/></TestCase></Group>");
  REQUIRE(tests.size() == 2);
  CHECK(tests[0].name == "(B, T) -> \"(T)\"");
  CHECK(tests[0].problem == "first");
  CHECK(!tests[0].passed());
  CHECK(tests[1].passed());
}

TEST_CASE("test log: one that breaks off leaves its last test unfinished", "[course]") {
  const std::string whole =
      "<Catch name=\"x\"><TestCase name=\"good\" filename=\"a.cpp\" line=\"1\"></TestCase>"
      "<TestCase name=\"endless\" filename=\"a.cpp\" line=\"2\"><Section name=\"s\">";
  const auto tests = read_test_log(whole);
  REQUIRE(tests.size() == 2);
  CHECK(tests[0].passed());
  CHECK(!tests[1].finished);
  for (std::size_t n = 0; n < whole.size(); ++n) CHECK(read_test_log(whole.substr(0, n)).size() <= 2);
}

TEST_CASE("compiler log: g++'s first error, its place and its code, no more", "[course]") {
  const CompilerError error = first_error(
      "[1/3] cd /t/build && cmake -P list.cmake\n[2/3] Building CXX object a.o\nFAILED: a.o\nc++ -c t.cpp\n"
      "In file included from ../t.cpp:1:\n../my/a.hpp: In function 'int f(int)':\n"
      "../my/a.hpp:4:9: warning: unused variable 'z'\n    4 |   int z;\n      |       ^\n"
      "../my/a.hpp:6:10: error: 'y' was not declared in this scope\n    6 |   return y + 1;\n      |         "
      " ^\n"
      "../my/a.hpp:9:15: error: expected ';'\n    9 |   x\n      |    ^\nninja: build stopped.\n",
      "/t/build", "/t/my");
  CHECK(error.where == "/t/my/a.hpp:6:10");
  CHECK(error.text == "'y' was not declared in this scope\n    6 |   return y + 1;\n      |          ^");
  CHECK(error.via.empty());
}

TEST_CASE("compiler log: an error inside a library names the reader's line that led there", "[course]") {
  const CompilerError by_gcc = first_error(
      "In file included from /usr/include/c++/12/vector:60,\n                 from ../my/b.hpp:2,\n"
      "/usr/include/ops.h: In instantiation of 'bool f()':\n/usr/include/algo.h:9:14:   required from 'void "
      "g()'\n"
      "../my/b.hpp:7:12:   required from here\n/usr/include/ops.h:45:23: error: no match for 'operator<'\n"
      "   45 |  return a < b;\n      |         ^\n/usr/include/it.h:1185:5: note: candidate: 'x'\n",
      "/t/build", "/t/my");
  CHECK(by_gcc.where == "/usr/include/ops.h:45:23");
  CHECK(by_gcc.text == "no match for 'operator<'\n   45 |  return a < b;\n      |         ^");
  CHECK(by_gcc.via == "/t/my/b.hpp:7:12");

  const CompilerError by_clang = first_error(
      "In file included from ../my/b.hpp:2:\n/usr/include/ops.h:45:23: error: invalid operands\n  return a < "
      "b;\n"
      "         ^\n/usr/include/algo.h:9:8: note: in instantiation of function template specialization 'f' "
      "requested "
      "here\n  f();\n  ^\n../my/b.hpp:7:8: note: in instantiation of function template specialization 'g' "
      "requested "
      "here\n  g();\n  ^\n2 errors generated.\n",
      "/t/build", "/t/my");
  CHECK(by_clang.text == "invalid operands\n  return a < b;\n         ^");
  CHECK(by_clang.via == "/t/my/b.hpp:7:8");
}

TEST_CASE("compiler log: a missing definition or target is told in a line", "[course]") {
  CHECK(first_error("[3/3] Linking\nFAILED: bin/x\n/usr/bin/ld: a.o: undefined reference to `gpt::f()'\n",
                    "/b", "/m")
            .text == "/usr/bin/ld: a.o: undefined reference to `gpt::f()'");
  CHECK(first_error(
            "/usr/bin/ld: libCatch2.a(x.o): in function `main':\n"
            "(.text.startup+0x0): multiple definition of `main'; a.o:a.cpp:(.text+0x0): first defined here\n",
            "/b", "/m")
            .text == "multiple definition of `main'");
  CHECK(first_error("ninja: error: unknown target 'my_exercise_x'\n", "/b", "/m").text ==
        "ninja: error: unknown target 'my_exercise_x'");
}

TEST_CASE("compiler log: an error for want of an include says which", "[course]") {
  CHECK(
      first_error("/m/a.hpp:2:8: error: 'set' is not a member of 'std'\n    2 |   std::set<int> s;\n"
                  "/m/a.hpp:1:1: note: 'std::set' is defined in header '<set>'; this is probably fixable by "
                  "adding '#include <set>'\n",
                  "/b", "/m")
          .text ==
      "'set' is not a member of 'std'\n    2 |   std::set<int> s;\n'std::set' is defined in header "
      "'<set>'; this is probably fixable by adding '#include <set>'");
}

TEST_CASE("compiler log: the first warning about the reader's own file, unless it is harmless", "[course]") {
  const std::string elsewhere =
                        "/common/tensor/ops.hpp:1:2: warning: unused variable 'a' [-Wunused-variable]\n",
                    harmless = "/m/a.hpp:4:9: warning: comparison of integer expressions [-Wsign-compare]\n",
                    telling = "/m/a.hpp:6:9: warning: 'total' is used uninitialized [-Wuninitialized]\n";
  CHECK(first_warning(elsewhere + harmless + telling, "/b", "/m") ==
        "/m/a.hpp:6:9: 'total' is used uninitialized [-Wuninitialized]");
  CHECK(first_warning(elsewhere + harmless, "/b", "/m").empty());
}

TEST_CASE("test log: what the standard library objects to, in words", "[course]") {
  CHECK(
      misuse("12\n/usr/include/c++/12/bits/stl_vector.h:1123: std::vector<_Tp, _Alloc>::reference "
             "std::vector<_Tp, "
             "_Alloc>::operator[](size_type) [with _Tp = float]: Assertion '__n < this->size()' failed.\n") ==
      "an index past the end of a std::vector");
  CHECK(
      misuse("/usr/include/c++/12/span:281: constexpr std::span<_Type, _Extent>::reference std::span<_Type, "
             "_Extent>::operator[](size_type) const: Assertion '__idx < size()' failed.\n") ==
      "an index past the end of a std::span");
  CHECK(misuse("stl_vector.h:9: std::vector<_Tp>::back(): Assertion '!this->empty()' failed.") ==
        "an element of a std::vector that is empty");
  CHECK(misuse("optional:9: get(): Assertion 'this->_M_is_engaged()' failed.") ==
        "the standard library found that this does not hold: this->_M_is_engaged()");
  CHECK(misuse("loss 4.17\n").empty());
}

TEST_CASE("source text: names, without comments and texts in quotes", "[course]") {
  const std::string source =
      "// relu\n/* gelu\n tanh */ const auto s = R\"x(sum \")x\" + \"exp\\\" log\"; f(1'000'000, 'q', y);\n";
  CHECK(names_in(source) == std::set<std::string>{"const", "auto", "s", "R", "f", "y"});
}

TEST_CASE("source text: macros, however they are written", "[course]") {
  const std::string source =
      "#define one 1\n # \t undef two\n#\\\ndefine three(...)\n// #define four\n%:define five\n";
  CHECK(macros_in(source) == std::set<std::string>{"one", "two", "three", "five"});
}

TEST_CASE("source text: who calls whom, also by way of others", "[course]") {
  const std::string source =
      "struct A {\n  A(int x) : x_(f(x)), y_{x} { relu(x); }\n  int operator()(int x) const { return g(x); "
      "}\n};\n"
      "inline int g(int x) { return h(x); }\ninline int h(int x) { if (x) { return gelu(x); } return 0; }\n"
      "int relu_alone(int x);\n";
  CHECK(called_by("A", {"relu"}, source) == "relu");
  CHECK(called_by("operator()", {"relu"}, source).empty());
  CHECK(called_by("operator()", {"relu", "gelu"}, source) == "gelu");
  CHECK(called_by("h", {"g"}, source).empty());
  CHECK(called_by("nobody", {"g"}, source).empty());
}

TEST_CASE("source text: a variable that nobody gave a value", "[course]") {
  CHECK(unset_variable_in("float f() { float total; for (;;) total += 1; }") == "total");
  CHECK(unset_variable_in("float f() { float total; total = 0; for (;;) total += 1; }").empty());
  CHECK(unset_variable_in("void f() { int x; if (x == 3) return; }") == "x");
  CHECK(unset_variable_in("void f() { int x; std::cin >> x; }").empty());
  CHECK(unset_variable_in("class A { A() : n(3) {} int n; int g() { return n; } };").empty());
  CHECK(unset_variable_in("namespace gpt { struct B { size_t n; }; int f(B b) { return b.n; } }").empty());
}

TEST_CASE("source text: a division of whole numbers", "[course]") {
  CHECK(whole_number_division_in("f(1 / T)") == "1 / T");
  CHECK(whole_number_division_in("y = 1 / (t + 1);") == "1 / (t+1)");
  CHECK(whole_number_division_in("s = 1 / q.size(-1);") == "1 / q.size(-1)");
  CHECK(whole_number_division_in("1.0f / T; 1 / std::sqrt(x); 1 / float(T); 1 / 2.0f; C / H;").empty());
  CHECK(whole_number_division_in("f(float p) { return 1 / (1 - p); }").empty());
}

TEST_CASE("process: variables are set for a program in a folder \"a=b\" too", "[course]") {
  const TempFolder folder;
  write(folder / "a=b" / "say", "#!/bin/sh\necho $SAID $1\n");
  fs::permissions(folder / "a=b" / "say", fs::perms::owner_all);
  const Command say{(folder / "a=b" / "say").string(), "two words"};
  CHECK(capture(with("SAID=it", say), 10, [] { return false; }).text == "it two words\n");
}

TEST_CASE("process: what cannot be started is named, with the reason", "[course]") {
  const Captured captured = capture({"/no/such/program"}, 1, [] { return false; });
  CHECK(captured.status.code == 127);
  CHECK(captured.text == "/no/such/program could not be started: No such file or directory");
  CHECK(capture({"echo", "hello"}, 10, [] { return false; }).text == "hello\n");
}

TEST_CASE("compiler log: a compiler that gave up is told from an error", "[course]") {
  CHECK(why_compiler_gave_up("cc1plus: out of memory allocating 65536 bytes after a total of 4 bytes\n") ==
        "the compiler ran out of memory: it may have 4 GB");
  CHECK(
      why_compiler_gave_up("c++: fatal error: CPU time limit exceeded signal terminated program cc1plus\n") ==
      "the compiler did not come to an end in 5 minutes");
  CHECK(why_compiler_gave_up("c++: fatal error: File size limit exceeded signal terminated program as\n") ==
        "the compiled program would have more than 1 GB");
  CHECK(why_compiler_gave_up(
            "a.cpp:(.text+0x9): relocation truncated to fit: R_X86_64_PC32 against `.bss'\n") ==
        "the program's arrays would have more than 2 GB");
  CHECK(why_compiler_gave_up("a.hpp:3:1: error: expected ';'\n").empty());
}
