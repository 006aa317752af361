// SPDX-License-Identifier: Apache-2.0
// Ending the process, and the bounded waits before that. All of it is async-signal-safe; nothing
// here allocates or locks.
#include "audit_build.h"
#if AUDIT_IS_COMPILED_IN

#define _GNU_SOURCE
#include "audit_end.h"

#include "audit_clock.h"
#include "audit_thread.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define SLEEP_NANOSECONDS 200000
// How long the thread that was asked to end the process may take to answer: it sleeps in steps of a
// fifth of a millisecond.
#define ANSWER_MILLISECONDS 10000
// How long it may take from there. The toolchain's backtracer gives up after half a minute.
#define END_MILLISECONDS 60000

enum { NOBODY = 0, ABORT = 1, ABORT_WITH_BACKTRACE = 2, ANSWERED = 3 };

// The thread that was asked, and above its 32 bits what for.
static uint64_t asked = NOBODY;

static void unblock(const int *signals, size_t count) {
  sigset_t set;
  sigemptyset(&set);
  for (size_t i = 0; i < count; i++) sigaddset(&set, signals[i]);
  pthread_sigmask(SIG_UNBLOCK, &set, 0);
}

// The signals that abort() and a handler that reads the process's memory depend on: the thread may
// have them blocked.
static void unblock_signals(void) {
  static const int signals[] = {SIGABRT, SIGSEGV, SIGBUS, SIGILL, SIGTRAP};
  unblock(signals, sizeof signals / sizeof signals[0]);
}

// By these the toolchain's backtracer stops the threads that have not crashed; it waits for them in
// vain where they are blocked.
static void let_backtracer_stop_this_thread(void) {
  static const int signals[] = {SIGPROF, SIGUSR1};
  unblock(signals, sizeof signals / sizeof signals[0]);
}

void audit_abort(void) {
  struct sigaction action = {.sa_handler = SIG_DFL};
  sigaction(SIGABRT, &action, 0);
  unblock_signals();
  abort();
}

void audit_abort_with_backtrace(void) {
  unblock_signals();
  abort();
}

static uint64_t request(uint64_t what, int32_t thread) { return what << 32 | (uint32_t)thread; }

void audit_end_by_thread(int32_t thread, _Bool with_backtrace) {
  uint64_t word = request(with_backtrace ? ABORT_WITH_BACKTRACE : ABORT, thread);
  if (thread > 0 && thread != audit_thread_id()) {
    if (with_backtrace) let_backtracer_stop_this_thread();
    // Pairs with the acquiring load in `audit_end_if_asked`.
    __atomic_store_n(&asked, word, __ATOMIC_RELEASE);
    struct audit_wait answer = audit_begin_wait(ANSWER_MILLISECONDS);
    while (__atomic_load_n(&asked, __ATOMIC_ACQUIRE) == word && audit_wait_on(&answer)) {
    }
    // Taken back, unless it was answered just now.
    if (!__atomic_compare_exchange_n(&asked, &word, NOBODY, 0, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
      struct audit_wait end = audit_begin_wait(END_MILLISECONDS);
      while (audit_wait_on(&end)) {
      }
      audit_abort();
    }
  }
  if (with_backtrace) audit_abort_with_backtrace();
  audit_abort();
}

void audit_end_if_asked(void) {
  uint64_t word = __atomic_load_n(&asked, __ATOMIC_ACQUIRE);
  if (word == NOBODY || (int32_t)(uint32_t)word != audit_thread_id()) return;
  uint64_t what = word >> 32;
  if (what == ANSWERED || !__atomic_compare_exchange_n(
          &asked, &word, request(ANSWERED, (int32_t)(uint32_t)word), 0, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
    return;
  }
  if (what == ABORT_WITH_BACKTRACE) audit_abort_with_backtrace();
  audit_abort();
}

struct audit_wait audit_begin_wait(uint32_t milliseconds) {
  return (struct audit_wait){.begin = audit_nanoseconds(), .limit = (uint64_t)milliseconds * 1000000};
}

_Bool audit_wait_on(const struct audit_wait *wait) {
  // This clock does not go back.
  if (audit_nanoseconds() - wait->begin >= wait->limit) return 0;
  struct timespec pause = {.tv_nsec = SLEEP_NANOSECONDS};
  nanosleep(&pause, 0);
  return 1;
}

#endif
