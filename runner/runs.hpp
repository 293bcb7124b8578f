/// @file runs.hpp
/// The reader's runs: runs/ch06.json is the report of chapter 6's latest one, runs/best/ keeps the best for
/// each text.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "common/report.hpp"
#include "runner/place.hpp"

namespace gpt {

/// Where a program is to write the report of its chapter before it is kept; no file is there yet.
std::filesystem::path fresh_report(const Place& place, int chapter);

/// Makes this report the chapter's latest, and its best unless another one on the same text is better.
/// One without a learning curve is not kept: that program only spoke.
/// @throws std::runtime_error if it is not a report, or runs/ cannot be written
Report keep(const Place& place, int chapter, const std::filesystem::path& report);

/// The best run on the text that this chapter learned from last; nothing if it was not run yet.
/// @throws std::runtime_error if a report is broken
std::optional<Report> best_run(const Place& place, int chapter);

}  // namespace gpt
