/// @file sanitized.hpp
/// Whether the address sanitizer watches this program.
#pragma once

namespace gpt {

/// True under the address sanitizer, which must see every block of memory come and go, and makes a program slow.
#if defined(__SANITIZE_ADDRESS__)  // g++
inline constexpr bool address_sanitizer = true;
#elif defined(__has_feature)  // clang
inline constexpr bool address_sanitizer = __has_feature(address_sanitizer);
#else
inline constexpr bool address_sanitizer = false;
#endif

}  // namespace gpt
