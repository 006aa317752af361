// SPDX-License-Identifier: Apache-2.0
// The checks of the engine's C sources.
#ifndef FAST_PATHS_PIECES_H
#define FAST_PATHS_PIECES_H

#include <stdio.h>

extern int checks_made, checks_failed;

#define CHECK(condition)                                              \
  do {                                                                \
    checks_made++;                                                    \
    if (!(condition)) {                                               \
      printf("%s:%d: not so: %s\n", __FILE__, __LINE__, #condition);  \
      checks_failed++;                                                \
    }                                                                 \
  } while (0)

// Return addresses have to be signed.
extern int wants_signatures;

void check_addresses(void);
void check_threads(void);

#endif
