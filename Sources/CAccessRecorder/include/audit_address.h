// SPDX-License-Identifier: Apache-2.0
// Which variables a monitor's writer word can name: it has 48 bits for an address.
#ifndef AUDIT_ADDRESS_H
#define AUDIT_ADDRESS_H

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

// Whether the word can hold a variable's address, or so much of it that the variable is found. On
// x86-64 it always can: user-space addresses of more than 47 bits are for programs that ask for
// them. On arm64 the eight highest bits may be a tag, which is left out, because the processor
// ignores it; unless the process has memory checked against its tags. An address of more than 48
// bits cannot be held; there too a program has to ask for one. A write to a variable that cannot be
// named is not audited. Asks the kernel at the first tag.
bool audit_can_name(const void *variable);

#ifdef __cplusplus
}
#endif

#endif
