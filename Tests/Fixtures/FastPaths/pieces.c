// SPDX-License-Identifier: Apache-2.0
// Runs the checks of the engine's C sources, without Swift.
// Usage: engine-pieces [--signed], where return addresses have to be signed.
#include "pieces.h"

#include <string.h>

int checks_made, checks_failed, wants_signatures;

int main(int count, char **arguments) {
  wants_signatures = count == 2 && strcmp(arguments[1], "--signed") == 0;
  check_addresses();
  check_threads();
  printf("engine's C sources: %d checks, %d failed\n", checks_made, checks_failed);
  return checks_failed != 0;
}
