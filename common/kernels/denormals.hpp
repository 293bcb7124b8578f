/// @file denormals.hpp
/// The smallest numbers of all, and why they are better taken for zero.
#pragma once

namespace gpt {

/// Whether this thread takes numbers below 1.2e-38 for zero; at first it does not.
///
/// A float32 that small is *denormal*: it no longer has all its bits, and many processors work on it by a detour that takes
/// far longer. Averages that shrink step by step, such as the optimiser's of a letter that hardly ever comes,
/// end there. Threads that share a parallel_for() do as the one who called it. Where the processor knows no such
/// setting, nothing happens.
void flush_denormals(bool yes);
/// Are they flushed?
bool flushes_denormals();

}  // namespace gpt
