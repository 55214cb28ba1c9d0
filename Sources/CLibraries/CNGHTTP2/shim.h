#pragma once
#include "../function_table.h"
#include <nghttp2/nghttp2.h>
#include <stdlib.h>

// libnghttp2 is not linked but opened with the first connection of HTTP/2: most agents, and commands, have no use for it.
// Only its header is used at compile time.

// The functions of libnghttp2 that are called, found by name (see function_table.h).
#define NGHTTP2_FUNCTIONS(ROW)                                                                                     \
  ROW(nghttp2_, session_callbacks_new, int, nghttp2_session_callbacks **)                                          \
  ROW(nghttp2_, session_callbacks_del, void, nghttp2_session_callbacks *)                                          \
  ROW(nghttp2_, session_callbacks_set_on_begin_headers_callback, void, nghttp2_session_callbacks *,                \
      nghttp2_on_begin_headers_callback)                                                                           \
  ROW(nghttp2_, session_callbacks_set_on_header_callback, void, nghttp2_session_callbacks *,                       \
      nghttp2_on_header_callback)                                                                                  \
  ROW(nghttp2_, session_callbacks_set_on_data_chunk_recv_callback, void, nghttp2_session_callbacks *,              \
      nghttp2_on_data_chunk_recv_callback)                                                                         \
  ROW(nghttp2_, session_callbacks_set_on_frame_recv_callback, void, nghttp2_session_callbacks *,                   \
      nghttp2_on_frame_recv_callback)                                                                              \
  ROW(nghttp2_, session_callbacks_set_on_frame_send_callback, void, nghttp2_session_callbacks *,                   \
      nghttp2_on_frame_send_callback)                                                                              \
  ROW(nghttp2_, session_callbacks_set_on_stream_close_callback, void, nghttp2_session_callbacks *,                 \
      nghttp2_on_stream_close_callback)                                                                            \
  ROW(nghttp2_, option_new, int, nghttp2_option **)                                                                \
  ROW(nghttp2_, option_del, void, nghttp2_option *)                                                                \
  ROW(nghttp2_, option_set_no_closed_streams, void, nghttp2_option *, int)                                         \
  ROW(nghttp2_, session_server_new2, int, nghttp2_session **, const nghttp2_session_callbacks *, void *,           \
      const nghttp2_option *)                                                                                      \
  ROW(nghttp2_, session_del, void, nghttp2_session *)                                                              \
  ROW(nghttp2_, session_mem_recv, ssize_t, nghttp2_session *, const uint8_t *, size_t)                             \
  ROW(nghttp2_, session_mem_send, ssize_t, nghttp2_session *, const uint8_t **)                                    \
  ROW(nghttp2_, session_want_read, int, nghttp2_session *)                                                         \
  ROW(nghttp2_, session_want_write, int, nghttp2_session *)                                                        \
  ROW(nghttp2_, session_set_local_window_size, int, nghttp2_session *, uint8_t, int32_t, int32_t)                  \
  ROW(nghttp2_, session_get_last_proc_stream_id, int32_t, nghttp2_session *)                                       \
  ROW(nghttp2_, submit_settings, int, nghttp2_session *, uint8_t, const nghttp2_settings_entry *, size_t)          \
  ROW(nghttp2_, submit_response, int, nghttp2_session *, int32_t, const nghttp2_nv *, size_t,                      \
      const nghttp2_data_provider *)                                                                               \
  ROW(nghttp2_, submit_trailer, int, nghttp2_session *, int32_t, const nghttp2_nv *, size_t)                       \
  ROW(nghttp2_, submit_rst_stream, int, nghttp2_session *, uint8_t, int32_t, uint32_t)                             \
  ROW(nghttp2_, submit_goaway, int, nghttp2_session *, uint8_t, int32_t, uint32_t, const uint8_t *, size_t)

FUNCTION_TABLE(nghttp2_functions, NGHTTP2_FUNCTIONS)

// The type of a frame, its flags and its stream: what all frames begin with. Swift reads a union of C by copying all of it.
static inline uint8_t nghttp2_frame_type_of(const nghttp2_frame *frame) { return frame->hd.type; }
static inline uint8_t nghttp2_frame_flags_of(const nghttp2_frame *frame) { return frame->hd.flags; }
static inline int32_t nghttp2_frame_stream_of(const nghttp2_frame *frame) { return frame->hd.stream_id; }

// Why a frame of the type GOAWAY says that the connection ends.
static inline uint32_t nghttp2_goaway_error_of(const nghttp2_frame *frame) { return frame->goaway.error_code; }

// Whether a frame of the type HEADERS begins a stream. Others end one.
static inline int nghttp2_begins_request(const nghttp2_frame *frame) {
  return frame->hd.type == NGHTTP2_HEADERS && frame->headers.cat == NGHTTP2_HCAT_REQUEST;
}
