/* Keeps a thread from ever coming back: the first that asks for the logarithm of the duration in STUCK_AT, as the agent
   does for the sketch of a span. What holds that thread's lock then is held for good. With STUCK_IN_TRIM the one that gives
   memory back: of an agent over its limit, the main thread. With STUCK_IN_SEARCH those that search for traces, once they read
   a file, as from a disk that has gone. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/types.h>
#include <unistd.h>

static double (*real)(double);
static ssize_t (*real_pread)(int, void *, size_t, off64_t);
static double stuck_at;

__attribute__((constructor)) static void start(void) {
  real = (double (*)(double))dlsym(RTLD_NEXT, "log");
  real_pread = (ssize_t (*)(int, void *, size_t, off64_t))dlsym(RTLD_NEXT, "pread64");
  const char *text = getenv("STUCK_AT");
  if (text) stuck_at = atof(text);
}

int malloc_trim(size_t kept) {
  (void)kept;
  while (getenv("STUCK_IN_TRIM")) pause();
  return 0;
}

ssize_t pread64(int file, void *bytes, size_t count, off64_t offset) {
  char name[16] = "";
  if (!real_pread) start();
  if (getenv("STUCK_IN_SEARCH") && prctl(PR_GET_NAME, name) == 0)
    while (strcmp(name, "roost-search") == 0) pause();
  return real_pread(file, bytes, count, offset);
}

double log(double value) {
  if (!real) start();
  while (stuck_at > 0 && value == stuck_at) pause();
  return real(value);
}
