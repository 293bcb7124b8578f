#include "common/terminal/text.hpp"

#include <limits>
#include <string>
#include <vector>

#include "common/terminal/paragraphs.hpp"
#include "common/terminal/table.hpp"
#include "tests/support/catch.hpp"

namespace gpt {
namespace {

TEST_CASE("joined: with what is between, and nothing around", "[text]") {
  CHECK(joined({}, ", ").empty());
  CHECK(joined({"one"}, ", ") == "one");
  CHECK(joined({"one", "", "three"}, ", ") == "one, , three");
  CHECK(joined({"", "two"}, "-") == "-two");
}

TEST_CASE("trimmed: nothing around, and what is inside stays", "[text]") {
  CHECK(trimmed(" \t a  b\r\n") == "a  b");
  CHECK(trimmed("ab") == "ab");
  CHECK(trimmed(" \n ").empty());
  CHECK(trimmed("").empty());
}

TEST_CASE("lines_of: the last one may have no end", "[text]") {
  CHECK(lines_of("one\n\nthree") == std::vector<std::string>{"one", "", "three"});
  CHECK(lines_of("one\n") == std::vector<std::string>{"one"});
  CHECK(lines_of("").empty());
}

TEST_CASE("with_commas: one before every three digits", "[text]") {
  CHECK(with_commas(0) == "0");
  CHECK(with_commas(999) == "999");
  CHECK(with_commas(1000) == "1,000");
  CHECK(with_commas(1115394) == "1,115,394");
  CHECK(with_commas(18446744073709551615u) == "18,446,744,073,709,551,615");
}

TEST_CASE("columns_of: letters, not bytes", "[text]") {
  CHECK(columns_of("") == 0);
  CHECK(columns_of("groß") == 4);
  CHECK(columns_of("━╸") == 2);
}

TEST_CASE("edit_distance: letters put in, taken out, changed, and neighbours swapped", "[text]") {
  CHECK(edit_distance("", "") == 0);
  CHECK(edit_distance("", "head") == 4);
  CHECK(edit_distance("head", "heads") == 1);
  CHECK(edit_distance("head", "had") == 1);
  CHECK(edit_distance("head", "hear") == 1);
  CHECK(edit_distance("head", "haed") == 1);
  CHECK(edit_distance("kitten", "sitting") == 3);
  CHECK(edit_distance("ca", "abc") == 3);  // what was swapped is not edited again
  CHECK(edit_distance("sitting", "kitten") == edit_distance("kitten", "sitting"));
}

TEST_CASE("nearest: the word that was meant, if one is near enough", "[text]") {
  const std::vector<std::string> known{"--steps", "--seed", "--temperature"};
  CHECK(nearest("--stpes", known) == "--steps");
  CHECK(nearest("--temp", known) == "--temperature");
  CHECK(nearest("--learning", known).empty());
  CHECK(nearest("x", known).empty());
  CHECK(nearest("", known).empty());
  CHECK(nearest("--steps", {}).empty());
}

TEST_CASE("table: columns line up, and the heading has a rule", "[table]") {
  CHECK(table({{"", "what", "n"}, {"1", "loss", "12,000"}, {"10", "a head", "7"}}, "rlr") ==
        "      what         n\n"
        "  --  ------  ------\n"
        "   1  loss    12,000\n"
        "  10  a head       7\n");
}

TEST_CASE("table: losses and durations as people write them", "[table]") {
  CHECK(loss_text(2.4912f) == "2.49");
  CHECK(loss_text(std::nullopt) == "-");
  CHECK(loss_text(std::numeric_limits<float>::quiet_NaN()) == "-");
  CHECK(duration(42.31) == "42 s");
  CHECK(duration(59.6) == "1 min 0 s");
  CHECK(duration(151) == "2 min 31 s");
}

TEST_CASE("paragraphs: long lines end between words, and the rest stands below their beginning",
          "[paragraphs]") {
  CHECK(folded("  one two three\nfour", 9) == "  one two\n  three\nfour\n");
  CHECK(folded("short   stays", 20) == "short   stays\n");
  CHECK(folded("incomprehensible", 4) == "incomprehensible\n");
  CHECK(folded("größer äö", 9) == "größer äö\n");
  CHECK(folded("\n", 9) == "\n");
}

TEST_CASE("paragraphs: Markdown's lines are joined before they are broken, those of code are not",
          "[paragraphs]") {
  CHECK(reflowed("one two\nthree four\n\nfive", 14) == "one two three\nfour\n\nfive\n");
  CHECK(reflowed("see\n```cpp\nint  answer = 42;\n```\nthere", 9) ==
        "see\n```cpp\nint  answer = 42;\n```\nthere\n");
  CHECK(reflowed("- one\n- two\n  three", 40) == "- one\n- two three\n");
}

}  // namespace
}  // namespace gpt
