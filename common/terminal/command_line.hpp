/// @file command_line.hpp
/// The options that all chapters' programs share.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "common/terminal/run_program.hpp"  // CommandLineError, HelpRequested

namespace gpt {

/// What the reader asked for. An optional without a value leaves the choice to the chapter.
struct RunOptions {
  std::string data;                       ///< a corpus' name or file; "" is the default corpus
  std::optional<std::size_t> steps;       ///< 0 speaks untrained
  std::optional<std::size_t> batch;       ///< B, >= 1
  std::optional<std::size_t> context;     ///< T, >= 1
  std::optional<std::size_t> eval_every;  ///< steps between evaluations, >= 1
  std::optional<float> lr;                ///< > 0
  std::uint64_t seed = 1337;              ///< of all random numbers
  std::size_t threads = 0;                ///< 0: one for each processor core
  std::string precision = "float32";      ///< of what matrix products are made from, or "bfloat16"
  std::filesystem::path report;           ///< file to write the report to; empty: none
  std::filesystem::path trace;            ///< file to write the numbers inside the model to; empty: none
  std::filesystem::path save;             ///< file to write the checkpoint to; empty: none
  std::filesystem::path load;             ///< checkpoint to start from; empty: none
  bool folders = false;                   ///< in the defaults of a chapter: load may be a folder, too
  std::string prompt;                     ///< text that the model goes on with
  std::size_t tokens = 300;               ///< characters to speak
  float temperature = 1;                  ///< 0: always the likeliest character
  std::size_t top_k = 0;                  ///< choose among the k likeliest; 0: among all
  bool quiet = false;              ///< print the losses at the end only, and with a report not even those
  std::vector<std::string> words;  ///< the command line as it came, the program's name first
};

/// An option of one chapter's own, with a few values to choose from: --stage plain|residual|norm.
struct Choice {
  std::string option;               ///< "--stage"
  std::string help;                 ///< a line for --help
  std::vector<std::string> values;  ///< what may be chosen
  std::string value;                ///< the default; after parsing, what was chosen
  bool given = false;               ///< after parsing, whether the command line chose
};

/// @param description what the program does, at the top of --help
/// @param choices     the chapter's own options, if it has any
/// @param defaults    what holds where the command line says nothing; --help shows it
/// @throws CommandLineError if anything is off: an option unknown, given twice, without a value or out of range, or a
///         file to write whose folder is not there
/// @throws HelpRequested for --help
RunOptions parse_command_line(int argc, const char* const* argv, const std::string& description,
                              std::span<Choice> choices, const RunOptions& defaults = {});
/// The same for a chapter with a single option of its own, or with none.
RunOptions parse_command_line(int argc, const char* const* argv, const std::string& description,
                              Choice* choice = nullptr, const RunOptions& defaults = {});

}  // namespace gpt
