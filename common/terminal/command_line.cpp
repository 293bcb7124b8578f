#include "common/terminal/command_line.hpp"

#include <algorithm>
#include <charconv>
#include <iomanip>
#include <limits>
#include <sstream>
#include <system_error>
#include <utility>

#include <CLI/CLI.hpp>

#include "common/terminal/text.hpp"

namespace gpt {

namespace fs = std::filesystem;

namespace {

// A check of an option's text says what is wrong, or nothing: "". CLI11 puts the option's name before it.

std::string expected(const std::string& what, const std::string& got) {
  const std::size_t most = 60;
  return "expected " + what + ", got '" + (got.size() > most ? got.substr(0, most) + "..." : got) + "'";
}

/// " - did you mean --steps?", or "" if nothing is near.
std::string did_you_mean(const std::string& word, const std::vector<std::string>& known) {
  const std::string near = nearest(word, known);
  return near.empty() ? "" : " - did you mean " + near + "?";
}

auto one_of(const std::vector<std::string>& values) {
  return [values](const std::string& text) {
    const bool known = std::find(values.begin(), values.end(), text) != values.end();
    return known ? "" : expected("one of " + joined(values, ", "), text) + did_you_mean(text, values);
  };
}

/// In decimal digits: CLI11 would also take "0x10", and "010" as 8, each in some of its versions.
CLI::Validator whole_number(std::uint64_t low, std::uint64_t high) {
  const std::string what = "a whole number from " + std::to_string(low) + " to " + std::to_string(high);
  const auto in_plain_digits = [=](std::string& text) -> std::string {
    std::uint64_t value = 0;
    const char* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value);
    if (error != std::errc() || stop != end || value < low || value > high) return expected(what, text);
    text = std::to_string(value);
    return "";
  };
  return {in_plain_digits, ""};
}

/// In decimal digits: CLI11 would also take "nan" and "0x1p-3".
auto real_number(double low, double high) {
  std::ostringstream what;
  what << "a number from " << low << " to " << high;
  return [what = what.str(), range = CLI::Range(low, high)](const std::string& text) {
    const bool digits = text.find_first_not_of("+-.0123456789eE") == std::string::npos;
    return digits && range(text).empty() ? "" : expected(what, text);
  };
}

/// Better now than after an hour of training.
std::string file_to_write(const std::string& text) {
  const fs::path file(text);
  const fs::path folder = file.has_parent_path() ? file.parent_path() : fs::path(".");
  std::error_code ignored;
  if (text.empty()) return expected("a file to write", text);
  if (!fs::is_directory(folder, ignored))
    return "cannot write " + text + ": there is no folder " + folder.string() + " - create it first";
  if (!file.has_filename() || fs::is_directory(file, ignored))
    return "expected a file to write, but " + text + " is a folder";
  // A finished file is renamed into place, which would replace /dev/null itself.
  if (fs::exists(file, ignored) && !fs::is_regular_file(file, ignored))
    return "expected a file to write, but " + text + " is not a regular file";
  return "";
}

template <class Value>
std::string by_default(const Value& value) {
  std::ostringstream text;
  text << " (default: " << value << ")";
  return text.str();
}

template <class Value>
std::string by_default(const std::optional<Value>& value) {
  return value ? by_default(*value) : " (default: the chapter's)";
}

template <class Target>
CLI::Option* option(CLI::App& app, const std::string& name, Target& target, const std::string& type,
                    const std::string& help) {
  // CLI11 takes whatever comes next. A text to speak may begin like an option, if it is none.
  const auto no_option = [&app, name](const std::string& text) {
    const bool is_option = app.get_option_no_throw(text.substr(0, text.find('='))) != nullptr;
    const bool refused = text.starts_with("--") && (is_option || name != "--prompt");
    return refused ? "expected a value, but " + text + " came next" : "";
  };
  return app.add_option(name, target, help)->type_name(type)->check(no_option);
}

template <class Number>
void whole(CLI::App& app, const std::string& name, Number& target, std::uint64_t low, std::uint64_t high,
           const std::string& help) {
  option(app, name, target, "N", help + by_default(target))->transform(whole_number(low, high));
}

/// All options, in the order of --help.
void add_options(CLI::App& app, std::span<Choice> choices, RunOptions& options) {
  app.option_defaults()->group("This chapter");
  for (Choice& choice : choices) {
    const std::string help = choice.help + by_default(choice.value);
    option(app, choice.option, choice.value, joined(choice.values, "|"), help)->check(one_of(choice.values));
  }

  app.option_defaults()->group("Training");
  option(app, "--data", options.data, "NAME|FILE",
         "play, tinyshakespeare or a file (default: tinyshakespeare if present)")
      ->check([](const std::string& text) {
        return text.empty() ? expected("play, tinyshakespeare or a text file", text) : "";
      });
  whole(app, "--steps", options.steps, 0, 1'000'000'000, "Steps to train; 0 speaks untrained");
  whole(app, "--batch", options.batch, 1, 65'536, "Sequences in a batch");
  whole(app, "--context", options.context, 1, 65'536, "Characters that the model looks back");
  option(app, "--lr", options.lr, "X", "Learning rate" + by_default(options.lr))
      ->check(real_number(1e-9, 100));
  whole(app, "--eval-every", options.eval_every, 1, 1'000'000'000, "Steps between two evaluations");
  whole(app, "--seed", options.seed, 0, std::numeric_limits<std::uint64_t>::max(), "Same seed, same run");
  option(app, "--threads", options.threads, "N",
         "Threads to compute with (default: one for each processor core)")
      ->transform(whole_number(1, 4096));
  option(app, "--precision", options.precision, "P",
         "Make matrix products from float32 or bfloat16" + by_default(options.precision))
      ->check(one_of({"float32", "bfloat16"}));

  app.option_defaults()->group("Speaking");
  option(app, "--prompt", options.prompt, "TEXT", "Where the spoken text begins (default: a new line)");
  whole(app, "--tokens", options.tokens, 0, 10'000'000, "Characters to speak");
  option(app, "--temperature", options.temperature, "X",
         "Below 1 surer, above 1 wilder, 0 always the likeliest" + by_default(options.temperature))
      ->check(real_number(0, 1000));
  option(app, "--top-k", options.top_k, "K", "Choose among the K likeliest characters only (default: 0, all)")
      ->transform(whole_number(0, 1'000'000));

  app.option_defaults()->group("Files");
  option(app, "--save", options.save, "FILE", "Write the trained model, as safetensors")
      ->check(file_to_write);
  option(app, "--load", options.load, "FILE",
         "Begin with a saved model: speak, or train on if --steps is given")
      ->check([folders = options.folders](const std::string& path) {
        return folders && CLI::ExistingDirectory(path).empty() ? "" : CLI::ExistingFile(path);
      });
  option(app, "--report", options.report, "FILE.json", "Write sizes, losses, speed and the spoken text")
      ->check(file_to_write);
  option(app, "--trace", options.trace, "FILE.json",
         "Write the numbers inside the model while it reads the prompt")
      ->check(file_to_write);
  app.add_flag("--quiet", options.quiet, "Print the losses at the end only; with --report, nothing")
      ->disable_flag_override();
}

std::string about_unknown(const std::string& word, const CLI::App& app) {
  if (!word.starts_with('-') || word == "-") return expected("options, which begin with --", word);
  std::vector<std::string> names;
  for (const CLI::Option* const known : app.get_options())
    names.push_back("--" + known->get_lnames().front());
  return "there is no option " + word + did_you_mean(word.substr(0, word.find('=')), names);
}

/// Whatever CLI11 throws becomes our sentence, here and nowhere else.
void parse(CLI::App& app, int argc, const char* const* argv, const std::string& examples) {
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];  // "--steps=" would take the next word as its value
    if (word.starts_with("--") && word.find('=') == word.size() - 1)
      throw CommandLineError(word.substr(0, word.size() - 1) + ": expected a value after '=', got nothing");
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    throw HelpRequested(app.help() + examples);
  } catch (const CLI::ExtrasError&) {
    std::vector<std::string> words = app.remaining();
    if (words.size() > 1 && words.front() == "--") words.erase(words.begin());
    throw CommandLineError(about_unknown(words.front(), app));
  } catch (const CLI::ParseError& error) {
    const std::string text = error.what(), option = text.substr(0, text.find(':'));
    const bool no_value = text.ends_with(" missing");  // "--steps: 1 required N missing"
    throw CommandLineError(no_value ? option + ": expected a value, got nothing" : text);
  }
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

/// Calls that can be pasted.
std::string examples(const std::string& called_as) {
  std::ostringstream quoted;
  quoted << std::quoted(called_as);
  const bool plain = called_as.find_first_of(" ()[]&;'") == std::string::npos;
  const std::string program = program_name(plain ? called_as : quoted.str());
  return "Examples:\n  " + program + " --data play --steps 500\n  " + program + " --save my.safetensors\n  " +
         program + " --load my.safetensors --prompt \"KING:\" --temperature 0.8\n";
}

}  // namespace

RunOptions parse_command_line(int argc, const char* const* argv, const std::string& description,
                              std::span<Choice> choices, const RunOptions& defaults) {
  RunOptions options = defaults;
  options.words.assign(argv, argv + argc);
  const std::string called_as = argc > 0 ? argv[0] : "";
  CLI::App app(description, program_name(fs::path(called_as).filename().string()));
  app.set_help_flag("-h,--help", "Print this help and end");
  app.get_formatter()->column_width(24);
  add_options(app, choices, options);
  parse(app, argc, argv, examples(called_as));
  for (Choice& choice : choices) choice.given = app.count(choice.option) > 0;
  require_different_files(options);
  return options;
}

RunOptions parse_command_line(int argc, const char* const* argv, const std::string& description,
                              Choice* choice, const RunOptions& defaults) {
  return parse_command_line(argc, argv, description, std::span(choice, choice != nullptr ? 1 : 0), defaults);
}

}  // namespace gpt
