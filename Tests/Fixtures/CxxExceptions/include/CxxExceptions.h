// SPDX-License-Identifier: Apache-2.0
// C++ exceptions beside the audit: linking libunwind replaces the compiler's unwinder.
#ifndef CXX_EXCEPTIONS_H
#define CXX_EXCEPTIONS_H

#include "EarlyForkHandlers.h"
#include "FrameRegister.h"

#ifdef __cplusplus
extern "C" {
#endif

// Throws `value` through `depth` frames and catches it; returns the caught value. Calls `body`
// before it throws.
int cxx_throw_and_catch(int value, int depth, void (*body)(void *), void *context);

#ifdef __cplusplus
}
#endif

#endif
