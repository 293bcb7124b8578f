#include "common/tensor/array.hpp"

#include <ostream>
#include <span>

#include "common/tensor/node.hpp"

// The printer, which nobody else needs.
#if __has_include(<xtensor/io/xio.hpp>)
#include <xtensor/io/xio.hpp>
#else
#include <xtensor/xio.hpp>
#endif

namespace gpt {

ArrayView array(const Tensor& x) {
  const Value& rows = Inside::rows(x);
  return xt::adapt_smart_ptr<xt::layout_type::row_major>(
      static_cast<const float*>(rows->data()), x.shape(),
      std::shared_ptr<const void>(Storage::owner_of(rows)));
}

Tensor to_tensor(const xt::xarray<float>& a) {
  return Tensor::from(Shape(a.shape().begin(), a.shape().end()), std::span<const float>(a.data(), a.size()));
}

std::ostream& operator<<(std::ostream& out, const Tensor& x) { return out << array(x); }

}  // namespace gpt
