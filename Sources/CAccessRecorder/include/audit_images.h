// SPDX-License-Identifier: Apache-2.0
// The images that the process has loaded, as the loader tells it without a lock. Everything here is
// async-signal-safe and allocates nothing; what an address says is true while code of its image
// runs.
#ifndef AUDIT_IMAGES_H
#define AUDIT_IMAGES_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// Whether the C library has `_dl_find_object`: glibc 2.35 and newer.
bool audit_can_find_images(void);

// The bounds of the image that an address lies in; tells whether there is one. Without
// `_dl_find_object` the loader is asked, which takes its lock.
bool audit_find_image(uintptr_t address, uintptr_t *begin, uintptr_t *end);

// Whether an address is one of code.
bool audit_is_code(uintptr_t address);

// The bounds of the readable part of an image that an address lies in; tells whether there is one.
bool audit_find_readable_part(uintptr_t address, uintptr_t *begin, uintptr_t *end);

// Tells images apart that were at one place one after the other, as far as 16 bits can, and says
// for which addresses that holds; 0, for none, where there is no image.
uint16_t audit_image_mark(uintptr_t address, uintptr_t *begin, uintptr_t *end);

// The row of the image's table of unwind information that an address belongs to: two offsets from
// the table's header. Also the header's address and the image's bounds. Tells whether there is one.
bool audit_find_unwind_row(
    uintptr_t address, uintptr_t *header, uintptr_t *begin, uintptr_t *end, int32_t row[2]);

#ifdef __cplusplus
}
#endif

#endif
