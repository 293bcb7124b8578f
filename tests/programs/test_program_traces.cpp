// What --trace writes against a forward pass of the same saved model, made here; and
// the traces that the texts show.
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "01_bigram/vocabulary.hpp"
#include "02_self_attention/head.hpp"
#include "02_self_attention/transformer_language_model.hpp"
#include "03_multi_head_attention/multi_head_attention.hpp"
#include "06_gpt/gpt_language_model.hpp"
#include "common/files/weights.hpp"
#include "common/tensor/ops.hpp"
#include "program/saved_run.hpp"
#include "tests/programs/outside.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/temp_folder.hpp"

namespace gpt {
namespace {

namespace fs = std::filesystem;
using Catch::Matchers::WithinAbs;
using Json = nlohmann::json;

struct Read {
  Shape shape;
  std::vector<double> values;  // null: not a number
  Json labels;
};

std::map<std::string, Read> read_trace(const fs::path& file) {
  std::map<std::string, Read> all;
  const Json json = Json::parse(std::ifstream(file));
  for (const Json& tensor : json.at("tensors")) {
    Read read{tensor.at("shape").get<Shape>(), {}, tensor.at("labels")};
    for (const Json& value : tensor.at("values"))
      read.values.push_back(value.is_null() ? std::nan("") : value.get<double>());
    REQUIRE(read.values.size() == element_count(read.shape));
    all[tensor.at("name")] = read;
  }
  return all;
}

/// Trains a little and saves; then loads and traces. @returns the loaded run
SavedRun traced(const std::string& program, int chapter, const std::string& variant,
                const TempFolder& folder) {
  const std::string model = (folder.path() / "m.safetensors").string(),
                    trace = (folder.path() / "t.json").string();
  const std::string common =
      "BARDLING_DATA= " PROGRAMS "/" + program + " --data play --quiet --threads 1 --tokens 0 ";
  REQUIRE(std::system((common + "--steps 30 --eval-every 30 --save " + model).c_str()) == 0);
  REQUIRE(std::system((common + "--load " + model + " --prompt 'Good night' --trace " + trace).c_str()) == 0);
  return load_run(model, chapter, variant);
}

template <LanguageModel Model>
Tensor probabilities_of(const Model& model, const SavedRun& run, const std::string& text) {
  restore(model.parameters(), Checkpoint{{}, [&] {
                                           std::vector<StoredTensor> weights;
                                           for (const StoredTensor& tensor : run.checkpoint.tensors)
                                             if (tensor.name.rfind("optimizer.", 0) != 0)
                                               weights.push_back(tensor);
                                           return weights;
                                         }()});
  const NoGrad no_grad;
  const std::vector<int> ids = Vocabulary(run.symbols).encode(text);
  return softmax(model(Tokens{1, ids.size(), ids}));
}

void check_equal(const Read& read, const Tensor& expected) {
  REQUIRE(read.values.size() == expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {  // four significant digits
    const double value = static_cast<double>(expected.values()[i]);
    CHECK_THAT(read.values[i], WithinAbs(value, 1e-6 + 6e-4 * std::abs(value)));
  }
}

/// Attention weights from nothing but a saved run's numbers: (T, C) in, query and key (C, C), H heads.
std::vector<double> attention(const std::vector<double>& x, std::size_t T, const StoredTensor& query,
                              const StoredTensor& key, std::size_t from, std::size_t hs) {
  const std::size_t C = query.shape[0], width = query.shape[1];
  const auto project = [&](const StoredTensor& w, std::size_t t, std::size_t c) {
    double sum = 0;
    for (std::size_t i = 0; i < C; ++i)
      sum += x[t * C + i] * static_cast<double>(w.values[i * width + from + c]);
    return sum;
  };
  std::vector<double> weights(T * T, 0.0);
  for (std::size_t t = 0; t < T; ++t) {
    double total = 0;
    for (std::size_t s = 0; s <= t; ++s) {
      double score = 0;
      for (std::size_t c = 0; c < hs; ++c) score += project(query, t, c) * project(key, s, c);
      total += weights[t * T + s] = std::exp(score / std::sqrt(static_cast<double>(hs)));
    }
    for (std::size_t s = 0; s <= t; ++s) weights[t * T + s] /= total;
  }
  return weights;
}

const StoredTensor& stored(const SavedRun& run, const std::string& name) {
  for (const StoredTensor& tensor : run.checkpoint.tensors) {
    if (tensor.name == name) return tensor;
  }
  throw std::runtime_error("no tensor " + name);
}

/// Token and position embeddings added: (T, C).
std::vector<double> embedded(const SavedRun& run, const std::string& text) {
  const StoredTensor what = stored(run, "token_embedding.weight"),
                     where = stored(run, "position_embedding.weight");
  const std::size_t C = what.shape[1];
  const std::vector<int> ids = Vocabulary(run.symbols).encode(text);
  std::vector<double> x;
  for (std::size_t t = 0; t < ids.size(); ++t) {
    for (std::size_t c = 0; c < C; ++c) {
      x.push_back(static_cast<double>(what.values[static_cast<std::size_t>(ids[t]) * C + c]) +
                  static_cast<double>(where.values[t * C + c]));
    }
  }
  return x;
}

void check_weights(const Read& read, std::size_t from, const std::vector<double>& expected) {
  for (std::size_t i = 0; i < expected.size(); ++i)
    CHECK_THAT(read.values[from + i], WithinAbs(expected[i], 2e-4));
}

TEST_CASE(
    "programs: --trace of chapter 2: one head's weights and predictions, as computed here from the saved "
    "model",
    "[programs][trace]") {
  const TempFolder folder;
  const SavedRun run = traced("ch02", 2, "", folder);
  const std::map<std::string, Read> trace = read_trace(folder.path() / "t.json");
  const std::string text = "od night";  // the last eight characters: block_size
  CHECK(trace.at("weights").labels.at("query").size() == 8);
  const std::vector<double> weights = attention(embedded(run, text), 8, stored(run, "body.query.weight"),
                                                stored(run, "body.key.weight"), 0, 32);
  check_weights(trace.at("weights"), 0, weights);
  Rng rng(0);
  const std::size_t V = run.symbols.size();
  const TransformerLanguageModel model(V, 8, 32, Head(32, 32, rng), rng);
  check_equal(trace.at("predictions"), probabilities_of(model, run, text));
}

TEST_CASE("programs: --trace of chapter 3: every head's weights, as computed here from the saved model",
          "[programs][trace]") {
  const TempFolder folder;
  const SavedRun run = traced("ch03", 3, "", folder);
  const std::map<std::string, Read> trace = read_trace(folder.path() / "t.json");
  const std::string text = "od night";
  const Read& weights = trace.at("heads.weights");
  REQUIRE(weights.shape == Shape{4, 8, 8});
  for (std::size_t h = 0; h < 4; ++h) {
    const std::string head = "body.heads." + std::to_string(h);
    check_weights(weights, h * 64,
                  attention(embedded(run, text), 8, stored(run, head + ".query.weight"),
                            stored(run, head + ".key.weight"), 0, 8));
  }
  Rng rng(0);
  const TransformerLanguageModel model(run.symbols.size(), 8, 32, MultiHeadAttention(32, 4, rng), rng);
  check_equal(trace.at("predictions"), probabilities_of(model, run, text));
}

TEST_CASE(
    "programs: --trace of chapter 6: the first block's heads, and a lens whose last place is what the model "
    "says",
    "[programs][trace]") {
  const TempFolder folder;
  const SavedRun run = traced("ch06 --batch 4", 6, "small", folder);
  const std::map<std::string, Read> trace = read_trace(folder.path() / "t.json");
  const std::string text = "Good night";
  const std::size_t T = text.size(), C = 64, V = run.symbols.size();
  std::vector<double> x = embedded(run, text);
  for (std::size_t t = 0; t < T; ++t) {  // layer norm, as the first block's attention sees the stream
    double mean = 0, square = 0;
    for (std::size_t c = 0; c < C; ++c) mean += x[t * C + c] / static_cast<double>(C);
    for (std::size_t c = 0; c < C; ++c) square += std::pow(x[t * C + c] - mean, 2) / static_cast<double>(C);
    for (std::size_t c = 0; c < C; ++c) {
      x[t * C + c] = (x[t * C + c] - mean) / std::sqrt(square + 1e-5) *
                         static_cast<double>(stored(run, "blocks.0.norm_1.gain").values[c]) +
                     static_cast<double>(stored(run, "blocks.0.norm_1.bias").values[c]);
    }
  }
  const Read& weights = trace.at("blocks.weights");
  REQUIRE(weights.shape == Shape{4, 4, T, T});
  for (std::size_t h = 0; h < 4; ++h) {
    check_weights(weights, h * T * T,
                  attention(x, T, stored(run, "blocks.0.attention.query.weight"),
                            stored(run, "blocks.0.attention.key.weight"), h * 16, 16));
  }
  Rng rng(0);
  const GPTLanguageModel model({V, run.context, 64, 4, 4, 0.0f}, rng);
  const Tensor said = probabilities_of(model, run, text);
  check_equal(trace.at("predictions"), said);
  const Read& lens = trace.at("lens");
  REQUIRE(lens.shape == Shape{5, T, V});
  check_equal({{T, V}, {lens.values.end() - static_cast<std::ptrdiff_t>(T * V), lens.values.end()}, {}},
              said);
  CHECK(trace.at("stream").shape == Shape{9, T});
  CHECK(trace.at("gradients").shape ==
        Shape{1, model.parameters().size()});  // loaded: there is no first step
}

TEST_CASE("programs: --trace changes nothing about a run", "[programs][trace]") {
  const TempFolder folder;
  const auto path = [&](const char* name) { return (folder.path() / name).string(); };
  const std::string common = "BARDLING_DATA= " PROGRAMS "/ch06 --data " +
                             folder.write("text.txt", small_text()) +
                             " --quiet --threads 1 --batch 4 --steps 6 --tokens 20 --save ";
  REQUIRE(std::system((common + path("without")).c_str()) == 0);
  REQUIRE(std::system((common + path("with") + " --trace " + path("t.json")).c_str()) == 0);
  CHECK(slurp(path("with")) == slurp(path("without")));
  CHECK(read_trace(path("t.json")).at("gradients").shape[0] == 2);
}

TEST_CASE("chapter 4's text: what its hidden units say to `to be or`, to the last digit", "[trace]") {
  const Read hidden = read_trace(fs::path(SHIPPED_RUNS) / "ch04.trace.json").at("hidden");
  REQUIRE(hidden.labels.at("position") == Json({"t", "o", " ", "b", "e", " ", "o", "r"}));
  const auto said = [&hidden](std::size_t unit) {
    std::vector<double> column;  // with one digit behind the point, as the text has it
    for (std::size_t position = 0; position < hidden.shape[0]; ++position)
      column.push_back(std::round(10 * hidden.values[position * hidden.shape[1] + unit]) / 10);
    return column;
  };
  using Column = std::vector<double>;
  CHECK(said(5) == Column{0, 0, 5.7, 0, 0, 5.5, 0, 0});
  CHECK(said(21) == Column{0, 6.6, 0, 0, 0.4, 0, 0, 2.9});
  CHECK(said(3) == Column{0, 0.8, 4.6, 0, 0, 4.0, 4.1, 0});
  CHECK(said(15) == Column(8, 0));
  CHECK(std::ranges::count_if(hidden.values, [](double value) { return value > 0; }) == 149);
}

TEST_CASE("chapter 4's text: where its hidden units are strongest", "[trace]") {
  const Read contexts = read_trace(fs::path(SHIPPED_RUNS) / "ch04.trace.json").at("contexts");
  const auto all_end = [&contexts](std::size_t unit, const std::vector<std::string>& ends) {
    for (std::size_t i = 10 * unit; i < 10 * unit + 10; ++i) {
      const std::string place = contexts.labels.at("context").at(i);
      INFO(place);
      CHECK(std::ranges::any_of(ends, [&](const std::string& end) { return place.ends_with(end); }));
    }
  };
  all_end(15, {".\n"});
  all_end(5, {"\n\n"});
  all_end(21, {"th,", "ch,"});
  CHECK(contexts.values[210] == 13.83);
  all_end(12, {"oo"});
  all_end(22, {"sho"});
  all_end(28, {"chi", "Phi", "\nhi"});
}

TEST_CASE("the traces that the texts show: small, rows of weights add up to 1, the future is 0", "[trace]") {
  std::uintmax_t bytes = 0;
  std::size_t attention_rows = 0;
  for (const fs::directory_entry& entry : fs::directory_iterator(SHIPPED_RUNS)) {
    if (!entry.is_regular_file()) continue;
    bytes += entry.file_size();
    const std::string file = entry.path().filename().string();
    if (file.find(".trace.json") == std::string::npos) continue;
    for (const auto& [name, tensor] : read_trace(entry.path())) {
      INFO(file << ": " << name);
      if (name.size() < 7 || name.compare(name.size() - 7, 7, "weights") != 0) continue;
      const std::size_t T = tensor.shape.back();
      for (std::size_t row = 0; row < tensor.values.size() / T; ++row) {
        double total = 0;
        for (std::size_t key = 0; key < T; ++key) {
          const double weight = tensor.values[row * T + key];
          total += weight;
          if (key > row % T && weight != 0) FAIL("row " << row << " looks at the future");
        }
        if (std::abs(total - 1) > 1e-3) FAIL("row " << row << " adds up to " << total);
        ++attention_rows;
      }
    }
  }
  CHECK(bytes < 4'000'000);
  CHECK(attention_rows > 500);
}

}  // namespace
}  // namespace gpt
