// SPDX-License-Identifier: Apache-2.0
// Units, abbreviations and the values of attributes.
#include "audit_build.h"
#if AUDIT_REPORTS_ARE_COMPILED_IN

#include <stdlib.h>

#include "dwarf.h"

_Bool audit_read_unit(const audit_symbol_file *file, cursor *c, unit *u) {
  *u = (unit){.file = file, .offset = (uint64_t)(c->at - file->info.begin)};
  uint64_t length = read_u32(c);
  u->is_64 = length == 0xFFFFFFFF;
  if (u->is_64) length = read_u64(c);
  if (c->is_bad || !take(c, length)) return 0;
  cursor header = {.at = c->at, .end = c->at + length};
  c->at += length;
  u->end = c->at;
  u->version = read_u16(&header);
  u->type = 1;
  if (u->version >= 5) {
    u->type = read_u8(&header);
    u->address_size = read_u8(&header);
    u->abbreviations = read_offset(&header, u->is_64);
  } else {
    u->abbreviations = read_offset(&header, u->is_64);
    u->address_size = read_u8(&header);
  }
  // A unit of compiled code, or a part of one; the others hold types, or stand for units in other
  // files.
  if (u->type != 1 && u->type != 3) return 0;
  u->entries = header.at;
  return !header.is_bad && u->version >= 2 && u->version <= 5 && (u->address_size == 8 || u->address_size == 4);
}

// The size of a form's value where it is always the same; -1 otherwise.
static int32_t fixed_size(uint16_t form, const unit *u) {
  switch (form) {
    case 0x19: case 0x21: return 0;                                   // flag_present, implicit_const
    case 0x0B: case 0x0C: case 0x11: case 0x25: case 0x29: return 1;  // data1, flag, ref1, strx1, addrx1
    case 0x05: case 0x12: case 0x26: case 0x2A: return 2;
    case 0x27: case 0x2B: return 3;
    case 0x06: case 0x13: case 0x28: case 0x2C: case 0x1C: return 4;
    case 0x07: case 0x14: case 0x20: case 0x24: return 8;             // data8, ref8, ref_sig8, ref_sup8
    case 0x1E: return 16;                                             // data16
    case 0x01: return u->address_size;
    case 0x10: return u->version <= 2 ? u->address_size : u->is_64 ? 8 : 4;  // ref_addr
    case 0x0E: case 0x17: case 0x1F: case 0x1D: case 0x1F20: case 0x1F21: return u->is_64 ? 8 : 4;
    default: return -1;
  }
}

value audit_read_value(cursor *c, const attribute *a, const unit *u) {
  value v = {.form = a->form};
  switch (a->form) {
    case 0x16: {  // indirect
      attribute actual = *a;
      actual.form = (uint16_t)read_unsigned(c);
      if (actual.form == 0x16 || actual.form == 0x21) c->is_bad = 1; else return audit_read_value(c, &actual, u);
      return v;
    }
    case 0x19: v.number = 1; return v;
    case 0x21: v.number = (uint64_t)a->constant; return v;
    case 0x08: v.string = read_string(c); return v;
    case 0x0D: v.number = (uint64_t)read_signed(c); return v;
    case 0x0F: case 0x15: case 0x1A: case 0x1B: case 0x22: case 0x23: case 0x1F01: case 0x1F02:
      v.number = read_unsigned(c);
      return v;
    case 0x0A: skip(c, read_u8(c)); return v;
    case 0x03: skip(c, read_u16(c)); return v;
    case 0x04: skip(c, read_u32(c)); return v;
    case 0x09: case 0x18: skip(c, read_unsigned(c)); return v;
    default: break;
  }
  switch (fixed_size(a->form, u)) {
    case 1: v.number = read_u8(c); break;
    case 2: v.number = read_u16(c); break;
    case 3: v.number = read_u16(c); v.number |= (uint64_t)read_u8(c) << 16; break;
    case 4: v.number = read_u32(c); break;
    case 8: v.number = read_u64(c); break;
    case 16: skip(c, 16); break;
    default: c->is_bad = 1;
  }
  return v;
}

const char *audit_string_of(value v, const unit *u) {
  const audit_symbol_file *file = u->file;
  switch (v.form) {
    case 0x08: return v.string;
    case 0x0E: return string_at(file->strings, v.number);
    case 0x1F: return string_at(file->line_strings, v.number);
    case 0x1A: case 0x25: case 0x26: case 0x27: case 0x28: case 0x1F02: {
      if (v.number > UINT32_MAX) return NULL;
      cursor c = cursor_at(file->string_offsets, u->string_offsets_base + v.number * (u->is_64 ? 8 : 4));
      uint64_t offset = read_offset(&c, u->is_64);
      return c.is_bad ? NULL : string_at(file->strings, offset);
    }
    default: return NULL;
  }
}

_Bool audit_is_address(value v) {
  return v.form == 0x01 || v.form == 0x1B || v.form == 0x1F01 || (v.form >= 0x29 && v.form <= 0x2C);
}

uint64_t audit_address_of(value v, const unit *u) {
  if (v.form == 0x01 || !audit_is_address(v)) return v.number;
  if (v.number > UINT32_MAX) return 0;
  cursor c = cursor_at(u->file->addresses, u->address_base + v.number * u->address_size);
  return u->address_size == 8 ? read_u64(&c) : read_u32(&c);
}

uint64_t audit_reference_of(value v, const unit *u) {
  switch (v.form) {
    case 0x11: case 0x12: case 0x13: case 0x14: case 0x15: return u->offset + v.number;
    case 0x10: return v.number;
    default: return UINT64_MAX;
  }
}

_Bool audit_read_first_entry(unit *u, abbreviation_table *table) {
  // Twice: strings and addresses by index need the bases, which may come after them.
  for (int round = 0; round < 2; round++) {
    cursor c = {.at = u->entries, .end = u->end};
    const abbreviation *a = audit_find_abbreviation(table, read_unsigned(&c));
    if (a == NULL || (a->tag != TAG_COMPILE_UNIT && a->tag != TAG_PARTIAL_UNIT)) return 0;
    for (uint32_t i = 0; i < a->count; i++) {
      const attribute *attribute = &table->attributes[a->first + i];
      value v = audit_read_value(&c, attribute, u);
      switch (attribute->name) {
        case AT_STR_OFFSETS_BASE: u->string_offsets_base = v.number; break;
        case AT_ADDR_BASE: u->address_base = v.number; break;
        case AT_RNGLISTS_BASE: u->range_lists_base = v.number; break;
        case AT_COMP_DIR: u->directory = audit_string_of(v, u); break;
        case AT_LOW_PC: u->low = audit_address_of(v, u); break;
        case AT_STMT_LIST:
          u->line_offset = v.number;
          u->has_lines = 1;
          break;
        default: break;
      }
    }
    if (c.is_bad) return 0;
  }
  return 1;
}

// Codes that are not used; no table in practice comes near.
enum { CODE_LIMIT = 1 << 20 };

static _Bool make_room(abbreviation_table *table, uint64_t code) {
  if (code >= CODE_LIMIT) return 0;
  if (code >= table->abbreviation_capacity) {
    uint32_t capacity = (uint32_t)code * 2 + 256;
    abbreviation *larger = realloc(table->abbreviations, capacity * sizeof *larger);
    if (larger == NULL) return 0;
    for (uint32_t i = table->abbreviation_capacity; i < capacity; i++) larger[i].count = UINT32_MAX;
    table->abbreviations = larger;
    table->abbreviation_capacity = capacity;
  }
  if (table->attribute_count == table->attribute_capacity) {
    uint32_t capacity = table->attribute_capacity * 2 + 1024;
    attribute *larger = realloc(table->attributes, capacity * sizeof *larger);
    if (larger == NULL) return 0;
    table->attributes = larger;
    table->attribute_capacity = capacity;
  }
  return 1;
}

_Bool audit_load_abbreviations(abbreviation_table *table, const unit *u) {
  if (table->is_loaded && table->offset == u->abbreviations && table->version == u->version &&
      table->is_64 == u->is_64 && table->address_size == u->address_size) {
    return 1;
  }
  table->is_loaded = 0;
  for (uint32_t i = 0; i < table->abbreviation_capacity; i++) table->abbreviations[i].count = UINT32_MAX;
  table->attribute_count = 0;
  cursor c = cursor_at(u->file->abbreviations, u->abbreviations);
  for (;;) {
    uint64_t code = read_unsigned(&c);
    if (code == 0) break;
    if (!make_room(table, code)) return 0;
    abbreviation a = {.tag = (uint32_t)read_unsigned(&c), .first = table->attribute_count};
    read_u8(&c);  // whether it has children: the order of entries is all that is needed
    for (;;) {
      attribute next = {.name = (uint16_t)read_unsigned(&c), .form = (uint16_t)read_unsigned(&c)};
      if (next.form == 0x21) next.constant = read_signed(&c);
      if (c.is_bad) return 0;
      if (next.name == 0 && next.form == 0) break;
      if (!make_room(table, code)) return 0;
      int32_t size = fixed_size(next.form, u);
      a.size = size < 0 || a.size < 0 ? -1 : a.size + size;
      table->attributes[table->attribute_count++] = next;
      a.count++;
    }
    table->abbreviations[code] = a;
  }
  table->offset = u->abbreviations;
  table->version = u->version;
  table->is_64 = u->is_64;
  table->address_size = u->address_size;
  table->is_loaded = !c.is_bad;
  return table->is_loaded;
}

void audit_free_abbreviations(abbreviation_table *table) {
  free(table->attributes);
  free(table->abbreviations);
  *table = (abbreviation_table){0};
}

const abbreviation *audit_find_abbreviation(const abbreviation_table *table, uint64_t code) {
  if (code >= table->abbreviation_capacity || table->abbreviations[code].count == UINT32_MAX) return NULL;
  return &table->abbreviations[code];
}

#endif
