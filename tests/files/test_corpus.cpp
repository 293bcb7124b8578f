#include "common/files/corpus.hpp"

#include <stdlib.h>

#include <stdexcept>
#include <string>
#include <vector>

#include "tests/support/catch.hpp"
#include "tests/support/temp_folder.hpp"

namespace gpt {
namespace {

namespace fs = std::filesystem;

const std::string long_enough(1200, 'a');

/// A text of n letters of two bytes each.
std::string greek(std::size_t n) {
  std::string text;
  for (std::size_t i = 0; i < n; ++i) text += "\xce\xb6";
  return text;
}

/// What open_corpus() says about it; "" if it is content.
std::string complaint(const std::string& name_or_file, const std::vector<fs::path>& folders = {}) {
  try {
    open_corpus(name_or_file, folders);
    return "";
  } catch (const std::runtime_error& error) {
    return error.what();
  }
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST_CASE("corpus_folders: BARDLING_DATA comes first, then the repository's data", "[corpus]") {
  const char* const set = getenv("BARDLING_DATA");
  const std::string before = set == nullptr ? "" : set;
  setenv("BARDLING_DATA", "some/where", 1);
  const std::vector<fs::path> with = corpus_folders();
  setenv("BARDLING_DATA", "", 1);
  const std::vector<fs::path> without = corpus_folders();
  if (set == nullptr)
    unsetenv("BARDLING_DATA");
  else
    setenv("BARDLING_DATA", before.c_str(), 1);

  REQUIRE(with.size() == 2);
  CHECK(with[0] == "some/where");
  REQUIRE(without.size() == 1);
  CHECK(without[0] == with[1]);
  CHECK(fs::exists(without[0] / "original_play.txt"));
}

TEST_CASE("open_corpus: the play is there, whatever else is", "[corpus]") {
  const Corpus play = open_corpus("play");
  CHECK(play.name == "play");
  CHECK(play.text.size() > 100'000);
  CHECK_FALSE(play.published);
}

TEST_CASE("open_corpus: without a name it is Tiny Shakespeare where present, else the play", "[corpus]") {
  const Corpus corpus = open_corpus("");
  const bool present = !find_corpus("tinyshakespeare").empty();
  CHECK(corpus.name == (present ? "tinyshakespeare" : "play"));
  CHECK(corpus.published == present);

  const TempFolder folder;
  folder.write("original_play.txt", long_enough);
  CHECK(open_corpus("", {folder.path()}).name == "play");
}

TEST_CASE("open_corpus: Tiny Shakespeare is known by its content, not by its name", "[corpus]") {
  const fs::path real = find_corpus("tinyshakespeare");
  if (real.empty()) {
    WARN("Tiny Shakespeare is not here, so this test can say little");
    return;
  }
  const TempFolder folder;
  std::string text = slurp(real);

  folder.write("input.txt", text);
  CHECK(find_corpus("tinyshakespeare", {folder.path()}) == folder / "input.txt");
  CHECK(open_corpus((folder / "input.txt").string()).published);
  CHECK(open_corpus((folder / "input.txt").string()).name == "tinyshakespeare");

  text[500'000] = '#';
  folder.write("input.txt", text);
  CHECK(find_corpus("tinyshakespeare", {folder.path()}).empty());
  CHECK_FALSE(open_corpus((folder / "input.txt").string()).published);
  CHECK(open_corpus((folder / "input.txt").string()).name == "input.txt");
}

TEST_CASE("open_corpus: a file of another content by the name of Tiny Shakespeare is refused", "[corpus]") {
  const TempFolder folder;
  folder.write("tinyshakespeare.txt", long_enough);
  for (const char* const name : {"", "tinyshakespeare"}) {
    const std::string message = complaint(name, {folder.path()});
    CHECK(contains(message, "is not Tiny Shakespeare: expected 1115394 bytes"));
    CHECK(contains(message, "delete it (`rm " + (folder / "tinyshakespeare.txt").string() + "`)"));
    CHECK(contains(message, "`./learn data fetch` gets the right one"));
  }
}

TEST_CASE("open_corpus: a file of one's own is read as it is", "[corpus]") {
  const TempFolder folder;
  const std::string text = long_enough + "\tto\nbe \xc3\xa9 \xe4\xbd\xa0 \xf0\x9f\x8e\xad";
  const Corpus corpus = open_corpus(folder.write("my words.txt", text));
  CHECK(corpus.name == "my words.txt");
  CHECK(corpus.file == folder / "my words.txt");
  CHECK(corpus.text == text);
  CHECK(corpus.remarks.empty());
  CHECK_FALSE(corpus.published);
  CHECK(corpus.fingerprint.size() == 16);
  fs::create_directory(folder / "other");
  CHECK(open_corpus(folder.write("other/my words.txt", text)).fingerprint == corpus.fingerprint);
  CHECK(open_corpus(folder.write("my words.txt", text + "!")).fingerprint != corpus.fingerprint);
}

TEST_CASE(
    "open_corpus: line ends of other systems and a byte-order mark are read as what they mean, and said",
    "[corpus]") {
  const TempFolder folder;
  const auto read = [&](const std::string& text) {
    return open_corpus(folder.write("text", text + long_enough));
  };
  const auto only_remark = [](const Corpus& corpus) {
    return corpus.remarks.size() == 1 ? corpus.remarks[0]
                                      : std::to_string(corpus.remarks.size()) + " remarks";
  };
  Corpus corpus = read("to\r\nbe\r\n\r\n");
  CHECK(corpus.text == "to\nbe\n\n" + long_enough);
  CHECK(only_remark(corpus) ==
        "3 lines end as on Windows (CR LF), which is read as a new line like any other.");
  corpus = read("to\rbe\r\r");
  CHECK(corpus.text == "to\nbe\n\n" + long_enough);
  CHECK(only_remark(corpus) ==
        "3 lines end as on old Macs (CR), which is read as a new line like any other.");
  corpus = read("to\r\nbe\ror\nnot");
  CHECK(corpus.text == "to\nbe\nor\nnot" + long_enough);
  CHECK(contains(only_remark(corpus), "2 lines end as on Windows (CR LF) or old Macs (CR)"));
  corpus = open_corpus(folder.write("text", long_enough + "\r"));
  CHECK(corpus.text == long_enough + "\n");
  CHECK(contains(only_remark(corpus), "1 line ends as on old Macs (CR)"));
  corpus = read("\xef\xbb\xbfto be");
  CHECK(corpus.text == "to be" + long_enough);
  CHECK(only_remark(corpus) == "The byte-order mark at its beginning is left out.");
  corpus = read("\xc2\xa0to\fbe\xc2\xa0");
  CHECK(corpus.text == "\xc2\xa0to\fbe\xc2\xa0" + long_enough);
  CHECK(
      only_remark(corpus) ==
      "3 blanks are neither space, tab nor line end (the first is U+00a0), and each kind of them counts as a "
      "character of its own.");
}

TEST_CASE("open_corpus: Tiny Shakespeare is the same with line ends of Windows", "[corpus]") {
  const fs::path real = find_corpus("tinyshakespeare");
  if (real.empty()) {
    WARN("Tiny Shakespeare is not here, so this test can say little");
    return;
  }
  const TempFolder folder;
  std::string text;
  for (const char c : slurp(real)) text += c == '\n' ? "\r\n" : std::string(1, c);
  const Corpus corpus = open_corpus(folder.write("tinyshakespeare.txt", text));
  CHECK(corpus.published);
  CHECK(corpus.text == slurp(real));
}

TEST_CASE("open_corpus: says in a sentence why a text cannot be used", "[corpus]") {
  const TempFolder folder;
  const std::string huge = folder.write("huge.txt", "x");
  fs::resize_file(huge, (std::uintmax_t{1} << 30) + 1);  // a hole: takes no room on the disk
  const std::string middle = long_enough;

  struct Case {
    std::string name, expected;
  };
  const std::vector<Case> cases{
      {"hamlet",
       "no corpus or file 'hamlet' - give the path of a text file, or one of play and tinyshakespeare"},
      {"hamlet", "`./learn data fetch` gets it"},
      {"hamlet", "looked for in " + folder.path().string()},
      {"tinyshakespeare", "is not in " + folder.path().string() + " - `./learn data fetch` gets it"},
      {"play", "original_play.txt, is not in " + folder.path().string()},
      {(folder / "missing.txt").string(), "no corpus or file"},
      {folder.path().string(), "is a folder, expected a text file"},
      {"/dev/null", "is not a regular file"},
      {folder.write("empty.txt", ""), "is empty"},
      {folder.write("short.txt", "To be"), "has 5 characters, too few to learn from - expected 1000 or more"},
      {folder.write("999.txt", std::string(999, 'a')), "has 999 characters"},
      {folder.write("bom.txt", "\xef\xbb\xbf" + std::string(999, 'a')), "has 999 characters"},
      {folder.write("crlf.txt", "\r\n" + std::string(998, 'a')), "has 999 characters"},
      {folder.write("greek.txt", greek(999)), "has 999 characters"},
      {huge, "has 1073741825 bytes, expected at most 1 GiB"},
      {folder.write("zero.txt", "ab" + std::string(1, '\0') + long_enough), "byte 0x00 at offset 2"},
      {folder.write("utf16.txt", std::string("\xff\xfe", 2) + "T" + std::string(1, '\0') + long_enough),
       "utf16.txt is UTF-16, expected UTF-8 - `iconv -f UTF-16 -t UTF-8 "},
      {folder.write("without mark.txt", "T" + std::string(1, '\0') + long_enough),
       "byte 0x00 at offset 1, in line 1 - is it a binary or UTF-16 file?"},
      {folder.write("it's latin.txt", long_enough + "\n\ncaf\xe9"),
       "is not UTF-8: byte 0xe9 at offset 1205, in line 3 - if it is a western text of older days, `iconv -f "
       "WINDOWS-1252 -t UTF-8 '" +
           folder.path().string() + "/it'\\''s latin.txt' > '" + folder.path().string() +
           "/it'\\''s latin.txt.utf8'` writes it as UTF-8 to another file"},
      {folder.write("cut.txt", long_enough + "\xe4\xbd"), "is not UTF-8: byte 0xe4 at offset 1200"},
      {folder.write("c1.txt", long_enough + "\xc2\x9b"), "is not plain text: byte 0xc2 at offset 1200"},
      {folder.write("escape.txt", middle + "\x1b[31m"), "byte 0x1b at offset 1200"},
      {folder.write("delete.txt", "\x7f" + middle), "byte 0x7f at offset 0"},
      {folder.write("elf", std::string("\x7f") + "ELF\x02\x01"), "is not plain text"},
  };
  for (const Case& c : cases) {
    INFO(c.name);
    const std::string message = complaint(c.name, {folder.path()});
    INFO(message);
    CHECK(message.rfind("open_corpus: ", 0) == 0);
    CHECK(contains(message, c.expected));
    CHECK_FALSE(contains(message, "\n"));
  }
  CHECK(complaint(folder.write("1000.txt", std::string(1000, 'a'))).empty());
  CHECK(complaint(folder.write("greek.txt", greek(1000))).empty());
}

TEST_CASE("find_corpus: knows two names", "[corpus]") {
  REQUIRE_THROWS_AS(find_corpus("hamlet"), std::invalid_argument);
  CHECK(find_corpus("play", {}).empty());
}

}  // namespace
}  // namespace gpt
