#pragma once
#include <dlfcn.h>
#include <stddef.h>

// The functions of a library that is opened while the program runs instead of being linked. Each is listed once, with the
// beginning and the rest of its name, its result and its parameters, here in two rows of a macro SQLITE_FUNCTIONS(ROW):
//
//   ROW(sqlite3_, step, int, sqlite3_stmt *)
//   ROW(sqlite3_, errstr, const char *, int)
//
// FUNCTION_TABLE(sqlite_functions, SQLITE_FUNCTIONS) makes a type `sqlite_functions` with the members `step` and `errstr`,
// and a function `sqlite_functions_load` that fills it from an open library and returns the name of the first function
// that is not there, or NULL.
#define FUNCTION_TABLE(type, functions)                                 \
  typedef struct {                                                      \
    functions(FUNCTION_TABLE_MEMBER)                                    \
  } type;                                                               \
  static inline const char *type##_load(type *table, void *library) {   \
    functions(FUNCTION_TABLE_LOAD)                                      \
    return NULL;                                                        \
  }

#define FUNCTION_TABLE_MEMBER(prefix, name, result, ...) result (*name)(__VA_ARGS__);

#define FUNCTION_TABLE_LOAD(prefix, name, result, ...)      \
  *(void **)(&table->name) = dlsym(library, #prefix #name); \
  if (table->name == NULL) return #prefix #name;
