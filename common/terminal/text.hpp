/// @file text.hpp
/// Words and numbers as people read them: joined, trimmed, measured, and guessed where they are misspelled.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace gpt {

/// {"a", "b"} -> "a, b", with ", " between
std::string joined(const std::vector<std::string>& words, const std::string& between);

/// Without the spaces around it.
std::string trimmed(const std::string& text);

/// A text's lines, without their ends.
std::vector<std::string> lines_of(const std::string& text);

/// 1115394 -> "1,115,394"
std::string with_commas(std::size_t n);

/// Columns that a text takes up in a terminal: bytes that do not continue a UTF-8 character.
std::size_t columns_of(const std::string& text);

/// Letters to insert, remove or replace, and neighbours to swap, to get from one word to the other.
/// (Damerau 1964, Levenshtein 1966)
std::size_t edit_distance(const std::string& a, const std::string& b);

/// The known word that was meant by a misspelled one, or by its beginning: at most one slip for each three
/// letters. Empty if none is that near.
std::string nearest(const std::string& word, const std::vector<std::string>& known);

}  // namespace gpt
