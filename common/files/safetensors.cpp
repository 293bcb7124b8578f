#include "common/files/safetensors.hpp"

#include <algorithm>
#include <limits>
#include <set>
#include <stdexcept>
#include <tuple>
#include <utility>

#include "common/files/ordered_json.hpp"

namespace gpt {
namespace {

constexpr std::size_t max_name = 1024;

[[noreturn]] void refuse(const std::filesystem::path& file, const std::string& why) {
  refuse_checkpoint(file, why);
}

using Entry = TensorEntry;

/// Takes the header as the JSON parser walks through it, and stops at the first thing that does not belong.
///
/// The parser's ordinary way, to build a tree of all that it reads, would keep one of two equal keys in
/// silence, and would let a hostile header grow a tree many times its size. Here a value is either expected
/// or refused, so nothing can nest deeper than the format does.
class HeaderReader final : public nlohmann::json_sax<Json> {
 public:
  HeaderReader(const std::filesystem::path& file, const std::vector<std::string>& types)
      : file_(file), types_(types) {}

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
      entries.push_back({key_, {}, {}});
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
    if (std::find(types_.begin(), types_.end(), text) == types_.end()) {
      std::string read;
      for (const std::string& type : types_) read += (read.empty() ? "" : ", ") + in_quotes(type);
      refuse(file_, "tensor " + in_quotes(name_) + " has dtype " + in_quotes(text) + ", and only " + read +
                        (types_.size() == 1 ? " is" : " are") + " read here");
    }
    entries.back().type = text;
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
  const std::vector<std::string>& types_;
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
    const std::uint64_t expected = byte_count(entry.shape, bytes_of_type(entry.type));
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

}  // namespace

void refuse_checkpoint(const std::filesystem::path& file, const std::string& why) {
  throw std::runtime_error("load_checkpoint: cannot use " + file.string() + ": " + why);
}

std::uint64_t bytes_of_type(const std::string& type) {
  static const std::map<std::string, std::uint64_t> bytes{
      {"F64", 8},  {"I64", 8}, {"U64", 8}, {"F32", 4}, {"I32", 4}, {"U32", 4}, {"F16", 2},
      {"BF16", 2}, {"I16", 2}, {"U16", 2}, {"I8", 1},  {"U8", 1},  {"BOOL", 1}};
  const auto found = bytes.find(type);
  return found == bytes.end() ? 0 : found->second;
}

std::string in_quotes(const std::string& text) {
  const std::string start = text.size() > 60 ? text.substr(0, 60) + "..." : text;
  return Json(start).dump(/*indent=*/-1, ' ', /*ensure_ascii=*/true, Json::error_handler_t::replace);
}

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

std::uint64_t byte_count(const Shape& shape, std::uint64_t bytes_of_one) {
  constexpr std::uint64_t most = std::numeric_limits<std::uint64_t>::max();
  std::uint64_t bytes = bytes_of_one;
  for (const std::size_t size : shape) {
    if (size != 0 && bytes > most / size) return most;
    bytes *= size;
  }
  return bytes;
}

void read_numbers(const std::filesystem::path& file, std::ifstream& in, void* to, std::uint64_t bytes) {
  if (!in.read(static_cast<char*>(to), static_cast<std::streamsize>(bytes))) {
    refuse(file, "reading stopped before the file's end - is it being changed?");
  }
}

TensorHeader read_tensor_header(const std::filesystem::path& file, std::ifstream& in,
                                const std::vector<std::string>& types) {
  const std::uint64_t file_bytes = checked_size(file);
  if (file_bytes == 0) refuse(file, "it is empty");
  std::uint64_t header_bytes = 0;
  if (file_bytes < sizeof header_bytes) refuse(file, "it is too short for a safetensors file");
  in.open(file, std::ios::binary);
  if (!in) refuse(file, "it cannot be opened - may you read it?");

  read_numbers(file, in, &header_bytes, sizeof header_bytes);
  const std::uint64_t rest = file_bytes - sizeof header_bytes;
  if (header_bytes > max_header) refuse(file, "its header would be over 100 MB - is it a safetensors file?");
  if (header_bytes > rest) refuse(file, "its header would be longer than the file - was it cut short?");
  std::string header(header_bytes, '\0');
  read_numbers(file, in, header.data(), header_bytes);
  if (header.empty() || header.front() != '{') refuse(file, "its header is not a JSON object");
  // The JSON parser takes a zero byte for the end of the text, and would not look at what is behind it.
  if (header.find('\0') != std::string::npos) refuse(file, "its header has a zero byte");

  HeaderReader reader(file, types);
  Json::sax_parse(header, &reader);
  check_layout(file, reader.entries, rest - header_bytes);
  return {std::move(reader.metadata), std::move(reader.entries), sizeof header_bytes + header_bytes};
}

}  // namespace gpt
