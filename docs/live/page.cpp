/// @file page.cpp
/// What the page may ask of the C++: plain functions that WebAssembly can export, over one LiveModel at a time.
///
/// Texts and arrays come in as an address and a length in the memory that live_allocate() gave; what is more than one
/// number goes out through live_numbers(), a text through live_text(). docs/live/engine.js is the other side.
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <memory>
#include <string>
#include <vector>

#include "01_bigram/sample.hpp"  // probabilities, sample
#include "01_bigram/top_k.hpp"   // keep_top_k
#include "live/inside.hpp"
#include "live/live_model.hpp"

#define LIVE(name) extern "C" __attribute__((export_name(#name)))

namespace {

using namespace gpt;

std::unique_ptr<LiveModel> model;
Rng dice(1337);
std::vector<TracedTensor> tensors;  // of the last live_inside()
Parameters parameters;              // of the last live_parameters()
std::vector<float> numbers;         // of the last call that has several
std::string text;                   // of the last call that has one
bool at_work = false;               // past the door: an exception now would leave things half done

// Nothing throws behind it that is the reader's mistake.
class AtWork {
 public:
  AtWork() { at_work = true; }
  ~AtWork() { at_work = false; }
};

LiveModel& the_model() {
  if (!model) throw std::logic_error("There is no model yet.");
  return *model;
}

std::vector<int> tokens_of(const char* data, std::size_t size) {
  if (size == 0) throw std::invalid_argument("The model needs at least one character to go on from.");
  return the_model().vocabulary().encode(std::string(data, size));
}

Sampling sampling_of(float temperature, std::size_t top_k) {
  return {require_between("temperature", temperature, 0.0f, 100.0f), top_k};
}

Rng::State* state_of(bool of_the_dice) {
  static Rng::State state;
  state = of_the_dice ? dice.state() : the_model().rng().state();
  return &state;
}

}  // namespace

LIVE(live_allocate) void* live_allocate(std::size_t bytes) { return std::malloc(bytes); }
LIVE(live_free) void live_free(void* block) { std::free(block); }
LIVE(live_numbers) const float* live_numbers() { return numbers.data(); }
LIVE(live_numbers_size) std::size_t live_numbers_size() { return numbers.size(); }
LIVE(live_text) const char* live_text() { return text.data(); }
LIVE(live_text_size) std::size_t live_text_size() { return text.size(); }
/// Can the instance go on after an exception?
LIVE(live_at_work) bool live_at_work() { return at_work; }

/// A new model with fresh weights. @param symbols its vocabulary, or a text to make it of
/// @returns the size of its vocabulary
LIVE(live_create)
std::size_t live_create(const char* symbols, std::size_t size, std::size_t chapter, std::size_t stage,
                        std::size_t block_size, std::size_t C, std::size_t H, std::size_t L, float dropout,
                        std::size_t scheduled, std::uint32_t seed) {
  tensors.clear();
  parameters.clear();
  const LiveSizes sizes{chapter, stage, block_size, C, H, L, dropout, scheduled};
  auto made = std::make_unique<LiveModel>(std::string(symbols, size), sizes, seed);
  model = std::move(made);
  text = model->vocabulary().symbols();
  return model->vocabulary().size();
}

/// The text to learn from.
LIVE(live_learn_from) void live_learn_from(const char* data, std::size_t size) {
  the_model().learn_from(std::string(data, size));
}

/// @returns the step's loss
LIVE(live_step) float live_step(std::size_t B, float lr) {
  if (!the_model().has_text()) throw std::logic_error("There is no text to learn from yet.");
  require_between("learning rate", lr, 0.0f, 10.0f);
  require_positive("B", B);
  const AtWork here;
  return model->step(B, lr);
}

/// @returns the validation loss, over about so many characters
LIVE(live_look) float live_look(std::size_t characters) {
  if (!the_model().has_text()) throw std::logic_error("There is no text to learn from yet.");
  require_positive("characters", characters);
  const AtWork here;
  return model->look(characters);
}

/// What may come after a text: numbers are V probabilities, those of the training chapters' generate().
/// At temperature 0 the likeliest has all.
LIVE(live_next) void live_next(const char* data, std::size_t size, float temperature, std::size_t top_k) {
  const std::vector<int> tokens = tokens_of(data, size);
  const Sampling sampling = sampling_of(temperature, top_k);
  const AtWork here;
  const std::vector<float> logits = keep_top_k(model->next(tokens), sampling.top_k);
  if (temperature > 0.0f) {
    numbers = probabilities(logits, temperature);
  } else {
    numbers.assign(logits.size(), 0.0f);
    Rng unused(0);
    numbers[static_cast<std::size_t>(sample(logits, 0.0f, unused))] = 1.0f;
  }
}

/// The dice of what is spoken.
LIVE(live_seed_dice) void live_seed_dice(std::uint32_t seed) { dice = Rng(seed); }

/// Draws one of the numbers of the last live_next().
/// @param where is given the point on the line from 0 to 1 that decides
LIVE(live_draw) std::size_t live_draw(double* where) {
  Rng same = dice;
  *where = static_cast<double>(same.next() >> 11) * 0x1p-53;  // as Rng::choose() does
  return dice.choose(numbers);
}

/// text is n characters that go on from this one, by generate() and the dice.
LIVE(live_speak)
void live_speak(const char* data, std::size_t size, std::size_t n, float temperature, std::size_t top_k) {
  const std::vector<int> tokens = tokens_of(data, size);
  const Sampling sampling = sampling_of(temperature, top_k);
  const AtWork here;
  text = model->speak(tokens, n, sampling, dice);
}

/// text is a question of chapter 10's and the model's answer, as a person reads them. @param data what is asked; if
/// nothing is, one that training never had. @returns whether the answer is right
LIVE(live_ask) bool live_ask(const char* data, std::size_t size) {
  const LiveQuiz& quiz = the_model().quiz();
  const std::string question = quiz.question(std::string(data, size), dice);
  const AtWork here;
  const Answered answered = quiz.ask(model->model(), question, dice);
  text = answered.shown;
  return answered.right;
}

/// @returns the share of right answers to n questions that training never had
LIVE(live_share_right) float live_share_right(std::size_t n) {
  require_positive("questions", n);
  const LiveQuiz& quiz = the_model().quiz();
  const AtWork here;
  return quiz.share_right(model->model(), n);
}

/// Looks inside the forward pass over a text, or the end of it that the model can see.
/// @returns how many tensors there are
LIVE(live_inside) std::size_t live_inside(const char* data, std::size_t size) {
  const std::vector<int> tokens = tokens_of(data, size);
  const AtWork here;
  tensors = inside(model->model(), last_tokens(tokens, model->model().block_size()), model->sizes().H);
  return tensors.size();
}

/// The weights, and with `optimizer` the optimiser's means. @returns how many there are
LIVE(live_parameters) std::size_t live_parameters(bool optimizer) {
  parameters = the_model().model().parameters();
  if (optimizer) {
    for (Parameter& mean : model->optimizer().state()) parameters.push_back(std::move(mean));
  }
  return parameters.size();
}

/// One of the tensors of live_inside() (kind 0) or live_parameters() (kind 1): text is its name.
LIVE(live_tensor_name) void live_tensor_name(std::size_t kind, std::size_t i) {
  text = kind == 0 ? tensors[i].name : parameters[i].name;
}
/// Its sizes, as numbers.
LIVE(live_tensor_shape) void live_tensor_shape(std::size_t kind, std::size_t i) {
  const Shape& shape = (kind == 0 ? tensors[i].tensor : parameters[i].tensor).shape();
  numbers.assign(shape.begin(), shape.end());
}
/// Where its numbers begin, row after row. Those of weights may be written.
LIVE(live_tensor_data) float* live_tensor_data(std::size_t kind, std::size_t i) {
  if (kind == 1) return parameters[i].tensor.mutable_values().data();
  return const_cast<float*>(tensors[i].tensor.values().data());  // to be read
}

/// Steps done so far.
LIVE(live_steps) std::size_t live_steps() { return the_model().optimizer().steps(); }
LIVE(live_set_steps) void live_set_steps(std::size_t steps) { the_model().optimizer().set_steps(steps); }

/// Four 64-bit words: where the dice of training stand, or those of speaking.
LIVE(live_state) void* live_state(bool of_the_dice) { return state_of(of_the_dice); }
LIVE(live_restore) void live_restore(bool of_the_dice, const Rng::State* state) {
  (of_the_dice ? dice : the_model().rng()).restore(*state);
}

// Debian's C++ library for WebAssembly has no exceptions. What the C++ throws becomes an Error on the other side, with
// the same words; JavaScript unwinds the stack, but destructors don't run. So whatever may be the reader's mistake is
// checked at the door, where nothing is half done yet.
__attribute__((import_module("page"), import_name("raise"))) extern "C" void live_raise(const char* what);

extern "C" void* __cxa_allocate_exception(std::size_t bytes) noexcept { return std::malloc(bytes); }
extern "C" [[noreturn]] void __cxa_throw(void* thrown, void*, void (*)(void*)) {
  live_raise(static_cast<std::exception*>(thrown)->what());  // all that is thrown here is one
  __builtin_trap();
}
// Objects of the program and of its one thread end when the page does.
extern "C" int __cxa_thread_atexit(void (*)(void*), void*, void*) noexcept { return 0; }
