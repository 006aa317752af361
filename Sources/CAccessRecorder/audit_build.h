// SPDX-License-Identifier: Apache-2.0
// Whether auditing is compiled into this build. The manifest says for which builds it is to be;
// it needs the GNU C library, which the manifest cannot see. Included first, in assembly too.
#ifndef AUDIT_BUILD_H
#define AUDIT_BUILD_H

#if defined(AUDITED) && __has_include(<gnu/libc-version.h>)
#define AUDIT_IS_COMPILED_IN 1
#else
#define AUDIT_IS_COMPILED_IN 0
#endif

#endif
