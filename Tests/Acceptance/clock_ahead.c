/* Puts a program's clocks ahead by the seconds that stand in the first 8 bytes of CLOCK_AHEAD_FILE, which may change
   while it runs: what an hour would bring about is there at once. With CLOCK_AHEAD_WALL_ONLY it is the time of day alone,
   as when somebody sets it. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>

static _Atomic int64_t *ahead;
static int wall_only;
static int (*real)(clockid_t, struct timespec *);

__attribute__((constructor)) static void start(void) {
  real = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
  const char *path = getenv("CLOCK_AHEAD_FILE");
  wall_only = getenv("CLOCK_AHEAD_WALL_ONLY") != NULL;
  int file = path ? open(path, O_RDONLY) : -1;
  if (file < 0) return;
  void *memory = mmap(NULL, sizeof *ahead, PROT_READ, MAP_SHARED, file, 0);
  if (memory != MAP_FAILED) ahead = memory;
}

int clock_gettime(clockid_t clock, struct timespec *time) {
  if (!real) start();
  int result = real(clock, time);
  int isOfWorld = wall_only ? clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE
                            : clock != CLOCK_PROCESS_CPUTIME_ID && clock != CLOCK_THREAD_CPUTIME_ID;
  if (result == 0 && ahead && isOfWorld) time->tv_sec += atomic_load(ahead);
  return result;
}
