#include "program/task.hpp"

#include <algorithm>
#include <cmath>

#include "01_bigram/bigram_language_model.hpp"
#include "01_bigram/train.hpp"
#include "01_bigram/vocabulary.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/gradient_check.hpp"
#include "tests/support/temp_folder.hpp"

namespace gpt {
namespace {

static_assert(Task<AnyTask>);

/// The cycle abcd, with the last tenth or more in z's.
TextTask task(std::size_t n, std::size_t zs) {
  std::string text;
  for (std::size_t i = 0; i < n; ++i) text += i + zs >= n ? 'z' : "abcd"[i % 4];
  return {Corpus{"cycle", "cycle.txt", text}, Vocabulary("abcdz")};
}

/// Sure of the cycle, and of no end to the z's.
BigramLanguageModel sure(Rng& rng) {
  const BigramLanguageModel model(5, rng);
  const std::span<float> table = model.parameters()[0].tensor.mutable_values();
  for (std::size_t i = 0; i < 25; ++i) {
    const std::size_t next = i / 5 == 4 ? 4 : (i / 5 + 1) % 4;
    table[i] = i % 5 == next ? 20.0f : 0.0f;
  }
  return model;
}

TEST_CASE("TextTask: nine tenths to learn from, and batches come from there alone", "[task]") {
  const TextTask text = task(1000, 100);
  Rng rng(1);
  const Batch batch = text.sample(200, 8, rng);
  CHECK(batch.inputs.B == 200);
  CHECK(std::ranges::count(batch.targets.ids, 4) == 0);  // no z
}

TEST_CASE("TextTask: says its name and size", "[task]") {
  CHECK(task(1000, 100).describe() == "cycle: 1000 characters, 5 different");
  CHECK(task(1000, 100).name() == "cycle");
}

/// "ab" is 0, "cd" is 1, and a single z is 2.
struct Twos {
  std::size_t size() const { return 3; }
  std::string symbols() const { return ""; }
  std::vector<int> encode(const std::string& text) const {
    std::vector<int> ids;
    for (std::size_t i = 0; i < text.size(); i += text[i] == 'z' ? 1 : 2)
      ids.push_back(text[i] == 'a' ? 0 : text[i] == 'c' ? 1 : 2);
    return ids;
  }
  std::string decode(const std::vector<int>&) const { return ""; }
};

TEST_CASE("TextTask: tokens of several characters are cut where characters are, and losses become bits",
          "[task]") {
  std::string text;
  for (std::size_t i = 0; i < 1000; ++i) text += i >= 980 ? 'z' : "abcd"[i % 4];
  const TextTask pieces(Corpus{"cycle", "cycle.txt", text}, Twos{});
  CHECK(pieces.describe() == "cycle: 1000 characters in 510 tokens, 3 different");
  // The last hundred characters are 40 twos and 20 z's.
  REQUIRE(pieces.characters_per_token());
  CHECK(*pieces.characters_per_token() == 100.0 / 60);
  CHECK(*task(1000, 100).characters_per_token() == 1);
  CHECK(!TextTask(Corpus{.name = "gone"}, Twos{}).characters_per_token());
  // Undecided between two, once for each two characters: half a bit a character.
  CHECK_THAT(bits_per_character(std::log(2.0), 2), Catch::Matchers::WithinAbs(0.5, 1e-12));
  CHECK(training_part("0123456789") == "012345678");
  CHECK(training_part("\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9z").size() ==
        18);
}

TEST_CASE("TextTask: looks at windows from all over a text that is too long to read whole", "[task]") {
  // 100,000 characters of which the second half is z: a look at the first 20,000 would miss the one step from d to z,
  // but not that half of the text is z. The model is wrong about nothing else, so it has to be made wrong about z.
  const TextTask text = task(100000, 50000);
  Rng rng(1);
  const BigramLanguageModel model = sure(rng);
  model.parameters()[0].tensor.mutable_values()[24] = 0.0f;  // after z, all are equal
  const CurvePoint look = text.look(model, /*T=*/8, /*step=*/7);
  CHECK(look.step == 7);
  // 40,000 of the 90,000 to learn from are z: ln 5 = 1.609 each.
  CHECK(look.train > 0.65f);
  CHECK(look.train < 0.78f);
  CHECK(look.val > 1.6f);
}

TEST_CASE("TextTask: evaluates both parts, and a sure and right model has no loss", "[task]") {
  const TextTask text = task(1000, 100);
  Rng rng(1);
  const CurvePoint exact = text.evaluate(sure(rng), 8, 3);
  CHECK(exact.step == 3);
  CHECK(exact.train < 1e-3f);
  CHECK(exact.val < 1e-3f);
}

TEST_CASE("tuning_task: the last tenth is neither learned from nor validated on", "[task]") {
  // 81 % a and b, 9 % c, 10 % d.
  const TempFolder folder;
  std::string text;
  for (std::size_t i = 0; i < 2000; ++i) text += i >= 1800 ? 'd' : i >= 1620 ? 'c' : "ab"[i % 2];
  RunOptions options;
  options.data = folder.write("text.txt", text);
  const std::unique_ptr<AnyTask> task = tuning_task(options, nullptr);
  CHECK(task->tokeniser().size() == 4);  // so that its models read the whole text
  CHECK(task->describe().find("1800 characters, 4 different. Its last tenth is left alone") !=
        std::string::npos);
  CHECK_FALSE(task->published());
  Rng rng(1);
  const Batch batch = task->sample(400, 4, rng);
  CHECK(std::ranges::max(batch.targets.ids) == 1);
  // Who knows that c follows c is right of all that validates.
  const BigramLanguageModel model(4, rng);
  const std::span<float> table = model.parameters()[0].tensor.mutable_values();
  for (std::size_t i = 0; i < 16; ++i) table[i] = i == 2 * 4 + 2 ? 20.0f : 0.0f;
  const CurvePoint exact = task->evaluate(model, 4, 0);
  CHECK(exact.val < 1e-6f);
  CHECK(exact.train > 1.3f);
}

TEST_CASE(
    "text_task: a saved run speaks without its text, and learns only from one whose characters it knows",
    "[task]") {
  const TempFolder folder;
  const std::string known = folder.write("known.txt", std::string(2000, 'a') + "b");
  const std::string other = folder.write("other.txt", std::string(2000, 'a') + "z");
  SavedRun saved{1, "", "ab", 1, 1, 1, {}, {}};
  saved.text = open_corpus(known).fingerprint;
  saved.corpus = "known.txt";
  RunOptions options;
  const auto speaks = text_task(options, &saved);  // the corpus that is here is another
  CHECK_FALSE(speaks->can_learn());
  CHECK(speaks->name() == "known.txt");
  CHECK(speaks->start("") == std::vector<int>{0});
  CHECK_NOTHROW(speaks->require_context(1000));
  options.data = known;
  CHECK(text_task(options, &saved)->can_learn());
  options.data = other;
  CHECK_THROWS_AS(text_task(options, &saved), std::invalid_argument);
  options.data.clear();
  options.steps = 9;
  CHECK_THROWS_AS(text_task(options, &saved), std::invalid_argument);
}

TEST_CASE("TextTask: says what was read otherwise than it stands in the file", "[task]") {
  const TempFolder folder;
  RunOptions options;
  options.data = folder.write("windows.txt", std::string(1200, 'a') + "\r\n");
  CHECK(text_task(options, nullptr)->describe() ==
        "windows.txt: 1201 characters, 2 different. 1 line ends as on Windows (CR LF), which is read as a "
        "new line "
        "like any other");
}

TEST_CASE("TextTask: refuses a context that its validation part cannot fill", "[task]") {
  const TextTask text = task(1000, 100);
  CHECK_NOTHROW(text.require_context(99));
  CHECK(message_of<std::invalid_argument>([&] { text.require_context(100); }) ==
        "--context 100 is too long for cycle: its last tenth, which validates, has 100 characters");
}

TEST_CASE("TextTask: goes on from the end of a line, or from its first letter", "[task]") {
  CHECK(task(1000, 100).start("") == std::vector<int>{0});
  const TextTask lines(Corpus{"lines", "lines.txt", std::string(1000, 'a')}, Vocabulary("\na"));
  CHECK(lines.start("") == std::vector<int>{0});
  const TextTask tabs(Corpus{"tabs", "tabs.txt", std::string(1000, 'a')}, Vocabulary("\t\na"));
  CHECK(tabs.start("") == std::vector<int>{1});
  CHECK(tabs.start("a") == std::vector<int>{2});
  CHECK_THROWS_AS(tabs.start("b"), std::invalid_argument);
}

TEST_CASE("TextTask: says what was asked, and goes on", "[task]") {
  const TextTask text = task(1000, 100);
  Rng rng(1);
  const BigramLanguageModel model = sure(rng);
  std::string said;
  const auto print = [&](const std::string& piece) { said += piece; };
  text.speak(model, {"ab", 5, {}}, rng, print);
  CHECK(said == "abcdabc");
  said.clear();
  text.speak(model, {"", 3, {}}, rng, print);  // after an a that nobody asked for
  CHECK(said == "bcd");
  CHECK(text.traced(model, "cab") == std::vector<int>{2, 0, 1});
  CHECK(text.scores(model).empty());
}

}  // namespace
}  // namespace gpt
