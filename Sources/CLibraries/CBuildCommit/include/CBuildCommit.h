#ifndef ROOST_BUILD_COMMIT_H
#define ROOST_BUILD_COMMIT_H

// The commit that roost was built from, 12 hexadecimal digits, with "-modified" where files differed from it; empty when
// it was not built from a repository. In a target of its own, so that another commit compiles this file and no other.
const char *roost_build_commit(void);

#endif
