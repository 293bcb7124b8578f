/// @file logs.cpp
/// Whatever a compiler prints, or a test program writes or prints before it crashes, the runner finds something to say, and
/// no more than there is. libFuzzer makes the logs: tests/fuzz/run.sh names which kind in FUZZ_READER.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "runner/compiler_log.hpp"
#include "runner/test_log.hpp"

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

void read_compiler_log(const std::string& log) {
  const gpt::CompilerError error = gpt::first_error(log, "/bardling/build/release", "/bardling/my");
  require(error.text.size() <= log.size() + 100);
  require(error.where.empty() || error.where.find(':') != std::string::npos);
  require(gpt::first_warning(log, "/bardling/build/release", "/bardling/my").size() <= log.size() + 100);
}

void read_test_log(const std::string& xml) {
  std::size_t letters = 0;
  for (const gpt::TestResult& result : gpt::read_test_log(xml)) {
    require(!result.passed() || (result.finished && result.problem.empty()));
    letters += result.name.size() + result.file.size() + result.line.size() + result.problem.size();
  }
  require(letters <= 2 * xml.size() + 100);
}

void read_printed(const std::string& printed) {
  require(gpt::misuse(printed).size() <= printed.size() + 100);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::string reader = std::getenv("FUZZ_READER");
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  if (reader == "compiler_log") read_compiler_log(bytes);
  if (reader == "test_log") read_test_log(bytes);
  if (reader == "printed") read_printed(bytes);
  return 0;
}
