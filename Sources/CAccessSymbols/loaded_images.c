// SPDX-License-Identifier: Apache-2.0
// Images from the process's map, and what their headers in memory say. Memory is read through the
// kernel, because the library may be unloaded meanwhile. Both are asked for by way of the calling
// thread: once the main thread has ended by pthread_exit, it has no memory and no map.
#include "audit_build.h"
#if AUDIT_REPORTS_ARE_COMPILED_IN

#define _GNU_SOURCE
#include "audit_loaded_images.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

typedef struct {
  uint64_t begin, end, offset, inode, device;
  _Bool is_executable;
  const char *path;
} mapping;

static _Bool copy_memory(uint64_t address, void *copy, size_t size) {
  struct iovec local = {.iov_base = copy, .iov_len = size};
  struct iovec remote = {.iov_base = (void *)(uintptr_t)address, .iov_len = size};
  return process_vm_readv(gettid(), &local, 1, &remote, 1, 0) == (ssize_t)size;
}

static uint64_t read_hexadecimal(const char **text) {
  uint64_t number = 0;
  for (;; (*text)++) {
    char c = **text;
    if (c >= '0' && c <= '9') number = number * 16 + (uint64_t)(c - '0');
    else if (c >= 'a' && c <= 'f') number = number * 16 + (uint64_t)(c - 'a' + 10);
    else return number;
  }
}

// begin-end flags offset major:minor inode path
static _Bool read_mapping(const char *line, mapping *m) {
  m->begin = read_hexadecimal(&line);
  if (*line++ != '-') return 0;
  m->end = read_hexadecimal(&line);
  if (*line++ != ' ' || strlen(line) < 5) return 0;
  m->is_executable = line[2] == 'x';
  line += 5;
  m->offset = read_hexadecimal(&line);
  if (*line++ != ' ') return 0;
  m->device = read_hexadecimal(&line) << 32;
  if (*line++ != ':') return 0;
  m->device |= read_hexadecimal(&line);
  if (*line++ != ' ') return 0;
  m->inode = 0;
  for (; *line >= '0' && *line <= '9'; line++) m->inode = m->inode * 10 + (uint64_t)(*line - '0');
  while (*line == ' ') line++;
  m->path = line;
  return 1;
}

static void read_notes(audit_loaded_image *image, uint64_t address, uint64_t size) {
  uint8_t notes[1024];
  if (size > sizeof notes) size = sizeof notes;
  if (!copy_memory(address, notes, size)) return;
  for (uint64_t at = 0; at + sizeof(Elf64_Nhdr) <= size;) {
    Elf64_Nhdr header;
    memcpy(&header, notes + at, sizeof header);
    uint64_t name = at + sizeof header;
    uint64_t content = name + (((uint64_t)header.n_namesz + 3) & ~3ull);
    uint64_t next = content + (((uint64_t)header.n_descsz + 3) & ~3ull);
    if (content + header.n_descsz > size) return;
    if (header.n_type == NT_GNU_BUILD_ID && header.n_namesz == 4 && memcmp(notes + name, "GNU", 4) == 0) {
      image->build_id_size = header.n_descsz < AUDIT_BUILD_ID_LIMIT ? header.n_descsz : AUDIT_BUILD_ID_LIMIT;
      memcpy(image->build_id, notes + content, image->build_id_size);
      return;
    }
    at = next;
  }
}

// Completes the image whose code the mapping is; tells whether the headers in memory agree with
// that.
static _Bool complete(audit_loaded_image *image, const mapping *code) {
  Elf64_Ehdr header;
  Elf64_Phdr parts[32];
  if (!copy_memory(image->begin, &header, sizeof header)) return 0;
  if (memcmp(header.e_ident, ELFMAG, SELFMAG) != 0 || header.e_ident[EI_CLASS] != ELFCLASS64) return 0;
  size_t count = header.e_phnum < 32 ? header.e_phnum : 32;
  if (header.e_phentsize != sizeof(Elf64_Phdr) ||
      !copy_memory(image->begin + header.e_phoff, parts, count * sizeof *parts)) {
    return 0;
  }
  image->bias = image->begin;
  for (size_t i = 0; i < count; i++) {
    // The first part to be loaded is where the file's first bytes lie.
    if (parts[i].p_type != PT_LOAD) continue;
    image->bias = image->begin - (parts[i].p_vaddr - parts[i].p_offset);
    break;
  }
  _Bool holds_code = 0;
  image->build_id_size = 0;
  for (size_t i = 0; i < count; i++) {
    if (parts[i].p_type == PT_LOAD && (parts[i].p_flags & PF_X)) {
      uint64_t begin = image->bias + parts[i].p_vaddr, end = begin + parts[i].p_memsz;
      if (begin < code->end && end > code->begin) holds_code = 1;
      if (end > image->end) image->end = end;
    }
    if (parts[i].p_type == PT_NOTE && image->build_id_size == 0) {
      read_notes(image, image->bias + parts[i].p_vaddr, parts[i].p_memsz);
    }
  }
  return holds_code;
}

typedef struct {
  _Bool (*body)(void *, const audit_loaded_image *);
  void *context;
  // The file's first bytes, seen last: its code follows, with nothing between that is not of the
  // same image.
  mapping head;
  uint64_t last_begin;
  char head_path[1024], executable[1024];
} listing;

// Takes one mapping in; tells whether to go on.
static _Bool add(listing *l, mapping *m) {
  if (m->inode == 0 || m->path[0] != '/') return 1;
  if (m->offset == 0 && strlen(m->path) < sizeof l->head_path) {
    l->head = *m;
    strcpy(l->head_path, m->path);
  }
  _Bool is_same = l->head.inode == m->inode && l->head.device == m->device && l->head.inode != 0;
  if (!m->is_executable || !is_same || l->head.begin == l->last_begin) return 1;
  audit_loaded_image image = {.begin = l->head.begin, .end = m->end, .path = l->head_path};
  if (!complete(&image, m)) return 1;
  l->last_begin = image.begin;
  image.path_to_open = strcmp(l->head_path, l->executable) == 0 ? "/proc/thread-self/exe" : image.path;
  return l->body(l->context, &image);
}

void audit_for_each_image(_Bool (*body)(void *context, const audit_loaded_image *image), void *context) {
  int saved = errno;
  listing l = {.body = body, .context = context};
  ssize_t length = readlink("/proc/thread-self/exe", l.executable, sizeof l.executable - 1);
  if (length > 0) l.executable[length] = 0;
  char text[8192];
  size_t held = 0;
  _Bool goes_on = 1;
  int file = open("/proc/thread-self/maps", O_RDONLY | O_CLOEXEC);
  while (file >= 0 && goes_on) {
    ssize_t count = read(file, text + held, sizeof text - 1 - held);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) break;
    held += (size_t)count;
    char *line = text, *end;
    while (goes_on && (end = memchr(line, '\n', held - (size_t)(line - text))) != NULL) {
      *end = 0;
      mapping m;
      if (read_mapping(line, &m)) goes_on = add(&l, &m);
      line = end + 1;
    }
    held -= (size_t)(line - text);
    memmove(text, line, held);
    if (held == sizeof text - 1) held = 0;  // no line is as long as this
  }
  if (file >= 0) close(file);
  errno = saved;
}

#endif
