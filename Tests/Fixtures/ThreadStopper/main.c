// SPDX-License-Identifier: Apache-2.0
// Runs a program and stops its threads at random instructions, each for a random time, several at
// once: the effect of a busy machine, many times as often. With --at, they stop where a function
// begins.
// Usage: thread-stopper [--at FUNCTION] MILLISECONDS PROGRAM [ARGUMENT...]
// Ends as the program does; with 125 if it cannot trace it.
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "breakpoint.h"

#define THREADS 64
#define STOPPED_AT_ONCE 4

struct thread {
  pid_t id;
  int is_stopped;
  int is_at_function;  // stopped by the breakpoint, or in the step over it
  long long until;     // when it continues, in nanoseconds
};

static struct thread threads[THREADS];
static int count;
static int stopped;
static int stepping;  // threads in their step over the breakpoint

static long long nanoseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000000000LL + now.tv_nsec;
}

static struct thread *find(pid_t id) {
  for (int i = 0; i < count; i++) {
    if (threads[i].id == id) return &threads[i];
  }
  if (count == THREADS) return 0;
  threads[count] = (struct thread){.id = id};
  return &threads[count++];
}

static void forget(pid_t id) {
  for (int i = 0; i < count; i++) {
    if (threads[i].id != id) continue;
    stopped -= threads[i].is_stopped;
    stepping -= threads[i].is_at_function && !threads[i].is_stopped;
    threads[i] = threads[--count];
    return;
  }
}

// A thread's stop: one that was requested, its first, a breakpoint, or the delivery of a signal.
static void handle_stop(pid_t id, int status, long long milliseconds) {
  struct thread *thread = find(id);
  int signal = WSTOPSIG(status);
  int event = status >> 16;
  if (thread && thread->is_at_function && !event && signal == SIGTRAP) {
    thread->is_at_function = 0;
    stepping--;
    ptrace(PTRACE_CONT, id, 0, 0);
    return;
  }
  int is_at_function = !event && signal == SIGTRAP && breakpoint_was_hit(id);
  int is_requested = event == PTRACE_EVENT_STOP && signal == SIGTRAP && !breakpoint_is_used();
  // One that runs into the breakpoint as well while enough are stopped goes on: it is not set.
  if ((is_at_function || is_requested) && thread && stopped < STOPPED_AT_ONCE) {
    thread->is_stopped = 1;
    thread->is_at_function = is_at_function;
    thread->until = nanoseconds() + milliseconds * 1000000LL * (50 + rand() % 100) / 100;
    stopped++;
    return;
  }
  ptrace(PTRACE_CONT, id, 0, event || is_at_function ? 0 : signal);
}

// Handles pending events; 1 when the program has ended.
static int handle_events(pid_t program, int *status, long long milliseconds) {
  pid_t id;
  while ((id = waitpid(-1, status, __WALL | WNOHANG)) > 0) {
    if (WIFSTOPPED(*status)) {
      handle_stop(id, *status, milliseconds);
      continue;
    }
    forget(id);
    if (id == program) return 1;
  }
  return id < 0 && errno == ECHILD;
}

static void continue_those_due(void) {
  long long now = nanoseconds();
  for (int i = 0; i < count; i++) {
    if (!threads[i].is_stopped || threads[i].until > now) continue;
    threads[i].is_stopped = 0;
    stopped--;
    // The function's first instruction must be the original one in this step.
    if (threads[i].is_at_function) {
      breakpoint_clear();
      stepping++;
    }
    ptrace(threads[i].is_at_function ? PTRACE_SINGLESTEP : PTRACE_CONT, threads[i].id, 0, 0);
  }
}

int main(int argc, char **argv) {
  const char *function = 0;
  if (argc > 2 && !strcmp(argv[1], "--at")) {
    function = argv[2];
    argc -= 2;
    argv += 2;
  }
  if (argc < 3) {
    fprintf(stderr, "usage: thread-stopper [--at FUNCTION] MILLISECONDS PROGRAM [ARGUMENT...]\n");
    return 64;
  }
  if (function && !breakpoint_find(argv[2], function)) {
    fprintf(stderr, "thread-stopper: %s has no function %s, or the machine is no x86-64\n", argv[2], function);
    return 125;
  }
  long long milliseconds = atoll(argv[1]);
  int gate[2];
  if (pipe(gate)) return 125;
  pid_t program = fork();
  if (program == 0) {
    char go;
    close(gate[1]);
    if (read(gate[0], &go, 1) != 1) _exit(125);
    close(gate[0]);
    execvp(argv[2], argv + 2);
    _exit(127);
  }
  if (program < 0 || ptrace(PTRACE_SEIZE, program, 0, PTRACE_O_TRACECLONE | PTRACE_O_EXITKILL)) {
    fprintf(stderr, "thread-stopper: cannot trace: %s\n", strerror(errno));
    return 125;
  }
  find(program);
  if (write(gate[1], "", 1) != 1) return 125;
  close(gate[1]);
  srand((unsigned)program);

  int status = 0;
  while (!handle_events(program, &status, milliseconds)) {
    continue_those_due();
    if (stopped < STOPPED_AT_ONCE && count > 0) {
      struct thread *thread = &threads[rand() % count];
      if (breakpoint_is_used()) {
        if (stepping == 0) breakpoint_set(program);
      } else if (!thread->is_stopped) ptrace(PTRACE_INTERRUPT, thread->id, 0, 0);
    }
    usleep(200 + rand() % 800);
  }
  if (WIFSIGNALED(status)) {
    signal(WTERMSIG(status), SIG_DFL);
    raise(WTERMSIG(status));
  }
  return WEXITSTATUS(status);
}
