/// @file xtensor.hpp
/// The one place that includes xtensor, whose headers moved in version 0.26. Only for common/tensor; everybody
/// else includes array.hpp. (Its printer is in array.cpp.)
#pragma once

#if __has_include(<xtensor/containers/xarray.hpp>)
#include <xtensor/containers/xadapt.hpp>
#include <xtensor/containers/xarray.hpp>
#include <xtensor/core/xmath.hpp>
#include <xtensor/core/xoperation.hpp>
#include <xtensor/generators/xbuilder.hpp>
#include <xtensor/misc/xmanipulation.hpp>
#include <xtensor/misc/xsort.hpp>
#include <xtensor/views/xview.hpp>
#else
#include <xtensor/xadapt.hpp>
#include <xtensor/xarray.hpp>
#include <xtensor/xbuilder.hpp>
#include <xtensor/xmanipulation.hpp>
#include <xtensor/xmath.hpp>
#include <xtensor/xoperation.hpp>
#include <xtensor/xsort.hpp>
#include <xtensor/xview.hpp>
#endif

#include "common/kernels/memory.hpp"

namespace gpt {

/// An xtensor container over blocks of memory.hpp.
using Array = xt::xarray<float, xt::layout_type::row_major, BlockAllocator<float>>;

}  // namespace gpt
