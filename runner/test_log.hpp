/// @file test_log.hpp
/// What a test program found out, read from the XML that Catch2 writes, whether version 2 or 3.
#pragma once

#include <string>
#include <vector>

namespace gpt {

/// One test case.
struct TestResult {
  std::string name;          // a sentence: "Head: a later token never changes an earlier output"
  std::string file;          // where it stands
  std::string line;          // in that file
  bool finished = false;     // no, if the program ended in the middle of it
  std::string problem = {};  // the first expectation that was not met; empty if all were
  std::string tags = {};     // "[ch02][head][constructor]"

  bool passed() const { return finished && problem.empty(); }
};

/// Is this function what it tests? Then its name begins with it, "split_heads, merge_heads: ...", or it has it as a tag.
bool is_about(const TestResult& test, const std::string& function);

/// @param xml  may end anywhere: the program may have crashed, or have been stopped
std::vector<TestResult> read_test_log(const std::string& xml);

/// Does what was printed say that an exception was thrown where nothing can catch it?
bool is_uncaught(const std::string& printed);

/// What the standard library found out about the reader's code before it ended the program, from what was
/// printed: "an index past the end of a std::vector". Empty if nothing.
std::string misuse(const std::string& printed);

}  // namespace gpt
