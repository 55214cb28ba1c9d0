/* Keeps a thread from ever coming back: the first that asks for the logarithm of the duration in STUCK_AT, as the agent
   does for the sketch of a span. What holds that thread's lock then is held for good. With STUCK_IN_TRIM the one that gives
   memory back: of an agent over its limit, the main thread. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

static double (*real)(double);
static double stuck_at;

__attribute__((constructor)) static void start(void) {
  real = (double (*)(double))dlsym(RTLD_NEXT, "log");
  const char *text = getenv("STUCK_AT");
  if (text) stuck_at = atof(text);
}

int malloc_trim(size_t kept) {
  (void)kept;
  while (getenv("STUCK_IN_TRIM")) pause();
  return 0;
}

double log(double value) {
  if (!real) start();
  while (stuck_at > 0 && value == stuck_at) pause();
  return real(value);
}
