// Counts heap allocations of a process: LD_PRELOAD this, and at SIGRTMIN and at the end a line with
// the number so far goes to the file named by ALLOCATION_COUNT_FILE. Counts threads whose name
// starts with "dns-" apart from all others: those are the ones that answer queries.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

static atomic_ulong worker_count, other_count;
static _Thread_local int kind;  // 0 unknown, 1 worker, 2 other

static void *(*real_malloc)(size_t);
static void *(*real_calloc)(size_t, size_t);
static void *(*real_realloc)(void *, size_t);
static int (*real_memalign)(void **, size_t, size_t);
static void *(*real_aligned)(size_t, size_t);
static char early[1 << 16];
static size_t early_used;

static void resolve(void) {
  if (real_malloc) return;
  real_calloc = dlsym(RTLD_NEXT, "calloc");
  real_realloc = dlsym(RTLD_NEXT, "realloc");
  real_memalign = dlsym(RTLD_NEXT, "posix_memalign");
  real_aligned = dlsym(RTLD_NEXT, "aligned_alloc");
  real_malloc = dlsym(RTLD_NEXT, "malloc");
}

static void count(void) {
  if (kind == 0) {
    char name[16] = "";
    prctl(PR_GET_NAME, name);
    // A thread's name is set right after its start; until then its few allocations count as other.
    if (strncmp(name, "dns-", 4) == 0) kind = 1;
  }
  atomic_fetch_add_explicit(kind == 1 ? &worker_count : &other_count, 1, memory_order_relaxed);
}

void *malloc(size_t size) { resolve(); count(); return real_malloc(size); }
void *realloc(void *old, size_t size) { resolve(); count(); return real_realloc(old, size); }
int posix_memalign(void **out, size_t align, size_t size) {
  resolve(); count(); return real_memalign(out, align, size);
}
void *aligned_alloc(size_t align, size_t size) { resolve(); count(); return real_aligned(align, size); }
void *calloc(size_t number, size_t size) {
  if (!real_calloc) {  // dlsym itself may call calloc
    size_t need = (number * size + 15) & ~15ul;
    if (early_used + need <= sizeof early) { early_used += need; return early + early_used - need; }
  }
  resolve(); count();
  return real_calloc(number, size);
}

static void report(int signal) {
  (void)signal;
  char line[96];
  const char *path = getenv("ALLOCATION_COUNT_FILE");
  int length = snprintf(line, sizeof line, "worker %lu other %lu\n",
                        atomic_load(&worker_count), atomic_load(&other_count));
  int fd = path ? open(path, O_WRONLY | O_CREAT | O_APPEND, 0644) : 2;
  if (fd >= 0 && length > 0) (void)!write(fd, line, (size_t)length);
  if (path && fd >= 0) close(fd);
}

__attribute__((constructor)) static void start(void) { signal(SIGRTMIN, report); }
__attribute__((destructor)) static void stop(void) { report(0); }
