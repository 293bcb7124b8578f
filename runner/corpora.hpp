/// @file corpora.hpp
/// The texts to learn from: where they are, and how Tiny Shakespeare is got.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "runner/repository.hpp"

namespace gpt {

/// The published hash of Tiny Shakespeare, which the published losses rest on.
inline constexpr const char* tiny_shakespeare_sha256 =
    "86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed";

/// @param name "play" or "tinyshakespeare"
/// @returns an empty path if it is neither in BARDLING_DATA nor in data/
std::filesystem::path corpus_file(const Repository& repository, const std::string& name);

/// The SHA-256 of a file in hexadecimal; nothing if this machine has no program that computes it.
std::optional<std::string> sha256(const std::filesystem::path& file);

struct Fetched {
  bool ok = false;
  bool interrupted = false;
  std::string what;  // a sentence without its capital and full stop
};

/// Downloads Tiny Shakespeare into data/. The file appears under its name only once its hash was found right.
/// @param seconds how long to wait for the network at most
Fetched fetch_tiny_shakespeare(const Repository& repository, int seconds);

}  // namespace gpt
