// SPDX-License-Identifier: Apache-2.0
// A call by Swift's convention on x86-64, with a pattern in each register that belongs to the
// caller.
#if defined(__x86_64__)

  .text
  .p2align 4
  .globl fast_path_call
  .type fast_path_call, @function
fast_path_call:
  .cfi_startproc
  pushq %rbp
  movq %rsp, %rbp
  pushq %rbx
  pushq %r12
  pushq %r13
  pushq %r14
  pushq %r15
  pushq %rcx
  movq %rsp, 224(%rcx)
  movq %rbp, 240(%rcx)
  movq %rdi, %rax
  movq %rsi, %rdi
  movq %rdx, %rsi
  // The patterns of `fast_path_pattern`.
  movabsq $0xa5a5000000000000, %r10
  addq $0x1111, %r10
  movq %r10, %rbx
  .irp register, r12, r13, r14, r15
  addq $0x1111, %r10
  movq %r10, %\register
  .endr
  // In the others, which the call may use, there is nothing to be relied on.
  .irp register, rcx, rdx, r8, r9, r10, r11
  movq $-2, %\register
  .endr
  .irp register, xmm0, xmm1, xmm2
  pcmpeqd %\register, %\register
  .endr
  call *%rax
  .globl fast_path_return
fast_path_return:
  movq (%rsp), %r9
  movq %rax, (%r9)
  movq %rdx, 8(%r9)
  movq %rcx, 16(%r9)
  movq %r8, 24(%r9)
  movq %rbx, 32(%r9)
  movq %r12, 40(%r9)
  movq %r13, 48(%r9)
  movq %r14, 56(%r9)
  movq %r15, 64(%r9)
  movq %rsp, 232(%r9)
  movq %rbp, 248(%r9)
  popq %rcx
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbx
  popq %rbp
  ret
  .cfi_endproc
  .size fast_path_call, .-fast_path_call

  .section .rodata
  .p2align 3
  .globl fast_path_kept_count
fast_path_kept_count:
  .quad 5
  .section .note.GNU-stack, "", @progbits

#endif
