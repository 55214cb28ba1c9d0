#pragma once
#include <dlfcn.h>
#include <sqlite3.h>
#include <stddef.h>

// SQLite is not linked but opened when there is a store, so that nobody else pays for mapping it. Only its header is used
// at compile time.

// The functions of SQLite that are called, found by name.
typedef struct {
  const char *(*libversion)(void);
  int (*open_v2)(const char *, sqlite3 **, int, const char *);
  int (*close_v2)(sqlite3 *);
  int (*busy_timeout)(sqlite3 *, int);
  int (*extended_result_codes)(sqlite3 *, int);
  const char *(*errmsg)(sqlite3 *);
  const char *(*errstr)(int);
  int (*exec)(sqlite3 *, const char *, int (*)(void *, int, char **, char **), void *, char **);
  int (*changes)(sqlite3 *);
  int (*db_release_memory)(sqlite3 *);
  int (*prepare_v2)(sqlite3 *, const char *, int, sqlite3_stmt **, const char **);
  int (*step)(sqlite3_stmt *);
  int (*reset)(sqlite3_stmt *);
  int (*finalize)(sqlite3_stmt *);
  int (*bind_int64)(sqlite3_stmt *, int, sqlite3_int64);
  int (*bind_double)(sqlite3_stmt *, int, double);
  int (*bind_text)(sqlite3_stmt *, int, const char *, int, void (*)(void *));
  int (*bind_blob)(sqlite3_stmt *, int, const void *, int, void (*)(void *));
  sqlite3_int64 (*column_int64)(sqlite3_stmt *, int);
  double (*column_double)(sqlite3_stmt *, int);
  const unsigned char *(*column_text)(sqlite3_stmt *, int);
  const void *(*column_blob)(sqlite3_stmt *, int);
  int (*column_bytes)(sqlite3_stmt *, int);
} sqlite_functions;

// Fills the table from an open library; returns the name of the first function that it lacks, or NULL.
static inline const char *sqlite_functions_load(sqlite_functions *table, void *library) {
#define SQLITE_LOAD(field)                                       \
  *(void **)(&table->field) = dlsym(library, "sqlite3_" #field); \
  if (table->field == NULL) return "sqlite3_" #field;
  SQLITE_LOAD(libversion)
  SQLITE_LOAD(open_v2)
  SQLITE_LOAD(close_v2)
  SQLITE_LOAD(busy_timeout)
  SQLITE_LOAD(extended_result_codes)
  SQLITE_LOAD(errmsg)
  SQLITE_LOAD(errstr)
  SQLITE_LOAD(exec)
  SQLITE_LOAD(changes)
  SQLITE_LOAD(db_release_memory)
  SQLITE_LOAD(prepare_v2)
  SQLITE_LOAD(step)
  SQLITE_LOAD(reset)
  SQLITE_LOAD(finalize)
  SQLITE_LOAD(bind_int64)
  SQLITE_LOAD(bind_double)
  SQLITE_LOAD(bind_text)
  SQLITE_LOAD(bind_blob)
  SQLITE_LOAD(column_int64)
  SQLITE_LOAD(column_double)
  SQLITE_LOAD(column_text)
  SQLITE_LOAD(column_blob)
  SQLITE_LOAD(column_bytes)
#undef SQLITE_LOAD
  return NULL;
}

// "The value is copied": a macro that casts, which Swift does not import.
static inline void (*sqlite_copied(void))(void *) { return SQLITE_TRANSIENT; }
