#include "CMicroHTTPD.h"
#include "../function_table.h"
#include <pthread.h>
#include <stdio.h>

// The functions of libmicrohttpd that are called, found by name (see function_table.h).
#define MHD_FUNCTIONS(ROW)                                                                                          \
  ROW(MHD_, start_daemon, struct MHD_Daemon *, unsigned int, uint16_t, MHD_AcceptPolicyCallback, void *,            \
      MHD_AccessHandlerCallback, void *, ...)                                                                       \
  ROW(MHD_, stop_daemon, void, struct MHD_Daemon *)                                                                 \
  ROW(MHD_, quiesce_daemon, MHD_socket, struct MHD_Daemon *)                                                        \
  ROW(MHD_, add_connection, enum MHD_Result, struct MHD_Daemon *, MHD_socket, const struct sockaddr *, socklen_t)   \
  ROW(MHD_, get_connection_info, const union MHD_ConnectionInfo *, struct MHD_Connection *,                         \
      enum MHD_ConnectionInfoType, ...)                                                                             \
  ROW(MHD_, get_connection_values_n, int, struct MHD_Connection *, enum MHD_ValueKind, MHD_KeyValueIteratorN,       \
      void *)                                                                                                       \
  ROW(MHD_, suspend_connection, void, struct MHD_Connection *)                                                      \
  ROW(MHD_, resume_connection, void, struct MHD_Connection *)                                                       \
  ROW(MHD_, queue_response, enum MHD_Result, struct MHD_Connection *, unsigned int, struct MHD_Response *)          \
  ROW(MHD_, destroy_response, void, struct MHD_Response *)                                                          \
  ROW(MHD_, add_response_header, enum MHD_Result, struct MHD_Response *, const char *, const char *)                \
  ROW(MHD_, create_response_from_buffer, struct MHD_Response *, size_t, void *, enum MHD_ResponseMemoryMode)        \
  ROW(MHD_, create_response_from_buffer_with_free_callback_cls, struct MHD_Response *, size_t, void *,              \
      MHD_ContentReaderFreeCallback, void *)                                                                        \
  ROW(MHD_, create_response_from_callback, struct MHD_Response *, uint64_t, size_t, MHD_ContentReaderCallback,      \
      void *, MHD_ContentReaderFreeCallback)                                                                        \
  ROW(MHD_, get_reason_phrase_for, const char *, unsigned int)

FUNCTION_TABLE(mhd_functions, MHD_FUNCTIONS)

// Filled once, before the first use.
static mhd_functions mhd;

#ifdef __APPLE__
static const char *const names[] = {
    "/opt/homebrew/opt/libmicrohttpd/lib/libmicrohttpd.12.dylib", "/usr/local/opt/libmicrohttpd/lib/libmicrohttpd.12.dylib",
    "libmicrohttpd.12.dylib"};
static const char installation[] = "libmicrohttpd is not installed: brew install libmicrohttpd";
#else
static const char *const names[] = {"libmicrohttpd.so.12"};
static const char installation[] = "libmicrohttpd is not installed: the package libmicrohttpd12 has it";
#endif

static const char *failure;
static char missing_text[96];

static void open_library(void) {
  void *library = NULL;
  for (size_t i = 0; i < sizeof names / sizeof *names && library == NULL; i++) {
    library = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
  }
  if (library == NULL) {
    failure = installation;
    return;
  }
  const char *missing = mhd_functions_load(&mhd, library);
  if (missing == NULL) return;
  snprintf(missing_text, sizeof missing_text, "this libmicrohttpd has no %s", missing);
  failure = missing_text;
}

const char *roost_mhd_open(void) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, open_library);
  return failure;
}

// MARK: The library's own names, so that callers read as its documentation does

void MHD_stop_daemon(struct MHD_Daemon *daemon) { mhd.stop_daemon(daemon); }

MHD_socket MHD_quiesce_daemon(struct MHD_Daemon *daemon) { return mhd.quiesce_daemon(daemon); }

enum MHD_Result MHD_add_connection(
    struct MHD_Daemon *daemon, MHD_socket socket, const struct sockaddr *address, socklen_t length) {
  return mhd.add_connection(daemon, socket, address, length);
}

int MHD_get_connection_values_n(
    struct MHD_Connection *connection, enum MHD_ValueKind kind, MHD_KeyValueIteratorN iterator, void *context) {
  return mhd.get_connection_values_n(connection, kind, iterator, context);
}

void MHD_suspend_connection(struct MHD_Connection *connection) { mhd.suspend_connection(connection); }

void MHD_resume_connection(struct MHD_Connection *connection) { mhd.resume_connection(connection); }

enum MHD_Result MHD_queue_response(
    struct MHD_Connection *connection, unsigned int status, struct MHD_Response *response) {
  return mhd.queue_response(connection, status, response);
}

void MHD_destroy_response(struct MHD_Response *response) { mhd.destroy_response(response); }

enum MHD_Result MHD_add_response_header(struct MHD_Response *response, const char *name, const char *value) {
  return mhd.add_response_header(response, name, value);
}

struct MHD_Response *MHD_create_response_from_buffer(size_t size, void *bytes, enum MHD_ResponseMemoryMode mode) {
  return mhd.create_response_from_buffer(size, bytes, mode);
}

const char *MHD_get_reason_phrase_for(unsigned int status) { return mhd.get_reason_phrase_for(status); }

// MARK: Variadic functions

// How strictly requests are read. Before 1.0 the only option of the kind is of no use: it answers twice.
#if MHD_VERSION >= 0x01000000
#define ROOST_MHD_STRICT MHD_OPTION_CLIENT_DISCIPLINE_LVL, 1,
#else
#define ROOST_MHD_STRICT
#endif

// Swift has no callbacks with variable arguments.
static void log_by_format(void *hook, const char *format, va_list arguments) {
  (void)arguments;
  struct roost_mhd_error_hook *errors = (struct roost_mhd_error_hook *)hook;
  errors->log(errors->context, format);
}

struct MHD_Daemon *roost_mhd_start(const struct roost_mhd_options *o) {
  return mhd.start_daemon(
      o->flags, 0, NULL, NULL, o->handler, o->context,
      MHD_OPTION_EXTERNAL_LOGGER, log_by_format, o->errors,
      ROOST_MHD_STRICT
      MHD_OPTION_NOTIFY_COMPLETED, o->completed, o->context,
      MHD_OPTION_NOTIFY_CONNECTION, o->connection, o->context,
      MHD_OPTION_URI_LOG_CALLBACK, o->uri, o->context,
      MHD_OPTION_CONNECTION_MEMORY_LIMIT, o->memory_limit,
      MHD_OPTION_CONNECTION_MEMORY_INCREMENT, o->memory_increment,
      MHD_OPTION_CONNECTION_LIMIT, o->connection_limit,
      MHD_OPTION_CONNECTION_TIMEOUT, 0u,
      MHD_OPTION_END);
}

struct MHD_Daemon *roost_mhd_start_page(const struct roost_mhd_page_options *o) {
  return mhd.start_daemon(
      o->flags, 0, NULL, NULL, o->handler, o->context,
      MHD_OPTION_LISTEN_SOCKET, o->listening,
      MHD_OPTION_NOTIFY_COMPLETED, o->completed, o->context,
      MHD_OPTION_NOTIFY_CONNECTION, o->connection, o->context,
      MHD_OPTION_URI_LOG_CALLBACK, o->uri, o->context,
      MHD_OPTION_CONNECTION_MEMORY_LIMIT, o->memory_limit,
      MHD_OPTION_CONNECTION_LIMIT, o->connection_limit,
      MHD_OPTION_CONNECTION_TIMEOUT, o->timeout_seconds,
      MHD_OPTION_END);
}

int roost_mhd_descriptor(struct MHD_Connection *connection) {
  const union MHD_ConnectionInfo *info = mhd.get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
  return info == NULL ? -1 : (int)info->connect_fd;
}

const struct sockaddr *roost_mhd_address(struct MHD_Connection *connection) {
  const union MHD_ConnectionInfo *info = mhd.get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
  return info == NULL ? NULL : info->client_addr;
}

void *roost_mhd_socket_context(struct MHD_Connection *connection) {
  const union MHD_ConnectionInfo *info = mhd.get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
  return info == NULL ? NULL : info->socket_context;
}

size_t roost_mhd_header_size(struct MHD_Connection *connection) {
  const union MHD_ConnectionInfo *info = mhd.get_connection_info(connection, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
  return info == NULL ? 0 : info->header_size;
}

int roost_mhd_has_head(struct MHD_Connection *connection) {
  return mhd.get_connection_info(connection, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE) != NULL;
}

unsigned int roost_mhd_status(struct MHD_Connection *connection) {
  const union MHD_ConnectionInfo *info = mhd.get_connection_info(connection, MHD_CONNECTION_INFO_HTTP_STATUS);
  return info == NULL ? 0 : info->http_status;
}

// MARK: Responses

// Under a name of our own: versions differ in whether the bytes are const. Answers are prepared before a server starts.
struct MHD_Response *roost_mhd_response(
    size_t size, void *bytes, MHD_ContentReaderFreeCallback release, void *context) {
  if (roost_mhd_open() != NULL) return NULL;
  return mhd.create_response_from_buffer_with_free_callback_cls(size, bytes, release, context);
}

struct MHD_Response *roost_mhd_stream(
    size_t block_size, MHD_ContentReaderCallback reader, void *context, MHD_ContentReaderFreeCallback release) {
  return mhd.create_response_from_callback(MHD_SIZE_UNKNOWN, block_size, reader, context, release);
}
