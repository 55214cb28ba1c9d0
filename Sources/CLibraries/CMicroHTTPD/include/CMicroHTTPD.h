#pragma once
#include <microhttpd.h>

// libmicrohttpd is not linked but opened when something is served: GnuTLS and seven more libraries come with it, and a
// command that only asks the agent would wait for the loader to map them all. Only its header is used at compile time.
//
// It takes its options through variadic functions, which Swift cannot call: each use is given a fixed signature here and
// nothing else is added.

/// Opens the library where it is not open yet. To be called before anything else of it but `roost_mhd_response`, from any
/// thread.
/// Returns NULL, or why it cannot be used. It stays open until the process ends.
const char *roost_mhd_open(void);

/// Who hears of what a daemon would log, by the format of the line.
struct roost_mhd_error_hook {
  void (*log)(void *context, const char *format);
  void *context;
};

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

/// Whether what came stays in its place, with zeros over the ends of names, values and lines.
static inline int roost_mhd_keeps_places(void) { return MHD_VERSION < 0x01000000; }

/// Starts a daemon without a listening socket; NULL on failure.
struct MHD_Daemon *roost_mhd_start(const struct roost_mhd_options *options);

/// The descriptor of a connection; -1 when there is none.
int roost_mhd_descriptor(struct MHD_Connection *connection);

/// The address the connection came from, as it was given to MHD_add_connection.
const struct sockaddr *roost_mhd_address(struct MHD_Connection *connection);

/// What the connection callback stored in the socket context.
void *roost_mhd_socket_context(struct MHD_Connection *connection);

/// Bytes of the request line and headers of the request in progress.
size_t roost_mhd_header_size(struct MHD_Connection *connection);

/// Whether the headers of the request in progress are complete.
int roost_mhd_has_head(struct MHD_Connection *connection);

/// The status of the answer in progress, be it ours or one that libmicrohttpd gives itself; 0 when there is none.
unsigned int roost_mhd_status(struct MHD_Connection *connection);

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
struct MHD_Daemon *roost_mhd_start_page(const struct roost_mhd_page_options *options);

/// A response with these bytes; NULL without memory, or where the library cannot be opened. `release` gets `context` when nobody needs them any more.
struct MHD_Response *roost_mhd_response(
    size_t size, void *bytes, MHD_ContentReaderFreeCallback release, void *context);

/// A response whose length nobody knows yet; NULL without memory. `release` gets `context` when nobody needs it any more.
struct MHD_Response *roost_mhd_stream(
    size_t block_size, MHD_ContentReaderCallback reader, void *context, MHD_ContentReaderFreeCallback release);

/// What a reader of a stream returns at its end, which the header says with a cast that Swift does not see.
static inline ssize_t roost_mhd_end_of_stream(void) { return MHD_CONTENT_READER_END_OF_STREAM; }
