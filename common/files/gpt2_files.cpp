#include "common/files/gpt2_files.hpp"

#ifdef __linux__
#include <sys/mman.h>
#endif

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <map>
#include <new>
#include <stdexcept>

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
  try {
    for (const TensorEntry& entry :
         header.entries) {  // in the order of the file: the disk is read once, from its start
      const std::string name = without_prefix(entry.name);
      const auto match = found.find(name);
      if (match == found.end() || match->second != &entry) continue;
      const bool vector = entry.shape.size() == 1;
      const StoredMatrix matrix{type_of(entry.type), nullptr, vector ? 1 : entry.shape[0], entry.shape.back(),
                                nullptr};
      const std::uint64_t row = matrix.columns * bytes_of(matrix.type);
      const ReadRows read = [&](std::size_t first, std::size_t n, void* to) {
        in.seekg(static_cast<std::streamoff>(header.data + entry.begin + first * row));
        read_numbers(file, in, to, n * row);
      };
      const bool small = vector || name == "wpe.weight";
      if (keep == KeepAs::stored || small ||
          (keep == KeepAs::bfloat16 && matrix.type == NumberType::bfloat16)) {
        keep_stored(name, matrix, read);
      } else if (keep == KeepAs::bfloat16) {
        keep_bfloat16(name, matrix, read);
      } else {
        keep_int8(name, matrix, read);
      }
    }
  } catch (const std::bad_alloc&) {
    refuse(file, "there is not enough memory for it");
  }
}

void GPT2Weights::Free::operator()(void* block) const { std::free(block); }

GPT2Weights::Block GPT2Weights::take(std::size_t bytes) {
  constexpr std::size_t page = std::size_t{2} << 20, line = 64;
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

void GPT2Weights::keep_stored(const std::string& name, StoredMatrix matrix, const ReadRows& read) {
  Block numbers = take(matrix.rows * matrix.columns * bytes_of(matrix.type));
  read(0, matrix.rows, numbers.get());
  add(name, matrix, std::move(numbers));
}

// A few rows at a time, so that there is never more in memory than stays.
void GPT2Weights::keep_bfloat16(const std::string& name, StoredMatrix matrix, const ReadRows& read) {
  const std::size_t together = std::clamp<std::size_t>((1 << 20) / matrix.columns, 1, matrix.rows);
  Block numbers = take(2 * matrix.rows * matrix.columns);
  const Block some = take(together * matrix.columns * bytes_of(matrix.type));
  std::vector<float> wide(together * matrix.columns);
  for (std::size_t first = 0; first < matrix.rows; first += together) {
    const std::size_t n = std::min(together, matrix.rows - first);
    read(first, n, some.get());
    widen({matrix.type, some.get(), n, matrix.columns, nullptr}, 0, n * matrix.columns, wide.data());
    to_bfloat16(wide.data(), n * matrix.columns,
                static_cast<BFloat16*>(numbers.get()) + first * matrix.columns);
  }
  matrix.type = NumberType::bfloat16;
  add(name, matrix, std::move(numbers));
}

// The token table has a row for each output already; the layers' outputs are columns, and are turned.
void GPT2Weights::keep_int8(const std::string& name, StoredMatrix matrix, const ReadRows& read) {
  const bool turn = name != "wte.weight";
  const std::size_t out = turn ? matrix.columns : matrix.rows, in = turn ? matrix.rows : matrix.columns;
  const std::size_t together = std::min<std::size_t>(64, out);  // outputs at a time
  Block eighths = take(out * in), scales = take(out * sizeof(float));
  const Block some = take((turn ? out : together) * in * bytes_of(matrix.type));
  std::vector<float> wide((turn ? out : together) * in), rows(turn ? together * in : 0);
  if (turn) {
    read(0, matrix.rows, some.get());
    widen({matrix.type, some.get(), in, out, nullptr}, 0, in * out, wide.data());
  }
  for (std::size_t first = 0; first < out; first += together) {
    const std::size_t n = std::min(together, out - first);
    if (turn) {
      for (std::size_t i = 0; i < in; ++i)
        for (std::size_t o = 0; o < n; ++o) rows[o * in + i] = wide[i * out + first + o];
    } else {
      read(first, n, some.get());
      widen({matrix.type, some.get(), n, in, nullptr}, 0, n * in, wide.data());
    }
    for (std::size_t o = 0; o < n; ++o) {
      static_cast<float*>(scales.get())[first + o] = to_int8(
          &(turn ? rows : wide)[o * in], in, static_cast<std::int8_t*>(eighths.get()) + (first + o) * in);
    }
  }
  bytes_ += out * sizeof(float);
  add(name, {NumberType::int8, nullptr, out, in, static_cast<const float*>(scales.get())},
      std::move(eighths));
  blocks_.push_back(std::move(scales));
}

void GPT2Weights::add(const std::string& name, const StoredMatrix& matrix, Block numbers) {
  StoredMatrix& kept = weights_[name] = matrix;
  kept.numbers = numbers.get();
  parameters_ += matrix.rows * matrix.columns;
  bytes_ += matrix.rows * matrix.columns * bytes_of(matrix.type);
  blocks_.push_back(std::move(numbers));
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
