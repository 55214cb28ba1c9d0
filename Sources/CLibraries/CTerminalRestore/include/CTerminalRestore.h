#ifndef ROOST_TERMINAL_RESTORE_H
#define ROOST_TERMINAL_RESTORE_H
#include <stddef.h>

// Gives a terminal back as it was when the process crashes, with nothing but what a signal handler may call. In C because
// Swift promises no such thing of its own code.

// Remembers the modes of the terminal `descriptor` as they are now; returns 0, or -1 when it is none.
int terminal_restore_remember(int descriptor);

// From now on SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGABRT and SIGQUIT write these bytes to the terminal and set the
// remembered modes before they do what they did before. More than a few hundred bytes are cut.
void terminal_restore_begin(const char *bytes, size_t count);

// The signals do what they did before.
void terminal_restore_end(void);

#endif
