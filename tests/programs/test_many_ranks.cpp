// Chapter 11's program as several processes: the losses of one, whatever becomes of the others.
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <string>
#include <vector>

#include "common/files/report.hpp"
#include "common/kernels/parallel.hpp"
#include "tests/programs/outside.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/temp_folder.hpp"

namespace gpt {
namespace {

/// Whether there is an MPI to test with; where not, the program says so, and that is all there is to see.
bool there_is_mpi() {
  const Outcome help = run("ch11 --help");
  if (!contains(help.text, "this chapter needs MPI")) return true;
  WARN("skipped: no MPI on this machine");
  CHECK(help.code == 1);
  CHECK(contains(help.text, "apt-get install openmpi-bin libopenmpi-dev"));
  return false;
}

const std::string brief = " --data play --threads 1 --batch 4 --context 8 --tokens 5 ";

/// Starts ranks, waits for their first look at the loss, and then does something to them, $pid being mpirun.
Outcome disturbed(const TempFolder& folder, const std::string& options, const std::string& what) {
  const std::string output = (folder / "output.txt").string();
  const Outcome outcome = shell("rm -f " + output + "; (" +
                                call("ch11 --ranks 2" + brief + "--steps 900000 --eval-every 20 " + options) +
                                ") > " + output + " & pid=$!; for i in $(seq 600); do grep -qs 'step *20/' " +
                                output + " && break; sleep 0.1; done; " +
                                "rank() { for p in $(pgrep -P $pid); do tr '\\0' '\\n' < /proc/$p/environ | "
                                "grep -qx OMPI_COMM_WORLD_RANK=$1 && echo $p; done; }; " +
                                what + "; wait $pid");
  return {outcome.code, slurp(output)};
}

TEST_CASE("ranks: the losses of one process, for every way of averaging", "[programs][ranks]") {
  if (!there_is_mpi()) return;
  const TempFolder folder;
  const auto curve = [&](const std::string& options) {
    const std::string file = (folder / "report.json").string();
    const Outcome outcome =
        run("ch11" + brief + "--steps 100 --eval-every 20 --quiet --report " + file + options);
    INFO(outcome.text);
    REQUIRE(outcome.code == 0);
    return read_report(file).curve;
  };
  const std::vector<CurvePoint> alone = curve("");
  for (const std::string options : {" --ranks 2 --average one-by-one", " --ranks 2 --average after",
                                    " --ranks 2 --average while", " --ranks 4 --average while"}) {
    INFO(options);
    const std::vector<CurvePoint> together = curve(options);
    REQUIRE(together.size() == alone.size());
    for (std::size_t i = 0; i < alone.size(); ++i) {
      const float rounding = i < 2 ? 1e-5f : 1e-4f;  // it grows: after 100 steps two ways to add are two runs
      CHECK(std::abs(together[i].train - alone[i].train) < rounding * alone[i].train);
      CHECK(std::abs(together[i].val - alone[i].val) < rounding * alone[i].val);
    }
  }
}

TEST_CASE("ranks: each has the threads that OMP_NUM_THREADS says, or its share of the cores",
          "[programs][ranks]") {
  if (!there_is_mpi()) return;
  const TempFolder folder;
  const auto threads_of = [&](const std::string& before) {
    const std::string file = (folder / "report.json").string();
    const Outcome outcome =
        shell(before + "; " +
              call("ch11 --ranks 2 --data play --batch 4 --context 8 --tokens 5 --steps 1 --quiet --report " +
                   file));
    INFO(outcome.text);
    REQUIRE(outcome.code == 0);
    return read_report(file).threads;
  };
  CHECK(threads_of("export OMP_NUM_THREADS=3") == 3);
  CHECK(threads_of("unset OMP_NUM_THREADS") == std::max<std::size_t>(1, usable_cores() / 2));
}

TEST_CASE("ranks: twice the same to the bit, and saved by two, gone on with by four", "[programs][ranks]") {
  if (!there_is_mpi()) return;
  const TempFolder folder;
  const auto path = [&](const char* name) { return (folder / name).string(); };
  const std::string two = "ch11 --ranks 2" + brief + "--eval-every 10 --steps ";
  REQUIRE(run(two + "40 --save " + path("whole") + " --report " + path("whole.json")).code == 0);
  REQUIRE(run(two + "40 --save " + path("again")).code == 0);
  CHECK(slurp(path("whole")) == slurp(path("again")));
  REQUIRE(run(two + "20 --save " + path("half")).code == 0);
  const Outcome four = run("ch11 --ranks 4" + brief + "--eval-every 10 --steps 40 --load " + path("half") +
                           " --report " + path("four.json"));
  INFO(four.text);
  REQUIRE(four.code == 0);
  const Report whole = read_report(path("whole.json")), parts = read_report(path("four.json"));
  REQUIRE(parts.curve.size() == whole.curve.size());
  for (std::size_t i = 0; i < whole.curve.size(); ++i)
    CHECK(std::abs(parts.curve[i].val - whole.curve[i].val) < 1e-4f * whole.curve[i].val);
}

TEST_CASE("ranks: the optimiser's state in parts makes the same run, to the bit", "[programs][ranks]") {
  if (!there_is_mpi()) return;
  const TempFolder folder;
  const auto path = [&](const char* name) { return (folder / name).string(); };
  const auto train = [&](const std::string& options) {
    const Outcome outcome = run("ch11" + brief + "--eval-every 10 " + options);
    INFO(outcome.text);
    CHECK(outcome.code == 0);
    return outcome.text;
  };
  train("--ranks 2 --steps 40 --save " + path("whole"));
  const std::string said = train("--ranks 2 --split-state yes --steps 40 --save " + path("split"));
  CHECK(slurp(path("split")) == slurp(path("whole")));
  CHECK(contains(said, "The optimiser's running means, in megabytes: 0."));
  CHECK(contains(said, " on rank 0, 0."));
  // Halfway saved by two with parts, gone on with by two, or by one that has all.
  train("--ranks 2 --split-state yes --steps 20 --save " + path("half"));
  train("--ranks 2 --split-state yes --steps 40 --load " + path("half") + " --save " + path("halves"));
  CHECK(slurp(path("halves")) == slurp(path("whole")));
  train("--steps 40 --load " + path("half"));
  train("--ranks 4 --split-state yes --load " + path("half") + " --save " + path("as_it_is"));
  CHECK(slurp(path("as_it_is")) == slurp(path("half")));
}

TEST_CASE("ranks: a rank that is killed, stopped or told to end", "[programs][ranks]") {
  if (!there_is_mpi()) return;
  const TempFolder folder;
  const std::string model = (folder / "model.safetensors").string();
  const auto loads = [&](const std::string& file) {
    const Outcome outcome = run("ch11 --data play --threads 1 --tokens 5 --load " + file);
    INFO(outcome.text);
    return outcome.code == 0;
  };
  const Outcome killed = disturbed(folder, "--save " + model, "kill -KILL $(rank 1)");
  INFO(killed.text);
  CHECK(killed.code != 0);
  CHECK(contains(killed.text, "rank 1"));
  CHECK(loads(model));

  const Outcome silent = disturbed(folder, "--patience 3 --save " + model, "kill -STOP $(rank 1)");
  INFO(silent.text);
  CHECK(silent.code != 0);
  CHECK(contains(silent.text, "no answer from rank 1 on "));
  CHECK(loads(model));

  // Between asking and killing, mpirun gives a second; on a machine with other work, that may be less than a step.
  ::setenv("OMPI_MCA_odls_base_sigkill_timeout", "5", /*overwrite=*/1);
  const Outcome asked = disturbed(folder, "--save " + model, "kill -TERM $pid");
  INFO(asked.text);
  CHECK(asked.code != 0);
  CHECK(contains(asked.text, "Stopped after step "));
  CHECK(contains(asked.text, " --ranks 2 "));
  CHECK(loads((folder / "model.interrupted.safetensors").string()));

  const Outcome parts = disturbed(folder, "--split-state yes --save " + model, "kill -TERM $pid");
  INFO(parts.text);
  CHECK(contains(parts.text, "Stopped after step "));
  CHECK(loads((folder / "model.interrupted-2.safetensors").string()));
  ::unsetenv("OMPI_MCA_odls_base_sigkill_timeout");
}

/// Two ranks by mpirun, each with a command of its own, as on two hosts that were not prepared alike.
Outcome unlike(const std::string& first, const std::string& second) {
  return shell(
      "cd / && BARDLING_DATA= exec timeout 60 mpirun --allow-run-as-root --bind-to none --oversubscribe -n "
      "1 " +
      first + " : -n 1 " + second + " 2>&1");
}

TEST_CASE("ranks: another text or another build on one of them", "[programs][ranks]") {
  if (!there_is_mpi()) return;
  const TempFolder folder;
  std::string host = shell("hostname").text;
  host.pop_back();  // the end of the line
  const std::string program = PROGRAMS "/ch11",
                    options = " --threads 1 --batch 4 --context 8 --steps 900000 --data ";
  const auto text = [&](const std::string& name, const std::string& line) {
    std::string lines;
    for (int i = 0; i < 200; ++i) lines += line;
    return folder.write(name, lines);
  };
  // As many characters, and the same ones: nothing else would tell.
  const std::string one = text("one.txt", "abcdefghij\n"), other = text("other.txt", "jihgfedcba\n");
  const Outcome texts = unlike(program + options + one, program + options + other);
  INFO(texts.text);
  CHECK(texts.code == 1);
  CHECK(contains(texts.text, "rank 1 on " + host + " has another text to learn from than rank 0 on " + host +
                                 ": all ranks need the same"));
  CHECK_FALSE(contains(texts.text, "step"));

  const std::string build = (folder / "ch11_of_yesterday").string();
  REQUIRE(shell("cp " + program + " " + build + " && echo >> " + build).code == 0);
  const Outcome builds = unlike(program + options + one, build + options + one);
  INFO(builds.text);
  CHECK(builds.code == 1);
  CHECK(contains(builds.text, "rank 1 on " + host + " has another build of this program than rank 0 on " +
                                  host + ": all ranks need the same"));
  CHECK_FALSE(contains(builds.text, "step"));

  // One of them cannot even begin.
  const Outcome missing =
      unlike(program + options + one, program + options + (folder / "nowhere.txt").string());
  INFO(missing.text);
  CHECK(missing.code == 1);
  CHECK(contains(missing.text, "rank 1 on " + host + ": "));
  CHECK(contains(missing.text, "nowhere.txt"));
}

TEST_CASE("ranks: what cannot work is said by one of them, before any work", "[programs][ranks]") {
  if (!there_is_mpi()) return;
  const Outcome uneven = run("ch11 --ranks 4 --data play --batch 6 --steps 10");
  CHECK(uneven.code != 0);
  CHECK(contains(uneven.text, "--batch: expected a multiple of the 4 ranks, got 6"));
  CHECK_FALSE(contains(uneven.text, "step"));
  const Outcome missing = run("ch11 --ranks 2 --data /nowhere.txt");
  CHECK(missing.code != 0);
  CHECK(missing.text.find("/nowhere.txt") == missing.text.rfind("/nowhere.txt"));
  const Outcome wrong = run("ch11 --ranks 3");
  CHECK(wrong.code == 2);
  CHECK(contains(wrong.text, "expected one of 1, 2, 4, 8, 16, 32, 64, got '3'"));
}

}  // namespace
}  // namespace gpt
