/// @file test_byte_pair_files.cpp
/// Vocabularies of pieces in files, good and bad ones.
#include <algorithm>
#include <filesystem>
#include <functional>
#include <string>

#include "common/files/byte_pair_files.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/temp_folder.hpp"

namespace gpt {
namespace {

std::size_t by_blanks(std::string_view text) { return std::min(text.find(' '), text.size() - 1) + 1; }

BytePairs some_pairs() {
  BytePairs pairs =
      train_byte_pairs("the cat sat on the mat, the rat \xC3\xA9t\xC3\xA9 \xF0\x9F\x8E\xAD", 270, by_blanks);
  append_special(pairs, "<|endoftext|>");
  return pairs;
}

void require_equal(const BytePairs& a, const BytePairs& b) {
  REQUIRE(a.tokens == b.tokens);
  REQUIRE(a.merges == b.merges);
  REQUIRE(a.special == b.special);
}

std::string error_of(const std::function<void()>& f) {
  try {
    f();
  } catch (const std::exception& error) {
    return error.what();
  }
  return "no error";
}
bool says(const std::string& message, const std::string& part) {
  INFO(message);
  return message.find(part) != std::string::npos && message.find('\n') == std::string::npos;
}

TEST_CASE("byte pair files: come back as they went", "[byte_pair_files]") {
  const TempFolder folder;
  const BytePairs pairs = some_pairs();
  save_gpt2_vocabulary(folder.path(), pairs);
  require_equal(load_byte_pairs(folder.path()), pairs);
  save_tokenizer_json(folder / "tokenizer.json", pairs);
  require_equal(load_byte_pairs(folder / "tokenizer.json"), pairs);
  // Under HuggingFace's names.
  std::filesystem::rename(folder / "vocab.bpe", folder / "merges.txt");
  std::filesystem::rename(folder / "encoder.json", folder / "vocab.json");
  require_equal(load_byte_pairs(folder.path()), pairs);
  std::filesystem::remove(folder / "merges.txt");
  require_equal(load_byte_pairs(folder.path()), pairs);  // by its tokenizer.json
}

TEST_CASE("byte pair files: ids are whatever the file says", "[byte_pair_files]") {
  const TempFolder folder;
  BytePairs pairs = only_bytes();
  std::reverse(pairs.tokens.begin(), pairs.tokens.end());
  append_merge(pairs, 255 - 'a', 255 - 'b');
  save_gpt2_vocabulary(folder.path(), pairs);
  require_equal(load_byte_pairs(folder.path()), pairs);
  CHECK(BytePairEncoder(load_byte_pairs(folder.path())).encode_word("abc") ==
        std::vector<int>{256, 255 - 'c'});
}

TEST_CASE("byte pair files: a sentence for each that cannot be used", "[byte_pair_files]") {
  const TempFolder folder;
  const auto load = [&] { return error_of([&] { load_byte_pairs(folder.path()); }); };
  CHECK(says(load(), "it has neither vocab.bpe and encoder.json"));
  save_gpt2_vocabulary(folder.path(), some_pairs());
  const std::string ids = slurp(folder / "encoder.json"), merges = slurp(folder / "vocab.bpe");
  const auto with_ids = [&](const std::string& text) {
    folder.write("encoder.json", text);
    const std::string message = load();
    folder.write("encoder.json", ids);
    return message;
  };
  const auto with_merges = [&](const std::string& text) {
    folder.write("vocab.bpe", text);
    const std::string message = load();
    folder.write("vocab.bpe", merges);
    return message;
  };
  const auto changed = [](std::string text, const std::string& from, const std::string& to) {
    const std::size_t at = text.find(from);
    REQUIRE(at != std::string::npos);
    return text.replace(at, from.size(), to);
  };
  CHECK(says(with_ids(ids.substr(0, ids.size() / 2)), "it is not JSON - was it cut short?"));
  CHECK(says(with_ids("[1, 2]"), "it must have an id for each token"));
  CHECK(says(with_ids("{}"), "needs the token"));
  CHECK(says(with_ids(changed(ids, "\"q\": 113", "\"qqq\": 113")),
             "every byte must be a token, and 113 is none: texts that hold it would be lost"));
  CHECK(says(with_ids(changed(ids, ": 113,", ": 114,")), "the id 114 belongs to two tokens"));
  CHECK(says(with_ids(changed(ids, ": 113,", ": -1,")), "must be a whole number from 0 on"));
  CHECK(says(with_ids(changed(ids, ": 113,", ": 99999999999,")), "must be a whole number from 0 on"));
  CHECK(says(with_ids(changed(ids, "\"q\": 113, ", "")), "no token has the id 113"));
  CHECK(says(with_merges(merges + "nonsense\n"), "must be two tokens with a blank between them"));
  CHECK(says(with_merges(merges + "zz y\n"), "needs the token \"zz\", which has no id"));
  CHECK(says(with_merges(merges + "z y\n"), "makes the token \"zy\", which has no id"));
  const std::size_t second = merges.find('\n', merges.find('\n') + 1) + 1;
  const std::string first_merge = merges.substr(merges.find('\n') + 1, second - merges.find('\n') - 1);
  CHECK(says(with_merges("#version: 0.2\n" + merges.substr(second) + first_merge),
             "which no merge before it makes"));
  CHECK(says(with_merges(merges + first_merge), "is there twice"));

  save_tokenizer_json(folder / "tokenizer.json", some_pairs());
  const std::string json = slurp(folder / "tokenizer.json");
  const auto with_json = [&](const std::string& from, const std::string& to) {
    folder.write("tokenizer.json", changed(json, from, to));
    return error_of([&] { load_byte_pairs(folder / "tokenizer.json"); });
  };
  CHECK(says(with_json("\"BPE\"", "\"WordPiece\""), "only \"BPE\" is read here"));
  CHECK(says(with_json("\"pre_tokenizer\": {\n  \"add_prefix_space\": false",
                       "\"pre_tokenizer\": {\n  \"add_prefix_space\": true"),
             "its texts are cut otherwise than GPT-2's"));
  CHECK(says(with_json("\"normalizer\": null", "\"normalizer\": {\"type\": \"NFC\"}"),
             "changed before they are cut, by a normalizer"));
  CHECK(says(with_json("\"post_processor\": null", "\"post_processor\": {\"type\": \"TemplateProcessing\"}"),
             "post_processor adds tokens"));
  CHECK(with_json("\"post_processor\": null", "\"post_processor\": {\"type\": \"ByteLevel\"}") == "no error");
  CHECK(says(with_json("\"content\"", "\"contents\""), "added_tokens must have an id and a content"));
  CHECK(says(error_of([&] { load_byte_pairs(folder / "nothing.json"); }), "it is no file that is there"));
}

}  // namespace
}  // namespace gpt
