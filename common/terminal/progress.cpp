#include "common/terminal/progress.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <utility>

#include "common/terminal/screen.hpp"
#include "common/terminal/text.hpp"

namespace gpt {

namespace {

constexpr auto time_between_draws = std::chrono::milliseconds(100);
constexpr std::size_t widest_bar = 30;
constexpr std::size_t narrowest_bar = 10;
constexpr std::size_t never = std::numeric_limits<std::size_t>::max();

bool locale_is_utf8() {
  for (const char* const name :
       {"LC_ALL", "LC_CTYPE", "LANG"}) {  // the first that is set decides, as POSIX has it
    const char* const set = std::getenv(name);
    std::string value = set == nullptr ? "" : set;
    if (value.empty()) continue;
    std::transform(value.begin(), value.end(), value.begin(),
                   [](unsigned char c) { return std::tolower(c); });
    return value.find("utf-8") != std::string::npos || value.find("utf8") != std::string::npos;
  }
  return false;
}

/// As much of the text as fits.
std::string cut(const std::string& text, std::size_t columns) {
  std::size_t end = 0;
  while (end < text.size() && columns_of(text.substr(0, end + 1)) <= columns) ++end;
  return text.substr(0, end);
}

/// "  500/3,000": as wide as "3,000/3,000", so that nothing beside it moves.
std::string steps_of(std::size_t done, std::size_t last) {
  const std::string end = with_commas(last);
  const std::string begin = with_commas(done);
  return std::string(end.size() > begin.size() ? end.size() - begin.size() : 0, ' ') + begin + "/" + end;
}

std::string fixed(double value, int decimals) {
  std::array<char, 400> text{};
  std::snprintf(text.data(), text.size(), "%.*f", decimals, value);
  return text.data();
}

/// 75.3 -> "1:15", 3675 -> "1:01:15"
std::string minutes(double seconds) {
  if (!(seconds < 1e9)) return "-:--";
  const auto whole = static_cast<long>(seconds);
  std::array<char, 64> text{};
  if (whole < 3600) {
    std::snprintf(text.data(), text.size(), "%ld:%02ld", whole / 60, whole % 60);
  } else {
    std::snprintf(text.data(), text.size(), "%ld:%02ld:%02ld", whole / 3600, whole / 60 % 60, whole % 60);
  }
  return text.data();
}

}  // namespace

Progress::Progress(std::string title, std::size_t first_step, std::size_t last_step, bool quiet, int fd)
    : title_(std::move(title)),
      first_step_(first_step),
      last_step_(std::max(first_step, last_step)),
      done_(first_step),
      fd_(fd),
      style_(quiet           ? Style::quiet
             : is_screen(fd) ? Style::bar
                             : Style::lines),
      utf8_(locale_is_utf8()),
      colour_(colours_allowed()),
      start_(Clock::now()),
      last_draw_(start_),
      next_look_(style_ == Style::bar ? first_step + 1 : never) {
  if (style_ == Style::bar) draw(/*final=*/false);
}

void Progress::evaluated(std::size_t done, float train_loss, float val_loss, bool best) {
  done_ = done;
  train_loss_ = train_loss;
  val_loss_ = val_loss;
  evaluated_ = true;
  if (style_ == Style::bar) draw(/*final=*/false);
  if (style_ == Style::lines) {
    write(title_ + "  step " + steps_of(done, last_step_) + "  train " + fixed(train_loss, 4) + "  val " +
          fixed(val_loss, 4) + (best ? "  best so far\n" : "\n"));
  }
}

void Progress::finish() {
  if (std::exchange(finished_, true)) return;
  next_look_ = never;
  if (style_ == Style::bar) draw(/*final=*/true);
  if (style_ == Style::lines) {
    const std::string rate_text = rate();
    write(title_ + "  " + steps_of(done_, last_step_) + " steps in " + minutes(elapsed()) +
          (rate_text.empty() ? "\n" : "  " + rate_text + "\n"));
  }
}

void Progress::look_at_clock() {
  const Clock::time_point now = Clock::now();
  if (now - last_draw_ >= time_between_draws) draw(/*final=*/false);
  // Look again after as many steps as take about a fifth of the time between two draws at the speed so far.
  const double seconds = std::chrono::duration<double>(time_between_draws).count() / 5;
  next_look_ = done_ + 1 + static_cast<std::size_t>(std::min(steps_per_second() * seconds, 1e6));
}

/// One write for the whole line, over the old one, and only then the rest of the old one erased: no flicker.
void Progress::draw(bool final) {
  last_draw_ = Clock::now();
  // A character in the last column would make some terminals wrap.
  write("\r" + line(screen_columns(fd_, /*otherwise=*/80) - 1, final) + "\x1b[K" + (final ? "\n" : ""));
}

std::string Progress::line(std::size_t columns, bool final) const {
  const double left = static_cast<double>(last_step_ - std::min(done_, last_step_)) / steps_per_second();
  std::string losses;
  if (!std::isnan(train_loss_) || done_ > first_step_) losses = "train " + fixed(train_loss_, 3);
  if (evaluated_) losses += "  val " + fixed(val_loss_, 3);

  enum { title, steps, speed, time, loss };
  std::array<std::string, 5> parts{title_, steps_of(done_, last_step_), rate(),
                                   final                  ? "in " + minutes(elapsed())
                                   : done_ == first_step_ ? ""
                                                          : minutes(left) + " left",
                                   losses};
  const auto width = [&] {
    std::size_t sum = 0;
    for (const std::string& part : parts) {
      if (!part.empty()) sum += columns_of(part) + (sum == 0 ? 0 : 2);
    }
    return sum;
  };
  // A bar says more than the title, which the reader has seen, and than the speed, which the time implies.
  for (const auto dispensable : {title, speed}) {
    if (width() + 2 + narrowest_bar > columns) parts[dispensable].clear();
  }
  for (const auto dispensable : {time, loss}) {
    if (width() > columns) parts[dispensable].clear();
  }
  if (width() > columns) return cut(parts[steps], columns);

  const std::size_t room = columns - width();
  const std::string picture = room >= narrowest_bar + 2 ? bar(std::min(room - 2, widest_bar)) : "";
  std::string text;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (i == steps && !picture.empty()) text += (text.empty() ? "" : "  ") + picture;
    if (!parts[i].empty()) text += (text.empty() ? "" : "  ") + parts[i];
  }
  return text;
}

std::string Progress::bar(std::size_t columns) const {
  const std::size_t total = last_step_ - first_step_;
  const std::size_t done = std::min(done_, last_step_) - first_step_;
  const double part = total == 0 ? 1 : static_cast<double>(done) / static_cast<double>(total);
  const auto halves = static_cast<std::size_t>(part * 2 * static_cast<double>(columns));
  const std::size_t whole = halves / 2;
  const bool half = halves % 2 == 1;
  std::string full, rest;
  for (std::size_t i = 0; i < whole; ++i) full += utf8_ ? "━" : "=";
  if (half) full += utf8_ ? "╸" : "-";
  for (std::size_t i = whole + half; i < columns; ++i) rest += utf8_ && colour_ ? "━" : utf8_ ? " " : ".";
  return colour_ ? "\x1b[32m" + full + "\x1b[90m" + rest + "\x1b[0m" : full + rest;  // green, grey
}

/// "18,400 steps/s", or "2.5 s/step" where steps are slow; "" before the first.
std::string Progress::rate() const {
  const double speed = steps_per_second();
  if (!(speed > 0)) return "";
  if (speed < 1) return fixed(1 / speed, 1) + " s/step";
  return (speed < 100 ? fixed(speed, 1) : with_commas(static_cast<std::size_t>(std::min(speed, 1e12)))) +
         " steps/s";
}

double Progress::elapsed() const { return std::chrono::duration<double>(Clock::now() - start_).count(); }

double Progress::steps_per_second() const {
  return static_cast<double>(done_ - first_step_) / std::max(elapsed(), 1e-9);
}

void Progress::write(const std::string& text) const {
  std::cout.flush();  // what was printed before shall be read before
  for (std::size_t at = 0; at < text.size();) {
    const ssize_t written = ::write(fd_, text.data() + at, text.size() - at);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return;  // nobody is watching any more: no reason to stop training
    at += static_cast<std::size_t>(written);
  }
}

}  // namespace gpt
