// SPDX-License-Identifier: Apache-2.0
// Where the assembly of the fast paths finds what it works on. `FastPathLayoutTests` compares each
// with the Swift type it belongs to; the chain's are asserted in audit_chain_cache.h. Included by
// assembly: nothing but numbers.
#ifndef AUDIT_LAYOUT_H
#define AUDIT_LAYOUT_H

// ThreadRecorder: all that an access needs lies in its first cache line.
#define AUDIT_RECORDER_PRESENCE 0
#define AUDIT_RECORDER_RING_HEAD 8
#define AUDIT_RECORDER_RING_WORDS 16
#define AUDIT_RECORDER_RING_MASK 24
#define AUDIT_RECORDER_SLOT_BITS 32
#define AUDIT_RECORDER_DEPTH 40
#define AUDIT_RECORDER_CHAINS 48
#define AUDIT_RECORDER_CLAIMING 56
// Beyond it: where accesses are published that may end on another thread.
#define AUDIT_RECORDER_NESTED 72

// Monitor. Behind the class pointer lies the word that counts references: its upper half is 0 while
// there is one strong reference, no weak one, and the object is alive.
#define AUDIT_MONITOR_STRONG_EXTRA 12
#define AUDIT_MONITOR_VERSION 16
#define AUDIT_MONITOR_WRITER 24
#define AUDIT_MONITOR_ID 40
#define AUDIT_MONITOR_BIAS 78

// audit_chain.
#define AUDIT_CHAIN_STACK_ID 0
#define AUDIT_CHAIN_DEPTH 8
#define AUDIT_CHAIN_FRAME 16
#define AUDIT_CHAIN_RETURN_ADDRESS 24
#define AUDIT_CHAIN_CALLER 32
#define AUDIT_CHAIN_COUNT_ABOVE 40
#define AUDIT_CHAIN_WORDS 64
#define AUDIT_CHAIN_SIZE 576

#endif
