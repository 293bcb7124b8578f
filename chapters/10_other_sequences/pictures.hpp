/// @file pictures.hpp
/// Chapter 10. Pictures that a program makes: all faces and all houses there are, as 12 x 12 dots.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>

#include "common/gpt.hpp"

namespace gpt {

/// Black and white, row by row from the top.
class Picture {
 public:
  static constexpr size_t side = 12;  ///< dots in a row, and rows

  bool at(size_t x, size_t y) const { return rows_[y] >> x & 1; }                ///< is there a dot?
  void dot(size_t x, size_t y) { rows_[y] = std::uint16_t(rows_[y] | 1 << x); }  ///< puts one there
  /// Dots from (x, y) on, w to the right and h down.
  void fill(size_t x, size_t y, size_t w, size_t h) {
    for (size_t i = 0; i < w * h; ++i) dot(x + i % w, y + i / w);
  }
  /// In how many dots two pictures differ.
  size_t distance(const Picture& other) const {
    size_t n = 0;
    for (size_t y = 0; y < side; ++y) n += size_t(std::popcount(unsigned(rows_[y] ^ other.rows_[y])));
    return n;
  }
  bool operator==(const Picture& other) const = default;                      ///< dot by dot
  bool operator<(const Picture& other) const { return rows_ < other.rows_; }  ///< to look them up by

 private:
  std::array<std::uint16_t, side> rows_{};
};

/// A head w wide and h high with its corner at (x, y).
/// @param left, right_eye 0 is a dot, 1 tall, 2 wide
/// @param mouth           0 is straight, 1 smiles, 2 does not, 3 is open
/// @param hair            0 is none, 1 a fringe, 2 stands on end
/// @param more            1 has ears, 2 a nose, 3 both, 0 neither
inline Picture face(size_t w, size_t h, size_t x, size_t y, size_t left, size_t right_eye, size_t mouth,
                    size_t hair, size_t more) {
  Picture p;
  const size_t right = x + w - 1, bottom = y + h - 1, eye = y + 3, lips = bottom - 2;
  p.fill(x + 1, y, w - 2, 1);
  p.fill(x + 1, bottom, w - 2, 1);
  p.fill(x, y + 1, 1, h - 2);
  p.fill(right, y + 1, 1, h - 2);
  p.fill(x + 2, eye, left == 2 ? 2 : 1, left == 1 ? 2 : 1);
  p.fill(right - (right_eye == 2 ? 3 : 2), eye, right_eye == 2 ? 2 : 1, right_eye == 1 ? 2 : 1);
  p.fill(x + 3, mouth == 3 ? lips - 1 : lips, w - 6, mouth == 3 ? 2 : 1);
  if (mouth == 1) p.dot(x + 2, lips - 1), p.dot(right - 2, lips - 1);
  if (mouth == 2) p.dot(x + 2, lips + 1), p.dot(right - 2, lips + 1);
  if (hair == 1) p.fill(x + 1, y + 1, w - 2, 1);
  if (hair == 2) p.dot(x + w / 2, y - 1), p.dot(x + 1, y - 1), p.dot(right - 1, y - 1);
  if (more % 2 == 1) p.dot(x + 1, eye + 1), p.dot(right - 1, eye + 1);
  if (more / 2 == 1) p.dot(x + w / 2, eye + 1);
  return p;
}

/// A house w wide whose walls are h high, with their upper left corner at (x, y); the roof stands above.
/// @param door    0 is on the left, 1 in the middle, 2 on the right
/// @param window  1 has one on the left, 2 on the right, 3 both, 0 neither
/// @param chimney 0 is none, 1 on the left, 2 on the right
/// @param more    1 has a window in the gable, 2 stands on wet ground, 3 both, 0 neither
inline Picture house(size_t w, size_t h, size_t x, size_t y, size_t door, size_t window, size_t chimney,
                     size_t more) {
  Picture p;
  const size_t right = x + w - 1, bottom = y + h - 1;
  p.fill(x, y, w, 1);
  p.fill(x, bottom, w, 1);
  p.fill(x, y, 1, h);
  p.fill(right, y, 1, h);
  for (size_t i = 1; i < w / 2; ++i) p.dot(x + i, y - i), p.dot(right - i, y - i);
  const size_t doors[] = {x + 1, x + w / 2 - 1, right - 2};
  p.fill(doors[door], bottom - 2, 2, 2);
  if (window % 2 == 1) p.dot(x + 2, y + 2);
  if (window / 2 == 1) p.dot(right - 2, y + 2);
  if (chimney == 1) p.fill(x + 1, y - 3, 1, 2);
  if (chimney == 2) p.fill(right - 1, y - 3, 1, 2);
  if (more % 2 == 1) p.fill(x + w / 2 - 1, y - 2, 2, 1);
  if (more / 2 == 1) p.fill(0, bottom, Picture::side, 1);
  return p;
}

/// Sorted, and each once.
inline std::vector<Picture> each_once(std::vector<Picture> all) {
  std::sort(all.begin(), all.end());
  all.erase(std::unique(all.begin(), all.end()), all.end());
  return all;
}

/// All faces that there are, sorted.
inline const std::vector<Picture>& all_faces() {
  static const std::vector<Picture> faces = [] {
    std::vector<Picture> all;
    for (size_t w = 8; w <= 10; ++w)
      for (size_t h = 9; h <= 11; ++h)
        for (size_t x = 0; x + w <= Picture::side; ++x)
          for (size_t y = 1; y + h <= Picture::side; ++y)
            for (size_t i = 0; i < size_t{3} * 3 * 4 * 3 * 4; ++i)
              all.push_back(face(w, h, x, y, i % 3, i / 3 % 3, i / 9 % 4, i / 36 % 3, i / 108));
    return each_once(all);
  }();
  return faces;
}

/// All houses that there are, sorted.
inline const std::vector<Picture>& all_houses() {
  static const std::vector<Picture> houses = [] {
    std::vector<Picture> all;
    for (size_t w = 8; w <= 10; w += 2)
      for (size_t h = 5; h <= 7; ++h)
        for (size_t x = 0; x + w <= Picture::side; ++x)
          for (size_t y = w / 2 - 1; y + h <= Picture::side; ++y)
            for (size_t i = 0; i < size_t{3} * 4 * 3 * 4; ++i)
              all.push_back(house(w, h, x, y, i % 3, i / 3 % 4, i / 12 % 3, i / 36));
    return each_once(all);
  }();
  return houses;
}

}  // namespace gpt
