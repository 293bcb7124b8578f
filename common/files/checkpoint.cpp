#include "common/files/checkpoint.hpp"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <fstream>
#include <limits>
#include <new>
#include <set>
#include <stdexcept>
#include <tuple>
#include <utility>

#include "common/files/atomic_file.hpp"
#include "common/files/ordered_json.hpp"
#include "common/files/safetensors.hpp"

namespace gpt {
namespace {

static_assert(std::endian::native == std::endian::little && std::numeric_limits<float>::is_iec559,
              "checkpoints are copied to and from memory as they are: this needs a little-endian machine");

// --- saving ---

[[noreturn]] void refuse_to_save(const std::string& why) {
  throw std::invalid_argument("save_checkpoint: " + why);
}

/// The header, padded with spaces so that the numbers after it begin at a multiple of 8 bytes: then a reader
/// may map the file into memory and use them where they are.
std::string make_header(const Checkpoint& checkpoint) {
  Json header = Json::object();
  if (!checkpoint.metadata.empty()) header[metadata_key] = checkpoint.metadata;
  std::set<std::string> names{metadata_key};
  std::uint64_t end = 0;
  for (const StoredTensor& tensor : checkpoint.tensors) {
    if (const std::string fault = fault_in_name(tensor.name); !fault.empty()) refuse_to_save(fault);
    if (!names.insert(tensor.name).second) refuse_to_save(in_quotes(tensor.name) + " is taken already");
    if (tensor.shape.size() > max_axes) {
      refuse_to_save(in_quotes(tensor.name) + " has over " + std::to_string(max_axes) + " axes");
    }
    const std::uint64_t begin = end;
    end += tensor.values.size() * sizeof(float);
    if (end - begin != byte_count(tensor.shape, sizeof(float))) {
      refuse_to_save(in_quotes(tensor.name) + " has " + std::to_string(tensor.values.size()) +
                     " values, which is not what its shape says");
    }
    header[tensor.name] = {{"dtype", "F32"}, {"shape", tensor.shape}, {"data_offsets", {begin, end}}};
  }
  std::string text;
  try {
    text = header.dump();
  } catch (const Json::exception&) {
    refuse_to_save("names and metadata must be UTF-8, and something else is among them");
  }
  text.append((8 - text.size() % 8) % 8, ' ');
  if (text.size() > max_header) refuse_to_save("names and metadata are more than 100 MB");
  return text;
}

}  // namespace

void save_checkpoint(const std::filesystem::path& file, const Checkpoint& checkpoint) {
  const std::string header = make_header(checkpoint);
  const std::uint64_t header_bytes = header.size();
  AtomicFile out("save_checkpoint", file);
  out.write(&header_bytes, sizeof header_bytes);
  out.write(header.data(), header.size());
  for (const StoredTensor& tensor : checkpoint.tensors) {
    out.write(tensor.values.data(), tensor.values.size() * sizeof(float));
  }
  out.commit();
}

Checkpoint load_checkpoint(const std::filesystem::path& file) {
  std::ifstream in;
  TensorHeader header = read_tensor_header(file, in, {"F32"});
  Checkpoint checkpoint{std::move(header.metadata), {}};
  checkpoint.tensors.reserve(header.entries.size());
  try {
    for (TensorEntry& entry : header.entries) {
      const std::uint64_t bytes = entry.end - entry.begin;
      std::vector<float> values(static_cast<std::size_t>(bytes / sizeof(float)));
      read_numbers(file, in, values.data(), bytes);
      checkpoint.tensors.push_back({std::move(entry.name), std::move(entry.shape), std::move(values)});
    }
  } catch (const std::bad_alloc&) {
    refuse_checkpoint(file, "there is not enough memory for it");
  }
  return checkpoint;
}

std::map<std::string, std::string> read_metadata(const std::filesystem::path& file) {
  std::ifstream in;
  return read_tensor_header(file, in, {"F32"}).metadata;
}

}  // namespace gpt
