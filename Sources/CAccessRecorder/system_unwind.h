// SPDX-License-Identifier: Apache-2.0
// libunwind's header, and what to do where it is missing.
#ifndef AUDIT_SYSTEM_UNWIND_H
#define AUDIT_SYSTEM_UNWIND_H

#if !__has_include(<libunwind.h>)
#error "auditing needs libunwind: install libunwind-dev (Debian, Ubuntu) or libunwind-devel (Fedora, Amazon Linux)"
#endif
#include <libunwind.h>

#endif
