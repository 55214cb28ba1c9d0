#pragma once
#include "../function_table.h"
#include <sqlite3.h>
#include <stddef.h>

// SQLite is not linked but opened when there is a store, so that nobody else pays for mapping it. Only its header is used
// at compile time.

// The functions of SQLite that are called, found by name (see function_table.h).
#define SQLITE_FUNCTIONS(ROW)                                                                                \
  ROW(sqlite3_, libversion, const char *, void)                                                              \
  ROW(sqlite3_, open_v2, int, const char *, sqlite3 **, int, const char *)                                   \
  ROW(sqlite3_, close_v2, int, sqlite3 *)                                                                    \
  ROW(sqlite3_, busy_timeout, int, sqlite3 *, int)                                                           \
  ROW(sqlite3_, extended_result_codes, int, sqlite3 *, int)                                                  \
  ROW(sqlite3_, errmsg, const char *, sqlite3 *)                                                             \
  ROW(sqlite3_, errstr, const char *, int)                                                                   \
  ROW(sqlite3_, exec, int, sqlite3 *, const char *, int (*)(void *, int, char **, char **), void *, char **) \
  ROW(sqlite3_, changes, int, sqlite3 *)                                                                     \
  ROW(sqlite3_, db_release_memory, int, sqlite3 *)                                                           \
  ROW(sqlite3_, prepare_v2, int, sqlite3 *, const char *, int, sqlite3_stmt **, const char **)               \
  ROW(sqlite3_, step, int, sqlite3_stmt *)                                                                   \
  ROW(sqlite3_, reset, int, sqlite3_stmt *)                                                                  \
  ROW(sqlite3_, finalize, int, sqlite3_stmt *)                                                               \
  ROW(sqlite3_, bind_int64, int, sqlite3_stmt *, int, sqlite3_int64)                                         \
  ROW(sqlite3_, bind_double, int, sqlite3_stmt *, int, double)                                               \
  ROW(sqlite3_, bind_text, int, sqlite3_stmt *, int, const char *, int, void (*)(void *))                    \
  ROW(sqlite3_, bind_blob, int, sqlite3_stmt *, int, const void *, int, void (*)(void *))                    \
  ROW(sqlite3_, column_int64, sqlite3_int64, sqlite3_stmt *, int)                                            \
  ROW(sqlite3_, column_double, double, sqlite3_stmt *, int)                                                  \
  ROW(sqlite3_, column_text, const unsigned char *, sqlite3_stmt *, int)                                     \
  ROW(sqlite3_, column_blob, const void *, sqlite3_stmt *, int)                                              \
  ROW(sqlite3_, column_bytes, int, sqlite3_stmt *, int)

FUNCTION_TABLE(sqlite_functions, SQLITE_FUNCTIONS)

// "The value is copied": a macro that casts, which Swift does not import.
static inline void (*sqlite_copied(void))(void *) { return SQLITE_TRANSIENT; }
