#pragma once
#include <stddef.h>

/// A file of the page, as it lies in the folder.
struct roost_page_file {
  const char *name;
  const char *media_type;
  const unsigned char *bytes;
  size_t count;
};

/// The file at a place; NULL behind the last one.
const struct roost_page_file *roost_page_file_at(size_t place);
