#pragma once
#include "../function_table.h"
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

// The functions of ncursesw that are called, found by name (see function_table.h). Screens and windows are plain pointers,
// because some versions of the header show what is in them and some do not.
#define CURSES_FUNCTIONS(ROW)                          \
  ROW(, newterm, void *, const char *, FILE *, FILE *) \
  ROW(, delscreen, void, void *)                       \
  ROW(, endwin, int, void)                             \
  ROW(, cbreak, int, void)                             \
  ROW(, noecho, int, void)                             \
  ROW(, curs_set, int, int)                            \
  ROW(, has_colors, bool, void)                        \
  ROW(, start_color, int, void)                        \
  ROW(, use_default_colors, int, void)                 \
  ROW(, init_pair, int, short, short, short)           \
  ROW(, set_escdelay, int, int)                        \
  ROW(, newwin, void *, int, int, int, int)            \
  ROW(, delwin, int, void *)                           \
  ROW(, keypad, int, void *, bool)                     \
  ROW(, nodelay, int, void *, bool)                    \
  ROW(, wget_wch, int, void *, wint_t *)               \
  ROW(, werase, int, void *)                           \
  ROW(, wmove, int, void *, int, int)                  \
  ROW(, waddnstr, int, void *, const char *, int)      \
  ROW(, wattr_set, int, void *, attr_t, short, void *) \
  ROW(, wrefresh, int, void *)                         \
  ROW(, getmaxx, int, const void *)                    \
  ROW(, getmaxy, int, const void *)                    \
  ROW(, tigetstr, char *, const char *)

FUNCTION_TABLE(curses_functions, CURSES_FUNCTIONS)

// Macros with casts, which Swift does not import.
static inline attr_t curses_bold(void) { return A_BOLD; }
static inline attr_t curses_dim(void) { return A_DIM; }
static inline attr_t curses_reverse(void) { return A_REVERSE; }

// Variables of the C library, which Swift takes for unsafe.
static inline FILE *curses_output(void) { return stdout; }
static inline FILE *curses_input(void) { return stdin; }
