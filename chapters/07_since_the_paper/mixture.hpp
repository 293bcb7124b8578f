/// @file mixture.hpp
/// Chapter 7. Which parts a model is made of and how it is trained, in the words of the command line and of a checkpoint.
#pragma once

#include <algorithm>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "07_since_the_paper/modern_block.hpp"
#include "common/gpt.hpp"

namespace gpt {

/// An option of this chapter's program, and its word in each of the three bases.
struct PartOption {
  std::string option;               ///< "--norm"
  std::string help;                 ///< a line for --help
  std::vector<std::string> values;  ///< what may be chosen
  std::string modern;               ///< the word of today's model
  std::string chapter_6;            ///< of chapter 6's
  std::string sprint;               ///< of the sprint's
};

/// Options and the words chosen for them: {"--norm", "rms"}.
using Words = std::map<std::string, std::string>;

/// A word for each option.
class Mixture {
 public:
  /// @param named what the command line says: option -> word
  /// @param saved the words of a checkpoint, in_words(); they hold for all that is not named, and without them, or where
  ///              a base is named, the base's do
  explicit Mixture(Words named = {}, const std::string& saved = "") : given_(std::move(named)) {
    std::string base = options()[0].modern;
    if (given_.contains("--size") && given_["--size"] == "sprint") base = "sprint";
    if (given_.contains("--base")) base = given_["--base"];
    const bool as_saved = !saved.empty() && !given("--base");
    if (as_saved) base = "modern";
    for (const PartOption& o : options())
      words_.push_back(base == "sprint" ? o.sprint : base == "modern" ? o.modern : o.chapter_6);
    if (as_saved) take(saved);
    for (size_t i = 0; i < words_.size(); ++i) {
      if (given(options()[i].option)) words_[i] = given_.at(options()[i].option);
    }
  }

  /// Whether this option has that word.
  bool is(const std::string& option, const std::string& word) const { return words_[index(option)] == word; }

  /// Whether the command line named this option.
  bool given(const std::string& option) const { return given_.contains(option); }

  /// The number that was chosen for this option.
  size_t number(const std::string& option) const { return std::stoul(words_[index(option)]); }

  /// "rms pre swiglu ... size=sprint": what a checkpoint says of its model. The first nine are always there, the others
  /// where they are not as usual.
  std::string in_words() const {
    std::string words;
    for (size_t i = 1; i < words_.size(); ++i) {
      if (i <= always)
        words += (i > 1 ? " " : "") + words_[i];
      else if (words_[i] != options()[i].modern)
        words += " " + options()[i].option.substr(2) + "=" + words_[i];
    }
    return words;
  }

  /// The parts of the model.
  Design design() const {
    return {.norm = is("--norm", "rms")     ? NormKind::rms
                    : is("--norm", "layer") ? NormKind::layer
                                            : NormKind::none,
            .place = is("--place", "pre") ? Place::pre : Place::post,
            .feed_forward = is("--feed-forward", "swiglu") ? FeedForwardKind::swiglu
                            : is("--feed-forward", "relu") ? FeedForwardKind::relu
                            : is("--feed-forward", "gelu") ? FeedForwardKind::gelu
                                                           : FeedForwardKind::relu_squared,
            .positions = is("--positions", "rotary")  ? Positions::rotary
                         : is("--positions", "table") ? Positions::table
                                                      : Positions::none,
            .G = number("--groups"),
            .tied = is("--tied", "yes"),
            .qk_norm = is("--qk-norm", "yes"),
            .bias = is("--biases", "yes") ? Bias::on : Bias::off,
            .zero_projections = is("--projections", "zero"),
            .initial = is("--initial", "gpt-2") ? InitialWeights::gpt_2 : InitialWeights::pytorch};
  }

  /// All options, the base first.
  static const std::vector<PartOption>& options() {
    static const std::vector<PartOption> all{
        {"--base",
         "The model whose parts hold unless named below",
         {"modern", "chapter-6", "sprint"},
         "modern",
         "chapter-6",
         "sprint"},
        {"--norm", "The norm", {"layer", "rms", "none"}, "rms", "layer", "rms"},
        {"--place", "Where it stands", {"pre", "post"}, "pre", "pre", "pre"},
        {"--feed-forward",
         "What follows attention",
         {"relu", "gelu", "relu2", "swiglu"},
         "swiglu",
         "relu",
         "relu2"},
        {"--positions", "How a position is known", {"table", "rotary", "none"}, "rotary", "table", "rotary"},
        {"--groups", "Heads of keys and values, for 4 of queries", {"1", "2", "4"}, "2", "4", "4"},
        {"--tied", "One table at both ends", {"yes", "no"}, "yes", "no", "no"},
        {"--qk-norm", "Norm queries and keys", {"yes", "no"}, "yes", "no", "yes"},
        {"--biases", "Linear layers have biases", {"yes", "no"}, "no", "yes", "no"},
        {"--training",
         "One learning rate, the same after a warm-up, or a schedule: a cosine, or a line down to 0",
         {"plain", "warm-up", "scheduled", "line"},
         "scheduled",
         "plain",
         "line"},
        {"--size", "Chapter 6's small one, or the sprint's", {"small", "sprint"}, "small", "small", "sprint"},
        {"--optimizer", "What moves the hidden matrices", {"adamw", "muon"}, "adamw", "adamw", "muon"},
        {"--projections", "How those into the stream begin", {"small", "zero"}, "small", "small", "zero"},
        {"--windows",
         "Shorter ones for the first part of the training",
         {"whole", "short-first"},
         "whole",
         "whole",
         "short-first"},
        {"--tuning", "Leave the real validation part alone", {"no", "yes"}, "no", "no", "no"},
        {"--blocks", "How many, with --size small", {"3", "4", "12", "24"}, "4", "4", "4"},
        {"--channels", "How wide the stream is, with --size small", {"32", "64"}, "64", "64", "64"},
        {"--initial", "Whose initial weights", {"gpt-2", "pytorch"}, "gpt-2", "gpt-2", "gpt-2"}};
    return all;
  }

 private:
  static constexpr size_t always = 9;  // those from --norm to --training

  static size_t index(const std::string& option) {
    return size_t(std::ranges::find(options(), option, &PartOption::option) - options().begin());
  }

  // Where a checkpoint's words are none of ours, load_run() will say whose they are.
  void take(const std::string& saved) {
    std::istringstream words(saved);
    std::string word;
    for (size_t i = 1; words >> word; ++i) {
      if (i > always) {  // "optimizer=muon"
        i = index("--" + word.substr(0, word.find('=')));
        word.erase(0, word.find('=') + 1);
      }
      if (i >= words_.size() || std::ranges::count(options()[i].values, word) == 0) return;
      words_[i] = word;
      i = std::min(i, always);
    }
  }

  Words given_;
  std::vector<std::string> words_;  // in the order of options()
};

}  // namespace gpt
