/// @file byte_pair_files.hpp
/// Vocabularies of pieces in the files that the field has for them: GPT-2's own pair, and HuggingFace's single one.
///
///     vocab.bpe, merges.txt      the merges, a line each, bytes written as printable characters
///     encoder.json, vocab.json   the id of each token: {"!": 0, "\"": 1, ...}
///     tokenizer.json             both in one, with special tokens and how the text is cut
///
/// The two names in a line stand for the same file, as OpenAI and as HuggingFace call it.
#pragma once

#include <filesystem>

#include "common/nn/byte_pairs.hpp"  // BytePairs

namespace gpt {

/// Reads a vocabulary: of a folder, its two files, or else its tokenizer.json; of a file, a tokenizer.json.
/// @throws std::runtime_error if there is none, or anything in it is not as it should be: a byte that is no token, a merge
/// of tokens that are not there, an id missing or given twice
BytePairs load_byte_pairs(const std::filesystem::path& folder_or_file);

/// Writes vocab.bpe and encoder.json into a folder, each there whole or not at all.
/// @throws std::runtime_error if they cannot be written, std::invalid_argument unless require_whole() finds them so
void save_gpt2_vocabulary(const std::filesystem::path& folder, const BytePairs& pairs);

/// Writes a tokenizer.json, with GPT-2's splitting.
/// @throws std::runtime_error if it cannot be written, std::invalid_argument unless require_whole() finds it so
void save_tokenizer_json(const std::filesystem::path& file, const BytePairs& pairs);

}  // namespace gpt
