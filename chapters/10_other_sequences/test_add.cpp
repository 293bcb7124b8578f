#include "10_other_sequences/add.hpp"

#include "tests/support/catch.hpp"
#include "tests/support/gradient_check.hpp"

namespace gpt {
namespace {

TEST_CASE("Add: the answer is the sum, in the order that was chosen", "[ch10][add]") {
  CHECK(Add().right("417+385=", "2080"));
  CHECK_FALSE(Add().right("417+385=", "0802"));
  CHECK_FALSE(Add().right("417+385=", "208"));
  CHECK(Add(Digits::forward).right("417+385=", "0802"));
  CHECK(Add().right("0000+0000=", "00000"));
  CHECK(Add().show("417+385=", "2080") == "417+385=0802");
  CHECK(Add(Digits::forward).show("417+385=", "0802") == "417+385=0802");
}

TEST_CASE("Add: a sum and the same one the other way round are on one side", "[ch10][add]") {
  CHECK(Add().key({"417+385=", "2080"}) == Add().key({"385+417=", "2080"}));
  CHECK(Add().key({"417+385=", "2080"}) != Add().key({"417+386=", "3080"}));
}

TEST_CASE("Add: its exams ask what they say", "[ch10][add]") {
  Rng rng(1);
  const Add add;
  const std::vector<Exam> exams = add.exams();
  REQUIRE(exams.size() == 6);
  for (std::size_t n = 0; n <= 3; ++n) {
    for (int i = 0; i < 50; ++i) {
      const std::string question = exams[1 + n].example(rng).question;
      CHECK(carries(std::stoul(question.substr(0, 3)), std::stoul(question.substr(4, 3))) == n);
    }
  }
  CHECK(exams[5].example(rng).question.size() == 10);
}

TEST_CASE("Add: completes a question, and says what can be asked", "[ch10][add]") {
  CHECK(Add().question("417+385") == "417+385=");
  CHECK(Add().question("417+385=") == "417+385=");
  CHECK(Add().question("5+7") == "005+007=");
  CHECK(Add().question("5+1234") == "0005+1234=");
  for (const std::string wrong :
       {"12345+1", "417", "417+", "+385", "4 + 5", "417-385", "1+2+3", "a+b", "="}) {
    INFO(wrong);
    CHECK(message_of<std::invalid_argument>([&] { Add().question(wrong); }) ==
          "expected a sum of two numbers of at most 4 digits, such as 417+385, got \"" + wrong + "\"");
  }
}

}  // namespace
}  // namespace gpt
