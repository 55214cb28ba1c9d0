#pragma once
#include "../function_table.h"
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

// PCRE2 is not linked but opened when a rule with a pattern is configured, so that nobody else pays for mapping it. Only
// its header is used at compile time.

// The functions of PCRE2 that are called, found by name (see function_table.h).
#define PCRE2_FUNCTIONS(ROW)                                                                                \
  ROW(pcre2_, config_8, int, uint32_t, void *)                                                              \
  ROW(pcre2_, compile_8, pcre2_code_8 *, PCRE2_SPTR8, PCRE2_SIZE, uint32_t, int *, PCRE2_SIZE *,            \
      pcre2_compile_context_8 *)                                                                            \
  ROW(pcre2_, code_free_8, void, pcre2_code_8 *)                                                            \
  ROW(pcre2_, jit_compile_8, int, pcre2_code_8 *, uint32_t)                                                 \
  ROW(pcre2_, pattern_info_8, int, const pcre2_code_8 *, uint32_t, void *)                                  \
  ROW(pcre2_, substring_number_from_name_8, int, const pcre2_code_8 *, PCRE2_SPTR8)                         \
  ROW(pcre2_, get_error_message_8, int, int, PCRE2_UCHAR8 *, PCRE2_SIZE)                                    \
  ROW(pcre2_, compile_context_create_8, pcre2_compile_context_8 *, pcre2_general_context_8 *)               \
  ROW(pcre2_, compile_context_free_8, void, pcre2_compile_context_8 *)                                      \
  ROW(pcre2_, set_newline_8, int, pcre2_compile_context_8 *, uint32_t)                                      \
  ROW(pcre2_, match_context_create_8, pcre2_match_context_8 *, pcre2_general_context_8 *)                   \
  ROW(pcre2_, match_context_free_8, void, pcre2_match_context_8 *)                                          \
  ROW(pcre2_, set_match_limit_8, int, pcre2_match_context_8 *, uint32_t)                                    \
  ROW(pcre2_, set_heap_limit_8, int, pcre2_match_context_8 *, uint32_t)                                     \
  ROW(pcre2_, set_callout_8, int, pcre2_match_context_8 *, int (*)(pcre2_callout_block_8 *, void *), void *) \
  ROW(pcre2_, match_data_create_8, pcre2_match_data_8 *, uint32_t, pcre2_general_context_8 *)               \
  ROW(pcre2_, match_data_free_8, void, pcre2_match_data_8 *)                                                \
  ROW(pcre2_, get_ovector_pointer_8, PCRE2_SIZE *, pcre2_match_data_8 *)                                    \
  ROW(pcre2_, match_8, int, const pcre2_code_8 *, PCRE2_SPTR8, PCRE2_SIZE, PCRE2_SIZE, uint32_t,            \
      pcre2_match_data_8 *, pcre2_match_context_8 *)                                                        \
  ROW(pcre2_, jit_stack_create_8, pcre2_jit_stack_8 *, PCRE2_SIZE, PCRE2_SIZE, pcre2_general_context_8 *)   \
  ROW(pcre2_, jit_stack_free_8, void, pcre2_jit_stack_8 *)                                                  \
  ROW(pcre2_, jit_stack_assign_8, void, pcre2_match_context_8 *, pcre2_jit_callback_8, void *)

FUNCTION_TABLE(pcre2_functions, PCRE2_FUNCTIONS)
