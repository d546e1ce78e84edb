// What Linux offers a datagram server and Glibc's Swift module does not show: recvmmsg, sendmmsg,
// epoll, eventfd, in6_pktinfo, CPU affinity, and the CMSG_* macros as functions.
// Header-only: CLinux.c only makes it a target.
#ifndef SWIFTLET_CLINUX_H
#define SWIFTLET_CLINUX_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif
#include <features.h>
#include <stddef.h>
#include <stdint.h>
// Glibc's Swift module reads <sys/select.h> without _GNU_SOURCE, and X/Open's names change the
// definition of fd_set: it must be the same here, or a build that sees both modules fails.
#undef __USE_XOPEN
#include <sys/select.h>
#define __USE_XOPEN 1
#include <sys/types.h>
#include <sys/socket.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <pthread.h>
#include <ifaddrs.h>
#include <link.h>
#include <malloc.h>
#include <net/if.h>
#include <sys/mman.h>
#include <unistd.h>

static inline struct cmsghdr *clinux_cmsg_first(struct msghdr *message) {
  return CMSG_FIRSTHDR(message);
}
static inline struct cmsghdr *clinux_cmsg_next(struct msghdr *message, struct cmsghdr *header) {
  return CMSG_NXTHDR(message, header);
}
static inline void *clinux_cmsg_data(struct cmsghdr *header) { return CMSG_DATA(header); }
static inline size_t clinux_cmsg_len(size_t length) { return CMSG_LEN(length); }
static inline size_t clinux_cmsg_space(size_t length) { return CMSG_SPACE(length); }

// accept4 and recvmmsg take transparent unions or lack a strict prototype in Swift: plain wrappers.
static inline int clinux_accept(int listener, struct sockaddr *address, socklen_t *length) {
  return accept4(listener, address, length, SOCK_NONBLOCK | SOCK_CLOEXEC);
}
// Names the calling thread for `top -H` and debuggers.
static inline void clinux_name_thread(const char *name) {
  (void)pthread_setname_np(pthread_self(), name);
}
// The cores this process may run on (affinity mask), at least 1.
static inline int clinux_usable_core_count(void) {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof(set), &set) != 0) return 1;
  int count = CPU_COUNT(&set);
  return count > 0 ? count : 1;
}
// Drops the pages of one object's code and constants, which come back from its file when they are
// needed. Segments that may be written, relocations included, are left alone.
static inline int clinux_release_segments(struct dl_phdr_info *info, size_t size, void *data) {
  uintptr_t mask = (uintptr_t)sysconf(_SC_PAGESIZE) - 1;
  (void)size;
  // The program itself comes first and has no name.
  if (data != NULL && (info->dlpi_name == NULL || info->dlpi_name[0] == 0)) return 0;
  for (int i = 0; i < info->dlpi_phnum; i++) {
    const ElfW(Phdr) *segment = &info->dlpi_phdr[i];
    if (segment->p_type != PT_LOAD || (segment->p_flags & PF_W) != 0) continue;
    uintptr_t start = (info->dlpi_addr + segment->p_vaddr + mask) & ~mask;
    uintptr_t end = (info->dlpi_addr + segment->p_vaddr + segment->p_memsz) & ~mask;
    if (start < end) (void)madvise((void *)start, end - start, MADV_DONTNEED);
  }
  return 0;
}
// Drops the pages of all code and constants from memory that is counted for this process; those of
// the libraries alone when the program's own are to stay.
static inline void clinux_release_code(int keeps_program) {
  (void)dl_iterate_phdr(clinux_release_segments, keeps_program ? &keeps_program : NULL);
}
// Gives free memory of the heap back to the system; Glibc's module has no <malloc.h>.
static inline void clinux_release_free_memory(void) { (void)malloc_trim(0); }
#endif
