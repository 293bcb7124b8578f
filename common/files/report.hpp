/// @file report.hpp
/// What a training run leaves behind for others to read: its sizes, its losses, its speed, and what it said.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <optional>
#include <string>
#include <vector>

namespace gpt {

/// Losses at one moment of training, in nats a character.
struct CurvePoint {
  std::size_t step = 0;  ///< steps taken before
  float train = 0;       ///< on text that the model learns from
  float val = 0;         ///< on text that it never saw
};

/// How often a model was right.
struct Score {
  std::string name;  ///< at what
  float share = 0;   ///< from 0, never, to 1, always
};

/// One run of a chapter's program. In the file, each field has the name that it has here; a loss that is not
/// a finite number, and a published loss that there is not, are null.
struct Report {
  static constexpr float unknown = std::numeric_limits<float>::quiet_NaN();  ///< a loss not measured yet

  int chapter = 0;             ///< its number, of two digits at most
  std::string title;           ///< what the chapter adds, in a few words
  std::string variant;         ///< "residual" of --stage, "laptop" of --size; "" where there is no choice
  std::string corpus;          ///< Corpus::name
  std::string fingerprint;     ///< Corpus::fingerprint: two texts may have one name; not in the file if empty
  std::size_t parameters = 0;  ///< numbers that training adjusts
  std::size_t steps = 0;       ///< steps taken, those of a run that was loaded included
  std::size_t batch = 0;       ///< B
  std::size_t context = 0;     ///< T
  float lr = 0;                ///< learning rate; of a schedule, what it goes up to
  std::uint64_t seed = 0;      ///< of all random numbers of the run
  std::size_t threads = 0;     ///< threads used
  std::string gemm;            ///< who multiplies matrices: "oneDNN", "portable", or bfloat16_name()
  double seconds = 0;          ///< spent training, evaluations included
  double step_ms_median = 0;   ///< milliseconds of the median step, evaluations not included
  float train_loss = unknown;  ///< exact, over the whole split
  float val_loss = unknown;    ///< exact, over the whole split
  std::optional<float>
      bits_per_character;  ///< val_loss for models of any tokens; none, and not in the file, of no text
  std::optional<float> published_val_loss;  ///< none unless the corpus and the model are the published ones
  bool interrupted = false;                 ///< stopped by Ctrl-C before the last step
  std::vector<CurvePoint> curve;            ///< one point per evaluation
  std::vector<Score> scores;  ///< how often it was right; not in the file if that cannot be told
  std::string sample;         ///< what the model said at the end
};

/// Writes it as JSON, to a temporary file first, which is then renamed: the file is
/// there whole or not at all.
/// @throws std::runtime_error if it cannot be written
void write_report(const std::filesystem::path& file, const Report& report);

/// @throws std::runtime_error if there is no such file, or if it is not what write_report() writes
Report read_report(const std::filesystem::path& file);

}  // namespace gpt
