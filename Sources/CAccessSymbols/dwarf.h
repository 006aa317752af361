// SPDX-License-Identifier: Apache-2.0
// DWARF's units, abbreviations and attributes, versions 2 to 5, as far as lines and inlined
// functions need them.
#ifndef AUDIT_DWARF_H
#define AUDIT_DWARF_H

#include "symbol_file.h"

// Tags, attributes and forms, as DWARF 5 and its extensions number them.
enum {
  TAG_COMPILE_UNIT = 0x11, TAG_INLINED_SUBROUTINE = 0x1D, TAG_SUBPROGRAM = 0x2E, TAG_PARTIAL_UNIT = 0x3C,
  AT_NAME = 0x03, AT_STMT_LIST = 0x10, AT_LOW_PC = 0x11, AT_HIGH_PC = 0x12, AT_COMP_DIR = 0x1B,
  AT_ABSTRACT_ORIGIN = 0x31, AT_SPECIFICATION = 0x47, AT_RANGES = 0x55, AT_CALL_COLUMN = 0x57, AT_CALL_FILE = 0x58,
  AT_CALL_LINE = 0x59, AT_LINKAGE_NAME = 0x6E, AT_STR_OFFSETS_BASE = 0x72, AT_ADDR_BASE = 0x73,
  AT_RNGLISTS_BASE = 0x74, AT_MIPS_LINKAGE_NAME = 0x2007,
};

typedef struct {
  uint16_t name, form;
  int64_t constant;  // of the form that has its value here
} attribute;

typedef struct {
  uint32_t tag;
  uint32_t first, count;  // of its attributes
  int32_t size;           // of an entry's attributes where all have fixed sizes; -1 otherwise
} abbreviation;

typedef struct {
  attribute *attributes;
  abbreviation *abbreviations;  // by code; a count of UINT32_MAX stands for none
  uint32_t attribute_count, attribute_capacity, abbreviation_capacity;
  uint64_t offset;  // in the section of abbreviations: which table this is
  uint8_t address_size;
  _Bool is_loaded, is_64;
  uint16_t version;
} abbreviation_table;

typedef struct {
  const audit_symbol_file *file;
  uint64_t offset;          // of the unit, in the section of entries
  const uint8_t *end;       // of the unit
  const uint8_t *entries;   // its first entry
  uint64_t abbreviations;
  uint16_t version;
  uint8_t address_size, type;
  _Bool is_64;
  // From the first entry.
  uint64_t string_offsets_base, address_base, range_lists_base, low;
  uint64_t line_offset;
  const char *directory;
  _Bool has_lines;
} unit;

// The value of an attribute as it stands there; what it means is asked for below.
typedef struct {
  uint16_t form;
  uint64_t number;     // or an offset, or an index
  const char *string;  // of the form that has it inline
} value;

// Reads a unit's header and leaves the cursor at the next unit; tells whether the unit is one of
// compiled code.
_Bool audit_read_unit(const audit_symbol_file *file, cursor *c, unit *u);
// Reads what the unit's first entry says of all of it; tells whether there was such an entry.
_Bool audit_read_first_entry(unit *u, abbreviation_table *table);
// Makes the table the one of this unit; tells whether it could be read.
_Bool audit_load_abbreviations(abbreviation_table *table, const unit *u);
void audit_free_abbreviations(abbreviation_table *table);
// The abbreviation of a code; NULL when the table has none.
const abbreviation *audit_find_abbreviation(const abbreviation_table *table, uint64_t code);

value audit_read_value(cursor *c, const attribute *a, const unit *u);
const char *audit_string_of(value v, const unit *u);
uint64_t audit_address_of(value v, const unit *u);
// Whether the value is an address and not a distance: what tells the two meanings of an end apart.
_Bool audit_is_address(value v);
// The offset of the entry that the value refers to, in the section of entries.
uint64_t audit_reference_of(value v, const unit *u);

// Calls `body` with each range of a list; it returns whether to go on.
void audit_for_each_range(value list, const unit *u, _Bool (*body)(void *context, uint64_t low, uint64_t high), void *context);

// The file names of a unit's line program.
typedef struct {
  const char *name;
  uint64_t directory;
} line_file;
typedef struct {
  const char **directories;
  line_file *files;
  size_t directory_count, file_count;
  uint16_t version;
} line_files;
// Runs the line program; keeps the file names for `audit_place_of`. Free them with
// `audit_free_line_files`.
void audit_run_line_program(const unit *u, address_set *set, line_files *files);
audit_place audit_place_of(const line_files *files, const unit *u, uint64_t file, uint64_t line, uint64_t column);
void audit_free_line_files(line_files *files);

// Completes the inlined functions of the unit's symbolications, and the names of functions that
// have no symbol.
void audit_find_inlined(const unit *u, abbreviation_table *table, address_set *set, const line_files *files);

#endif
