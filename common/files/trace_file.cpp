#include "common/files/trace_file.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <sstream>

#include "common/files/atomic_file.hpp"
#include "common/files/ordered_json.hpp"

namespace gpt {
namespace {

/// What the chapters' names mean, and their last two axes.
struct Meaning {
  const char *name, *title, *rows, *columns;
};
constexpr std::array meanings{
    Meaning{"scores", "scores before the mask", "query", "key"},
    Meaning{"masked", "scores after the mask", "query", "key"},
    Meaning{"weights", "attention weights", "query", "key"},
    Meaning{"hidden", "hidden units after ReLU", "position", "unit"},
    Meaning{"embedded", "the stream before the first part", "position", "channel"},
    Meaning{"read", "the stream after attention", "position", "channel"},
    Meaning{"thought", "the stream after feed-forward", "position", "channel"},
    Meaning{"states", "states of a recurrent net", "position", "unit"},
    Meaning{"cells", "cell states of a long short-term memory", "position", "unit"},
    Meaning{"gates", "its gates: write, keep, news, show", "position", "unit"},
};

/// Null for a name that is not among them.
const Meaning* meaning_of(const std::string& name) {
  const auto found = std::find_if(meanings.begin(), meanings.end(),
                                  [&](const Meaning& meaning) { return name == meaning.name; });
  return found == meanings.end() ? nullptr : &*found;
}

/// "blocks.2.heads.1.weights": the lists blocks and heads, at 2 and 1, and what is left without the numbers.
struct Path {
  std::vector<std::string> lists;
  std::vector<std::size_t> at;
  std::string without_numbers, last;
};

Path read_name(const std::string& name) {
  Path path;
  std::istringstream parts(name);
  for (std::string part; std::getline(parts, part, '.');) {
    if (!part.empty() && part.find_first_not_of("0123456789") == std::string::npos) {
      path.lists.push_back(path.last);
      path.at.push_back(std::strtoull(part.c_str(), nullptr, 10));
    } else {
      path.without_numbers += (path.without_numbers.empty() ? "" : ".") + part;
      path.last = part;
    }
  }
  return path;
}

std::string singular(const std::string& list) {
  return list.size() > 1 && list.back() == 's' ? list.substr(0, list.size() - 1) : list;
}

/// The axes of what was noted once, without the batch's: (H, T, T) or (T, C).
std::vector<Axis> axes_of(const Shape& shape, const std::string& name, const std::vector<std::string>& text) {
  const Meaning* known = meaning_of(name);
  const std::size_t T = text.size();
  std::vector<Axis> axes;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    const std::size_t from_end = shape.size() - i;
    const bool square = shape.size() >= 2 && shape.back() == T && shape[shape.size() - 2] == T;
    Axis axis{from_end > 3 ? "axis " + std::to_string(i) : "head", {}};
    if (from_end == 2) axis.name = known ? known->rows : square ? "query" : "position";
    if (from_end == 1) axis.name = known ? known->columns : square ? "key" : "channel";
    if (shape[i] == T && axis.name != "channel" && axis.name != "unit" && from_end <= 2) axis.labels = text;
    axes.push_back(axis);
  }
  return axes;
}

/// Tensors of one shape that were met at every place of their lists, one after the other.
bool can_be_stacked(const std::vector<const TracedTensor*>& group) {
  const Path first = read_name(group.front()->name), last = read_name(group.back()->name);
  std::size_t places = 1;
  for (const std::size_t at : last.at) places *= at + 1;
  if (group.size() != places || first.at.size() != last.at.size()) return false;
  return std::all_of(group.begin(), group.end(), [&](const TracedTensor* noted) {
    return noted->tensor.shape() == group.front()->tensor.shape();
  });
}

LabelledTensor stacked(const std::vector<const TracedTensor*>& group, const std::string& name,
                       const std::vector<std::string>& text) {
  const Path last = read_name(group.back()->name);
  Shape inner = group.front()->tensor.shape();
  if (inner.size() > 2 && inner.front() == 1) inner.erase(inner.begin());
  const Meaning* known = meaning_of(last.last);
  LabelledTensor all{name, known ? known->title : last.last, {}, group.front()->tensor};
  Shape shape;
  std::vector<float> values;
  if (name == last.without_numbers) {
    for (std::size_t i = 0; i < last.lists.size(); ++i) {
      all.axes.push_back({singular(last.lists[i]), {}});
      shape.push_back(last.at[i] + 1);
    }
  }
  for (const Axis& axis : axes_of(inner, last.last, text)) all.axes.push_back(axis);
  shape.insert(shape.end(), inner.begin(), inner.end());
  for (const TracedTensor* noted : group)
    values.insert(values.end(), noted->tensor.values().begin(), noted->tensor.values().end());
  all.tensor = Tensor::from(shape, values);
  return all;
}

/// Four significant digits, and whole numbers without a point.
Json rounded(float value) {
  if (!std::isfinite(value)) return nullptr;
  char text[32];
  std::snprintf(text, sizeof text, "%.4g", static_cast<double>(value));
  const float four_digits = std::strtof(text, nullptr);
  if (std::abs(four_digits) < 1e6f && four_digits == std::round(four_digits))
    return static_cast<std::int64_t>(four_digits);
  return four_digits;
}

Json to_json(const LabelledTensor& labelled) {
  Json axes = Json::array(), labels = Json::object(), values = Json::array();
  for (const Axis& axis : labelled.axes) {
    axes.push_back(axis.name);
    if (!axis.labels.empty()) labels[axis.name] = axis.labels;
  }
  for (const float value : labelled.tensor.values()) values.push_back(rounded(value));
  return Json{{"name", labelled.name}, {"title", labelled.title},
              {"axes", axes},          {"shape", labelled.tensor.shape()},
              {"labels", labels},      {"values", values}};
}

}  // namespace

std::vector<LabelledTensor> labelled(const std::vector<TracedTensor>& noted,
                                     const std::vector<std::string>& text) {
  std::vector<std::string> order;
  std::map<std::string, std::vector<const TracedTensor*>> groups;
  for (const TracedTensor& one : noted) {
    const std::string name = read_name(one.name).without_numbers;
    if (groups[name].empty()) order.push_back(name);
    groups[name].push_back(&one);
  }
  std::vector<LabelledTensor> all;
  for (const std::string& name : order) {
    if (can_be_stacked(groups[name])) {
      all.push_back(stacked(groups[name], name, text));
    } else {
      for (const TracedTensor* one : groups[name]) all.push_back(stacked({one}, one->name, text));
    }
  }
  return all;
}

void write_trace(const std::filesystem::path& file, const TraceFile& trace) {
  // A line for each tensor: readable, and a change shows where it is.
  std::string text =
      "{\"title\": " + text_of(trace.title) + ", \"run\": " + text_of(trace.run) + ", \"tensors\": [";
  const char* between = "\n";
  for (const LabelledTensor& tensor : trace.tensors) {
    text += between + text_of(to_json(tensor));
    between = ",\n";
  }
  text += "\n]}\n";
  AtomicFile out("write_trace", file);
  out.write(text.data(), text.size());
  out.commit();
}

}  // namespace gpt
