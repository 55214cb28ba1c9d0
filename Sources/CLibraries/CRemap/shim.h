#pragma once
#include <stddef.h>

#ifdef __linux__
// Declared here because libc hides it behind a feature macro; and it takes any number of arguments, which Swift calls in no
// other way than through a function of ours.
extern void *mremap(void *address, size_t old_bytes, size_t new_bytes, int flags, ...);

/// Enlarges a mapping, moving it when there is something behind it; `MAP_FAILED` when the system has no room for it.
static inline void *roost_remap(void *address, size_t old_bytes, size_t new_bytes) {
  return mremap(address, old_bytes, new_bytes, 1 /* MREMAP_MAYMOVE */);
}
#endif
