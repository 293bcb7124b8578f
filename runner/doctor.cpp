#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <system_error>
#include <vector>

#include "common/files/shell_word.hpp"
#include "common/kernels/gemm.hpp"
#include "common/kernels/gemm_bfloat16.hpp"
#include "common/kernels/parallel.hpp"
#include "common/terminal/text.hpp"
#include "runner/build_facts.hpp"
#include "runner/commands.hpp"
#include "runner/corpora.hpp"
#include "runner/machine.hpp"
#include "runner/matrix_speed.hpp"
#include "runner/process.hpp"

namespace gpt {
namespace {

void print(const char* what, const std::string& fact) { std::printf("  %-11s  %s\n", what, fact.c_str()); }
void heading(const char* text) { std::printf("\n%s\n", text); }

std::string gigabytes(double bytes) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f GB", bytes / 1e9);
  return text;
}

std::string gflops_text(std::size_t thread_count, double (*measure)(std::size_t)) {
  set_threads(thread_count);
  char text[64];
  std::snprintf(text, sizeof text, "%.0f GFLOP/s on %zu thread%s", measure(768), thread_count,
                thread_count == 1 ? "" : "s");
  return text;
}

void print_tools() {
  heading("Built with");
  print("compiler", build_facts::compiler);
  print("cmake", build_facts::cmake);
  print("ninja", first_line_of({"ninja", "--version"}));
  print("xtensor", build_facts::xtensor);
  print("oneDNN", gemm_name() == "oneDNN" ? build_facts::one_dnn : "not in use");
  print("CLI11", std::string(build_facts::cli11) + ", nlohmann-json " + build_facts::json + ", Catch2 " +
                     build_facts::catch2);
}

void print_machine(const Repository& repository) {
  heading("Machine");
  print("processor", processor_name());
  if (const std::vector<std::string> vectors = vector_instructions(); !vectors.empty())
    print("vectors", joined(vectors, " "));
  print("cores", std::to_string(cores()));
  const Memory ram = memory();
  if (ram.total > 0) {
    print("memory",
          gigabytes(static_cast<double>(ram.total)) +
              (ram.available > 0 ? ", " + gigabytes(static_cast<double>(ram.available)) + " available" : ""));
  }
  std::error_code unknown;
  const std::filesystem::space_info disk = std::filesystem::space(repository.root(), unknown);
  if (!unknown) print("disk", gigabytes(static_cast<double>(disk.available)) + " free");
}

void print_kernel() {
  heading("Matrix products, where training spends its time");
  print("kernel", gemm_name());
  const std::size_t all = cores();
  print("measured", gflops_text(1, matrix_gflops));
  if (all > 1) print("", gflops_text(all, matrix_gflops));
  print("half bits", bfloat16_name());
  print("measured", gflops_text(1, bfloat16_gflops));
  if (all > 1) print("", gflops_text(all, bfloat16_gflops));
}

void print_texts(const Repository& repository) {
  heading("Texts");
  for (const char* name : {"play", "tinyshakespeare"}) {
    const std::filesystem::path file = corpus_file(repository, name);
    std::printf("  %-15s  %s\n", name, file.empty() ? "not here" : file.c_str());
  }
}

/// What to do about whatever is amiss.
std::vector<std::string> hints(const Repository& repository) {
  std::vector<std::string> found;
  if (gemm_name() != "oneDNN") {
    const bool only_openmp_lacks = !std::string(build_facts::one_dnn).empty();
    found.push_back(
        "Matrices are multiplied by the portable kernel, which is slower than oneDNN.\n" +
        std::string(
            only_openmp_lacks
                ? "    oneDNN is here, but OpenMP, which it needs, was not found. Install that\n"
                  "    (libomp of Homebrew; g++ brings its own), delete build/release,\n"
                : "    Install oneDNN (libdnnl-dev, or onednn of Homebrew), delete build/release,\n") +
        "    and call " + learn() + " again.");
  }
  const Memory ram = memory();
  if (ram.total > 0 && static_cast<double>(ram.total) < 1e9 * cores()) {
    found.push_back("Memory is short for compiling on all cores. To build on one:\n    cmake --build " +
                    shell_word((repository.root() / "build/release").string()) + " -j1");
  }
  std::error_code unknown;
  const std::filesystem::space_info disk = std::filesystem::space(repository.root(), unknown);
  if (!unknown && disk.available < 1'000'000'000)
    found.push_back("The disk is nearly full: a build takes up to 1 GB.");
  if (corpus_file(repository, "tinyshakespeare").empty()) {
    found.push_back("Tiny Shakespeare is not here: " + learn("data fetch") + " gets it.");
  }
  return found;
}

}  // namespace

int doctor(const Repository& repository) {
  std::printf("Bardling in %s\n", repository.root().c_str());
  print_tools();
  print_machine(repository);
  print_kernel();
  print_texts(repository);
  const std::vector<std::string> advice = hints(repository);
  heading(advice.empty() ? "All is well." : "Worth knowing");
  for (const std::string& hint : advice) std::printf("  - %s\n", hint.c_str());
  return 0;
}

}  // namespace gpt
