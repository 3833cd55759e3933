#include "io/real/directory.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "io/real/file_cache.h"
#include "io/real/sockets.h"
#include "io/scope.h"
#include "io/testing/real_run.h"

namespace yata::io {
namespace {

namespace fs = std::filesystem;
using std::chrono::seconds;

void put(const fs::path& path, const std::string& content) {
  fs::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << content;
}

// A tree of files, and around it what must never be reached.
class DirectoryTest : public testing::Test {
 protected:
  DirectoryTest() : top_(testing::TempDir() + "yata-dir-" + std::to_string(::getpid())) {
    fs::remove_all(top_);
    root_ = top_ / "root";
    put(top_ / "secret", "secret");
    put(root_ / "a.txt", "alpha");
    put(root_ / "sub/b.txt", "beta");
    put(root_ / "empty", "");
    fs::create_symlink("a.txt", root_ / "inside");
    fs::create_symlink("../a.txt", root_ / "sub/up");
    fs::create_directory_symlink("sub", root_ / "folder");
    fs::create_symlink("../secret", root_ / "outside");
    fs::create_symlink(top_ / "secret", root_ / "absolute");
    fs::create_symlink(root_ / "a.txt", root_ / "absolute-inside");
    fs::create_directory_symlink("..", root_ / "parent");
    fs::create_symlink("loop", root_ / "loop");
    fs::create_symlink("missing", root_ / "dangling");
    ::mkfifo((root_ / "fifo").c_str(), 0600);
    make_socket(root_ / "socket");
  }
  ~DirectoryTest() override { fs::remove_all(top_); }

  static void make_socket(const fs::path& path) {
    Address address;
    address.family = Address::Family::Unix;
    address.path = path;
    const int fd = open_socket(Address::Family::Unix);
    const SocketAddress bound = to_socket_address(address);
    CHECK(::bind(fd, bound.get(), bound.size) == 0);
    ::close(fd);
  }

  void run(Task<void> (*test)(Loop&, Directory&)) {
    run_real([&](Loop& loop, Scope&) { return with_root(loop, root_, test); });
  }

  static Task<void> with_root(Loop& loop, std::string root, Task<void> (*test)(Loop&, Directory&)) {
    Result<std::unique_ptr<Directory>> directory = loop.open_directory(root);
    EXPECT_TRUE(directory) << outcome(directory);
    if (directory) co_await test(loop, **directory);
  }

  fs::path top_;
  fs::path root_;
};

Task<Result<std::string>> content_of(Directory& directory, std::string path) {
  Result<std::unique_ptr<File>> file = co_await directory.open(path);
  if (!file) co_return std::move(file.error());
  std::string text(64, '\0');
  const ByteBuffer into = std::as_writable_bytes(std::span(text));
  Result<std::size_t> got = co_await (*file)->read_at(into, 0);
  if (!got) co_return std::move(got.error());
  text.resize(*got);
  co_return text;
}

TEST_F(DirectoryTest, OpensWhatLiesInsideAndNothingElse) {
  run([](Loop&, Directory& root) -> Task<void> {
    using namespace std::string_literals;
    const struct {
      std::string path;
      std::string content;  // or, when empty, the kind of the error
      ErrorKind kind = ErrorKind::Internal;
    } cases[] = {
        {"a.txt", "alpha"},
        {"sub/b.txt", "beta"},
        {"sub//b.txt", "beta"},
        {"./a.txt", "alpha"},
        {"sub/../a.txt", "alpha"},
        {"inside", "alpha"},
        {"sub/up", "alpha"},
        {"folder/b.txt", "beta"},
        {"outside", "", ErrorKind::Denied},
        {"absolute", "", ErrorKind::Denied},
        {"absolute-inside", "", ErrorKind::Denied},
        {"parent/secret", "", ErrorKind::Denied},
        {"parent", "", ErrorKind::Denied},
        {"../secret", "", ErrorKind::Denied},
        {"sub/../../secret", "", ErrorKind::Denied},
        {"..", "", ErrorKind::Denied},
        {"/etc/passwd", "", ErrorKind::Denied},
        {"loop", "", ErrorKind::Denied},
        {"fifo", "", ErrorKind::Denied},
        {"socket", "", ErrorKind::Denied},
        {"dangling", "", ErrorKind::NotFound},
        {"missing", "", ErrorKind::NotFound},
        {"missing/a.txt", "", ErrorKind::NotFound},
        {"a.txt/more", "", ErrorKind::NotFound},
        {"a.txt/", "", ErrorKind::NotFound},
        {"", "", ErrorKind::NotFound},
        {"a.txt\0.png"s, "", ErrorKind::NotFound},
        {std::string(300, 'x'), "", ErrorKind::NotFound},
        {std::string(5000, 'x'), "", ErrorKind::NotFound},
    };
    for (const auto& c : cases) {
      Result<std::string> content = co_await content_of(root, c.path);
      if (!c.content.empty()) {
        EXPECT_EQ(content ? *content : outcome(content), c.content) << c.path;
      } else {
        EXPECT_FALSE(content) << c.path;
        if (!content) EXPECT_EQ(content.error().kind, c.kind) << c.path << outcome(content);
      }
    }
  });
}

std::string told(const Result<std::vector<DirectoryEntry>>& listed) {
  if (!listed) return std::string(to_string(listed.error().kind));
  std::string text;
  for (const DirectoryEntry& entry : *listed) {
    const bool file = entry.kind == FileFacts::Kind::Regular;
    const bool directory = entry.kind == FileFacts::Kind::Directory;
    text += entry.name + (file ? " " : (directory ? "/ " : "? "));
  }
  return text;
}

TEST_F(DirectoryTest, ListsWhatLiesInsideAndGoesRoundNoLink) {
  run([](Loop&, Directory& root) -> Task<void> {
    const struct {
      std::string path;
      std::string told;
    } cases[] = {
        {"",
         "a.txt absolute? absolute-inside? dangling? empty fifo? folder? inside loop? outside? "
         "parent? socket? sub/ "},
        {"sub", "b.txt up "},
        {"sub/", "b.txt up "},
        {"folder", "b.txt up "},
        {"a.txt", "not_found"},
        {"missing", "not_found"},
        {"parent", "denied"},
        {"..", "denied"},
        {"/etc", "denied"},
        {std::string("sub\0x", 5), "not_found"},
    };
    for (const auto& c : cases) {
      Result<std::vector<DirectoryEntry>> listed = co_await root.list(c.path);
      EXPECT_EQ(told(listed), c.told) << c.path;
    }
  });
}

TEST_F(DirectoryTest, TellsWhatAFileIs) {
  run([](Loop&, Directory& root) -> Task<void> {
    Result<std::unique_ptr<File>> file = co_await root.open("a.txt");
    const FileFacts& facts = (*file)->facts();
    EXPECT_EQ(facts.kind, FileFacts::Kind::Regular);
    EXPECT_EQ(facts.size_bytes, 5U);
    struct stat status{};
    ::fstat((*file)->descriptor(), &status);
    EXPECT_EQ(facts.inode, status.st_ino);
    EXPECT_EQ(facts.modified_ns, static_cast<std::uint64_t>(status.st_mtim.tv_nsec));
    EXPECT_EQ(std::chrono::floor<seconds>(facts.modified).time_since_epoch().count(),
              status.st_mtim.tv_sec);
    Result<std::unique_ptr<File>> folder = co_await root.open("sub");
    EXPECT_EQ((*folder)->facts().kind, FileFacts::Kind::Directory);
  });
}

TEST_F(DirectoryTest, ReadsAnyPartAndNothingBehindTheEnd) {
  run([](Loop&, Directory& root) -> Task<void> {
    Result<std::unique_ptr<File>> file = co_await root.open("a.txt");
    std::string text(3, '\0');
    const ByteBuffer into = std::as_writable_bytes(std::span(text));
    const struct {
      std::uint64_t offset;
      std::string_view want;
    } cases[] = {{0, "alp"}, {2, "pha"}, {4, "a"}, {5, ""}, {1'000'000, ""}};
    for (const auto& c : cases) {
      Result<std::size_t> got = co_await (*file)->read_at(into, c.offset);
      EXPECT_EQ(std::string_view(text).substr(0, got.value()), c.want) << c.offset;
    }
    Result<std::unique_ptr<File>> empty = co_await root.open("empty");
    Result<std::size_t> none = co_await (*empty)->read_at(into, 0);
    EXPECT_EQ(none.value(), 0U);
    Result<std::unique_ptr<File>> folder = co_await root.open("sub");
    Result<std::size_t> wrong = co_await (*folder)->read_at(into, 0);
    EXPECT_EQ(wrong.error().kind, ErrorKind::Io);
  });
}

TEST(Directory, SaysWhyItCannotBeOpened) {
  run_real([](Loop& loop, Scope&) -> Task<void> {
    const Result<std::unique_ptr<Directory>> none = loop.open_directory("/does/not/exist");
    EXPECT_EQ(outcome(none), "self not_found: /does/not/exist: No such file or directory");
    const Result<std::unique_ptr<Directory>> file = loop.open_directory("/proc/self/status");
    EXPECT_EQ(file.error().kind, ErrorKind::NotFound);
    co_return;
  });
}

TEST(Directory, NeverFollowsTheLinksThatProcMakesUp) {
  run_real([](Loop& loop, Scope&) -> Task<void> {
    Result<std::unique_ptr<Directory>> self = loop.open_directory("/proc/self");
    for (const std::string path : {"root/etc/passwd", "cwd/.", "exe"}) {
      Result<std::unique_ptr<File>> file = co_await (*self)->open(path);
      EXPECT_EQ(file.error().kind, ErrorKind::Denied) << path;
    }
    // Reads that cannot be tried without waiting go to the pool.
    Result<std::string> status = co_await content_of(**self, "status");
    EXPECT_TRUE(status.value().starts_with("Name:")) << *status;
  });
}

std::string numbered_lines(std::size_t count) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) text += std::to_string(i) + "\n";
  return text;
}

Task<void> send_range(Stream& stream, File& file, std::string_view head, std::uint64_t offset,
                      std::uint64_t length, std::string& result) {
  Result<void> sent = co_await stream.send_file(as_bytes(head), file, offset, length, seconds(10));
  result = outcome(sent);
  stream.shutdown_write();
}

// Takes a file out of the page cache, where the file system lets us.
void make_cold(const File& file) {
  ::fsync(file.descriptor());
  ::posix_fadvise(file.descriptor(), 0, 0, POSIX_FADV_DONTNEED);
}

class SendFileTest : public DirectoryTest {
 protected:
  SendFileTest() { put(root_ / "lines", numbered_lines(1'000'000)); }
};

TEST_F(SendFileTest, SendsHeadAndRangeWhetherTheFileIsCachedOrNot) {
  run([](Loop& loop, Directory& root) -> Task<void> {
    const std::string lines = numbered_lines(1'000'000);
    Result<std::unique_ptr<File>> file = co_await root.open("lines");
    const struct {
      std::uint64_t offset, length;
    } ranges[] = {{0, lines.size()}, {0, 0}, {12'345, 3 << 20}, {lines.size() - 1, 1}};
    for (const auto& range : ranges) {
      for (const bool cold : {false, true}) {
        if (cold) make_cold(**file);
        Pair pair = co_await make_pair_of(loop);
        Scope scope(loop);
        std::string result;
        scope.spawn(send_range(*pair.server, **file, "head:", range.offset, range.length, result));
        Result<std::string> all = co_await read_all(*pair.client, kNever);
        co_await scope.join();
        EXPECT_EQ(result, "ok");
        EXPECT_TRUE(all.value() == "head:" + lines.substr(range.offset, range.length))
            << range.offset << " " << all->size();
      }
    }
  });
}

TEST_F(SendFileTest, AFileThatIsShorterIsAnIoError) {
  run([](Loop& loop, Directory& root) -> Task<void> {
    Result<std::unique_ptr<File>> file = co_await root.open("a.txt");
    Pair pair = co_await make_pair_of(loop);
    std::string result;
    co_await send_range(*pair.server, **file, "", 2, 10, result);
    EXPECT_EQ(result, "self io: file is shorter by 7 bytes");
    Result<std::string> all = co_await read_all(*pair.client, kNever);
    EXPECT_EQ(all.value(), "pha");
  });
}

TEST_F(SendFileTest, APeerThatLeftEndsItAndNotTheProcess) {
  run([](Loop& loop, Directory& root) -> Task<void> {
    Result<std::unique_ptr<File>> file = co_await root.open("lines");
    const std::uint64_t size = (*file)->facts().size_bytes;
    for (const bool reset : {false, true}) {
      Pair pair = co_await make_pair_of(loop);
      if (reset) pair.client->reset_on_close();
      pair.client->close();
      std::string result;
      co_await send_range(*pair.server, **file, "head", 0, size, result);
      co_await send_range(*pair.server, **file, "", 0, size, result);
      EXPECT_TRUE(result.starts_with("client closed")) << result;
    }
  });
}

TEST_F(SendFileTest, EndsAfterTheStallAndWhenCancelled) {
  static std::string root_path;  // the coroutine below captures nothing
  root_path = root_;
  StillTime time;
  time.run([](Loop& loop, StillTime& still) -> Task<void> {
    Result<std::unique_ptr<Directory>> root = loop.open_directory(root_path);
    Result<std::unique_ptr<File>> file = co_await (*root)->open("lines");
    const std::uint64_t size = (*file)->facts().size_bytes;
    for (const bool cancel : {false, true}) {
      Pair pair = co_await make_pair_of(loop);
      Scope scope(loop);
      std::string result;
      scope.spawn(send_range(*pair.server, **file, "", 0, size, result));
      for (int i = 0; i < 50; ++i) co_await Later(loop);
      EXPECT_EQ(result, "");
      if (cancel) scope.cancel(CancelReason::ClientGone);
      if (!cancel) still.advance(loop, seconds(11));
      co_await scope.join();
      EXPECT_EQ(result,
                cancel ? "client cancelled: client left" : "client timeout: deadline passed");
    }
  });
}

TEST_F(SendFileTest, ReadingIntoThePageCacheMakesAChunkWarm) {
  run([](Loop& loop, Directory& root) -> Task<void> {
    Result<std::unique_ptr<File>> file = co_await root.open("lines");
    BlockingPool pool(1);
    const FileChunk chunk{(*file)->descriptor(), 0, 1 << 20};
    make_cold(**file);
    Result<void> read = co_await read_into_page_cache(loop, pool, chunk);
    EXPECT_TRUE(read) << outcome(read);
    EXPECT_TRUE(in_page_cache(chunk));
  });
}

}  // namespace
}  // namespace yata::io
