/// @file program.hpp
/// Chapter 1. The program that all chapters share: read a text, train a model on it, compare, speak.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "01_bigram/train.hpp"               // Split
#include "01_bigram/vocabulary.hpp"          // Vocabulary
#include "common/files/checkpoint.hpp"       // StoredTensor
#include "common/files/corpus.hpp"           // Corpus
#include "common/files/report.hpp"           // Report
#include "common/files/trace_file.hpp"       // TraceFile
#include "common/nn/adamw.hpp"               // AdamW, AdamWOptions
#include "common/tensor/rng.hpp"             // Rng
#include "common/terminal/command_line.hpp"  // RunOptions
#include "program/any_model.hpp"             // AnyModel
#include "program/look_inside.hpp"           // Gradients
#include "program/saved_run.hpp"             // SavedRun

namespace gpt {

/// What is particular to a chapter's program.
struct Chapter {
  int number;                               ///< 1 to 6
  std::string title;                        ///< what the chapter adds, in a few words
  std::string adds;                         ///< the same in a sentence
  std::string expect;                       ///< what the reader should see
  std::string variant;                      ///< the value of the chapter's own option, if it has one
  std::size_t B;                            ///< sequences in a batch of the published run
  std::size_t T;                            ///< its context
  std::size_t steps;                        ///< its length
  float lr;                                 ///< learning rate, the largest of the schedule
  std::optional<float> published_val_loss;  ///< on Tiny Shakespeare, with exactly these sizes
  AdamWOptions optimizer = {};              ///< how steps are taken
  std::function<float(std::size_t step, std::size_t steps, float lr)> schedule =
      {};                  ///< constant if there is none
  bool keep_best = false;  ///< at the end, go back to the weights with the lowest validation loss

  /// "--batch 32 --context 8 --lr 0.01 --steps 3000": what holds unless the reader says otherwise.
  std::string settings() const;
  /// What stands at the top of --help.
  std::string help() const;
};

/// One run of a chapter's program: the constructor reads, run() does the rest.
class Program {
 public:
  /// Reads the corpus and, with --load, the saved run.
  Program(Chapter chapter, RunOptions options);

  std::size_t V() const { return vocabulary_.size(); }  ///< vocabulary size
  std::size_t T() const { return chapter_.T; }          ///< context
  std::uint64_t seed() const { return options_.seed; }  ///< of all random numbers

  /// The whole program, once the model is made.
  /// @param rng draws the batches (and has drawn the weights)
  void run(const AnyModel& model, Rng& rng);

 private:
  void introduce(const AnyModel& model);
  void train(const AnyModel& model, AdamW& optimizer, Rng& rng);
  void save(const std::filesystem::path& file, const AnyModel& model, const AdamW& optimizer,
            const Rng& rng) const;
  void compare(const AnyModel& model);
  void speak(const AnyModel& model);
  void look_at_gradients(const AnyModel& model, const AdamW& optimizer, Rng& rng);
  TraceFile inside(const AnyModel& model) const;
  std::string start() const;
  std::filesystem::path interrupted_file() const;

  Chapter chapter_;
  RunOptions options_;
  Corpus corpus_;
  std::optional<SavedRun> saved_;
  Vocabulary vocabulary_{"?"};
  std::vector<int> ids_;            // the corpus
  Split text_;                      // both parts look into ids_
  std::vector<StoredTensor> best_;  // the weights at the lowest validation loss, where the chapter keeps them
  float lowest_val_ = std::numeric_limits<float>::infinity();
  Report report_;
  std::vector<Gradients> gradients_;  // before and after training, where --trace asks for them
};

}  // namespace gpt
