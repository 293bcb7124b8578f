/// @file compiler_log.hpp
/// The one error that matters, from all that a compiler has to say: g++'s and clang's words.
#pragma once

#include <filesystem>
#include <string>

namespace gpt {

struct CompilerError {
  std::string where;  // "my/02_self_attention/head.hpp:12:5", which editors and terminals open; empty if it
                      // has no place
  std::string text;   // the message, the line of code and a mark under it
  std::string
      via;  // the line of the reader's that led there, if the error itself is in another file; else empty
};

/// @param log    what the build tool printed, in English
/// @param build  where it ran: paths in the log may be relative to it
/// @param my     the reader's parts
CompilerError first_error(const std::string& log, const std::filesystem::path& build,
                          const std::filesystem::path& my);

/// "the compiler ran out of memory", if it did not find an error but a limit; else empty.
std::string why_compiler_gave_up(const std::string& log);

/// What the compiler warns of first in the reader's parts, with its place; empty if nothing. A comparison of
/// int and size_t is passed over: it is harmless here, and would hide what is not.
std::string first_warning(const std::string& log, const std::filesystem::path& build,
                          const std::filesystem::path& my);

/// How a file is best named to somebody who stands in the current folder, so that a click on it opens it.
std::string clickable(const std::filesystem::path& file);

}  // namespace gpt
