// SPDX-License-Identifier: Apache-2.0
// Lists of address ranges: .debug_ranges up to DWARF 4, .debug_rnglists since.
#include "audit_build.h"
#if AUDIT_REPORTS_ARE_COMPILED_IN

#include "dwarf.h"

static uint64_t read_address(cursor *c, const unit *u) { return u->address_size == 8 ? read_u64(c) : read_u32(c); }

static uint64_t indexed_address(cursor *c, const unit *u) {
  value v = {.form = 0x1B, .number = read_unsigned(c)};
  return audit_address_of(v, u);
}

static void read_old_list(
    uint64_t offset, const unit *u, _Bool (*body)(void *, uint64_t, uint64_t), void *context) {
  cursor c = cursor_at(u->file->ranges, offset);
  uint64_t base = u->low;
  uint64_t mark = u->address_size == 8 ? UINT64_MAX : UINT32_MAX;
  for (;;) {
    uint64_t low = read_address(&c, u), high = read_address(&c, u);
    if (c.is_bad || (low == 0 && high == 0)) return;
    if (low == mark) base = high; else if (low < high && !body(context, base + low, base + high)) return;
  }
}

static void read_list(uint64_t offset, const unit *u, _Bool (*body)(void *, uint64_t, uint64_t), void *context) {
  cursor c = cursor_at(u->file->range_lists, offset);
  uint64_t base = u->low;
  while (!c.is_bad) {
    uint64_t low, high;
    switch (read_u8(&c)) {
      case 0: return;
      case 1: base = indexed_address(&c, u); continue;
      case 2: low = indexed_address(&c, u); high = indexed_address(&c, u); break;
      case 3: low = indexed_address(&c, u); high = low + read_unsigned(&c); break;
      case 4: low = base + read_unsigned(&c); high = base + read_unsigned(&c); break;
      case 5: base = read_address(&c, u); continue;
      case 6: low = read_address(&c, u); high = read_address(&c, u); break;
      case 7: low = read_address(&c, u); high = low + read_unsigned(&c); break;
      default: return;
    }
    if (!c.is_bad && low < high && !body(context, low, high)) return;
  }
}

void audit_for_each_range(value list, const unit *u, _Bool (*body)(void *context, uint64_t low, uint64_t high), void *context) {
  if (u->version < 5) return read_old_list(list.number, u, body, context);
  uint64_t offset = list.number;
  if (list.form == 0x23) {
    // An index in the table of offsets at the base, which they are relative to.
    if (list.number > UINT32_MAX) return;
    cursor c = cursor_at(u->file->range_lists, u->range_lists_base + list.number * (u->is_64 ? 8 : 4));
    offset = u->range_lists_base + read_offset(&c, u->is_64);
    if (c.is_bad) return;
  }
  read_list(offset, u, body, context);
}

#endif
