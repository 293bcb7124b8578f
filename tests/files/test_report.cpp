#include "common/files/report.hpp"

#include <cmath>
#include <iterator>
#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

#include "tests/support/catch.hpp"
#include "tests/support/temp_folder.hpp"

namespace gpt {
namespace {

namespace fs = std::filesystem;

Report example() {
  Report report;
  report.chapter = 5;
  report.title = "Blocks, \"residual\" \\ and norm";
  report.variant = "residual";
  report.corpus = "tinyshakespeare";
  report.parameters = 41'921;
  report.steps = 5000;
  report.batch = 32;
  report.context = 8;
  report.lr = 1e-3f;
  report.seed = std::numeric_limits<std::uint64_t>::max();
  report.threads = 2;
  report.gemm = "oneDNN";
  report.seconds = 12.25;
  report.step_ms_median = 2.5;
  report.train_loss = 1.9f;
  report.val_loss = 2.0800018f;  // not a short decimal
  report.published_val_loss = 2.08f;
  report.curve = {{0, 4.2f, 4.25f}, {500, 2.5f, 2.625f}};
  report.sample = "KING:\n\tTo be\x01";
  report.fingerprint = "4016c93c3be74c18";
  report.scores = {{"three digits", 0.998f}, {"four digits", 0.0f}};
  report.bits_per_character = 2.5f;
  return report;
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

template <class Action>
std::string complaint(Action action) {
  try {
    action();
    return "";
  } catch (const std::runtime_error& error) {
    return error.what();
  }
}

TEST_CASE("Report: comes back from a file bit for bit", "[report]") {
  const TempFolder folder;
  const fs::path file = folder / "report.json";
  const Report written = example();
  write_report(file, written);
  const Report read = read_report(file);

  CHECK(read.chapter == written.chapter);
  CHECK(read.title == written.title);
  CHECK(read.variant == written.variant);
  CHECK(read.corpus == written.corpus);
  CHECK(read.parameters == written.parameters);
  CHECK(read.steps == written.steps);
  CHECK(read.batch == written.batch);
  CHECK(read.context == written.context);
  CHECK(read.lr == written.lr);
  CHECK(read.seed == written.seed);
  CHECK(read.threads == written.threads);
  CHECK(read.gemm == written.gemm);
  CHECK(read.seconds == written.seconds);
  CHECK(read.step_ms_median == written.step_ms_median);
  CHECK(read.train_loss == written.train_loss);
  CHECK(read.val_loss == written.val_loss);
  REQUIRE(read.published_val_loss.has_value());
  CHECK(*read.published_val_loss == *written.published_val_loss);
  CHECK(read.bits_per_character == written.bits_per_character);
  CHECK(read.interrupted == written.interrupted);
  REQUIRE(read.curve.size() == 2);
  CHECK(read.curve[1].step == 500);
  CHECK(read.curve[1].train == 2.5f);
  CHECK(read.curve[1].val == 2.625f);
  CHECK(read.sample == written.sample);
  REQUIRE(read.scores.size() == 2);
  CHECK(read.scores[0].name == "three digits");
  CHECK(read.scores[0].share == 0.998f);
}

TEST_CASE("Report: the file has the fields that others rely on, with short numbers", "[report]") {
  const TempFolder folder;
  write_report(folder / "report.json", example());
  const std::string text = slurp(folder / "report.json");
  for (const char* const expected :
       {"\"chapter\": 5,", "\"corpus\": \"tinyshakespeare\",", "\"parameters\": 41921,", "\"steps\": 5000,",
        "\"seed\": 18446744073709551615,", "\"threads\": 2,", "\"gemm\": \"oneDNN\",", "\"seconds\": 12.25,",
        "\"step_ms_median\": 2.5,", "\"train_loss\": 1.9,", "\"val_loss\": 2.080001",
        "\"published_val_loss\": 2.08,", "\"curve\": [", "\"step\": 500,", "\"train\": 2.5,",
        "\"val\": 2.625", "\"sample\": \"KING:\\n\\tTo be\\u0001\""}) {
    INFO(expected);
    CHECK(contains(text, expected));
  }
}

TEST_CASE("Report: a loss that is not finite, or not published, is null", "[report]") {
  const TempFolder folder;
  Report report = example();
  report.train_loss = std::numeric_limits<float>::infinity();
  report.val_loss = std::numeric_limits<float>::quiet_NaN();
  report.published_val_loss.reset();
  report.curve = {{0, std::numeric_limits<float>::infinity(), 1}};
  write_report(folder / "report.json", report);
  const std::string text = slurp(folder / "report.json");
  CHECK(contains(text, "\"train_loss\": null,"));
  CHECK(contains(text, "\"val_loss\": null,"));
  CHECK(contains(text, "\"published_val_loss\": null,"));

  const Report read = read_report(folder / "report.json");
  CHECK(std::isnan(read.train_loss));
  CHECK(std::isnan(read.val_loss));
  CHECK_FALSE(read.published_val_loss.has_value());
  CHECK(std::isnan(read.curve[0].train));
}

TEST_CASE("Report: a sample that ends in half a character can be written", "[report]") {
  const TempFolder folder;
  Report report = example();
  report.sample = "caf\xc3";
  write_report(folder / "report.json", report);
  CHECK(read_report(folder / "report.json").sample == "caf\xef\xbf\xbd");  // the replacement character
}

TEST_CASE("write_report: replaces an older report and leaves nothing else behind", "[report]") {
  const TempFolder folder;
  folder.write("report.json", "old");
  write_report(folder / "report.json", example());
  CHECK(read_report(folder / "report.json").chapter == 5);
  CHECK(std::distance(fs::directory_iterator(folder.path()), fs::directory_iterator()) == 1);
}

TEST_CASE("write_report: says what is in the way", "[report]") {
  const TempFolder folder;
  const auto about = [&](const fs::path& file) { return complaint([&] { write_report(file, example()); }); };
  CHECK(contains(about(folder / "no/report.json"), "write_report: cannot write"));
  CHECK(contains(about(folder.path()), "write_report: cannot write"));
  CHECK(contains(about("/dev/null"), "write_report: cannot write /dev/null"));
  CHECK(fs::is_character_file("/dev/null"));  // the device is still there
}

TEST_CASE("read_report: says what is wrong with the file", "[report]") {
  const TempFolder folder;
  write_report(folder / "good.json", example());
  const std::string good = slurp(folder / "good.json");
  const auto with = [&](const std::string& old, const std::string& replacement) {
    std::string text = good;
    const std::size_t at = text.find(old);
    REQUIRE(at != std::string::npos);
    return text.replace(at, old.size(), replacement);
  };
  struct Case {
    std::string content, expected;
  };
  const std::vector<Case> cases{
      {"", "it is not JSON"},
      {"{", "it is not JSON"},
      {good.substr(0, good.size() / 2), "it is not JSON"},
      {"[1, 2]", "expected an object"},
      {"{}", "there is no field 'chapter'"},
      {with("\"chapter\": 5", "\"chapter\": \"five\""), "'chapter' must be a whole number"},
      {with("\"chapter\": 5", "\"chapter\": 4294967297"), "'chapter' must be from 1 to 99"},
      {with("\"chapter\": 5", "\"chapter\": 0"), "'chapter' must be from 1 to 99"},
      {with("\"steps\": 5000", "\"steps\": -1"), "'steps' must be a whole number"},
      {with("\"steps\": 5000", "\"steps\": 0.5"), "'steps' must be a whole number"},
      {with("\"val_loss\": 2", "\"val_loss\": \"2\", \"x\": 2"), "'val_loss' must be a number or null"},
      {with("\"gemm\": \"oneDNN\"", "\"gemm\": null"), "'gemm' must be a text"},
      {with("\"interrupted\": false", "\"interrupted\": 0"), "'interrupted' must be true or false"},
      {with("\"curve\": [", "\"curve\": 1, \"x\": ["), "'curve' must be a list"},
      {with("\"step\": 500,", ""), "there is no field 'step'"},
      {with("\"curve\": [", "\"curve\": [7, "), "expected an object"},
  };
  for (const Case& c : cases) {
    INFO(c.content);
    const fs::path file = folder.write("bad.json", c.content);
    const std::string message = complaint([&] { read_report(file); });
    CHECK(message.rfind("read_report: " + file.string() + " is not a report: ", 0) == 0);
    CHECK(contains(message, c.expected));
  }
  CHECK(contains(complaint([&] { read_report(folder / "missing.json"); }), "cannot open"));
}

}  // namespace
}  // namespace gpt
