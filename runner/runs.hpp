/// @file runs.hpp
/// The reader's runs: runs/ch06.json is the report of chapter 6's latest one, runs/ch06.trace.json the
/// numbers inside its model, for the figures of the site, and runs/best/ keeps the best report for each text. In
/// runs/mine/ is the same of programs that were built from the reader's parts.
#pragma once

#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "common/files/report.hpp"
#include "runner/process.hpp"
#include "runner/repository.hpp"

namespace gpt {

/// What a chapter's program leaves behind.
struct RunFiles {
  std::filesystem::path report;  ///< of --report
  std::filesystem::path trace;   ///< of --trace
};

/// Of whose parts a program was built.
enum class Parts { reference, yours };

/// Where a program is to write before it is kept; no file is there yet.
RunFiles fresh_files(const Repository& repository, int chapter);

/// Makes this report the chapter's latest, and its best unless another one on the same text is better; the
/// trace, if there is one, goes along. Those of a variant are kept under its name as well,
/// runs/ch05_plain.json, for the figures that compare them. A run without a learning curve is not kept: that program only spoke.
/// @throws std::runtime_error if it is not a report, or runs/ cannot be written
Report keep(const Repository& repository, int chapter, const RunFiles& files, Parts parts = Parts::reference);

/// The best run on the text that this chapter learned from last; nothing if it was not run yet.
/// @throws std::runtime_error if a report is broken
std::optional<Report> best_run(const Repository& repository, int chapter, Parts parts = Parts::reference);

/// Notes down that the reader ran this chapter by itself, which the tour does not count as.
void note_own_run(const Repository& repository, int chapter);
/// The chapters that were noted down.
std::set<int> own_runs(const Repository& repository);

/// Runs a chapter's program in this terminal, and keeps its report and its trace.
/// @param called_as  the command by which the reader called it, of which its help and its errors speak
ExitStatus run_and_keep(const Repository& repository, int chapter, const std::filesystem::path& program,
                        const std::vector<std::string>& arguments, Parts parts, const std::string& called_as);

}  // namespace gpt
