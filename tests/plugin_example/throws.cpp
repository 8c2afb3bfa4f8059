// A library whose initialiser throws, which ends the process that loads it.
#include <stdexcept>

static const int kNever = []() -> int { throw std::runtime_error("thrown while loading"); }();
int klbench_throws_never() { return kNever; }
