// SPDX-License-Identifier: Apache-2.0
// What the engine calls of libunwind where it does not walk by itself; `swift_side.c` has it.
int unw_backtrace(void **buffer, int size);
