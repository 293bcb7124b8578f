/// @file main.cpp
/// main() of all test programs, from Catch2 3 on. Catch2's own lies in a library, from which the linker takes nothing
/// where a reader's file has a main() already: it would run that one, and no test. So there are two, and it complains.
#include <catch2/catch_session.hpp>

int main(int argc, char* argv[]) { return Catch::Session().run(argc, argv); }
