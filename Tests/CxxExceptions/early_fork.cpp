// SPDX-License-Identifier: Apache-2.0
// Fork handlers that are registered before all others, as by a library that is loaded early.
#include "EarlyForkHandlers.h"

#include <pthread.h>

namespace {
void (*handlers[3])(void);

void call(int index) {
  if (handlers[index]) handlers[index]();
}

__attribute__((constructor(101))) void registerHandlers() {
  pthread_atfork([] { call(0); }, [] { call(1); }, [] { call(2); });
}
}  // namespace

void early_fork_handlers_set(void (*prepare)(void), void (*parent)(void), void (*child)(void)) {
  handlers[0] = prepare;
  handlers[1] = parent;
  handlers[2] = child;
}
