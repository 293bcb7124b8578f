/// @file draw.hpp
/// Chapter 10. The third task: a picture is read and written like a line of text, 36 characters of four dots each.
#pragma once

#include <algorithm>
#include <map>
#include <sstream>
#include <stdexcept>

#include "10_other_sequences/pictures.hpp"
#include "10_other_sequences/quiz.hpp"
#include "common/gpt.hpp"

namespace gpt {

/// The characters of four dots, two above two. The place of each says its dots in binary: upper left 8, upper right 4,
/// lower left 2, lower right 1.
inline const std::u32string patches = U" ▗▖▄▝▐▞▟▘▚▌▙▀▜▛█";

/// A picture as characters, row by row from the top: 36 of them.
inline std::u32string in_patches(const Picture& picture) {
  //! [patches]
  std::u32string text;
  for (size_t y = 0; y < Picture::side; y += 2) {
    for (size_t x = 0; x < Picture::side; x += 2) {
      const size_t upper = 8 * picture.at(x, y) + 4 * picture.at(x + 1, y);
      const size_t lower = 2 * picture.at(x, y + 1) + picture.at(x + 1, y + 1);
      text += patches[upper + lower];
    }
  }
  //! [patches]
  return text;
}

/// The way back, for at most 36 characters. What is missing or no such character stays white.
inline Picture from_patches(const std::u32string& text) {
  Picture picture;
  for (size_t i = 0; i < text.size(); ++i) {
    const size_t dots = patches.find(text[i]), x = i % 6 * 2, y = i / 6 * 2;
    if (dots == std::u32string::npos) continue;
    for (size_t bit = 0; bit < 4; ++bit)
      if (dots >> (3 - bit) & 1) picture.dot(x + bit % 2, y + bit / 2);
  }
  return picture;
}

/// Pictures beside each other, two rows of dots in a line of text.
inline std::string beside(const std::vector<Picture>& pictures) {
  std::string text;
  for (size_t y = 0; y < Picture::side; y += 2) {
    for (const Picture& picture : pictures) {
      text += "  |";
      for (size_t x = 0; x < Picture::side; ++x)
        text += picture.at(x, y) ? (picture.at(x, y + 1) ? "█" : "▀") : (picture.at(x, y + 1) ? "▄" : " ");
      text += "|";
    }
    text += "\n";
  }
  return text;
}

/// "face" or "house", and a picture of one. There is no single right answer: right is whatever a person would take for one,
/// which here means that the program could have made it.
class Draw {
 public:
  static constexpr size_t length = 36;  ///< characters of a picture

  std::string name() const { return "draw"; }                      ///< what reports call it
  std::string symbols() const { return "fh" + to_utf8(patches); }  ///< what it writes with
  size_t longest() const { return 1 + length; }                    ///< characters of its longest example

  /// Any one, to learn from.
  Example example(Rng& rng) const { return of(rng.below(2) == 0 ? 'f' : 'h', 0, rng); }
  /// By which examples are held out.
  std::string key(const Example& e) const { return e.question + e.answer; }

  /// What is examined at the end.
  std::vector<Exam> exams() const {
    const auto half = [this](char kind) { return [this, kind](Rng& rng) { return of(kind, 18, rng); }; };
    const auto whole = [this](Rng& rng) { return example(rng); };
    const auto unseen = [this](const std::string& question, const std::string& answer) {
      return right(question, answer) && held_out(question + answer);
    };
    constexpr size_t n = 250;  // a picture takes 36 times as long as a character
    return {{"of upper halves of faces become faces", half('f'), 1, n},
            {"of upper halves of houses become houses", half('h'), 1, n},
            {"of pictures at temperature 0.5 are faces and houses", whole, 0.5f, n},
            {"at temperature 1", whole, 1, n},
            {"at temperature 1.5", whole, 1.5f, n},
            {"are so at temperature 1, and training never had them", whole, 1, n, unseen}};
  }

  /// @throws std::invalid_argument unless it is "face" or "house", and behind it as many rows of 12 dots, '.' and '#',
  /// as are given: none, or an even number up to 10
  std::string question(const std::string& asked) const {
    std::istringstream words(asked);
    std::string kind, rows;
    words >> kind;
    bool well = kind == "face" || kind == "house";
    for (std::string row; words >> row; rows += row)
      well = well && row.size() == Picture::side && row.find_first_not_of(".#") == std::string::npos;
    const size_t given = rows.size() / Picture::side;
    if (!well || given % 2 != 0 || given > 10) {
      throw std::invalid_argument(
          "expected \"face\" or \"house\", and behind it, if its upper part is given, 2, 4, 6, 8 or 10 rows "
          "of "
          "12 dots, such as ...######..., got \"" +
          asked + "\"");
    }
    Picture picture;
    for (size_t i = 0; i < rows.size(); ++i)
      if (rows[i] == '#') picture.dot(i % Picture::side, i / Picture::side);
    return kind[0] + to_utf8(in_patches(picture).substr(0, given * 3));
  }

  /// Is this the answer?
  bool right(const std::string& question, const std::string& answer) const {
    const std::u32string text = characters(question + answer);
    if (text.size() != 1 + length || text.find_first_not_of(patches, 1) != std::u32string::npos) return false;
    const std::vector<Picture>& all = of_kind(question[0]);
    return std::binary_search(all.begin(), all.end(), from_patches(text.substr(1)));
  }

  /// What was given (if anything was), what became of it, and the picture of the training half that is nearest to it.
  std::string show(const std::string& question, const std::string& answer) const {
    const std::u32string given = characters(question).substr(1), text = characters(question + answer);
    const Picture drawn = from_patches(text.substr(1, length));
    const Picture nearest = nearest_learned(question[0], drawn);
    std::vector<Picture> pictures{drawn, nearest};
    if (!given.empty()) pictures.insert(pictures.begin(), from_patches(given));
    return std::string(given.empty() ? "drawn" : "given, completed") +
           ", and the nearest that training had (differs in " + std::to_string(drawn.distance(nearest)) +
           " of 144 dots)\n" + beside(pictures);
  }

  /// The picture of the training half that differs in the fewest dots.
  Picture nearest_learned(char kind, const Picture& picture) const {
    Picture nearest;
    size_t fewest = Picture::side * Picture::side + 1;
    for (const Picture& other : of_kind(kind)) {
      if (other.distance(picture) >= fewest || held_out(kind + to_utf8(in_patches(other)))) continue;
      nearest = other;
      fewest = other.distance(picture);
    }
    return nearest;
  }

  /// All faces ('f') or all houses ('h').
  static const std::vector<Picture>& of_kind(char kind) { return kind == 'f' ? all_faces() : all_houses(); }

 private:
  /// Any of a kind, of which the first characters belong to the question.
  Example of(char kind, size_t given, Rng& rng) const {
    const std::vector<Picture>& all = of_kind(kind);
    const std::u32string text = in_patches(all[rng.below(all.size())]);
    return {kind + to_utf8(text.substr(0, given)), to_utf8(text.substr(given))};
  }
  static std::u32string characters(const std::string& text) {
    const Characters all(text);
    return {all.begin(), all.end()};
  }
};

}  // namespace gpt
