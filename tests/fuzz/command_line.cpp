/// @file command_line.cpp
/// Whatever words a program is called with, they are options that hold what they promise, help, or one clear sentence.
/// libFuzzer makes the words, one a line: tests/fuzz/run.sh.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "common/terminal/command_line.hpp"
#include "common/terminal/text.hpp"

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

void require_promised(const gpt::RunOptions& options, const std::vector<gpt::Choice>& choices) {
  require(!options.batch || (*options.batch >= 1 && *options.batch <= 65'536));
  require(!options.context || (*options.context >= 1 && *options.context <= 65'536));
  require(!options.eval_every || *options.eval_every >= 1);
  require(!options.steps || *options.steps <= 1'000'000'000);
  require(!options.lr || (*options.lr > 0 && *options.lr <= 100));  // NaN is neither
  require(options.threads <= 4096);
  require(options.temperature >= 0 && options.temperature <= 1000);
  require(options.precision == "float32" || options.precision == "bfloat16");
  for (const gpt::Choice& choice : choices) {
    bool known = false;
    for (const std::string& value : choice.values) known = known || value == choice.value;
    require(known);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  if (bytes.find('\0') != std::string::npos) return 0;  // no word has one
  std::vector<std::string> words{"ch05"};
  for (const std::string& line : gpt::lines_of(bytes)) words.push_back(line);
  std::vector<const char*> arguments;
  for (const std::string& word : words) arguments.push_back(word.c_str());
  std::vector<gpt::Choice> choices{{"--stage", "which stack to train", {"plain", "residual", "norm"}, "norm"},
                                   {"--groups", "groups of queries", {"1", "2", "4"}, "2"}};
  try {
    const gpt::RunOptions options =
        gpt::parse_command_line(static_cast<int>(arguments.size()), arguments.data(), "Chapter 5.", choices);
    require_promised(options, choices);
    require(options.words == words);
  } catch (const gpt::HelpRequested& help) {
    require(std::string(help.what()).find("--prompt") != std::string::npos);
  } catch (const gpt::CommandLineError& error) {
    const std::string text = error.what();
    require(!text.empty() && text.size() < 500 + 3 * bytes.size());
  }
  return 0;
}
