/// @file source_text.hpp
/// Which names a piece of C++ speaks of: enough to see whom it calls, without a compiler.
#pragma once

#include <map>
#include <set>
#include <string>

namespace gpt {

/// All identifiers, comments and texts in quotes aside.
std::set<std::string> names_in(const std::string& source);

/// The names that it gives to macros.
std::set<std::string> macros_in(const std::string& source);

/// Its functions: what each of them is called, "operator()" for one, and which names its body speaks of.
std::map<std::string, std::set<std::string>> functions_in(const std::string& source);

/// Does this function call one of these, itself or by way of other functions of the source? @returns its name, or nothing
std::string called_by(const std::string& function, const std::set<std::string>& wanted,
                      const std::string& source);

/// A variable of a function that is read before it was given a value, as far as the order of the words tells: "total" of
/// `float total; for (...) total += x;`. Empty if there is none.
std::string unset_variable_in(const std::string& source);

/// A whole number that is divided by what seems to be one, "1 / T"; empty if there is none.
std::string whole_number_division_in(const std::string& source);

}  // namespace gpt
