// SPDX-License-Identifier: Apache-2.0
// The regular frames of a walk on x86-64, see audit_walk_on. Written in assembly because a debug
// build does not optimise C, and a stack whose chain of frame pointers hides frames is walked at
// most accesses.
#include "../audit_build.h"
#if AUDIT_IS_COMPILED_IN

#include "audit_layout.h"

#if defined(__x86_64__)

  .text

// Where a local value lies below the frame pointer, behind the registers that are saved.
#define COUNT_POINTER -48
#define ROOM -56
#define LAST_WORD -64
#define LAST_NOTE -72

// Notes that `word` was read at `address`, if there is a memory: r13 is where the next note goes.
.macro NOTE address, word
  cmpq LAST_NOTE(%rbp), %r13
  ja .Lnoted\@
  je .Lcounted\@
  movq \address, (%r13)
  movq \word, 8(%r13)
.Lcounted\@:
  addq $AUDIT_WALK_NOTE_SIZE, %r13
.Lnoted\@:
.endm

// void audit_walk_regular(
//   walk: rdi, addresses: rsi, count: rdx, capacity: ecx, rules: r8, image: r9)
// Goes from frame to frame while the rules are known, regular and of this image. Stops before a
// frame that is anything else, which is left to the caller.
  .p2align 5
  .globl audit_walk_regular
  .hidden audit_walk_regular
  .type audit_walk_regular, @function
audit_walk_regular:
  .cfi_startproc
  pushq %rbp
  .cfi_def_cfa_offset 16
  .cfi_offset %rbp, -16
  movq %rsp, %rbp
  .cfi_def_cfa_register %rbp
  pushq %rbx
  .cfi_offset %rbx, -24
  pushq %r12
  .cfi_offset %r12, -32
  pushq %r13
  .cfi_offset %r13, -40
  pushq %r14
  .cfi_offset %r14, -48
  pushq %r15
  .cfi_offset %r15, -56
  pushq %rdx
  movl (%rdx), %eax
  leaq (%rsi,%rax,8), %rsi
  subl %eax, %ecx                        // room for so many addresses
  pushq %rcx
  movq AUDIT_WALK_HIGH(%rdi), %rax
  subq $8, %rax
  pushq %rax
  movq AUDIT_WALK_MEMORY(%rdi), %r12
  movl $1, %r13d
  xorl %eax, %eax
  testq %r12, %r12
  je .Lprepared
  movl AUDIT_WALK_MEMORY_COUNT(%r12), %eax
  shlq $4, %rax
  leaq AUDIT_WALK_MEMORY_READS(%r12,%rax), %r13
  leaq (AUDIT_WALK_MEMORY_READS + AUDIT_WALK_NOTES * AUDIT_WALK_NOTE_SIZE)(%r12), %rax
.Lprepared:
  pushq %rax
  movq AUDIT_WALK_PC(%rdi), %rax
  movq AUDIT_WALK_SP(%rdi), %r10
  movq AUDIT_WALK_FP(%rdi), %r11
.Lframe:
  testl %ecx, %ecx
  jle .Lstop
  cmpq AUDIT_WALK_IMAGE_BEGIN(%r9), %rax
  jb .Lstop
  cmpq AUDIT_WALK_IMAGE_END(%r9), %rax
  jae .Lstop
  movabsq $AUDIT_RULE_MULTIPLIER, %r15
  imulq %rax, %r15
  shrq $AUDIT_RULE_SHIFT, %r15
  movl $AUDIT_RULE_PROBES, %edx
.Lprobe:
  movq %r15, %r14
  shlq $4, %r14
  movq (%r8,%r14), %rbx
  cmpq %rax, %rbx
  je .Lfound
  testq %rbx, %rbx
  je .Lstop
  incl %r15d
  andl $(AUDIT_RULE_ENTRIES - 1), %r15d
  decl %edx
  jne .Lprobe
  jmp .Lstop
.Lfound:
  movq 8(%r8,%r14), %rbx
  movl %ebx, %edx
  andl $3, %edx
  cmpl $AUDIT_RULE_REGULAR, %edx
  jne .Lstop
  movq %rbx, %rdx
  shrq $48, %rdx
  cmpq AUDIT_WALK_IMAGE_MARK(%r9), %rdx
  jne .Lstop
  // r14 = the caller's stack pointer. Stacks grow down, so callers lie above.
  movq %rbx, %r14
  shlq $16, %r14
  sarq $40, %r14
  movq %r10, %rdx
  testb $4, %bl
  je .Lbase
  movq %r11, %rdx
  movq AUDIT_WALK_FP_PLACE(%rdi), %r15
  testq %r15, %r15
  je .Lbase
  NOTE %r15, %r11
  movq $0, AUDIT_WALK_FP_PLACE(%rdi)
.Lbase:
  leaq (%rdx,%r14,8), %r14
  cmpq %r10, %r14
  jbe .Lstop
  testb $7, %r14b
  jne .Lstop
  leaq -8(%r14), %r15
  cmpq AUDIT_WALK_LOW(%rdi), %r15
  jb .Lstop
  cmpq LAST_WORD(%rbp), %r15
  ja .Lstop
  movq (%r15), %rdx
  testb $8, %bl
  je .Lsame_frame_pointer
  shlq $40, %rbx
  sarq $44, %rbx
  leaq (%r14,%rbx,8), %rbx
  cmpq AUDIT_WALK_LOW(%rdi), %rbx
  jb .Lstop
  cmpq LAST_WORD(%rbp), %rbx
  ja .Lstop
  movq (%rbx), %r11
  movq %rbx, AUDIT_WALK_FP_PLACE(%rdi)
.Lsame_frame_pointer:
  NOTE %r15, %rdx
  movq %rax, (%rsi)
  addq $8, %rsi
  decl %ecx
  movq %r14, %r10
  movq %rdx, %rax
  jmp .Lframe
.Lstop:
  movq %rax, AUDIT_WALK_PC(%rdi)
  movq %r10, AUDIT_WALK_SP(%rdi)
  movq %r11, AUDIT_WALK_FP(%rdi)
  movq ROOM(%rbp), %rax
  subl %ecx, %eax
  movq COUNT_POINTER(%rbp), %rdx
  addl %eax, (%rdx)
  testq %r12, %r12
  je .Lleave
  subq %r12, %r13
  subq $AUDIT_WALK_MEMORY_READS, %r13
  shrq $4, %r13
  movl %r13d, AUDIT_WALK_MEMORY_COUNT(%r12)
.Lleave:
  leaq -40(%rbp), %rsp
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbx
  popq %rbp
  .cfi_def_cfa %rsp, 8
  ret
  .cfi_endproc
  .size audit_walk_regular, .-audit_walk_regular

#endif

#if defined(__linux__)
  .section .note.GNU-stack, "", @progbits
#endif

#endif
