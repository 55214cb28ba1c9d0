#pragma once
#include <curl/curl.h>
#include <dlfcn.h>
#include <stddef.h>

// libcurl is not linked but opened when forwarding is set up: mapping it and its dozen of libraries costs 6 MB of
// resident memory, which those who forward nothing should not pay. Only its header is used at compile time.

// The functions of libcurl that are called, found by name.
typedef struct {
  CURLcode (*global_init)(long);
  char *(*version)(void);
  CURL *(*easy_init)(void);
  CURLcode (*easy_setopt)(CURL *, CURLoption, ...);
  CURLcode (*easy_getinfo)(CURL *, CURLINFO, ...);
  void (*easy_reset)(CURL *);
  void (*easy_cleanup)(CURL *);
  const char *(*easy_strerror)(CURLcode);
  struct curl_slist *(*slist_append)(struct curl_slist *, const char *);
  void (*slist_free_all)(struct curl_slist *);
  CURLM *(*multi_init)(void);
  CURLMcode (*multi_setopt)(CURLM *, CURLMoption, ...);
  CURLMcode (*multi_add_handle)(CURLM *, CURL *);
  CURLMcode (*multi_remove_handle)(CURLM *, CURL *);
  CURLMcode (*multi_perform)(CURLM *, int *);
  CURLMcode (*multi_poll)(CURLM *, struct curl_waitfd *, unsigned int, int, int *);
  CURLMcode (*multi_wakeup)(CURLM *);
  CURLMsg *(*multi_info_read)(CURLM *, int *);
  CURLMcode (*multi_cleanup)(CURLM *);
  const char *(*multi_strerror)(CURLMcode);
} curl_functions;

// Fills the table from an open library; returns the name of the first function that it lacks, or NULL.
static inline const char *curl_functions_load(curl_functions *table, void *library) {
#define CURL_LOAD(field, symbol)                               \
  *(void **)(&table->field) = dlsym(library, #symbol);         \
  if (table->field == NULL) return #symbol;
  CURL_LOAD(global_init, curl_global_init)
  CURL_LOAD(version, curl_version)
  CURL_LOAD(easy_init, curl_easy_init)
  CURL_LOAD(easy_setopt, curl_easy_setopt)
  CURL_LOAD(easy_getinfo, curl_easy_getinfo)
  CURL_LOAD(easy_reset, curl_easy_reset)
  CURL_LOAD(easy_cleanup, curl_easy_cleanup)
  CURL_LOAD(easy_strerror, curl_easy_strerror)
  CURL_LOAD(slist_append, curl_slist_append)
  CURL_LOAD(slist_free_all, curl_slist_free_all)
  CURL_LOAD(multi_init, curl_multi_init)
  CURL_LOAD(multi_setopt, curl_multi_setopt)
  CURL_LOAD(multi_add_handle, curl_multi_add_handle)
  CURL_LOAD(multi_remove_handle, curl_multi_remove_handle)
  CURL_LOAD(multi_perform, curl_multi_perform)
  CURL_LOAD(multi_poll, curl_multi_poll)
  CURL_LOAD(multi_wakeup, curl_multi_wakeup)
  CURL_LOAD(multi_info_read, curl_multi_info_read)
  CURL_LOAD(multi_cleanup, curl_multi_cleanup)
  CURL_LOAD(multi_strerror, curl_multi_strerror)
#undef CURL_LOAD
  return NULL;
}

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

static inline CURLcode curl_get_long(const curl_functions *curl, CURL *easy, CURLINFO info, long *value) {
  return (curl->easy_getinfo)(easy, info, value);
}

static inline CURLcode curl_get_size(const curl_functions *curl, CURL *easy, CURLINFO info, curl_off_t *value) {
  return (curl->easy_getinfo)(easy, info, value);
}

static inline CURLMcode curl_multi_set_long(const curl_functions *curl, CURLM *multi, CURLMoption option, long value) {
  return (curl->multi_setopt)(multi, option, value);
}
