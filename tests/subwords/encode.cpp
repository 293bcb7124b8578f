/// @file encode.cpp
/// For parity.sh: chapter 9's tokeniser with the vocabulary in a folder. Reads texts, each as its number of bytes in a line
/// and then the bytes, and prints a line of ids for each.
///
///     subwords_encode FOLDER < texts
///     subwords_encode FOLDER speed FILE     how many MB of the file are encoded in a second of processor time
#include <cstdio>
#include <ctime>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>

#include "09_subwords/byte_pair_tokeniser.hpp"
#include "common/files/byte_pair_files.hpp"

int main(int argc, char** argv) {
  if (argc != 2 && argc != 4) return 2;
  const gpt::BytePairTokeniser tokeniser(gpt::load_byte_pairs(argv[1]));
  if (argc == 4) {
    std::ifstream in(argv[3], std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    const std::clock_t start = std::clock();
    const std::size_t ids = tokeniser.encode(text).size();
    const double seconds = double(std::clock() - start) / CLOCKS_PER_SEC;
    std::printf("%zu bytes, %zu ids, %.1f MB/s\n", text.size(), ids, double(text.size()) / 1e6 / seconds);
    return 0;
  }
  for (std::size_t bytes; std::cin >> bytes;) {
    std::cin.get();  // the end of the line
    std::string text(bytes, '\0');
    std::cin.read(text.data(), static_cast<std::streamsize>(bytes));
    const std::vector<int> ids = tokeniser.encode(text);
    if (tokeniser.decode(ids) != text) return 3;
    for (const int id : ids) std::printf("%d ", id);
    std::printf("\n");
  }
}
