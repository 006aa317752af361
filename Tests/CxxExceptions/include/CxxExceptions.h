// SPDX-License-Identifier: Apache-2.0
// C++ exceptions beside the audit: linking libunwind puts its unwinder in place of the compiler's.
#ifndef CXX_EXCEPTIONS_H
#define CXX_EXCEPTIONS_H

#include "EarlyForkHandlers.h"

#ifdef __cplusplus
extern "C" {
#endif

// Throws through `depth` frames and catches; returns what was caught, `value`. Calls `body` before it throws.
int cxx_throw_and_catch(int value, int depth, void (*body)(void *), void *context);

#ifdef __cplusplus
}
#endif

#endif
