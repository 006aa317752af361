// SPDX-License-Identifier: Apache-2.0
// The executable and the libraries in the process, from the kernel's list of its mappings: the
// loader, whose lock a thread of the program may hold, is not asked. Async-signal-safe; allocates
// nothing.
#ifndef AUDIT_LOADED_IMAGES_H
#define AUDIT_LOADED_IMAGES_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define AUDIT_BUILD_ID_LIMIT 32

typedef struct {
  // From the first byte of its file to the end of its code.
  uint64_t begin, end;
  // What is added to an address in the file to have the one in the process.
  uint64_t bias;
  // Its last component names the image; the same one for opening it, where the file has another
  // name by now or none.
  const char *path, *path_to_open;
  uint8_t build_id[AUDIT_BUILD_ID_LIMIT];
  uint32_t build_id_size;
} audit_loaded_image;

// Calls `body` with each image in the order of addresses, until it says to stop.
void audit_for_each_image(bool (*body)(void *context, const audit_loaded_image *image), void *context);

// How many libraries were loaded since the process started, those that are gone again included.
// Takes the loader's lock.
uint64_t audit_libraries_loaded(void);

#ifdef __cplusplus
}
#endif

#endif
