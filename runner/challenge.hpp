/// @file challenge.hpp
/// The open challenges: what each asks for, as a line of its text says it.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "common/files/report.hpp"
#include "runner/repository.hpp"

namespace gpt {

/// chapters/CH/exercise/challenge.md, whose comment says what is measured, in words and numbers:
///
///     <!-- challenge: loss 2.35 parameters 7553 steps 5000 batch 32 context 8 lr 0.001
///          files 02_self_attention/head.hpp 02_self_attention/main.cpp -->
///
/// `loss` is to be undercut by the mean of the seeds; of `parameters` there may be no more; steps, batch, context and lr,
/// where they are named, are to be just that. In place of the loss it may be bits per character that count, or the wrong
/// answers in one of the program's exams; and `with` names options that the program is called with:
///
///     <!-- challenge: bits 2.60 parameters 271000 files 09_subwords/main.cpp -->
///     <!-- challenge: wrong 0.10 "of sums of four digits" with --task add files 10_other_sequences/add.hpp -->
struct Challenge {
  enum class Measure { loss, bits, wrong };

  int chapter = 0;
  std::string title;
  std::filesystem::path text;  // below the tutorial's folder
  Measure measure = Measure::loss;
  double goal = 0;   // what is measured is to be below
  std::string exam;  // whose wrong answers count, by its name in the report
  std::optional<std::size_t> parameters, steps, batch, context;
  std::optional<float> lr;
  std::vector<std::string> with;             // options of the program
  std::vector<std::filesystem::path> files;  // what the reader works on, below chapters/

  bool is_about_text() const {
    return measure != Measure::wrong;
  }  // else the program makes its own sequences
};

/// Over these the goals hold.
inline constexpr int challenge_seeds[] = {1, 2, 3};

/// Those with a goal that can be measured, in the order of the chapters.
/// @throws std::runtime_error for a comment that makes no sense
std::vector<Challenge> find_challenges(const Repository& repository);

/// The rule that a run breaks, in a sentence; empty if it keeps to all of them.
std::string broken_rule(const Challenge& challenge, const Report& report);

/// What counts in a run. NaN if its report does not have it
double measured(const Challenge& challenge, const Report& report);

/// "2.35", with a third digit where there is one
std::string goal_number(const Challenge& challenge);
/// What stands behind such a number in a table: "", " bits" or " wrong"
std::string unit(const Challenge& challenge);
/// "a validation loss below 2.35 with at most 7,553 parameters, as the mean of three seeds"
std::string goal_of(const Challenge& challenge);

}  // namespace gpt
