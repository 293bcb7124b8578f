/// @file closed.hpp
/// Files that the reader may not read or write, most often because a call with sudo made them: why, and the command that
/// opens them.
#pragma once

#include <filesystem>
#include <string>

namespace gpt {

enum class Access { read, write };

/// "/home/me/bardling/my belongs to root. To make it yours: sudo chown -R "$(id -un)" /home/me/bardling/my". Empty where
/// nothing is in the way, and for what is not below the tutorial's folder: nobody should be told to take /usr for his own.
/// @param file  what is to be read or written; it, or a folder that it would be in, need not be there
std::string why_closed(const std::filesystem::path& root, const std::filesystem::path& file, Access access);

/// @throws std::runtime_error "cannot write FILE: ...", with the reason above, if there is one
void require_open(const std::filesystem::path& root, const std::filesystem::path& file, Access access);

}  // namespace gpt
