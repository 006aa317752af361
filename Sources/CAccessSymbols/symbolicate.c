// SPDX-License-Identifier: Apache-2.0
// One pass over the symbols and one over the units for all addresses of a call. A function is named
// by its symbol; one that the compiler gave none, by its debug information.
#include "audit_build.h"
#if AUDIT_REPORTS_ARE_COMPILED_IN

#include <elf.h>
#include <stdlib.h>

#include "dwarf.h"

static void find_symbols(const audit_symbol_file *file, audit_symbolication *items, size_t count) {
  // For each address the highest symbol between the address before it and itself; then the highest
  // of all below it.
  Elf64_Sym *best = calloc(count, sizeof *best);
  _Bool *has = calloc(count, sizeof *has);
  if (best == NULL || has == NULL) {
    free(best);
    free(has);
    return;
  }
  uint64_t last = items[count - 1].address;
  size_t symbol_count = (size_t)(file->symbols.end - file->symbols.begin) / sizeof(Elf64_Sym);
  const uint8_t *at = file->symbols.begin;
  for (size_t i = 0; i < symbol_count; i++, at += sizeof(Elf64_Sym)) {
    Elf64_Sym symbol;
    memcpy(&symbol, at, sizeof symbol);
    if (symbol.st_value > last) continue;
    uint8_t type = ELF64_ST_TYPE(symbol.st_info);
    if (type != STT_FUNC && type != STT_GNU_IFUNC) continue;
    if (symbol.st_shndx == SHN_UNDEF || symbol.st_shndx == SHN_ABS) continue;
    size_t low = 0, high = count - 1;
    while (low < high) {
      size_t middle = (low + high) / 2;
      if (items[middle].address < symbol.st_value) low = middle + 1; else high = middle;
    }
    if (!has[low] || symbol.st_value > best[low].st_value ||
        (symbol.st_value == best[low].st_value && symbol.st_size >= best[low].st_size)) {
      has[low] = 1;
      best[low] = symbol;
    }
  }
  for (size_t i = 0; i < count; i++) {
    if (!has[i] && i > 0 && has[i - 1]) {
      has[i] = 1;
      best[i] = best[i - 1];
    }
    if (!has[i]) continue;
    // What lies between two symbols belongs to a function that has none: in a stripped file most,
    // otherwise what the compiler made for itself. A symbol without a size has no known end.
    _Bool is_beyond = items[i].address - best[i].st_value >= best[i].st_size;
    if (is_beyond && (best[i].st_size != 0 || !file->has_all_symbols)) continue;
    items[i].symbol = string_at(file->symbol_names, best[i].st_name);
  }
  free(best);
  free(has);
}

// The units that hold addresses: for each symbolication the offset of its unit.
typedef struct {
  address_set all;
  uint64_t unit_offset;
  uint64_t *units;  // by symbolication; UINT64_MAX is none
} unit_search;

static _Bool note_range(void *context, uint64_t low, uint64_t high) {
  unit_search *search = context;
  for (size_t i = first_at(&search->all, low); i < search->all.count && search->all.items[i]->address < high; i++) {
    if (search->units[i] == UINT64_MAX) search->units[i] = search->unit_offset;
  }
  return 1;
}

static void find_units(const audit_symbol_file *file, unit_search *search, abbreviation_table *table) {
  cursor c = {.at = file->info.begin, .end = file->info.end};
  while (left(&c) > 0 && !c.is_bad) {
    unit u;
    if (!audit_read_unit(file, &c, &u) || !audit_load_abbreviations(table, &u)) continue;
    search->unit_offset = u.offset;
    if (!audit_read_first_entry(&u, table)) continue;
    // The first entry once more, for its ranges, which need its bases.
    cursor entry = {.at = u.entries, .end = u.end};
    const abbreviation *a = audit_find_abbreviation(table, read_unsigned(&entry));
    if (a == NULL) continue;
    value low = {0}, high = {0}, ranges = {0};
    for (uint32_t i = 0; i < a->count; i++) {
      const attribute *attribute = &table->attributes[a->first + i];
      value v = audit_read_value(&entry, attribute, &u);
      if (attribute->name == AT_LOW_PC) low = v;
      if (attribute->name == AT_HIGH_PC) high = v;
      if (attribute->name == AT_RANGES) ranges = v;
    }
    if (entry.is_bad) continue;
    if (ranges.form != 0) {
      audit_for_each_range(ranges, &u, note_range, search);
    } else if (low.form != 0 && high.form != 0) {
      uint64_t begin = audit_address_of(low, &u);
      note_range(search, begin, audit_is_address(high) ? audit_address_of(high, &u) : begin + high.number);
    }
  }
}

static void complete_unit(const audit_symbol_file *file, uint64_t offset, address_set *set, abbreviation_table *table) {
  unit u;
  cursor c = cursor_at(file->info, offset);
  if (!audit_read_unit(file, &c, &u) || !audit_load_abbreviations(table, &u) || !audit_read_first_entry(&u, table)) return;
  if (!u.has_lines) return;
  line_files files = {0};
  audit_run_line_program(&u, set, &files);
  audit_find_inlined(&u, table, set, &files);
  audit_free_line_files(&files);
}

static void find_lines(const audit_symbol_file *file, audit_symbolication *items, size_t count) {
  unit_search search = {.units = malloc(count * sizeof(uint64_t))};
  audit_symbolication **all = malloc(count * sizeof *all), **held = malloc(count * sizeof *held);
  abbreviation_table table = {0};
  if (search.units != NULL && all != NULL && held != NULL) {
    for (size_t i = 0; i < count; i++) {
      all[i] = &items[i];
      search.units[i] = UINT64_MAX;
    }
    search.all = (address_set){all, count};
    find_units(file, &search, &table);
    for (size_t i = 0; i < count; i++) {
      uint64_t offset = search.units[i];
      if (offset == UINT64_MAX) continue;
      address_set set = {held, 0};
      for (size_t k = i; k < count; k++) {
        if (search.units[k] != offset) continue;
        search.units[k] = UINT64_MAX;
        held[set.count++] = all[k];
      }
      complete_unit(file, offset, &set, &table);
    }
  }
  audit_free_abbreviations(&table);
  free(search.units);
  free(all);
  free(held);
}

void audit_symbolicate(audit_symbol_file *file, audit_symbolication *symbolications, size_t count) {
  if (count == 0) return;
  find_symbols(file, symbolications, count);
  if (file->kind == AUDIT_SYMBOLS_LINES) find_lines(file, symbolications, count);
}

#endif
