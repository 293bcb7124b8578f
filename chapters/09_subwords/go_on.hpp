/// @file go_on.hpp
/// Chapter 9. GPT-2 goes on with a text, from the text that it is given to the text that is printed.
#pragma once

#include <chrono>
#include <functional>
#include <optional>

#include "09_subwords/byte_pair_tokeniser.hpp"
#include "09_subwords/cached_gpt2.hpp"
#include "09_subwords/whole_characters.hpp"
#include "common/gpt.hpp"

namespace gpt {

/// Says n tokens behind a text.
/// @param weights as for CachedGPT2
/// @param prompt  "<|endoftext|>" and its like are special in it; if it is empty, a new text begins
/// @param print   is given what each token adds, in whole characters, at once; and at the end what waits still
/// @returns tokens a second, but for the first, which takes in the prompt; nothing unless there is another
/// @throws what CachedGPT2::read throws, and print
inline std::optional<double> go_on(const GPT2Sizes& sizes, const StoredWeights& weights,
                                   const BytePairTokeniser& tokeniser, const std::string& prompt, size_t n,
                                   Sampling sampling, Rng& rng,
                                   const std::function<void(const std::string&)>& print) {
  using Clock = std::chrono::steady_clock;
  Clock::time_point first, last;
  size_t said = 0;
  WholeCharacters whole;
  const auto on_token = [&](int id) {
    last = Clock::now();
    if (said++ == 0) first = last;
    const bool known = size_t(id) < tokeniser.size();  // a model may have more rows than there are tokens
    print(known ? whole.next(tokeniser.decode({id})) : "");
  };
  // A text begins behind the end of another.
  const std::vector<int> asked = tokeniser.encode_special(prompt.empty() ? "<|endoftext|>" : prompt);
  generate_with(CachedGPT2(sizes, weights), sizes.block_size, asked, n, sampling, rng, on_token);
  print(whole.rest());
  if (said < 2) return {};
  return double(said - 1) / std::chrono::duration<double>(last - first).count();
}

}  // namespace gpt
