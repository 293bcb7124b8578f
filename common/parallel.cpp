#include "common/parallel.hpp"

#include "common/check.hpp"

#ifdef _OPENMP
#include <omp.h>
#include <pthread.h>
#include <signal.h>
#endif

namespace gpt {

#ifdef _OPENMP
std::size_t threads() { return static_cast<std::size_t>(omp_get_max_threads()); }
void set_threads(std::size_t n) {
  omp_set_num_threads(static_cast<int>(require_positive("set_threads: n", n)));
}
#else
std::size_t threads() { return 1; }
void set_threads(std::size_t n) { require_positive("set_threads: n", n); }
#endif

OneThread::OneThread() : before_(threads()) { set_threads(1); }
OneThread::~OneThread() { set_threads(before_); }

std::size_t pieces(std::size_t n, std::size_t grain) {
  return std::max<std::size_t>(1, std::min(threads(), n / std::max<std::size_t>(1, grain)));
}

#ifdef _OPENMP
namespace {

// Signals are for the thread that asked for help, see interrupt.hpp.
void refuse_signals_on_helpers(std::size_t count) {
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, nullptr, &before);
#pragma omp parallel num_threads(static_cast <int>(count))
  pthread_sigmask(SIG_SETMASK, &all, nullptr);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

}  // namespace
#endif

void run_pieces(std::size_t count, void (*body)(std::size_t, void*), void* argument) {
#ifdef _OPENMP
  thread_local std::size_t helped = 1;  // another number may mean other threads
  if (count != helped) refuse_signals_on_helpers(helped = count);
#pragma omp parallel for schedule(static, 1) num_threads(static_cast <int>(count))
#endif
  for (std::size_t piece = 0; piece < count; ++piece) body(piece, argument);
}

}  // namespace gpt
