// SPDX-License-Identifier: Apache-2.0
// The fast paths of a read and of a write on arm64: what an access does when nothing is unusual, as
// in x86_64.S, of which every function and every exit has its counterpart here. Instructions of the
// first version of the architecture only.
//
// Called by Swift with its calling convention: arguments in x0 to x4 and results in x0 to x3; x20,
// x21 and x22, which it gives a meaning, are not touched, nor is any register that belongs to the
// caller. Neither function has a frame of its own, so that the frame pointer is still the caller's,
// and the return address never lies in memory, so that nothing here has to sign it.
//
// The orders that x86-64 keeps by itself are said by the instructions: "Orderings on arm64" in
// Protocol.md names them.
#include "../audit_build.h"
#if AUDIT_IS_COMPILED_IN

#include "audit_layout.h"
#include "audit_mode.h"

#if defined(__aarch64__)

#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
// The sanitizer does not see what assembly does.
#define AUDIT_FAST_PATHS_OFF
#endif
#endif

// Where indirect calls are checked a function that they may lead to begins with this (bti c), which
// any other processor ignores.
#if defined(__ARM_FEATURE_BTI_DEFAULT)
#define LANDING hint #34
#else
#define LANDING
#endif

  .text

// Loads from a variable whose address other images may have replaced.
.macro LOAD_WORD register, scratch, variable
  adrp \scratch, :got:\variable
  ldr \scratch, [\scratch, :got_lo12:\variable]
  ldr \register, [\scratch]
.endm

// To `otherwise`, with the mode in w9, unless auditing is simply on. Uses x9, x10.
.macro TEST_MODE otherwise
  LOAD_WORD w9, x10, audit_mode_word
  cmp w9, #AUDIT_MODE_ON
  b.ne \otherwise
.endm

// x8 = the calling thread's recorder; to `otherwise` if the thread has none. Uses x9, x10.
.macro LOAD_RECORDER otherwise
  adrp x9, :gottprel:audit_thread_recorder_slot
  ldr x9, [x9, :gottprel_lo12:audit_thread_recorder_slot]
  mrs x10, tpidr_el0
  ldr x8, [x10, x9]
  cbz x8, \otherwise
.endm

// w15 = the ID of the stack of the access, if its chain of frames is the one that was seen last
// from the same place; to `otherwise` if not. Uses x9 to x14, x16, x17.
.macro MATCH_CHAIN otherwise
  ldp x9, x12, [x8, #AUDIT_RECORDER_DEPTH]          // and the chains
  mov w15, wzr
  cbz x9, .Loff\@                        // stacks are off
  lsr w10, w30, #2
  eor w10, w10, w30, lsr #7
  and w10, w10, #7
  mov w11, #AUDIT_CHAIN_SIZE
  umaddl x10, w10, w11, x12
  ldp x11, x12, [x10, #AUDIT_CHAIN_DEPTH]           // and the frame: 0 while there is none
  ldp x13, x14, [x10, #AUDIT_CHAIN_RETURN_ADDRESS]  // and the caller
  cbz x12, \otherwise
  cmp x11, x9
  ccmp x13, x30, #0, eq
  ccmp x14, x29, #0, eq
  b.ne \otherwise
  ldr x12, [x10, #AUDIT_CHAIN_COUNT_ABOVE]
  add x11, x10, #AUDIT_CHAIN_WORDS
  cbz x12, .Lsame\@
  // Each frame lies where the one below it should have saved, so the loads do not wait for one
  // another.
.Lframe\@:
  ldp x13, x9, [x14]
  ldp x14, x16, [x11], #16
  cmp x13, x14
  ccmp x9, x16, #0, eq
  b.ne \otherwise
  subs x12, x12, #1
  b.ne .Lframe\@
.Lsame\@:
  ldr w15, [x10, #AUDIT_CHAIN_STACK_ID]
.Loff\@:
.endm

// Appends the record of an access to the ring, as AccessRing.append does: `monitor`, `version`, w15
// = stack, w1 = operation. `flags` is or'ed to the operation's word. Uses x9 to x13; leaves the
// operation alone in x1.
//
// Between the index of the record before and the first word of this one lies a barrier for stores,
// which is the macro's user's.
.macro APPEND_RECORD monitor, version, flags
  ldp x9, x10, [x8, #AUDIT_RECORDER_RING_HEAD]      // and the words
  ldr x11, [x8, #AUDIT_RECORDER_RING_MASK]
  and x11, x9, x11
  add x10, x10, x11, lsl #5
  ldr x11, [\monitor, #AUDIT_MONITOR_ID]
  stp x11, \version, [x10, #8]
  LOAD_WORD w11, x12, audit_coarse_clock_word
  orr x11, x15, x11, lsl #32
  str x11, [x10, #24]
  and x1, x1, #0xff
  mov w12, w9
  .if \flags
  orr x13, x1, #(\flags << 8)
  orr x12, x12, x13, lsl #32
  .else
  orr x12, x12, x1, lsl #32
  .endif
  stlr x12, [x10]
  add x9, x9, #1
  add x10, x8, #AUDIT_RECORDER_RING_HEAD
  stlr x9, [x10]
.endm

// ReadWindow audit_open_read(monitor: x0, operation: w1)
  .p2align 5
  .globl audit_open_read
  .type audit_open_read, %function
audit_open_read:
  .cfi_startproc
  LANDING
#if !defined(AUDIT_FAST_PATHS_OFF)
  TEST_MODE .Lread_in_other_mode
  LOAD_RECORDER .Lread_unusual
  // Protocol, read step 1.
  add x5, x0, #AUDIT_MONITOR_VERSION
  ldar x2, [x5]
  tbnz x2, #0, .Lread_unusual
  // Protocol, read step 2.
  MATCH_CHAIN .Lread_unmatched
  dmb ishst
  APPEND_RECORD x0, x2, 0
  ldr x3, [x8, #AUDIT_RECORDER_HAZARD]
  cbnz x3, .Lread_nested
  str x0, [x8, #AUDIT_RECORDER_HAZARD]
  // Protocol, read step 3. The elements are loaded behind it.
  ldar x9, [x5]
  cmp x9, x2
  b.ne .Lread_changed
  mov x1, x2
  mov x2, x8
  ret
.Lread_changed:
  str x3, [x8, #AUDIT_RECORDER_HAZARD]
  b audit_open_read_changed
.Lread_nested:
  b audit_open_read_nested
.Lread_unmatched:
  and x1, x1, #0xff
  b audit_open_read_unmatched
.Lread_in_other_mode:
  cmp w9, #AUDIT_MODE_SHIELD
  b.eq .Lread_shielded
  cmp w9, #AUDIT_MODE_OBSERVED
  b.ne .Lread_unusual
  LOAD_RECORDER .Lread_unusual
  MATCH_CHAIN .Lread_unusual
  and x1, x1, #0xff
  mov w2, w15
  mov x3, x8
  b audit_open_read_observed
.Lread_shielded:
  and x1, x1, #0xff
  b audit_open_read_shielded
.Lread_unusual:
#endif
  b audit_open_read_fully
  .cfi_endproc
  .size audit_open_read, .-audit_open_read

// Opens the window of a write: x0 = variable, w1 = operation. `moving` is 1 for an access that may
// end on another thread, which is published in a word of its own; any other in the thread's, unless
// that holds the access around it. `observed` is 1 for an access that is observed, which ends in
// other functions. In it x2 = monitor, x3 = the version before, x5 = the version's address, x6 =
// what the writer word gets, x7 = the writer word's address.
.macro OPEN_WRITE moving, observed
  LOAD_RECORDER .Lunusual\@
  // The writer word has no room for a tag, nor for an address of more than 48 bits.
  tst x0, #0xffff000000000000
  b.ne .Lunusual\@
  ldr x2, [x0]
  ldr x6, [x8, #AUDIT_RECORDER_SLOT_BITS]
  ldrh w9, [x2, #AUDIT_MONITOR_BIAS]
  add x5, x2, #AUDIT_MONITOR_VERSION
  add x7, x2, #AUDIT_MONITOR_WRITER
  lsr x4, x6, #48
  orr x6, x6, x0
  cmp w9, w4
  b.ne .Lunbiased\@
  // Protocol, write step 2 by bias: the claim is published, then the bias is checked. The
  // processor may exchange the two; the thread that revokes the bias makes it run a barrier.
  str x2, [x8, #AUDIT_RECORDER_CLAIMING]
  ldrh w9, [x2, #AUDIT_MONITOR_BIAS]
  cmp w9, w4
  b.ne .Lwithdraw\@
  // Protocol, write steps 1 and 3: no write is in progress, and none can begin. The one before may
  // have ended on another thread.
  ldar x9, [x7]
  cbnz x9, .Lwithdraw\@
  ldr x3, [x5]
  tbnz x3, #0, .Lwithdraw\@
  ldr x9, [x0]
  cmp x9, x2
  b.ne .Lwithdraw\@
  // Protocol, write step 4.
  add x9, x2, #AUDIT_MONITOR_STRONG_EXTRA
  ldar w9, [x9]
  cbnz w9, .Lshared_biased\@
  str x6, [x7]
  add x9, x8, #AUDIT_RECORDER_CLAIMING
  stlr xzr, [x9]
.Lclaimed\@:
  bfxil x6, x3, #0, #48                  // the number of writes, below the slot
  orr x3, x6, #1
  stlr x3, [x5]
  // Before the elements are stored, and before the record is.
  dmb ishst
  // Protocol, write step 5.
  MATCH_CHAIN .Lunknown_stack\@
  APPEND_RECORD x2, x3, 1
  mov x0, x2
  .if \observed
  orr x1, x1, #256                       // as the record has it
  mov x2, x3
  mov x3, x8
  mov w4, w15
  mov w5, #\moving
  b audit_open_write_observed
  .else
  .if \moving
  ldr x9, [x8, #AUDIT_RECORDER_NESTED_HAZARDS]
  ldr x10, [x9]
  cbnz x10, .Loccupied\@
  add x10, x0, #3
  str x10, [x9]
  mov x1, x3
  mov x2, x9
  .else
  ldr x9, [x8, #AUDIT_RECORDER_HAZARD]
  cbnz x9, .Loccupied\@
  add x10, x0, #1
  str x10, [x8, #AUDIT_RECORDER_HAZARD]
  mov x1, x3
  mov x2, x8
  .endif
  mov x3, xzr
  ret
.Loccupied\@:
  mov x2, x3
  .if \moving
  b audit_open_write_occupied
  .else
  b audit_open_write_nested
  .endif
  .endif
.Lunbiased\@:
  mov w10, #AUDIT_BIAS_OPEN
  cmp w9, w10
  b.eq .Lopen\@
  // No bias: two threads write this collection.
  cbnz w9, .Lunusual\@
  // Protocol, write step 1.
  ldar x3, [x5]
  tbnz x3, #0, .Lunusual\@
  // Protocol, write step 2.
.Lclaim\@:
  ldaxr x4, [x7]
  cbnz x4, .Lheld\@
  stlxr w9, x6, [x7]
  cbnz w9, .Lclaim\@
  // Protocol, write steps 3 and 4.
  ldr x9, [x5]
  cmp x9, x3
  b.ne .Lcontended\@
  ldr x9, [x0]
  cmp x9, x2
  b.ne .Lcontended\@
  add x9, x2, #AUDIT_MONITOR_STRONG_EXTRA
  ldar w9, [x9]
  cbz w9, .Lclaimed\@
  b .Lshared\@
.Lopen\@:
  // Nobody has written this collection: the claim of the writer word gives the bias, unless the
  // kernel no longer runs the barrier by which it is taken away.
  adrp x10, :got:audit_words
  ldr x10, [x10, :got_lo12:audit_words]
  ldr x10, [x10, #AUDIT_BARRIERS_REFUSED_OFFSET]
  cbnz x10, .Lunusual\@
  // Protocol, write steps 1 and 2.
  ldar x3, [x5]
  tbnz x3, #0, .Lunusual\@
  mov w11, w4                            // the slot
.Lopen_claim\@:
  ldaxr x4, [x7]
  cbnz x4, .Lheld\@
  stlxr w10, x6, [x7]
  cbnz w10, .Lopen_claim\@
  // A bias that was given since then claims by plain stores, over this claim.
  ldrh w10, [x2, #AUDIT_MONITOR_BIAS]
  cmp w10, w9
  b.ne .Lgiven\@
  // Protocol, write steps 3 and 4.
  ldr x10, [x5]
  cmp x10, x3
  b.ne .Lcontended\@
  ldr x10, [x0]
  cmp x10, x2
  b.ne .Lcontended\@
  add x10, x2, #AUDIT_MONITOR_STRONG_EXTRA
  ldar w10, [x10]
  cbnz w10, .Lshared\@
  strh w11, [x2, #AUDIT_MONITOR_BIAS]
  b .Lclaimed\@
.Lgiven\@:
  // The claim is given back, if it is still there.
  ldaxr x9, [x7]
  cmp x9, x6
  b.ne .Lover\@
  stlxr w10, xzr, [x7]
  cbnz w10, .Lgiven\@
.Lover\@:
  clrex
  b .Lunusual\@
.Lshared_biased\@:
  str x6, [x7]
  add x9, x8, #AUDIT_RECORDER_CLAIMING
  stlr xzr, [x9]
.Lshared\@:
  // The writer word is claimed; the variable gets a monitor of its own.
  mov x4, x8
  mov w5, #\moving
  .if \observed
  b audit_open_write_shared_observed
  .else
  b audit_open_write_shared
  .endif
.Lheld\@:
  clrex
.Lcontended\@:
  // What was seen cannot be seen again: the version before, whether the writer word is claimed, and
  // whose it was, which is in x4.
  b audit_open_write_claimed
.Lunknown_stack\@:
  // The window is open; the stack is another one.
  and x1, x1, #0xff
  mov x0, x2
  mov x2, x3
  .if \observed
  b audit_open_write_walking_observed
  .else
  .if \moving
  orr x1, x1, #256
  .endif
  b audit_open_write_unmatched
  .endif
.Lwithdraw\@:
  str xzr, [x8, #AUDIT_RECORDER_CLAIMING]
.Lunusual\@:
.endm

// WriteWindow audit_open_write(variable: x0, operation: w1)
  .p2align 5
  .globl audit_open_write
  .type audit_open_write, %function
audit_open_write:
  .cfi_startproc
  LANDING
#if !defined(AUDIT_FAST_PATHS_OFF)
  TEST_MODE .Lwrite_in_other_mode
  OPEN_WRITE 0, 0
  b audit_open_write_fully
.Lwrite_in_other_mode:
  cmp w9, #AUDIT_MODE_SHIELD
  b.eq .Lwrite_shielded
  cmp w9, #AUDIT_MODE_OBSERVED
  b.ne .Lwrite_unusual
  OPEN_WRITE 0, 1
  b audit_open_write_fully
.Lwrite_shielded:
  and x1, x1, #0xff
  b audit_open_write_shielded
.Lwrite_unusual:
#endif
  b audit_open_write_fully
  .cfi_endproc
  .size audit_open_write, .-audit_open_write

// WriteWindow audit_open_moving_write(variable: x0, operation: w1)
  .p2align 5
  .globl audit_open_moving_write
  .type audit_open_moving_write, %function
audit_open_moving_write:
  .cfi_startproc
  LANDING
#if !defined(AUDIT_FAST_PATHS_OFF)
  TEST_MODE .Lmoving_write_in_other_mode
  OPEN_WRITE 1, 0
  b audit_open_write_fully
.Lmoving_write_in_other_mode:
  cmp w9, #AUDIT_MODE_SHIELD
  b.eq .Lmoving_write_shielded
  cmp w9, #AUDIT_MODE_OBSERVED
  b.ne .Lmoving_write_unusual
  OPEN_WRITE 1, 1
  b audit_open_write_fully
.Lmoving_write_shielded:
  and x1, x1, #0xff
  b audit_open_write_shielded
.Lmoving_write_unusual:
#endif
  b audit_open_write_fully
  .cfi_endproc
  .size audit_open_moving_write, .-audit_open_moving_write

// An image is checked only where all of its parts say that they are prepared: for branches (1) and
// for signed return addresses (2).
#if defined(__ARM_FEATURE_BTI_DEFAULT)
  .section .note.gnu.property, "a", %note
  .p2align 3
  .word 4, 16, 5
  .asciz "GNU"
  .word 0xc0000000, 4, 3, 0
#endif

#endif

#if defined(__linux__)
  .section .note.GNU-stack, "", %progbits
#endif

#endif
