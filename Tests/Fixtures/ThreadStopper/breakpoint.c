// SPDX-License-Identifier: Apache-2.0
// The breakpoint: the function's first byte is replaced in the program's memory, and put back when
// a thread ran into it.
#define _GNU_SOURCE
#include "breakpoint.h"

#include <elf.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/user.h>
#include <unistd.h>

static char file[PATH_MAX];     // the program's
static unsigned long offset;    // of the function, from where the program is loaded
static unsigned long address;   // of the function; 0 before it is known
static int memory = -1;         // the program's
static unsigned char original;  // the function's first byte
static int is_set;

int breakpoint_is_used(void) { return offset != 0; }

#if defined(__x86_64__)

int breakpoint_find(const char *path, const char *function) {
  int descriptor = open(path, O_RDONLY | O_CLOEXEC);
  struct stat status;
  if (descriptor < 0 || fstat(descriptor, &status) || !realpath(path, file)) return 0;
  const char *bytes = mmap(0, status.st_size, PROT_READ, MAP_PRIVATE, descriptor, 0);
  close(descriptor);
  if (bytes == MAP_FAILED) return 0;
  const Elf64_Ehdr *header = (const Elf64_Ehdr *)bytes;
  const Elf64_Shdr *sections = (const Elf64_Shdr *)(bytes + header->e_shoff);
  for (int i = 0; i < header->e_shnum; i++) {
    if (sections[i].sh_type != SHT_SYMTAB) continue;
    const Elf64_Sym *symbols = (const Elf64_Sym *)(bytes + sections[i].sh_offset);
    const char *names = bytes + sections[sections[i].sh_link].sh_offset;
    for (unsigned long j = 0; j < sections[i].sh_size / sizeof *symbols; j++) {
      if (!strcmp(names + symbols[j].st_name, function)) offset = symbols[j].st_value;
    }
  }
  return offset != 0;
}

// Where the program is loaded, once it is.
static unsigned long base(pid_t program) {
  char name[64], line[PATH_MAX + 128];
  unsigned long found = 0;
  snprintf(name, sizeof name, "/proc/%d/maps", program);
  FILE *maps = fopen(name, "re");
  while (maps && !found && fgets(line, sizeof line, maps)) {
    line[strcspn(line, "\n")] = 0;
    char *path = strchr(line, '/');
    if (path && !strcmp(path, file)) found = strtoul(line, 0, 16);
  }
  if (maps) fclose(maps);
  return found;
}

void breakpoint_set(pid_t program) {
  static const unsigned char trap = 0xCC;
  if (is_set) return;
  if (!address) {
    unsigned long begin = base(program);
    char name[64];
    snprintf(name, sizeof name, "/proc/%d/mem", program);
    if (!begin || (memory = open(name, O_RDWR | O_CLOEXEC)) < 0) return;
    if (pread(memory, &original, 1, (off_t)(begin + offset)) != 1) {
      close(memory);
      return;
    }
    address = begin + offset;
  }
  is_set = pwrite(memory, &trap, 1, (off_t)address) == 1;
}

void breakpoint_clear(void) {
  if (is_set && pwrite(memory, &original, 1, (off_t)address) == 1) is_set = 0;
}

int breakpoint_was_hit(pid_t thread) {
  struct user_regs_struct registers;
  if (!address || ptrace(PTRACE_GETREGS, thread, 0, &registers)) return 0;
  if (registers.rip != address + 1) return 0;
  breakpoint_clear();
  registers.rip = address;
  return !ptrace(PTRACE_SETREGS, thread, 0, &registers);
}

#else

int breakpoint_find(const char *path, const char *function) { return 0; }
void breakpoint_set(pid_t program) {}
void breakpoint_clear(void) {}
int breakpoint_was_hit(pid_t thread) { return 0; }

#endif
