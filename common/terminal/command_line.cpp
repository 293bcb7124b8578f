#include "common/terminal/command_line.hpp"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>  // program_invocation_short_name
#include <charconv>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <iomanip>
#include <iostream>
#include <limits>
#include <new>
#include <sstream>
#include <system_error>
#include <utility>

#include <CLI/CLI.hpp>

#include "common/terminal/interrupt.hpp"
#include "common/terminal/text.hpp"

namespace gpt {

namespace fs = std::filesystem;

namespace {

/// A check of an option's text: what is wrong with it, or nothing.
CLI::Validator check(const std::function<std::string(const std::string&)>& problem) {
  return {[problem](std::string& text) { return problem(text); }, ""};
}

std::string expected(const std::string& what, const std::string& got) {
  const std::size_t most = 60;
  return "expected " + what + ", got '" + (got.size() > most ? got.substr(0, most) + "..." : got) + "'";
}

CLI::Validator not_empty(const std::string& what) {
  return check([what](const std::string& text) { return text.empty() ? expected(what, text) : ""; });
}

/// A whole number in decimal digits: CLI11 would also take "0x10", and "010" as 8, each in some of its versions.
CLI::Validator whole_number(std::uint64_t low, std::uint64_t high) {
  const std::string what = "a whole number from " + std::to_string(low) + " to " + std::to_string(high);
  return {[=](std::string& text) {
            std::uint64_t value = 0;
            const char* const end = text.data() + text.size();
            const auto [stop, error] = std::from_chars(text.data(), end, value);
            if (error != std::errc() || stop != end || value < low || value > high)
              return expected(what, text);
            text = std::to_string(value);
            return std::string();
          },
          ""};
}

/// A number in decimal digits: CLI11 would also take "nan" and "0x1p-3".
CLI::Validator real_number(double low, double high) {
  std::ostringstream what;
  what << "a number from " << low << " to " << high;
  return {[what = what.str(), range = CLI::Range(low, high)](std::string& text) {
            const bool digits = text.find_first_not_of("+-.0123456789eE") == std::string::npos;
            return digits && range(text).empty() ? std::string() : expected(what, text);
          },
          ""};
}

/// Better now than after an hour of training.
CLI::Validator file_to_write() {
  return check([](const std::string& text) -> std::string {
    const fs::path file(text);
    const fs::path folder = file.has_parent_path() ? file.parent_path() : fs::path(".");
    std::error_code ignored;
    if (text.empty()) return expected("a file to write", text);
    if (!fs::is_directory(folder, ignored)) {
      return "cannot write " + text + ": there is no folder " + folder.string() + " - create it first";
    }
    if (!file.has_filename() || fs::is_directory(file, ignored)) {
      return "expected a file to write, but " + text + " is a folder";
    }
    // A finished file is renamed into place, which would replace /dev/null itself.
    if (fs::exists(file, ignored) && !fs::is_regular_file(file, ignored)) {
      return "expected a file to write, but " + text + " is not a regular file";
    }
    return {};
  });
}

/// " - did you mean --steps?", or "" if nothing is near.
std::string did_you_mean(const std::string& word, const std::vector<std::string>& known) {
  const std::string near = nearest(word, known);
  return near.empty() ? "" : " - did you mean " + near + "?";
}

CLI::Validator one_of(const std::vector<std::string>& values) {
  return check([values](const std::string& text) {
    const bool known = std::find(values.begin(), values.end(), text) != values.end();
    return known ? "" : expected("one of " + joined(values, ", "), text) + did_you_mean(text, values);
  });
}

template <class Number>
std::string shown(const std::optional<Number>& value) {
  std::ostringstream text;
  if (value) text << *value;
  return " (default: " + (value ? text.str() : "the chapter's") + ")";
}

/// The options, as CLI11 wants to know them.
class Parser {
 public:
  Parser(const std::string& description, const std::string& program) : app_(description, program) {
    app_.set_help_flag("-h,--help", "Print this help and end");
    app_.get_formatter()->column_width(24);
  }

  void group(const std::string& name) { group_ = name; }

  template <class Target>
  CLI::Option* option(const std::string& name, const std::string& type, const std::string& help,
                      Target& target) {
    // CLI11 takes whatever comes next. A text to speak may begin like an option, if it is none.
    const auto no_option = check([this, name](const std::string& text) {
      const bool is_option = app_.get_option_no_throw(text.substr(0, text.find('='))) != nullptr;
      return text.starts_with("--") && (is_option || name != "--prompt")
                 ? "expected a value, but " + text + " came next"
                 : std::string();
    });
    return app_.add_option(name, target, help)->type_name(type)->group(group_)->check(no_option);
  }

  template <class Target>
  void whole(const std::string& name, const std::string& help, Target& target, std::uint64_t low,
             std::uint64_t high, const std::string& type = "N") {
    option(name, type, help, target)->transform(whole_number(low, high));
  }

  template <class Target>
  void real(const std::string& name, const std::string& help, Target& target, double low, double high) {
    option(name, "X", help, target)->check(real_number(low, high));
  }

  void flag(const std::string& name, bool& target, const std::string& help) {
    app_.add_flag(name, target, help)->disable_flag_override()->group(group_);
  }

  void parse(int argc, const char* const* argv, const std::string& examples) {
    for (int i = 1; i < argc; ++i) {
      const std::string word = argv[i];  // "--steps=" would take the next word as its value
      if (word.starts_with("--") && word.find('=') == word.size() - 1) {
        throw CommandLineError(word.substr(0, word.size() - 1) + ": expected a value after '=', got nothing");
      }
    }
    try {
      app_.parse(argc, argv);
    } catch (const CLI::CallForHelp&) {
      throw HelpRequested(app_.help() + examples);
    } catch (const CLI::ExtrasError&) {
      std::vector<std::string> words = app_.remaining();
      if (words.size() > 1 && words.front() == "--") words.erase(words.begin());
      throw CommandLineError(about_unknown(words.front()));
    } catch (const CLI::ParseError& error) {
      const std::string text = error.what(), option = text.substr(0, text.find(':'));
      const bool no_value = text.ends_with(" missing");  // "--steps: 1 required N missing"
      throw CommandLineError(no_value ? option + ": expected a value, got nothing" : text);
    }
  }

 private:
  std::string about_unknown(const std::string& word) const {
    if (!word.starts_with('-') || word == "-")
      return "expected options, which begin with --, got '" + word + "'";
    std::vector<std::string> names;
    for (const CLI::Option* const known : app_.get_options())
      names.push_back("--" + known->get_lnames().front());
    return "there is no option " + word + did_you_mean(word.substr(0, word.find('=')), names);
  }

  CLI::App app_;
  std::string group_;
};

void add_training(Parser& parser, RunOptions& options) {
  parser.group("Training");
  parser
      .option("--data", "NAME|FILE", "play, tinyshakespeare or a file (default: tinyshakespeare if present)",
              options.data)
      ->check(not_empty("play, tinyshakespeare or a text file"));
  parser.whole("--steps", "Steps to train; 0 speaks untrained" + shown(options.steps), options.steps, 0,
               1'000'000'000);
  parser.whole("--batch", "Sequences in a batch" + shown(options.batch), options.batch, 1, 65'536);
  parser.whole("--context", "Characters that the model looks back" + shown(options.context), options.context,
               1, 65'536);
  parser.real("--lr", "Learning rate" + shown(options.lr), options.lr, 1e-9, 100);
  parser.whole("--eval-every", "Steps between two evaluations" + shown(options.eval_every),
               options.eval_every, 1, 1'000'000'000);
  parser.whole("--seed", "Same seed, same run" + shown(std::optional(options.seed)), options.seed, 0,
               std::numeric_limits<std::uint64_t>::max());
  parser.whole("--threads", "Threads to compute with (default: one for each processor core)", options.threads,
               1, 4096);
  parser
      .option("--precision", "P",
              "Make matrix products from float32 or bfloat16" + shown(std::optional(options.precision)),
              options.precision)
      ->check(one_of({"float32", "bfloat16"}));
}

void add_speaking(Parser& parser, RunOptions& options) {
  parser.group("Speaking");
  parser.option("--prompt", "TEXT", "Where the spoken text begins (default: a new line)", options.prompt);
  parser.whole("--tokens", "Characters to speak" + shown(std::optional(options.tokens)), options.tokens, 0,
               10'000'000);
  parser.real(
      "--temperature",
      "Below 1 surer, above 1 wilder, 0 always the likeliest" + shown(std::optional(options.temperature)),
      options.temperature, 0, 1000);
  parser.whole("--top-k", "Choose among the K likeliest characters only (default: 0, all)", options.top_k, 0,
               1'000'000, "K");
}

void add_files(Parser& parser, RunOptions& options) {
  parser.group("Files");
  parser.option("--save", "FILE", "Write the trained model, as safetensors", options.save)
      ->check(file_to_write());
  parser
      .option("--load", "FILE", "Begin with a saved model: speak, or train on if --steps is given",
              options.load)
      ->check(check([&options](const std::string& path) {
        std::error_code ignored;
        if (options.folders && fs::is_directory(path, ignored)) return std::string();
        return CLI::ExistingFile(path);
      }));
  parser.option("--report", "FILE.json", "Write sizes, losses, speed and the spoken text", options.report)
      ->check(file_to_write());
  parser
      .option("--trace", "FILE.json", "Write the numbers inside the model while it reads the prompt",
              options.trace)
      ->check(file_to_write());
  parser.flag("--quiet", options.quiet, "Print the losses at the end only; with --report, nothing");
}

void add_choice(Parser& parser, Choice& choice) {
  parser.group("This chapter");
  parser
      .option(choice.option, joined(choice.values, "|"), choice.help + " (default: " + choice.value + ")",
              choice.value)
      ->check(one_of(choice.values))
      ->check(check([&choice](const std::string&) {
        choice.given = true;
        return std::string();
      }));
}

/// Writing the report over the corpus, or over the model that was just saved, is not what anybody wants; what was
/// loaded may be trained on and saved again.
void require_different_files(const RunOptions& options) {
  const std::vector<std::pair<std::string, fs::path>> files{{"--trace", options.trace},
                                                            {"--report", options.report},
                                                            {"--save", options.save},
                                                            {"--data", options.data},
                                                            {"--load", options.load}};
  for (std::size_t i = 0; i < 3; ++i) {  // those that are written
    for (std::size_t j = i + 1; j < files.size(); ++j) {
      const auto& [a, first] = files[i];
      const auto& [b, second] = files[j];
      std::error_code ignored;
      if (first.empty() || second.empty() || (a == "--save" && b == "--load")) continue;
      if (fs::absolute(first).lexically_normal() == fs::absolute(second).lexically_normal() ||
          fs::equivalent(first, second, ignored)) {
        throw CommandLineError(a + " and " + b + ": expected two files, got " + first.string() + " for both");
      }
    }
  }
}

/// As the reader called it: whoever has called this program for them may say by what command that was (learn does).
std::string program_name(const std::string& otherwise = {}) {
  const char* const called_as = std::getenv("BARDLING_CALLED_AS");
  if (called_as != nullptr && *called_as != 0) return called_as;
  if (!otherwise.empty()) return otherwise;
#if defined(__GLIBC__)
  return program_invocation_short_name;
#elif defined(__APPLE__) || defined(__FreeBSD__)
  return getprogname();
#else
  return "bardling";
#endif
}

/// How the reader calls the program, for examples that can be pasted: as learn says, or by the first word.
std::string called_as(const std::string& first_word) {
  const char* const by_learn = std::getenv("BARDLING_CALLED_AS");
  if (by_learn != nullptr) return by_learn;
  std::ostringstream quoted;
  if (first_word.find_first_of(" ()[]&;'") == std::string::npos) return first_word;
  quoted << std::quoted(first_word);
  return quoted.str();
}

/// One line, whatever the message holds.
int report_failure(std::string message, int exit_code) {
  for (char& c : message) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f) c = ' ';
  }
  std::cout.flush();
  std::cerr << program_name() << ": " << message << std::endl;
  return exit_code;
}

/// Has whoever read our output left?
bool broken_pipe() {
  pollfd out{STDOUT_FILENO, POLLOUT, 0};
  return ::poll(&out, 1, 0) == 1 && (out.revents & POLLERR) != 0;
}

}  // namespace

RunOptions parse_command_line(int argc, const char* const* argv, const std::string& description,
                              Choice* choice, const RunOptions& defaults) {
  return parse_command_line(argc, argv, description, std::span(choice, choice != nullptr ? 1 : 0), defaults);
}

RunOptions parse_command_line(int argc, const char* const* argv, const std::string& description,
                              std::span<Choice> choices, const RunOptions& defaults) {
  RunOptions options = defaults;
  const std::string program = program_name(argc > 0 ? fs::path(argv[0]).filename().string() : "");
  Parser parser(description, program);
  for (Choice& choice : choices) add_choice(parser, choice);
  add_training(parser, options);
  add_speaking(parser, options);
  add_files(parser, options);
  std::string examples = "Examples:\n";
  for (const char* const example : {" --data play --steps 500", " --save my.safetensors",
                                    " --load my.safetensors --prompt \"KING:\" --temperature 0.8"}) {
    examples += "  " + called_as(argc > 0 ? argv[0] : program) + example + "\n";
  }
  parser.parse(argc, argv, examples);
  require_different_files(options);
  options.words.assign(argv, argv + argc);
  return options;
}

int run_program(const std::function<void()>& body) {
  std::signal(SIGPIPE, SIG_IGN);
  try {
    body();
    errno = 0;
    if (!std::cout.flush() || std::fflush(stdout) != 0 || std::ferror(stdout)) {
      if (errno == EPIPE || broken_pipe()) return 128 + SIGPIPE;
      return report_failure("cannot write to standard output", 1);
    }
    return 0;
  } catch (const Interrupted& interrupted) {
    return 128 + interrupted.signal();
  } catch (const HelpRequested& help) {
    std::cout << help.what() << std::flush;
    return 0;
  } catch (const CommandLineError& error) {
    return report_failure(std::string(error.what()) + " (--help explains the options)", 2);
  } catch (const std::bad_alloc&) {
    return report_failure("not enough memory - try a smaller --batch or --context", 1);
  } catch (const std::exception& error) {
    return report_failure(error.what(), 1);
  } catch (...) {
    return report_failure("failed, and did not say why", 1);
  }
}

}  // namespace gpt
