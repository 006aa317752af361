// SPDX-License-Identifier: Apache-2.0
// The functions around an address: those inlined, and the one that holds them. All entries of a
// unit are passed once, in their order: what an inlined function contains comes after it, so the
// order is from the outside in, and no tree has to be made.
#include "audit_build.h"
#if AUDIT_REPORTS_ARE_COMPILED_IN

#include "dwarf.h"

typedef struct {
  address_set *set;
  uint64_t origin;
  audit_place call;
} inlined_function;

// Notes the entry of the function that holds an address, for its name.
static _Bool note_function(void *context, uint64_t low, uint64_t high) {
  inlined_function *function = context;
  address_set *set = function->set;
  for (size_t i = first_at(set, low); i < set->count && set->items[i]->address < high; i++) {
    if (set->items[i]->symbol == NULL) set->items[i]->function_entry = function->origin;
  }
  return 1;
}

// The name that an entry has, or the one it refers to has.
static const char *name_at(const audit_symbol_file *file, uint64_t offset, const unit *near, abbreviation_table *table) {
  const char *plain = NULL;
  unit u = *near;
  for (int depth = 0; depth < 8 && offset != UINT64_MAX; depth++) {
    const uint8_t *at = file->info.begin + offset;
    if (offset >= (uint64_t)(file->info.end - file->info.begin)) return plain;
    if (at < file->info.begin + u.offset || at >= u.end) {
      // In another unit: that is found by passing them all, which is rare.
      cursor c = {.at = file->info.begin, .end = file->info.end};
      _Bool is_found = 0;
      while (left(&c) > 0 && !c.is_bad && !is_found) {
        is_found = audit_read_unit(file, &c, &u) && at < u.end;
      }
      if (!is_found || at < u.entries || !audit_load_abbreviations(table, &u) || !audit_read_first_entry(&u, table)) return plain;
    }
    cursor c = {.at = at, .end = u.end};
    const abbreviation *a = audit_find_abbreviation(table, read_unsigned(&c));
    if (a == NULL) return plain;
    offset = UINT64_MAX;
    for (uint32_t i = 0; i < a->count && !c.is_bad; i++) {
      const attribute *attribute = &table->attributes[a->first + i];
      value v = audit_read_value(&c, attribute, &u);
      switch (attribute->name) {
        case AT_LINKAGE_NAME: case AT_MIPS_LINKAGE_NAME: {
          const char *name = audit_string_of(v, &u);
          if (name != NULL) return name;
          break;
        }
        case AT_NAME: if (plain == NULL) plain = audit_string_of(v, &u); break;
        case AT_ABSTRACT_ORIGIN: case AT_SPECIFICATION: offset = audit_reference_of(v, &u); break;
        default: break;
      }
    }
  }
  return plain;
}

// Notes the entry's offset in place of the name, which is looked up when all entries have been
// passed.
static _Bool note_inlined(void *context, uint64_t low, uint64_t high) {
  inlined_function *inlined = context;
  address_set *set = inlined->set;
  for (size_t i = first_at(set, low); i < set->count && set->items[i]->address < high; i++) {
    audit_symbolication *item = set->items[i];
    if (item->inlined_count == AUDIT_INLINE_LIMIT) {
      // The innermost ones are what the access is in. Each name goes with the place of the next one
      // inside, so only the function that holds them all loses its place.
      memmove(item->inlined_names, item->inlined_names + 1, sizeof item->inlined_names - sizeof item->inlined_names[0]);
      memmove(item->call_places, item->call_places + 1, sizeof item->call_places - sizeof item->call_places[0]);
      item->inlined_count--;
      item->is_cut = 1;
    }
    item->inlined_names[item->inlined_count] = (const char *)(uintptr_t)inlined->origin;
    item->call_places[item->inlined_count++] = inlined->call;
  }
  return 1;
}

// Reads an entry of code, and notes it for the addresses in it. `own` is the entry's offset.
static void read_function(
    cursor *c, const abbreviation *a, const unit *u, const abbreviation_table *table, address_set *set,
    const line_files *files, uint64_t own) {
  value low = {0}, high = {0}, ranges = {0};
  uint64_t file = 0, line = 0, column = 0;
  inlined_function inlined = {.set = set, .origin = UINT64_MAX};
  for (uint32_t i = 0; i < a->count; i++) {
    const attribute *attribute = &table->attributes[a->first + i];
    value v = audit_read_value(c, attribute, u);
    switch (attribute->name) {
      case AT_LOW_PC: low = v; break;
      case AT_HIGH_PC: high = v; break;
      case AT_RANGES: ranges = v; break;
      case AT_ABSTRACT_ORIGIN: inlined.origin = audit_reference_of(v, u); break;
      case AT_CALL_FILE: file = v.number; break;
      case AT_CALL_LINE: line = v.number; break;
      case AT_CALL_COLUMN: column = v.number; break;
      default: break;
    }
  }
  if (c->is_bad) return;
  _Bool is_inlined = a->tag == TAG_INLINED_SUBROUTINE;
  _Bool (*note)(void *, uint64_t, uint64_t) = is_inlined ? note_inlined : note_function;
  if (!is_inlined) inlined.origin = own;
  if (ranges.form != 0) {
    inlined.call = audit_place_of(files, u, file, line, column);
    audit_for_each_range(ranges, u, note, &inlined);
  } else if (low.form != 0 && high.form != 0) {
    uint64_t begin = audit_address_of(low, u);
    uint64_t end = audit_is_address(high) ? audit_address_of(high, u) : begin + high.number;
    if (begin > set->items[set->count - 1]->address || end <= set->items[0]->address) return;
    inlined.call = audit_place_of(files, u, file, line, column);
    note(&inlined, begin, end);
  }
}

void audit_find_inlined(const unit *u, abbreviation_table *table, address_set *set, const line_files *files) {
  if (set->count == 0) return;
  // Passing over an entry is cheaper than reading it.
  _Bool lacks_names = 0;
  for (size_t i = 0; i < set->count; i++) lacks_names |= set->items[i]->symbol == NULL;
  cursor c = {.at = u->entries, .end = u->end};
  while (c.at < c.end && !c.is_bad) {
    uint64_t own = (uint64_t)(c.at - u->file->info.begin);
    uint64_t code = read_unsigned(&c);
    if (code == 0) continue;
    const abbreviation *a = audit_find_abbreviation(table, code);
    if (a == NULL) break;
    if (a->tag == TAG_INLINED_SUBROUTINE || (a->tag == TAG_SUBPROGRAM && lacks_names)) {
      read_function(&c, a, u, table, set, files, own);
    } else if (a->size >= 0) {
      skip(&c, (uint64_t)a->size);
    } else {
      for (uint32_t i = 0; i < a->count; i++) audit_read_value(&c, &table->attributes[a->first + i], u);
    }
  }
  for (size_t i = 0; i < set->count; i++) {
    audit_symbolication *item = set->items[i];
    // Innermost first.
    for (uint32_t k = 0; k < item->inlined_count / 2; k++) {
      uint32_t other = item->inlined_count - 1 - k;
      const char *name = item->inlined_names[k];
      audit_place place = item->call_places[k];
      item->inlined_names[k] = item->inlined_names[other];
      item->call_places[k] = item->call_places[other];
      item->inlined_names[other] = name;
      item->call_places[other] = place;
    }
    for (uint32_t k = 0; k < item->inlined_count; k++) {
      // Names in other units replace the table; this unit's is loaded again where it is needed.
      if (!audit_load_abbreviations(table, u)) {
        item->inlined_names[k] = NULL;
        continue;
      }
      item->inlined_names[k] = name_at(u->file, (uint64_t)(uintptr_t)item->inlined_names[k], u, table);
    }
    if (item->function_entry != 0 && audit_load_abbreviations(table, u)) {
      item->symbol = name_at(u->file, item->function_entry, u, table);
    }
  }
}

#endif
