// SPDX-License-Identifier: Apache-2.0
// A call by Swift's convention on arm64, with a pattern in each register that belongs to the
// caller.
#if defined(__aarch64__)

  .text
  .p2align 4
  .globl fast_path_call
  .type fast_path_call, %function
fast_path_call:
  .cfi_startproc
  hint #25                               // paciasp
  sub sp, sp, #192
  stp x29, x30, [sp, #16]
  add x29, sp, #16
  stp x19, x20, [sp, #32]
  stp x21, x22, [sp, #48]
  stp x23, x24, [sp, #64]
  stp x25, x26, [sp, #80]
  stp x27, x28, [sp, #96]
  stp d8, d9, [sp, #112]
  stp d10, d11, [sp, #128]
  stp d12, d13, [sp, #144]
  stp d14, d15, [sp, #160]
  str x3, [sp]
  mov x9, sp
  str x9, [x3, #224]
  str x29, [x3, #240]
  mov x16, x0
  mov x0, x1
  mov x1, x2
  // The patterns of `fast_path_pattern`.
  mov x9, #0xa5a5000000000000
  mov x10, #0x1111
  add x9, x9, x10
  mov x19, x9
  .irp register, x20, x21, x22, x23, x24, x25, x26, x27, x28
  add x9, x9, x10
  mov \register, x9
  .endr
  .irp register, d8, d9, d10, d11, d12, d13, d14, d15
  add x9, x9, x10
  fmov \register, x9
  .endr
  // In the others, which the call may use, there is nothing to be relied on.
  .irp register, x2, x3, x4, x5, x6, x7, x8, x9, x10, x11, x12, x13, x14, x15, x17
  mov \register, #-2
  .endr
  blr x16
  .globl fast_path_return
fast_path_return:
  ldr x9, [sp]
  stp x0, x1, [x9]
  stp x2, x3, [x9, #16]
  stp x19, x20, [x9, #32]
  stp x21, x22, [x9, #48]
  stp x23, x24, [x9, #64]
  stp x25, x26, [x9, #80]
  stp x27, x28, [x9, #96]
  stp d8, d9, [x9, #112]
  stp d10, d11, [x9, #128]
  stp d12, d13, [x9, #144]
  stp d14, d15, [x9, #160]
  mov x10, sp
  str x10, [x9, #232]
  str x29, [x9, #248]
  ldp x19, x20, [sp, #32]
  ldp x21, x22, [sp, #48]
  ldp x23, x24, [sp, #64]
  ldp x25, x26, [sp, #80]
  ldp x27, x28, [sp, #96]
  ldp d8, d9, [sp, #112]
  ldp d10, d11, [sp, #128]
  ldp d12, d13, [sp, #144]
  ldp d14, d15, [sp, #160]
  ldp x29, x30, [sp, #16]
  add sp, sp, #192
  hint #29                               // autiasp
  ret
  .cfi_endproc
  .size fast_path_call, .-fast_path_call

  .section .rodata
  .p2align 3
  .globl fast_path_kept_count
fast_path_kept_count:
  .quad 18

#if defined(__ARM_FEATURE_BTI_DEFAULT)
  .section .note.gnu.property, "a", %note
  .p2align 3
  .word 4, 16, 5
  .asciz "GNU"
  .word 0xc0000000, 4, 3, 0
#endif
  .section .note.GNU-stack, "", %progbits

#endif
