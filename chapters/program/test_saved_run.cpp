#include "program/saved_run.hpp"

#include "01_bigram/batch.hpp"
#include "01_bigram/bigram_language_model.hpp"
#include "01_bigram/train.hpp"
#include "02_self_attention/head.hpp"
#include "02_self_attention/transformer_language_model.hpp"
#include "common/nn/adamw.hpp"
#include "program/any_optimizer.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/gradient_check.hpp"  // message_of
#include "tests/support/temp_folder.hpp"

using namespace gpt;

namespace {

template <Optimizer O>
void save_run(const std::filesystem::path& file, const SavedRun& run, const Parameters& parameters,
              const O& optimizer) {
  save_checkpoint(file, checkpoint_of(run, parameters, optimizer.state()));
}

/// Saves a small model's run, and lets a test change what is in the file.
class Saved {
 public:
  Saved() : rng_(1), model_(3, rng_), optimizer_(model_.parameters()) {
    optimizer_.set_steps(12);
    save_run(file(), SavedRun{5, "norm", "\n a", 32, 8, 12, rng_.state(), {}, 1.23456789f},
             model_.parameters(), optimizer_);
  }
  std::filesystem::path file() const { return folder_ / "run.safetensors"; }
  const BigramLanguageModel& model() const { return model_; }
  const Rng& rng() const { return rng_; }

  void set(const std::string& name, const std::string& value) const {
    Checkpoint checkpoint = load_checkpoint(file());
    checkpoint.metadata[name] = value;
    save_checkpoint(file(), checkpoint);
  }
  void remove(const std::string& name) const {
    Checkpoint checkpoint = load_checkpoint(file());
    checkpoint.metadata.erase(name);
    save_checkpoint(file(), checkpoint);
  }
  /// What load_run() says; empty if it says nothing. The file's name is cut off.
  std::string complaint(int chapter = 5, const std::string& variant = "norm") const {
    try {
      load_run(file(), chapter, variant);
    } catch (const std::runtime_error& error) {
      const std::string text = error.what(), name = file().string();
      return text.rfind(name, 0) == 0 ? text.substr(name.size()) : text;
    }
    return {};
  }

 private:
  TempFolder folder_;
  Rng rng_;
  BigramLanguageModel model_;
  AdamW optimizer_;
};

}  // namespace

TEST_CASE("load_run: gives back what save_run was given", "[ch01][saved_run]") {
  const Saved saved;
  const SavedRun run = load_run(saved.file(), 5, "norm");
  CHECK(run.chapter == 5);
  CHECK(run.variant == "norm");
  CHECK(run.symbols == "\n a");
  CHECK(run.batch == 32);
  CHECK(run.context == 8);
  CHECK(run.step == 12);
  CHECK(run.lowest_val == 1.23456789f);
  CHECK(run.rng == saved.rng().state());
}

TEST_CASE("resume: weights, optimiser and dice are as they were", "[ch01][saved_run]") {
  const Saved saved;
  Rng rng(99);
  const BigramLanguageModel model(3, rng);
  AdamW optimizer(model.parameters());
  resume(load_run(saved.file(), 5, "norm"), model.parameters(), optimizer, rng);
  const Tensor expected = saved.model().parameters()[0].tensor, got = model.parameters()[0].tensor;
  for (std::size_t i = 0; i < 9; ++i) CHECK(got.values()[i] == expected.values()[i]);
  CHECK(optimizer.steps() == 12);
  CHECK(rng.state() == saved.rng().state());
}

TEST_CASE("resume: refuses a model of other sizes", "[ch01][saved_run]") {
  const Saved saved;
  Rng rng(1);
  const BigramLanguageModel model(4, rng);
  AdamW optimizer(model.parameters());
  CHECK_THROWS_AS(resume(load_run(saved.file(), 5, "norm"), model.parameters(), optimizer, rng),
                  std::runtime_error);
}

TEST_CASE("resume: with every optimiser, a run ends where it would have ended unbroken, bit for bit",
          "[ch01][saved_run]") {
  struct Text {
    std::vector<int> ids{0, 1, 2, 3, 2, 1, 0, 3, 3, 0, 2, 1, 1, 3, 0, 2, 1};
    Batch sample(std::size_t B, std::size_t T, Rng& rng) const { return sample_batch(ids, B, T, rng); }
  };
  struct Run {
    Rng rng{3};
    TransformerLanguageModel<Head> model{/*V=*/4, /*block_size=*/8, /*C=*/8, Head(8, 8, rng), rng};
    AnyOptimizer optimizer;
    explicit Run(const MakeOptimizer& make) : optimizer(make(model.parameters())) {}
    void train(std::size_t steps) {
      gpt::train(model, optimizer, Text{}, {/*B=*/2, /*T=*/8, steps, [](std::size_t) { return 0.01f; }}, rng,
                 [](float) { return true; });
    }
  };
  for (const MakeOptimizer& make : {adamw({.weight_decay = 0.1f}), muon_and_adamw(/*rate=*/20)}) {
    const TempFolder folder;
    Run whole(make), first(make), second(make);
    whole.train(12);
    first.train(5);
    save_run(folder / "run", SavedRun{2, "", "abcd", 2, 8, 5, first.rng.state(), {}},
             first.model.parameters(), first.optimizer);
    resume(load_run(folder / "run", 2, ""), second.model.parameters(), second.optimizer, second.rng);
    CHECK(second.optimizer.steps() == 5);
    second.train(12);
    const Parameters expected = whole.model.parameters(), got = second.model.parameters();
    for (std::size_t i = 0; i < expected.size(); ++i)
      CHECK(std::ranges::equal(got[i].tensor.values(), expected[i].tensor.values()));
  }
}

TEST_CASE("resume: refuses a run of another optimiser, and names what is missing", "[ch01][saved_run]") {
  const TempFolder folder;
  Rng rng(1);
  const Linear layer(2, 3, Bias::off, rng);
  const AdamW adamw(layer.parameters());
  MuonAndAdamW muon(layer.parameters(), 20);
  save_run(folder / "run", SavedRun{1, "", "ab", 1, 1, 0, rng.state(), {}}, layer.parameters(), adamw);
  const SavedRun run = load_run(folder / "run", 1, "");
  CHECK(message_of<std::runtime_error>([&] { resume(run, layer.parameters(), muon, rng); }) ==
        "the run has no optimizer.momentum.weight, which the optimiser needs to go on - was it trained by "
        "another "
        "optimiser?");
}

TEST_CASE("save_run: a vocabulary may hold any byte", "[ch01][saved_run]") {
  const TempFolder folder;
  Rng rng(1);
  const BigramLanguageModel model(2, rng);
  const AdamW optimizer(model.parameters());
  const std::string symbols("\0\x7f\x80\xc3\xff", 5);
  save_run(folder / "bytes", SavedRun{1, "", symbols, 1, 1, 0, rng.state(), {}}, model.parameters(),
           optimizer);
  CHECK(load_run(folder / "bytes", 1, "").symbols == symbols);
}

TEST_CASE("save_run: a run that has not looked at its losses yet has an infinite lowest one",
          "[ch01][saved_run]") {
  const TempFolder folder;
  Rng rng(1);
  const BigramLanguageModel model(2, rng);
  const AdamW optimizer(model.parameters());
  save_run(folder / "new", SavedRun{1, "", "ab", 1, 1, 0, rng.state(), {}}, model.parameters(), optimizer);
  CHECK(load_run(folder / "new", 1, "").lowest_val == std::numeric_limits<float>::infinity());
}

TEST_CASE("load_run: refuses the model of another chapter or variant, and names both", "[ch01][saved_run]") {
  const Saved saved;
  CHECK(saved.complaint(1, "") == " holds the model of chapter 5 (norm), and this is chapter 1");
  CHECK(saved.complaint(5, "plain") == " holds the model of chapter 5 (norm), and this is chapter 5 (plain)");
}

TEST_CASE("load_run: names metadata that is not there", "[ch01][saved_run]") {
  for (const std::string name :
       {"chapter", "variant", "vocabulary", "batch", "context", "step", "rng", "lowest_val"}) {
    const Saved saved;
    saved.remove(name);
    CHECK(saved.complaint() == ": its metadata has no \"" + name + "\"; was it saved by a chapter's --save?");
  }
}

TEST_CASE("load_run: refuses metadata that --save would not write", "[ch01][saved_run]") {
  struct Case {
    std::string name, value;
  };
  const std::vector<Case> cases{{"rng", "1 2 3"},
                                {"rng", "1 2 3 4 5"},
                                {"rng", "1 2 x 4"},
                                {"rng", "1 2 3 18446744073709551616"},
                                {"rng", ""},
                                {"vocabulary", ""},
                                {"vocabulary", "10 256"},
                                {"vocabulary", "10 97 b"},
                                {"batch", "many"},
                                {"context", "8.5"},
                                {"context", "99999999999"},
                                {"step", "1 2"},
                                {"step", "-1"},
                                {"lowest_val", ""},
                                {"lowest_val", "low"},
                                {"lowest_val", "1.5x"},
                                {"lowest_val", "nan"},
                                {"lowest_val", "-1"}};
  for (const Case& wrong : cases) {
    const Saved saved;
    saved.set(wrong.name, wrong.value);
    CHECK(saved.complaint() ==
          ": metadata \"" + wrong.name + "\" is not what --save writes: \"" + wrong.value + "\"");
  }
  const Saved saved;
  saved.set("context", "0");
  CHECK(saved.complaint() == ": metadata \"context\" must be positive, got 0");
}

TEST_CASE("load_run: refuses dice that would only ever throw 0", "[ch01][saved_run]") {
  const Saved saved;
  saved.set("rng", "0 0 0 0");
  CHECK(saved.complaint() == ": metadata \"rng\" is not what --save writes: \"0 0 0 0\"");
}

TEST_CASE("load_run: says when there is no such file", "[ch01][saved_run]") {
  CHECK_THROWS_AS(load_run("no/such/file.safetensors", 1, ""), std::runtime_error);
}
