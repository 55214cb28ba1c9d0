#pragma once
#include "../function_table.h"
#include <isa-l/igzip_lib.h>

// ISA-L is not linked but opened when something is compressed with gzip, so that nobody else pays for mapping it. Only its
// header is used at compile time.

// The functions of ISA-L that are called, found by name (see function_table.h).
#define ISAL_FUNCTIONS(ROW)                              \
  ROW(isal_, deflate_init, void, struct isal_zstream *)  \
  ROW(isal_, deflate_reset, void, struct isal_zstream *) \
  ROW(isal_, deflate, int, struct isal_zstream *)

FUNCTION_TABLE(isal_functions, ISAL_FUNCTIONS)

// Macros of expressions, which Swift does not see.
static const uint32_t isal_level_2_buffer_bytes = ISAL_DEF_LVL2_DEFAULT;
