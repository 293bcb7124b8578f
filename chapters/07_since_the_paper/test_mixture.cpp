#include "07_since_the_paper/mixture.hpp"
#include "tests/support/catch.hpp"

using namespace gpt;

TEST_CASE("mixture: each base has its parts, and what the command line names stays", "[ch07]") {
  CHECK(Mixture().in_words() == "rms pre swiglu rotary 2 yes yes no scheduled");
  const Mixture earlier(Words{{"--base", "chapter-6"}});
  CHECK(earlier.in_words() == "layer pre relu table 4 no no yes plain");
  CHECK(earlier.design().G == 4);
  CHECK(earlier.design().bias == Bias::on);
  CHECK(Mixture(Words{{"--size", "sprint"}}).in_words() ==
        "rms pre relu2 rotary 4 no yes no line size=sprint optimizer=muon projections=zero "
        "windows=short-first");
  const Mixture first(Words{{"--base", "chapter-6"}, {"--size", "sprint"}});
  CHECK(first.in_words() == "layer pre relu table 4 no no yes plain size=sprint");
  const Mixture mixed(Words{{"--base", "chapter-6"}, {"--positions", "rotary"}, {"--blocks", "12"}});
  CHECK(mixed.in_words() == "layer pre relu rotary 4 no no yes plain blocks=12");
  CHECK(mixed.number("--blocks") == 12);
  CHECK(mixed.given("--blocks"));
  CHECK(!mixed.given("--channels"));
}

TEST_CASE("mixture: a checkpoint's words come back, and give way to the command line", "[ch07]") {
  const std::string saved = Mixture(Words{{"--size", "sprint"}, {"--windows", "whole"}}).in_words();
  CHECK(Mixture(Words{}, saved).in_words() == saved);
  CHECK(Mixture(Words{{"--norm", "layer"}}, saved).in_words() == "layer" + saved.substr(3));
  CHECK(Mixture(Words{{"--size", "sprint"}}, Mixture().in_words()).in_words() ==
        Mixture().in_words() + " size=sprint");
  // A base that is named holds against a checkpoint, as every part does; the same command as before leads to the same.
  const Words as_then{{"--base", "chapter-6"}, {"--positions", "rotary"}};
  CHECK(Mixture(as_then, Mixture(as_then).in_words()).in_words() == Mixture(as_then).in_words());
  CHECK(Mixture(Words{{"--base", "chapter-6"}}, saved).in_words() ==
        Mixture(Words{{"--base", "chapter-6"}}).in_words());
  for (const char* strange :
       {"residual", "rms pre swiglu rotary 2 yes yes no scheduled depth=3", "rms pre 7"})
    CHECK_NOTHROW(Mixture(Words{}, strange).design());
}
