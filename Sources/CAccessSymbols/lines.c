// SPDX-License-Identifier: Apache-2.0
// Line programs, DWARF 2 to 5: the row that an address belongs to, and the names of files.
#include "audit_build.h"
#if AUDIT_REPORTS_ARE_COMPILED_IN

#include <stdlib.h>

#include "dwarf.h"

typedef struct {
  uint64_t address, file, line, column;
} row;

typedef struct {
  const unit *unit;
  address_set *set;
  const line_files *files;
  row previous;
  _Bool has_previous;
} rows;

// The addresses from the previous row up to this one belong to the previous one.
INLINE void add_row(rows *r, const row *now, _Bool ends) {
  if (r->has_previous && now->address > r->previous.address) {
    address_set *set = r->set;
    if (r->previous.address <= set->items[set->count - 1]->address && now->address > set->items[0]->address) {
      size_t i = first_at(set, r->previous.address);
      for (; i < set->count && set->items[i]->address < now->address; i++) {
        set->items[i]->place =
            audit_place_of(r->files, r->unit, r->previous.file, r->previous.line, r->previous.column);
      }
    }
  }
  r->previous = *now;
  r->has_previous = !ends;
}

static _Bool add_directory(line_files *files, const char *name) {
  if (files->directory_count % 64 == 0) {
    void *larger = realloc(files->directories, (files->directory_count + 64) * sizeof *files->directories);
    if (larger == NULL) return 0;
    files->directories = larger;
  }
  files->directories[files->directory_count++] = name;
  return 1;
}

static _Bool add_file(line_files *files, const char *name, uint64_t directory) {
  if (files->file_count % 64 == 0) {
    void *larger = realloc(files->files, (files->file_count + 64) * sizeof *files->files);
    if (larger == NULL) return 0;
    files->files = larger;
  }
  files->files[files->file_count++] = (line_file){name, directory};
  return 1;
}

// A list of names in the form since DWARF 5, which says itself what its entries consist of.
static _Bool read_entries(cursor *c, const unit *u, line_files *files, _Bool are_directories) {
  attribute format[16];
  uint8_t format_count = read_u8(c);
  if (format_count > 16) return 0;
  for (uint8_t i = 0; i < format_count; i++) {
    format[i] = (attribute){.name = (uint16_t)read_unsigned(c), .form = (uint16_t)read_unsigned(c)};
  }
  uint64_t count = read_unsigned(c);
  for (uint64_t k = 0; k < count; k++) {
    const char *name = NULL;
    uint64_t directory = 0;
    const uint8_t *begin = c->at;
    for (uint8_t i = 0; i < format_count; i++) {
      value v = audit_read_value(c, &format[i], u);
      if (format[i].name == 1) name = audit_string_of(v, u);
      if (format[i].name == 2) directory = v.number;
    }
    // An entry of no bytes could be there without end.
    if (c->is_bad || c->at == begin) return 0;
    if (!(are_directories ? add_directory(files, name) : add_file(files, name, directory))) return 0;
  }
  return 1;
}

static _Bool read_old_entries(cursor *c, line_files *files) {
  // In these versions both lists are counted from 1; directory 0 is the one of the compilation.
  if (!add_directory(files, NULL) || !add_file(files, NULL, 0)) return 0;
  while (left(c) > 0 && *c->at != 0) {
    const char *name = read_string(c);
    if (name == NULL || !add_directory(files, name)) return 0;
  }
  read_u8(c);
  while (left(c) > 0 && *c->at != 0) {
    const char *name = read_string(c);
    uint64_t directory = read_unsigned(c);
    read_unsigned(c);
    read_unsigned(c);
    if (name == NULL || !add_file(files, name, directory)) return 0;
  }
  read_u8(c);
  return !c->is_bad;
}

audit_place audit_place_of(const line_files *files, const unit *u, uint64_t file, uint64_t line, uint64_t column) {
  audit_place place = {0};
  if (file >= files->file_count || files->files[file].name == NULL) return place;
  place.compilation_directory = u->directory;
  if (files->files[file].directory < files->directory_count) {
    place.directory = files->directories[files->files[file].directory];
  }
  place.file = files->files[file].name;
  place.line = line > UINT32_MAX ? 0 : (uint32_t)line;
  place.column = column > UINT32_MAX ? 0 : (uint32_t)column;
  return place;
}

void audit_free_line_files(line_files *files) {
  free(files->directories);
  free(files->files);
  *files = (line_files){0};
}

void audit_run_line_program(const unit *u, address_set *set, line_files *files) {
  cursor c = cursor_at(u->file->line, u->line_offset);
  uint64_t length = read_u32(&c);
  _Bool is_64 = length == 0xFFFFFFFF;
  if (is_64) length = read_u64(&c);
  if (c.is_bad || !take(&c, length)) return;
  c.end = c.at + length;
  uint16_t version = read_u16(&c);
  if (version < 2 || version > 5) return;
  // The header's forms are read by its own version and offsets, not the unit's.
  unit own = *u;
  own.version = version;
  own.is_64 = is_64;
  if (version >= 5) {
    own.address_size = read_u8(&c);
    if (read_u8(&c) != 0 || (own.address_size != 8 && own.address_size != 4)) return;
  }
  uint64_t header_length = read_offset(&c, is_64);
  if (!take(&c, header_length)) return;
  const uint8_t *program = c.at + header_length;
  uint8_t minimum_length = read_u8(&c);
  if (version >= 4) read_u8(&c);  // operations in an instruction: 1 on the machines Swift runs on
  _Bool is_statement_by_default = read_u8(&c);
  (void)is_statement_by_default;
  int8_t line_base = (int8_t)read_u8(&c);
  uint8_t line_range = read_u8(&c);
  uint8_t opcode_base = read_u8(&c);
  if (c.is_bad || line_range == 0 || opcode_base == 0) return;
  uint8_t argument_counts[256] = {0};
  for (int i = 1; i < opcode_base; i++) argument_counts[i] = read_u8(&c);
  files->version = version;
  _Bool is_read = version >= 5 ? read_entries(&c, &own, files, 1) && read_entries(&c, &own, files, 0)
                               : read_old_entries(&c, files);
  if (!is_read || set->count == 0) return;

  c.at = program;
  rows r = {.unit = u, .set = set, .files = files};
  row now = {.file = 1, .line = 1};
  uint64_t constant_advance = (uint64_t)((255 - opcode_base) / line_range) * minimum_length;
  while (c.at < c.end && !c.is_bad) {
    uint8_t opcode = *c.at++;
    if (opcode >= opcode_base) {
      uint8_t adjusted = opcode - opcode_base;
      now.address += (uint64_t)(adjusted / line_range) * minimum_length;
      now.line += (uint64_t)(int64_t)(line_base + adjusted % line_range);
      add_row(&r, &now, 0);
      continue;
    }
    switch (opcode) {
      case 0: {
        uint64_t size = read_unsigned(&c);
        if (size == 0 || !take(&c, size)) break;
        const uint8_t *next = c.at + size;
        switch (read_u8(&c)) {
          case 1:
            add_row(&r, &now, 1);
            now = (row){.file = 1, .line = 1};
            break;
          case 2: now.address = size == 9 ? read_u64(&c) : size == 5 ? read_u32(&c) : 0; break;
          default: break;
        }
        c.at = next;
        break;
      }
      case 1: add_row(&r, &now, 0); break;
      case 2: now.address += read_unsigned(&c) * minimum_length; break;
      case 3: now.line += (uint64_t)read_signed(&c); break;
      case 4: now.file = read_unsigned(&c); break;
      case 5: now.column = read_unsigned(&c); break;
      case 6: case 7: case 10: case 11: break;
      case 8: now.address += constant_advance; break;
      case 9: now.address += read_u16(&c); break;
      case 12: read_unsigned(&c); break;
      default:
        for (uint8_t i = 0; i < argument_counts[opcode]; i++) read_unsigned(&c);
    }
  }
}

#endif
