// Files, opened below a directory and never outside it. Blocking work is done elsewhere than on the
// loop (a thread pool) unless the page cache has it already.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "io/stream.h"
#include "io/task.h"

namespace yata::io {

struct FileFacts {
  enum class Kind : std::uint8_t { Regular, Directory, Other };
  Kind kind = Kind::Other;
  std::uint64_t size_bytes = 0;
  WallTime modified{};
  std::uint64_t inode = 0;
  std::uint64_t modified_ns =
      0;  // of the second: with inode, size and time, the material of an ETag
};

class File {
 public:
  virtual ~File() = default;
  virtual const FileFacts& facts() const = 0;  // as of opening

  // Reads up to into.size() bytes at `offset`; 0 at the end.
  virtual Task<Result<std::size_t>> read_at(ByteBuffer into, std::uint64_t offset) = 0;

  // For sendfile; -1 when there is none (simulated files).
  virtual int descriptor() const = 0;
};

struct DirectoryEntry {
  std::string name;
  FileFacts::Kind kind = FileFacts::Kind::Other;
  friend auto operator<=>(const DirectoryEntry&, const DirectoryEntry&) = default;
};

// A directory held open. Loop-bound.
class Directory {
 public:
  virtual ~Directory() = default;

  // Opens `path` (relative, '/' between segments) for reading. NotFound when there is none, Denied
  // when a link or `..` leads outside or permissions forbid it. Links that stay inside are
  // followed.
  virtual Task<Result<std::unique_ptr<File>>> open(std::string_view path) = 0;

  // What is in the directory at `path` ("" is this one), sorted by name, without "." and "..". A
  // link to a file inside is a file; a link to a directory is Other, so that no walk goes round.
  // Errors as of open(), and Limit beyond kEntriesMax.
  virtual Task<Result<std::vector<DirectoryEntry>>> list(std::string_view path) = 0;
  static constexpr std::size_t kEntriesMax = 1'000'000;
};

}  // namespace yata::io
