#include "10_other_sequences/draw.hpp"

#include <set>

#include "tests/support/catch.hpp"
#include "tests/support/gradient_check.hpp"

namespace gpt {
namespace {

const Draw& quiz() {
  static const Draw draw;
  return draw;
}

TEST_CASE("pictures: so many faces and houses, no two alike, each within its frame", "[ch10][draw]") {
  CHECK(quiz().of_kind('f').size() == 31104);
  CHECK(quiz().of_kind('h').size() == 10752);
  std::set<Picture> all;
  for (const char kind : {'f', 'h'})
    for (const Picture& picture : quiz().of_kind(kind)) all.insert(picture);
  CHECK(all.size() == 31104 + 10752);
}

TEST_CASE("in_patches: four dots a character, and back", "[ch10][draw]") {
  Picture picture;
  picture.dot(0, 0);  // upper left of the first character
  picture.dot(3, 1);  // lower right of the second
  picture.fill(10, 10, 2, 2);
  const std::u32string text = in_patches(picture);
  REQUIRE(text.size() == 36);
  CHECK(text.substr(0, 3) == U"▘▗ ");
  CHECK(text[35] == U'█');
  CHECK(from_patches(text) == picture);
  for (const Picture& face : quiz().of_kind('f')) {
    if (!(from_patches(in_patches(face)) == face)) FAIL("a face does not come back");
  }
}

TEST_CASE("Draw: right is what the program could have made, and nothing else", "[ch10][draw]") {
  const Picture face = quiz().of_kind('f')[1000];
  const std::string text = to_utf8(in_patches(face));
  CHECK(quiz().right("f", text));
  CHECK_FALSE(quiz().right("h", text));
  CHECK_FALSE(quiz().right("f", to_utf8(in_patches(face).substr(0, 35))));
  Picture spoiled = face;
  spoiled.dot(6, 5);
  spoiled.dot(5, 6);
  CHECK_FALSE(quiz().right("f", to_utf8(in_patches(spoiled))));
  CHECK_FALSE(quiz().right("f", ""));
  CHECK_FALSE(quiz().right("f", "fh"));
}

TEST_CASE("Draw: the nearest learned picture was learned from, and none is nearer", "[ch10][draw]") {
  Picture picture = quiz().of_kind('h')[77];
  picture.dot(0, 0);
  const Picture nearest = quiz().nearest_learned('h', picture);
  CHECK_FALSE(held_out("h" + to_utf8(in_patches(nearest))));
  for (const Picture& other : quiz().of_kind('h')) {
    if (!held_out("h" + to_utf8(in_patches(other))) && other.distance(picture) < nearest.distance(picture))
      FAIL("there is one nearer");
  }
}

TEST_CASE("Draw: shows what was given, what came of it and the nearest learned, in blocks", "[ch10][draw]") {
  const std::u32string text = in_patches(quiz().of_kind('f')[0]);
  const std::string shown = quiz().show("f" + to_utf8(text.substr(0, 18)), to_utf8(text.substr(18)));
  CHECK(shown.starts_with("given, completed, and the nearest that training had"));
  CHECK(std::count(shown.begin(), shown.end(), '\n') == 7);
  CHECK(quiz().show("f", to_utf8(text)).starts_with("drawn, and the nearest"));
  CHECK_FALSE(quiz().show("f", "").empty());  // a model that says nothing
  CHECK_FALSE(quiz().show("f", "fff\xc2\xa0").empty());
}

TEST_CASE("Draw: takes rows of dots, and says what can be asked", "[ch10][draw]") {
  CHECK(quiz().question("face") == "f");
  CHECK(quiz().question("house") == "h");
  CHECK(quiz().question("face ##.......... #..........#") == "f\xe2\x96\x9b    \xe2\x96\x97");
  const std::string row = " ............";
  CHECK_NOTHROW(quiz().question("face" + row + row + row + row + row + row + row + row + row + row));
  for (const std::string& wrong :
       {std::string("cat"), std::string(""), "face" + row, std::string("face .#"),
        std::string("house ............ ...........o"),
        "face" + row + row + row + row + row + row + row + row + row + row + row + row}) {
    INFO(wrong);
    CHECK(
        message_of<std::invalid_argument>([&] { quiz().question(wrong); }) ==
        "expected \"face\" or \"house\", and behind it, if its upper part is given, 2, 4, 6, 8 or 10 rows of "
        "12 dots, such as ...######..., got \"" +
            wrong + "\"");
  }
}

}  // namespace
}  // namespace gpt
