#include "CTerminalRestore.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

static const int crashes[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGABRT, SIGQUIT};
#define CRASHES (sizeof crashes / sizeof crashes[0])

static struct sigaction before[CRASHES];
static struct termios modes;
static int terminal = -1;
static char farewell[512];
static size_t farewell_bytes;
// A stack that overflowed has no place for a handler.
static char stack[65536];

static void restore(int number, siginfo_t *info, void *context) {
  (void)context;
  int saved = errno;
  for (size_t written = 0; written < farewell_bytes;) {
    ssize_t count = write(terminal, farewell + written, farewell_bytes - written);
    if (count <= 0) break;
    written += (size_t)count;
  }
  tcsetattr(terminal, TCSANOW, &modes);
  for (size_t index = 0; index < CRASHES; index++) {
    if (crashes[index] == number) sigaction(number, &before[index], NULL);
  }
  errno = saved;
  // A fault comes again when the handler returns; what somebody sent has to be sent again.
  if (info == NULL || info->si_code <= 0 || number == SIGQUIT) raise(number);
}

int terminal_restore_remember(int descriptor) {
  if (tcgetattr(descriptor, &modes) != 0) return -1;
  terminal = descriptor;
  return 0;
}

void terminal_restore_begin(const char *bytes, size_t count) {
  farewell_bytes = count < sizeof farewell ? count : sizeof farewell;
  memcpy(farewell, bytes, farewell_bytes);
  stack_t alternate = {.ss_sp = stack, .ss_size = sizeof stack};
  sigaltstack(&alternate, NULL);
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_sigaction = restore;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK;
  sigfillset(&action.sa_mask);
  for (size_t index = 0; index < CRASHES; index++) sigaction(crashes[index], &action, &before[index]);
}

void terminal_restore_end(void) {
  for (size_t index = 0; index < CRASHES; index++) sigaction(crashes[index], &before[index], NULL);
}
