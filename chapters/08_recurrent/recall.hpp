/// @file recall.hpp
/// Chapter 8. A text made to measure memory: pairs of a key and a value, then one of the keys. What was its value?
#pragma once

#include <algorithm>
#include <cstdint>
#include <stdexcept>

#include "01_bigram/batch.hpp"
#include "01_bigram/vocabulary.hpp"
#include "common/gpt.hpp"

namespace gpt {

/// One kind of recall: so much to keep, and so far to carry it.
struct RecallKind {
  size_t pairs;   ///< keys and their values, 1 to 26
  size_t filler;  ///< characters without meaning between the last pair and the question
};

/// Is a list of pairs kept from training? Half of all are, and the pairs alone decide which, so that what is held out was
/// never learned from, however long training was. (Knuth's multiplicative hash; its highest bit decides.)
inline bool kept_from_training(const std::string& pairs) {
  std::uint64_t hash = 1;
  for (const unsigned char c : pairs) hash = (hash + c) * 0x9E3779B97F4A7C15u;
  return hash >> 63 == 1;
}

/// Associative recall (Ba et al. 2016, arXiv:1610.06258, section 4.1), with several questions in a row to learn from
/// (Arora et al. 2023, arXiv:2312.04927): "b4k7a1....?k7b4a1". After the question mark stand keys, each once,
/// and what is to be said after each is its value. No other prediction counts. A Task of chapter 1.
///
/// Keys are different letters, values are digits: who guesses is right one time in ten, who guesses among the values that
/// were there, a little more often.
class Recall {
 public:
  /// @param most      training draws 1 to most.pairs pairs, and 0 to most.filler characters of filler
  /// @param questions at most so many in a row of training
  /// @throws std::invalid_argument unless there are 1 to 26 pairs, and a question
  explicit Recall(RecallKind most = {8, 64}, size_t questions = 8)
      : most_(require_pairs(most)), questions_(require_positive("Recall: questions", questions)) {}

  /// Letters, digits, the filler and the question mark.
  const Vocabulary& vocabulary() const { return vocabulary_; }
  /// Characters of the longest row, its last answer left out: nobody reads it.
  size_t longest() const { return 2 * most_.pairs + most_.filler + 2 * std::min(questions_, most_.pairs); }

  /// B rows to learn from, none of them held out.
  /// @throws std::invalid_argument if T is shorter than longest()
  Batch sample(size_t B, size_t T, Rng& rng) const {
    if (T < longest()) {
      throw std::invalid_argument("Recall: rows have up to " + std::to_string(longest()) +
                                  " characters, got T = " + std::to_string(T));
    }
    Batch batch{{0, T, {}}, {0, T, {}}};
    while (batch.inputs.B < B) {
      const size_t pairs = 1 + rng.below(most_.pairs);
      const size_t filler = rng.below(most_.filler + 1);
      const std::string list = draw(pairs, /*held_out=*/false, rng);
      std::vector<size_t> asked = shuffled(pairs, rng);
      asked.resize(std::min(pairs, questions_));
      add_row(batch, list, filler, asked);
    }
    return batch;
  }

  /// B rows that are held out, of one kind and with one question each.
  /// @param asked which pair is asked for, the last being 0; without a pair of that number, any of them
  Batch exam(const RecallKind& kind, size_t asked, size_t B, Rng& rng) const {
    const size_t T = 2 * require_pairs(kind).pairs + kind.filler + 2;
    Batch batch{{0, T, {}}, {0, T, {}}};
    while (batch.inputs.B < B) {
      const std::string list = draw(kind.pairs, /*held_out=*/true, rng);
      add_row(batch, list, kind.filler,
              {asked < kind.pairs ? kind.pairs - 1 - asked : size_t(rng.below(kind.pairs))});
    }
    return batch;
  }

 private:
  static RecallKind require_pairs(const RecallKind& kind) {
    if (kind.pairs > 0 && kind.pairs <= 26) return kind;
    throw std::invalid_argument("Recall: there are 26 keys, so 1 to 26 pairs, got " +
                                std::to_string(kind.pairs));
  }

  /// 0 to n - 1 in any order.
  static std::vector<size_t> shuffled(size_t n, Rng& rng) {
    std::vector<size_t> all(n);
    for (size_t i = 0; i < n; ++i) all[i] = i;
    for (size_t i = n; i > 1; --i) std::swap(all[i - 1], all[rng.below(i)]);
    return all;
  }

  /// "b4k7a1", of one of the two halves.
  static std::string draw(size_t pairs, bool held_out, Rng& rng) {
    std::string list;
    do {
      list.clear();
      const std::vector<size_t> keys = shuffled(26, rng);
      for (size_t i = 0; i < pairs; ++i) {
        list += char('a' + keys[i]);
        list += char('0' + rng.below(10));
      }
    } while (kept_from_training(list) != held_out);
    return list;
  }

  /// A row from position 0 on, filled up with filler behind its last key.
  void add_row(Batch& batch, const std::string& list, size_t filler, const std::vector<size_t>& asked) const {
    //! [row]
    std::string text = list + std::string(filler, '.') + "?";
    std::vector<int> targets(batch.inputs.T, no_target);
    for (const size_t pair : asked) {
      text += list.substr(2 * pair, 2);  // a key, and its value, which is to be said at the key's place
      targets[text.size() - 2] = vocabulary_.encode(text.substr(text.size() - 1)).front();
    }
    text.resize(batch.inputs.T, '.');  // the last value goes, or filler comes
    append(batch.inputs, vocabulary_.encode(text));
    append(batch.targets, targets);
    //! [row]
  }

  RecallKind most_;
  size_t questions_;
  Vocabulary vocabulary_{"abcdefghijklmnopqrstuvwxyz0123456789.?"};
};

/// The share of questions that a model answers right, of n that are held out, the same n whenever it is asked.
/// @param asked as for Recall::exam()
/// @throws std::invalid_argument if there are too many pairs, or more characters than the model looks back
template <LanguageModel Model>
float recall_right(const Model& model, const Recall& recall, const RecallKind& kind, size_t asked, size_t n) {
  const NoGrad no_grad;
  Rng rng(1);
  const Batch batch = recall.exam(kind, asked, n, rng);
  const Tensor logits = model(batch.inputs);  // (n, T, V)
  const size_t T = logits.size(1), V = logits.size(-1);
  size_t right = 0;
  for (size_t b = 0; b < n; ++b) {
    const std::span<const float> last = logits.values().subspan(((b + 1) * T - 1) * V, V);
    right += std::max_element(last.begin(), last.end()) - last.begin() == batch.targets.ids[(b + 1) * T - 1];
  }
  return float(right) / float(n);
}

}  // namespace gpt
