/// @file xtensor.hpp
/// The one place that includes xtensor, whose headers moved in version 0.26. Only
/// for common/*.cpp and node.hpp.
#pragma once

#if __has_include(<xtensor/containers/xarray.hpp>)
#include <xtensor/containers/xadapt.hpp>
#include <xtensor/containers/xarray.hpp>
#include <xtensor/core/xmath.hpp>
#else
#include <xtensor/xadapt.hpp>
#include <xtensor/xarray.hpp>
#include <xtensor/xmath.hpp>
#endif

#include "common/kernels/memory.hpp"

namespace gpt {

/// An xtensor container over blocks of memory.hpp.
using Array = xt::xarray<float, xt::layout_type::row_major, BlockAllocator<float>>;

}  // namespace gpt
