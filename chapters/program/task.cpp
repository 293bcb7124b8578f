#include "program/task.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <utility>

#include "01_bigram/evaluate.hpp"
#include "program/look_inside.hpp"

namespace gpt {

namespace {

/// Characters begin with every byte that is not in the middle of one.
bool begins_character(char byte) { return (static_cast<unsigned char>(byte) & 0xc0) != 0x80; }

std::size_t count_characters(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), begins_character));
}

}  // namespace

std::string_view training_part(std::string_view text) {
  std::size_t left = count_characters(text) * 9 / 10, bytes = 0;
  for (; bytes < text.size(); ++bytes) {
    if (begins_character(text[bytes]) && left-- == 0) break;
  }
  return text.substr(0, bytes);
}

double bits_per_character(double loss, double characters_per_token) {
  return loss / std::log(2.0) / characters_per_token;
}

TextTask::TextTask(Corpus corpus, AnyTokeniser tokeniser)
    : corpus_(std::move(corpus)),
      tokeniser_(std::move(tokeniser)),
      ids_(tokeniser_.encode(corpus_.text)),
      characters_(count_characters(corpus_.text)) {
  std::size_t cut = characters_ * 9 / 10;
  val_characters_ = characters_ - cut;
  if (ids_.size() != characters_) {  // tokens of several characters: none of them may lie across
    const std::string_view train = training_part(corpus_.text);
    ids_ = tokeniser_.encode(std::string(train));
    cut = ids_.size();
    const std::vector<int> val = tokeniser_.encode(corpus_.text.substr(train.size()));
    ids_.insert(ids_.end(), val.begin(), val.end());
  }
  text_ = {std::span<const int>(ids_).first(cut), std::span<const int>(ids_).subspan(cut)};
}

std::string TextTask::describe() const {
  if (!can_learn()) {
    return (name().empty() ? "The text it learned from" : name()) +
           " is not here, so it has nothing but its words; " + std::to_string(tokeniser_.size()) +
           " different characters";
  }
  std::string text = name() + ": " + std::to_string(characters_) + " characters";
  if (ids_.size() != characters_) text += " in " + std::to_string(ids_.size()) + " tokens";
  text += ", " + std::to_string(tokeniser_.size()) + " different";
  for (const std::string& remark : corpus_.remarks) text += ". " + remark.substr(0, remark.size() - 1);
  return text;
}

void TextTask::require_context(std::size_t T) const {
  if (text_.val.size() > T || !can_learn()) return;
  throw std::invalid_argument("--context " + std::to_string(T) + " is too long for " + name() +
                              ": its last tenth, which validates, has " + std::to_string(text_.val.size()) +
                              " characters");
}

Batch TextTask::sample(std::size_t B, std::size_t T, Rng& rng) const {
  return sample_batch(text_.train, B, T, rng);
}

CurvePoint TextTask::look(const AnyModel& model, std::size_t T, std::size_t step) const {
  constexpr std::size_t characters = 20000;
  const auto loss = [&](std::span<const int> part) {
    return gpt::evaluate(model, part, T, std::max<std::size_t>(1, part.size() / characters));
  };
  return {step, loss(text_.train), loss(text_.val)};
}

CurvePoint TextTask::evaluate(const AnyModel& model, std::size_t T, std::size_t step) const {
  constexpr std::size_t characters = 250'000;  // a minute or two of the largest model
  if (!can_learn()) return {step, Report::unknown, Report::unknown};
  const std::size_t every = (text_.val.size() + characters - 1) / characters;
  return {step, gpt::evaluate(model, text_.train, T, text_.train.size() / text_.val.size() * every),
          gpt::evaluate(model, text_.val, T, every)};
}

std::optional<double> TextTask::characters_per_token() const {
  if (text_.val.empty()) return {};
  return static_cast<double>(val_characters_) / static_cast<double>(text_.val.size());
}

std::vector<int> TextTask::start(const std::string& asked) const {
  if (!asked.empty()) return tokeniser_.encode(asked);
  return tokeniser_.knows("\n") ? tokeniser_.encode("\n") : std::vector{0};
}

std::vector<int> TextTask::traced(const AnyModel& model, const std::string& asked) const {
  return traced_text(asked, tokeniser_, model.block_size());
}

void TextTask::speak(const AnyModel& model, const Speech& speech, Rng& dice,
                     const std::function<void(const std::string&)>& print) const {
  if (!speech.asked.empty()) print(speech.asked);  // the start that nobody asked for is not shown
  generate(model, start(speech.asked), speech.tokens, speech.sampling, dice,
           [&](int id) { print(tokeniser_.decode({id})); });
}

namespace {

/// The same for any tokeniser, which T names: it is learned from a text, or made anew of a saved run's symbols.
template <class T, class Learned, class Anew, class Make>
std::unique_ptr<AnyTask> make_text_task(const RunOptions& options, const SavedRun* saved,
                                        const Learned& learned, const Anew& anew, const Make& make) {
  if (saved == nullptr) {
    Corpus corpus = open_corpus(options.data);
    const T tokeniser = learned(corpus.text);
    return make(std::move(corpus), tokeniser);
  }
  const T tokeniser = anew(saved->symbols);
  const bool built_in = saved->corpus == "play" || saved->corpus == "tinyshakespeare";
  const bool only_speaks = options.data.empty() && !options.steps;
  Corpus corpus{.name = saved->corpus};
  try {
    corpus = open_corpus(options.data.empty() && built_in ? saved->corpus : options.data);
  } catch (const std::runtime_error&) {
    if (!only_speaks) throw;
  }
  if (options.data.empty() && !saved->text.empty() && corpus.fingerprint != saved->text) {
    if (!only_speaks) {
      throw std::invalid_argument("--load: " + options.load.string() + " has learned from " + saved->corpus +
                                  ", and to go on it needs that text - name it with --data, or another");
    }
    corpus = {.name = saved->corpus};
  }
  try {
    return make(corpus, tokeniser);
  } catch (const std::invalid_argument& error) {
    if (only_speaks) return make(Corpus{.name = saved->corpus}, tokeniser);
    throw std::invalid_argument("--data: " + options.load.string() + " does not know all characters of " +
                                corpus.name + " (" + error.what() +
                                ") - name the text that it learned from with --data");
  }
}

}  // namespace

std::unique_ptr<AnyTask> text_task(const RunOptions& options, const SavedRun* saved,
                                   const MakeTextTask& make) {
  const auto vocabulary = [](const std::string& text) { return Vocabulary(text); };
  return make_text_task<Vocabulary>(options, saved, vocabulary, vocabulary, make);
}

std::unique_ptr<AnyTask> text_task(
    const RunOptions& options, const SavedRun* saved, const TokeniserSource& source,
    const std::function<std::unique_ptr<AnyTask>(Corpus, const AnyTokeniser&)>& make) {
  return make_text_task<AnyTokeniser>(options, saved, source.learned, source.anew, make);
}

std::unique_ptr<AnyTask> tuning_task(const RunOptions& options, const SavedRun* saved) {
  return text_task(options, saved, [](Corpus corpus, const Vocabulary& vocabulary) {
    std::vector<int> ids = vocabulary.encode(corpus.text);
    ids.resize(ids.size() * 9 / 10);
    corpus.text = vocabulary.decode(ids);
    corpus.remarks.emplace_back("Its last tenth is left alone, and the tenth before it validates.");
    corpus.published = false;
    return std::make_unique<TextTask>(std::move(corpus), vocabulary);
  });
}

}  // namespace gpt
