// SPDX-License-Identifier: Apache-2.0
#include "FrameRegister.h"

#if defined(__x86_64__)

__asm__(
    ".text\n"
    ".globl call_with_frame_register\n"
    ".type call_with_frame_register, @function\n"
    "call_with_frame_register:\n"
    "  .cfi_startproc\n"
    "  pushq %rbp\n"
    "  .cfi_adjust_cfa_offset 8\n"
    "  .cfi_offset %rbp, -16\n"
    "  movq %rdx, %rbp\n"
    "  movq %rdi, %rax\n"
    "  movq %rsi, %rdi\n"
    "  callq *%rax\n"
    "  popq %rbp\n"
    "  .cfi_adjust_cfa_offset -8\n"
    "  .cfi_restore %rbp\n"
    "  ret\n"
    "  .cfi_endproc\n"
    ".size call_with_frame_register, .-call_with_frame_register\n");

#endif
