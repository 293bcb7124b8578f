#include "common/files/gpt2_files.hpp"

#ifdef __linux__
#include <sys/mman.h>
#endif

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <map>
#include <new>
#include <stdexcept>
#include <utility>

#include "common/files/atomic_file.hpp"
#include "common/files/checkpoint.hpp"
#include "common/files/ordered_json.hpp"
#include "common/files/safetensors.hpp"

namespace gpt {

namespace fs = std::filesystem;

namespace {

[[noreturn]] void refuse(const fs::path& file, const std::string& why) {
  throw std::runtime_error("GPT-2: cannot use " + file.string() + ": " + why);
}

/// Every tensor of the published files that is a weight, with its shape.
std::map<std::string, Shape> expected_shapes(const GPT2Config& c) {
  std::map<std::string, Shape> shapes{{"wte.weight", {c.V, c.C}},
                                      {"wpe.weight", {c.block_size, c.C}},
                                      {"ln_f.weight", {c.C}},
                                      {"ln_f.bias", {c.C}}};
  for (std::size_t l = 0; l < c.L; ++l) {
    const std::string block = "h." + std::to_string(l) + ".";
    for (const char* const norm : {"ln_1", "ln_2"}) {
      shapes[block + norm + ".weight"] = {c.C};
      shapes[block + norm + ".bias"] = {c.C};
    }
    const auto layer = [&](const char* name, std::size_t in, std::size_t out) {
      shapes[block + name + ".weight"] = {in, out};
      shapes[block + name + ".bias"] = {out};
    };
    layer("attn.c_attn", c.C, 3 * c.C);
    layer("attn.c_proj", c.C, c.C);
    layer("mlp.c_fc", c.C, 4 * c.C);
    layer("mlp.c_proj", 4 * c.C, c.C);
  }
  return shapes;
}

/// What some published files hold besides: the causal mask, and the output layer, which is the token table again.
bool is_no_weight(const std::string& name) {
  return name.ends_with(".attn.bias") || name.ends_with(".attn.masked_bias") || name == "lm_head.weight";
}

std::string without_prefix(const std::string& name) {
  const std::string prefix = "transformer.";
  return name.starts_with(prefix) ? name.substr(prefix.size()) : name;
}

NumberType type_of(const std::string& type) {
  return type == "F32" ? NumberType::float32 : type == "F16" ? NumberType::float16 : NumberType::bfloat16;
}

}  // namespace

GPT2Config read_gpt2_config(const fs::path& file) {
  std::error_code ignored;
  if (!fs::is_regular_file(file, ignored)) refuse(file, "there is no such file");
  std::ifstream in(file, std::ios::binary);
  const Json json = Json::parse(in, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) refuse(file, "it is not JSON - was it cut short?");
  const auto size = [&](const char* name) {
    const auto found = json.find(name);
    if (found == json.end()) refuse(file, "it does not say " + std::string(name));
    if (!found->is_number_unsigned() || found->get<std::uint64_t>() < 1 ||
        found->get<std::uint64_t>() > (1u << 24))
      refuse(file, std::string(name) + " must be a whole number from 1 to 16777216, and is " + found->dump());
    return found->get<std::size_t>();
  };
  const auto must_be = [&](const char* name, std::initializer_list<Json> values) {
    const auto found = json.find(name);
    if (found == json.end() || std::find(values.begin(), values.end(), *found) != values.end()) return;
    refuse(file,
           std::string(name) + " is " + found->dump() + ", and in GPT-2 it is " + values.begin()->dump());
  };
  must_be("model_type", {"gpt2"});
  must_be("activation_function", {"gelu_new", "gelu_pytorch_tanh"});
  must_be("tie_word_embeddings", {true});
  must_be("scale_attn_weights", {true});
  must_be("scale_attn_by_inverse_layer_idx", {false});
  must_be("layer_norm_epsilon", {1e-5f});
  const GPT2Config config{size("vocab_size"), size(json.contains("n_positions") ? "n_positions" : "n_ctx"),
                          size("n_embd"), size("n_head"), size("n_layer")};
  must_be("n_inner", {nullptr, 4 * config.C});
  if (config.C % config.H != 0) {
    refuse(file, "n_embd must be a multiple of n_head, and they are " + std::to_string(config.C) + " and " +
                     std::to_string(config.H));
  }
  return config;
}

GPT2Weights::GPT2Weights(const fs::path& folder, KeepAs keep)
    : config_(read_gpt2_config(folder / "config.json")) {
  const fs::path file = folder / "model.safetensors";
  std::ifstream in;
  const TensorHeader header =
      read_tensor_header(file, in, {"F32", "F16", "BF16", "BOOL", "U8", "I8", "I16", "I32", "I64"});
  if (config_.L > header.entries.size()) {
    refuse(file, "it has " + std::to_string(header.entries.size()) + " tensors, too few for the " +
                     std::to_string(config_.L) + " blocks of config.json");
  }
  const std::map<std::string, Shape> expected = expected_shapes(config_);
  std::map<std::string, const TensorEntry*> found;
  for (const TensorEntry& entry : header.entries) {
    const std::string name = without_prefix(entry.name);
    const auto match = expected.find(name);
    if (match == expected.end()) {
      // A block that config.json does not know has a mask too: that is no weight, but the rest of the block is.
      if (is_no_weight(name)) continue;
      refuse(file, "it has " + in_quotes(entry.name) + ", which a GPT-2 of config.json's sizes has not");
    }
    if (entry.shape != match->second) {
      refuse(file, in_quotes(entry.name) + " is " + to_string(entry.shape) + ", and config.json asks for " +
                       to_string(match->second));
    }
    if (entry.type != "F32" && entry.type != "F16" && entry.type != "BF16") {
      refuse(file, in_quotes(entry.name) + " has the type " + in_quotes(entry.type) +
                       ", and weights are read as F32, F16 or BF16");
    }
    if (!found.emplace(name, &entry).second) refuse(file, "it has " + in_quotes(name) + " twice");
  }
  for (const auto& [name, shape] : expected) {
    if (!found.contains(name)) refuse(file, "it has no " + name + " " + to_string(shape));
  }
  // How each is kept. Small ones stay as they are, for they take no time.
  const auto kept_as = [&](const std::string& name, const TensorEntry& entry) {
    const bool small = entry.shape.size() == 1 || name == "wpe.weight";
    if (keep == KeepAs::stored || small) return type_of(entry.type);
    return keep == KeepAs::bfloat16 ? NumberType::bfloat16 : NumberType::int8;
  };
  std::uint64_t bytes = 0;  // where a size_t has 32 bits, that may be more than there are
  for (const auto& [name, entry] : found) {
    const NumberType kept = kept_as(name, *entry);
    std::uint64_t numbers = 1;
    for (const std::size_t n : entry->shape) numbers *= n;
    bytes += room(numbers * bytes_of(kept));
    if (kept == NumberType::int8)
      bytes += room((name == "wte.weight" ? entry->shape[0] : entry->shape[1]) * sizeof(float));
  }
  try {
    memory_ = reserve(bytes);
    // In the order of the file: the disk is read once, from its start.
    for (const TensorEntry& entry : header.entries) {
      const std::string name = without_prefix(entry.name);
      const auto match = found.find(name);
      if (match == found.end() || match->second != &entry) continue;
      StoredMatrix matrix{type_of(entry.type), nullptr, entry.shape.size() == 1 ? 1 : entry.shape[0],
                          entry.shape.back(), nullptr};
      const std::uint64_t row = matrix.columns * bytes_of(matrix.type);
      const ReadRows read = [&](std::size_t first, std::size_t n, void* to) {
        in.seekg(static_cast<std::streamoff>(header.data + entry.begin + first * row));
        read_numbers(file, in, to, n * row);
      };
      const NumberType kept = kept_as(name, entry);
      if (kept == matrix.type) {
        void* const numbers = take(matrix.rows * row);
        read(0, matrix.rows, numbers);
        matrix.numbers = numbers;
      } else if (kept == NumberType::bfloat16) {
        keep_bfloat16(matrix, read);
      } else {
        keep_int8(matrix, /*turn=*/name != "wte.weight", read);
      }
      weights_[name] = matrix;
      parameters_ += matrix.rows * matrix.columns;
    }
  } catch (const std::bad_alloc&) {
    refuse(file, "there is not enough memory for it");
  }
}

void GPT2Weights::Free::operator()(void* block) const { std::free(block); }

namespace {

constexpr std::size_t page = std::size_t{2} << 20;  // bytes of a large page
constexpr std::size_t line = 64;                    // and of what comes from memory at once

/// Calls f(first, n, numbers) for a few rows of a matrix after the other, so that there is never more in memory than stays.
template <class Read, class F>
void by_rows(const StoredMatrix& matrix, const Read& read, const F& f) {
  const std::size_t together = std::clamp<std::size_t>((1 << 18) / matrix.columns, 1, matrix.rows);
  std::vector<float> wide(together * matrix.columns), stored(wide.size());
  for (std::size_t first = 0; first < matrix.rows; first += together) {
    const std::size_t n = std::min(together, matrix.rows - first);
    read(first, n, stored.data());
    widen({matrix.type, stored.data(), n, matrix.columns, nullptr}, 0, n * matrix.columns, wide.data());
    f(first, n, wide.data());
  }
}

}  // namespace

GPT2Weights::Block GPT2Weights::reserve(std::uint64_t asked) {
  if (!std::in_range<std::size_t>(asked)) throw std::bad_alloc();
  const auto bytes = static_cast<std::size_t>(asked);
  const std::size_t unit = bytes >= page ? page : line;
  void* const block = std::aligned_alloc(unit, (bytes + unit - 1) / unit * unit);
  if (block == nullptr) throw std::bad_alloc();
#ifdef __linux__
  // Large pages: a processor knows by heart where few of them are, and each token goes through all of the weights. Not
  // for the end, of which a large page would take more than is there.
  if (bytes >= page) ::madvise(block, bytes / page * page, MADV_HUGEPAGE);
#endif
  return Block(block);
}

std::uint64_t GPT2Weights::room(std::uint64_t bytes) { return (bytes + line - 1) / line * line; }

void* GPT2Weights::take(std::size_t bytes) {
  void* const taken = static_cast<std::byte*>(memory_.get()) + taken_;
  taken_ += static_cast<std::size_t>(room(bytes));
  bytes_ += bytes;
  return taken;
}

void GPT2Weights::keep_bfloat16(StoredMatrix& matrix, const ReadRows& read) {
  auto* const numbers = static_cast<BFloat16*>(take(2 * matrix.rows * matrix.columns));
  by_rows(matrix, read, [&](std::size_t first, std::size_t n, const float* wide) {
    to_bfloat16(wide, n * matrix.columns, numbers + first * matrix.columns);
  });
  matrix.type = NumberType::bfloat16;
  matrix.numbers = numbers;
}

// The token table has a row for each output already; the layers' outputs are columns, and are turned.
void GPT2Weights::keep_int8(StoredMatrix& matrix, bool turn, const ReadRows& read) {
  const std::size_t out = turn ? matrix.columns : matrix.rows, in = turn ? matrix.rows : matrix.columns;
  auto* const numbers = static_cast<std::int8_t*>(take(out * in));
  auto* const scales = static_cast<float*>(take(out * sizeof(float)));
  if (turn) {
    // A column's largest number is known when all rows have been read: so they are read twice.
    std::vector<float> largest(out);
    by_rows(matrix, read, [&](std::size_t, std::size_t n, const float* wide) {
      for (std::size_t i = 0; i < n; ++i)
        for (std::size_t o = 0; o < out; ++o) largest[o] = larger(largest[o], wide[i * out + o]);
    });
    by_rows(matrix, read, [&](std::size_t first, std::size_t n, const float* wide) {
      for (std::size_t o = 0; o < out; ++o)
        scales[o] = to_int8(wide + o, n, out, largest[o], numbers + o * in + first);
    });
  } else {
    by_rows(matrix, read, [&](std::size_t first, std::size_t n, const float* wide) {
      for (std::size_t o = 0; o < n; ++o)
        scales[first + o] = to_int8(wide + o * in, in, numbers + (first + o) * in);
    });
  }
  matrix = {NumberType::int8, numbers, out, in, scales};
}

void save_gpt2(const fs::path& folder, const GPT2Config& config, const StoredWeights& weights) {
  const Json json{{"model_type", "gpt2"},       {"activation_function", "gelu_new"},
                  {"vocab_size", config.V},     {"n_positions", config.block_size},
                  {"n_embd", config.C},         {"n_head", config.H},
                  {"n_layer", config.L},        {"layer_norm_epsilon", 1e-5f},
                  {"tie_word_embeddings", true}};
  Checkpoint checkpoint;
  checkpoint.metadata["format"] = "pt";
  for (const auto& [name, shape] : expected_shapes(config)) {
    const StoredMatrix& matrix = weights.at(name);
    std::vector<float> numbers(matrix.rows * matrix.columns);
    widen(matrix, 0, numbers.size(), numbers.data());
    checkpoint.tensors.push_back({name, shape, std::move(numbers)});
  }
  save_checkpoint(folder / "model.safetensors", checkpoint);
  const std::string text = text_of(json, /*indent=*/2) + "\n";
  AtomicFile out("save_gpt2", folder / "config.json");
  out.write(text.data(), text.size());
  out.commit();
}

}  // namespace gpt
