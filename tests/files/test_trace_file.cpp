#include "common/files/trace_file.hpp"

#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

#include "tests/support/catch.hpp"
#include "tests/support/temp_folder.hpp"

namespace gpt {
namespace {

using Names = std::vector<std::string>;

TracedTensor noted(const std::string& name, const Shape& shape, float first = 0) {
  std::vector<float> values(element_count(shape));
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = first + static_cast<float>(i);
  return {name, Tensor::from(shape, values)};
}

Names axes(const LabelledTensor& tensor) {
  Names names;
  for (const Axis& axis : tensor.axes) names.push_back(axis.name);
  return names;
}

const Names text{"t", "o", " "};

TEST_CASE("labelled: what heads note one by one becomes one tensor, with the head as its first axis",
          "[trace]") {
  const std::vector<LabelledTensor> all =
      labelled({noted("heads.0.weights", {1, 3, 3}), noted("heads.1.weights", {1, 3, 3}, 100)}, text);
  REQUIRE(all.size() == 1);
  CHECK(all[0].name == "heads.weights");
  CHECK(all[0].title == "attention weights");
  CHECK(axes(all[0]) == Names{"head", "query", "key"});
  CHECK(all[0].axes[0].labels.empty());
  CHECK(all[0].axes[1].labels == text);
  CHECK(all[0].axes[2].labels == text);
  REQUIRE(all[0].tensor.shape() == Shape{2, 3, 3});
  CHECK(all[0].tensor.at({1, 0, 2}) == 102);
}

TEST_CASE("labelled: blocks of heads become two axes, and heads in one tensor are named the same",
          "[trace]") {
  std::vector<TracedTensor> one_by_one, together;
  for (const std::string block : {"blocks.0", "blocks.1"}) {
    for (const std::string head : {".heads.0", ".heads.1"})
      one_by_one.push_back(noted(block + head + ".scores", {1, 3, 3}));
    together.push_back(noted(block + ".scores", {1, 2, 3, 3}));
  }
  for (const std::vector<TracedTensor>& notes : {one_by_one, together}) {
    const std::vector<LabelledTensor> all = labelled(notes, text);
    REQUIRE(all.size() == 1);
    CHECK(axes(all[0]) == Names{"block", "head", "query", "key"});
    CHECK(all[0].tensor.shape() == Shape{2, 2, 3, 3});
  }
}

TEST_CASE("labelled: a name of the reader's own gets its axes by its shape", "[trace]") {
  const std::vector<LabelledTensor> all =
      labelled({noted("mine", {1, 3, 5}), noted("square", {1, 3, 3})}, text);
  REQUIRE(all.size() == 2);
  CHECK(all[0].title == "mine");
  CHECK(axes(all[0]) == Names{"position", "channel"});
  CHECK(all[0].axes[0].labels == text);
  CHECK(all[0].axes[1].labels.empty());
  CHECK(axes(all[1]) == Names{"query", "key"});
}

TEST_CASE("labelled: tensors that don't fit together stay apart, under their own names", "[trace]") {
  const auto names = [](const std::vector<TracedTensor>& notes) {
    Names all;
    for (const LabelledTensor& tensor : labelled(notes, text)) all.push_back(tensor.name);
    return all;
  };
  CHECK(names({noted("parts.0.x", {1, 3, 2}), noted("parts.1.x", {1, 3, 4})}) ==
        Names{"parts.0.x", "parts.1.x"});
  CHECK(names({noted("parts.0.x", {1, 3, 2}), noted("parts.2.x", {1, 3, 2})}) ==
        Names{"parts.0.x", "parts.2.x"});
  CHECK(names({noted("x", {1, 3, 2}), noted("x (2)", {1, 3, 2})}) == Names{"x", "x (2)"});
  CHECK(names({}).empty());
}

TEST_CASE("write_trace: a line for each tensor, four digits, null for what is no number", "[trace]") {
  const TempFolder folder;
  const float none = -std::numeric_limits<float>::infinity();
  const Tensor x = Tensor::from({2, 3}, {1, 0.123456f, none, 123456, std::nanf(""), -2e-7f});
  write_trace(folder.path() / "t.json", {"A \"sentence\".",
                                         "no run",
                                         {{"x", "a table", {{"row", {"\n", "\""}}, {"column", {}}}, x},
                                          {"y", "", {{"only", {}}}, Tensor::from({1}, {0})}}});
  CHECK(slurp(folder.path() / "t.json") ==
        "{\"title\": \"A \\\"sentence\\\".\", \"run\": \"no run\", \"tensors\": [\n"
        "{\"name\":\"x\",\"title\":\"a table\",\"axes\":[\"row\",\"column\"],\"shape\":[2,3],"
        "\"labels\":{\"row\":[\"\\n\",\"\\\"\"]},\"values\":[1,0.1235,null,123500,null,-2e-07]},\n"
        "{\"name\":\"y\",\"title\":\"\",\"axes\":[\"only\"],\"shape\":[1],\"labels\":{},\"values\":[0]}\n"
        "]}\n");
}

TEST_CASE("write_trace: half a letter becomes a mark, and a folder that is not there is named", "[trace]") {
  const TempFolder folder;
  write_trace(folder.path() / "t.json", {"\xc3", "", {}});
  CHECK(slurp(folder.path() / "t.json").find("\xef\xbf\xbd") != std::string::npos);
  CHECK_THROWS_AS(write_trace(folder.path() / "none" / "t.json", {"", "", {}}), std::runtime_error);
}

}  // namespace
}  // namespace gpt
