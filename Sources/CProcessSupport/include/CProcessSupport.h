// SPDX-License-Identifier: Apache-2.0
// What the command-line tool needs of the system and Swift cannot call.
#ifndef PROCESS_SUPPORT_H
#define PROCESS_SUPPORT_H

// Makes processes whose parent ends children of the calling process, so that it can wait for them;
// tells whether the kernel does it.
_Bool process_adopt_orphans(void);

#endif
