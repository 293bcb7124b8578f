#include "common/files/report.hpp"

#include <fstream>
#include <stdexcept>

#include "common/files/atomic_file.hpp"
#include "common/files/ordered_json.hpp"

namespace gpt {

namespace fs = std::filesystem;

namespace {

Json to_json(const Report& report) {
  Json curve = Json::array();
  for (const CurvePoint& point : report.curve) {
    curve.push_back(Json{{"step", point.step}, {"train", point.train}, {"val", point.val}});
  }
  const Json published = report.published_val_loss ? Json(*report.published_val_loss) : Json(nullptr);
  Json json{{"chapter", report.chapter},
            {"title", report.title},
            {"variant", report.variant},
            {"corpus", report.corpus},
            {"parameters", report.parameters},
            {"steps", report.steps},
            {"batch", report.batch},
            {"context", report.context},
            {"lr", report.lr},
            {"seed", report.seed},
            {"threads", report.threads},
            {"gemm", report.gemm},
            {"seconds", report.seconds},
            {"step_ms_median", report.step_ms_median},
            {"train_loss", report.train_loss},
            {"val_loss", report.val_loss},
            {"published_val_loss", published},
            {"interrupted", report.interrupted},
            {"curve", curve},
            {"sample", report.sample}};
  if (report.bits_per_character) json["bits_per_character"] = *report.bits_per_character;
  if (!report.fingerprint.empty()) json["fingerprint"] = report.fingerprint;
  for (const Score& score : report.scores)
    json["scores"].push_back(Json{{"name", score.name}, {"share", score.share}});
  return json;
}

/// Reads one field after another of an object, and says which one is not as it should be.
class Fields {
 public:
  Fields(const fs::path& file, const Json& object) : file_(file), object_(object) {
    if (!object.is_object()) fail(file, "expected an object of fields");
  }

  [[noreturn]] static void fail(const fs::path& file, const std::string& what) {
    throw std::runtime_error("read_report: " + file.string() + " is not a report: " + what);
  }

  const Json& at(const char* name) const {
    const auto found = object_.find(name);
    if (found == object_.end()) fail(file_, "there is no field '" + std::string(name) + "'");
    return *found;
  }

  std::string text(const char* name) const {
    if (!at(name).is_string()) fail(file_, "field '" + std::string(name) + "' must be a text");
    return at(name).get<std::string>();
  }

  std::uint64_t count(const char* name) const {
    if (!at(name).is_number_unsigned()) {
      fail(file_, "field '" + std::string(name) + "' must be a whole number, 0 or more");
    }
    return at(name).get<std::uint64_t>();
  }

  bool yes_or_no(const char* name) const {
    if (!at(name).is_boolean()) fail(file_, "field '" + std::string(name) + "' must be true or false");
    return at(name).get<bool>();
  }

  /// null stands for a number that was not finite.
  float number(const char* name) const {
    if (at(name).is_null()) return Report::unknown;
    if (!at(name).is_number()) fail(file_, "field '" + std::string(name) + "' must be a number or null");
    return at(name).get<float>();
  }

 private:
  const fs::path& file_;
  const Json& object_;
};

std::vector<CurvePoint> read_curve(const fs::path& file, const Json& points) {
  if (!points.is_array()) Fields::fail(file, "field 'curve' must be a list");
  std::vector<CurvePoint> curve;
  for (const Json& object : points) {
    const Fields point(file, object);
    curve.push_back({point.count("step"), point.number("train"), point.number("val")});
  }
  return curve;
}

std::vector<Score> read_scores(const fs::path& file, const Json& list) {
  if (!list.is_array()) Fields::fail(file, "field 'scores' must be a list");
  std::vector<Score> scores;
  for (const Json& object : list) {
    const Fields score(file, object);
    scores.push_back({score.text("name"), score.number("share")});
  }
  return scores;
}

}  // namespace

void write_report(const fs::path& file, const Report& report) {
  // What a model says may end in half a UTF-8 character, which JSON cannot hold:
  // `replace` writes a mark instead.
  const std::string text = text_of(to_json(report), /*indent=*/2) + "\n";
  AtomicFile out("write_report", file);
  out.write(text.data(), text.size());
  out.commit();
}

Report read_report(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) throw std::runtime_error("read_report: cannot open " + file.string());
  const Json json = Json::parse(in, nullptr, /*allow_exceptions=*/false);
  if (json.is_discarded()) Fields::fail(file, "it is not JSON");
  const Fields fields(file, json);

  Report report;
  const std::uint64_t chapter = fields.count("chapter");
  if (chapter < 1 || chapter > 99) Fields::fail(file, "field 'chapter' must be from 1 to 99");
  report.chapter = static_cast<int>(chapter);
  report.title = fields.text("title");
  report.variant = fields.text("variant");
  report.corpus = fields.text("corpus");
  report.parameters = fields.count("parameters");
  report.steps = fields.count("steps");
  report.batch = fields.count("batch");
  report.context = fields.count("context");
  report.lr = fields.number("lr");
  report.seed = fields.count("seed");
  report.threads = fields.count("threads");
  report.gemm = fields.text("gemm");
  report.seconds = fields.number("seconds");
  report.step_ms_median = fields.number("step_ms_median");
  report.train_loss = fields.number("train_loss");
  report.val_loss = fields.number("val_loss");
  if (!fields.at("published_val_loss").is_null())
    report.published_val_loss = fields.number("published_val_loss");
  report.interrupted = fields.yes_or_no("interrupted");
  report.curve = read_curve(file, fields.at("curve"));
  report.sample = fields.text("sample");
  if (json.contains("bits_per_character")) report.bits_per_character = fields.number("bits_per_character");
  if (json.contains("fingerprint")) report.fingerprint = fields.text("fingerprint");
  if (json.contains("scores")) report.scores = read_scores(file, fields.at("scores"));
  return report;
}

}  // namespace gpt
