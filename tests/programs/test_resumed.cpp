// A run that was stopped, at whatever step, and gone on with is the run in one go: to the last bit of its file and its
// report.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <vector>

#include "common/files/report.hpp"
#include "common/kernels/sanitized.hpp"
#include "tests/programs/outside.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/temp_folder.hpp"

namespace gpt {
namespace {

constexpr int steps = 4;  // looks at the loss before the first, after the second and after the last

/// All of a report but the time that it took.
void check_same(const Report& whole, const Report& parts) {
  CHECK(parts.steps == whole.steps);
  CHECK(parts.val_loss == whole.val_loss);
  CHECK(parts.train_loss == whole.train_loss);
  CHECK(parts.sample == whole.sample);
  CHECK(parts.corpus == whole.corpus);
  CHECK(parts.fingerprint == whole.fingerprint);
  CHECK(parts.parameters == whole.parameters);
  CHECK(parts.batch == whole.batch);
  CHECK(parts.context == whole.context);
  CHECK(parts.lr == whole.lr);
  CHECK_FALSE(parts.interrupted);
  REQUIRE(parts.curve.size() == whole.curve.size());
  for (std::size_t i = 0; i < whole.curve.size(); ++i) {
    CHECK(parts.curve[i].step == whole.curve[i].step);
    CHECK(parts.curve[i].train == whole.curve[i].train);
    CHECK(parts.curve[i].val == whole.curve[i].val);
  }
}

/// Stops the run at one look at the clock after the other, until it has been stopped after every step, and each time
/// goes on with the line that it has printed.
void check_every_stop(const std::string& program, const std::string& common, const TempFolder& folder) {
  const auto path = [&](const char* name) { return (folder / name).string(); };
  const std::string whole = common + " --save " + path("whole") + " --report " + path("whole.json");
  const std::string parts = common + " --save " + path("parts") + " --report " + path("parts.json");
  REQUIRE(run(program + whole).code == 0);
  const std::string preload =
      "cd / && BARDLING_DATA= ASAN_OPTIONS=verify_asan_link_order=0 LD_PRELOAD=" STOP_AT_LIBRARY " STOP_AT=";
  std::set<std::string> stops;
  for (int look = 1;; ++look) {
    const Outcome first =
        shell(preload + std::to_string(look) + " exec " PROGRAMS "/" + program + parts + " 2>&1");
    INFO(program << common << "\n" << first.text);
    if (first.code == 0) break;  // it was done before it would have been stopped
    REQUIRE(first.code == 143);
    const std::string stopped = "Stopped after step ", to_go_on = "To go on:\n  ";
    const std::size_t at = first.text.find(stopped);
    if (at == std::string::npos) continue;  // before it trained there was nothing to save
    const std::size_t step = at + stopped.size();
    if (!stops.insert(first.text.substr(step, first.text.find(';', step) - step)).second) continue;
    ++look;  // the next one is in the same step: there are two in each at least
    const std::size_t line = first.text.find(to_go_on) + to_go_on.size();
    const Outcome second = shell("cd / && export BARDLING_DATA= && " +
                                 first.text.substr(line, first.text.find('\n', line) - line) + " 2>&1");
    INFO(second.text);
    REQUIRE(second.code == 0);
    CHECK(slurp(path("parts")) == slurp(path("whole")));  // weights, optimiser, dice, curve, lowest loss
    check_same(read_report(path("whole.json")), read_report(path("parts.json")));
    std::filesystem::remove(path("parts"));
    std::filesystem::remove(path("parts.interrupted.safetensors"));
  }
  std::set<std::string> all;
  for (int step = 1; step < steps; ++step) all.insert(std::to_string(step));
  stops.erase("0");  // some are stopped before the first, too
  INFO(program << common);
  CHECK(stops == all);
}

/// Every run of every chapter on one thread, else one of each.
/// @param kernel that multiplies: "portable", or "" for the usual one
void check_all_runs(const std::string& threads, const std::string& kernel = "") {
  const TempFolder folder;
  const std::string text = folder.write("text.txt", small_text());
  setenv("BARDLING_GEMM", kernel.c_str(), 1);
  const std::string first = run("ch01 --steps 1 --tokens 0 --data " + text).text;
  CHECK((kernel.empty() || contains(first, "Matrix products: portable")));
  std::vector<std::string> programs;
  std::set<std::string> chapters;
  std::ifstream runs(RUNS);
  for (std::string line; std::getline(runs, line);) {
    if (line.starts_with("ch11")) continue;  // its ranks have a test of their own
    // What is saved is the same for each of chapter 10's tasks, and this one takes ten times as long to examine.
    if (line == "ch10 --task draw") continue;
    // How work is shared out is no business of a chapter's: one of each chapter's runs shows it.
    if (threads != "1" && !chapters.insert(line.substr(0, 4)).second) continue;
    if (line.starts_with("ch10"))
      programs.push_back(line);  // its questions need all of their context
    else
      programs.push_back(line + " --context 5" + (line.starts_with("ch09") ? " --vocabulary 256" : ""));
  }
  // Muon, a schedule that ends at 0, shorter windows first, 16 bits.
  if (threads == "2") programs.push_back("ch07 --size sprint --precision bfloat16 --context 72");
  for (const std::string& program : programs) {
    if (address_sanitizer && !program.starts_with("ch01") && !program.starts_with("ch06 --size small"))
      continue;  // all of them would take an hour
    check_every_stop(program,
                     " --data " + text + " --lr 0.03 --batch 2 --eval-every 2 --tokens 4 --steps " +
                         std::to_string(steps) + " --threads " + threads,
                     folder);
  }
  unsetenv("BARDLING_GEMM");
}

TEST_CASE("programs: stopped after any step and gone on with, a run is as in one go, on one thread",
          "[programs]") {
  check_all_runs("1");
}

TEST_CASE("programs: stopped after any step and gone on with, a run is as in one go, on two threads",
          "[programs]") {
  check_all_runs("2");
}

TEST_CASE("programs: stopped after any step and gone on with, a run is as in one go, with our own kernel",
          "[programs]") {
  check_all_runs("2", "portable");
}

TEST_CASE("programs: stopped after any step and gone on with, a run is as in one go, on three threads",
          "[programs]") {
  check_all_runs("3");
}

}  // namespace
}  // namespace gpt
