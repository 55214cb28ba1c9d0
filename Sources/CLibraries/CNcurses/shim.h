#pragma once
#include <dlfcn.h>
#include <stddef.h>
#include <stdio.h>

// Of curses.h: wide characters, and no macros in place of functions.
#define NCURSES_WIDECHAR 1
#define NCURSES_NOMACROS 1
#if __has_include(<ncursesw/curses.h>)
#include <ncursesw/curses.h>
#else
#include <curses.h>
#endif

// ncursesw is not linked but opened by `roost top`, so that nobody else pays for mapping it. Only its header is used at
// compile time.

// The functions of ncursesw that are called, found by name. Screens and windows are plain pointers, because some versions
// of the header show what is in them and some do not.
typedef struct {
  void *(*newterm)(const char *, FILE *, FILE *);
  void (*delscreen)(void *);
  int (*endwin)(void);
  int (*cbreak)(void);
  int (*noecho)(void);
  int (*curs_set)(int);
  bool (*has_colors)(void);
  int (*start_color)(void);
  int (*use_default_colors)(void);
  int (*init_pair)(short, short, short);
  int (*set_escdelay)(int);
  void *(*newwin)(int, int, int, int);
  int (*delwin)(void *);
  int (*keypad)(void *, bool);
  int (*nodelay)(void *, bool);
  int (*wget_wch)(void *, wint_t *);
  int (*werase)(void *);
  int (*wmove)(void *, int, int);
  int (*waddnstr)(void *, const char *, int);
  int (*wattr_set)(void *, attr_t, short, void *);
  int (*wrefresh)(void *);
  int (*getmaxx)(const void *);
  int (*getmaxy)(const void *);
  char *(*tigetstr)(const char *);
} curses_functions;

// Fills the table from an open library; returns the name of the first function that it lacks, or NULL.
static inline const char *curses_functions_load(curses_functions *table, void *library) {
#define CURSES_LOAD(field)                           \
  *(void **)(&table->field) = dlsym(library, #field); \
  if (table->field == NULL) return #field;
  CURSES_LOAD(newterm)
  CURSES_LOAD(delscreen)
  CURSES_LOAD(endwin)
  CURSES_LOAD(cbreak)
  CURSES_LOAD(noecho)
  CURSES_LOAD(curs_set)
  CURSES_LOAD(has_colors)
  CURSES_LOAD(start_color)
  CURSES_LOAD(use_default_colors)
  CURSES_LOAD(init_pair)
  CURSES_LOAD(set_escdelay)
  CURSES_LOAD(newwin)
  CURSES_LOAD(delwin)
  CURSES_LOAD(keypad)
  CURSES_LOAD(nodelay)
  CURSES_LOAD(wget_wch)
  CURSES_LOAD(werase)
  CURSES_LOAD(wmove)
  CURSES_LOAD(waddnstr)
  CURSES_LOAD(wattr_set)
  CURSES_LOAD(wrefresh)
  CURSES_LOAD(getmaxx)
  CURSES_LOAD(getmaxy)
  CURSES_LOAD(tigetstr)
#undef CURSES_LOAD
  return NULL;
}

// Macros with casts, which Swift does not import.
static inline attr_t curses_bold(void) { return A_BOLD; }
static inline attr_t curses_dim(void) { return A_DIM; }
static inline attr_t curses_reverse(void) { return A_REVERSE; }

// Variables of the C library, which Swift takes for unsafe.
static inline FILE *curses_output(void) { return stdout; }
static inline FILE *curses_input(void) { return stdin; }
