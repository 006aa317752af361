// SPDX-License-Identifier: Apache-2.0
// System calls with a variable number of arguments.
#include "CProcessSupport.h"

#include <sys/prctl.h>

_Bool process_adopt_orphans(void) { return prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0; }
