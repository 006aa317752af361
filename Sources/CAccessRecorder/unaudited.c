// SPDX-License-Identifier: Apache-2.0
// All that is left of the audit where it is not compiled in: a program whose environment asks for
// it says, before main, that there is none.
#define _GNU_SOURCE
#include "audit_build.h"

#if !AUDIT_IS_COMPILED_IN

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#if defined(__ELF__)
#include "program_note.h"
#endif

// The variable's value; NULL in set-user-ID programs, which an audited build does not listen to
// either.
static const char *environment_value(void) {
#if defined(__APPLE__) || defined(__FreeBSD__) || defined(__OpenBSD__)
  return issetugid() ? NULL : getenv("ACCESS_AUDIT");
#elif defined(__linux__)
  return secure_getenv("ACCESS_AUDIT");
#else
  return getenv("ACCESS_AUDIT");
#endif
}

__attribute__((constructor)) static void audit_say_that_there_is_none(void) {
#if defined(__ELF__)
  audit_keep_program_note();
#endif
  const char *value = environment_value();
  if (value == NULL || value[0] == 0 || strcmp(value, "0") == 0 || strcmp(value, "off") == 0) return;
#if defined(ON_LINUX) && __has_include(<gnu/libc-version.h>)
  static const char message[] =
      "AccessAudit: ACCESS_AUDIT is set, but auditing is compiled out of this release build; "
      "build in debug, or with the package trait AuditInRelease\n";
#else
  static const char message[] =
      "AccessAudit: ACCESS_AUDIT is set, but auditing is not available on this platform; "
      "it needs Linux with the GNU C library\n";
#endif
  // A pipe that nobody reads must not keep the program from starting.
  struct pollfd stream = {.fd = STDERR_FILENO, .events = POLLOUT};
  if (poll(&stream, 1, 1000) > 0) (void)!write(STDERR_FILENO, message, sizeof message - 1);
}

#endif
