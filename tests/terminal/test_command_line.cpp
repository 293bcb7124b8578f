#include "common/terminal/command_line.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <new>
#include <stdexcept>
#include <string>
#include <vector>

#include "common/terminal/run_program.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/temp_folder.hpp"

namespace gpt {
namespace {

using Words = std::vector<std::string>;

Choice stage() { return {"--stage", "Which block", {"plain", "residual", "norm"}, "norm"}; }

RunOptions parse(const Words& words, Choice* choice = nullptr, const RunOptions& defaults = {}) {
  std::vector<const char*> argv{"/some/folder/ch05"};
  for (const std::string& word : words) argv.push_back(word.c_str());
  return parse_command_line(static_cast<int>(argv.size()), argv.data(), "Chapter 5: blocks.", choice,
                            defaults);
}

std::string complaint(const Words& words) {
  Choice choice = stage();
  try {
    parse(words, &choice);
    return "";
  } catch (const CommandLineError& error) {
    return error.what();
  }
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

std::string joined(const Words& words) {
  std::string text;
  for (const std::string& word : words) text += "[" + word + "]";
  return text;
}

TEST_CASE("parse_command_line: help speaks of the command by which the reader called", "[command_line]") {
  const auto help = [] {
    try {
      parse({"--help"});
    } catch (const HelpRequested& requested) {
      return std::string(requested.what());
    }
    return std::string();
  };
  CHECK(contains(help(), "ch05 --save my.safetensors"));
  setenv("BARDLING_CALLED_AS", "./learn run 5 --mine", 1);
  const std::string mine = help();
  unsetenv("BARDLING_CALLED_AS");
  CHECK(contains(mine, "./learn run 5 --mine --save my.safetensors"));
  CHECK_FALSE(contains(mine, "ch05"));
}

TEST_CASE("parse_command_line: without options, the defaults hold", "[command_line]") {
  Choice choice = stage();
  const RunOptions options = parse({}, &choice);
  CHECK(options.data.empty());
  CHECK_FALSE(options.steps.has_value());
  CHECK_FALSE(options.batch.has_value());
  CHECK_FALSE(options.context.has_value());
  CHECK_FALSE(options.eval_every.has_value());
  CHECK_FALSE(options.lr.has_value());
  CHECK(options.seed == 1337);
  CHECK(options.threads == 0);
  CHECK(options.precision == "float32");
  CHECK(options.report.empty());
  CHECK(options.tokens == 300);
  CHECK(options.temperature == 1.0f);
  CHECK(options.top_k == 0);
  CHECK_FALSE(options.quiet);
  CHECK(choice.value == "norm");

  RunOptions defaults;
  defaults.steps = 3000;
  defaults.tokens = 100;
  CHECK(parse({}, nullptr, defaults).steps == std::optional<std::size_t>(3000));
  CHECK(parse({}, nullptr, defaults).tokens == 100);
  CHECK(parse({"--steps", "7"}, nullptr, defaults).steps == std::optional<std::size_t>(7));
}

TEST_CASE("parse_command_line: every option arrives", "[command_line]") {
  const TempFolder folder;
  const std::string model = folder.write("model.safetensors", "x");
  const std::string report = (folder / "report.json").string();
  Choice choice = stage();
  const RunOptions options = parse({"--data",
                                    "play",
                                    "--steps",
                                    "0",
                                    "--batch=4",
                                    "--context",
                                    "16",
                                    "--lr",
                                    "3e-4",
                                    "--eval-every",
                                    "10",
                                    "--seed",
                                    "18446744073709551615",
                                    "--threads",
                                    "4096",
                                    "--precision",
                                    "bfloat16",
                                    "--report",
                                    report,
                                    "--save",
                                    model,
                                    "--load",
                                    model,
                                    "--prompt",
                                    "KING:\nTo ",
                                    "--tokens",
                                    "0",
                                    "--temperature",
                                    "0",
                                    "--top-k",
                                    "5",
                                    "--quiet",
                                    "--stage",
                                    "plain"},
                                   &choice);
  CHECK(options.data == "play");
  CHECK(options.steps == std::optional<std::size_t>(0));
  CHECK(options.batch == std::optional<std::size_t>(4));
  CHECK(options.context == std::optional<std::size_t>(16));
  CHECK(options.lr == std::optional<float>(3e-4f));
  CHECK(options.eval_every == std::optional<std::size_t>(10));
  CHECK(options.seed == 18446744073709551615u);
  CHECK(options.threads == 4096);
  CHECK(options.precision == "bfloat16");
  CHECK(options.report == report);
  CHECK(options.save == model);  // what was loaded may be trained on and saved again
  CHECK(options.load == model);
  CHECK(options.prompt == "KING:\nTo ");
  CHECK(options.tokens == 0);
  CHECK(options.temperature == 0.0f);
  CHECK(options.top_k == 5);
  CHECK(options.quiet);
  CHECK(choice.value == "plain");
}

TEST_CASE("parse_command_line: zeros in front make no other number", "[command_line]") {
  CHECK(parse({"--steps", "010"}).steps == std::optional<std::size_t>(10));
  CHECK(parse({"--steps", "000"}).steps == std::optional<std::size_t>(0));
  CHECK(parse({"--seed", "0"}).seed == 0);
  CHECK(parse({"--lr", "00.5"}).lr == std::optional<float>(0.5f));
  CHECK_THROWS_AS(parse({"--batch", "00"}), CommandLineError);
}

TEST_CASE("parse_command_line: a chapter may have several options of its own, and is told which were given",
          "[command_line]") {
  std::vector<Choice> choices{stage(), {"--groups", "How many groups", {"1", "2", "4"}, "2"}};
  const char* const argv[] = {"ch05", "--groups", "4", "--steps", "7"};
  const RunOptions options = parse_command_line(5, argv, "Chapter 5: blocks.", choices);
  CHECK(options.steps == std::optional<std::size_t>(7));
  CHECK(choices[0].value == "norm");
  CHECK_FALSE(choices[0].given);
  CHECK(choices[1].value == "4");
  CHECK(choices[1].given);
  const char* const wrong[] = {"ch05", "--groups", "3"};
  CHECK_THROWS_AS(parse_command_line(3, wrong, "Chapter 5: blocks.", choices), CommandLineError);
}

TEST_CASE("parse_command_line: a prompt is taken as it is", "[command_line]") {
  for (const char* const prompt :
       {"", " ", "-hello", "[a,b]", "{}", "\"quoted\"", "a=b", "it's", "%d\\n", "é"}) {
    CHECK(parse({"--prompt", prompt}).prompt == prompt);
  }
}

TEST_CASE("parse_command_line: a wrong command line is refused with a sentence", "[command_line]") {
  const TempFolder folder;
  const std::string here = folder.path().string();
  const std::string file = folder.write("text.txt", "x");
  struct Case {
    Words words;
    std::string expected;
  };
  const std::vector<Case> cases{
      {{"--steps", "-5"}, "--steps: expected a whole number from 0 to 1000000000, got '-5'"},
      {{"--steps", "12abc"}, "got '12abc'"},
      {{"--steps", "-0"}, "got '-0'"},
      {{"--steps", "abc"}, "got 'abc'"},
      {{"--steps", ""}, "--steps: expected a whole number from 0 to 1000000000, got ''"},
      {{"--steps", " 5"}, "got ' 5'"},
      {{"--steps", "5 "}, "got '5 '"},
      {{"--steps", "+5"}, "got '+5'"},
      {{"--steps", "1.5"}, "got '1.5'"},
      {{"--steps", "1e3"}, "got '1e3'"},
      {{"--steps", "0x10"}, "got '0x10'"},
      {{"--steps", "1,000"}, "got '1,000'"},
      {{"--steps", "1'000"}, "got '1'000'"},
      {{"--steps", "1_000"}, "got '1_000'"},
      {{"--steps", "1000000001"}, "got '1000000001'"},
      {{"--steps", "99999999999999999999"}, "got '99999999999999999999'"},
      {{"--steps", std::string(500, '9')}, "got '" + std::string(60, '9') + "...'"},
      {{"--steps"}, "--steps: expected a value, got nothing"},
      {{"--steps="}, "--steps: expected a value after '=', got nothing"},
      {{"--steps=", "5"}, "--steps: expected a value after '=', got nothing"},
      {{"--steps=5=6"}, "got '5=6'"},
      {{"--steps", "--quiet"}, "got '--quiet'"},
      {{"--steps", "1", "--steps", "2"}, "--steps"},
      {{"--batch", "0"}, "--batch: expected a whole number from 1 to 65536, got '0'"},
      {{"--batch", "70000"}, "--batch: expected"},
      {{"--context", "0"}, "--context: expected a whole number from 1 to 65536, got '0'"},
      {{"--eval-every", "0"}, "--eval-every: expected a whole number from 1 to"},
      {{"--lr", "0"}, "--lr: expected a number from 1e-09 to 100, got '0'"},
      {{"--lr", "-1e-3"}, "--lr: expected a number from 1e-09 to 100, got '-1e-3'"},
      {{"--lr", "1e30"}, "got '1e30'"},
      {{"--lr", "1e400"}, "got '1e400'"},
      {{"--lr", "nan"}, "got 'nan'"},
      {{"--lr", "inf"}, "got 'inf'"},
      {{"--lr", "-inf"}, "got '-inf'"},
      {{"--lr", "1e-3x"}, "got '1e-3x'"},
      {{"--lr", "1e"}, "got '1e'"},
      {{"--lr", "0x1p-3"}, "got '0x1p-3'"},
      {{"--lr", "0,1"}, "got '0,1'"},
      {{"--lr", "."}, "got '.'"},
      {{"--lr", ""}, "got ''"},
      {{"--seed", "-1"}, "--seed: expected a whole number from 0 to 18446744073709551615, got '-1'"},
      {{"--seed", "18446744073709551616"}, "--seed: expected"},
      {{"--threads", "0"}, "--threads: expected a whole number from 1 to 4096, got '0'"},
      {{"--threads", "4097"}, "--threads: expected"},
      {{"--precision", "bf16"}, "--precision: expected one of float32, bfloat16, got 'bf16'"},
      {{"--precision", ""}, "--precision: expected"},
      {{"--tokens", "-1"}, "--tokens: expected"},
      {{"--tokens", "10000001"}, "--tokens: expected a whole number from 0 to 10000000"},
      {{"--temperature", "-0.1"}, "--temperature: expected a number from 0 to 1000, got '-0.1'"},
      {{"--temperature", "nan"}, "--temperature: expected"},
      {{"--temperature", "1e30"}, "--temperature: expected"},
      {{"--top-k", "-1"}, "--top-k: expected"},
      {{"--stage", "nrom"}, "--stage: expected one of plain, residual, norm, got 'nrom'"},
      {{"--stage", "resid"}, "did you mean residual?"},
      {{"--stage", ""}, "--stage: expected one of"},
      {{"--data", ""}, "--data: expected play, tinyshakespeare or a text file, got ''"},
      {{"--save", "--quiet"}, "--save: expected a value, but --quiet came next"},
      {{"--data"}, "--data: expected a value, got nothing"},
      {{"--stpes", "5"}, "there is no option --stpes - did you mean --steps?"},
      {{"--temp", "1"}, "there is no option --temp - did you mean --temperature?"},
      {{"--topk=5"}, "there is no option --topk=5 - did you mean --top-k?"},
      {{"--learning-rate", "1"}, "there is no option --learning-rate"},
      {{"-q"}, "there is no option -q"},
      {{"-5"}, "there is no option -5"},
      {{"--quiet=5"}, "quiet"},
      {{"play"}, "expected options, which begin with --, got 'play'"},
      {{"--", "play"}, "expected options, which begin with --, got 'play'"},
      {{"/steps", "5"}, "expected options, which begin with --, got '/steps'"},
      {{"-"}, "expected options, which begin with --, got '-'"},
      {{""}, "expected options, which begin with --, got ''"},
      {{"--save", here + "/no/model"}, "--save: cannot write " + here + "/no/model: there is no folder"},
      {{"--save", here}, "is a folder"},
      {{"--save", ""}, "--save: expected a file to write, got ''"},
      {{"--report", "/dev/null"}, "--report: expected a file to write, but /dev/null is not a regular file"},
      {{"--report", file + "/x"}, "--report: cannot write"},
      {{"--load", here + "/missing"}, "--load: File does not exist: " + here + "/missing"},
      {{"--load", here}, "--load: File is actually a directory"},
      {{"--save", here + "/a", "--report", here + "/./a"}, "--report and --save: expected two files"},
      {{"--save", file, "--data", file}, "--save and --data: expected two files"},
      {{"--report", file, "--load", file}, "--report and --load: expected two files"},
  };
  for (const Case& c : cases) {
    INFO(joined(c.words));
    const std::string message = complaint(c.words);
    INFO(message);
    CHECK(contains(message, c.expected));
  }
}

TEST_CASE("parse_command_line: --help explains every option and shows the defaults", "[command_line]") {
  RunOptions defaults;
  defaults.steps = 3000;
  defaults.lr = 1e-2f;
  Choice choice = stage();
  const Words words = GENERATE(Words{"--help"}, Words{"-h"}, Words{"--quiet", "--help"});
  try {
    parse(words, &choice, defaults);
    FAIL("expected HelpRequested");
  } catch (const HelpRequested& help) {
    for (const char* const expected :
         {"Chapter 5: blocks.", "--data", "--steps", "(default: 3000)", "--batch", "(default: the chapter's)",
          "--context", "--lr", "(default: 0.01)", "--seed", "(default: 1337)", "--threads", "--precision",
          "(default: float32)", "--eval-every", "--report", "--save", "--load", "--prompt", "--tokens",
          "(default: 300)", "--temperature", "--top-k", "--quiet", "--stage", "(default: norm)",
          "Examples:", "Usage: ch05 [OPTIONS]",
          // As it was called: that can be pasted.
          "\n  /some/folder/ch05 --data play --steps 500\n"}) {
      INFO(expected);
      CHECK(contains(help.what(), expected));
    }
  }
}

/// Runs it with standard output or error going to a file.
std::string captured(int fd, const std::function<void()>& body) {
  const TempFolder folder;
  std::cout.flush();
  const int before = dup(fd);
  const int file = open((folder / "out").c_str(), O_CREAT | O_RDWR, 0600);
  REQUIRE(dup2(file, fd) == fd);
  body();
  std::cout.flush();
  dup2(before, fd);
  close(before);
  close(file);
  return slurp(folder / "out");
}

TEST_CASE("run_program: whatever is thrown becomes one line and an exit code", "[command_line]") {
  struct Case {
    std::function<void()> body;
    int code;
    std::string expected;
  };
  const std::vector<Case> cases{
      {[] {}, 0, ""},
      {[] { throw std::runtime_error("open_corpus: there is no file x"); }, 1,
       ": open_corpus: there is no file x\n"},
      {[] { throw std::invalid_argument("two\nlines\tand \x1b[31m"); }, 1, ": two lines and  [31m\n"},
      {[] { throw std::bad_alloc(); }, 1, ": not enough memory - try a smaller --batch or --context\n"},
      {[] { throw 7; }, 1, ": failed, and did not say why\n"},
      {[] { throw CommandLineError("--steps: no"); }, 2, ": --steps: no (--help explains the options)\n"},
  };
  for (const Case& c : cases) {
    int code = -1;
    const std::string text = captured(2, [&] { code = run_program(c.body); });
    INFO(text);
    CHECK(code == c.code);
    CHECK(std::count(text.begin(), text.end(), '\n') == (c.expected.empty() ? 0 : 1));
    CHECK(text.size() >= c.expected.size());
    CHECK(text.substr(text.size() - c.expected.size()) == c.expected);
  }
}

TEST_CASE("run_program: --help goes to standard output and is no failure", "[command_line]") {
  int code = -1;
  const std::string text = captured(1, [&] { code = run_program([] { throw HelpRequested("help\n"); }); });
  CHECK(code == 0);
  CHECK(text == "help\n");
}

}  // namespace
}  // namespace gpt
