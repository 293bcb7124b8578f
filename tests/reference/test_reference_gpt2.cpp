/// @file test_reference_gpt2.cpp
/// GPT-2 in the form of the published files: read, spoken, and compared with what PyTorch makes of it.
#include <cmath>
#include <filesystem>
#include <functional>

#include "09_subwords/cached_gpt2.hpp"
#include "common/files/checkpoint.hpp"
#include "common/files/gpt2_files.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/temp_folder.hpp"

namespace gpt {
namespace {

namespace fs = std::filesystem;

const fs::path folder = fs::path(REFERENCE_FOLDER) / "gpt2";

GPT2Sizes sizes_of(const GPT2Config& c) {
  return {.V = c.V, .block_size = c.block_size, .C = c.C, .H = c.H, .L = c.L};
}

std::vector<float> numbers(const std::string& name) {
  for (const StoredTensor& tensor : load_checkpoint(folder / "logits.safetensors").tensors)
    if (tensor.name == name) return tensor.values;
  throw std::runtime_error("there is no " + name);
}

std::vector<int> tokens() {
  const std::vector<float> ids = numbers("tokens");
  return {ids.begin(), ids.end()};
}

double largest_difference(const float* a, const float* b, std::size_t n) {
  double largest = 0;
  for (std::size_t i = 0; i < n; ++i) largest = std::max(largest, std::fabs(double(a[i]) - b[i]));
  return largest;
}

TEST_CASE("GPT-2 equals PyTorch's, from F32, F16 and BF16, token by token and at once", "[reference][gpt2]") {
  for (const char* const type : {"F32", "F16", "BF16"}) {
    const GPT2Weights file(folder / type, KeepAs::stored);
    const GPT2Sizes sizes = sizes_of(file.config());
    CHECK(file.parameters() == 60'720);
    const std::vector<float> expected = numbers(type);
    CachedGPT2 cache(sizes, file.weights());
    const std::vector<int> text = tokens();
    for (std::size_t t = 0; t < text.size(); ++t) {
      const std::vector<float> logits = cache.read({text[t]});
      REQUIRE(largest_difference(logits.data(), &expected[t * sizes.V], sizes.V) < 1e-4);
    }
    cache.clear();
    const std::vector<float> at_once = cache.read(text);
    CHECK(largest_difference(at_once.data(), &expected[(text.size() - 1) * sizes.V], sizes.V) < 1e-4);
  }
}

TEST_CASE("GPT-2 equals PyTorch's as a chapter's model, with a tape", "[reference][gpt2]") {
  const GPT2Weights file(folder / "F32", KeepAs::stored);
  Rng rng(1);
  const GPT2 model(sizes_of(file.config()), rng);
  for (const Parameter& p : model.parameters()) {
    const StoredMatrix& stored = file.weights().at(published_name(p.name));
    REQUIRE(stored.rows * stored.columns == p.tensor.size());
    widen(stored, 0, p.tensor.size(), p.tensor.mutable_values().data());
  }
  const std::vector<int> text = tokens();
  const Tensor logits = model(Tokens{1, text.size(), text});
  const std::vector<float> expected = numbers("F32");
  REQUIRE(logits.size() == expected.size());
  CHECK(largest_difference(logits.values().data(), expected.data(), expected.size()) < 1e-4);
}

TEST_CASE("GPT-2 rounded: 16 bits are near, 8 bits not far", "[reference][gpt2]") {
  const std::vector<float> expected = numbers("F32");
  const auto difference = [&](KeepAs keep) {
    const GPT2Weights file(folder / "F32", keep);
    CachedGPT2 cache(sizes_of(file.config()), file.weights());
    double largest = 0;
    const std::vector<int> text = tokens();
    for (std::size_t t = 0; t < text.size(); ++t)
      largest = std::max(largest, largest_difference(cache.read({text[t]}).data(),
                                                     &expected[t * file.config().V], file.config().V));
    return largest;
  };
  const double bfloat16 = difference(KeepAs::bfloat16), int8 = difference(KeepAs::int8);
  CHECK(bfloat16 > 1e-4);
  CHECK(bfloat16 < 0.2);
  CHECK(int8 > 1e-3);
  CHECK(int8 < 0.4);
}

TEST_CASE("GPT-2 goes into published files and comes back", "[reference][gpt2]") {
  const TempFolder copy;
  const GPT2Weights file(folder / "F32", KeepAs::stored);
  save_gpt2(copy.path(), file.config(), file.weights());
  const GPT2Weights back(copy.path(), KeepAs::stored);
  for (const auto& [name, matrix] : file.weights()) {
    const StoredMatrix& other = back.weights().at(name);
    REQUIRE(other.rows == matrix.rows);
    REQUIRE(other.columns == matrix.columns);
    CHECK(largest_difference(static_cast<const float*>(matrix.numbers),
                             static_cast<const float*>(other.numbers), matrix.rows * matrix.columns) == 0);
  }
}

std::string error_of(const std::function<void()>& f) {
  try {
    f();
  } catch (const std::exception& error) {
    return error.what();
  }
  return "no error";
}

TEST_CASE("GPT-2's files: a sentence for each that cannot be used", "[reference][gpt2]") {
  const TempFolder copy;
  const std::string config = slurp(folder / "F32" / "config.json"),
                    model = slurp(folder / "F32" / "model.safetensors");
  const auto load = [&](const std::string& config_text, const std::string& model_bytes) {
    copy.write("config.json", config_text);
    copy.write("model.safetensors", model_bytes);
    return error_of([&] { GPT2Weights weights(copy.path(), KeepAs::int8); });
  };
  const auto changed = [](std::string text, const std::string& from, const std::string& to) {
    const std::size_t at = text.find(from);
    REQUIRE(at != std::string::npos);
    return text.replace(at, from.size(), to);
  };
  const auto says = [](const std::string& message, const std::string& part) {
    INFO(message);
    CHECK(message.find(part) != std::string::npos);
    CHECK(message.find('\n') == std::string::npos);
  };
  CHECK(load(config, model) == "no error");
  says(load(changed(config, "\"n_layer\": 2", "\"n_layer\": 3"), model), "it has no h.2.");
  says(load(changed(config, "\"n_layer\": 2", "\"n_layer\": 16777216"), model),
       "too few for the 16777216 blocks of config.json");
  says(load(changed(config, "\"n_layer\": 2", "\"n_layer\": 1"), model),
       "\"h.1.ln_1.weight\", which a GPT-2 of config.json's sizes has not");
  says(load(changed(config, "\"n_embd\": 48", "\"n_embd\": 64"), model),
       "\"wte.weight\" is (61, 48), and config.json asks for (61, 64)");
  says(load(changed(config, "\"n_head\": 4", "\"n_head\": 5"), model),
       "n_embd must be a multiple of n_head, and they are 48 and 5");
  says(load(changed(config, "\"n_head\": 4", "\"n_head\": 0"), model),
       "n_head must be a whole number from 1");
  says(load(changed(config, "\"n_head\": 4", "\"n_head\": \"4\""), model),
       "n_head must be a whole number from 1");
  says(load(changed(config, "\"vocab_size\"", "\"vocabulary\""), model), "it does not say vocab_size");
  says(load(changed(config, "gelu_new", "relu"), model),
       "activation_function is \"relu\", and in GPT-2 it is \"gelu_new\"");
  says(load(changed(config, "\"gpt2\"", "\"llama\""), model), "model_type is \"llama\"");
  says(load(config.substr(0, 40), model), "it is not JSON - was it cut short?");
  says(load(config, model.substr(0, model.size() - 100)), "was it cut short?");
  says(load(config, model.substr(0, 5)), "it is too short for a safetensors file");
  says(load(config, changed(model, "\"h.1.mlp.c_fc.bias\"", "\"h.1.mlp.c_fc.bear\"")), "h.1.mlp.c_fc.bear");
  says(load(config, changed(model, "\"F32\"", "\"F31\"")), "has dtype \"F31\"");
  says(load(config, changed(model, "\"F32\"", "\"I32\"")),
       "has the type \"I32\", and weights are read as F32, F16 or BF16");
  fs::remove(copy / "config.json");
  says(error_of([&] { GPT2Weights weights(copy.path(), KeepAs::stored); }),
       "config.json: there is no such file");
}

}  // namespace
}  // namespace gpt
