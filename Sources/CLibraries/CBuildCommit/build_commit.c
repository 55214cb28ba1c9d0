#include "CBuildCommit.h"

const char *roost_build_commit(void) { return ROOST_COMMIT; }
