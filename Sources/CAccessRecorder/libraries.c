// SPDX-License-Identifier: Apache-2.0
// The loader's view of the process. Not async-signal-safe.
#include "audit_build.h"
#if AUDIT_IS_COMPILED_IN

#define _GNU_SOURCE
#include "audit_libraries.h"

#include <dlfcn.h>
#include <stddef.h>

void audit_keep_library_loaded(void) {
  static const char here = 0;
  Dl_info information;
  if (dladdr(&here, &information) == 0 || information.dli_fname == NULL) return;
  // Not closed again: what counts is the flag.
  (void)dlopen(information.dli_fname, RTLD_LAZY | RTLD_NOLOAD | RTLD_NODELETE);
}

#endif
