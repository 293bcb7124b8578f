#include <cstdio>

#include "common/files/shell_word.hpp"
#include "runner/commands.hpp"
#include "runner/process.hpp"
#include "runner/runs.hpp"

namespace gpt {

int run(const Repository& repository, int chapter, const std::vector<std::string>& arguments) {
  const ExitStatus status = run_and_keep(repository, chapter, repository.program(chapter), arguments,
                                         Parts::reference, learn("run " + std::to_string(chapter)));
  if (status.signal != 0 && !status.interrupted) {
    std::fprintf(stderr, "learn: chapter %d was ended by a signal: %s\n", chapter,
                 signal_name(status.signal).c_str());
  }
  return status.code;
}

}  // namespace gpt
