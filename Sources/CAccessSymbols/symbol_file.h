// SPDX-License-Identifier: Apache-2.0
// What the readers of the file's parts share: sections, and a cursor that never leaves one.
#ifndef AUDIT_SYMBOL_FILE_H
#define AUDIT_SYMBOL_FILE_H

#include <string.h>

#include "audit_symbols.h"

typedef struct {
  const uint8_t *begin, *end;
} section;

struct audit_symbol_file {
  const uint8_t *begin, *end;
  int32_t kind;
  section symbols, symbol_names;
  _Bool has_all_symbols;  // and not only those that the loader needs
  const char *debug_link;
  section info, abbreviations, line, strings, line_strings, string_offsets, addresses, ranges, range_lists;
  uint32_t build_id_size;
  const uint8_t *build_id;
};

// A position in a section. Reading past the end gives zeros and sets `is_bad`.
typedef struct {
  const uint8_t *at, *end;
  _Bool is_bad;
} cursor;

// Inlined also where nothing is optimised, which is where C targets of a debug build are compiled.
#define INLINE __attribute__((always_inline)) static inline

INLINE size_t left(const cursor *c) { return (size_t)(c->end - c->at); }

INLINE _Bool take(cursor *c, uint64_t size) {
  if (size <= left(c)) return 1;
  c->at = c->end;
  c->is_bad = 1;
  return 0;
}

#define DEFINE_READ(name, type)                  \
  INLINE type name(cursor *c) {                  \
    type value = 0;                              \
    if (!take(c, sizeof value)) return 0;        \
    memcpy(&value, c->at, sizeof value);         \
    c->at += sizeof value;                       \
    return value;                                \
  }
DEFINE_READ(read_u8, uint8_t)
DEFINE_READ(read_u16, uint16_t)
DEFINE_READ(read_u32, uint32_t)
DEFINE_READ(read_u64, uint64_t)

INLINE void skip(cursor *c, uint64_t size) {
  if (take(c, size)) c->at += size;
}

// An offset in the section: 4 bytes, or 8 in DWARF's 64-bit form.
INLINE uint64_t read_offset(cursor *c, _Bool is_64) { return is_64 ? read_u64(c) : read_u32(c); }

INLINE uint64_t read_unsigned(cursor *c) {
  if (c->at < c->end && *c->at < 0x80) return *c->at++;
  uint64_t value = 0;
  for (uint32_t shift = 0;; shift += 7) {
    if (c->at >= c->end) {
      c->is_bad = 1;
      return 0;
    }
    uint8_t byte = *c->at++;
    if (shift < 64) value |= (uint64_t)(byte & 0x7F) << shift;
    if (byte < 0x80) return value;
  }
}

INLINE int64_t read_signed(cursor *c) {
  uint64_t value = 0;
  uint32_t shift = 0;
  for (;;) {
    if (c->at >= c->end) {
      c->is_bad = 1;
      return 0;
    }
    uint8_t byte = *c->at++;
    if (shift < 64) value |= (uint64_t)(byte & 0x7F) << shift;
    shift += 7;
    if (byte < 0x80) {
      if (shift < 64 && (byte & 0x40)) value |= ~(uint64_t)0 << shift;
      return (int64_t)value;
    }
  }
}

// The string that begins at the cursor; NULL where its end is not in the section.
INLINE const char *read_string(cursor *c) {
  const uint8_t *end = memchr(c->at, 0, left(c));
  if (end == NULL) {
    c->at = c->end;
    c->is_bad = 1;
    return NULL;
  }
  const char *string = (const char *)c->at;
  c->at = end + 1;
  return string;
}

INLINE cursor cursor_at(section s, uint64_t offset) {
  cursor c = {.at = s.begin, .end = s.end, .is_bad = 0};
  skip(&c, offset);
  return c;
}

INLINE const char *string_at(section s, uint64_t offset) {
  cursor c = cursor_at(s, offset);
  return c.is_bad ? NULL : read_string(&c);
}

// The symbolications of one call that one unit holds, in the order of their addresses.
typedef struct {
  audit_symbolication **items;
  size_t count;
} address_set;

// The index of the first symbolication at or above an address; `count` when there is none.
INLINE size_t first_at(const address_set *set, uint64_t address) {
  size_t low = 0, high = set->count;
  while (low < high) {
    size_t middle = (low + high) / 2;
    if (set->items[middle]->address < address) low = middle + 1; else high = middle;
  }
  return low;
}

#endif
