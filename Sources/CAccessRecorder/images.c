// SPDX-License-Identifier: Apache-2.0
// What the loader tells without a lock. Nothing here keeps state or allocates.
#include "audit_build.h"
#if AUDIT_IS_COMPILED_IN

#define _GNU_SOURCE
#include "audit_images.h"

#include <dlfcn.h>
#include <elf.h>
#include <link.h>
#include <stddef.h>
#include <string.h>

// glibc 2.35 and newer; declared here for older headers.
struct audit_object {
  unsigned long long flags;
  void *begin;
  void *end;
  struct link_map *link_map;
  void *unwind_header;
  unsigned long long reserved[7];
};
extern int find_object(void *address, struct audit_object *result) __asm__("_dl_find_object") __attribute__((weak));

_Bool audit_can_find_images(void) { return find_object != NULL; }

static _Bool find(uintptr_t address, struct audit_object *object) {
  return find_object != NULL && find_object((void *)address, object) == 0;
}

typedef struct {
  uintptr_t address;
  uintptr_t begin;
  uintptr_t end;
  _Bool is_code;
} lookup;

static int look(struct dl_phdr_info *image, size_t size, void *context) {
  (void)size;
  lookup *wanted = context;
  uintptr_t begin = UINTPTR_MAX, end = 0;
  _Bool contains = 0;
  for (int i = 0; i < image->dlpi_phnum; i++) {
    const ElfW(Phdr) *part = &image->dlpi_phdr[i];
    if (part->p_type != PT_LOAD) continue;
    uintptr_t first = image->dlpi_addr + part->p_vaddr;
    uintptr_t last = first + part->p_memsz;
    if (first < begin) begin = first;
    if (last > end) end = last;
    if (wanted->address < first || wanted->address >= last) continue;
    contains = 1;
    wanted->is_code = (part->p_flags & PF_X) != 0;
  }
  if (!contains) return 0;
  wanted->begin = begin;
  wanted->end = end;
  return 1;
}

_Bool audit_find_image(uintptr_t address, uintptr_t *begin, uintptr_t *end) {
  struct audit_object object;
  if (find_object != NULL) {
    if (!find(address, &object)) return 0;
    *begin = (uintptr_t)object.begin;
    *end = (uintptr_t)object.end;
    return 1;
  }
  lookup wanted = {.address = address};
  if (dl_iterate_phdr(look, &wanted) != 1) return 0;
  *begin = wanted.begin;
  *end = wanted.end;
  return 1;
}

static _Bool is_image_header(const ElfW(Ehdr) *header) { return memcmp(header->e_ident, ELFMAG, SELFMAG) == 0; }

// The header of the image that an object belongs to: what an image begins with. Where an image has
// gaps between its parts, the loader tells of each part alone; the first one begins at its bias.
static const ElfW(Ehdr) *image_header(const struct audit_object *object) {
  if (is_image_header(object->begin)) return object->begin;
  uintptr_t bias = object->link_map->l_addr;
  struct audit_object first;
  if (bias == 0 || !find(bias, &first) || first.link_map != object->link_map) return NULL;
  return is_image_header(first.begin) ? first.begin : NULL;
}

// The part of an image that an address lies in, if the image has the kernel give it these
// permissions.
static _Bool find_part(uintptr_t address, uint32_t permission, uintptr_t *begin, uintptr_t *end) {
  struct audit_object object;
  if (!find(address, &object)) return 0;
  const ElfW(Ehdr) *header = image_header(&object);
  if (header == NULL) return 0;
  const char *parts = (const char *)header + header->e_phoff;
  for (int i = 0; i < header->e_phnum; i++) {
    const ElfW(Phdr) *part = (const ElfW(Phdr) *)(parts + (size_t)i * header->e_phentsize);
    if (part->p_type != PT_LOAD || (part->p_flags & permission) == 0) continue;
    *begin = object.link_map->l_addr + part->p_vaddr;
    *end = *begin + part->p_memsz;
    if (address >= *begin && address < *end) return 1;
  }
  return 0;
}

_Bool audit_is_code(uintptr_t address) {
  uintptr_t begin, end;
  if (find_object != NULL) return find_part(address, PF_X, &begin, &end);
  lookup wanted = {.address = address};
  return dl_iterate_phdr(look, &wanted) == 1 && wanted.is_code;
}

_Bool audit_find_readable_part(uintptr_t address, uintptr_t *begin, uintptr_t *end) {
  return find_part(address, PF_R, begin, end);
}

// The header of .eh_frame_hdr: version, three encodings, where .eh_frame is, how many rows; then
// the rows, sorted.
typedef struct {
  uint8_t version;
  uint8_t frame_encoding;
  uint8_t count_encoding;
  uint8_t row_encoding;
  int32_t frame;
  uint32_t count;
  int32_t rows[];
} unwind_header;

// The encodings that linkers use: four bytes, relative to their own place; without a sign; relative
// to the header.
static const unwind_header *usual_header(const struct audit_object *object) {
  const unwind_header *header = object->unwind_header;
  if (header == NULL || header->version != 1 || header->frame_encoding != 0x1B || header->count_encoding != 0x03 ||
      header->row_encoding != 0x3B) {
    return NULL;
  }
  return header;
}

uint16_t audit_image_mark(uintptr_t address, uintptr_t *begin, uintptr_t *end) {
  struct audit_object object;
  *begin = *end = 0;
  if (!find(address, &object)) return 0;
  *begin = (uintptr_t)object.begin;
  *end = (uintptr_t)object.end;
  const unwind_header *header = usual_header(&object);
  uint64_t mix = (uintptr_t)object.begin ^ (uintptr_t)object.unwind_header << 20;
  if (header != NULL) mix ^= (uint64_t)header->count << 32 ^ (uint32_t)header->frame;
  mix *= 0x9E3779B97F4A7C15ull;
  uint16_t mark = (uint16_t)(mix >> 48);
  return mark == 0 ? 1 : mark;
}

_Bool audit_find_unwind_row(
    uintptr_t address, uintptr_t *begin_of_header, uintptr_t *begin, uintptr_t *end, int32_t row[2]) {
  struct audit_object object;
  if (!find(address, &object)) return 0;
  const unwind_header *header = usual_header(&object);
  if (header == NULL) return 0;
  int64_t wanted = (int64_t)(address - (uintptr_t)header);
  uint32_t low = 0, high = header->count;
  // The last row that begins at or below the address.
  while (low < high) {
    uint32_t middle = low + (high - low) / 2;
    if (header->rows[2 * (size_t)middle] <= wanted) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  if (low == 0) return 0;
  row[0] = header->rows[2 * (size_t)(low - 1)];
  row[1] = header->rows[2 * (size_t)(low - 1) + 1];
  *begin_of_header = (uintptr_t)header;
  *begin = (uintptr_t)object.begin;
  *end = (uintptr_t)object.end;
  return 1;
}

#endif
