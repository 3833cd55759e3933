#include "io/sim/disk.h"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

#include "io/sim.h"

namespace yata::io {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

std::unique_ptr<SimLoop> loop_with_files() {
  auto loop = make_sim_loop({});
  loop->add_file("/srv", "a.txt", "alpha");
  loop->add_file("/srv", "deep/er/b.txt", std::string(100'000, 'b'));
  loop->add_file("/srv", "empty", "");
  return loop;
}

Task<Result<std::string>> content(Directory& directory, std::string_view path) {
  auto file = co_await directory.open(path);
  if (!file) co_return std::move(file.error());
  std::string all;
  std::vector<std::byte> buffer(30'000);
  for (;;) {
    Result<std::size_t> got = co_await (*file)->read_at(buffer, all.size());
    if (!got) co_return std::move(got.error());
    if (*got == 0) break;
    all += as_text(std::span(buffer).first(*got));
  }
  EXPECT_EQ((*file)->facts().size_bytes, all.size());
  EXPECT_EQ((*file)->descriptor(), -1);
  co_return all;
}

Task<void> read_files(Loop& loop) {
  const auto directory = std::move(*loop.open_directory("/srv"));
  struct Row {
    std::string_view path;
    Result<std::string> wanted;
  };
  const auto failure = [](ErrorKind kind) { return Error{.kind = kind, .detail = {}}; };
  const std::vector<Row> rows = {
      {"a.txt", "alpha"},
      {"./deep/../a.txt", "alpha"},
      {"deep/er/b.txt", std::string(100'000, 'b')},
      {"empty", ""},
      {"b.txt", failure(ErrorKind::NotFound)},
      {"", failure(ErrorKind::Io)},  // a directory: it opens and cannot be read
      {"deep", failure(ErrorKind::Io)},
      {"dee", failure(ErrorKind::NotFound)},
      {"../etc/passwd", failure(ErrorKind::Denied)},
      {"deep/../../a.txt", failure(ErrorKind::Denied)},
      {"/a.txt", failure(ErrorKind::Denied)},
  };
  for (const Row& row : rows) {
    Result<std::string> got = co_await content(*directory, row.path);
    EXPECT_EQ(got.has_value(), row.wanted.has_value()) << row.path;
    if (got && row.wanted) EXPECT_EQ(*got, *row.wanted) << row.path;
    if (!got && !row.wanted) EXPECT_EQ(got.error().kind, row.wanted.error().kind) << row.path;
  }
}

Task<void> list_files(Loop& loop) {
  const auto directory = std::move(*loop.open_directory("/srv"));
  using Kind = FileFacts::Kind;
  const std::vector<DirectoryEntry> top = {
      {"a.txt", Kind::Regular}, {"deep", Kind::Directory}, {"empty", Kind::Regular}};
  Result<std::vector<DirectoryEntry>> listed = co_await directory->list("");
  EXPECT_TRUE(listed && *listed == top);
  const std::vector<DirectoryEntry> deep = {{"b.txt", Kind::Regular}};
  listed = co_await directory->list("deep/er");
  EXPECT_TRUE(listed && *listed == deep);
  for (const std::string_view path : {"a.txt", "dee", "missing"}) {
    listed = co_await directory->list(path);
    EXPECT_TRUE(!listed && listed.error().kind == ErrorKind::NotFound) << path;
  }
  listed = co_await directory->list("../etc");
  EXPECT_TRUE(!listed && listed.error().kind == ErrorKind::Denied);
}

TEST(SimDisk, ListsFilesAndDirectoriesByName) {
  const auto loop = loop_with_files();
  EXPECT_TRUE(loop->run([](Loop& running, Scope&) { return list_files(running); }, hours(1)));
}

TEST(SimDisk, FilesAreReadBelowTheirDirectory) {
  const auto loop = loop_with_files();
  EXPECT_TRUE(loop->run([](Loop& door, Scope&) { return read_files(door); }, hours(1)));
  EXPECT_EQ(loop->open_directory("/nowhere").error().kind, ErrorKind::NotFound);
}

Task<void> open_then_replace(Loop& loop) {
  const auto directory = std::move(*loop.open_directory("/srv"));
  auto before = co_await directory->open("a.txt");
  static_cast<SimLoop&>(loop).add_file("/srv", "a.txt", "other");
  auto after = co_await directory->open("a.txt");
  EXPECT_NE((*before)->facts().inode, (*after)->facts().inode);
  std::array<std::byte, 1> byte{};
  Result<std::size_t> got = co_await (*before)->read_at(byte, 0);
  EXPECT_TRUE(got);
  EXPECT_EQ(as_text(byte), "a");
}

TEST(SimDisk, AnOpenFileKeepsItsContent) {
  const auto loop = loop_with_files();
  EXPECT_TRUE(loop->run([](Loop& door, Scope&) { return open_then_replace(door); }, hours(1)));
}

Task<void> read_with_faults(Loop& loop) {
  const auto directory = std::move(*loop.open_directory("/srv"));
  auto file = co_await directory->open("a.txt");
  EXPECT_TRUE(file);
  static_cast<SimLoop&>(loop).options().file_error = 1000;
  std::array<std::byte, 8> buffer;
  Result<std::size_t> got = co_await (*file)->read_at(buffer, 0);
  EXPECT_EQ(got.error().kind, ErrorKind::Io);
  auto again = co_await directory->open("a.txt");
  EXPECT_EQ(again.error().kind, ErrorKind::Io);
}

TEST(SimDisk, AFaultyDiskFailsItsCalls) {
  const auto loop = loop_with_files();
  EXPECT_TRUE(loop->run([](Loop& door, Scope&) { return read_with_faults(door); }, hours(1)));
}

Task<void> collect(Stream& stream, std::string& all) {
  std::array<std::byte, 5000> buffer;
  for (;;) {
    Result<std::size_t> got = co_await stream.read_some(buffer, kNever);
    if (!got || *got == 0) co_return;
    all += as_text(std::span(buffer).first(*got));
  }
}

struct Sending {
  std::string path;
  std::uint64_t offset;
  std::uint64_t length;
};

Task<void> send(Loop& loop, Scope& scope, const Sending& what, std::string& received,
                Result<void>& result) {
  const auto listener = std::move(*loop.listen({.address = *parse_address("127.0.0.1:0")}));
  auto near = co_await loop.connect({"localhost", listener->address().port}, kNever);
  auto far = co_await listener->accept();
  Scope readers(loop, &scope.cancel_state());
  readers.spawn(collect(**near, received));
  const auto directory = std::move(*loop.open_directory("/srv"));
  auto file = co_await directory->open(what.path);
  const ByteView head = as_bytes("head:");
  Result<void> sent =
      co_await (*far)->send_file(head, **file, what.offset, what.length, seconds(10));
  result = sent;
  (*far)->shutdown_write();
  co_await readers.join();
}

TEST(SimDisk, ARangeOfAFileIsSentAfterItsHead) {
  struct Row {
    Sending what;
    std::string received;
    bool whole;
  };
  const std::vector<Row> rows = {
      {{"a.txt", 0, 5}, "head:alpha", true},
      {{"a.txt", 1, 3}, "head:lph", true},
      {{"empty", 0, 0}, "head:", true},
      {{"deep/er/b.txt", 10, 90'000}, "head:" + std::string(90'000, 'b'), true},
      {{"a.txt", 0, 6}, "head:alpha", false},
      {{"empty", 0, 1}, "", false},
  };
  for (const Row& row : rows) {
    const auto loop = loop_with_files();
    std::string received;
    Result<void> result;
    EXPECT_TRUE(loop->run(
        [&](Loop& door, Scope& scope) { return send(door, scope, row.what, received, result); },
        hours(1)));
    EXPECT_EQ(received, row.received);
    EXPECT_EQ(result.has_value(), row.whole);
    if (!result) EXPECT_EQ(result.error().kind, ErrorKind::Io);
  }
}

}  // namespace
}  // namespace yata::io
