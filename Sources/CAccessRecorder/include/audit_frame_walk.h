// SPDX-License-Identifier: Apache-2.0
// The walk along the chain of saved frame pointers, hashing return addresses. It reads only words
// between the frame it is given and the stack's upper bound, each frame above the one before, so a
// broken chain ends it.
#ifndef AUDIT_FRAME_WALK_H
#define AUDIT_FRAME_WALK_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// The frame pointer of the function this is inlined into.
__attribute__((always_inline)) static inline uintptr_t audit_frame_address(void) {
  return (uintptr_t)__builtin_frame_address(0);
}

// The address that a return address stands for. On arm64 code may be compiled to sign it before it
// lies in memory; the instruction that takes the signature away, which works in the link register,
// is a hint: a processor without signatures does nothing.
#if defined(__aarch64__)
__attribute__((always_inline)) static inline uintptr_t audit_plain_return_address(uintptr_t address) {
  __asm__(
      "mov x30, %[address]\n\t"
      "hint #7\n\t"  // xpaclri
      "mov %[address], x30\n\t"
      : [address] "+r"(address)
      :
      : "x30");
  return address;
}
#else
// Not a function: C is not optimised in debug builds.
#define audit_plain_return_address(address) (address)
#endif

// The return address of the function whose frame pointer is `frame`.
__attribute__((always_inline)) static inline uintptr_t audit_return_address(uintptr_t frame) {
  return audit_plain_return_address(*(const uintptr_t *)(frame + sizeof(uintptr_t)));
}

// Multiplier of the polynomial hash: odd, from the fractional part of the golden ratio.
#define AUDIT_HASH_MULTIPLIER 0x9E3779B97F4A7C15ull

// The hash of at most `depth` return addresses, from the one of `frame` outwards. The loads of the
// chain depend on each other (five cycles a frame); the multiplication and addition beside them
// take four. Written in assembly because C targets are compiled without optimisation in debug
// builds. A stack has one hash on arm64 too, where the signature of a return address is another one
// at another place.
__attribute__((always_inline)) static inline uint64_t audit_hash_frames(
    uintptr_t frame, uintptr_t high, uint64_t depth) {
#if defined(__x86_64__)
  uint64_t hash = 0;
  uint64_t limit = high - 16;
  uint64_t next;
  const uint64_t multiplier = AUDIT_HASH_MULTIPLIER;
  __asm__ volatile(
      "1:\n\t"
      "imulq %[multiplier], %[hash]\n\t"
      "addq 8(%[frame]), %[hash]\n\t"
      "movq (%[frame]), %[next]\n\t"
      "decq %[depth]\n\t"
      "je 2f\n\t"
      "cmpq %[limit], %[next]\n\t"  // past the last possible frame, or garbage above the stack
      "ja 2f\n\t"
      "cmpq %[frame], %[next]\n\t"  // must lie above: stacks grow down, and 0 or 1 ends the chain
      "jbe 2f\n\t"
      "movq %[next], %[frame]\n\t"
      "testb $7, %b[next]\n\t"
      "je 1b\n\t"
      "2:\n\t"
      : [hash] "+r"(hash), [frame] "+r"(frame), [depth] "+r"(depth), [next] "=&r"(next)
      : [multiplier] "r"(multiplier), [limit] "r"(limit)
      : "cc", "memory");
  // The last address too reaches the upper half, where the table looks.
  return hash * AUDIT_HASH_MULTIPLIER;
#elif defined(__aarch64__)
  uint64_t hash = 0;
  uint64_t limit = high - 16;
  uint64_t next;
  const uint64_t multiplier = AUDIT_HASH_MULTIPLIER;
  __asm__ volatile(
      "1:\n\t"
      "ldp %[next], x30, [%[frame]]\n\t"
      "hint #7\n\t"  // xpaclri
      "madd %[hash], %[hash], %[multiplier], x30\n\t"
      "subs %[depth], %[depth], #1\n\t"
      "b.eq 2f\n\t"
      "cmp %[next], %[limit]\n\t"  // past the last possible frame, or garbage above the stack
      "b.hi 2f\n\t"
      "cmp %[next], %[frame]\n\t"  // must lie above: stacks grow down, and 0 ends the chain
      "b.ls 2f\n\t"
      "mov %[frame], %[next]\n\t"
      "tst %[next], #7\n\t"
      "b.eq 1b\n\t"
      "2:\n\t"
      : [hash] "+r"(hash), [frame] "+r"(frame), [depth] "+r"(depth), [next] "=&r"(next)
      : [multiplier] "r"(multiplier), [limit] "r"(limit)
      : "x30", "cc", "memory");
  return hash * AUDIT_HASH_MULTIPLIER;
#else
  uint64_t hash = 0;
  for (;;) {
    hash = hash * AUDIT_HASH_MULTIPLIER + audit_plain_return_address(*(const uintptr_t *)(frame + 8));
    uintptr_t next = *(const uintptr_t *)frame;
    if (--depth == 0 || next > high - 16 || next <= frame || (next & 7) != 0) return hash * AUDIT_HASH_MULTIPLIER;
    frame = next;
  }
#endif
}

// How the chain ended.
#define AUDIT_CHAIN_REACHED_BASE 0  // the C library's end mark: 0, or on the main thread the number of arguments
#define AUDIT_LOWEST_FRAME 65536    // no stack lies below; a number of arguments hardly lies above
#define AUDIT_CHAIN_TRUNCATED 1     // `capacity` frames were read and there are more
#define AUDIT_CHAIN_BROKEN 2        // a frame pointer outside the stack, below its predecessor or misaligned

// Copies at most `capacity` return addresses to `addresses`; stores how the chain ended in `end`;
// returns how many.
static inline uint32_t audit_copy_frames(
    uintptr_t frame, uintptr_t high, uint64_t *addresses, uint32_t capacity, int32_t *end) {
  uint32_t count = 0;
  for (;;) {
    if (count == capacity) {
      *end = AUDIT_CHAIN_TRUNCATED;
      return count;
    }
    addresses[count++] = audit_plain_return_address(*(const uintptr_t *)(frame + 8));
    uintptr_t next = *(const uintptr_t *)frame;
    if (next < AUDIT_LOWEST_FRAME) {
      *end = AUDIT_CHAIN_REACHED_BASE;
      return count;
    }
    if (next > high - 16 || next <= frame || (next & 7) != 0) {
      *end = AUDIT_CHAIN_BROKEN;
      return count;
    }
    frame = next;
  }
}

#ifdef __cplusplus
}
#endif

#endif
