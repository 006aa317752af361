// SPDX-License-Identifier: Apache-2.0
// Crash signals: observe, then chain. Everything reachable from `handle_crash` is async-signal-safe.
#define _GNU_SOURCE
#include "audit_crash.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define SIGNAL_STACK_SIZE (64 * 1024)

static const int crash_signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGTRAP};
#define CRASH_SIGNAL_COUNT (sizeof crash_signals / sizeof crash_signals[0])

static struct sigaction previous[CRASH_SIGNAL_COUNT];
static audit_crash_observer crash_observer;

// Hands the signal on unchanged: to the handler that was there, or to the default action.
static void chain(size_t index, int signal_number, siginfo_t *info, void *context) {
  struct sigaction *old = &previous[index];
  if (old->sa_flags & SA_SIGINFO) {
    old->sa_sigaction(signal_number, info, context);
    return;
  }
  if (old->sa_handler != SIG_DFL && old->sa_handler != SIG_IGN) {
    old->sa_handler(signal_number);
    return;
  }
  struct sigaction action = {.sa_handler = SIG_DFL};
  sigaction(signal_number, &action, NULL);
  // A fault happens again when the handler returns, and ends the process as if nothing had been installed. A signal
  // that was sent has to be sent again.
  if (info->si_code <= 0) syscall(SYS_tgkill, getpid(), syscall(SYS_gettid), signal_number);
}

static void handle_crash(int signal_number, siginfo_t *info, void *context) {
  int saved = errno;
  crash_observer(signal_number);
  errno = saved;
  for (size_t i = 0; i < CRASH_SIGNAL_COUNT; i++) {
    if (crash_signals[i] == signal_number) chain(i, signal_number, info, context);
  }
}

void audit_install_crash_handlers(audit_crash_observer observer) {
  if (crash_observer != NULL) return;
  crash_observer = observer;
  struct sigaction action = {.sa_sigaction = handle_crash, .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER};
  sigemptyset(&action.sa_mask);
  for (size_t i = 0; i < CRASH_SIGNAL_COUNT; i++) sigaction(crash_signals[i], &action, &previous[i]);
}

void *audit_provide_signal_stack(void) {
  stack_t present;
  if (sigaltstack(NULL, &present) != 0 || !(present.ss_flags & SS_DISABLE)) return NULL;
  void *memory = mmap(
      NULL, SIGNAL_STACK_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
  if (memory == MAP_FAILED) return NULL;
  stack_t stack = {.ss_sp = memory, .ss_size = SIGNAL_STACK_SIZE};
  if (sigaltstack(&stack, NULL) != 0) {
    munmap(memory, SIGNAL_STACK_SIZE);
    return NULL;
  }
  return memory;
}

void audit_release_signal_stack(void *memory) {
  if (memory == NULL) return;
  stack_t present;
  if (sigaltstack(NULL, &present) == 0 && present.ss_sp == memory) {
    stack_t disabled = {.ss_flags = SS_DISABLE};
    sigaltstack(&disabled, NULL);
  }
  munmap(memory, SIGNAL_STACK_SIZE);
}
