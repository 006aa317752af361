// SPDX-License-Identifier: Apache-2.0
// Names and lines of addresses in an executable or library, from the file's symbol table and DWARF.
// The file may be anything: nothing outside it is read, and what cannot be made sense of is left
// out. Not thread-safe.
#ifndef AUDIT_SYMBOLS_H
#define AUDIT_SYMBOLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// A file that was mapped.
typedef struct audit_symbol_file audit_symbol_file;

// What the file offers.
enum {
  AUDIT_SYMBOLS_NONE = 0,     // no ELF file of this machine's kind
  AUDIT_SYMBOLS_NAMES = 1,    // a symbol table, no debug information
  AUDIT_SYMBOLS_LINES = 2,    // debug information as well
  AUDIT_SYMBOLS_COMPRESSED = 3,  // debug information in a form that is not read here; only names are
};

// Maps a file; NULL where it cannot be opened or mapped.
audit_symbol_file *audit_open_symbol_file(const char *path);
// Unmaps it; strings found in it are gone.
void audit_close_symbol_file(audit_symbol_file *file);
int32_t audit_symbol_file_kind(const audit_symbol_file *file);
// Whether it has all its symbols, and not only those that the loader needs.
bool audit_symbol_file_is_whole(const audit_symbol_file *file);
// The name of the file that its debug information was moved to; NULL when none is named.
const char *audit_symbol_file_debug_link(const audit_symbol_file *file);
// The file's build ID, at most `capacity` bytes; returns how many it has, 0 for none.
uint32_t audit_symbol_file_build_id(const audit_symbol_file *file, uint8_t *build_id, uint32_t capacity);

// A place in the sources: parts of its path, each below the one before unless it is absolute, and
// NULL where there is none.
typedef struct {
  const char *compilation_directory, *directory, *file;
  uint32_t line, column;
} audit_place;

// Optimised Swift inlines through closures and specialisations: some thirty deep is not rare.
#define AUDIT_INLINE_LIMIT 64

// What is known of one address. Strings lie in the mapped file.
typedef struct {
  // As the file has it, without the load bias. Given.
  uint64_t address;
  // The function's mangled name: its symbol's, or else that in the debug information, where its
  // entry is at the offset, if that is not 0. NULL when there is none.
  const char *symbol;
  uint64_t function_entry;
  // The innermost place, of the instruction itself; `file` is NULL when there is none.
  audit_place place;
  // Functions inlined around it, innermost first: the mangled name of each, and where it was
  // called.
  uint32_t inlined_count;
  // There were more: the outermost ones are left out, and with them the place in the function that
  // holds them all.
  bool is_cut;
  const char *inlined_names[AUDIT_INLINE_LIMIT];
  audit_place call_places[AUDIT_INLINE_LIMIT];
} audit_symbolication;

// The elements of those arrays, which Swift has as tuples.
static inline const char *audit_inlined_name(const audit_symbolication *found, uint32_t index) {
  return found->inlined_names[index];
}
static inline audit_place audit_call_place(const audit_symbolication *found, uint32_t index) {
  return found->call_places[index];
}

// Completes `count` symbolications, which must be in the order of their addresses. One pass over
// the file's symbols and compilation units for all of them; only the units that hold one of them
// are decoded.
void audit_symbolicate(audit_symbol_file *file, audit_symbolication *symbolications, size_t count);

#ifdef __cplusplus
}
#endif

#endif
