/// @file live_model.hpp
/// A chapter's model as the page drives it: a few steps at a time, and asked about any text in between.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "01_bigram/batch.hpp"                  // Batch, sample_batch
#include "01_bigram/bigram_language_model.hpp"  // BigramLanguageModel
#include "01_bigram/evaluate.hpp"               // evaluate
#include "01_bigram/generate.hpp"               // generate, last_tokens, Sampling
#include "01_bigram/train.hpp"                  // train, Training
#include "01_bigram/vocabulary.hpp"             // Vocabulary
#include "02_self_attention/head.hpp"           // Head
#include "02_self_attention/transformer_language_model.hpp"
#include "03_multi_head_attention/multi_head_attention.hpp"
#include "04_feed_forward/plain_block.hpp"           // PlainBlock
#include "05_blocks/block.hpp"                       // Block
#include "05_blocks/residual_block.hpp"              // ResidualBlock
#include "05_blocks/stack.hpp"                       // Stack
#include "06_gpt/cached_gpt.hpp"                     // generate for a GPT
#include "06_gpt/gpt_language_model.hpp"             // GPTLanguageModel
#include "06_gpt/schedule.hpp"                       // cosine_schedule
#include "07_since_the_paper/cached_modern_gpt.hpp"  // generate for a ModernGPT
#include "07_since_the_paper/modern_gpt.hpp"         // ModernGPT
#include "common/nn/adamw.hpp"                       // AdamW
#include "live/live_quiz.hpp"                        // LiveQuiz, live_quiz
#include "program/any_model.hpp"                     // AnyModel

namespace gpt {

/// What kind of model, and how large; chapter 1 has no sizes, and chapters 2 to 4 no L.
struct LiveSizes {
  std::size_t chapter;  ///< one that make() knows
  std::size_t stage;    ///< of chapter 5: 0 plain, 1 residual, 2 norm; of chapter 10: 0 sort, 1 add, 2 draw
  std::size_t block_size;  ///< the T that it is trained with, and the most it looks back
  std::size_t C;           ///< channels
  std::size_t H;           ///< heads
  std::size_t L;           ///< blocks
  float dropout;           ///< of chapter 6
  std::size_t
      scheduled;  ///< 0: one learning rate throughout; else that of a run of so many steps, and its AdamW
};

/// A model, its optimiser and its dice, as in the chapters' programs: the same seed gives the same run.
class LiveModel {
 public:
  /// @param symbols the vocabulary, or a text of which to make it; chapter 10's tasks have their own
  /// @throws std::invalid_argument if there is no such chapter or a size is not possible
  LiveModel(const std::string& symbols, const LiveSizes& sizes, std::uint64_t seed)
      : quiz_(live_quiz(sizes.chapter, sizes.stage)),
        vocabulary_(quiz_ ? quiz_->vocabulary() : Vocabulary(symbols)),
        sizes_(sizes),
        rng_(seed),
        model_(make()),
        optimizer_(model_->parameters(), optimizer_options()) {}
  LiveModel(const LiveModel&) = delete;
  LiveModel& operator=(const LiveModel&) = delete;

  /// The text to learn from: the first nine tenths to train on, the rest to validate.
  /// @throws std::invalid_argument if it has a character that the model doesn't know, or is too short
  void learn_from(const std::string& text) {
    std::vector<int> ids = vocabulary_.encode(text);
    const std::size_t least = 10 * (sizes_.block_size + 1);
    if (ids.size() < least) {
      throw std::invalid_argument("A text to learn from needs at least " + std::to_string(least) +
                                  " characters here, and this one has " + std::to_string(ids.size()) + ".");
    }
    ids_ = std::move(ids);
  }
  bool has_text() const { return quiz_ || !ids_.empty(); }  ///< is there something to learn from?

  /// One step on B windows. @param lr the learning rate, or the highest of the schedule
  /// @returns the loss before it
  float step(std::size_t B, float lr) {
    float loss = 0;
    const Training plan{B, sizes_.block_size, optimizer_.steps() + 1, [&](std::size_t step) {
                          if (sizes_.scheduled == 0) return lr;
                          return cosine_schedule(step, sizes_.scheduled, lr, /*warm_up=*/100);
                        }};
    train(*model_, optimizer_, *this, plan, rng_, [&loss](float now) {
      loss = now;
      return true;
    });
    return loss;
  }
  /// As a Task of chapter 1's train(): windows from the part to learn from.
  Batch sample(std::size_t B, std::size_t T, Rng& rng) const {
    return quiz_ ? quiz_->sample(B, T, rng) : sample_batch(training(), B, T, rng);
  }

  /// The loss on some characters from all over the part that is never learned from.
  float look(std::size_t characters) const {
    const std::size_t T = sizes_.block_size;
    if (quiz_) return quiz_->val_loss(*model_, std::max<std::size_t>(1, characters / T), T);
    const std::span<const int> val = std::span<const int>(ids_).subspan(training().size());
    return evaluate(*model_, val, T, std::max<std::size_t>(1, val.size() / characters));
  }

  /// What comes after a text: logits (V). @param tokens at least one
  std::vector<float> next(const std::vector<int>& tokens) const {
    const NoGrad no_grad;
    const Tensor logits = (*model_)(last_tokens(tokens, model_->block_size()));  // (1, T, V)
    const std::span<const float> last = last_row(logits);
    return {last.begin(), last.end()};
  }

  /// n characters that go on from these, by the model's own generate().
  std::string speak(const std::vector<int>& tokens, std::size_t n, Sampling sampling, Rng& dice) const {
    std::vector<int> all = generate(*model_, tokens, n, sampling, dice);
    return vocabulary_.decode({all.end() - static_cast<std::ptrdiff_t>(n), all.end()});
  }

  /// What can be asked, of a model that has learned a task.
  /// @throws std::invalid_argument if it has learned from a text
  const LiveQuiz& quiz() const {
    if (!quiz_) throw std::invalid_argument("Only chapter 10's models answer questions.");
    return *quiz_;
  }

  const AnyModel& model() const { return *model_; }             ///< logits and weights
  const Vocabulary& vocabulary() const { return vocabulary_; }  ///< its characters
  const LiveSizes& sizes() const { return sizes_; }             ///< what it was made with
  AdamW& optimizer() { return optimizer_; }                     ///< steps() and the running means
  Rng& rng() { return rng_; }                                   ///< the dice of the next batch

 private:
  std::span<const int> training() const { return std::span<const int>(ids_).first(ids_.size() * 9 / 10); }

  // AnyModel refers to a model that must live elsewhere.
  template <class Model>
  AnyModel keep(Model model) {
    const auto kept = std::make_shared<Model>(std::move(model));
    owner_ = kept;
    return AnyModel(*kept);
  }
  template <class Body>
  AnyModel with_body(Body body) {
    return keep(
        TransformerLanguageModel(vocabulary_.size(), sizes_.block_size, sizes_.C, std::move(body), rng_));
  }
  template <class B>
  std::vector<B> blocks() {
    std::vector<B> all;
    for (std::size_t l = 0; l < sizes_.L; ++l) all.emplace_back(sizes_.C, sizes_.H, rng_);
    return all;
  }
  AdamWOptions optimizer_options() const {  // as in chapters 6 (laptop), 7 and 10, which have a schedule
    if (sizes_.scheduled == 0) return {};
    return {.beta2 = 0.99f, .weight_decay = 0.1f, .clip = 1.0f};
  }
  ModernGPT modern_gpt() {
    const ModernSizes sizes{vocabulary_.size(), sizes_.block_size, sizes_.C,
                            sizes_.H,           sizes_.L,          /*hidden=*/0};
    return {as_large_as_chapter_6(sizes, Design{}), Design{}, rng_};
  }
  // What the chapters' main.cpp make. A new chapter is a line here, and a recipe in engine.js.
  std::optional<AnyModel> make() {
    const auto [chapter, stage, block_size, C, H, L, dropout, scheduled] = sizes_;
    require_positive("T", block_size);
    if (chapter == 1) return keep(BigramLanguageModel(vocabulary_.size(), rng_));
    if (chapter == 2) return with_body(Head(C, /*hs=*/C, rng_));
    if (chapter == 3) return with_body(MultiHeadAttention(C, H, rng_));
    if (chapter == 4) return with_body(PlainBlock(C, H, rng_));
    if (chapter == 5 && stage == 0) return with_body(Stack(blocks<PlainBlock>()));
    if (chapter == 5 && stage == 1) return with_body(Stack(blocks<ResidualBlock>()));
    if (chapter == 5 && stage == 2) return with_body(Stack(blocks<Block>(), LayerNorm(C)));
    if (chapter == 6 || chapter == 10)
      return keep(GPTLanguageModel({vocabulary_.size(), block_size, C, H, L, dropout}, rng_));
    if (chapter == 7) return keep(modern_gpt());
    throw std::invalid_argument("There is no model of chapter " + std::to_string(chapter) + ", stage " +
                                std::to_string(stage) + " in the page.");
  }

  std::unique_ptr<LiveQuiz> quiz_;
  Vocabulary vocabulary_;
  LiveSizes sizes_;
  Rng rng_;
  std::shared_ptr<void> owner_;
  std::optional<AnyModel> model_;
  AdamW optimizer_;
  std::vector<int> ids_;
};

}  // namespace gpt
