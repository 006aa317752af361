// SPDX-License-Identifier: Apache-2.0
// What the command-line tool needs of the system and Swift cannot call.
#ifndef PROCESS_SUPPORT_H
#define PROCESS_SUPPORT_H

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

// Makes processes whose parent ends children of the calling process, so that it can wait for them;
// tells whether the kernel does it.
bool process_adopt_orphans(void);

#ifdef __cplusplus
}
#endif

#endif
