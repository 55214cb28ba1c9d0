#pragma once
#include "../function_table.h"
#include <ares.h>
#include <netdb.h>
#include <stddef.h>
#include <string.h>
#include <sys/time.h>

// c-ares is not linked but opened when the name servers of a container are asked, so that nobody else pays for mapping
// it. Only its header is used at compile time.

// Plain numbers: some versions have macros here and some have an enumeration, which Swift does not see alike.
static const int cares_success = ARES_SUCCESS;
static const int cares_no_data = ARES_ENODATA;
static const int cares_no_such_name = ARES_ENOTFOUND;
static const int cares_bad_name = ARES_EBADNAME;
static const int cares_timed_out = ARES_ETIMEOUT;
static const int cares_closed = ARES_EDESTRUCTION;
static const int cares_no_socket = ARES_SOCKET_BAD;

// The types of the records that are asked for.
static const int cares_ipv4 = 1;
static const int cares_ipv6 = 28;

// The functions of c-ares that are called, found by name (see function_table.h). Newer headers call the channel by another
// name; its structure has had the same one since the first.
#define CARES_FUNCTIONS(ROW)                                                                                      \
  ROW(ares_, library_init, int, int)                                                                              \
  ROW(ares_, version, const char *, int *)                                                                        \
  ROW(ares_, init_options, int, struct ares_channeldata **, struct ares_options *, int)                           \
  ROW(ares_, set_servers_ports_csv, int, struct ares_channeldata *, const char *)                                 \
  ROW(ares_, query, void, struct ares_channeldata *, const char *, int, int, ares_callback, void *)               \
  ROW(ares_, getsock, int, struct ares_channeldata *, ares_socket_t *, int)                                       \
  ROW(ares_, timeout, struct timeval *, struct ares_channeldata *, struct timeval *, struct timeval *)            \
  ROW(ares_, process_fd, void, struct ares_channeldata *, ares_socket_t, ares_socket_t)                           \
  ROW(ares_, parse_a_reply, int, const unsigned char *, int, struct hostent **, struct ares_addrttl *, int *)     \
  ROW(ares_, parse_aaaa_reply, int, const unsigned char *, int, struct hostent **, struct ares_addr6ttl *, int *) \
  ROW(ares_, destroy, void, struct ares_channeldata *)

FUNCTION_TABLE(cares_functions, CARES_FUNCTIONS)

// Fills the table from an open library and starts it; returns the name of the first function that it lacks or that
// fails, or NULL.
static inline const char *cares_start(cares_functions *cares, void *library) {
  const char *missing = cares_functions_load(cares, library);
  if (missing != NULL) return missing;
  return cares->library_init(ARES_LIB_INIT_ALL) == ARES_SUCCESS ? NULL : "ares_library_init";
}

// Opens a channel that asks each server once, for `server_limit_ms` milliseconds, over UDP and where an answer was cut
// off over TCP. Everything that c-ares would look up on this machine is given, so that it reads no resolv.conf, no hosts
// file and no aliases; a server that fails is one of several, and the next is asked.
static inline int cares_open(const cares_functions *cares, struct ares_channeldata **channel, int server_limit_ms) {
  struct ares_options options;
  struct in_addr placeholder = {.s_addr = 0x0100007f};
  memset(&options, 0, sizeof options);
  options.flags = ARES_FLAG_NOSEARCH | ARES_FLAG_NOALIASES;
  options.timeout = server_limit_ms;
  options.tries = 1;
  options.ndots = 1;
  options.servers = &placeholder;
  options.nservers = 1;
  options.lookups = (char *)"b";
  options.resolvconf_path = (char *)"/dev/null";
  return cares->init_options(
      channel, &options,
      ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_NDOTS | ARES_OPT_SERVERS | ARES_OPT_DOMAINS |
          ARES_OPT_LOOKUPS | ARES_OPT_SORTLIST | ARES_OPT_NOROTATE | ARES_OPT_RESOLVCONF);
}

// Asks for a name's records of one type. `answered` is called exactly once: with an answer, after the last time-out, or
// when the channel is closed.
static inline void cares_ask(
    const cares_functions *cares, struct ares_channeldata *channel, const char *name, int type, ares_callback answered,
    void *context) {
  const int internet = 1;
  cares->query(channel, name, internet, type, answered, context);
}

enum { cares_addresses_max = 64 };

// Copies the addresses of one type out of an answer, 4 or 16 bytes each, `cares_addresses_max` at most, and says how many
// there are; -1 for an answer that cannot be read. `found` holds 16 bytes each.
static inline int cares_addresses(
    const cares_functions *cares, int type, const unsigned char *answer, int length, unsigned char *found) {
  int count = cares_addresses_max;
  int status;
  if (type == cares_ipv4) {
    struct ares_addrttl addresses[cares_addresses_max];
    status = cares->parse_a_reply(answer, length, NULL, addresses, &count);
    for (int i = 0; status == ARES_SUCCESS && i < count; i++) memcpy(found + 4 * i, &addresses[i].ipaddr, 4);
  } else {
    struct ares_addr6ttl addresses[cares_addresses_max];
    status = cares->parse_aaaa_reply(answer, length, NULL, addresses, &count);
    for (int i = 0; status == ARES_SUCCESS && i < count; i++) memcpy(found + 16 * i, &addresses[i].ip6addr, 16);
  }
  if (status == ARES_ENODATA) return 0;
  return status == ARES_SUCCESS ? count : -1;
}
