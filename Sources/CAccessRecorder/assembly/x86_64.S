// SPDX-License-Identifier: Apache-2.0
// The fast paths of a read and of a write on x86-64: what an access does when nothing is unusual.
// Written in assembly because neither Swift nor C is optimised in a debug build, where the audit is
// used most. Anything unusual goes on in the Swift function that does the whole access, as if that
// had been called instead: it is jumped to, with the same return address.
//
// Called by Swift with its calling convention: arguments in rdi, rsi, rdx, rcx, r8, r9 and results
// in rax, rdx, rcx, r8; only registers that belong to the called function are used. Neither
// function has a frame of its own, so that the frame pointer is still the caller's. The steps are
// those of Protocol.md in the AccessAudit catalogue.
#include "../audit_build.h"
#if AUDIT_IS_COMPILED_IN

#include "audit_layout.h"
#include "audit_mode.h"

#if defined(__x86_64__)

#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
// The sanitizer does not see what assembly does.
#define AUDIT_FAST_PATHS_OFF
#endif
#endif

  .text

// To `otherwise` unless auditing is simply on. rax = the address of the mode.
.macro TEST_MODE otherwise
  movq audit_mode_word@GOTPCREL(%rip), %rax
  cmpl $AUDIT_MODE_ON, (%rax)
  jne \otherwise
.endm

// r8 = the calling thread's recorder; to `otherwise` unless the thread has one.
.macro LOAD_RECORDER otherwise
  movq audit_thread_recorder_slot@GOTTPOFF(%rip), %rax
  movq %fs:(%rax), %r8
  testq %r8, %r8
  je \otherwise
.endm

// eax = the ID of the stack of the access, if its chain of frames is the one that was seen last
// from the same place; to `otherwise` if not. The innermost frame is the one that the function
// jumped to would have. Uses rcx, r9, r10, r11, xmm0 to 2.
.macro MATCH_CHAIN otherwise
  movq AUDIT_RECORDER_DEPTH(%r8), %r11
  xorl %eax, %eax
  testq %r11, %r11
  je .Loff\@                             // stacks are off
  movq (%rsp), %r9
  movl %r9d, %ecx
  movl %r9d, %eax
  shrl $2, %ecx
  shrl $7, %eax
  xorl %ecx, %eax
  andl $7, %eax
  imulq $AUDIT_CHAIN_SIZE, %rax, %r10
  addq AUDIT_RECORDER_CHAINS(%r8), %r10
  leaq -8(%rsp), %rcx
  cmpq %rcx, AUDIT_CHAIN_FRAME(%r10)
  jne \otherwise
  cmpq %r11, AUDIT_CHAIN_DEPTH(%r10)
  jne \otherwise
  cmpq %r9, AUDIT_CHAIN_RETURN_ADDRESS(%r10)
  jne \otherwise
  cmpq %rbp, AUDIT_CHAIN_CALLER(%r10)
  jne \otherwise
  movq AUDIT_CHAIN_COUNT_ABOVE(%r10), %r11
  testq %r11, %r11
  je .Lsame\@
  // The frames that were made last: eight bytes at a time, because sixteen would wait for two
  // stores to arrive.
  movq (%rbp), %rax
  cmpq AUDIT_CHAIN_WORDS(%r10), %rax
  jne \otherwise
  movq 8(%rbp), %rcx
  cmpq AUDIT_CHAIN_WORDS+8(%r10), %rcx
  jne \otherwise
  decq %r11
  je .Lsame\@
  movq (%rax), %rcx
  cmpq AUDIT_CHAIN_WORDS+16(%r10), %rcx
  jne \otherwise
  movq 8(%rax), %rcx
  cmpq AUDIT_CHAIN_WORDS+24(%r10), %rcx
  jne \otherwise
  decq %r11
  je .Lsame\@
  // The others, whose difference is collected. Each lies where the one below it should have saved.
  pxor %xmm0, %xmm0
  leaq AUDIT_CHAIN_WORDS+32(%r10), %r9
  testb $1, %r11b
  je .Lpair\@
  movq -16(%r9), %rax
  movdqu (%rax), %xmm0
  pxor (%r9), %xmm0
  addq $16, %r9
  decq %r11
  je .Ldone\@
.Lpair\@:
  movq -16(%r9), %rax
  movdqu (%rax), %xmm1
  movq (%r9), %rax
  movdqu (%rax), %xmm2
  pxor (%r9), %xmm1
  pxor 16(%r9), %xmm2
  por %xmm1, %xmm0
  por %xmm2, %xmm0
  addq $32, %r9
  subq $2, %r11
  jne .Lpair\@
.Ldone\@:
  movdqa %xmm0, %xmm1
  psrldq $8, %xmm1
  por %xmm1, %xmm0
  movq %xmm0, %rax
  testq %rax, %rax
  jne \otherwise
.Lsame\@:
  movl AUDIT_CHAIN_STACK_ID(%r10), %eax
.Loff\@:
.endm

// Appends the record of an access to the ring, as AccessRing.append does: rdi = monitor, rdx =
// version, eax = stack, sil = operation. `flags` is or'ed to the operation's word. Uses r9, r10,
// r11; leaves the operation in bits 32 to 39 of rsi.
.macro APPEND_RECORD flags
  movq AUDIT_RECORDER_RING_HEAD(%r8), %r9
  movq %r9, %r10
  andq AUDIT_RECORDER_RING_MASK(%r8), %r10
  shlq $5, %r10
  addq AUDIT_RECORDER_RING_WORDS(%r8), %r10
  movq AUDIT_MONITOR_ID(%rdi), %r11
  movq %r11, 8(%r10)
  movq %rdx, 16(%r10)
  movq audit_coarse_clock_word@GOTPCREL(%rip), %r11
  movl (%r11), %r11d
  shlq $32, %r11
  orq %rax, %r11
  movq %r11, 24(%r10)
  movzbl %sil, %esi
  .if \flags
  orl $(\flags << 8), %esi
  .endif
  shlq $32, %rsi
  movl %r9d, %r11d
  orq %rsi, %r11
  movq %r11, (%r10)
  incq %r9
  movq %r9, AUDIT_RECORDER_RING_HEAD(%r8)
.endm

// ReadWindow audit_open_read(monitor: rdi, operation: sil)
  .p2align 5
  .globl audit_open_read
  .type audit_open_read, @function
audit_open_read:
  .cfi_startproc
#if !defined(AUDIT_FAST_PATHS_OFF)
  TEST_MODE .Lread_in_other_mode
  LOAD_RECORDER .Lread_unusual
  // Protocol, read step 1.
  movq AUDIT_MONITOR_VERSION(%rdi), %rdx
  testb $1, %dl
  jne .Lread_unusual
  // Protocol, read step 2.
  MATCH_CHAIN .Lread_unmatched
  APPEND_RECORD 0
  movq %r8, %rcx
  movq AUDIT_RECORDER_HAZARD(%rcx), %r8
  testq %r8, %r8
  jne .Lread_nested
  movq %rdi, AUDIT_RECORDER_HAZARD(%rcx)
  // Protocol, read step 3.
  cmpq %rdx, AUDIT_MONITOR_VERSION(%rdi)
  jne .Lread_changed
  movq %rdi, %rax
  ret
.Lread_changed:
  movq %r8, AUDIT_RECORDER_HAZARD(%rcx)
  shrq $32, %rsi                         // the operation, which the record has moved
  jmp audit_open_read_changed@PLT
.Lread_nested:
  shrq $32, %rsi
  jmp audit_open_read_nested@PLT
.Lread_unmatched:
  movzbl %sil, %esi
  jmp audit_open_read_unmatched@PLT
.Lread_in_other_mode:
  cmpl $AUDIT_MODE_SHIELD, (%rax)
  je .Lread_shielded
  cmpl $AUDIT_MODE_OBSERVED, (%rax)
  jne .Lread_unusual
  LOAD_RECORDER .Lread_unusual
  MATCH_CHAIN .Lread_unusual
  movzbl %sil, %esi
  movl %eax, %edx
  movq %r8, %rcx
  jmp audit_open_read_observed@PLT
.Lread_shielded:
  movzbl %sil, %esi
  jmp audit_open_read_shielded@PLT
.Lread_unusual:
#endif
  jmp audit_open_read_fully@PLT
  .cfi_endproc
  .size audit_open_read, .-audit_open_read

// Opens the window of a write: rdi = variable, sil = operation. `moving` is 1 for an access that
// may end on another thread, which is published in a word of its own; any other in the thread's,
// unless that holds the access around it. `observed` is 1 for an access that is observed, which
// ends in other functions.
.macro OPEN_WRITE moving, observed
  LOAD_RECORDER .Lunusual\@
  movq (%rdi), %r10
  movzwl AUDIT_RECORDER_SLOT_BITS+6(%r8), %ecx
  movq AUDIT_RECORDER_SLOT_BITS(%r8), %r11
  movzwl AUDIT_MONITOR_BIAS(%r10), %eax
  cmpl %ecx, %eax
  jne .Lunbiased\@
  // Protocol, write step 2 by bias: the claim is published, then the bias is checked. The
  // processor may exchange the two; the thread that revokes the bias makes it run a barrier.
  movq %r10, AUDIT_RECORDER_CLAIMING(%r8)
  cmpw %cx, AUDIT_MONITOR_BIAS(%r10)
  jne .Lwithdraw\@
  // Protocol, write steps 1, 3 and 4: no write is in progress, and none can begin.
  cmpq $0, AUDIT_MONITOR_WRITER(%r10)
  jne .Lwithdraw\@
  movq AUDIT_MONITOR_VERSION(%r10), %rdx
  testb $1, %dl
  jne .Lwithdraw\@
  cmpq %r10, (%rdi)
  jne .Lwithdraw\@
  cmpl $0, AUDIT_MONITOR_STRONG_EXTRA(%r10)
  jne .Lshared_biased\@
  orq %r11, %rdi
  movq %rdi, AUDIT_MONITOR_WRITER(%r10)
  movq $0, AUDIT_RECORDER_CLAIMING(%r8)
.Lclaimed\@:
  movabsq $0x0000fffffffffffe, %rax
  andq %rax, %rdx
  orq %r11, %rdx
  orq $1, %rdx
  movq %rdx, AUDIT_MONITOR_VERSION(%r10)
  movq %r10, %rdi
  // Protocol, write step 5.
  MATCH_CHAIN .Lunknown_stack\@
  APPEND_RECORD 1
  .if \observed
  movq %r8, %rcx
  movl %eax, %r8d
  shrq $32, %rsi                         // the operation, which the record has moved
  movl $\moving, %r9d
  jmp audit_open_write_observed@PLT
  .else
  movq %rdi, %rax
  .if \moving
  movq AUDIT_RECORDER_NESTED_HAZARDS(%r8), %rcx
  cmpq $0, (%rcx)
  jne audit_open_write_occupied@PLT
  leaq 3(%rdi), %r9
  movq %r9, (%rcx)
  xorl %r8d, %r8d
  .else
  movq %r8, %rcx
  leaq 1(%rdi), %r9
  movq AUDIT_RECORDER_HAZARD(%rcx), %r8
  testq %r8, %r8
  jne audit_open_write_nested@PLT
  movq %r9, AUDIT_RECORDER_HAZARD(%rcx)
  .endif
  ret
  .endif
.Lunbiased\@:
  cmpl $AUDIT_BIAS_OPEN, %eax
  je .Lopen\@
  // No bias: two threads write this collection.
  testl %eax, %eax
  jne .Lunusual\@
  // Protocol, write step 1.
  movq AUDIT_MONITOR_VERSION(%r10), %rdx
  testb $1, %dl
  jne .Lunusual\@
  // Protocol, write step 2.
  movq %rdi, %rcx
  orq %r11, %rcx
  lock cmpxchgq %rcx, AUDIT_MONITOR_WRITER(%r10)
  jne .Lcontended\@
  // Protocol, write steps 3 and 4.
  cmpq %rdx, AUDIT_MONITOR_VERSION(%r10)
  jne .Lcontended\@
  cmpq %r10, (%rdi)
  jne .Lcontended\@
  cmpl $0, AUDIT_MONITOR_STRONG_EXTRA(%r10)
  je .Lclaimed\@
  jmp .Lshared\@
.Lopen\@:
  // Nobody has written this collection: the claim of the writer word gives the bias, unless the
  // kernel no longer runs the barrier by which it is taken away.
  movq audit_words@GOTPCREL(%rip), %rax
  cmpq $0, AUDIT_BARRIERS_REFUSED_OFFSET(%rax)
  jne .Lunusual\@
  // Protocol, write steps 1 and 2.
  movq AUDIT_MONITOR_VERSION(%r10), %rdx
  testb $1, %dl
  jne .Lunusual\@
  movq %rdi, %r9
  orq %r11, %r9
  xorl %eax, %eax
  lock cmpxchgq %r9, AUDIT_MONITOR_WRITER(%r10)
  jne .Lcontended\@
  // A bias that was given since then claims by plain stores, over this claim.
  cmpw $AUDIT_BIAS_OPEN, AUDIT_MONITOR_BIAS(%r10)
  jne .Lgiven\@
  // Protocol, write steps 3 and 4.
  cmpq %rdx, AUDIT_MONITOR_VERSION(%r10)
  jne .Lcontended\@
  cmpq %r10, (%rdi)
  jne .Lcontended\@
  cmpl $0, AUDIT_MONITOR_STRONG_EXTRA(%r10)
  jne .Lshared\@
  movw %cx, AUDIT_MONITOR_BIAS(%r10)
  jmp .Lclaimed\@
.Lgiven\@:
  movq %r9, %rax
  xorl %r9d, %r9d
  lock cmpxchgq %r9, AUDIT_MONITOR_WRITER(%r10)
  jmp .Lunusual\@
.Lshared_biased\@:
  movq %rdi, %rcx
  orq %r11, %rcx
  movq %rcx, AUDIT_MONITOR_WRITER(%r10)
  movq $0, AUDIT_RECORDER_CLAIMING(%r8)
.Lshared\@:
  // The writer word is claimed; the variable gets a monitor of its own.
  movq %rdx, %rcx
  movq %r10, %rdx
  movl $\moving, %r9d
  .if \observed
  jmp audit_open_write_shared_observed@PLT
  .else
  jmp audit_open_write_shared@PLT
  .endif
.Lwithdraw\@:
  movq $0, AUDIT_RECORDER_CLAIMING(%r8)
  jmp .Lunusual\@
.Lcontended\@:
  // What was seen cannot be seen again: the version before, whether the writer word is claimed, and
  // whose it was.
  movq %rax, %r8
  movq %rdx, %rcx
  movq %r10, %rdx
  jmp audit_open_write_claimed@PLT
.Lunknown_stack\@:
  // The window is open; the stack is another one.
  movzbl %sil, %esi
  .if \observed
  jmp audit_open_write_walking_observed@PLT
  .else
  .if \moving
  orl $256, %esi
  .endif
  jmp audit_open_write_unmatched@PLT
  .endif
.Lunusual\@:
.endm

// WriteWindow audit_open_write(variable: rdi, operation: sil)
  .p2align 5
  .globl audit_open_write
  .type audit_open_write, @function
audit_open_write:
  .cfi_startproc
#if !defined(AUDIT_FAST_PATHS_OFF)
  TEST_MODE .Lwrite_in_other_mode
  OPEN_WRITE 0, 0
  jmp audit_open_write_fully@PLT
.Lwrite_in_other_mode:
  cmpl $AUDIT_MODE_SHIELD, (%rax)
  je .Lwrite_shielded
  cmpl $AUDIT_MODE_OBSERVED, (%rax)
  jne .Lwrite_unusual
  OPEN_WRITE 0, 1
  jmp audit_open_write_fully@PLT
.Lwrite_shielded:
  movzbl %sil, %esi
  jmp audit_open_write_shielded@PLT
.Lwrite_unusual:
#endif
  jmp audit_open_write_fully@PLT
  .cfi_endproc
  .size audit_open_write, .-audit_open_write

// WriteWindow audit_open_moving_write(variable: rdi, operation: sil)
  .p2align 5
  .globl audit_open_moving_write
  .type audit_open_moving_write, @function
audit_open_moving_write:
  .cfi_startproc
#if !defined(AUDIT_FAST_PATHS_OFF)
  TEST_MODE .Lmoving_write_in_other_mode
  OPEN_WRITE 1, 0
  jmp audit_open_write_fully@PLT
.Lmoving_write_in_other_mode:
  cmpl $AUDIT_MODE_SHIELD, (%rax)
  je .Lmoving_write_shielded
  cmpl $AUDIT_MODE_OBSERVED, (%rax)
  jne .Lmoving_write_unusual
  OPEN_WRITE 1, 1
  jmp audit_open_write_fully@PLT
.Lmoving_write_shielded:
  movzbl %sil, %esi
  jmp audit_open_write_shielded@PLT
.Lmoving_write_unusual:
#endif
  jmp audit_open_write_fully@PLT
  .cfi_endproc
  .size audit_open_moving_write, .-audit_open_moving_write

#endif

#if defined(__linux__)
  .section .note.GNU-stack, "", @progbits
#endif

#endif
