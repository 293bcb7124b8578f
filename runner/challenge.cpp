#include "runner/challenge.hpp"

#include <cstdio>
#include <iomanip>
#include <limits>
#include <sstream>
#include <stdexcept>

#include "common/terminal/text.hpp"
#include "runner/exercise.hpp"

namespace fs = std::filesystem;

namespace gpt {
namespace {

/// What stands in the comment; empty if there is none.
std::string comment_of(const std::string& text) {
  const std::string opening = "<!-- challenge:";
  const std::size_t begin = text.find(opening), end = text.find("-->", begin);
  if (begin == std::string::npos || end == std::string::npos) return {};
  return text.substr(begin + opening.size(), end - begin - opening.size());
}

void read_comment(const std::string& comment, Challenge& challenge) {
  std::istringstream words(comment);
  for (std::string word; words >> word;) {
    if (word == "files") {
      for (std::string file; words >> file;) challenge.files.emplace_back(file);
      break;
    }
    if (word == "with") {
      while (words >> std::ws && words.peek() == '-') {
        std::string option, argument;
        words >> option >> argument;
        challenge.with.insert(challenge.with.end(), {option, argument});
      }
      continue;
    }
    double value = 0;
    if (!(words >> value)) {
      throw std::runtime_error(challenge.text.string() + ": expected a number after \"" + word +
                               "\" in its comment");
    }
    const auto whole = static_cast<std::size_t>(value);
    if (word == "loss" || word == "bits" || word == "wrong") {
      challenge.goal = value;
      if (word == "bits") challenge.measure = Challenge::Measure::bits;
      if (word == "wrong") challenge.measure = Challenge::Measure::wrong;
      if (word == "wrong") words >> std::quoted(challenge.exam);
    } else if (word == "parameters") {
      challenge.parameters = whole;
    } else if (word == "steps") {
      challenge.steps = whole;
    } else if (word == "batch") {
      challenge.batch = whole;
    } else if (word == "context") {
      challenge.context = whole;
    } else if (word == "lr") {
      challenge.lr = static_cast<float>(value);
    } else {
      throw std::runtime_error(challenge.text.string() + ": \"" + word + "\" in its comment is no rule");
    }
  }
  if (challenge.goal <= 0 || challenge.files.empty()) {
    throw std::runtime_error(challenge.text.string() + ": its comment needs a loss and files");
  }
}

std::string number(float x) {
  char text[32];
  std::snprintf(text, sizeof text, "%g", static_cast<double>(x));
  return text;
}

}  // namespace

std::vector<Challenge> find_challenges(const Repository& repository) {
  std::vector<Challenge> all;
  for (const ChapterEntry& chapter : repository.chapters()) {
    Challenge challenge;
    challenge.chapter = chapter.number;
    challenge.text = fs::path("chapters") / chapter.folder / "exercise" / "challenge.md";
    const std::string text = contents_of(repository.root() / challenge.text);
    const std::string comment = comment_of(text);
    if (comment.empty()) continue;
    challenge.title = text.substr(0, text.find('\n'));
    for (const std::string beginning : {"# ", "Open challenge: "}) {
      if (challenge.title.starts_with(beginning)) challenge.title.erase(0, beginning.size());
    }
    read_comment(comment, challenge);
    all.push_back(std::move(challenge));
  }
  return all;
}

std::string broken_rule(const Challenge& challenge, const Report& report) {
  const auto differs = [](const char* what, std::optional<std::size_t> rule, std::size_t got) {
    if (!rule || *rule == got) return std::string();
    return std::string(what) + " is to stay " + with_commas(*rule) + ", and was " + with_commas(got);
  };
  if (challenge.parameters && report.parameters > *challenge.parameters) {
    return "at most " + with_commas(*challenge.parameters) + " parameters are allowed, and there were " +
           with_commas(report.parameters);
  }
  if (std::string rule = differs("the number of steps", challenge.steps, report.steps); !rule.empty())
    return rule;
  if (std::string rule = differs("the batch", challenge.batch, report.batch); !rule.empty()) return rule;
  if (std::string rule = differs("the context", challenge.context, report.context); !rule.empty())
    return rule;
  if (challenge.lr && *challenge.lr != report.lr)
    return "the learning rate is to stay " + number(*challenge.lr) + ", and was " + number(report.lr);
  return {};
}

double measured(const Challenge& challenge, const Report& report) {
  double value = std::numeric_limits<double>::quiet_NaN();
  if (challenge.measure == Challenge::Measure::loss) value = report.val_loss;
  if (challenge.measure == Challenge::Measure::bits && report.bits_per_character)
    value = *report.bits_per_character;
  for (const Score& score : report.scores) {
    if (challenge.measure == Challenge::Measure::wrong && score.name == challenge.exam)
      value = 1 - score.share;
  }
  return value;
}

std::string goal_number(const Challenge& challenge) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3f", challenge.goal);
  const std::string all = text;
  return all.ends_with('0') ? all.substr(0, all.size() - 1) : all;
}

std::string unit(const Challenge& challenge) {
  if (challenge.measure == Challenge::Measure::bits) return " bits";
  return challenge.measure == Challenge::Measure::wrong ? " wrong" : "";
}

std::string goal_of(const Challenge& challenge) {
  std::string text = "a validation loss";
  if (challenge.measure == Challenge::Measure::bits) text = "bits per character";
  if (challenge.measure == Challenge::Measure::wrong)
    text = "a share of wrong answers, " + challenge.exam + ",";
  text += " below " + goal_number(challenge);
  if (challenge.parameters) text += " with at most " + with_commas(*challenge.parameters) + " parameters";
  return text + ", as the mean of three seeds";
}

}  // namespace gpt
