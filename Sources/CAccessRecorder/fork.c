// SPDX-License-Identifier: Apache-2.0
// Forks and ends of the process, as the C library and the kernel tell of them. Nothing here
// allocates or locks after the registration.
#include "audit_build.h"
#if AUDIT_IS_COMPILED_IN

#define _GNU_SOURCE
#include "audit_fork.h"

#include <sched.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

// One load relative to the thread pointer, and no allocation at a thread's first use.
#define THREAD_LOCAL __thread __attribute__((tls_model("initial-exec")))

// Every thread that sets them sets the same, perhaps while others read them.
static audit_fork_hooks fork_hooks;
static _Bool fork_hooks_are_set;
static audit_engine_hooks engine_hooks;
static _Bool engine_hooks_are_set;

_Bool audit_has_fork_hooks(void) { return __atomic_load_n(&fork_hooks_are_set, __ATOMIC_ACQUIRE); }
static _Bool has_engine_hooks(void) { return __atomic_load_n(&engine_hooks_are_set, __ATOMIC_ACQUIRE); }

#define HOOK(table, name) __atomic_load_n(&table.name, __ATOMIC_RELAXED)
#define SET_HOOK(table, name) __atomic_store_n(&table.name, hooks.name, __ATOMIC_RELAXED)

static void before_fork(void) {
  if (audit_has_fork_hooks()) HOOK(fork_hooks, prepare)();
}
static void in_parent(void) {
  if (audit_has_fork_hooks()) HOOK(fork_hooks, parent)();
}
static void in_child(void) {
  if (audit_has_fork_hooks()) audit_notice_child();
}
static void at_end(void) {
  if (has_engine_hooks()) HOOK(engine_hooks, exit)(0);
}
static void at_quick_end(void) {
  if (has_engine_hooks()) HOOK(engine_hooks, exit)(1);
}
static void begin_as_child(void) {
  HOOK(fork_hooks, child)();
  if (has_engine_hooks()) HOOK(engine_hooks, child)();
}

void audit_register_process_hooks(void) {
  static _Bool is_registered;
  if (__atomic_exchange_n(&is_registered, 1, __ATOMIC_ACQ_REL)) return;
  pthread_atfork(before_fork, in_parent, in_child);
  atexit(at_end);
  at_quick_exit(at_quick_end);
}

void audit_set_fork_hooks(audit_fork_hooks hooks) {
  if (audit_has_fork_hooks()) return;
  // Marked first: a child finds the mark gone as soon as there are hooks.
  audit_mark_process();
  SET_HOOK(fork_hooks, prepare);
  SET_HOOK(fork_hooks, parent);
  SET_HOOK(fork_hooks, child);
  __atomic_store_n(&fork_hooks_are_set, 1, __ATOMIC_RELEASE);
}

void audit_set_engine_hooks(audit_engine_hooks hooks) {
  if (has_engine_hooks()) return;
  SET_HOOK(engine_hooks, child);
  SET_HOOK(engine_hooks, exit);
  __atomic_store_n(&engine_hooks_are_set, 1, __ATOMIC_RELEASE);
}

enum { MARK_GONE = 0, MARK_SET = 1, MARK_BEING_SET = 2 };

// In a page that the kernel empties in a child: 0 there. NULL where the kernel does not (before
// 4.14); then the process's ID has to tell.
static uint32_t *mark;
static int32_t marked_pid;

void audit_mark_process(void) {
  uint32_t *none = NULL;
  if (__atomic_load_n(&mark, __ATOMIC_ACQUIRE) == NULL) {
    void *page = mmap(NULL, (size_t)sysconf(_SC_PAGESIZE), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (page != MAP_FAILED && madvise(page, (size_t)sysconf(_SC_PAGESIZE), MADV_WIPEONFORK) == 0) {
      *(uint32_t *)page = MARK_SET;
      _Bool is_first =
          __atomic_compare_exchange_n(&mark, &none, (uint32_t *)page, 0, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
      if (!is_first) munmap(page, (size_t)sysconf(_SC_PAGESIZE));
    } else if (page != MAP_FAILED) {
      munmap(page, (size_t)sysconf(_SC_PAGESIZE));
    }
  }
  __atomic_store_n(&marked_pid, (int32_t)getpid(), __ATOMIC_RELEASE);
}

_Bool audit_is_marked_process(void) {
  uint32_t *word = __atomic_load_n(&mark, __ATOMIC_ACQUIRE);
  if (word != NULL) return __atomic_load_n(word, __ATOMIC_ACQUIRE) == MARK_SET;
  int32_t pid = __atomic_load_n(&marked_pid, __ATOMIC_ACQUIRE);
  return pid == 0 || pid == (int32_t)getpid();
}

static THREAD_LOCAL _Bool is_noticing;

void audit_notice_child(void) {
  if (audit_is_marked_process() || is_noticing || !audit_has_fork_hooks()) return;
  uint32_t *word = __atomic_load_n(&mark, __ATOMIC_ACQUIRE);
  if (word == NULL) {
    // One thread alone changes the ID, and does what there is to do.
    int32_t pid = __atomic_load_n(&marked_pid, __ATOMIC_ACQUIRE);
    if (!__atomic_compare_exchange_n(&marked_pid, &pid, (int32_t)getpid(), 0, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) return;
    begin_as_child();
    return;
  }
  uint32_t gone = MARK_GONE;
  if (__atomic_compare_exchange_n(word, &gone, MARK_BEING_SET, 0, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
    is_noticing = 1;
    begin_as_child();
    is_noticing = 0;
    __atomic_store_n(&marked_pid, (int32_t)getpid(), __ATOMIC_RELEASE);
    __atomic_store_n(word, MARK_SET, __ATOMIC_RELEASE);
  } else {
    while (__atomic_load_n(word, __ATOMIC_ACQUIRE) == MARK_BEING_SET) sched_yield();
  }
}

static THREAD_LOCAL uint32_t fork_ticket;
static THREAD_LOCAL int32_t fork_depth;
static THREAD_LOCAL int32_t gate_depth;
static THREAD_LOCAL _Bool is_detector;
static THREAD_LOCAL void *owned_recorder;

uint32_t audit_fork_ticket(void) { return fork_ticket; }
void audit_set_fork_ticket(uint32_t ticket) { fork_ticket = ticket; }
int32_t audit_fork_depth(void) { return fork_depth; }
void audit_set_fork_depth(int32_t depth) { fork_depth = depth; }
int32_t audit_gate_depth(void) { return gate_depth; }
void audit_set_gate_depth(int32_t depth) { gate_depth = depth; }
_Bool audit_is_detector(void) { return is_detector; }
void audit_become_detector(void) { is_detector = 1; }

static pthread_key_t exit_key;
static pthread_once_t exit_key_is_made = PTHREAD_ONCE_INIT;
static void (*end_recorder)(void *);

static void at_thread_end(void *recorder) {
  owned_recorder = NULL;
  __atomic_load_n(&end_recorder, __ATOMIC_RELAXED)(recorder);
}

static _Bool has_exit_key;

static void make_exit_key(void) { has_exit_key = pthread_key_create(&exit_key, at_thread_end) == 0; }

void *audit_owned_recorder(void) { return owned_recorder; }

_Bool audit_own_recorder(void *recorder, void (*end)(void *)) {
  __atomic_store_n(&end_recorder, end, __ATOMIC_RELAXED);
  // Of glibc, which keeps a child from waiting for a thread that is not there.
  pthread_once(&exit_key_is_made, make_exit_key);
  if (!has_exit_key || pthread_setspecific(exit_key, recorder) != 0) return 0;
  owned_recorder = recorder;
  return 1;
}

#endif
