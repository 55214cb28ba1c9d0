#pragma once
#include <microhttpd.h>

// libmicrohttpd takes its options through variadic functions, which Swift cannot call: each use is given a fixed
// signature here and nothing else is added.

/// Who hears of what a daemon would log, by the format of the line.
struct roost_mhd_error_hook {
  void (*log)(void *context, const char *format);
  void *context;
};

/// Swift has no callbacks with variable arguments.
static inline void roost_mhd_log(void *hook, const char *format, va_list arguments) {
  (void)arguments;
  struct roost_mhd_error_hook *errors = (struct roost_mhd_error_hook *)hook;
  errors->log(errors->context, format);
}

/// What one daemon is started with; the callbacks get `context` as their first argument.
struct roost_mhd_options {
  unsigned int flags;
  void *context;
  MHD_AccessHandlerCallback handler;
  MHD_RequestCompletedCallback completed;
  MHD_NotifyConnectionCallback connection;
  /// Lives as long as the daemon.
  struct roost_mhd_error_hook *errors;
  void *(*uri)(void *context, const char *uri, struct MHD_Connection *connection);
  size_t memory_limit;
  size_t memory_increment;
  unsigned int connection_limit;
};

// How strictly requests are read. Before 1.0 the only option of the kind is of no use: it answers twice.
#if MHD_VERSION >= 0x01000000
#define ROOST_MHD_STRICT MHD_OPTION_CLIENT_DISCIPLINE_LVL, 1,
#else
#define ROOST_MHD_STRICT
#endif

/// Whether what came stays in its place, with zeros over the ends of names, values and lines.
static inline int roost_mhd_keeps_places(void) { return MHD_VERSION < 0x01000000; }

/// Starts a daemon without a listening socket; NULL on failure.
static inline struct MHD_Daemon *roost_mhd_start(const struct roost_mhd_options *o) {
  return MHD_start_daemon(
      o->flags, 0, NULL, NULL, o->handler, o->context,
      MHD_OPTION_EXTERNAL_LOGGER, roost_mhd_log, o->errors,
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

/// The descriptor of a connection; -1 when there is none.
static inline int roost_mhd_descriptor(struct MHD_Connection *connection) {
  const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
  return info == NULL ? -1 : (int)info->connect_fd;
}

/// The address the connection came from, as it was given to MHD_add_connection.
static inline const struct sockaddr *roost_mhd_address(struct MHD_Connection *connection) {
  const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
  return info == NULL ? NULL : info->client_addr;
}

/// What the connection callback stored in the socket context.
static inline void *roost_mhd_socket_context(struct MHD_Connection *connection) {
  const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
  return info == NULL ? NULL : info->socket_context;
}

/// Bytes of the request line and headers of the request in progress.
static inline size_t roost_mhd_header_size(struct MHD_Connection *connection) {
  const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
  return info == NULL ? 0 : info->header_size;
}

/// Whether the headers of the request in progress are complete.
static inline int roost_mhd_has_head(struct MHD_Connection *connection) {
  return MHD_get_connection_info(connection, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE) != NULL;
}

/// The status of the answer in progress, be it ours or one that libmicrohttpd gives itself; 0 when there is none.
static inline unsigned int roost_mhd_status(struct MHD_Connection *connection) {
  const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_HTTP_STATUS);
  return info == NULL ? 0 : info->http_status;
}

/// What the daemon of the page is started with; the callbacks get `context` as their first argument.
struct roost_mhd_page_options {
  unsigned int flags;
  /// Listens already; the daemon closes it when it stops, unless it was told before to accept no more.
  int listening;
  void *context;
  MHD_AccessHandlerCallback handler;
  MHD_RequestCompletedCallback completed;
  MHD_NotifyConnectionCallback connection;
  void *(*uri)(void *context, const char *uri, struct MHD_Connection *connection);
  size_t memory_limit;
  unsigned int connection_limit;
  unsigned int timeout_seconds;
};

/// Starts a daemon on a socket that listens; NULL on failure, and then the socket is still the caller's.
static inline struct MHD_Daemon *roost_mhd_start_page(const struct roost_mhd_page_options *o) {
  return MHD_start_daemon(
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

/// A response whose length nobody knows yet; NULL without memory. `release` gets `context` when nobody needs it any more.
static inline struct MHD_Response *roost_mhd_stream(
    size_t block_size, MHD_ContentReaderCallback reader, void *context, MHD_ContentReaderFreeCallback release) {
  return MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, block_size, reader, context, release);
}

/// What a reader of a stream returns at its end, which the header says with a cast that Swift does not see.
static inline ssize_t roost_mhd_end_of_stream(void) { return MHD_CONTENT_READER_END_OF_STREAM; }
