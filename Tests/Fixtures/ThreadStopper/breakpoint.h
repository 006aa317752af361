// SPDX-License-Identifier: Apache-2.0
// A breakpoint at the beginning of one function of the traced program. It stops one thread,
// and is then no longer set.
#include <sys/types.h>

// Looks the function up in the program's file. 0 when it is not there.
int breakpoint_find(const char *path, const char *function);
int breakpoint_is_used(void);
// Sets it, unless it is set. Does nothing before the program is loaded.
void breakpoint_set(pid_t program);
void breakpoint_clear(void);
// Whether a thread that stopped by SIGTRAP stopped here; it goes on with the function.
int breakpoint_was_hit(pid_t thread);
