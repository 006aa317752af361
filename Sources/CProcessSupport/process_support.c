// SPDX-License-Identifier: Apache-2.0
// System calls with a variable number of arguments, and those that the headers show to C alone.
#define _GNU_SOURCE
#include "CProcessSupport.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

static double seconds(struct timeval time) { return (double)time.tv_sec + (double)time.tv_usec / 1e6; }

double process_processor_seconds(void) {
  struct rusage own = {0}, children = {0};
  getrusage(RUSAGE_SELF, &own);
  getrusage(RUSAGE_CHILDREN, &children);
  return seconds(own.ru_utime) + seconds(own.ru_stime) + seconds(children.ru_utime) + seconds(children.ru_stime);
}

#ifdef __linux__
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

bool process_adopt_orphans(void) { return prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0; }

ssize_t process_copy(int from, int to) { return copy_file_range(from, 0, to, 0, 1 << 30, 0); }

int process_pipe(int ends[2]) { return pipe2(ends, O_CLOEXEC); }

int process_start_in(posix_spawn_file_actions_t *actions, const char *folder) {
  return posix_spawn_file_actions_addchdir_np(actions, folder);
}

void process_sleep_exactly(void) { prctl(PR_SET_TIMERSLACK, 1, 0, 0, 0); }

pid_t process_thread_id(void) { return (pid_t)syscall(SYS_gettid); }

void process_end_with_parent(void) { prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0); }
#else
bool process_adopt_orphans(void) { return 0; }

ssize_t process_copy(int from, int to) {
  (void)from, (void)to;
  errno = ENOSYS;
  return -1;
}

int process_pipe(int ends[2]) { return pipe(ends); }

int process_start_in(posix_spawn_file_actions_t *actions, const char *folder) {
  (void)actions, (void)folder;
  return ENOSYS;
}

void process_sleep_exactly(void) {}

pid_t process_thread_id(void) { return getpid(); }

void process_end_with_parent(void) {}
#endif
