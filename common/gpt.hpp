/// @file gpt.hpp
/// All that a chapter's part is made of, in one include: tensors and their operations, random numbers, the two layers
/// that have weights (Linear and Embedding), checks, and the standard headers that most parts need.
#pragma once

#include <cmath>
#include <cstddef>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "common/nn/nn.hpp"          // Linear, Embedding, Parameters, collect, Module, LanguageModel
#include "common/nn/utf8.hpp"        // Characters, to_utf8
#include "common/tensor/check.hpp"   // require_shape, require_positive, require_multiple
#include "common/tensor/ops.hpp"     // matmul, softmax, relu, ...
#include "common/tensor/rng.hpp"     // Rng
#include "common/tensor/tensor.hpp"  // Tensor, Tokens, NoGrad
#include "common/tensor/trace.hpp"   // note, numbered
