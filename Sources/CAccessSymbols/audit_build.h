// SPDX-License-Identifier: Apache-2.0
// Whether reports are compiled into this build: where auditing is, and in the command-line tool.
#ifndef AUDIT_BUILD_H
#define AUDIT_BUILD_H

#if defined(REPORTS) && __has_include(<gnu/libc-version.h>)
#define AUDIT_REPORTS_ARE_COMPILED_IN 1
#else
#define AUDIT_REPORTS_ARE_COMPILED_IN 0
#endif

#endif
