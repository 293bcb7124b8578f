#include "08_recurrent/recall.hpp"

#include <set>
#include <string>

#include "01_bigram/train.hpp"
#include "tests/support/catch.hpp"

namespace gpt {
namespace {

static_assert(Task<Recall>);

std::string row(const Recall& recall, const Tokens& tokens, std::size_t b) {
  const auto begin = tokens.ids.begin() + static_cast<std::ptrdiff_t>(b * tokens.T);
  return recall.vocabulary().decode({begin, begin + static_cast<std::ptrdiff_t>(tokens.T)});
}

/// The pairs of a row: what stands before the filler and the question mark.
std::string pairs_of(const std::string& text) { return text.substr(0, text.find_first_of(".?")); }

/// Looks the answer up: the digit behind the first of the letter that stands here.
class Reader {
 public:
  Tensor operator()(const Tokens& tokens) const {
    const std::size_t V = vocabulary_.size();
    std::vector<float> logits(tokens.ids.size() * V, 0.0f);
    for (std::size_t i = 0; i < tokens.ids.size(); ++i) {
      const std::size_t begin = i / tokens.T * tokens.T;
      const auto first =
          std::find(tokens.ids.begin() + static_cast<std::ptrdiff_t>(begin), tokens.ids.end(), tokens.ids[i]);
      if (first + 1 < tokens.ids.end()) logits[i * V + static_cast<std::size_t>(first[1])] = 1;
    }
    return Tensor::from({tokens.B, tokens.T, V}, logits);
  }
  std::size_t block_size() const { return 128; }
  Parameters parameters() const { return {}; }

 private:
  Vocabulary vocabulary_ = Recall().vocabulary();
};

/// Says 7, whatever was asked.
class Stubborn {
 public:
  Tensor operator()(const Tokens& tokens) const {
    const std::size_t V = vocabulary_.size();
    std::vector<float> logits(tokens.ids.size() * V, 0.0f);
    for (std::size_t i = 0; i < tokens.ids.size(); ++i)
      logits[i * V + static_cast<std::size_t>(vocabulary_.encode("7").front())] = 1;
    return Tensor::from({tokens.B, tokens.T, V}, logits);
  }
  std::size_t block_size() const { return 128; }
  Parameters parameters() const { return {}; }

 private:
  Vocabulary vocabulary_ = Recall().vocabulary();
};

TEST_CASE("Recall: after each key that is asked for comes the value that stood behind it", "[ch08][recall]") {
  const Recall recall({5, 4}, 3);
  Rng rng(1);
  const Batch batch = recall.sample(200, recall.longest(), rng);
  std::set<std::size_t> lists, questions;
  for (std::size_t b = 0; b < 200; ++b) {
    const std::string text = row(recall, batch.inputs, b), list = pairs_of(text);
    const std::size_t question = text.find('?');
    std::size_t asked = 0;
    std::set<char> keys;
    for (std::size_t t = 0; t < text.size(); ++t) {
      const int target = batch.targets.ids[b * batch.targets.T + t];
      if (target == no_target) continue;
      CHECK(t > question);
      CHECK(recall.vocabulary().decode({target}) == std::string(1, list.at(list.find(text[t]) + 1)));
      keys.insert(text[t]);
      ++asked;
    }
    lists.insert(list.size() / 2);
    questions.insert(asked);
    CHECK(asked == std::min<std::size_t>(list.size() / 2, 3));
    CHECK(keys.size() == asked);  // each once
  }
  CHECK(lists == std::set<std::size_t>{1, 2, 3, 4, 5});
  CHECK(questions == std::set<std::size_t>{1, 2, 3});
}

TEST_CASE("Recall: an exam is of one kind, and asks for the pair that was wished", "[ch08][recall]") {
  const Recall recall;
  Rng rng(2);
  const Batch batch = recall.exam({3, 2}, /*asked=*/1, 20, rng);
  CHECK(batch.inputs.T == 10);  // k1k2k3..?k
  for (std::size_t b = 0; b < 20; ++b) {
    const std::string text = row(recall, batch.inputs, b);
    CHECK(text.substr(6, 3) == "..?");
    CHECK(text[9] == text[2]);  // the last but one
    CHECK(batch.targets.ids[b * 10 + 9] == batch.inputs.ids[b * 10 + 3]);
    CHECK(std::count(batch.targets.ids.begin() + static_cast<std::ptrdiff_t>(b * 10),
                     batch.targets.ids.begin() + static_cast<std::ptrdiff_t>(b * 10 + 9), no_target) == 9);
  }
}

TEST_CASE("Recall: what an exam asks was never trained on", "[ch08][recall]") {
  const Recall recall;
  Rng rng(3);
  const Batch train = recall.sample(300, recall.longest(), rng);
  for (std::size_t b = 0; b < 300; ++b)
    CHECK_FALSE(kept_from_training(pairs_of(row(recall, train.inputs, b))));
  for (const std::size_t pairs : {1, 4, 16}) {
    const Batch exam = recall.exam({pairs, 3}, pairs, 100, rng);
    for (std::size_t b = 0; b < 100; ++b) CHECK(kept_from_training(pairs_of(row(recall, exam.inputs, b))));
  }
  std::size_t kept = 0;  // of the 260 lists of a single pair
  for (char key = 'a'; key <= 'z'; ++key)
    for (char value = '0'; value <= '9'; ++value) kept += kept_from_training({key, value});
  CHECK(kept > 104);
  CHECK(kept < 156);
}

TEST_CASE("recall_right: all for one that looks it up, a tenth for one that guesses", "[ch08][recall]") {
  CHECK(recall_right(Reader(), Recall(), {16, 5}, 16, 100) == 1.0f);
  CHECK(recall_right(Reader(), Recall(), {2, 0}, 0, 100) == 1.0f);
  const float share = recall_right(Stubborn(), Recall(), {8, 0}, 8, 1000);
  CHECK(share > 0.06f);
  CHECK(share < 0.14f);
}

TEST_CASE("Recall: what it asks for", "[ch08][recall]") {
  REQUIRE_THROWS_WITH(Recall({27, 0}), "Recall: there are 26 keys, so 1 to 26 pairs, got 27");
  Rng rng(1);
  REQUIRE_THROWS_WITH(Recall().sample(1, 95, rng), "Recall: rows have up to 96 characters, got T = 95");
}

}  // namespace
}  // namespace gpt
