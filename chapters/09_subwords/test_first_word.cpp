#include "09_subwords/first_word.hpp"

#include "tests/support/catch.hpp"
#include "tests/support/expect.hpp"

using namespace gpt;

namespace {

std::string cut(const std::string& text) {
  std::string all;
  for (const std::string_view word : words(text)) all += (all.empty() ? "" : "|") + std::string(word);
  return all;
}

}  // namespace

TEST_CASE("first_word: a blank goes with the word behind it", "[ch09][first_word]") {
  CHECK(cut("Now is the winter") == "Now| is| the| winter");
  CHECK(cut("a  b") == "a| | b");
  CHECK(cut("a   \n") == "a|   \n");
  CHECK(cut("a\nb") == "a|\n|b");
  CHECK(cut("a\n\nb") == "a|\n|\n|b");
  CHECK(cut("a\n b") == "a|\n| b");
  CHECK(cut(" ") == " ");
  CHECK(cut("   ") == "   ");
}

TEST_CASE("first_word: letters, numbers and the rest are words of their own", "[ch09][first_word]") {
  CHECK(cut("Act3, Scene 14.") == "Act|3|,| Scene| 14|.");
  CHECK(cut("KING:\nWhat?!") == "KING|:|\n|What|?!");
  CHECK(cut("x_1 -- y") == "x|_|1| --| y");
}

TEST_CASE("first_word: English endings", "[ch09][first_word]") {
  CHECK(cut("I'll don't he's we've they're I'd I'm") == "I|'ll| don|'t| he|'s| we|'ve| they|'re| I|'d| I|'m");
  CHECK(cut("'tis") == "'t|is");   // the pattern knows no English
  CHECK(cut("a 's") == "a| '|s");  // behind a blank it is none
  CHECK(cut("IT'S") == "IT|'|S");  // nor in capitals
}

TEST_CASE("first_word: any alphabet, and bytes that are none", "[ch09][first_word]") {
  CHECK(cut("\xC3\xA9t\xC3\xA9 \xD0\xBC\xD0\xB8\xD1\x80") == "\xC3\xA9t\xC3\xA9| \xD0\xBC\xD0\xB8\xD1\x80");
  CHECK(cut("a\xC2\xA0"
            "b") == "a|\xC2\xA0|b");  // a blank that does not break is white space, and no blank
  CHECK(cut("a\xFF\xFE!z") == "a|\xFF\xFE!|z");
}
