/// @file closing.hpp
/// The end of the exercises: what the reader has built, and where it leads.
#pragma once

#include <string>

#include "runner/course.hpp"
#include "runner/repository.hpp"

namespace gpt {

/// Parts and lines that the reader wrote, what their models reach beside the reference's, and what to do next.
std::string closing_screen(const Repository& repository, const Course& course);

}  // namespace gpt
