// SPDX-License-Identifier: Apache-2.0
// Crash signals: observe, then hand on. Everything reachable from `handle_crash` is
// async-signal-safe.
//
// The kernel calls this handler as it would have called the one that was there before: with that
// one's mask, on the stack that it asked for, restarting system calls if it said so, and once only
// if it said that. Nothing of this is imitated.
#include "audit_build.h"
#if AUDIT_IS_COMPILED_IN

#define _GNU_SOURCE
#include "audit_crash.h"

#include "audit_thread.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

static const int crash_signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGTRAP};
#define CRASH_SIGNAL_COUNT (sizeof crash_signals / sizeof crash_signals[0])

// What was there before, by signal.
static struct sigaction previous[CRASH_SIGNAL_COUNT];
static audit_crash_observer crash_observer;
// A fault in the observer itself is handed on at once.
static __thread _Bool is_observing __attribute__((tls_model("initial-exec"))) = 0;

static void handle_crash(int signal_number, siginfo_t *info, void *context);

static _Bool is_plain(const struct sigaction *action, __sighandler_t handler) {
  return !(action->sa_flags & SA_SIGINFO) && action->sa_handler == handler;
}

static _Bool is_default(const struct sigaction *action) { return is_plain(action, SIG_DFL); }
static _Bool is_ignored(const struct sigaction *action) { return is_plain(action, SIG_IGN); }
static _Bool is_ours(const struct sigaction *action) {
  return (action->sa_flags & SA_SIGINFO) && action->sa_sigaction == handle_crash;
}

// Whether the process ends by the signal: nobody else handles it, or a handler does that is there
// for abort() too, which ends the process whatever its handler does. That one reports crashes, as
// the toolchain's does; one that repairs faults, of a garbage collector or a virtual machine, is
// there for faults alone.
static _Bool is_end(const struct sigaction *action) {
  if (is_default(action)) return 1;
  struct sigaction abort_action;
  if (sigaction(SIGABRT, NULL, &abort_action) != 0 || is_default(&abort_action) || is_ignored(&abort_action)) return 0;
  // Both members of the union are the handler's address.
  return (void *)abort_action.sa_sigaction == (void *)action->sa_sigaction;
}

// Takes the signal over from what is there now, unless it is ignored: that is inherited by programs
// that this one becomes.
static void take_over(size_t index) {
  struct sigaction found;
  if (sigaction(crash_signals[index], NULL, &found) != 0) return;
  // A second look: another thread may install a handler meanwhile.
  for (int look = 0; look < 2 && !is_ignored(&found) && !is_ours(&found); look++) {
    previous[index] = found;
    struct sigaction ours = {.sa_flags = SA_ONSTACK | SA_NODEFER};
    sigemptyset(&ours.sa_mask);
    if (!is_default(&found)) ours = found;
    ours.sa_flags |= SA_SIGINFO;
    ours.sa_sigaction = handle_crash;
    struct sigaction replaced;
    if (sigaction(crash_signals[index], &ours, &replaced) != 0) return;
    if (replaced.sa_sigaction == found.sa_sigaction) return;
    found = replaced;
  }
  if (is_ignored(&found)) sigaction(crash_signals[index], &found, NULL);
}

// Whether the instruction faults again when it is returned to. A breakpoint does not, nor a signal
// that was sent, nor an error of memory that somebody else came upon.
static _Bool happens_again(int signal_number, const siginfo_t *info) {
  if (info->si_code <= 0 || signal_number == SIGTRAP) return 0;
#ifdef BUS_MCEERR_AO
  if (signal_number == SIGBUS && info->si_code == BUS_MCEERR_AO) return 0;
#endif
  return 1;
}

// Has the default action done where the fault was: the process ends as if nothing had been
// installed.
static void end_by_default(int signal_number, siginfo_t *info) {
  struct sigaction action = {.sa_handler = SIG_DFL};
  sigaction(signal_number, &action, NULL);
  if (happens_again(signal_number, info)) return;
  // Blocked until the handler has returned to where the signal came from.
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, signal_number);
  pthread_sigmask(SIG_BLOCK, &set, NULL);
  int thread = audit_thread_id();
  if (syscall(SYS_rt_tgsigqueueinfo, getpid(), thread, signal_number, info) != 0) {
    syscall(SYS_tgkill, getpid(), thread, signal_number);
  }
}

static void hand_on(size_t index, int signal_number, siginfo_t *info, void *context) {
  struct sigaction action = previous[index];
  if (is_default(&action)) {
    end_by_default(signal_number, info);
    return;
  }
  // The kernel has reset the disposition when it called.
  if (action.sa_flags & SA_RESETHAND) previous[index] = (struct sigaction){.sa_handler = SIG_DFL};
  if (action.sa_flags & SA_SIGINFO) {
    action.sa_sigaction(signal_number, info, context);
  } else {
    action.sa_handler(signal_number);
  }
  // Left to the default action, by the handler or by its flags: what is wrong is repaired, or it
  // happens again and ends the process, with a report.
  struct sigaction now;
  if (sigaction(signal_number, NULL, &now) == 0 && is_default(&now)) take_over(index);
}

static void handle_crash(int signal_number, siginfo_t *info, void *context) {
  int saved = errno;
  size_t index = 0;
  while (index + 1 < CRASH_SIGNAL_COUNT && crash_signals[index] != signal_number) index++;
  if (!is_observing) {
    is_observing = 1;
    crash_observer(signal_number, is_end(&previous[index]));
    is_observing = 0;
  }
  errno = saved;
  hand_on(index, signal_number, info, context);
  errno = saved;
}

void audit_install_crash_handlers(audit_crash_observer observer) {
  if (crash_observer != NULL) return;
  crash_observer = observer;
  for (size_t index = 0; index < CRASH_SIGNAL_COUNT; index++) take_over(index);
}

#endif
