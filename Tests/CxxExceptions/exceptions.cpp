// SPDX-License-Identifier: Apache-2.0
// Throws and catches; the destructors of the frames count their calls, so that a skipped one is
// noticed.
#include "CxxExceptions.h"

namespace {
struct Failure {
  int value;
};

struct Counted {
  int *count;
  explicit Counted(int *count) : count(count) {}
  ~Counted() { ++*count; }
};

__attribute__((noinline)) int descend(int value, int depth, int *destroyed, void (*body)(void *), void *context) {
  Counted counted(destroyed);
  if (depth == 0) {
    body(context);
    throw Failure{value};
  }
  return descend(value, depth - 1, destroyed, body, context) + 1;
}
}  // namespace

int cxx_throw_and_catch(int value, int depth, void (*body)(void *), void *context) {
  int destroyed = 0;
  try {
    return descend(value, depth, &destroyed, body, context);
  } catch (const Failure &failure) {
    return destroyed == depth + 1 ? failure.value : -1;
  }
}
