#include "program/tokeniser.hpp"

#include "01_bigram/vocabulary.hpp"
#include "tests/support/catch.hpp"

namespace gpt {
namespace {

/// Two letters at a time: "aabb" is 0 1.
struct Pairs {
  std::size_t size() const { return 2; }
  std::string symbols() const { return "aa bb"; }
  std::vector<int> encode(const std::string& text) const {
    std::vector<int> ids;
    for (std::size_t i = 0; i < text.size(); i += 2) ids.push_back(text[i] == 'b');
    return ids;
  }
  std::string decode(const std::vector<int>& ids) const {
    std::string text;
    for (const int id : ids) text += id == 0 ? "aa" : "bb";
    return text;
  }
};

TEST_CASE("AnyTokeniser: is what it was made of", "[tokeniser]") {
  const AnyTokeniser letters = Vocabulary("hello"), pairs = Pairs{};
  CHECK(letters.size() == 4);
  CHECK(letters.symbols() == "ehlo");
  CHECK(letters.encode("hole") == std::vector<int>{1, 3, 2, 0});
  CHECK(letters.decode({1, 3, 2, 0}) == "hole");
  CHECK(pairs.size() == 2);
  CHECK(pairs.encode("bbaabb") == std::vector<int>{1, 0, 1});
  CHECK(pairs.decode({1, 0}) == "bbaa");
}

TEST_CASE("AnyTokeniser: knows what it can encode", "[tokeniser]") {
  const AnyTokeniser letters = Vocabulary("hello");
  CHECK(letters.knows("hole"));
  CHECK_FALSE(letters.knows("hall"));
  CHECK_FALSE(letters.knows(""));
}

}  // namespace
}  // namespace gpt
