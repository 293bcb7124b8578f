// Runs that are stopped, files that cannot be written, models whose text is not here: nothing is lost, and no work is
// done for nothing.
#include <cmath>
#include <filesystem>
#include <string>
#include <utility>

#include "common/files/checkpoint.hpp"
#include "common/files/report.hpp"
#include "common/tensor/rng.hpp"
#include "tests/programs/outside.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/temp_folder.hpp"

namespace gpt {
namespace {

/// Starts a program, and sends it a signal when its output shows that it trains. What it prints goes to a file.
Outcome stopped(const TempFolder& folder, const std::string& command, const char* signal,
                const std::string& pause = "0") {
  const std::string output = (folder / "output.txt").string();
  // SIGTERM and SIGHUP count as Ctrl-C does, and are not ignored in the background of a shell.
  const Outcome outcome =
      shell("(" + call(command) + ") > " + output + " & for i in $(seq 900); do grep -q 'step  ' " + output +
            " && break; sleep 0.1; done; sleep " + pause + "; kill -" + signal + " $!; wait $!");
  return {outcome.code, slurp(output)};
}

/// The command after "To go on:".
std::string to_go_on(const std::string& text) {
  const std::string before = "To go on:\n  ";
  const std::size_t begin = text.find(before);
  REQUIRE(begin != std::string::npos);
  return text.substr(begin + before.size(), text.find('\n', begin + before.size()) - begin - before.size());
}

TEST_CASE("programs: a signal ends training after the step, saves, and says how to go on", "[programs]") {
  const TempFolder folder;
  const std::string model = (folder / "it's my model").string();
  const auto [signal, code] = GENERATE(std::pair("TERM", 143), std::pair("HUP", 129));
  const Outcome outcome = stopped(
      folder, "ch02 --data play --steps 900000 --eval-every 900000 --tokens 20 --save \"" + model + "\"",
      signal);
  INFO(outcome.text);
  CHECK(outcome.code == code);
  CHECK(contains(outcome.text, "Stopped after step "));
  CHECK_FALSE(contains(outcome.text, "Loss after "));  // neither minutes of evaluation nor speech
  CHECK(contains(to_go_on(outcome.text), "--data play --eval-every 900000 --tokens 20 --save '"));
  CHECK(contains(to_go_on(outcome.text), "/it'\\''s my model' --steps 900000"));
  CHECK(run("ch02 --data play --quiet --tokens 10 --load \"" + model + "\"").code == 0);
}

TEST_CASE("programs: what is stopped without --save has a file of its own for each size", "[programs]") {
  const TempFolder folder;
  const std::string here = "cd " + folder.path().string() + " && ";
  const auto stop = [&](const std::string& command) {
    const std::string output = (folder / "output.txt").string();
    shell("(" + here + "BARDLING_DATA= exec " PROGRAMS "/" + command + ") > " + output +
          " 2>&1 & for i in $(seq 900); do grep -q 'step  ' " + output +
          " && break; sleep 0.1; done; kill -TERM $!; wait $!");
    return slurp(output);
  };
  CHECK(contains(stop("ch06 --data play --batch 2 --context 8 --eval-every 900000 --steps 900000"),
                 "saved in chapter_6_small.interrupted.safetensors"));
  CHECK(
      contains(stop("ch06 --data play --batch 2 --context 8 --eval-every 900000 --steps 900000 --save my.v1"),
               "saved in my.v1.interrupted.safetensors"));
  CHECK(contains(
      stop("ch06 --data play --batch 2 --context 8 --eval-every 900000 --steps 900000 --save m.safetensors"),
      "saved in m.interrupted.safetensors"));
}

TEST_CASE(
    "programs: runs that are stopped in one folder have files of their own, and what goes on keeps its own",
    "[programs]") {
  const TempFolder folder;
  const std::string train =
      "cd " + folder.path().string() +
      " && BARDLING_DATA= exec " PROGRAMS
      "/ch01 --data play --batch 2 --tokens 0 --eval-every 20000 --steps 900000 --seed ";
  // Both train before either is stopped.
  const Outcome outcome =
      shell("(" + train + "1) > " + (folder / "1").string() + " 2>&1 & one=$!; (" + train + "2) > " +
            (folder / "2").string() + " 2>&1 & two=$!; for i in $(seq 900); do grep -q 'step  ' " +
            (folder / "1").string() + " && grep -q 'step  ' " + (folder / "2").string() +
            " && break; sleep 0.1; done; kill -TERM $one $two; wait $one; wait $two");
  const std::string first = slurp(folder / "1"), second = slurp(folder / "2");
  INFO(first << second);
  const std::string plain = "saved in chapter_1.interrupted.safetensors. ";
  const std::string numbered = "saved in chapter_1.interrupted-2.safetensors. ";
  CHECK(contains(first, plain) != contains(second, plain));
  CHECK(contains(first, numbered) != contains(second, numbered));
  CHECK(contains(to_go_on(first), "--seed 1 "));
  CHECK(slurp(folder / "chapter_1.interrupted.safetensors") !=
        slurp(folder / "chapter_1.interrupted-2.safetensors"));
  // The second goes on and is stopped again: no third file.
  const Outcome again = shell("cd / && export BARDLING_DATA=; (exec " + to_go_on(second) + ") > " +
                              (folder / "3").string() + " 2>&1 & for i in $(seq 900); do grep -q 'step  ' " +
                              (folder / "3").string() + " && break; sleep 0.1; done; kill -TERM $!; wait $!");
  INFO(slurp(folder / "3"));
  CHECK(again.code == 143);
  CHECK(to_go_on(slurp(folder / "3")) == to_go_on(second));
  CHECK_FALSE(std::filesystem::exists(folder / "chapter_1.interrupted-3.safetensors"));
}

TEST_CASE("programs: --save means a file at the end, whatever was loaded", "[programs]") {
  const TempFolder folder;
  const auto path = [&](const char* name) { return (folder / name).string(); };
  const std::string small = "ch06 --batch 2 --context 8 --quiet --tokens 0 ";
  std::string easy, hard;
  Rng rng(1);
  for (int i = 0; i < 300; ++i) easy += "abcdefghij\n";
  for (int i = 0; i < 3000; ++i) hard += static_cast<char>('a' + rng.below(10));
  folder.write("easy.txt", easy);
  folder.write("hard.txt", hard + "\n");
  REQUIRE(run(small + "--steps 60 --data " + path("easy.txt") + " --save " + path("easy")).code == 0);
  // On the harder text, no loss will be as low as the lowest of the easy one.
  REQUIRE(run(small + "--steps 70 --data " + path("hard.txt") + " --load " + path("easy") + " --save " +
              path("hard"))
              .code == 0);
  CHECK(std::filesystem::exists(path("hard")));
  CHECK(run(small + "--load " + path("hard") + " --save " + path("copy")).code == 0);
  CHECK(std::filesystem::exists(path("copy")));
  CHECK(run("ch06 --data play --quiet --steps 0 --tokens 0 --save " + path("untrained")).code == 0);
  CHECK(std::filesystem::exists(path("untrained")));
}

TEST_CASE("programs: a model speaks without the text that it learned from", "[programs]") {
  const TempFolder folder;
  std::string text;
  for (int i = 0; i < 200; ++i)
    text += "\xce\xb6\xce\xae\xcf\x84\xcf\x89 42\n";  // Greek, which no built-in text is
  const std::string file = folder.write("greek.txt", text), model = (folder / "m").string();
  REQUIRE(run("ch02 --steps 5 --tokens 0 --quiet --data " + file + " --save " + model).code == 0);
  const Outcome spoken = run("ch02 --load " + model + " --tokens 20 --prompt '\xce\xb6\xce\xae'");
  INFO(spoken.text);
  CHECK(spoken.code == 0);
  CHECK(contains(spoken.text, "greek.txt is not here"));
  CHECK(contains(spoken.text, "\xce\xb6\xce\xae"));
  CHECK_FALSE(contains(spoken.text, "Loss after"));
  const Outcome trained = run("ch02 --load " + model + " --steps 9 --data play");
  CHECK(trained.code == 1);
  CHECK(contains(trained.text, "name the text that it learned from with --data"));
  CHECK(contains(run("ch02 --load " + model + " --data " + file).text, "Loss after 5 steps"));
}

TEST_CASE("programs: weights that are no numbers are not saved, not loaded and not spoken", "[programs]") {
  const TempFolder folder;
  const std::string good = (folder / "good").string(), bad = (folder / "bad").string();
  const std::string plain = "ch05 --stage plain --data play --batch 4 --tokens 5 ";
  REQUIRE(run(plain + "--steps 2 --save " + good).code == 0);
  const std::string before = slurp(good);
  const Outcome diverged = run(plain + "--lr 100 --steps 2 --save " + good);
  INFO(diverged.text);
  CHECK(diverged.code == 1);
  CHECK(contains(diverged.text, "not a finite number"));
  CHECK(slurp(good) == before);
  Checkpoint checkpoint = load_checkpoint(good);
  checkpoint.tensors.front().values.back() = std::nanf("");
  save_checkpoint(bad, checkpoint);
  const Outcome loaded = run(plain + "--load " + bad);
  INFO(loaded.text);
  CHECK(loaded.code == 1);
  CHECK(contains(loaded.text, bad + ": restore: " + checkpoint.tensors.front().name + " holds NaN"));
}

TEST_CASE("programs: who reads the output may leave, and the report is written all the same", "[programs]") {
  const TempFolder folder;
  const std::string report = (folder / "r.json").string();
  const Outcome outcome =
      shell("(cd / && BARDLING_DATA= " PROGRAMS "/ch01 --data play --steps 300 --report " + report +
            " 2>&1; echo $? > " + (folder / "code").string() + ") | head -n 1");
  CHECK(lines(outcome.text) == 1);
  CHECK(slurp(folder / "code") == "141\n");
  CHECK(read_report(report).steps == 300);
}

TEST_CASE("programs: a prompt may begin like an option", "[programs]") {
  const Outcome outcome = run("ch01 --data play --steps 1 --tokens 1 --prompt '--, --'");
  INFO(outcome.text);
  CHECK(outcome.code == 0);
  CHECK(contains(outcome.text, "\n--, --"));
}

TEST_CASE("programs: --quiet prints the losses in one line, and with a report nothing", "[programs]") {
  const TempFolder folder;
  const std::string quiet = "ch01 --data play --steps 5 --tokens 5 --quiet";
  const Outcome alone = run(quiet);
  CHECK(lines(alone.text) == 1);
  CHECK(alone.text.starts_with("Loss after 5 steps: train "));
  const std::string reported = quiet + " --report " + (folder / "r.json").string();
  CHECK(run(reported).text.empty());
  CHECK(shell("export BARDLING_ADDED=' --report --trace'; " + call(reported)).text == alone.text);
}

TEST_CASE("programs: the line that goes on has the reader's report, and not the trace that learn has added",
          "[programs]") {
  const TempFolder folder;
  const std::string report = (folder / "r.json").string(), trace = (folder / "t.json").string();
  const std::string command = "ch01 --data play --steps 900000 --eval-every 900000 --save " +
                              (folder / "m").string() + " --report " + report + " --trace " + trace;
  setenv("BARDLING_ADDED", " --trace", 1);
  const Outcome outcome = stopped(folder, command, "TERM");
  unsetenv("BARDLING_ADDED");
  CHECK(contains(to_go_on(outcome.text), " --report " + report));
  CHECK_FALSE(contains(outcome.text, trace));
}

}  // namespace
}  // namespace gpt
