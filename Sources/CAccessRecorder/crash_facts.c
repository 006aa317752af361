// SPDX-License-Identifier: Apache-2.0
// The report of last resort: what is known of a crash, without names, written by the crashed thread
// itself. Async-signal-safe.
#include "audit_build.h"
#if AUDIT_IS_COMPILED_IN

#define _GNU_SOURCE
#include "audit_crash.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

// How long one write may take: stderr may be a pipe that nobody reads.
#define WRITE_MILLISECONDS 1000

struct line {
  char text[256];
  size_t length;
};

static void add(struct line *line, const char *text) {
  size_t length = strlen(text);
  if (length > sizeof line->text - line->length) length = sizeof line->text - line->length;
  memcpy(line->text + line->length, text, length);
  line->length += length;
}

static void add_number(struct line *line, int32_t number) {
  char digits[12];
  size_t first = sizeof digits - 1;
  digits[first] = 0;
  uint32_t rest = number < 0 ? 0 : (uint32_t)number;
  do {
    digits[--first] = (char)('0' + rest % 10);
    rest /= 10;
  } while (rest != 0);
  add(line, digits + first);
}

static const char *name(int32_t signal_number) {
  switch (signal_number) {
  case SIGSEGV: return "SIGSEGV";
  case SIGBUS: return "SIGBUS";
  case SIGILL: return "SIGILL";
  default: return "SIGTRAP";
  }
}

void audit_write_crash_facts(int32_t signal_number, int32_t thread, int32_t other) {
  struct line line = {.length = 0};
  add(&line, "fatal error: crash during concurrent access (");
  add(&line, name(signal_number));
  add(&line, ")\nAccessAudit: thread ");
  add_number(&line, thread);
  if (other > 0) {
    add(&line, ", while thread ");
    add_number(&line, other);
    add(&line, " was inside");
  }
  add(&line, " (pid=");
  add_number(&line, getpid());
  add(&line, "); the detector did not finish its report\n");
  const char *text = line.text;
  while (line.length > 0) {
    struct pollfd ready = {.fd = STDERR_FILENO, .events = POLLOUT};
    if (poll(&ready, 1, WRITE_MILLISECONDS) != 1 || !(ready.revents & POLLOUT)) return;
    ssize_t count = write(STDERR_FILENO, text, line.length);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return;
    text += count;
    line.length -= (size_t)count;
  }
}

#endif
