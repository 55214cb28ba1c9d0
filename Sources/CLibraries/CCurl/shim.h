#pragma once
#include "../function_table.h"
#include <curl/curl.h>
#include <stddef.h>

// libcurl is not linked but opened when forwarding is set up: mapping it and its dozen of libraries costs 6 MB of
// resident memory, which those who forward nothing should not pay. Only its header is used at compile time.

// The functions of libcurl that are called, found by name (see function_table.h).
#define CURL_FUNCTIONS(ROW)                                                                  \
  ROW(curl_, global_init, CURLcode, long)                                                    \
  ROW(curl_, version, char *, void)                                                          \
  ROW(curl_, easy_init, CURL *, void)                                                        \
  ROW(curl_, easy_setopt, CURLcode, CURL *, CURLoption, ...)                                 \
  ROW(curl_, easy_getinfo, CURLcode, CURL *, CURLINFO, ...)                                  \
  ROW(curl_, easy_reset, void, CURL *)                                                       \
  ROW(curl_, easy_cleanup, void, CURL *)                                                     \
  ROW(curl_, easy_strerror, const char *, CURLcode)                                          \
  ROW(curl_, slist_append, struct curl_slist *, struct curl_slist *, const char *)           \
  ROW(curl_, slist_free_all, void, struct curl_slist *)                                      \
  ROW(curl_, multi_init, CURLM *, void)                                                      \
  ROW(curl_, multi_setopt, CURLMcode, CURLM *, CURLMoption, ...)                             \
  ROW(curl_, multi_add_handle, CURLMcode, CURLM *, CURL *)                                   \
  ROW(curl_, multi_remove_handle, CURLMcode, CURLM *, CURL *)                                \
  ROW(curl_, multi_perform, CURLMcode, CURLM *, int *)                                       \
  ROW(curl_, multi_poll, CURLMcode, CURLM *, struct curl_waitfd *, unsigned int, int, int *) \
  ROW(curl_, multi_wakeup, CURLMcode, CURLM *)                                               \
  ROW(curl_, multi_info_read, CURLMsg *, CURLM *, int *)                                     \
  ROW(curl_, multi_cleanup, CURLMcode, CURLM *)                                              \
  ROW(curl_, multi_strerror, const char *, CURLMcode)

FUNCTION_TABLE(curl_functions, CURL_FUNCTIONS)

// Swift cannot call variadic functions: one function for each type of argument. The parentheses keep curl's macros away.

static inline CURLcode curl_set_long(const curl_functions *curl, CURL *easy, CURLoption option, long value) {
  return (curl->easy_setopt)(easy, option, value);
}

static inline CURLcode curl_set_size(const curl_functions *curl, CURL *easy, CURLoption option, curl_off_t value) {
  return (curl->easy_setopt)(easy, option, value);
}

static inline CURLcode curl_set_text(const curl_functions *curl, CURL *easy, CURLoption option, const char *value) {
  return (curl->easy_setopt)(easy, option, value);
}

static inline CURLcode curl_set_pointer(const curl_functions *curl, CURL *easy, CURLoption option, void *value) {
  return (curl->easy_setopt)(easy, option, value);
}

typedef size_t (*curl_transfer_bytes)(char *bytes, size_t size, size_t count, void *context);
typedef int (*curl_seek_bytes)(void *context, curl_off_t offset, int origin);

static inline CURLcode curl_set_transfer(
    const curl_functions *curl, CURL *easy, CURLoption option, curl_transfer_bytes value) {
  return (curl->easy_setopt)(easy, option, value);
}

static inline CURLcode curl_set_seek(const curl_functions *curl, CURL *easy, curl_seek_bytes value) {
  return (curl->easy_setopt)(easy, CURLOPT_SEEKFUNCTION, value);
}

// CURLOPT_QUICK_EXIT, which older headers do not name.
static inline void curl_end_quickly(const curl_functions *curl, CURL *easy) {
  (void)(curl->easy_setopt)(easy, (CURLoption)(CURLOPTTYPE_LONG + 322), 1L);
}

static inline CURLcode curl_get_long(const curl_functions *curl, CURL *easy, CURLINFO info, long *value) {
  return (curl->easy_getinfo)(easy, info, value);
}

static inline CURLcode curl_get_size(const curl_functions *curl, CURL *easy, CURLINFO info, curl_off_t *value) {
  return (curl->easy_getinfo)(easy, info, value);
}

static inline CURLMcode curl_multi_set_long(const curl_functions *curl, CURLM *multi, CURLMoption option, long value) {
  return (curl->multi_setopt)(multi, option, value);
}
