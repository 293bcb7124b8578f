/// @file test_checkpoint.cpp
/// Files that come back as they were written, files that must not be believed, and saving that goes wrong.
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cmath>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "common/files/atomic_file.hpp"
#include "common/files/checkpoint.hpp"
#include "tests/support/catch.hpp"

using gpt::Checkpoint;
using gpt::load_checkpoint;
using gpt::save_checkpoint;
using gpt::StoredTensor;

namespace fs = std::filesystem;

namespace {

/// A folder of its own for each test, gone afterwards.
class Scratch {
 public:
  Scratch() {
    std::string name = (fs::temp_directory_path() / "checkpoint-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("Scratch: cannot make " + name);
    folder_ = name;
  }
  ~Scratch() { fs::remove_all(folder_); }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  fs::path operator/(const std::string& name) const { return folder_ / name; }
  std::size_t count() const {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder_), fs::directory_iterator()));
  }

 private:
  fs::path folder_;
};

std::string read_bytes(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void write_bytes(const fs::path& file, const std::string& bytes) {
  fs::remove(file);  // to cut an old file to nothing would wait for the disk
  std::ofstream(file, std::ios::binary) << bytes;
}

/// The 8 bytes of a header's length, least significant first.
std::string length(std::uint64_t n) {
  std::string bytes;
  for (int i = 0; i < 8; ++i) bytes += static_cast<char>(n >> (8 * i) & 0xff);
  return bytes;
}

/// A file with this header, and so many bytes of numbers.
std::string file_with(const std::string& header, std::size_t data_bytes = 0) {
  return length(header.size()) + header + std::string(data_bytes, '\0');
}

/// A file with one tensor "w": the fields as given, 8 bytes of numbers.
std::string tensor_with(const std::string& fields) { return file_with(R"({"w":{)" + fields + "}}", 8); }

/// What load_checkpoint() says of a file; empty if it reads it.
std::string complaint(const fs::path& file) {
  try {
    load_checkpoint(file);
    return "";
  } catch (const std::runtime_error& e) {
    return e.what();
  }
}

/// What save_checkpoint() says; empty if it saves.
template <class Error>
std::string refusal(const fs::path& file, const Checkpoint& checkpoint) {
  try {
    save_checkpoint(file, checkpoint);
    return "";
  } catch (const Error& e) {
    return e.what();
  }
}

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

/// Equal to the last bit, so that NaN equals itself and 0 does not equal -0.
bool same(const Checkpoint& a, const Checkpoint& b) {
  if (a.metadata != b.metadata || a.tensors.size() != b.tensors.size()) return false;
  for (std::size_t i = 0; i < a.tensors.size(); ++i) {
    const StoredTensor& x = a.tensors[i];
    const StoredTensor& y = b.tensors[i];
    if (x.name != y.name || x.shape != y.shape || x.values.size() != y.values.size()) return false;
    const std::size_t bytes = x.values.size() * sizeof(float);
    if (bytes != 0 && std::memcmp(x.values.data(), y.values.data(), bytes) != 0) return false;
  }
  return true;
}

/// Enough to take several writes, filled with one number.
Checkpoint filled_with(float value) {
  return {{{"value", std::to_string(value)}},
          {{"a", {64, 64}, std::vector<float>(64 * 64, value)}, {"b", {3}, {value, value, value}}}};
}

}  // namespace

TEST_CASE("Checkpoint: what is saved is loaded, to the last bit", "[checkpoint]") {
  const Scratch scratch;
  const float infinity = std::numeric_limits<float>::infinity();
  const Checkpoint before{
      {{"vocabulary", "\n !$&',-.3:;?ABC \"\\ \t \xC3\xA9 \xE4\xBD\xA0 \xF0\x9F\x8E\xAD"},
       {"zero", std::string("\0", 1)},
       {"", ""}},
      {{"blocks.0.attention.query.weight", {2, 3}, {1.0f, -2.5f, 3e38f, 1e-45f, 0.0f, -0.0f}},
       {"a scalar", {}, {42.0f}},
       {"nothing", {4, 0, 2}, {}},
       {"also nothing", {0}, {}},
       {"not finite", {3}, {infinity, -infinity, std::nanf("")}},
       {"\"quoted\\\" / \xE2\x88\x91 \xF0\x9F\x8E\xAD", {1, 1, 1, 1, 1}, {7.0f}},
       {"dtype", {1}, {8.0f}},
       {std::string(1024, 'n'), {1}, {9.0f}},
       {"last and empty", {0, 5}, {}}}};
  save_checkpoint(scratch / "model.safetensors", before);
  CHECK(same(load_checkpoint(scratch / "model.safetensors"), before));
}

TEST_CASE("Checkpoint: one without tensors or metadata is a file too", "[checkpoint]") {
  const Scratch scratch;
  save_checkpoint(scratch / "empty.safetensors", {});
  CHECK(read_bytes(scratch / "empty.safetensors") == file_with("{}      "));
  CHECK(same(load_checkpoint(scratch / "empty.safetensors"), {}));
}

TEST_CASE("Checkpoint: a file has exactly the bytes that the format asks for", "[checkpoint]") {
  const Scratch scratch;
  save_checkpoint(scratch / "tiny.safetensors",
                  {{{"by", "hand"}}, {{"w", {2, 1}, {1.0f, -2.0f}}, {"b", {}, {0.5f}}}});
  // The header has 30 + 55 + 53 = 138 characters, and 6 spaces make that 144 = 0x90.
  // Then float32: 1 is sign 0, exponent 127, so 0x3f800000; -2 is sign 1, exponent 128,
  // so 0xc0000000; 0.5 is exponent 126, so 0x3f000000.
  const std::string expected = std::string("\x90\0\0\0\0\0\0\0", 8) +
                               R"({"__metadata__":{"by":"hand"},)"
                               R"("w":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]},)"
                               R"("b":{"dtype":"F32","shape":[],"data_offsets":[8,12]}})"
                               "      " +
                               std::string("\x00\x00\x80\x3f\x00\x00\x00\xc0\x00\x00\x00\x3f", 12);
  CHECK(read_bytes(scratch / "tiny.safetensors") == expected);
}

TEST_CASE("Checkpoint: the numbers begin at a multiple of 8 bytes, after no more spaces than that takes",
          "[checkpoint]") {
  const Scratch scratch;
  for (std::size_t letters = 1; letters <= 8; ++letters) {
    save_checkpoint(scratch / "model.safetensors", {{}, {{std::string(letters, 'w'), {}, {1}}}});
    const std::string bytes = read_bytes(scratch / "model.safetensors");
    const std::size_t data_begin = bytes.size() - sizeof(float);
    CHECK(data_begin % 8 == 0);
    CHECK(data_begin - (bytes.rfind('}') + 1) < 8);
  }
}

TEST_CASE("Checkpoint: a header in another order, with other spacing, is read as well", "[checkpoint]") {
  const Scratch scratch;
  // As other programs write it: keys sorted by name, numbers in an order of their own.
  write_bytes(scratch / "other.safetensors",
              file_with("{ \"a\": {\"data_offsets\": [4, 8], \"shape\": [1], \"dtype\": \"F32\"},\n"
                        "  \"z\": {\"shape\": [], \"dtype\": \"F32\", \"data_offsets\": [0, 4]},"
                        "  \"__metadata__\": {} }",
                        8));
  const Checkpoint checkpoint = load_checkpoint(scratch / "other.safetensors");
  REQUIRE(checkpoint.tensors.size() == 2);
  CHECK(checkpoint.tensors[0].name == "z");
  CHECK(checkpoint.tensors[1].name == "a");
}

TEST_CASE("Checkpoint: a file that is not as it should be is refused in one clear line", "[checkpoint]") {
  struct Hostile {
    std::string name;
    std::string bytes;
    std::string expected;  // a part of the message
  };
  const std::string f32 = R"("dtype":"F32",)";
  const std::string good = R"("dtype":"F32","shape":[2],"data_offsets":[0,8])";
  const std::string two =
      R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":)";
  std::string nested;
  for (int i = 0; i < 100'000; ++i) nested += R"({"a":)";

  const std::vector<Hostile> corpus = {
      // The file as a whole
      {"no byte at all", "", "it is empty"},
      {"seven bytes", "1234567", "too short"},
      {"a poem", "Shall I compare thee to a summer's day?\n", "is it a safetensors file?"},
      {"the largest length", length(~std::uint64_t{0}) + "{}", "is it a safetensors file?"},
      {"a length that wraps around", length(~std::uint64_t{0} - 7) + "{}", "is it a safetensors file?"},
      {"a header of over 100 MB", length(100'000'001) + "{}", "over 100 MB"},
      {"a header longer than the file", length(100) + "{}", "was it cut short?"},
      {"a length and nothing else", length(2), "was it cut short?"},
      {"numbers cut short", file_with(R"({"w":{)" + good + "}}", 3),
       "ends 5 bytes after the file does - was it cut short?"},
      {"bytes behind the last tensor", tensor_with(good) + "!", "1 bytes that belong to no tensor"},
      {"bytes without a tensor", file_with("{}", 3), "3 bytes that belong to no tensor"},
      // The header as text
      {"a header of no length", length(0) + "{}", "not a JSON object"},
      {"a header that is a list", file_with("[]"), "not a JSON object"},
      {"a header that is a number", file_with("12345678"), "not a JSON object"},
      {"a byte order mark", file_with("\xEF\xBB\xBF{}"), "not a JSON object"},
      {"a space before the header", file_with(" {}"), "not a JSON object"},
      {"an unfinished header", file_with(R"({"w":{"dtype":"F32")"), "not valid JSON at byte"},
      {"two objects", file_with("{}{}"), "not valid JSON at byte 3"},
      {"text behind the header", file_with("{} hello"), "not valid JSON"},
      {"a zero byte behind the header", file_with(std::string("{}\0{}", 5)), "zero byte"},
      {"a comment", file_with("{/**/}"), "not valid JSON"},
      {"a comma too many", file_with(R"({"__metadata__":{},})"), "not valid JSON"},
      {"a number beyond all numbers", tensor_with(f32 + R"("shape":[1e999],"data_offsets":[0,8])"),
       "not valid JSON"},
      // Nesting and repetition
      {"a hundred thousand lists", file_with(R"({"w":{"shape":)" + std::string(100'000, '[')),
       "shape must be a list of non-negative integers"},
      {"a hundred thousand objects", file_with(nested), "unknown field, \"a\""},
      {"lists in the header", file_with(R"({"w":)" + std::string(100'000, '[')),
       "\"w\" of its header must be an object"},
      {"a tensor twice", file_with(R"({"w":{)" + good + R"(},"w":{)" + good + "}}", 8),
       "the key \"w\" twice"},
      {"a field twice", tensor_with(f32 + good), "the key \"dtype\" twice"},
      {"metadata twice", file_with(R"({"__metadata__":{},"__metadata__":{}})"),
       "the key \"__metadata__\" twice"},
      {"a key of the metadata twice", file_with(R"({"__metadata__":{"a":"1","a":"2"}})"),
       "the key \"a\" twice"},
      // Metadata
      {"metadata as a list", file_with(R"({"__metadata__":[]})"),
       "\"__metadata__\" of its header must be an object"},
      {"metadata as nothing", file_with(R"({"__metadata__":null})"),
       "\"__metadata__\" of its header must be an object"},
      {"a number in the metadata", file_with(R"({"__metadata__":{"a":1}})"),
       "metadata \"a\" must be a string"},
      {"an object in the metadata", file_with(R"({"__metadata__":{"a":{}}})"),
       "metadata \"a\" must be a string"},
      // Names
      {"an empty name", file_with(R"({"":{}})"), "name is empty"},
      {"a long name", file_with("{\"" + std::string(1025, 'x') + "\":{}}"), "longer than 1024 bytes"},
      {"a line break in a name", file_with(R"({"a\nb":{}})"), "control character"},
      {"a zero in a name", file_with(R"({"a\u0000b":{}})"), "control character"},
      {"half a character in a name", file_with("{\"a\xC3\":{}}"), "not valid JSON"},
      {"an overlong character in a name", file_with("{\"\xC0\xAF\":{}}"), "not valid JSON"},
      {"half a surrogate in a name", file_with(R"({"\ud800":{}})"), "not valid JSON"},
      // What is said of a tensor
      {"a tensor that is a number", file_with(R"({"w":3})"), "\"w\" of its header must be an object"},
      {"a tensor that is a list", file_with(R"({"w":[]})"), "\"w\" of its header must be an object"},
      {"a tensor of nothing", file_with(R"({"w":{}})"), "tensor \"w\" has no dtype"},
      {"an unknown field", tensor_with(R"("stride":[1],)" + good), "unknown field, \"stride\""},
      {"half precision", tensor_with(R"("dtype":"F16","shape":[4],"data_offsets":[0,8])"),
       "has dtype \"F16\""},
      {"a dtype that is a number", tensor_with(R"("dtype":32,"shape":[2])"), "dtype must be a string"},
      {"a dtype that is a list", tensor_with(R"("dtype":["F32"])"), "dtype must be a string"},
      {"no dtype", tensor_with(R"("shape":[2],"data_offsets":[0,8])"), "has no dtype"},
      {"no shape", tensor_with(f32 + R"("data_offsets":[0,8])"), "has no shape"},
      {"a shape that is a number", tensor_with(f32 + R"("shape":2)"), "shape must be a list"},
      {"a shape that is text", tensor_with(f32 + R"("shape":"2")"), "shape must be a list"},
      {"a shape that is true", tensor_with(f32 + R"("shape":true)"), "shape must be a list"},
      {"a negative size", tensor_with(f32 + R"("shape":[-2])"), "shape must be a list of non-negative"},
      {"a broken size", tensor_with(f32 + R"("shape":[2.0])"), "shape must be a list of non-negative"},
      {"text in a shape", tensor_with(f32 + R"("shape":["2"])"), "shape must be a list of non-negative"},
      {"a list in a shape", tensor_with(f32 + R"("shape":[[2]])"), "shape must be a list of non-negative"},
      {"an object in a shape", tensor_with(f32 + R"("shape":[{}])"), "shape must be a list of non-negative"},
      {"2 to the 64", tensor_with(f32 + R"("shape":[18446744073709551616])"),
       "shape must be a list of non-negative"},
      {"a product that wraps to 4 bytes",
       tensor_with(f32 + R"("shape":[4611686018427387905],"data_offsets":[0,4])"), "larger than any file"},
      {"a product of products", tensor_with(f32 + R"("shape":[4294967296,4294967296],"data_offsets":[0,8])"),
       "larger than any file"},
      // Where its numbers are
      {"no offsets", tensor_with(f32 + R"("shape":[2])"), "has no data_offsets"},
      {"one offset", tensor_with(f32 + R"("shape":[2],"data_offsets":[8])"), "two non-negative integers"},
      {"three offsets", tensor_with(f32 + R"("shape":[2],"data_offsets":[0,4,8])"),
       "two non-negative integers"},
      {"a negative offset", tensor_with(f32 + R"("shape":[2],"data_offsets":[-8,0])"),
       "two non-negative integers"},
      {"a broken offset", tensor_with(f32 + R"("shape":[2],"data_offsets":[0,8.5])"),
       "two non-negative integers"},
      {"offsets of nothing", tensor_with(f32 + R"("shape":[2],"data_offsets":null)"),
       "two non-negative integers"},
      {"an end before its begin", tensor_with(f32 + R"("shape":[2],"data_offsets":[8,0])"),
       "ends before it begins"},
      {"a size that is not the shape's", tensor_with(f32 + R"("shape":[3],"data_offsets":[0,8])"),
       "a shape of 12 bytes, but data_offsets of 8"},
      {"a terabyte in a small file",
       tensor_with(f32 + R"("shape":[250000000000],"data_offsets":[0,1000000000000])"),
       "bytes after the file does"},
      {"the end of the number line",
       tensor_with(f32 + R"("shape":[2],"data_offsets":[18446744073709551608,18446744073709551615])"),
       "a shape of 8 bytes, but data_offsets of 7"},
      {"a hole at the start", tensor_with(f32 + R"("shape":[1],"data_offsets":[4,8])"),
       "4 bytes before tensor \"w\" belong to none"},
      {"a hole between tensors", file_with(two + R"([1],"data_offsets":[8,12]}})", 12),
       "4 bytes before tensor \"b\" belong to none"},
      {"two tensors in one place", file_with(two + R"([1],"data_offsets":[0,4]}})", 4),
       "overlaps the tensor before"},
      {"tensors that overlap", file_with(two + R"([2],"data_offsets":[2,10]}})", 10),
       "overlaps the tensor before"},
      {"an empty tensor beyond the end", file_with(two + R"([0],"data_offsets":[8,8]}})", 4),
       "bytes after the file does"},
  };
  const Scratch scratch;
  const fs::path file = scratch / "hostile.safetensors";
  for (const Hostile& hostile : corpus) {
    INFO(hostile.name);
    write_bytes(file, hostile.bytes);
    const std::string message = complaint(file);
    INFO(message);
    CHECK(has(message, "load_checkpoint: cannot use " + file.string() + ": "));
    CHECK(has(message, hostile.expected));
    CHECK_FALSE(has(message, "\n"));
    CHECK(message.size() < file.string().size() + 250);
  }
}

TEST_CASE("Checkpoint: a shape has at most 64 axes", "[checkpoint]") {
  const Scratch scratch;
  const Checkpoint checkpoint{{}, {{"w", gpt::Shape(64, 1), {5.0f}}}};
  save_checkpoint(scratch / "model.safetensors", checkpoint);
  CHECK(same(load_checkpoint(scratch / "model.safetensors"), checkpoint));

  std::string axes = "1";
  for (int i = 0; i < 64; ++i) axes += ",1";
  write_bytes(scratch / "model.safetensors", file_with(R"({"w":{"shape":[)" + axes + "]}}"));
  CHECK(has(complaint(scratch / "model.safetensors"), "\"w\" has a shape of over 64 numbers"));
}

TEST_CASE("Checkpoint: a message shows nothing of a file that a terminal would obey", "[checkpoint]") {
  const Scratch scratch;
  write_bytes(scratch / "model.safetensors", file_with(R"({"w":{"\u001b[2J\u009b2J\n":1}})"));
  CHECK(has(complaint(scratch / "model.safetensors"), R"("\u001b[2J\u009b2J\n")"));
}

TEST_CASE("Checkpoint: what is no file is not read", "[checkpoint]") {
  const Scratch scratch;
  CHECK(has(complaint(scratch / "missing.safetensors"), "there is no such file"));
  CHECK(has(complaint(scratch / "no folder" / "missing.safetensors"), "there is no such file"));
  CHECK(has(complaint(scratch / ""), "it is a folder"));
  CHECK(has(complaint("/dev/null"), "it is not an ordinary file"));
  CHECK(has(complaint(""), "there is no such file"));
}

TEST_CASE("Checkpoint: a good file cut short anywhere is refused", "[checkpoint]") {
  const Scratch scratch;
  save_checkpoint(scratch / "good.safetensors", {{{"a", "b"}}, {{"w", {2}, {1, 2}}, {"v", {}, {3}}}});
  const std::string good = read_bytes(scratch / "good.safetensors");
  for (std::size_t size = 0; size < good.size(); ++size) {
    INFO(size);
    write_bytes(scratch / "cut.safetensors", good.substr(0, size));
    CHECK(complaint(scratch / "cut.safetensors") != "");
  }
}

TEST_CASE("Checkpoint: a wrong byte gives other numbers, other names or a refusal, never a crash",
          "[checkpoint]") {
  const Scratch scratch;
  save_checkpoint(scratch / "good.safetensors", {{{"a", "b"}}, {{"w", {2}, {1, 2}}, {"v", {}, {3}}}});
  const std::string good = read_bytes(scratch / "good.safetensors");
  for (std::size_t at = 0; at < good.size(); ++at) {
    for (const char wrong : {'\0', '\xff', '"', '[', '{', '}', '9', '-', static_cast<char>(good[at] ^ 1)}) {
      std::string bad = good;
      bad[at] = wrong;
      write_bytes(scratch / "bad.safetensors", bad);
      complaint(scratch / "bad.safetensors");  // anything but a std::runtime_error fails this test
    }
  }
  SUCCEED();
}

TEST_CASE("Checkpoint: what could not be read again is not saved", "[checkpoint]") {
  const Scratch scratch;
  const fs::path file = scratch / "model.safetensors";
  const auto says = [&](const Checkpoint& c) { return refusal<std::invalid_argument>(file, c); };
  CHECK(has(says({{}, {{"", {}, {1}}}}), "save_checkpoint: a tensor's name is empty"));
  CHECK(has(says({{}, {{"a\tb", {}, {1}}}}), "\"a\\tb\" has a control character"));
  CHECK(has(says({{}, {{std::string(1025, 'x'), {}, {1}}}}), "longer than 1024 bytes"));
  CHECK(has(says({{}, {{"a", {}, {1}}, {"a", {}, {1}}}}), "\"a\" is taken already"));
  CHECK(has(says({{}, {{"__metadata__", {}, {1}}}}), "\"__metadata__\" is taken already"));
  CHECK(has(says({{}, {{"\xff", {}, {1}}}}), "must be UTF-8"));
  CHECK(has(says({{{"k", "\xC3"}}, {}}), "must be UTF-8"));
  CHECK(has(says({{}, {{"w", {2, 2}, {1, 2, 3}}}}), "\"w\" has 3 values"));
  CHECK(has(says({{}, {{"w", {0}, {1}}}}), "\"w\" has 1 values"));
  CHECK(has(says({{}, {{"w", gpt::Shape(65, 1), {1}}}}), "\"w\" has over 64 axes"));
  CHECK(scratch.count() == 0);
}

TEST_CASE("Checkpoint: saving replaces the old file and leaves nothing beside it", "[checkpoint]") {
  const Scratch scratch;
  const fs::path file = scratch / "model.safetensors";
  save_checkpoint(file, filled_with(1));
  save_checkpoint(file, filled_with(2));
  CHECK(same(load_checkpoint(file), filled_with(2)));
  CHECK(scratch.count() == 1);
}

TEST_CASE("Checkpoint: what a killed run left half written is deleted by the next that saves",
          "[checkpoint]") {
  const Scratch scratch;
  const fs::path file = scratch / "model.safetensors";
  // One by the very name that this run would take: a process of the same number was killed.
  write_bytes(scratch / ("bardling-" + std::to_string(::getpid()) + "-0.tmp"), "half a fi");
  write_bytes(scratch / "bardling-1-17.tmp", "half a fi");
  const std::vector<std::string> others{"bardling-1-17.txt", "bardling--17.tmp", "bardling-1-2-3.tmp",
                                        "my-1-2.tmp"};
  for (const std::string& other : others) write_bytes(scratch / other, "not ours");
  save_checkpoint(file, filled_with(1));
  CHECK(same(load_checkpoint(file), filled_with(1)));
  for (const std::string& other : others) CHECK(read_bytes(scratch / other) == "not ours");
  CHECK(scratch.count() == 1 + others.size());
}

TEST_CASE("AtomicFile: one that is being written is left alone by others in its folder", "[checkpoint]") {
  const Scratch scratch;
  gpt::AtomicFile first("test", scratch / "first"), second("test", scratch / "second");
  CHECK(scratch.count() == 2);
  first.write("1", 1);
  second.write("2", 1);
  first.commit();
  second.commit();
  CHECK(read_bytes(scratch / "first") == "1");
  CHECK(read_bytes(scratch / "second") == "2");
  CHECK(scratch.count() == 2);
}

TEST_CASE("AtomicFile: a link stays a link, and what it points to is written", "[checkpoint]") {
  const Scratch scratch;
  fs::create_directory(scratch / "big disk");
  fs::create_symlink("big disk/model.safetensors", scratch / "model.safetensors");  // of a file to come
  fs::create_symlink(fs::absolute(scratch / "model.safetensors"), scratch / "big disk" / "and back");
  for (const float value : {1.0f, 2.0f}) {
    save_checkpoint(scratch / "big disk" / "and back", filled_with(value));
    CHECK(fs::is_symlink(scratch / "model.safetensors"));
    CHECK(fs::is_symlink(scratch / "big disk" / "and back"));
    CHECK(fs::is_regular_file(fs::symlink_status(scratch / "big disk" / "model.safetensors")));
    CHECK(same(load_checkpoint(scratch / "model.safetensors"), filled_with(value)));
  }
  fs::create_symlink("circle", scratch / "circle");
  CHECK(has(refusal<std::runtime_error>(scratch / "circle", filled_with(1)), "cannot write"));
  CHECK(fs::is_symlink(scratch / "circle"));
}

TEST_CASE("AtomicFile: a file keeps its mode, and a new one has the usual one", "[checkpoint]") {
  const Scratch scratch;
  const fs::path file = scratch / "model.safetensors";
  write_bytes(scratch / "usual", "");
  save_checkpoint(file, filled_with(1));
  CHECK(fs::status(file).permissions() == fs::status(scratch / "usual").permissions());
  for (const int mode : {0600, 0664, 0640}) {
    fs::permissions(file, static_cast<fs::perms>(mode));
    save_checkpoint(file, filled_with(2));
    CHECK(fs::status(file).permissions() == static_cast<fs::perms>(mode));
  }
}

TEST_CASE("require_writable: says now what would be in the way later, and leaves nothing behind",
          "[checkpoint]") {
  const Scratch scratch;
  const auto says = [](const fs::path& file) -> std::string {
    try {
      gpt::require_writable("--save", file);
      return "";
    } catch (const std::runtime_error& error) {
      return error.what();
    }
  };
  CHECK(says(scratch / "model.safetensors").empty());
  CHECK(says(scratch / std::string(255, 'n')).empty());  // the longest name there is
  CHECK(has(says(scratch / std::string(256, 'n')), "--save: cannot write"));
  CHECK(has(says("/proc/model.safetensors"), "no file can be made in this folder"));
  CHECK(scratch.count() == 0);
}

TEST_CASE("Checkpoint: where nothing can be written there is one clear error", "[checkpoint]") {
  const Scratch scratch;
  const auto says = [&](const fs::path& file) { return refusal<std::runtime_error>(file, filled_with(1)); };
  const fs::path lost = scratch / "no folder" / "model.safetensors";
  CHECK(has(says(lost), "save_checkpoint: cannot write " + lost.string()));
  CHECK(has(says(lost), "does the folder " + lost.parent_path().string() + " exist?"));
  CHECK(has(says(scratch / ""), "something by this name that is not a file"));
  CHECK(has(says("/dev/null"), "something by this name that is not a file"));
  CHECK_FALSE(fs::is_regular_file("/dev/null"));
  CHECK(says("") != "");
  write_bytes(scratch / "file", "text");
  CHECK(has(says(scratch / "file" / "model.safetensors"), "cannot write"));
  CHECK(has(says(scratch / std::string(256, 'x')), "cannot write"));  // too long
  CHECK(scratch.count() == 1);
}

TEST_CASE("Checkpoint: when the disk is full the old file stays, and nothing beside it", "[checkpoint]") {
  const Scratch scratch;
  const fs::path file = scratch / "model.safetensors";
  save_checkpoint(file, filled_with(1));
  // A limit on the size of files stops the write half way, as a full disk does; that works for root as well.
  rlimit before{};
  REQUIRE(::getrlimit(RLIMIT_FSIZE, &before) == 0);
  rlimit small = before;
  small.rlim_cur = 5000;
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  REQUIRE(::setrlimit(RLIMIT_FSIZE, &small) == 0);
  const std::string message = refusal<std::runtime_error>(file, filled_with(2));
  REQUIRE(::setrlimit(RLIMIT_FSIZE, &before) == 0);
  std::signal(SIGXFSZ, handler);

  CHECK(has(message, "save_checkpoint: cannot write " + file.string() + ": "));
  CHECK(same(load_checkpoint(file), filled_with(1)));
  CHECK(scratch.count() == 1);
}

TEST_CASE("Checkpoint: a program that is killed while it saves leaves a whole file", "[checkpoint]") {
  const Scratch scratch;
  const fs::path file = scratch / "model.safetensors";
  save_checkpoint(file, filled_with(1));
  const auto save_forever = [&]() noexcept {
    for (float value = 1;; value = 3 - value) save_checkpoint(file, filled_with(value));  // 1, 2, 1, 2, ...
  };
  for (int round = 0; round < 20; ++round) {
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) save_forever();
    std::this_thread::sleep_for(std::chrono::milliseconds(1 + round));  // wherever that meets it
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    const Checkpoint found = load_checkpoint(file);
    CHECK((same(found, filled_with(1)) || same(found, filled_with(2))));
  }
}

TEST_CASE("Checkpoint: two that save at once take turns with the name", "[checkpoint]") {
  const Scratch scratch;
  const fs::path file = scratch / "model.safetensors";
  const auto save_often = [&](float value) {
    for (int i = 0; i < 20; ++i) save_checkpoint(file, filled_with(value));
  };
  std::thread other(save_often, 1.0f);
  save_often(2);
  other.join();
  const Checkpoint found = load_checkpoint(file);
  CHECK((same(found, filled_with(1)) || same(found, filled_with(2))));
  CHECK(scratch.count() == 1);
}
