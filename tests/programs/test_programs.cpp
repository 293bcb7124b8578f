// The chapters' programs from the outside, as a reader starts them: options in,
// text, files and exit codes out.
#include <cmath>
#include <fstream>
#include <regex>
#include <string>
#include <vector>

#include "common/files/report.hpp"
#include "common/kernels/sanitized.hpp"
#include "tests/programs/outside.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/temp_folder.hpp"

namespace gpt {
namespace {

/// Chapter 10 makes its own sequences, which fix how long a context has to be.
bool reads_a_text(const std::string& program) { return !program.starts_with("ch10"); }

/// Every run that the chapters name, "ch05 --stage plain", made small enough for a test.
std::vector<std::string> small_runs() {
  std::vector<std::string> all;
  std::ifstream in(RUNS);
  for (std::string line; std::getline(in, line);) {
    // A minute for each exam, and the code of chapter 10's other tasks.
    if (address_sanitizer && line == "ch10 --task draw") continue;
    all.push_back(line + " --batch 3");
    if (reads_a_text(line)) all.back() += " --context 16";
    if (line.starts_with("ch09")) all.back() += " --vocabulary 256";
  }
  REQUIRE_FALSE(all.empty());
  return all;
}

const std::string briefly = " --steps 6 --eval-every 3 --tokens 40 --threads 1 ",
                  brief = " --data play" + briefly;

TEST_CASE(
    "programs: each says what it adds, trains, compares and speaks, and saved and loaded it says the same",
    "[programs]") {
  const TempFolder folder;
  const auto path = [&](const char* name) { return (folder / name).string(); };
  std::string text;  // each look at its loss is the best so far: that model is saved
  for (int i = 0; i < 25; ++i) text += "To be, or not to be: that is the question.\n";
  const std::string data = " --data " + folder.write("text.txt", text) + " ";
  for (const std::string& program : small_runs()) {
    INFO(program);
    const Outcome outcome =
        run(program + data + briefly + "--save " + path("model") + " --report " + path("a.json"));
    INFO(outcome.text);
    REQUIRE(outcome.code == 0);
    CHECK(contains(outcome.text, "Chapter " + std::to_string(std::stoi(program.substr(2))) + ": "));
    if (reads_a_text(program))
      CHECK(contains(outcome.text, "text.txt: " + std::to_string(text.size()) + " characters"));
    else
      CHECK(contains(outcome.text, "makes its own sequences"));
    CHECK(contains(outcome.text, "step 6/6"));
    CHECK(contains(outcome.text, "Loss after 6 steps: train "));
    CHECK_FALSE(contains(outcome.text, "published"));  // those are for another text
    const Outcome loaded = run(program + data + "--quiet --threads 1 --tokens 40 --load " + path("model") +
                               " --report " + path("b.json"));
    INFO(loaded.text);
    REQUIRE(loaded.code == 0);
    CHECK(loaded.text.empty());
    const Report before = read_report(path("a.json")), after = read_report(path("b.json"));
    CHECK_FALSE(before.sample.empty());
    CHECK(before.sample == after.sample);
    CHECK(before.val_loss == after.val_loss);
    CHECK(before.steps == after.steps);
    CHECK(after.curve.empty());  // by which learn knows that nothing was learned, and keeps the run that did
  }
}

TEST_CASE("programs: a loss is held against the published one after as many steps, and no other number",
          "[programs]") {
  const std::string chapter_1 =
      "ch01 --data tinyshakespeare --tokens 0 --threads 1 --eval-every 3000 --steps ";
  const Outcome whole = run(chapter_1 + "3000");
  if (contains(whole.text, "tinyshakespeare.txt is not in")) return;  // nothing to compare with here
  CHECK(contains(whole.text, "(published: 2.49)"));
  CHECK_FALSE(contains(run(chapter_1 + "20").text, "published"));
}

TEST_CASE("programs: chapter 1 says what counting the pairs would have given", "[programs]") {
  // Counted by another program, in Python: the mean of -log(pairs / firsts) over the play's first nine tenths.
  const std::string text = run("ch01" + brief).text;
  CHECK(contains(text, "play: 128651 characters"));
  CHECK(contains(text, "Counting the pairs instead would give: train 2.334."));
}

TEST_CASE("programs: a checkpoint of chapter 7 remembers which parts it is made of", "[programs]") {
  const TempFolder folder;
  const auto path = [&](const char* name) { return (folder.path() / name).string(); };
  const std::string data = " --data " + folder.write("text.txt", small_text()) + " ";
  const std::string loaded = "ch07" + data + "--quiet --threads 1 --tokens 40 --load ",
                    brief = data + briefly;
  REQUIRE(run("ch07" + brief + "--quiet --base chapter-6 --positions rotary --groups 1 --save " +
              path("rotary.safetensors") + " --report " + path("a.json"))
              .code == 0);
  REQUIRE(run("ch07" + brief + "--quiet --base chapter-6 --save " + path("table.safetensors")).code == 0);
  REQUIRE(run(loaded + path("rotary.safetensors") + " --report " + path("b.json")).code == 0);
  const Report before = read_report(path("a.json")), after = read_report(path("b.json"));
  CHECK(before.variant == "layer pre relu rotary 1 no no yes plain");
  CHECK(after.variant == before.variant);
  CHECK(after.val_loss == before.val_loss);
  CHECK(after.sample == before.sample);
  // Rotation goes on where a table ends.
  CHECK(run(loaded + path("rotary.safetensors") + " --context 48").code == 0);
  const Outcome longer = run(loaded + path("table.safetensors") + " --context 48");
  CHECK(longer.code == 1);
  CHECK(contains(longer.text, "position_embedding"));
  const Outcome other = run(loaded + path("rotary.safetensors") + " --groups 2");
  CHECK(other.code == 1);
  CHECK(contains(other.text, "layer pre relu rotary 2 no no yes plain"));
  CHECK(lines(other.text) == 1);
}

TEST_CASE("programs: chapter 7 can be deep, and says so in a checkpoint only where it is", "[programs]") {
  const TempFolder folder;
  const auto path = [&](const char* name) { return (folder.path() / name).string(); };
  const std::string data = " --data " + folder.write("text.txt", small_text()) + " ";
  const std::string tiny = "ch07" + data + "--quiet --threads 1 --tokens 0 --batch 2 --steps 2 ";
  REQUIRE(run(tiny + "--save " + path("usual.safetensors") + " --report " + path("usual.json")).code == 0);
  CHECK(read_report(path("usual.json")).variant == "rms pre swiglu rotary 2 yes yes no scheduled");
  REQUIRE(run(tiny +
              "--base chapter-6 --place post --training warm-up --blocks 12 --channels 32 --initial pytorch "
              "--save " +
              path("deep.safetensors") + " --report " + path("deep.json"))
              .code == 0);
  const Report deep = read_report(path("deep.json"));
  CHECK(deep.variant == "layer post relu table 4 no no yes warm-up blocks=12 channels=32 initial=pytorch");
  REQUIRE(run("ch07" + data + "--quiet --threads 1 --tokens 0 --load " + path("deep.safetensors") +
              " --report " + path("again.json"))
              .code == 0);
  CHECK(read_report(path("again.json")).val_loss == deep.val_loss);
}

TEST_CASE("programs: chapter 6's craft is laptop's", "[programs]") {
  const TempFolder folder;
  const std::string text = (folder.path() / "text.txt").string();
  for (int i = 0; i < 40; ++i)
    std::ofstream(text, std::ios::app) << i << " green bottles hanging on the wall, " << i * i << "\n";
  const auto losses = [&](const std::string& craft) {
    const std::string file = (folder.path() / (craft + ".json")).string();
    REQUIRE(run("ch06 --size laptop --quiet --threads 1 --tokens 0 --batch 2 --context 8 --steps 20 --data " +
                text + " --craft " + craft + " --report " + file)
                .code == 0);
    return read_report(file).val_loss;
  };
  const float all = losses("all");
  for (const std::string craft :
       {"no-schedule", "no-warm-up", "no-clipping", "weak-decay", "long-memory", "none", "dropout"}) {
    INFO(craft);
    CHECK(losses(craft) != all);
  }
  const Outcome small = run("ch06 --craft dropout");
  CHECK(small.code == 2);
  CHECK(contains(small.text, "--craft changes settings of --size laptop, got --size small"));
}

TEST_CASE("programs: a checkpoint of chapter 8 remembers its cell and layers, and speaks as the run did",
          "[programs]") {
  const TempFolder folder;
  const auto path = [&](const char* name) { return (folder.path() / name).string(); };
  REQUIRE(run("ch08 --cell rnn --layers 2 --residual yes --data play --steps 2 --batch 2 --quiet --save " +
              path("rnn.safetensors") + " --report " + path("a.json"))
              .code == 0);
  const Report whole = read_report(path("a.json"));
  CHECK(whole.variant == "rnn layers=2 residual=yes");
  CHECK(std::abs(double(whole.parameters) / 209729 - 1) < 0.01);
  REQUIRE(run("ch08 --data play --quiet --load " + path("rnn.safetensors") + " --report " + path("b.json"))
              .code == 0);
  CHECK(read_report(path("b.json")).sample == whole.sample);
  const Outcome other = run("ch08 --layers 3 --data play --load " + path("rnn.safetensors"));
  CHECK(other.code == 1);
  CHECK(contains(other.text,
                 "holds the model of chapter 8 (rnn layers=2 residual=yes), and this is chapter 8 (rnn "
                 "layers=3 residual=yes"));
}

TEST_CASE("programs: a checkpoint of chapter 10 remembers what it was taught, and answers", "[programs]") {
  const TempFolder folder;
  const auto path = [&](const char* name) { return (folder.path() / name).string(); };
  REQUIRE(
      run("ch10 --task add --ladder aligned --model modern --steps 2 --batch 2 --quiet --tokens 0 --save " +
          path("sums.safetensors") + " --report " + path("a.json"))
          .code == 0);
  CHECK(read_report(path("a.json")).variant == "add aligned modern");
  CHECK(read_report(path("a.json")).scores.size() == 6);
  const Outcome answer =
      run("ch10 --load " + path("sums.safetensors") + " --prompt 5+7 --trace " + path("t.json"));
  INFO(answer.text);
  CHECK(answer.code == 0);
  CHECK(contains(answer.text, "005+007="));
  CHECK_FALSE(
      contains(answer.text, "of sums of three digits are right"));  // no examination: a question was asked
  CHECK(contains(slurp(path("t.json")), "005+007="));
  const Outcome other = run("ch10 --task sort --load " + path("sums.safetensors"));
  CHECK(other.code == 1);
  CHECK(contains(other.text,
                 "holds the model of chapter 10 (add aligned modern), and this is chapter 10 (sort"));
}

TEST_CASE("programs: the same seed gives the same losses, bit for bit, and another seed others",
          "[programs]") {
  const TempFolder folder;
  const std::string text = folder.write("text.txt", small_text());
  const auto report = [&](const std::string& program, const std::string& seed) {
    const std::string file = (folder.path() / "report.json").string();
    REQUIRE(run(program + " --data " + text + " --quiet --steps 12 --eval-every 4 --tokens 30 --seed " +
                seed + " --report " + file)
                .code == 0);
    return read_report(file);
  };
  for (const std::string program : {"ch01", "ch03", "ch05", "ch06 --batch 4", "ch10 --batch 4"}) {
    INFO(program);
    const Report a = report(program, "7"), b = report(program, "7"), c = report(program, "8");
    CHECK(a.sample == b.sample);
    REQUIRE(a.curve.size() == b.curve.size());
    REQUIRE(a.curve.size() == 4);  // steps 0, 4, 8 and 12
    for (std::size_t i = 0; i < a.curve.size(); ++i) {
      CHECK(a.curve[i].train == b.curve[i].train);
      CHECK(a.curve[i].val == b.curve[i].val);
    }
    CHECK(a.curve.back().train != c.curve.back().train);
  }
}

TEST_CASE("programs: a run in two parts ends where a run in one does", "[programs]") {
  const TempFolder folder;
  const auto path = [&](const char* name) { return (folder.path() / name).string(); };
  const std::string data = " --data " + folder.write("text.txt", small_text()) + " ";
  for (const std::string program : {"ch02", "ch05 --stage residual", "ch10 --task add --batch 4"}) {
    INFO(program);
    const std::string common = program + data + "--quiet --threads 1 --tokens 20 --eval-every 100";
    REQUIRE(run(common + " --steps 20 --report " + path("whole.json")).code == 0);
    REQUIRE(run(common + " --steps 8 --save " + path("part.safetensors")).code == 0);
    REQUIRE(run(common + " --steps 20 --load " + path("part.safetensors") + " --report " + path("parts.json"))
                .code == 0);
    const Report whole = read_report(path("whole.json")), parts = read_report(path("parts.json"));
    CHECK(whole.val_loss == parts.val_loss);
    CHECK(whole.sample == parts.sample);
    CHECK(parts.steps == 20);
  }
}

TEST_CASE("programs: what cannot be done is refused in one clear line", "[programs]") {
  const TempFolder folder;
  const auto path = [&](const char* name) { return (folder.path() / name).string(); };
  const auto write = [&](const char* name, const std::string& bytes) {
    std::ofstream(path(name), std::ios::binary) << bytes;
    return path(name);
  };
  REQUIRE(run("ch02 --data play --quiet --steps 1 --tokens 0 --save " + path("ch02.safetensors")).code == 0);
  REQUIRE(
      run("ch05 --stage plain --data play --quiet --steps 1 --tokens 0 --save " + path("plain.safetensors"))
          .code == 0);
  REQUIRE(run("ch02 --data " + write("own.txt", small_text()) + " --quiet --steps 1 --tokens 0 --save " +
              path("own.safetensors"))
              .code == 0);
  const std::string whole = slurp(path("ch02.safetensors"));

  struct Case {
    std::string command;
    int code;
    std::string fragment;
  };
  const std::vector<Case> cases{
      {"ch01 --steps many", 2, "--steps"},
      {"ch01 --step 5", 2, "--step"},
      {"ch01 --lr -1", 2, "--lr"},
      {"ch01 --temperature hot", 2, "--temperature"},
      {"ch05 --stage best", 2, "--stage"},
      {"ch06 --size huge", 2, "--size"},
      {"ch01 --size small", 2, "--size"},
      {"ch07 --groups 3", 2, "--groups: expected one of 1, 2, 4"},
      {"ch07 --tied perhaps", 2, "--tied: expected one of yes, no"},
      {"ch08 --cell gru", 2, "--cell: expected one of rnn, lstm, gpt"},
      {"ch08 --layers 9", 2, "--layers: expected one of 1, 2, 3, 4"},
      {"ch08 --cell gpt --layers 2", 2,
       "--layers and --residual are for --cell rnn and lstm, got --cell gpt"},
      {"ch10 --task multiply", 2, "--task: expected one of sort, add, draw, brackets"},
      {"ch10 --ladder plain", 2, "--ladder is an option of --task add, and this is --task sort"},
      {"ch10 --task add --prompt 12345+1", 2, "--prompt: expected a sum of two numbers of at most 4 digits"},
      {"ch10 --task draw --prompt cat", 2, "--prompt: expected \"face\" or \"house\""},
      {"ch10 --prompt 123456789", 2, "--prompt: expected 1 to 8 digits or small letters"},
      {"ch10 --context 8", 1,
       "--context 8 is too short for sort, whose longest sequences have 17 characters"},
      {"ch01 extra", 2, "extra"},
      {"ch01 --data /no/such/file.txt", 1, "/no/such/file.txt"},
      {"ch01 --data shakespear", 1, "shakespear"},
      {"ch01 --data " + write("empty.txt", ""), 1, "empty.txt"},
      {"ch01 --data " + write("short.txt", "To be"), 1, "short.txt"},
      {"ch01 --data " + write("binary.txt", std::string(5000, '\0')), 1, "binary.txt"},
      {"ch01 --data /", 1, "/"},
      {"ch02 --data play --context 20000 --steps 1", 1, "--context 20000"},
      {"ch02 --data play --steps 900000 --prompt 'na\xc3\xafve'", 2,
       "--prompt: Vocabulary: '\xc3\xaf' is not one of"},
      {"ch02 --data play --steps 900000 --prompt '\xff'", 2, "--prompt: expected a text in UTF-8"},
      {"ch02 --data play --steps 900000 --prompt --save", 2,
       "--prompt: expected a value, but --save came next"},
      {"ch01 --data play --steps 900000 --save /proc/m.safetensors", 1,
       "--save: cannot write /proc/m.safetensors"},
      {"ch01 --data play --steps 900000 --report /proc/r.json", 1, "--report: cannot write /proc/r.json"},
      {"ch01 --data play --steps 900000 --save " + path(std::string(256, 'n').c_str()), 1,
       "--save: cannot write"},
      {"ch05 --stage residual --data play --lr 100 --steps 300 --tokens 0", 1,
       "the loss is not a finite number at step"},
      {"ch01 --data play --steps 1 --report /no/such/folder/r.json", 2, "--report"},
      {"ch01 --data play --steps 1 --save /no/such/folder/m.safetensors", 2, "--save"},
      {"ch01 --data play --steps 1 --trace /no/such/folder/t.json", 2, "--trace"},
      {"ch01 --data play --steps 1 --trace /", 2, "is a folder"},
      {"ch01 --data play --steps 1 --trace", 2, "--trace: expected a value"},
      {"ch01 --data play --steps 1 --trace /tmp/a.json --report /tmp/a.json", 2, "--trace and --report"},
      {"ch01 --data play --steps 1 --trace /tmp/a.json --save /tmp/a.json", 2, "--trace and --save"},
      {"ch02 --data play --trace " + path("plain.safetensors") + " --load " + path("plain.safetensors"), 2,
       "--trace and --load"},
      {"ch02 --data play --load " + path("nowhere.safetensors"), 2, "nowhere.safetensors"},
      {"ch02 --data play --load " + write("empty.safetensors", ""), 1, "empty.safetensors"},
      {"ch02 --data play --load " + write("cut.safetensors", whole.substr(0, whole.size() - 1)), 1,
       "cut.safetensors"},
      {"ch02 --data play --load " + write("half.safetensors", whole.substr(0, whole.size() / 2)), 1,
       "half.safetensors"},
      {"ch02 --data play --load " + write("head.safetensors", whole.substr(0, 7)), 1, "head.safetensors"},
      {"ch02 --data play --load " + write("more.safetensors", whole + "x"), 1, "more.safetensors"},
      {"ch02 --data play --load " +
           write("huge.safetensors", "\xff\xff\xff\xff\xff\xff\xff\x7f" + whole.substr(8)),
       1, "huge.safetensors"},
      {"ch02 --data play --load " + write("text.safetensors", std::string(2000, 'a')), 1, "text.safetensors"},
      {"ch03 --data play --load " + path("ch02.safetensors"), 1, "chapter 2"},
      {"ch05 --stage norm --data play --load " + path("plain.safetensors"), 1, "(plain)"},
      {"ch02 --data play --context 4 --load " + path("ch02.safetensors"), 1, "position_embedding"},
      {"ch02 --data play --steps 1 --load " + path("ch02.safetensors"), 1, "--steps 1"},
      {"ch02 --steps 2 --load " + path("own.safetensors"), 1,
       "has learned from own.txt, and to go on it needs that text - name it with --data"},
      {"ch09 --load " + folder.path().string() + " --report " + path("r.json"), 2, "leave out --report"},
      {"ch09 --load " + folder.path().string() + " --steps=3", 2, "leave out --steps"},
      {"ch09 --data play --weights int8", 2, "--weights: is for GPT-2"},
  };
  for (const Case& c : cases) {
    INFO(c.command);
    const Outcome outcome = run(c.command + (contains(c.command, "--quiet") ? "" : " --quiet"));
    INFO(outcome.text);
    CHECK(outcome.code == c.code);
    CHECK(contains(outcome.text, c.fragment));
    CHECK(lines(outcome.text) == 1);
  }
}

TEST_CASE("programs: --precision bfloat16 says which way it goes, and changes a loss by rounding alone",
          "[programs]") {
  const TempFolder folder;
  const std::string a = (folder.path() / "a.json").string(), b = (folder.path() / "b.json").string();
  const std::string program = "ch06" + brief + "--batch 8 --report ";
  REQUIRE(run(program + a + " --precision float32").code == 0);
  const Outcome outcome = run(program + b + " --precision bfloat16");
  INFO(outcome.text);
  REQUIRE(outcome.code == 0);
  CHECK(contains(outcome.text, "Matrix products: bfloat16 "));
  const Report exact = read_report(a), rounded = read_report(b);
  CHECK(rounded.gemm.starts_with("bfloat16 "));
  CHECK_FALSE(exact.gemm.starts_with("bfloat16 "));
  CHECK(rounded.val_loss != exact.val_loss);
  CHECK(std::abs(rounded.val_loss - exact.val_loss) < 0.02f);
}

TEST_CASE("programs: --help explains every option in a line and names the chapter's own settings",
          "[programs]") {
  for (const std::string& program : small_runs()) {
    const Outcome outcome = run(program + " --help");
    INFO(outcome.text);
    CHECK(outcome.code == 0);
    for (const char* option : {"--data", "--steps", "--batch", "--context", "--lr", "--seed", "--threads",
                               "--precision", "--eval-every", "--report", "--trace", "--save", "--load",
                               "--prompt", "--tokens", "--temperature", "--top-k", "--quiet"}) {
      INFO(option);
      CHECK(contains(outcome.text, option));
    }
    CHECK(std::regex_search(outcome.text, std::regex("--steps [1-9][0-9]*")));
  }
}

}  // namespace
}  // namespace gpt
