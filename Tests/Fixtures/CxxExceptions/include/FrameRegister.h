// SPDX-License-Identifier: Apache-2.0
// Code without a frame pointer, which keeps something else in its register.
#ifndef FRAME_REGISTER_H
#define FRAME_REGISTER_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__x86_64__)
// Calls `body` with `word` in the register that others have their frame pointer in.
void call_with_frame_register(void (*body)(void *), void *context, uint64_t word);
#endif

#ifdef __cplusplus
}
#endif

#endif
