#include "common/terminal/command_line.hpp"

#include <algorithm>
#include <cerrno>  // program_invocation_short_name
#include <charconv>
#include <cstdlib>
#include <iostream>
#include <limits>
#include <locale>
#include <new>
#include <numeric>
#include <sstream>
#include <system_error>
#include <utility>

#include <CLI/CLI.hpp>

#include "common/terminal/text.hpp"

namespace gpt {

namespace fs = std::filesystem;

namespace {

/// CLI11 splits the command line and lays out --help. Turning text into numbers is ours: its own conversion
/// takes "0x10" and "010" (as 8), and its messages differ from version to version.
using Convert = std::function<void(const std::string&)>;

[[noreturn]] void refuse(const std::string& option, const std::string& expected, const std::string& got) {
  const std::size_t most = 60;
  const std::string shown = got.size() > most ? got.substr(0, most) + "..." : got;
  throw CommandLineError(option + ": expected " + expected + ", got '" + shown + "'");
}

std::uint64_t whole_number(const std::string& option, const std::string& text, std::uint64_t low,
                           std::uint64_t high) {
  std::uint64_t value = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || stop != end || value < low || value > high) {
    refuse(option, "a whole number from " + std::to_string(low) + " to " + std::to_string(high), text);
  }
  return value;
}

/// std::from_chars for float is missing in some standard libraries; a stream would
/// also take "0x1" or "1,000".
float real_number(const std::string& option, const std::string& text, const std::string& expected, double low,
                  double high) {
  std::istringstream in(text);
  in.imbue(std::locale::classic());
  double value = 0;
  in >> value;
  const bool all_read = !in.fail() && in.peek() == std::istringstream::traits_type::eof();
  const bool only_digits = text.find_first_not_of("+-.0123456789eE") == std::string::npos;
  if (!all_read || !only_digits || !(value >= low && value <= high)) refuse(option, expected, text);
  return static_cast<float>(value);
}

/// Better now than after an hour of training.
fs::path file_to_write(const std::string& option, const std::string& text) {
  if (text.empty()) refuse(option, "a file to write", text);
  const fs::path file(text);
  const fs::path folder = file.has_parent_path() ? file.parent_path() : fs::path(".");
  std::error_code ignored;
  if (!fs::is_directory(folder, ignored)) {
    throw CommandLineError(option + ": cannot write " + text + ": there is no folder " + folder.string() +
                           " - create it first");
  }
  if (!file.has_filename() || fs::is_directory(file, ignored)) {
    throw CommandLineError(option + ": expected a file to write, but " + text + " is a folder");
  }
  // A finished file is renamed into place, which would replace /dev/null itself.
  if (fs::exists(file, ignored) && !fs::is_regular_file(file, ignored)) {
    throw CommandLineError(option + ": expected a file to write, but " + text + " is not a regular file");
  }
  return file;
}

fs::path file_to_read(const std::string& option, const std::string& text) {
  std::error_code ignored;
  if (text.empty()) refuse(option, "a file to read", text);
  if (!fs::exists(text, ignored)) throw CommandLineError(option + ": there is no file " + text);
  if (!fs::is_regular_file(text, ignored)) {
    throw CommandLineError(option + ": expected a file to read, but " + text + " is not a regular file");
  }
  return text;
}

/// " - did you mean --steps?", or "" if nothing is near.
std::string did_you_mean(const std::string& word, const std::vector<std::string>& known) {
  const std::string near = nearest(word, known);
  return near.empty() ? "" : " - did you mean " + near + "?";
}

/// CLI11 2.1 leaves two empty lines after each group.
std::string without_double_gaps(std::string text) {
  for (std::size_t at = 0; (at = text.find("\n\n\n", at)) != std::string::npos;) text.erase(at, 1);
  return text;
}

template <class Number>
std::string shown(const std::optional<Number>& value) {
  std::ostringstream text;
  if (value) text << *value;
  return value ? text.str() : "the chapter's";
}

/// The options, as CLI11 wants to know them.
class Parser {
 public:
  Parser(const std::string& description, const std::string& program) : app_(description, program) {
    app_.set_help_flag("-h,--help", "Print this help and end");
    app_.get_formatter()->column_width(24);
  }

  void group(const std::string& name) { group_ = name; }

  void option(const std::string& name, const std::string& type, const std::string& help, Convert convert) {
    const auto checked = [name, convert](const std::string& text) {
      if (text.rfind("--", 0) == 0) {  // CLI11 takes whatever comes next
        throw CommandLineError(name + ": expected a value, but " + text + " came next");
      }
      convert(text);
    };
    app_.add_option_function<std::string>(name, checked, help)->type_name(type)->group(group_);
  }

  void whole(const std::string& name, const std::string& help, std::optional<std::size_t>& target,
             std::uint64_t low, std::uint64_t high) {
    option(name, "N", help + " (default: " + shown(target) + ")",
           [=, &target](const std::string& text) { target = whole_number(name, text, low, high); });
  }

  void flag(const std::string& name, bool& target, const std::string& help) {
    app_.add_flag(name, target, help)->disable_flag_override()->group(group_);
  }

  void parse(int argc, const char* const* argv, const std::string& examples) {
    for (int i = 1; i < argc; ++i) {
      const std::string word = argv[i];  // "--steps=" would take the next word as its value
      if (word.rfind("--", 0) == 0 && word.find('=') == word.size() - 1) {
        throw CommandLineError(word.substr(0, word.size() - 1) + ": expected a value after '=', got nothing");
      }
    }
    try {
      app_.parse(argc, argv);
    } catch (const CLI::CallForHelp&) {
      throw HelpRequested(without_double_gaps(app_.help()) + examples);
    } catch (const CLI::ExtrasError&) {
      std::vector<std::string> words = app_.remaining();
      if (words.size() > 1 && words.front() == "--") words.erase(words.begin());
      throw CommandLineError(about_unknown(words.front()));
    } catch (const CLI::ParseError& error) {
      throw CommandLineError(about_count(error.what()));
    }
  }

 private:
  std::string about_unknown(const std::string& word) const {
    if (!word.starts_with('-') || word == "-")
      return "expected options, which begin with --, got '" + word + "'";
    std::vector<std::string> names;
    for (const CLI::Option* const known : app_.get_options())
      names.push_back("--" + known->get_lnames().front());
    const std::string hint = did_you_mean(word.substr(0, word.find('=')), names);
    return "there is no option " + word + hint;
  }

  /// The other way to go wrong: no value, or too many.
  std::string about_count(const std::string& fallback) const {
    for (const CLI::Option* const known : app_.get_options()) {
      const std::string name = known->get_lnames().front();
      if (known->count() > 1)
        return "--" + name + ": expected once, got it " + std::to_string(known->count()) + " times";
      if (fallback.find(name) == std::string::npos) continue;
      const bool takes_value = known->get_items_expected_max() > 0;
      return "--" + name + (takes_value ? ": expected a value, got nothing" : ": expected no value, got one");
    }
    return fallback;
  }

  CLI::App app_;
  std::string group_;
};

void add_training(Parser& parser, RunOptions& options) {
  parser.group("Training");
  parser.option("--data", "NAME|FILE",
                "play, tinyshakespeare or a file (default: tinyshakespeare if present)",
                [&](const std::string& text) {
                  if (text.empty()) refuse("--data", "play, tinyshakespeare or a text file", text);
                  options.data = text;
                });
  parser.whole("--steps", "Steps to train; 0 speaks untrained", options.steps, 0, 1'000'000'000);
  parser.whole("--batch", "Sequences in a batch", options.batch, 1, 65'536);
  parser.whole("--context", "Characters that the model looks back", options.context, 1, 65'536);
  parser.option("--lr", "X", "Learning rate (default: " + shown(options.lr) + ")",
                [&](const std::string& text) {
                  options.lr = real_number("--lr", text, "a number from 1e-9 to 100", 1e-9, 100);
                });
  parser.whole("--eval-every", "Steps between two evaluations", options.eval_every, 1, 1'000'000'000);
  parser.option("--seed", "N", "Same seed, same run (default: " + std::to_string(options.seed) + ")",
                [&](const std::string& text) {
                  options.seed = whole_number("--seed", text, 0, std::numeric_limits<std::uint64_t>::max());
                });
  parser.option("--threads", "N", "Threads to compute with (default: one a processor core)",
                [&](const std::string& text) { options.threads = whole_number("--threads", text, 1, 4096); });
}

void add_speaking(Parser& parser, RunOptions& options) {
  parser.group("Speaking");
  parser.option("--prompt", "TEXT", "Where the spoken text begins (default: a new line)",
                [&](const std::string& text) { options.prompt = text; });
  parser.option(
      "--tokens", "N", "Characters to speak (default: " + std::to_string(options.tokens) + ")",
      [&](const std::string& text) { options.tokens = whole_number("--tokens", text, 0, 10'000'000); });
  parser.option("--temperature", "X",
                "Below 1 surer, above 1 wilder, 0 always the likeliest (default: " +
                    shown(std::optional(options.temperature)) + ")",
                [&](const std::string& text) {
                  options.temperature =
                      real_number("--temperature", text, "a number from 0 to 1000", 0, 1000);
                });
  parser.option(
      "--top-k", "K", "Choose among the K likeliest characters only (default: 0, all)",
      [&](const std::string& text) { options.top_k = whole_number("--top-k", text, 0, 1'000'000); });
}

void add_files(Parser& parser, RunOptions& options) {
  parser.group("Files");
  parser.option("--save", "FILE", "Write the trained model, as safetensors",
                [&](const std::string& text) { options.save = file_to_write("--save", text); });
  parser.option("--load", "FILE", "Begin with a saved model: speak, or train on if --steps is given",
                [&](const std::string& text) { options.load = file_to_read("--load", text); });
  parser.option("--report", "FILE.json", "Write sizes, losses, speed and the spoken text",
                [&](const std::string& text) { options.report = file_to_write("--report", text); });
  parser.option("--trace", "FILE.json", "Write the numbers inside the model while it reads the prompt",
                [&](const std::string& text) { options.trace = file_to_write("--trace", text); });
  parser.flag("--quiet", options.quiet, "Print nothing, unless something stops the run");
}

void add_choice(Parser& parser, Choice& choice) {
  parser.group("This chapter");
  parser.option(choice.option, joined(choice.values, "|"), choice.help + " (default: " + choice.value + ")",
                [&choice](const std::string& text) {
                  if (std::find(choice.values.begin(), choice.values.end(), text) == choice.values.end()) {
                    throw CommandLineError(choice.option + ": expected one of " +
                                           joined(choice.values, ", ") + ", got '" + text + "'" +
                                           did_you_mean(text, choice.values));
                  }
                  choice.value = text;
                });
}

/// Writing the report over the corpus, or over the model that was just saved, is not what anybody wants.
void require_different_files(const RunOptions& options) {
  const auto same = [](const fs::path& a, const fs::path& b) {
    std::error_code ignored;
    return !a.empty() && !b.empty() &&
           (fs::absolute(a).lexically_normal() == fs::absolute(b).lexically_normal() ||
            fs::equivalent(a, b, ignored));
  };
  const auto require = [&](const char* a, const fs::path& first, const char* b, const fs::path& second) {
    if (same(first, second)) {
      throw CommandLineError(std::string(a) + " and " + b + ": expected two files, got " + first.string() +
                             " for both");
    }
  };
  require("--save", options.save, "--report", options.report);
  require("--save", options.save, "--data", options.data);
  require("--report", options.report, "--data", options.data);
  require("--report", options.report, "--load", options.load);
  require("--trace", options.trace, "--report", options.report);
  require("--trace", options.trace, "--save", options.save);
  require("--trace", options.trace, "--data", options.data);
  require("--trace", options.trace, "--load", options.load);
}

/// As the reader called it, without folders.
std::string program_name() {
#if defined(__GLIBC__)
  return program_invocation_short_name;
#elif defined(__APPLE__) || defined(__FreeBSD__)
  return getprogname();
#else
  return "bardling";
#endif
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

}  // namespace

RunOptions parse_command_line(int argc, const char* const* argv, const std::string& description,
                              Choice* choice, const RunOptions& defaults) {
  RunOptions options = defaults;
  const std::string program = argc > 0 ? fs::path(argv[0]).filename().string() : program_name();
  Parser parser(description, program);
  if (choice != nullptr) add_choice(parser, *choice);
  add_training(parser, options);
  add_speaking(parser, options);
  add_files(parser, options);
  parser.parse(argc, argv,
               "Examples:\n"
               "  " +
                   program +
                   " --data play --steps 500\n"
                   "  " +
                   program +
                   " --save my.safetensors\n"
                   "  " +
                   program + " --load my.safetensors --prompt \"KING:\" --temperature 0.8\n");
  require_different_files(options);
  return options;
}

int run_program(const std::function<void()>& body) {
  try {
    body();
    if (!std::cout.flush()) return report_failure("cannot write to standard output", 1);
    return 0;
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
