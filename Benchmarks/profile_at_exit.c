/* Loaded into an instrumented roost (LD_PRELOAD) by profile.py: the agent ends by _exit, which would leave its counts behind. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <sys/syscall.h>
#include <unistd.h>

void _exit(int status) {
  int (*write_counts)(void) = (int (*)(void))dlsym(RTLD_DEFAULT, "__llvm_profile_write_file");
  if (write_counts) write_counts();
  for (;;) syscall(SYS_exit_group, status);
}
