#include "config/reading/file.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdio>
#include <memory>
#include <string_view>
#include <system_error>

namespace yata::config {
namespace {

Error cannot_read(int number) {
  const ErrorKind kind = number == ENOENT   ? ErrorKind::NotFound
                         : number == EACCES ? ErrorKind::Denied
                                            : ErrorKind::Io;
  return {kind, ErrorSource::Self, Retry::Never,
          "cannot be read: " + std::generic_category().message(number)};
}

constexpr std::string_view kNoFile = "is no file, but a pipe, a socket or a device";

bool is_handed_over(std::string_view path) {
  return path == "/dev/stdin" || path.starts_with("/dev/fd/") || path.starts_with("/proc/self/fd/");
}

bool may_wait(const struct stat& facts, std::string_view path) {
  return !S_ISREG(facts.st_mode) && !S_ISDIR(facts.st_mode) && !is_handed_over(path);
}

using File = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;

// To open a pipe is to wait for its other end already.
Result<File> open_file(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (fd < 0) return cannot_read(errno);
  File file(::fdopen(fd, "rb"), &std::fclose);
  struct stat facts{};
  if (file == nullptr || ::fstat(fd, &facts) != 0) return cannot_read(errno);
  if (S_ISDIR(facts.st_mode)) return cannot_read(EISDIR);
  if (may_wait(facts, path)) {
    return Error{ErrorKind::Io, ErrorSource::Self, Retry::Never, std::string(kNoFile)};
  }
  if (::fcntl(fd, F_SETFL, 0) != 0) return cannot_read(errno);
  return file;
}

}  // namespace

Result<std::string> read_file(const std::string& path, std::size_t bytes_max) {
  const auto file = open_file(path);
  if (!file) return file.error();
  // One more than allowed, to see whether there is more: the size of a pipe is not known before.
  std::string content(bytes_max + 1, '\0');
  content.resize(std::fread(content.data(), 1, content.size(), file->get()));
  if (std::ferror(file->get()) != 0) return cannot_read(EIO);
  if (content.size() > bytes_max) {
    return Error{ErrorKind::Limit, ErrorSource::Self, Retry::Never,
                 "is larger than " + std::to_string(bytes_max) + " bytes"};
  }
  return content;
}

std::string why_no_file(const std::string& path) {
  struct stat facts{};
  if (::stat(path.c_str(), &facts) != 0 || !may_wait(facts, path)) return "";
  return std::string(kNoFile);
}

}  // namespace yata::config
