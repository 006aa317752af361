// SPDX-License-Identifier: Apache-2.0
// What Foundation knows of the calling thread, where the program uses Foundation. Takes no lock;
// makes an object for a thread that has none, as the program's own question would.
#include "audit_build.h"
#if AUDIT_IS_COMPILED_IN

#include "audit_foundation.h"

#include <stddef.h>

#include "audit_runtime.h"

typedef struct {
  const void *type;
  uintptr_t state;
} metadata_response;

// Weak: a program may come without Foundation. Names and conventions are part of its ABI.
extern metadata_response thread_type(uintptr_t request) __asm__("$s10Foundation6ThreadCMa") __attribute__((weak, swiftcall));
extern void *current_thread(__attribute__((swift_context)) const void *type) __asm__("$s10Foundation6ThreadC7currentACvgZ")
    __attribute__((weak, swiftcall));
extern audit_swift_string thread_name(__attribute__((swift_context)) void *thread) __asm__("$s10Foundation6ThreadC4nameSSSgvg")
    __attribute__((weak, swiftcall));

audit_swift_string audit_foundation_thread_name(void) {
  audit_swift_string none = {0, NULL};
  if (thread_type == NULL || current_thread == NULL || thread_name == NULL) return none;
  void *thread = current_thread(thread_type(0).type);
  if (thread == NULL) return none;
  audit_swift_string name = thread_name(thread);
  swift_release(thread);
  return name;
}

#endif
