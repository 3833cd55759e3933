#include "origin/directory/mime_types.h"

#include <gtest/gtest.h>

namespace yata::origin {
namespace {

TEST(MimeTypes, AreChosenByTheLastExtension) {
  struct Row {
    std::string_view path;
    std::string_view type;
  };
  const Row rows[] = {
      {"index.html", "text/html; charset=utf-8"},
      {"a/b/INDEX.HTML", "text/html; charset=utf-8"},
      {"style.css", "text/css; charset=utf-8"},
      {"app.js", "text/javascript; charset=utf-8"},
      {"data.json", "application/json"},
      {"photo.JpEg", "image/jpeg"},
      {"a.tar.gz", "application/gzip"},
      {"movie.mp4", "video/mp4"},
      {"first.3gp", "video/3gpp"},
      {"last.zst", "application/zstd"},
      {"picture.svg", "image/svg+xml"},
      {"no-extension", "application/octet-stream"},
      {"a.html/no-extension", "application/octet-stream"},
      {".html", "application/octet-stream"},
      {"folder/.html", "application/octet-stream"},
      {"ends-with-dot.", "application/octet-stream"},
      {"odd.\xff\xfe", "application/octet-stream"},
      {"x.averylongextension", "application/octet-stream"},
      {"x.htmlx", "application/octet-stream"},
      {"", "application/octet-stream"},
  };
  for (const Row& row : rows) EXPECT_EQ(mime_type(row.path), row.type) << row.path;
}

}  // namespace
}  // namespace yata::origin
