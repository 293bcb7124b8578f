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
/// where they are named, are to stay as they are.
struct Challenge {
  int chapter = 0;
  std::string title;
  std::filesystem::path text;  // below the tutorial's folder
  double loss = 0;
  std::optional<std::size_t> parameters, steps, batch, context;
  std::optional<float> lr;
  std::vector<std::filesystem::path> files;  // what the reader works on, below chapters/
};

/// Over these the goals hold.
inline constexpr int challenge_seeds[] = {1, 2, 3};

/// Those with a goal that can be measured, in the order of the chapters.
/// @throws std::runtime_error for a comment that makes no sense
std::vector<Challenge> find_challenges(const Repository& repository);

/// The rule that a run breaks, in a sentence; empty if it keeps to all of them.
std::string broken_rule(const Challenge& challenge, const Report& report);

/// "2.35", with a third digit where there is one
std::string goal_loss(const Challenge& challenge);
/// "a validation loss below 2.35 with at most 7,553 parameters, as the mean of three seeds"
std::string goal_of(const Challenge& challenge);

}  // namespace gpt
