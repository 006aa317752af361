// SPDX-License-Identifier: Apache-2.0
// The cases: for each exit of each path the state before, what others do meanwhile, and what has to
// be there behind it. Everything that a case does not name has to be as it was.
#include "cases.h"

#include <sys/mman.h>

#define CHANGE(name, ...) \
  static void name(world *w) { (void)w, __VA_ARGS__; }

// MARK: - States

CHANGE(usual, (void)0)
CHANGE(off, audit_mode_word = AUDIT_MODE_OFF)
CHANGE(frozen, audit_mode_word = AUDIT_MODE_FROZEN)
CHANGE(halting, audit_mode_word = AUDIT_MODE_HALTING)
CHANGE(shielded, audit_mode_word = AUDIT_MODE_SHIELD)
CHANGE(idle, audit_mode_word = AUDIT_MODE_IDLE)
CHANGE(observed, audit_mode_word = AUDIT_MODE_OBSERVED)
CHANGE(no_recorder, audit_thread_recorder_slot = 0)
CHANGE(odd, w->monitor->version |= 1)
CHANGE(own_odd, w->monitor->version = SLOT_BITS | 0x1231)
CHANGE(retired, w->monitor->version = ~0ull)
CHANGE(last_version, w->monitor->version = OTHER_BITS | 0x0000FFFFFFFFFFFEull)
CHANGE(no_stacks, RECORDER_WORD(w, DEPTH) = 0)

static audit_chain *entry(world *w) {
  return &w->chains[audit_chain_index((uint64_t)(uintptr_t)fast_path_return)];
}
CHANGE(no_chain, *entry(w) = (audit_chain){0})
CHANGE(half_a_chain, entry(w)->frame = 0)
CHANGE(other_frame, entry(w)->frame += 16)
CHANGE(other_depth, RECORDER_WORD(w, DEPTH) += 1)
CHANGE(other_call, entry(w)->return_address += 4)
CHANGE(other_caller, entry(w)->caller += 16)
CHANGE(watched, RECORDER_WORD(w, DEPTH) |= 1ull << 32)
CHANGE(watched_and_settled, RECORDER_WORD(w, DEPTH) |= 5ull << 32; entry(w)->depth |= 5ull << 32)
CHANGE(watched_before, RECORDER_WORD(w, DEPTH) |= 7ull << 32; entry(w)->depth |= 5ull << 32)

CHANGE(last_record, RECORDER_WORD(w, RING_HEAD) = 0x10F)
CHANGE(last_sequence, RECORDER_WORD(w, RING_HEAD) = 0x1FFFFFFFFull)
CHANGE(inside, RECORDER_WORD(w, HAZARD) = (uint64_t)(uintptr_t)w->other)
CHANGE(moving_inside, w->nested[0] = (uint64_t)(uintptr_t)w->other | 3)

CHANGE(own_bias, w->monitor->bias = SLOT)
CHANGE(other_bias, w->monitor->bias = 9)
CHANGE(revoking, w->monitor->bias = 0xFFFE)
CHANGE(open_bias, w->monitor->bias = AUDIT_BIAS_OPEN)
CHANGE(no_bias, w->monitor->bias = AUDIT_BIAS_NONE)
CHANGE(refused, open_bias(w); audit_words[AUDIT_WORD_BARRIERS_REFUSED].value = 1)

#define OTHER_WRITER (OTHER_BITS | 0xABCDE0)
CHANGE(held, w->monitor->writer = OTHER_WRITER)
CHANGE(held_open, held(w); open_bias(w))
CHANGE(held_own, held(w); own_bias(w))
CHANGE(odd_open, odd(w); open_bias(w))
CHANGE(odd_own, own_odd(w); own_bias(w))
CHANGE(retired_own, retired(w); own_bias(w))
CHANGE(shared, w->monitor->counts |= 2ull << 32)
CHANGE(shared_open, shared(w); open_bias(w))
CHANGE(shared_own, shared(w); own_bias(w))
CHANGE(last_version_own, last_version(w); own_bias(w))
CHANGE(no_chain_own, no_chain(w); own_bias(w))
CHANGE(no_chain_open, no_chain(w); open_bias(w))
CHANGE(watched_own, watched(w); own_bias(w))
CHANGE(no_stacks_own, no_stacks(w); own_bias(w))
CHANGE(inside_own, inside(w); own_bias(w))
CHANGE(moving_inside_own, moving_inside(w); own_bias(w))
CHANGE(last_record_own, last_record(w); own_bias(w))

// MARK: - What happens meanwhile

CHANGE(written, w->monitor->version += 2)
CHANGE(replaced, *w->variable = w->other)

// A record is about to be stored.
CHANGE(stop_at_record, protect(RING_PART, PROT_READ))
static change *const written_at_fault[] = {written, 0};
static change *const odd_at_fault[] = {odd, 0};
static change *const retired_at_fault[] = {retired, 0};

// A claim by bias is about to be shown.
CHANGE(stop_at_showing, own_bias(w); protect(RECORDER_PART, PROT_READ))
static change *const revoking_at_fault[] = {revoking, 0};
static change *const no_bias_at_fault[] = {no_bias, 0};
static change *const held_at_fault[] = {held, 0};
static change *const replaced_at_fault[] = {replaced, 0};

// The writer word is about to be exchanged.
CHANGE(stop_at_claim, protect(MONITOR_PART, PROT_READ))
CHANGE(stop_at_first_claim, open_bias(w); protect(MONITOR_PART, PROT_READ))
static change *const other_bias_at_fault[] = {other_bias, 0};
CHANGE(given, other_bias(w); protect(BIAS_PART, PROT_NONE))
static change *const given_and_used_at_faults[] = {given, held, 0};

// MARK: - The table

#define TAKEN .target = NOWHERE
#define EVERY_MODE(kind, to, shield)                                      \
  {#kind ": off", kind, off, .target = to},                               \
  {#kind ": frozen", kind, frozen, .target = to},                         \
  {#kind ": halting", kind, halting, .target = to},                       \
  {#kind ": shield", kind, shielded, .target = shield},                   \
  {#kind ": the detector sleeps", kind, idle, .target = to},              \
  {#kind ": no recorder", kind, no_recorder, .target = to},               \
  {#kind ": retired", kind, retired, .target = to}

#if defined(__aarch64__)
// Only what a frame holds is compared there.
#define OTHER_FRAME(kind, to, left_then, hit) {#kind ": another frame", kind, other_frame, TAKEN, .left = hit, .stack = KNOWN_STACK}
#else
#define OTHER_FRAME(kind, to, left_then, hit) {#kind ": another frame", kind, other_frame, .target = to, .left = left_then}
#endif

#define EVERY_CHAIN(kind, to, left_then, hit)                                                   \
  {#kind ": unknown chain", kind, no_chain, .target = to, .left = left_then},                   \
  {#kind ": a chain that is being changed", kind, half_a_chain, .target = to, .left = left_then}, \
  {#kind ": another depth", kind, other_depth, .target = to, .left = left_then},                \
  {#kind ": another call", kind, other_call, .target = to, .left = left_then},                  \
  {#kind ": another caller", kind, other_caller, .target = to, .left = left_then},              \
  OTHER_FRAME(kind, to, left_then, hit),                                                        \
  {#kind ": delayed or hunted", kind, watched, .target = to, .left = left_then},                \
  {#kind ": settled in an earlier round", kind, watched_before, .target = to, .left = left_then}, \
  {#kind ": settled", kind, watched_and_settled, TAKEN, .left = hit, .stack = KNOWN_STACK},     \
  {#kind ": stacks are off", kind, no_stacks, TAKEN, .left = hit},                              \
  {#kind ": the ring's end", kind, last_record, TAKEN, .left = hit, .stack = KNOWN_STACK},      \
  {#kind ": the sequence's end", kind, last_sequence, TAKEN, .left = hit, .stack = KNOWN_STACK}

#define EVERY_WRITE(kind, occupied_state, occupied_state_own, occupied)                          \
  EVERY_MODE(kind, WRITE_FULLY, WRITE_SHIELDED),                                                 \
  {#kind ": usual", kind, usual, TAKEN, .left = HIT, .stack = KNOWN_STACK},                      \
  EVERY_CHAIN(kind, WRITE_UNMATCHED, OPENED, HIT),                                               \
  {#kind ": biased", kind, own_bias, TAKEN, .left = HIT, .stack = KNOWN_STACK},                  \
  {#kind ": biased, unknown chain", kind, no_chain_own, .target = WRITE_UNMATCHED, .left = OPENED}, \
  {#kind ": biased, delayed or hunted", kind, watched_own, .target = WRITE_UNMATCHED, .left = OPENED}, \
  {#kind ": biased, stacks are off", kind, no_stacks_own, TAKEN, .left = HIT},                   \
  {#kind ": biased, the ring's end", kind, last_record_own, TAKEN, .left = HIT, .stack = KNOWN_STACK}, \
  {#kind ": first write", kind, open_bias, TAKEN, .left = HIT | BIASED, .stack = KNOWN_STACK},   \
  {#kind ": first write, unknown chain", kind, no_chain_open, .target = WRITE_UNMATCHED, .left = OPENED | BIASED}, \
  {#kind ": first write, barriers refused", kind, refused, .target = WRITE_FULLY},               \
  {#kind ": another thread's bias", kind, other_bias, .target = WRITE_FULLY},                    \
  {#kind ": a bias that is being taken away", kind, revoking, .target = WRITE_FULLY},            \
  {#kind ": last version", kind, last_version, TAKEN, .left = HIT, .stack = KNOWN_STACK},        \
  {#kind ": biased, last version", kind, last_version_own, TAKEN, .left = HIT, .stack = KNOWN_STACK}, \
  {#kind ": odd version", kind, odd, .target = WRITE_FULLY},                                     \
  {#kind ": first write, odd version", kind, odd_open, .target = WRITE_FULLY},                   \
  {#kind ": biased, odd version", kind, odd_own, .target = WRITE_FULLY},                         \
  {#kind ": biased, retired", kind, retired_own, .target = WRITE_FULLY},                         \
  {#kind ": another writer", kind, held, .target = WRITE_CLAIMED, .owner = OTHER_WRITER},        \
  {#kind ": first write, another writer", kind, held_open, .target = WRITE_CLAIMED, .owner = OTHER_WRITER}, \
  {#kind ": biased, another writer", kind, held_own, .target = WRITE_FULLY},                     \
  {#kind ": shared", kind, shared, .target = WRITE_SHARED, .left = CLAIMED},                     \
  {#kind ": first write, shared", kind, shared_open, .target = WRITE_SHARED, .left = CLAIMED},   \
  {#kind ": biased, shared", kind, shared_own, .target = WRITE_SHARED, .left = CLAIMED},         \
  {#kind ": inside another access", kind, occupied_state, .target = occupied, .left = OPENED | RECORDED, .stack = KNOWN_STACK}, \
  {#kind ": biased, inside another access", kind, occupied_state_own, .target = occupied, .left = OPENED | RECORDED, \
   .stack = KNOWN_STACK},                                                                        \
  {#kind ": biased, the bias is taken away", kind, stop_at_showing, revoking_at_fault, .target = WRITE_FULLY}, \
  {#kind ": biased, the bias was taken away", kind, stop_at_showing, no_bias_at_fault, .target = WRITE_FULLY}, \
  {#kind ": biased, claimed meanwhile", kind, stop_at_showing, held_at_fault, .target = WRITE_FULLY}, \
  {#kind ": biased, replaced meanwhile", kind, stop_at_showing, replaced_at_fault, .target = WRITE_FULLY}, \
  {#kind ": biased, odd meanwhile", kind, stop_at_showing, odd_at_fault, .target = WRITE_FULLY}, \
  {#kind ": written meanwhile", kind, stop_at_claim, written_at_fault, .target = WRITE_CLAIMED, .left = CLAIMED}, \
  {#kind ": replaced meanwhile", kind, stop_at_claim, replaced_at_fault, .target = WRITE_CLAIMED, .left = CLAIMED}, \
  {#kind ": claimed meanwhile", kind, stop_at_claim, held_at_fault, .target = WRITE_CLAIMED, .owner = OTHER_WRITER}, \
  {#kind ": first write, written meanwhile", kind, stop_at_first_claim, written_at_fault, .target = WRITE_CLAIMED, \
   .left = CLAIMED},                                                                             \
  {#kind ": first write, replaced meanwhile", kind, stop_at_first_claim, replaced_at_fault, .target = WRITE_CLAIMED, \
   .left = CLAIMED},                                                                             \
  {#kind ": first write, claimed meanwhile", kind, stop_at_first_claim, held_at_fault, .target = WRITE_CLAIMED, \
   .owner = OTHER_WRITER},                                                                       \
  {#kind ": first write, bias given meanwhile", kind, stop_at_first_claim, other_bias_at_fault, .target = WRITE_FULLY}, \
  {#kind ": first write, bias given and used meanwhile", kind, stop_at_first_claim, given_and_used_at_faults, \
   .target = WRITE_FULLY}

CHANGE(observed_no_recorder, observed(w); no_recorder(w))
CHANGE(observed_unknown, observed(w); no_chain(w))
CHANGE(observed_odd, observed(w); odd(w))
CHANGE(observed_own, observed(w); own_bias(w))
CHANGE(observed_shared, observed(w); shared(w))
// Observed: the way is the usual one, and ends in other functions. A read leaves all to them but
// the stack.
#define OBSERVED_WRITE(kind)                                                                        \
  {#kind ": observed", kind, observed, .target = WRITE_OBSERVED, .left = OPENED | RECORDED, .stack = KNOWN_STACK}, \
  {#kind ": observed, biased", kind, observed_own, .target = WRITE_OBSERVED, .left = OPENED | RECORDED, \
   .stack = KNOWN_STACK},                                                                        \
  {#kind ": observed, unknown chain", kind, observed_unknown, .target = WRITE_WALKING_OBSERVED, .left = OPENED}, \
  {#kind ": observed, shared", kind, observed_shared, .target = WRITE_SHARED_OBSERVED, .left = CLAIMED}, \
  {#kind ": observed, no recorder", kind, observed_no_recorder, .target = WRITE_FULLY},            \
  {#kind ": observed, odd", kind, observed_odd, .target = WRITE_FULLY}
#define OBSERVED                                                                                 \
  {"READ: observed", READ, observed, .target = READ_OBSERVED},                                     \
  {"READ: observed, unknown chain", READ, observed_unknown, .target = READ_FULLY},                 \
  {"READ: observed, no recorder", READ, observed_no_recorder, .target = READ_FULLY},               \
  OBSERVED_WRITE(WRITE), OBSERVED_WRITE(MOVING_WRITE)

#define HIT (RECORDED | PUBLISHED | OPENED)

const fast_case fast_cases[] = {
    EVERY_MODE(READ, READ_FULLY, READ_SHIELDED),
    OBSERVED,
    {"READ: usual", READ, usual, TAKEN, .left = RECORDED | PUBLISHED, .stack = KNOWN_STACK},
    EVERY_CHAIN(READ, READ_UNMATCHED, 0, RECORDED | PUBLISHED),
    {"READ: odd version", READ, odd, .target = READ_FULLY},
    {"READ: own odd version", READ, own_odd, .target = READ_FULLY},
    {"READ: another thread's bias", READ, other_bias, TAKEN, .left = RECORDED | PUBLISHED, .stack = KNOWN_STACK},
    {"READ: shared", READ, shared, TAKEN, .left = RECORDED | PUBLISHED, .stack = KNOWN_STACK},
    {"READ: claimed", READ, held, TAKEN, .left = RECORDED | PUBLISHED, .stack = KNOWN_STACK},
    {"READ: inside another access", READ, inside, .target = READ_NESTED, .left = RECORDED, .stack = KNOWN_STACK},
    {"READ: written meanwhile", READ, stop_at_record, written_at_fault, .target = READ_CHANGED, .left = RECORDED,
     .stack = KNOWN_STACK},
    {"READ: odd meanwhile", READ, stop_at_record, odd_at_fault, .target = READ_CHANGED, .left = RECORDED,
     .stack = KNOWN_STACK},
    {"READ: retired meanwhile", READ, stop_at_record, retired_at_fault, .target = READ_CHANGED, .left = RECORDED,
     .stack = KNOWN_STACK},
    EVERY_WRITE(WRITE, inside, inside_own, WRITE_NESTED),
    EVERY_WRITE(MOVING_WRITE, moving_inside, moving_inside_own, WRITE_OCCUPIED),
    // What the other kind of write looks at.
    {"WRITE: beside a moving access", WRITE, moving_inside, TAKEN, .left = HIT, .stack = KNOWN_STACK},
    {"MOVING_WRITE: inside an access that stays", MOVING_WRITE, inside, TAKEN, .left = HIT, .stack = KNOWN_STACK},
#if defined(__aarch64__)
    // The writer word has no room for them; the tag's bits are ignored where the variable is read.
    {"WRITE: a tag", WRITE, usual, .target = WRITE_FULLY, .tag = 0x0B00000000000000ull},
    {"WRITE: an address of 52 bits", WRITE, usual, .target = WRITE_FULLY, .tag = 0x0008000000000000ull},
    {"MOVING_WRITE: a tag", MOVING_WRITE, usual, .target = WRITE_FULLY, .tag = 0xFF00000000000000ull},
    {"MOVING_WRITE: an address of 52 bits", MOVING_WRITE, own_bias, .target = WRITE_FULLY, .tag = 0x0001000000000000ull},
#endif
};
const int fast_case_count = sizeof fast_cases / sizeof *fast_cases;
