#include "tests/npy.hpp"

#if __has_include(<xtensor/io/xnpy.hpp>)
#include <xtensor/containers/xarray.hpp>
#include <xtensor/io/xnpy.hpp>
#else  // before xtensor 0.26
#include <xtensor/xarray.hpp>
#include <xtensor/xnpy.hpp>
#endif

#include <fstream>
#include <stdexcept>

namespace gpt {

std::vector<float> load_npy(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("load_npy: cannot open " + path);
  const xt::xarray<float> numbers = xt::load_npy<float>(file);
  return {numbers.data(), numbers.data() + numbers.size()};
}

}  // namespace gpt
