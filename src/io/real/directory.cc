#include "io/real/directory.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <functional>
#include <utility>
#include <vector>

#include "io/real/blocking_pool.h"
#include "io/real/errors.h"
#include "io/real/owned_fd.h"
#include "io/real/thread_loop.h"

namespace yata::io {
namespace {

// Shared with work on the pool that may outlive its cancelled caller.
using SharedFd = std::shared_ptr<OwnedFd>;

Error file_error(int error, std::string_view path) {
  Error made = errno_error(path, error);
  switch (error) {
    case ENOENT:
    case ENOTDIR:
    case ENAMETOOLONG:
    case EINVAL:  // a name that the file system cannot hold
      made.kind = ErrorKind::NotFound;
      break;
    case EXDEV:  // leads outside
    case ELOOP:  // too many links, or one that /proc makes up
    case EACCES:
    case EPERM:
    case ENXIO:  // a socket, or a device that is not there
    case ENODEV: made.kind = ErrorKind::Denied; break;
    case EOVERFLOW: made.kind = ErrorKind::Limit; break;
    default: break;
  }
  return made;
}

FileFacts facts_of(const struct stat& status) {
  using std::chrono::microseconds;
  using std::chrono::seconds;
  FileFacts facts;
  if (S_ISREG(status.st_mode)) facts.kind = FileFacts::Kind::Regular;
  if (S_ISDIR(status.st_mode)) facts.kind = FileFacts::Kind::Directory;
  facts.size_bytes = static_cast<std::uint64_t>(status.st_size);
  facts.modified =
      WallTime(seconds(status.st_mtim.tv_sec) + microseconds(status.st_mtim.tv_nsec / 1000));
  facts.inode = status.st_ino;
  facts.modified_ns = static_cast<std::uint64_t>(status.st_mtim.tv_nsec);
  return facts;
}

class RealFile final : public File {
 public:
  RealFile(ThreadLoop& loop, SharedFd fd, const FileFacts& facts)
      : loop_(&loop), fd_(std::move(fd)), facts_(facts) {}

  const FileFacts& facts() const override { return facts_; }
  Task<Result<std::size_t>> read_at(ByteBuffer into, std::uint64_t offset) override;
  int descriptor() const override { return fd_->get(); }

 private:
  ThreadLoop* loop_;  // outlives its files
  SharedFd fd_;
  FileFacts facts_;
};

struct Bytes {
  std::vector<std::byte> read;
  int error = 0;
};

Bytes read_waiting(int fd, std::size_t wanted, std::uint64_t offset) {
  Bytes bytes{std::vector<std::byte>(wanted)};
  ssize_t got = -1;
  do {
    got = ::pread(fd, bytes.read.data(), wanted, static_cast<off_t>(offset));
  } while (got < 0 && errno == EINTR);
  if (got < 0) bytes.error = errno;
  bytes.read.resize(got < 0 ? 0 : static_cast<std::size_t>(got));
  return bytes;
}

Task<Result<std::size_t>> RealFile::read_at(ByteBuffer into, std::uint64_t offset) {
  const CancelState* state = co_await current_cancel();
  if (state != nullptr && state->cancelled()) {
    co_return cancelled_error(state->reason(), ErrorSource::Self);
  }
  const iovec part{into.data(), into.size()};
  const ssize_t got = ::preadv2(fd_->get(), &part, 1, static_cast<off_t>(offset), RWF_NOWAIT);
  if (got >= 0) co_return static_cast<std::size_t>(got);
  if (errno != EAGAIN && errno != EOPNOTSUPP && errno != EINTR) {
    co_return errno_error("cannot read a file", errno);
  }
  // Into memory of its own, because `into` goes with a cancelled caller.
  std::function<Bytes()> work = [fd = fd_, wanted = into.size(), offset] {
    return read_waiting(fd->get(), wanted, offset);
  };
  Result<Bytes> bytes = co_await run_on_pool<Bytes>(*loop_, loop_->pool(), std::move(work));
  if (!bytes) co_return std::move(bytes.error());
  if (bytes->error != 0) co_return errno_error("cannot read a file", bytes->error);
  std::copy(bytes->read.begin(), bytes->read.end(), into.begin());
  co_return bytes->read.size();
}

struct Opened {
  SharedFd fd;
  FileFacts facts;
  int error = 0;
};

enum class Disk : std::uint8_t { Never, Allowed };

// O_NONBLOCK so that no FIFO or device holds us; it means nothing for regular files.
Opened open_beneath(int directory, const std::string& path, Disk disk) {
  open_how how{};
  how.flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
  if (disk == Disk::Never) how.resolve |= RESOLVE_CACHED;
  const long fd = ::syscall(SYS_openat2, directory, path.c_str(), &how, sizeof how);
  if (fd < 0) return {.error = errno};
  Opened opened{.fd = std::make_shared<OwnedFd>(static_cast<int>(fd))};
  struct stat status{};
  if (::fstat(opened.fd->get(), &status) != 0) return {.error = errno};
  opened.facts = facts_of(status);
  return opened;
}

Opened open_beneath_waiting(int directory, const std::string& path) {
  // EAGAIN: something was renamed just while the kernel made sure that we stay inside.
  constexpr int kAttempts = 16;
  Opened opened;
  for (int i = 0; i < kAttempts; ++i) {
    opened = open_beneath(directory, path, Disk::Allowed);
    if (opened.error != EAGAIN && opened.error != EINTR) break;
  }
  return opened;
}

struct Listed {
  std::vector<DirectoryEntry> entries;
  int error = 0;
};

using DirectoryStream = std::unique_ptr<DIR, decltype([](DIR* stream) { ::closedir(stream); })>;

FileFacts::Kind kind_of(int directory, const dirent& entry) {
  using Kind = FileFacts::Kind;
  if (entry.d_type == DT_REG) return Kind::Regular;
  if (entry.d_type == DT_DIR) return Kind::Directory;
  if (entry.d_type != DT_UNKNOWN) return Kind::Other;
  struct stat status{};  // some file systems do not tell
  if (::fstatat(directory, entry.d_name, &status, AT_SYMLINK_NOFOLLOW) != 0) return Kind::Other;
  return facts_of(status).kind;
}

// Links are followed from the root, which is what must not be left.
FileFacts::Kind kind_of_link(int root, const std::string& path) {
  const Opened opened = open_beneath_waiting(root, path);
  const bool file = opened.error == 0 && opened.facts.kind == FileFacts::Kind::Regular;
  return file ? FileFacts::Kind::Regular : FileFacts::Kind::Other;
}

Listed list_waiting(int root, const std::string& path) {
  const Opened opened = open_beneath_waiting(root, path.empty() ? "." : path);
  if (opened.error != 0) return {.error = opened.error};
  const int own = ::fcntl(opened.fd->get(), F_DUPFD_CLOEXEC, 0);
  const DirectoryStream stream(own < 0 ? nullptr : ::fdopendir(own));
  if (stream == nullptr) {
    const int error = errno;
    if (own >= 0) ::close(own);
    return {.error = error};
  }
  Listed listed;
  for (errno = 0; const dirent* entry = ::readdir(stream.get()); errno = 0) {
    const std::string_view name = entry->d_name;
    if (name == "." || name == "..") continue;
    if (listed.entries.size() == Directory::kEntriesMax) return {.error = EOVERFLOW};
    FileFacts::Kind kind = kind_of(own, *entry);
    if (entry->d_type == DT_LNK) {
      kind = kind_of_link(root, (path.empty() ? "" : path + "/") + std::string(name));
    }
    listed.entries.push_back({std::string(name), kind});
  }
  if (errno != 0) return {.error = errno};
  std::ranges::sort(listed.entries);
  return listed;
}

class RealDirectory final : public Directory {
 public:
  RealDirectory(ThreadLoop& loop, SharedFd fd) : loop_(&loop), fd_(std::move(fd)) {}

  Task<Result<std::unique_ptr<File>>> open(std::string_view path) override {
    return open_owned(std::string(path));
  }
  Task<Result<std::vector<DirectoryEntry>>> list(std::string_view path) override {
    return list_owned(std::string(path));
  }

 private:
  Task<Result<std::unique_ptr<File>>> open_owned(std::string path);
  Task<Result<std::vector<DirectoryEntry>>> list_owned(std::string path);

  ThreadLoop* loop_;  // outlives its directories
  SharedFd fd_;
};

Task<Result<std::unique_ptr<File>>> RealDirectory::open_owned(std::string path) {
  const CancelState* state = co_await current_cancel();
  if (state != nullptr && state->cancelled()) {
    co_return cancelled_error(state->reason(), ErrorSource::Self);
  }
  // The kernel would stop at the NUL and open something else.
  if (path.find('\0') != std::string::npos) co_return file_error(ENOENT, "a name with a NUL");
  Opened opened = open_beneath(fd_->get(), path, Disk::Never);
  // EAGAIN: the disk must be asked. EINVAL: a kernel before 5.12, which does not know the flag.
  if (opened.error == EAGAIN || opened.error == EINVAL) {
    std::function<Opened()> work = [fd = fd_, path] {
      return open_beneath_waiting(fd->get(), path);
    };
    Result<Opened> waited = co_await run_on_pool<Opened>(*loop_, loop_->pool(), std::move(work));
    if (!waited) co_return std::move(waited.error());
    opened = *std::move(waited);
  }
  if (opened.error != 0) co_return file_error(opened.error, path);
  if (opened.facts.kind == FileFacts::Kind::Other) co_return file_error(ENXIO, path);
  co_return std::make_unique<RealFile>(*loop_, std::move(opened.fd), opened.facts);
}

Task<Result<std::vector<DirectoryEntry>>> RealDirectory::list_owned(std::string path) {
  if (path.find('\0') != std::string::npos) co_return file_error(ENOENT, "a name with a NUL");
  std::function<Listed()> work = [fd = fd_, path] { return list_waiting(fd->get(), path); };
  Result<Listed> listed = co_await run_on_pool<Listed>(*loop_, loop_->pool(), std::move(work));
  if (!listed) co_return std::move(listed.error());
  if (listed->error != 0) co_return file_error(listed->error, path);
  co_return std::move(listed->entries);
}

}  // namespace

Result<std::unique_ptr<Directory>> open_real_directory(ThreadLoop& loop, const std::string& path) {
  auto fd = std::make_shared<OwnedFd>(::open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (fd->get() < 0) return file_error(errno, path);
  // Old kernels and some sandboxes do not have the call that keeps us inside: better no start.
  const Opened probe = open_beneath(fd->get(), ".", Disk::Allowed);
  if (probe.error != 0) return file_error(probe.error, path);
  return std::make_unique<RealDirectory>(loop, std::move(fd));
}

}  // namespace yata::io
