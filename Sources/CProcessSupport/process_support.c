// SPDX-License-Identifier: Apache-2.0
// System calls with a variable number of arguments.
#include "CProcessSupport.h"

#ifdef __linux__
#include <sys/prctl.h>

bool process_adopt_orphans(void) { return prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0; }
#else
bool process_adopt_orphans(void) { return 0; }
#endif
