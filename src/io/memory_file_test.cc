#include "io/memory_file.h"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <string>
#include <utility>

#include "io/real_loop.h"
#include "io/testing/real_run.h"
#include "io/tls/lab.h"

namespace yata::io {
namespace {

using std::chrono::seconds;

// A memfd that holds `before` and then `text`, and maps the latter.
class Shown {
 public:
  Shown(std::size_t before, std::string text)
      : before_(before), text_(std::move(text)), fd_(::memfd_create("shown", MFD_CLOEXEC)) {
    const std::string all = std::string(before, '-') + text_ + "behind";
    CHECK(::write(fd_, all.data(), all.size()) == static_cast<ssize_t>(all.size()));
  }
  ~Shown() { ::close(fd_); }

  MemoryFile file() const { return MemoryFile({fd_, before_}, as_bytes(text_)); }
  MemoryFile file_without_descriptor() const { return MemoryFile({-1, before_}, as_bytes(text_)); }
  std::uint64_t at() const { return before_; }
  std::string_view text() const { return text_; }

 private:
  std::size_t before_;
  std::string text_;
  int fd_;
};

Task<void> send_range(Stream& stream, File& file, std::uint64_t offset, std::uint64_t length) {
  Result<void> sent =
      co_await stream.send_file(as_bytes("head"), file, offset, length, seconds(30));
  EXPECT_TRUE(sent);
  stream.shutdown_write();
}

// Sends a part from the middle, and hears it whole.
Task<void> send_part(Loop& loop, Stream& from, Stream& to, const Shown& shown, MemoryFile file) {
  const std::string_view part = shown.text().substr(1000, shown.text().size() - 3000);
  Scope scope(loop);
  scope.spawn(send_range(from, file, shown.at() + 1000, part.size()));
  const Result<std::string> heard = co_await read_all(to, kNever);
  co_await scope.join();
  EXPECT_TRUE(heard && *heard == "head" + std::string(part));
}

TEST(MemoryFile, GoesOverTcpWithAndWithoutItsDescriptor) {
  run_real([](Loop& loop, Scope&) -> Task<void> {
    const Shown shown(12'345, pattern(3'000'000, 1));
    for (const bool with : {true, false}) {
      const Pair ends = co_await make_pair_of(loop);
      MemoryFile file = with ? shown.file() : shown.file_without_descriptor();
      co_await send_part(loop, *ends.server, *ends.client, shown, file);
    }
  });
}

TEST(MemoryFile, GoesOverTls) {
  StillTime().run([](Loop& loop, StillTime&) -> Task<void> {
    const Shown shown(12'345, pattern(3'000'000, 1));
    Pair plain = co_await make_pair_of(loop);
    PlainPair ends{std::move(plain.client), std::move(plain.server)};
    const TlsPair pair = co_await tls_pair_over(loop, std::move(ends), {});
    MemoryFile file = shown.file();
    co_await send_part(loop, **pair.server, **pair.client, shown, file);
  });
}

TEST(MemoryFile, EndsWhereItsBytesEnd) {
  run_real([](Loop&, Scope&) -> Task<void> {
    const Shown shown(10, "abc");
    MemoryFile file = shown.file();
    EXPECT_EQ(file.facts().size_bytes, 13U);
    std::array<std::byte, 8> into;
    const Result<std::size_t> some = co_await file.read_at(into, 11);
    EXPECT_EQ(as_text(std::span(into).first(*some)), "bc");
    for (const std::uint64_t beyond : {13U, 14U, 1000U}) {
      const Result<std::size_t> none = co_await file.read_at(into, beyond);
      EXPECT_EQ(*none, 0U);
    }
  });
}

}  // namespace
}  // namespace yata::io
