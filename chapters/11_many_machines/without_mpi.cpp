/// @file without_mpi.cpp
/// Chapter 11's program where there was no MPI when it was built: it says what is missing.
#include <cstdio>

int main() {
  std::fprintf(
      stderr,
      "ch11: this chapter needs MPI, and it was not there when this was built. On Debian and Ubuntu:\n"
      "  apt-get install openmpi-bin libopenmpi-dev\n"
      "and then, in the tutorial's folder:\n"
      "  cmake --preset release && cmake --build --preset release\n");
  return 1;
}
