// Writes unicode_ranges.hpp, which code points are letters, numbers and white space, from what Node knows of Unicode:
//
//   node common/nn/make_unicode_ranges.mjs > common/nn/unicode_ranges.hpp
const classes = [["letter", /^\p{L}$/u], ["number", /^\p{N}$/u], ["space", /^\p{White_Space}$/u]];
const ranges = [];
for (let code = 0; code <= 0x10ffff; ++code) {
  const character = String.fromCodePoint(code);
  const found = classes.find(([, pattern]) => pattern.test(character));
  if (!found) continue;
  const last = ranges.at(-1);
  if (last && last.end === code && last.name === found[0]) last.end = code + 1;
  else ranges.push({begin: code, end: code + 1, name: found[0]});
}
const hex = (code) => "0x" + code.toString(16);
const entries = ranges.map(({begin, end, name}) => `{${hex(begin)}, ${hex(end)}, CharacterClass::${name}},`);
const lines = [];
for (const entry of entries) {
  if (lines.length && lines.at(-1).length + 1 + entry.length <= 110) lines[lines.length - 1] += " " + entry;
  else lines.push("    " + entry);
}
console.log(`/// @file unicode_ranges.hpp
/// Which code points are letters, numbers and white space in Unicode ${process.versions.unicode}. Made by
/// common/nn/make_unicode_ranges.mjs, and not by hand.
#pragma once

#include "common/nn/unicode_class.hpp"

namespace gpt {

/// Code points from begin to end - 1, all of one class.
struct UnicodeRange {
  char32_t begin;        ///< the first
  char32_t end;          ///< the one behind the last
  CharacterClass which;  ///< what they are
};

// clang-format off
/// In ascending order. Whatever is in none of them is CharacterClass::other.
inline constexpr UnicodeRange unicode_ranges[] = {
${lines.join("\n")}
};
// clang-format on

}  // namespace gpt`);
