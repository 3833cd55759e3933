// For tests only: the vectors that others published, read from the folder YATA_SHARED_DIR names.
// They are not part of this repository, so a test that needs them says loudly when it cannot run.
//
//   YATA_SHARED_VECTORS(text, "ranges/go-parse-range.json");   // text: std::string with the file
#pragma once

#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>

namespace yata {

// The path of `name` under YATA_SHARED_DIR/vectors; nullopt when the variable is not set.
inline std::optional<std::filesystem::path> shared_vectors_path(std::string_view name) {
  const char* root = std::getenv("YATA_SHARED_DIR");
  if (root == nullptr || *root == '\0') return std::nullopt;
  return std::filesystem::path(root) / "vectors" / name;
}

// The whole file, or nullopt when it cannot be read.
inline std::optional<std::string> read_vectors(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  return std::string(std::istreambuf_iterator<char>(file), {});
}

}  // namespace yata

// Declares std::string `text` with the file's content. Without YATA_SHARED_DIR the test is skipped,
// on standard error too, because --gtest_brief hides skipped tests. A missing file is a failure.
#define YATA_SHARED_VECTORS(text, name)                                                            \
  const auto text##_path = ::yata::shared_vectors_path(name);                                      \
  if (!text##_path) {                                                                              \
    std::fprintf(stderr, "SKIPPED: YATA_SHARED_DIR not set; %s was not checked against.\n", name); \
    GTEST_SKIP() << "SKIPPED: YATA_SHARED_DIR not set";                                            \
  }                                                                                                \
  const auto text##_read = ::yata::read_vectors(*text##_path);                                     \
  ASSERT_TRUE(text##_read) << "cannot read " << *text##_path;                                      \
  const std::string&(text) = *text##_read
