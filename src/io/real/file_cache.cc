#include "io/real/file_cache.h"

#include <fcntl.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>

#include "io/real/errors.h"
#include "io/real/owned_fd.h"

namespace yata::io {
namespace {

bool byte_in_cache(int descriptor, std::uint64_t offset) {
  std::byte byte{};
  const iovec into{&byte, 1};
  const ssize_t got = ::preadv2(descriptor, &into, 1, static_cast<off_t>(offset), RWF_NOWAIT);
  // A file system that cannot tell is taken for a fast one (tmpfs and overlays of old kernels).
  return got >= 0 || errno == EOPNOTSUPP;
}

int read_through(int descriptor, std::uint64_t offset, std::uint64_t length) {
  std::array<std::byte, 64 * 1024> ignored;
  while (length > 0) {
    const std::size_t wanted = std::min<std::uint64_t>(length, ignored.size());
    const ssize_t got = ::pread(descriptor, ignored.data(), wanted, static_cast<off_t>(offset));
    if (got == 0) return 0;
    if (got < 0 && errno != EINTR) return errno;
    if (got < 0) continue;
    offset += static_cast<std::uint64_t>(got);
    length -= static_cast<std::uint64_t>(got);
  }
  return 0;
}

}  // namespace

bool in_page_cache(const FileChunk& chunk) {
  return byte_in_cache(chunk.descriptor, chunk.offset) &&
         byte_in_cache(chunk.descriptor, chunk.offset + chunk.length - 1);
}

Task<Result<void>> read_into_page_cache(Loop& loop, BlockingPool& pool, FileChunk chunk) {
  // A descriptor of its own (shared, because std::function is copyable): a cancelled caller may
  // close the file while a thread still reads.
  auto file = std::make_shared<OwnedFd>(::fcntl(chunk.descriptor, F_DUPFD_CLOEXEC, 0));
  if (file->get() < 0) co_return errno_error("cannot read a file", errno);
  std::function<int()> work = [file, chunk] {
    return read_through(file->get(), chunk.offset, chunk.length);
  };
  Result<int> error = co_await run_on_pool<int>(loop, pool, std::move(work));
  if (!error) co_return error.error();
  if (*error != 0) co_return errno_error("cannot read a file", *error);
  co_return Result<void>();
}

}  // namespace yata::io
