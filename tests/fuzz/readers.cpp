/// @file readers.cpp
/// Whatever bytes a file holds, each reader gives what it promises or one clear sentence. libFuzzer makes the bytes:
/// tests/fuzz/run.sh names the reader in FUZZ_READER.
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <stdexcept>
#include <string>

#include "01_bigram/vocabulary.hpp"
#include "common/files/checkpoint.hpp"
#include "common/files/corpus.hpp"
#include "common/files/report.hpp"

namespace {

/// A file without a place on any disk.
class MemoryFile {
 public:
  explicit MemoryFile(const std::string& bytes) : descriptor_(::memfd_create("fuzz", 0)) {
    if (::write(descriptor_, bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size())) std::abort();
  }
  ~MemoryFile() { ::close(descriptor_); }
  std::string path() const { return "/proc/self/fd/" + std::to_string(descriptor_); }

 private:
  int descriptor_;
};

void require(bool holds) {
  if (!holds) std::abort();
}

void read_checkpoint(const std::string& bytes) {
  const MemoryFile file(bytes);
  for (const gpt::StoredTensor& tensor : gpt::load_checkpoint(file.path()).tensors) {
    require(tensor.values.size() == gpt::element_count(tensor.shape) && !tensor.name.empty());
  }
}

void read_corpus(const std::string& bytes) {
  const MemoryFile file(bytes + std::string(1000, 'a'));  // long enough to be read to its end
  const gpt::Corpus corpus = gpt::open_corpus(file.path());
  require(corpus.text.find('\r') == std::string::npos && corpus.text.find('\0') == std::string::npos);
  const gpt::Vocabulary vocabulary(corpus.text);
  require(vocabulary.decode(vocabulary.encode(corpus.text)) == corpus.text);
}

void read_report(const std::string& bytes) {
  const MemoryFile file(bytes);
  gpt::read_report(file.path());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::string reader = std::getenv("FUZZ_READER");
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  try {
    if (reader == "checkpoint") read_checkpoint(bytes);
    if (reader == "corpus") read_corpus(bytes);
    if (reader == "report") read_report(bytes);
  } catch (const std::runtime_error& error) {
    for (const char* c = error.what(); *c != '\0'; ++c) {
      require(static_cast<unsigned char>(*c) >= 0x20);  // one line, and nothing that a terminal would obey
    }
  }
  return 0;
}
