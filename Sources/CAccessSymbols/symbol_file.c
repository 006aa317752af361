// SPDX-License-Identifier: Apache-2.0
// Mapping a file and finding its sections; the pass over its symbols.
#include "audit_build.h"
#if AUDIT_REPORTS_ARE_COMPILED_IN

#define _GNU_SOURCE
#include "symbol_file.h"

#include <elf.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "the sections are read as little-endian ones"
#endif

static const struct {
  const char *name;
  size_t offset;
} wanted[] = {
    {".debug_info", offsetof(audit_symbol_file, info)},
    {".debug_abbrev", offsetof(audit_symbol_file, abbreviations)},
    {".debug_line", offsetof(audit_symbol_file, line)},
    {".debug_str", offsetof(audit_symbol_file, strings)},
    {".debug_line_str", offsetof(audit_symbol_file, line_strings)},
    {".debug_str_offsets", offsetof(audit_symbol_file, string_offsets)},
    {".debug_addr", offsetof(audit_symbol_file, addresses)},
    {".debug_ranges", offsetof(audit_symbol_file, ranges)},
    {".debug_rnglists", offsetof(audit_symbol_file, range_lists)},
};

static section part(const audit_symbol_file *file, uint64_t offset, uint64_t size) {
  uint64_t length = (uint64_t)(file->end - file->begin);
  if (offset > length || size > length - offset) return (section){file->begin, file->begin};
  return (section){file->begin + offset, file->begin + offset + size};
}

static void find_build_id(audit_symbol_file *file, section notes) {
  cursor c = {.at = notes.begin, .end = notes.end};
  while (left(&c) >= 12) {
    uint32_t name_size = read_u32(&c), size = read_u32(&c), type = read_u32(&c);
    const uint8_t *name = c.at;
    skip(&c, ((uint64_t)name_size + 3) & ~3ull);
    const uint8_t *content = c.at;
    skip(&c, size);
    if (c.is_bad) return;
    if (type == NT_GNU_BUILD_ID && name_size == 4 && memcmp(name, "GNU", 4) == 0) {
      file->build_id = content;
      file->build_id_size = size;
      return;
    }
    skip(&c, (4 - (size & 3)) & 3);
  }
}

static void find_sections(audit_symbol_file *file) {
  Elf64_Ehdr header;
  if ((size_t)(file->end - file->begin) < sizeof header) return;
  memcpy(&header, file->begin, sizeof header);
  if (memcmp(header.e_ident, ELFMAG, SELFMAG) != 0 || header.e_ident[EI_CLASS] != ELFCLASS64 ||
      header.e_ident[EI_DATA] != ELFDATA2LSB || header.e_shentsize != sizeof(Elf64_Shdr)) {
    return;
  }
  file->kind = AUDIT_SYMBOLS_NAMES;
  section table = part(file, header.e_shoff, (uint64_t)header.e_shnum * sizeof(Elf64_Shdr));
  size_t count = (size_t)(table.end - table.begin) / sizeof(Elf64_Shdr);
  Elf64_Shdr names;
  if (header.e_shstrndx >= count) return;
  memcpy(&names, table.begin + header.e_shstrndx * sizeof names, sizeof names);
  section strings = part(file, names.sh_offset, names.sh_size);
  _Bool is_compressed = 0;
  for (size_t i = 0; i < count; i++) {
    Elf64_Shdr s;
    memcpy(&s, table.begin + i * sizeof s, sizeof s);
    const char *name = string_at(strings, s.sh_name);
    if (name == NULL || s.sh_type == SHT_NOBITS) continue;
    section content = part(file, s.sh_offset, s.sh_size);
    if (s.sh_type == SHT_NOTE && file->build_id == NULL) find_build_id(file, content);
    // The table of all symbols; in a stripped file the one for the loader.
    if ((s.sh_type == SHT_SYMTAB || (s.sh_type == SHT_DYNSYM && !file->has_all_symbols)) && s.sh_link < count) {
      Elf64_Shdr link;
      memcpy(&link, table.begin + s.sh_link * sizeof link, sizeof link);
      file->symbols = content;
      file->symbol_names = part(file, link.sh_offset, link.sh_size);
      if (s.sh_type == SHT_SYMTAB) file->has_all_symbols = 1;
    }
    if (strncmp(name, ".zdebug_", 8) == 0 || strcmp(name, ".gnu_debugdata") == 0) is_compressed = 1;
    if (strcmp(name, ".gnu_debuglink") == 0) file->debug_link = string_at(content, 0);
    for (size_t k = 0; k < sizeof wanted / sizeof wanted[0]; k++) {
      if (strcmp(name, wanted[k].name) != 0) continue;
      if (s.sh_flags & SHF_COMPRESSED) is_compressed = 1;
      *(section *)((char *)file + wanted[k].offset) = content;
    }
  }
  _Bool has_lines = file->line.begin != file->line.end && file->info.begin != file->info.end;
  if (is_compressed) file->kind = AUDIT_SYMBOLS_COMPRESSED;
  else if (has_lines) file->kind = AUDIT_SYMBOLS_LINES;
}

audit_symbol_file *audit_open_symbol_file(const char *path) {
  int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (descriptor < 0) return NULL;
  struct stat status;
  void *memory = MAP_FAILED;
  if (fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode) && status.st_size > 0) {
    memory = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, descriptor, 0);
  }
  close(descriptor);
  if (memory == MAP_FAILED) return NULL;
  audit_symbol_file *file = calloc(1, sizeof *file);
  if (file == NULL) {
    munmap(memory, (size_t)status.st_size);
    return NULL;
  }
  file->begin = memory;
  file->end = file->begin + status.st_size;
  // Every section is an empty one until it is found.
  section none = {file->begin, file->begin};
  file->symbols = file->symbol_names = none;
  for (size_t k = 0; k < sizeof wanted / sizeof wanted[0]; k++) *(section *)((char *)file + wanted[k].offset) = none;
  find_sections(file);
  return file;
}

void audit_close_symbol_file(audit_symbol_file *file) {
  munmap((void *)file->begin, (size_t)(file->end - file->begin));
  free(file);
}

int32_t audit_symbol_file_kind(const audit_symbol_file *file) { return file->kind; }

_Bool audit_symbol_file_is_whole(const audit_symbol_file *file) { return file->has_all_symbols; }

const char *audit_symbol_file_debug_link(const audit_symbol_file *file) { return file->debug_link; }

uint32_t audit_symbol_file_build_id(const audit_symbol_file *file, uint8_t *build_id, uint32_t capacity) {
  uint32_t size = file->build_id_size < capacity ? file->build_id_size : capacity;
  if (size > 0) memcpy(build_id, file->build_id, size);
  return size;
}

#endif
