/// @file progress.hpp
/// How training goes, for a person who watches: a bar in a terminal, plain lines in a file.
#pragma once

#include <chrono>
#include <cstddef>
#include <limits>
#include <string>

namespace gpt {

/// In a terminal, one line that is redrawn at most ten times a second:
///
///     Chapter 1 ━━━━━━━╸      1,960/3,000  18,400 steps/s  0:01 left  train 2.472  val 2.501
///
/// Elsewhere (a pipe, a file, TERM=dumb) one line per evaluation. A narrow terminal loses the less important
/// parts. Colour is left out if NO_COLOR is set (no-color.org), box characters if the locale is not UTF-8.
class Progress {
 public:
  /// @param title      what is being trained, at the start of the line
  /// @param first_step steps that were done before, in a run that was loaded
  /// @param last_step  where training ends
  /// @param quiet      write nothing at all
  /// @param fd         where to write; standard error by default, so that the text
  /// the model speaks stays apart
  Progress(std::string title, std::size_t first_step, std::size_t last_step, bool quiet, int fd = 2);

  /// Ends the line, also when training fails, so that what comes next starts on its own.
  ~Progress() { finish(); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// After every step. Costs a nanosecond: the clock is read only every few steps, as often as a bar needs.
  /// @param done steps done, from first_step + 1 to last_step
  /// @param loss of this step's batch
  void step(std::size_t done, float loss) {
    done_ = done;
    train_loss_ = loss;
    if (done >= next_look_) look_at_clock();
  }

  /// After each evaluation over whole splits.
  /// @param best the lowest validation loss so far?
  void evaluated(std::size_t done, float train_loss, float val_loss, bool best);

  /// Shows where training stopped and how long it took. A second call does nothing.
  void finish();

 private:
  using Clock = std::chrono::steady_clock;
  enum class Style { quiet, lines, bar };

  void look_at_clock();
  void draw(bool final);
  std::string line(std::size_t columns, bool final) const;
  std::string bar(std::size_t columns) const;
  std::string rate() const;
  double elapsed() const;
  double steps_per_second() const;
  void write(const std::string& text) const;

  std::string title_;
  std::size_t first_step_, last_step_, done_;
  int fd_;
  Style style_;
  bool utf8_, colour_;
  bool finished_ = false;
  float train_loss_ = std::numeric_limits<float>::quiet_NaN();  // NaN: not known yet
  float val_loss_ = std::numeric_limits<float>::quiet_NaN();
  bool evaluated_ = false;
  Clock::time_point start_, last_draw_;
  std::size_t next_look_;  // the step at which the clock is read again
};

}  // namespace gpt
