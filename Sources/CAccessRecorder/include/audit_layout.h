// SPDX-License-Identifier: Apache-2.0
// Where the assembly of the fast paths finds what it works on. `FastPathLayoutTests` compares each
// with the Swift type it belongs to; the chain's are asserted in audit_chain_cache.h. Included by
// assembly: nothing but numbers.
#ifndef AUDIT_LAYOUT_H
#define AUDIT_LAYOUT_H

// ThreadRecorder: all that an access needs lies in its first cache line.
#define AUDIT_RECORDER_HAZARD 0
#define AUDIT_RECORDER_RING_HEAD 8
#define AUDIT_RECORDER_RING_WORDS 16
#define AUDIT_RECORDER_RING_MASK 24
#define AUDIT_RECORDER_SLOT_BITS 32
#define AUDIT_RECORDER_DEPTH 40
#define AUDIT_RECORDER_DEPTH_MARK 44
#define AUDIT_RECORDER_CHAINS 48
#define AUDIT_RECORDER_CLAIMING 56
#define AUDIT_RECORDER_SLOT 64
// Beyond it: where accesses are published that may end on another thread.
#define AUDIT_RECORDER_NESTED_HAZARDS 72
// And what the making and the end of a collection need.
#define AUDIT_RECORDER_THREAD_ID 88
#define AUDIT_RECORDER_LIFE 136
#define AUDIT_RECORDER_STACK_LOW 168
#define AUDIT_RECORDER_STACK_HIGH 176
#define AUDIT_RECORDER_STACK_ENTRIES 184
#define AUDIT_RECORDER_WALKS 232
#define AUDIT_RECORDER_COLLECTIONS_CREATED 240
#define AUDIT_RECORDER_TRAFFIC 336

// Monitor. Behind the class pointer lies the word that counts references: its upper half is 0 while
// there is one strong reference, no weak one, and the object is alive.
#define AUDIT_MONITOR_STRONG_EXTRA 12
#define AUDIT_MONITOR_VERSION 16
#define AUDIT_MONITOR_WRITER 24
#define AUDIT_MONITOR_ID 40
#define AUDIT_MONITOR_BIAS 78
#define AUDIT_MONITOR_SIZE 88

// The bias of a monitor's writer word: see WriterBias.
#define AUDIT_BIAS_NONE 0
#define AUDIT_BIAS_OPEN 0xFFFF

// Where the count of refused barriers lies behind `audit_words`.
#define AUDIT_BARRIERS_REFUSED_INDEX 48
#define AUDIT_BARRIERS_REFUSED_OFFSET (AUDIT_BARRIERS_REFUSED_INDEX * 64)

// Codes of AccessOperation, flags of AccessRecord, the limit of RetiredMonitors, and the policy
// whose readers register.
#define AUDIT_OPERATION_CREATE 0
#define AUDIT_OPERATION_DESTROY 1
#define AUDIT_RECORD_WRITING 1
#define AUDIT_RECORD_ATTEMPT 2
#define AUDIT_RECORD_AGAIN 4
#define AUDIT_RETIRED_LIMIT 65536
#define AUDIT_POLICY_SHIELD 2
// Marks the version of a read's window under that policy: `Shield.versionMark`.
#define AUDIT_SHIELDED_VERSION 0x800000000000

// audit_walk, its memory, the image that a walk is in, and the table of rules: asserted in
// unwind.c.
#define AUDIT_WALK_MEMORY 0
#define AUDIT_WALK_PC 8
#define AUDIT_WALK_SP 16
#define AUDIT_WALK_FP 24
#define AUDIT_WALK_LOW 32
#define AUDIT_WALK_HIGH 40
#define AUDIT_WALK_FP_PLACE 48
#define AUDIT_WALK_MEMORY_COUNT 28
#define AUDIT_WALK_MEMORY_READS 32
#define AUDIT_WALK_NOTES 72
#define AUDIT_WALK_NOTE_SIZE 16
#define AUDIT_WALK_IMAGE_BEGIN 0
#define AUDIT_WALK_IMAGE_END 8
#define AUDIT_WALK_IMAGE_MARK 16
#define AUDIT_RULE_ENTRIES 16384
#define AUDIT_RULE_PROBES 16
#define AUDIT_RULE_MULTIPLIER 0x9E3779B97F4A7C15
#define AUDIT_RULE_SHIFT 50
#define AUDIT_RULE_REGULAR 1

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
