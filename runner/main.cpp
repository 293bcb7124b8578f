/// @file main.cpp
/// The program that the `learn` script hands over to once this machine is ready: reads the command line, and
/// calls one of commands.hpp.

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "common/files/shell_word.hpp"
#include "common/terminal/text.hpp"
#include "runner/closed.hpp"
#include "runner/commands.hpp"
#include "runner/exercise.hpp"

namespace {

using Action = std::function<int(const gpt::Repository&)>;

/// The commands of the exercises.
void add_exercise_commands(CLI::App& app, Action& chosen) {
  static gpt::CheckOptions options;  // shared by all of them: only one is called
  static bool edit = false;
  const auto add = [&app](const char* name, const char* what) {
    CLI::App* const command = app.add_subcommand(name, what);
    command->add_option("which", options.which, "An exercise, by name or number; the current one if left out")
        ->type_name("NAME|N");
    return command;
  };
  const auto add_limit = [](CLI::App* command) {
    command->add_option("--seconds", options.seconds, "Time for the tests, in case of an endless loop")
        ->check(CLI::PositiveNumber)
        ->capture_default_str();
  };

  CLI::App* const exercise = add("exercise", "Begin an exercise: puts its stub into my/");
  exercise->add_flag("--edit", edit, "Open the file in $EDITOR");
  exercise->callback([&] {
    chosen = [](const gpt::Repository& repository) { return gpt::exercise(repository, options.which, edit); };
  });

  add("task", "What an exercise asks for: text, shapes, an example")->callback([&] {
    chosen = [](const gpt::Repository& repository) { return gpt::task(repository, options.which); };
  });

  CLI::App* const check = add("check", "Test your code");
  check->add_flag("--full", options.full, "Show all that the compiler and the tests said");
  check->add_flag("--all", options.all, "Check every exercise");
  add_limit(check);
  check->callback(
      [&] { chosen = [](const gpt::Repository& repository) { return gpt::check(repository, options); }; });

  CLI::App* const watch = app.add_subcommand("watch", "Test your code whenever you save it");
  add_limit(watch);
  watch->callback([&] {
    chosen = [](const gpt::Repository& repository) { return gpt::watch(repository, options.seconds); };
  });

  app.add_subcommand("list", "Which exercises are done, begun, open")->callback([&] {
    chosen = gpt::list_exercises;
  });
  add("hint", "The next hint for an exercise")->callback([&] {
    chosen = [](const gpt::Repository& repository) { return gpt::hint(repository, options.which); };
  });
  add("solution", "How your file differs from the reference")->callback([&] {
    chosen = [](const gpt::Repository& repository) { return gpt::solution(repository, options.which); };
  });
  CLI::App* const challenge = app.add_subcommand(
      "challenge", "A chapter's open challenge: its files and its goal, then what you reach");
  challenge->add_option("N", options.which,
                        "A chapter; options after it are its program's. Without one, all are listed");
  challenge->callback([&] {
    chosen = [](const gpt::Repository& repository) { return gpt::challenge(repository, options.which, {}); };
  });
  add("reset", "Put your file aside and begin again with the stub")->callback([&] {
    chosen = [](const gpt::Repository& repository) { return gpt::reset(repository, options.which); };
  });
}

/// Adds all commands to the command line.
/// @returns through `chosen` what to do; without a command, that is where()
void add_commands(CLI::App& app, Action& chosen) {
  static gpt::TourOptions tour;  // options are read into these after this function has returned
  static bool fetch = false;
  static std::string what;
  chosen = gpt::where;

  CLI::App* const tour_command =
      app.add_subcommand("tour", "Train the chapters up to the GPT on one text, and hear them speak");
  tour_command->add_option("--data", tour.data, "What to learn from: tinyshakespeare, play, or a text file")
      ->type_name("NAME|FILE");
  tour_command->add_flag("--quick", tour.quick,
                         "200 steps for each chapter: a look in seconds, with poor losses");
  tour_command->add_flag("--all", tour.all, "The chapters after the GPT, too");
  tour_command->callback(
      [&] { chosen = [](const gpt::Repository& repository) { return gpt::tour(repository, tour); }; });

  CLI::App* const data_command = app.add_subcommand("data", "List the texts to learn from");
  CLI::App* const fetch_command =
      data_command->add_subcommand("fetch", "Download Tiny Shakespeare, or gpt2, and check the hashes");
  fetch_command->add_option("WHAT", what, "gpt2: GPT-2's weights and vocabulary, 550 MB")
      ->check(CLI::IsMember({"gpt2", "tinyshakespeare"}));
  fetch_command->callback([] { fetch = true; });
  data_command->callback(
      [&] { chosen = [](const gpt::Repository& repository) { return gpt::data(repository, fetch, what); }; });

  static gpt::BenchOptions bench;
  CLI::App* const bench_command =
      app.add_subcommand("bench", "Time training and generation, beside PyTorch if it is here");
  bench_command
      ->add_option("CONFIG", bench.configs, "bigram, blocks, lstm, gpt-small, gpt-laptop, gpt-lecture")
      ->check(CLI::IsMember({"bigram", "blocks", "lstm", "gpt-small", "gpt-laptop", "gpt-lecture"}));
  bench_command->add_option("--seconds", bench.seconds, "For each model and round")
      ->check(CLI::Range(0.0, 3600.0));
  bench_command->add_option("--rounds", bench.rounds, "The medians of these are shown")
      ->check(CLI::Range(1, 100));
  bench_command->add_option("--threads", bench.threads, "Default: as many as there are cores")
      ->check(CLI::Range(1, 4096));
  bench_command->callback(
      [&] { chosen = [](const gpt::Repository& repository) { return gpt::bench(repository, bench); }; });

  app.add_subcommand("doctor", "Tell what this machine brings")->callback([&] { chosen = gpt::doctor; });
  add_exercise_commands(app, chosen);
}

/// `run N ...` is not parsed here: all that follows the number, --help too, belongs to the chapter's program;
/// all but --mine.
bool is_run(int argc, char** argv) { return argc >= 3 && std::string(argv[1]) == "run"; }

int run_command(int argc, char** argv, const gpt::Repository& repository) {
  std::vector<std::string> arguments{argv + 3, argv + argc};
  const bool mine = std::erase(arguments, "--mine") > 0;
  return (mine ? gpt::run_mine : gpt::run)(repository, repository.chapter(argv[2]).number, arguments);
}

/// Nor is `challenge N ...`, for the same reason.
bool is_challenge(int argc, char** argv) {
  if (argc < 3 || std::string(argv[1]) != "challenge") return false;
  return std::none_of(argv + 2, argv + argc,
                      [](const std::string& word) { return word == "--help" || word == "-h"; });
}

/// The commands that help.txt lists; some of them are the script's own.
std::vector<std::string> known_commands(const gpt::Repository& repository) {
  const std::string beginning = "  ./learn ";
  std::vector<std::string> commands;
  for (const std::string& line : gpt::lines_of(gpt::contents_of(repository.root() / "runner" / "help.txt"))) {
    if (!line.starts_with(beginning)) continue;
    const std::string rest = line.substr(beginning.size());
    if (const std::string word = rest.substr(0, rest.find(' ')); !word.empty()) commands.push_back(word);
  }
  return commands;
}

/// What to say about a first word that is no command; empty if it is one, or an option.
std::string about_unknown(const std::string& word, const std::vector<std::string>& known) {
  if (word.starts_with("-") || std::find(known.begin(), known.end(), word) != known.end()) return {};
  const std::string near = gpt::nearest(word, known);
  return "there is no command \"" + word + "\"" + (near.empty() ? "" : ", did you mean \"" + near + "\"?") +
         " - " + gpt::learn("help") + " lists them all";
}

std::string root_folder() {
  const char* const root = std::getenv("BARDLING_ROOT");
  return root != nullptr ? root : ".";
}

/// Which file is in the way, and what opens it. Of two, a file that was to be copied is the first.
std::string about(const std::filesystem::filesystem_error& error) {
  const std::filesystem::path& file = error.path2().empty() ? error.path1() : error.path2();
  const std::string why = gpt::why_closed(root_folder(), file, gpt::Access::write);
  return file.string() + ": " + error.code().message() +
         (why.empty() ? " - is it somebody else's, or read-only?" : ": " + why);
}

int read_and_do(int argc, char** argv) {
  const gpt::Repository repository{root_folder()};
  if (is_run(argc, argv)) return run_command(argc, argv, repository);
  if (is_challenge(argc, argv)) return gpt::challenge(repository, argv[2], {argv + 3, argv + argc});
  if (argc > 1) {
    const std::string problem = about_unknown(argv[1], known_commands(repository));
    if (!problem.empty()) {
      std::fprintf(stderr, "learn: %s\n", problem.c_str());
      return 2;
    }
  }

  CLI::App app("Build a GPT in C++20, step by step.", gpt::learn());
  Action chosen;
  add_commands(app, chosen);
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& help) {
    return app.exit(help);
  } catch (const CLI::ParseError& error) {
    std::fprintf(stderr, "learn: %s (%s lists all commands)\n", error.what(), gpt::learn("help").c_str());
    return 2;
  }
  return chosen(repository);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const int code = read_and_do(argc, argv);
    if (std::fflush(stdout) == 0 && !std::ferror(stdout)) return code;
    if (errno == EPIPE) return 141;  // who reads has left; a signal would have said the same
    std::fprintf(stderr, "learn: not all of this could be written: %s\n", std::strerror(errno));
    return code == 0 ? 1 : code;
  } catch (const std::filesystem::filesystem_error& error) {
    std::fprintf(stderr, "learn: %s\n", about(error).c_str());
    return 1;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "learn: %s\n", error.what());
    return 1;
  }
}
