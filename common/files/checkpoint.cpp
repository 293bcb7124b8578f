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

namespace gpt {
namespace {

static_assert(std::endian::native == std::endian::little && std::numeric_limits<float>::is_iec559,
              "checkpoints are copied to and from memory as they are: this needs a little-endian machine");

constexpr std::uint64_t max_header = 100'000'000;  // the format's own limit
constexpr std::size_t max_name = 1024;
constexpr std::size_t max_axes = 64;
constexpr const char* metadata_key = "__metadata__";

/// Text from a file, made fit for an error message: one line, plain ASCII, not too long.
std::string in_quotes(const std::string& text) {
  const std::string start = text.size() > 60 ? text.substr(0, 60) + "..." : text;
  return Json(start).dump(/*indent=*/-1, ' ', /*ensure_ascii=*/true, Json::error_handler_t::replace);
}

/// What is wrong with a tensor's name, or nothing.
std::string fault_in_name(const std::string& name) {
  if (name.empty()) return "a tensor's name is empty";
  if (name.size() > max_name) {
    return "the tensor name " + in_quotes(name) + " is longer than " + std::to_string(max_name) + " bytes";
  }
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
  if (std::any_of(name.begin(), name.end(), is_control)) {
    return "the tensor name " + in_quotes(name) + " has a control character";
  }
  return "";
}

/// Bytes that a shape takes, or the largest number there is where that would not be large enough.
std::uint64_t byte_count(const Shape& shape) {
  constexpr std::uint64_t most = std::numeric_limits<std::uint64_t>::max();
  std::uint64_t bytes = sizeof(float);
  for (const std::size_t size : shape) {
    if (size != 0 && bytes > most / size) return most;
    bytes *= size;
  }
  return bytes;
}

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
    if (end - begin != byte_count(tensor.shape)) {
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

// --- loading ---

[[noreturn]] void refuse(const std::filesystem::path& file, const std::string& why) {
  throw std::runtime_error("load_checkpoint: cannot use " + file.string() + ": " + why);
}

/// What the header says of one tensor.
struct Entry {
  std::string name;
  Shape shape;
  std::uint64_t begin = 0;  // in bytes, from where the numbers begin
  std::uint64_t end = 0;
};

/// Takes the header as the JSON parser walks through it, and stops at the first thing that does not belong.
///
/// The parser's ordinary way, to build a tree of all that it reads, would keep one of two equal keys in
/// silence, and would let a hostile header grow a tree many times its size. Here a value is either expected
/// or refused, so nothing can nest deeper than the format does.
class HeaderReader final : public nlohmann::json_sax<Json> {
 public:
  explicit HeaderReader(const std::filesystem::path& file) : file_(file) {}

  std::map<std::string, std::string> metadata;
  std::vector<Entry> entries;

  bool key(string_t& text) override {
    key_ = text;
    bool is_new = true;
    if (place_ == Place::header) {
      if (const std::string fault = fault_in_name(key_); !fault.empty()) refuse(file_, fault);
      is_new = names_.insert(key_).second;
      name_ = key_;
    } else if (place_ == Place::metadata) {
      is_new = metadata.emplace(key_, "").second;
    } else {
      if (key_ != "dtype" && key_ != "shape" && key_ != "data_offsets") {
        refuse(file_, "tensor " + in_quotes(name_) + " has an unknown field, " + in_quotes(key_));
      }
      is_new = fields_.insert(key_).second;
    }
    if (!is_new) refuse(file_, "its header has the key " + in_quotes(key_) + " twice");
    return true;
  }

  bool start_object(std::size_t) override {
    if (place_ == Place::outside) {
      place_ = Place::header;
    } else if (place_ == Place::header && key_ == metadata_key) {
      place_ = Place::metadata;
    } else if (place_ == Place::header) {
      place_ = Place::tensor;
      entries.push_back({key_, {}});
      fields_.clear();
    } else {
      refuse_value();
    }
    return true;
  }

  bool end_object() override {
    if (place_ == Place::tensor) {
      for (const char* field : {"dtype", "shape", "data_offsets"}) {
        if (fields_.count(field) == 0) refuse(file_, "tensor " + in_quotes(name_) + " has no " + field);
      }
    }
    place_ = place_ == Place::header ? Place::outside : Place::header;
    return true;
  }

  bool start_array(std::size_t) override {
    if (place_ != Place::tensor || key_ == "dtype") refuse_value();
    place_ = Place::list;
    list_.clear();
    return true;
  }

  bool end_array() override {
    Entry& entry = entries.back();
    if (key_ == "shape") {
      const auto fits = [](std::uint64_t size) { return std::in_range<std::size_t>(size); };
      if (!std::all_of(list_.begin(), list_.end(), fits)) refuse_value();
      entry.shape.assign(list_.begin(), list_.end());
    } else {
      if (list_.size() != 2) refuse_value();
      entry.begin = list_[0];
      entry.end = list_[1];
    }
    place_ = Place::tensor;
    return true;
  }

  bool string(string_t& text) override {
    if (place_ == Place::metadata) {
      metadata[key_] = std::move(text);
      return true;
    }
    if (place_ != Place::tensor || key_ != "dtype") refuse_value();
    if (text != "F32") {
      refuse(file_, "tensor " + in_quotes(name_) + " has dtype " + in_quotes(text) +
                        ", and only \"F32\" is read here");
    }
    return true;
  }

  bool number_unsigned(number_unsigned_t number) override {
    if (place_ != Place::list) refuse_value();
    if (list_.size() == max_axes) {
      refuse(file_, "tensor " + in_quotes(name_) + " has a " + key_ + " of over " + std::to_string(max_axes) +
                        " numbers");
    }
    list_.push_back(number);
    return true;
  }

  bool null() override { refuse_value(); }
  bool boolean(bool) override { refuse_value(); }
  bool number_integer(number_integer_t) override { refuse_value(); }  // only negative numbers arrive here
  bool number_float(number_float_t, const string_t&) override { refuse_value(); }
  bool binary(binary_t&) override { refuse_value(); }
  bool parse_error(std::size_t position, const std::string&, const Json::exception&) override {
    refuse(file_, "its header is not valid JSON at byte " + std::to_string(position));
  }

 private:
  enum class Place { outside, header, metadata, tensor, list };

  /// Says what should have been where something else was found.
  [[noreturn]] void refuse_value() const {
    if (place_ == Place::outside || place_ == Place::header) {
      refuse(file_, "the entry " + in_quotes(key_) + " of its header must be an object");
    }
    if (place_ == Place::metadata) refuse(file_, "its metadata " + in_quotes(key_) + " must be a string");
    refuse(file_, "tensor " + in_quotes(name_) + ": " + key_ + " must be " +
                      (key_ == "dtype"   ? "a string"
                       : key_ == "shape" ? "a list of non-negative integers"
                                         : "two non-negative integers"));
  }

  const std::filesystem::path& file_;
  Place place_ = Place::outside;
  std::string name_;                 // the last key of the header
  std::string key_;                  // the last key of all
  std::set<std::string> names_;      // all keys of the header
  std::set<std::string> fields_;     // all keys of this tensor
  std::vector<std::uint64_t> list_;  // the numbers of this list
};

/// Sorts the tensors as they lie in the file, and checks that they fill its data, each byte once.
void check_layout(const std::filesystem::path& file, std::vector<Entry>& entries, std::uint64_t data_bytes) {
  const auto place = [](const Entry& e) { return std::tie(e.begin, e.end); };
  std::stable_sort(entries.begin(), entries.end(),
                   [&](const Entry& a, const Entry& b) { return place(a) < place(b); });
  std::uint64_t next = 0;
  for (const Entry& entry : entries) {
    const std::uint64_t begin = entry.begin;
    const std::uint64_t end = entry.end;
    const std::string who = "tensor " + in_quotes(entry.name);
    if (begin > end) refuse(file, who + " ends before it begins");
    const std::uint64_t expected = byte_count(entry.shape);
    if (expected == std::numeric_limits<std::uint64_t>::max()) refuse(file, who + " is larger than any file");
    if (end - begin != expected) {
      refuse(file, who + " has a shape of " + std::to_string(expected) + " bytes, but data_offsets of " +
                       std::to_string(end - begin));
    }
    if (end > data_bytes) {
      refuse(file, who + " ends " + std::to_string(end - data_bytes) +
                       " bytes after the file does - was it cut short?");
    }
    if (begin < next) refuse(file, who + " overlaps the tensor before it");
    if (begin > next) refuse(file, std::to_string(begin - next) + " bytes before " + who + " belong to none");
    next = end;
  }
  if (next < data_bytes) {
    refuse(file, "it has " + std::to_string(data_bytes - next) + " bytes that belong to no tensor");
  }
}

std::uint64_t checked_size(const std::filesystem::path& file) {
  std::error_code error;
  const std::filesystem::file_status status = std::filesystem::status(file, error);
  if (status.type() == std::filesystem::file_type::not_found) refuse(file, "there is no such file");
  if (std::filesystem::is_directory(status)) refuse(file, "it is a folder");
  // Opening a pipe would wait for somebody to write to it.
  if (!error && !std::filesystem::is_regular_file(status)) refuse(file, "it is not an ordinary file");
  const std::uintmax_t size = error ? 0 : std::filesystem::file_size(file, error);
  if (error) refuse(file, error.message());
  return size;
}

void read(const std::filesystem::path& file, std::ifstream& in, void* to, std::uint64_t bytes) {
  if (!in.read(static_cast<char*>(to), static_cast<std::streamsize>(bytes))) {
    refuse(file, "reading stopped before the file's end - is it being changed?");
  }
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
  const std::uint64_t file_bytes = checked_size(file);
  if (file_bytes == 0) refuse(file, "it is empty");
  std::uint64_t header_bytes = 0;
  if (file_bytes < sizeof header_bytes) refuse(file, "it is too short for a safetensors file");
  std::ifstream in(file, std::ios::binary);
  if (!in) refuse(file, "it cannot be opened - may you read it?");

  read(file, in, &header_bytes, sizeof header_bytes);
  const std::uint64_t rest = file_bytes - sizeof header_bytes;
  if (header_bytes > max_header) refuse(file, "its header would be over 100 MB - is it a safetensors file?");
  if (header_bytes > rest) refuse(file, "its header would be longer than the file - was it cut short?");
  std::string header(header_bytes, '\0');
  read(file, in, header.data(), header_bytes);
  if (header.empty() || header.front() != '{') refuse(file, "its header is not a JSON object");
  // The JSON parser takes a zero byte for the end of the text, and would not look at what is behind it.
  if (header.find('\0') != std::string::npos) refuse(file, "its header has a zero byte");

  HeaderReader reader(file);
  Json::sax_parse(header, &reader);
  check_layout(file, reader.entries, rest - header_bytes);

  Checkpoint checkpoint{std::move(reader.metadata), {}};
  checkpoint.tensors.reserve(reader.entries.size());
  try {
    for (Entry& entry : reader.entries) {
      const std::uint64_t bytes = entry.end - entry.begin;
      std::vector<float> values(static_cast<std::size_t>(bytes / sizeof(float)));
      read(file, in, values.data(), bytes);
      checkpoint.tensors.push_back({std::move(entry.name), std::move(entry.shape), std::move(values)});
    }
  } catch (const std::bad_alloc&) {
    refuse(file, "there is not enough memory for it");
  }
  return checkpoint;
}

}  // namespace gpt
