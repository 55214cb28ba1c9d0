#ifndef ROOST_BUILD_COMMIT_H
#define ROOST_BUILD_COMMIT_H

// The commit that roost was built from, with "-modified" where files differed from it; empty when the build was not told.
// In a target of its own, so that another commit compiles this file and no other.
const char *roost_build_commit(void);

#endif
