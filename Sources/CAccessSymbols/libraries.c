// SPDX-License-Identifier: Apache-2.0
// How often the loader has loaded something. Takes the loader's lock.
#include "audit_build.h"
#if AUDIT_REPORTS_ARE_COMPILED_IN

#define _GNU_SOURCE
#include "audit_loaded_images.h"

#include <link.h>
#include <stddef.h>

static int count_loaded(struct dl_phdr_info *information, size_t size, void *context) {
  (void)size;
  *(uint64_t *)context = information->dlpi_adds;
  // Every entry says the same.
  return 1;
}

uint64_t audit_libraries_loaded(void) {
  uint64_t count = 0;
  dl_iterate_phdr(count_loaded, &count);
  return count;
}

#endif
