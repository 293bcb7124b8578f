/// @file ordered_json.hpp
/// JSON as the files of runs/ have it. Only for common/*.cpp: the library takes long to compile.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace gpt {

/// Keeps the fields in our order. Its numbers are floats like ours: a double would write 2.49
/// as 2.490000009536743.
using Json = nlohmann::basic_json<nlohmann::ordered_map, std::vector, std::string, bool, std::int64_t,
                                  std::uint64_t, float>;

/// As text. Half a UTF-8 character, which JSON cannot hold, becomes a mark.
/// @param indent -1 for a single line
inline std::string text_of(const Json& json, int indent = -1) {
  return json.dump(indent, ' ', /*ensure_ascii=*/false, Json::error_handler_t::replace);
}

}  // namespace gpt
