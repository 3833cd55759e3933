#include "config/reading/file.h"

#include <sys/stat.h>

#include <cerrno>
#include <cstdio>
#include <memory>
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

}  // namespace

Result<std::string> read_file(const std::string& path, std::size_t bytes_max) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rbe"),
                                                             &std::fclose);
  if (file == nullptr) return cannot_read(errno);
  struct stat facts{};
  if (fstat(fileno(file.get()), &facts) == 0 && S_ISDIR(facts.st_mode)) {
    return cannot_read(EISDIR);
  }
  // One more than allowed, to see whether there is more: the size of a pipe is not known before.
  std::string content(bytes_max + 1, '\0');
  content.resize(std::fread(content.data(), 1, content.size(), file.get()));
  if (std::ferror(file.get()) != 0) return cannot_read(EIO);
  if (content.size() > bytes_max) {
    return Error{ErrorKind::Limit, ErrorSource::Self, Retry::Never,
                 "is larger than " + std::to_string(bytes_max) + " bytes"};
  }
  return content;
}

}  // namespace yata::config
