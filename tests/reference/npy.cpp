#include "tests/reference/npy.hpp"

#include <cstring>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace gpt {

// The format (https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html), version 1.0:
// the 6 bytes "\x93NUMPY", 2 of version, 2 with the length of the header (least significant first),
// the header, which is a Python dictionary in ASCII, and the numbers. xtensor reads it too, but by
// way of std::regex: with that, this one file took longer to compile than all the tests that use it,
// and g++ 12 warned under the sanitizers.
std::vector<float> load_npy(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("load_npy: cannot open " + path);
  const std::string bytes{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};

  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
  const std::size_t begin = bytes.size() < 10 ? 0 : 10 + byte(8) + 256u * byte(9);  // of the numbers
  if (!bytes.starts_with("\x93NUMPY\x01") || begin > bytes.size()) {
    throw std::runtime_error("load_npy: not a .npy file of version 1.0: " + path);
  }
  const std::string header = bytes.substr(10, begin - 10);
  if (header.find("'descr': '<f4', 'fortran_order': False") == std::string::npos) {
    throw std::runtime_error("load_npy: must be float32 in C order, is " + header + " in " + path);
  }
  std::vector<float> numbers((bytes.size() - begin) / sizeof(float));
  std::memcpy(numbers.data(), bytes.data() + begin, numbers.size() * sizeof(float));
  return numbers;
}

}  // namespace gpt
