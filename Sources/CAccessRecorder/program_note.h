// SPDX-License-Identifier: Apache-2.0
// What tells a tool, without running it, that a program is built with this package: a note in the
// program's file, which stripping leaves there. Its word is 1 where auditing is compiled in.
// Included by the one file of a build that has a constructor.
#ifndef AUDIT_PROGRAM_NOTE_H
#define AUDIT_PROGRAM_NOTE_H

#include <stdint.h>

#define AUDIT_NOTE_OWNER "AccessAudit"
__attribute__((used, aligned(4), section(".note.access-audit"))) static const struct {
  uint32_t name_size, description_size, type;
  char name[(sizeof AUDIT_NOTE_OWNER + 3) / 4 * 4];
  uint32_t is_compiled_in;
} audit_program_note = {
    .name_size = sizeof AUDIT_NOTE_OWNER,
    .description_size = sizeof(uint32_t),
    .type = 1,
    .name = AUDIT_NOTE_OWNER,
    .is_compiled_in = AUDIT_IS_COMPILED_IN,
};

// Keeps the note where the linker drops what is not referred to. To be called by a function that
// the program keeps.
static inline void audit_keep_program_note(void) { __asm__ volatile("" : : "r"(&audit_program_note)); }

#endif
