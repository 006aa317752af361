// SPDX-License-Identifier: Apache-2.0
// The calls into libunwind, and walks by what it said. Nothing here takes the loader's lock or
// allocates, except `audit_prepare_walks` and, where there are no walks, `audit_unwind`.
#include "audit_build.h"
#if AUDIT_IS_COMPILED_IN

#define _GNU_SOURCE
#include "audit_unwind.h"

#include "audit_frame_walk.h"
#include "audit_images.h"
#include "audit_process.h"
#include "unwind_rules.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>

#include "walk_memory.h"

#if !defined(__x86_64__)

void audit_prepare_walks(void) {}
_Bool audit_can_walk(void) { return 0; }
_Bool audit_learn_frame(const audit_walk *walk) { return (void)walk, 0; }
void audit_walk_with_libunwind(audit_walk *walk, uint64_t *addresses, int32_t *count, int32_t capacity) {
  (void)walk, (void)addresses, (void)count, (void)capacity;
}
int32_t audit_walk_on(audit_walk *walk, uint64_t *addresses, int32_t *count, int32_t capacity) {
  (void)walk, (void)addresses, (void)count, (void)capacity;
  return AUDIT_WALK_ENDED;
}
int32_t audit_walk_known(
    uint64_t *addresses, uintptr_t frame, uintptr_t low, uintptr_t high, int32_t capacity, audit_walk_memory *memory) {
  (void)addresses, (void)frame, (void)low, (void)high, (void)capacity, (void)memory;
  return -1;
}
uint64_t audit_frames_learnt(void) { return 0; }

#else

// The general form: an address space of our own, in which registers and memory are what we say.
#include "system_unwind.h"

extern int _Ux86_64_dwarf_search_unwind_table(
    unw_addr_space_t, unw_word_t, unw_dyn_info_t *, unw_proc_info_t *, int, void *);

static unw_addr_space_t space;
static rule_entry *entries;
static uint64_t entries_used;

_Bool audit_can_walk(void) { return entries != NULL; }

uint64_t audit_frames_learnt(void) { return __atomic_load_n(&entries_used, __ATOMIC_RELAXED); }

static void note(audit_walk *walk, uint64_t address, uint64_t word) {
  if (walk->memory != NULL) audit_note_read(walk->memory, address, word);
}

// Notes the frame pointer, by which a frame is about to be found.
static void note_frame_pointer(audit_walk *walk) {
  if (walk->fp_place != 0) note(walk, walk->fp_place, walk->fp);
  walk->fp_place = 0;
}

// One word of the walk's stack, without a note; tells whether it can be read.
static _Bool read_word(audit_walk *walk, uint64_t address, uint64_t *word) {
  if ((address & 7) != 0) return 0;
  if (walk->high != 0) {
    if (address < walk->low || address > walk->high - 8) return 0;
    *word = *(const uint64_t *)address;
    return 1;
  }
  uint64_t part = address & ~(uint64_t)(sizeof walk->words - 1);
  if (part == 0) return 0;
  if (walk->part != part) {
    int saved = errno;
    // Never across a page: the part is aligned to its size.
    walk->part = audit_read_memory(part, walk->words, sizeof walk->words) ? part : 0;
    errno = saved;
    if (walk->part == 0) return 0;
  }
  *word = walk->words[(address - part) / 8];
  return 1;
}

static _Bool read_stack(audit_walk *walk, uint64_t address, uint64_t *word) {
  if (!read_word(walk, address, word)) return 0;
  note(walk, address, *word);
  return 1;
}

// How libunwind is used: to be told a rule, or to do a step of a real walk.
typedef struct {
  uint64_t pc;
  uint64_t sp;
  uint64_t fp;
  audit_walk *walk;    // NULL while a rule is asked for
  uint64_t reads;      // of the made-up stack
  const int32_t *row;  // of the image's table, copied
  uintptr_t part_begin;  // of the readable part of an image that was looked up last
  uintptr_t part_end;
} request;

// A rule is found by a step on a made-up stack. The registers point into two regions far apart, and
// every word there tells its own address: so the step's results say what they were computed from.
// No program's address lies there.
#define MADE_UP_SP 0x7000000000000000ull
#define MADE_UP_FP 0x7800000000000000ull
#define MADE_UP_SIZE 0x0100000000000000ull
#define MADE_UP_MARK 0x0080000000000000ull

static _Bool is_made_up(uint64_t address, uint64_t middle) {
  return address - (middle - MADE_UP_SIZE / 4) < MADE_UP_SIZE / 2;
}

static int access_memory(unw_addr_space_t as, unw_word_t address, unw_word_t *word, int is_write, void *argument) {
  (void)as;
  request *asked = argument;
  if (is_write) return -UNW_EINVAL;
  if (asked->walk == NULL) {
    if (is_made_up(address, MADE_UP_SP) || is_made_up(address, MADE_UP_FP)) {
      asked->reads++;
      *word = address ^ MADE_UP_MARK;
      return 0;
    }
  } else if (read_stack(asked->walk, address, word)) {
    return 0;
  }
  // The row that was found, or unwind tables and code of an image.
  uintptr_t row = (uintptr_t)asked->row;
  if (row == 0 || address != row) {
    _Bool is_known = address >= asked->part_begin && address < asked->part_end;
    if (!is_known && !audit_find_readable_part(address, &asked->part_begin, &asked->part_end)) return -UNW_EINVAL;
    if (asked->part_end - address < sizeof *word) return -UNW_EINVAL;
  }
  memcpy(word, (const void *)address, sizeof *word);
  return 0;
}

static int access_register(unw_addr_space_t as, unw_regnum_t number, unw_word_t *word, int is_write, void *argument) {
  (void)as;
  const request *asked = argument;
  if (is_write) return -UNW_EREADONLYREG;
  switch (number) {
    case UNW_X86_64_RIP: return *word = asked->pc, 0;
    case UNW_X86_64_RSP: return *word = asked->sp, 0;
    case UNW_X86_64_RBP: return *word = asked->fp, 0;
    // What the others hold is not known: a frame that needs one cannot be left.
    default: return -UNW_EBADREG;
  }
}

static int access_float(unw_addr_space_t as, unw_regnum_t number, unw_fpreg_t *value, int is_write, void *argument) {
  (void)as, (void)number, (void)value, (void)is_write, (void)argument;
  return -UNW_EBADREG;
}

static int find_dynamic(unw_addr_space_t as, unw_word_t *address, void *argument) {
  (void)as, (void)address, (void)argument;
  return -UNW_ENOINFO;
}

static int resume(unw_addr_space_t as, unw_cursor_t *cursor, void *argument) {
  (void)as, (void)cursor, (void)argument;
  return -UNW_EINVAL;
}

static int name_procedure(
    unw_addr_space_t as, unw_word_t address, char *name, size_t size, unw_word_t *offset, void *argument) {
  (void)as, (void)address, (void)name, (void)size, (void)offset, (void)argument;
  return -UNW_ENOINFO;
}

// libunwind frees what it made itself.
static void release(unw_addr_space_t as, unw_proc_info_t *information, void *argument) {
  (void)as, (void)information, (void)argument;
}

// The loader says without a lock where the image's table is; the row is found here; libunwind reads
// what it refers to.
static int find_procedure(
    unw_addr_space_t as, unw_word_t pc, unw_proc_info_t *information, int needs_rules, void *argument) {
  request *asked = argument;
  // Aligned, because libunwind reads words.
  _Alignas(8) int32_t row[2];
  uintptr_t header, begin, end;
  if (!audit_find_unwind_row(pc, &header, &begin, &end, row)) return -UNW_ENOINFO;
  unw_dyn_info_t table = {.start_ip = begin, .end_ip = end, .format = UNW_INFO_FORMAT_REMOTE_TABLE};
  table.u.rti.segbase = header;
  table.u.rti.table_data = (unw_word_t)row;
  table.u.rti.table_len = 1;
  asked->row = row;
  int status = _Ux86_64_dwarf_search_unwind_table(as, pc, &table, information, needs_rules, argument);
  asked->row = NULL;
  return status;
}

void audit_prepare_walks(void) {
  static unw_accessors_t accessors = {
      .find_proc_info = find_procedure,
      .put_unwind_info = release,
      .get_dyn_info_list_addr = find_dynamic,
      .access_mem = access_memory,
      .access_reg = access_register,
      .access_fpreg = access_float,
      .resume = resume,
      .get_proc_name = name_procedure,
  };
  if (entries != NULL || !audit_can_find_images()) return;
  int saved = errno;
  // 256 KiB, resident at once: a page at a time would cost a new address two faults, more than
  // libunwind takes for it.
  void *memory = mmap(
      NULL, RULE_ENTRIES * sizeof(rule_entry), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1,
      0);
  if (memory != MAP_FAILED) {
    space = unw_create_addr_space(&accessors, 0);
    if (space != NULL) {
      // Its cache is guarded by a lock, and what is worth keeping is kept here.
      unw_set_caching_policy(space, UNW_CACHE_NONE);
      entries = memory;
      // libunwind makes its pools at the first use.
      audit_walk here = {.pc = (uint64_t)(uintptr_t)audit_prepare_walks + 1};
      audit_learn_frame(&here);
    } else {
      munmap(memory, RULE_ENTRIES * sizeof(rule_entry));
    }
  }
  errno = saved;
}

// The rule for the frame that `pc` returns to.
static uint64_t ask(uint64_t pc) {
  // A call may be a function's last instruction: the address before belongs to the call.
  request asked = {.pc = pc - 1, .sp = MADE_UP_SP, .fp = MADE_UP_FP};
  unw_cursor_t cursor;
  if (unw_init_remote(&cursor, space, &asked) < 0) return RULE_UNUSUAL;
  int status = unw_step(&cursor);
  if (status == 0) return RULE_END;
  if (status < 0) return RULE_UNUSUAL;
  unw_word_t next, sp, fp;
  uint64_t reads = asked.reads;
  if (unw_get_reg(&cursor, UNW_REG_IP, &next) < 0 || unw_get_reg(&cursor, UNW_REG_SP, &sp) < 0 ||
      unw_get_reg(&cursor, UNW_X86_64_RBP, &fp) < 0) {
    return RULE_UNUSUAL;
  }
  // A regular step reads one word, the return address. More were read where the frame is found
  // through memory.
  if (reads != 1 || next != ((sp - 8) ^ MADE_UP_MARK)) return RULE_UNUSUAL;
  _Bool has_frame_base = is_made_up(sp, MADE_UP_FP);
  if (!has_frame_base && !is_made_up(sp, MADE_UP_SP)) return RULE_UNUSUAL;
  int64_t offset = (int64_t)(sp - (has_frame_base ? MADE_UP_FP : MADE_UP_SP));
  _Bool saves_frame = fp != MADE_UP_FP;
  int64_t frame_offset = saves_frame ? (int64_t)((fp ^ MADE_UP_MARK) - sp) : 0;
  uint64_t rule = make_rule(has_frame_base, offset, saves_frame, frame_offset);
  return rule == 0 ? RULE_UNUSUAL : rule;
}

_Bool audit_learn_frame(const audit_walk *walk) {
  if (entries == NULL || audit_frames_learnt() >= RULE_LIMIT) return 0;
  int saved = errno;
  uintptr_t begin, end;
  uint64_t rule = ask(walk->pc) | (uint64_t)audit_image_mark(walk->pc, &begin, &end) << 48;
  _Bool is_remembered = remember_rule(entries, &entries_used, walk->pc, rule);
  errno = saved;
  return is_remembered;
}

// The image that a walk is in.
typedef struct {
  uintptr_t begin;
  uintptr_t end;
  uint64_t mark;
} walk_image;

_Static_assert(offsetof(audit_walk, memory) == AUDIT_WALK_MEMORY, "layout");
_Static_assert(offsetof(audit_walk, pc) == AUDIT_WALK_PC, "layout");
_Static_assert(offsetof(audit_walk, sp) == AUDIT_WALK_SP, "layout");
_Static_assert(offsetof(audit_walk, fp) == AUDIT_WALK_FP, "layout");
_Static_assert(offsetof(audit_walk, low) == AUDIT_WALK_LOW, "layout");
_Static_assert(offsetof(audit_walk, high) == AUDIT_WALK_HIGH, "layout");
_Static_assert(offsetof(audit_walk, fp_place) == AUDIT_WALK_FP_PLACE, "layout");
_Static_assert(offsetof(audit_walk_memory, count) == AUDIT_WALK_MEMORY_COUNT, "layout");
_Static_assert(offsetof(audit_walk_memory, reads) == AUDIT_WALK_MEMORY_READS, "layout");
_Static_assert(sizeof(((audit_walk_memory *)0)->reads[0]) == AUDIT_WALK_NOTE_SIZE, "layout");
_Static_assert(offsetof(walk_image, begin) == AUDIT_WALK_IMAGE_BEGIN, "layout");
_Static_assert(offsetof(walk_image, end) == AUDIT_WALK_IMAGE_END, "layout");
_Static_assert(offsetof(walk_image, mark) == AUDIT_WALK_IMAGE_MARK, "layout");
_Static_assert(sizeof(rule_entry) == 16 && RULE_ENTRIES == 1u << (64 - AUDIT_RULE_SHIFT), "layout");

// Goes on while the frames are regular and of this image; in assembly.
extern void audit_walk_regular(
    audit_walk *walk, uint64_t *addresses, int32_t *count, int32_t capacity, const rule_entry *rules,
    const walk_image *image);

int32_t audit_walk_on(audit_walk *walk, uint64_t *addresses, int32_t *count, int32_t capacity) {
  // The image of the frame before is most often this one's.
  walk_image image = {0, 0, 0};
  while (*count < capacity && walk->pc != 0) {
    if (walk->pc < image.begin || walk->pc >= image.end) {
      image.mark = audit_image_mark(walk->pc, &image.begin, &image.end);
    }
    if (walk->high != 0) {
      int32_t before = *count;
      audit_walk_regular(walk, addresses, count, capacity, entries, &image);
      if (*count != before) continue;
    }
    uint64_t rule = find_rule(entries, walk->pc);
    if (rule_kind(rule) == 0 || rule_image(rule) != image.mark) return AUDIT_WALK_UNKNOWN;
    if (rule_kind(rule) == RULE_UNUSUAL) return AUDIT_WALK_UNUSUAL;
    addresses[(*count)++] = walk->pc;
    if (rule_kind(rule) == RULE_END) break;
    if (rule_has_frame_base(rule)) note_frame_pointer(walk);
    uint64_t sp = (rule_has_frame_base(rule) ? walk->fp : walk->sp) + (uint64_t)rule_offset(rule);
    uint64_t next;
    // Stacks grow down, so callers lie above: what does not is no stack.
    if (sp <= walk->sp || !read_stack(walk, sp - 8, &next)) break;
    if (rule_saves_frame(rule)) {
      uint64_t place = sp + (uint64_t)rule_frame_offset(rule);
      if (!read_word(walk, place, &walk->fp)) break;
      walk->fp_place = place;
    }
    walk->sp = sp;
    walk->pc = next;
  }
  return AUDIT_WALK_ENDED;
}

int32_t audit_walk_known(
    uint64_t *addresses, uintptr_t frame, uintptr_t low, uintptr_t high, int32_t capacity, audit_walk_memory *memory) {
  if (high == 0) return -1;
  audit_walk walk;
  audit_begin_walk(&walk, frame, low, high);
  walk.memory = memory;
  uint32_t noted = memory == NULL ? 0 : memory->count;
  int32_t count = 0;
  if (audit_walk_on(&walk, addresses, &count, capacity) == AUDIT_WALK_ENDED) return count;
  if (memory != NULL) memory->count = noted;
  return -1;
}

void audit_walk_with_libunwind(audit_walk *walk, uint64_t *addresses, int32_t *count, int32_t capacity) {
  int saved = errno;
  note_frame_pointer(walk);
  request asked = {.pc = walk->pc - 1, .sp = walk->sp, .fp = walk->fp, .walk = walk};
  unw_cursor_t cursor;
  if (*count < capacity) addresses[(*count)++] = walk->pc;
  if (unw_init_remote(&cursor, space, &asked) >= 0) {
    unw_word_t pc;
    while (*count < capacity && unw_step(&cursor) > 0) {
      if (unw_get_reg(&cursor, UNW_REG_IP, &pc) < 0 || pc == 0) break;
      addresses[(*count)++] = pc;
    }
  }
  errno = saved;
}

#endif

void audit_begin_walk(audit_walk *walk, uintptr_t frame, uintptr_t low, uintptr_t high) {
  walk->memory = NULL;
  walk->low = low;
  walk->high = high;
  walk->part = 0;
  walk->fp_place = 0;
  // The function is running and has a frame pointer: its frame can be read.
  walk->fp = *(const uint64_t *)frame;
  walk->pc = audit_plain_return_address(*(const uint64_t *)(frame + 8));
  walk->sp = frame + 16;
}

#endif
