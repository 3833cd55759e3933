#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "base/clock.h"
#include "http/date.h"
#include "io/real_loop.h"
#include "io/sim.h"
#include "origin/make.h"
#include "origin/testing/told.h"

namespace yata::origin {
namespace {

using std::chrono::minutes;

// What a run of one loop came to.
struct Told {
  std::string text;
  std::string etag;
  std::string last_modified;
  std::string fields;
  OriginTrace trace;
};

io::Task<void> ask(io::Loop& loop, std::string root, const ObjectRequest& request, Told& out) {
  Result<std::unique_ptr<Origin>> origin = make_directory_origin(loop, {root});
  if (!origin) {
    out.text = to_string(origin.error());
    co_return;
  }
  out.text = co_await tell(**origin, request, out.trace);
  OriginTrace ignored;
  Result<std::unique_ptr<ObjectResponse>> answer = co_await (*origin)->fetch(request, ignored);
  if (!answer) co_return;
  out.etag = (*answer)->facts().etag;
  out.last_modified = (*answer)->facts().last_modified;
  for (const http::Field& field : (*answer)->fields()) {
    out.fields.append(field.text).append(": ").append(field.value).append("\n");
  }
}

Told ask_sim(const ObjectRequest& request, const std::string& root = "/site") {
  const auto loop = io::make_sim_loop({});
  loop->add_file("/site", "index.html", "<html>");
  loop->add_file("/site", "deep/er/ten.txt", "0123456789");
  loop->add_file("/site", "empty", "");
  loop->add_file("/site", "odd \xff\n?name", "odd");
  Told told;
  EXPECT_TRUE(
      loop->run([&](io::Loop& running, io::Scope&) { return ask(running, root, request, told); },
                minutes(1)));
  return told;
}

TEST(DirectoryOrigin, AnswersWithFactsFieldsAndBody) {
  const Told told = ask_sim({.key = "index.html"});
  EXPECT_EQ(told.text, "whole 0+6/6 <html>");
  EXPECT_EQ(told.fields, "Content-Type: text/html; charset=utf-8\nAccept-Ranges: bytes\n");
  EXPECT_TRUE(told.etag.starts_with('"') && told.etag.ends_with('"')) << told.etag;
  EXPECT_TRUE(http::parse_http_date(told.last_modified, WallTime{})) << told.last_modified;
  EXPECT_EQ(told.trace.attempts, 1U);
  EXPECT_EQ(told.trace.status, 200);
}

TEST(DirectoryOrigin, FindsKeysAsS3Would) {
  struct Row {
    std::string_view key;
    std::string_view expected;
  };
  const Row rows[] = {
      {"deep/er/ten.txt", "whole 0+10/10 0123456789"},
      {"odd \xff\n?name", "whole 0+3/3 odd"},
      {"empty", "whole 0+0/0"},
      {"missing", "not found 0+?/?"},
      {"", "not found 0+?/?"},
      {"/", "not found 0+?/?"},
      {"deep", "not found 0+?/?"},
      {"deep/", "not found 0+?/?"},
      {"index.html/", "not found 0+?/?"},
      {"/index.html", "not found 0+?/?"},
      {"deep//er/ten.txt", "not found 0+?/?"},
      {"./index.html", "not found 0+?/?"},
      {"deep/../index.html", "not found 0+?/?"},
      {"../site/index.html", "not found 0+?/?"},
      {"..", "not found 0+?/?"},
      {std::string_view("index.html\0", 11), "not found 0+?/?"},
  };
  for (const Row& row : rows) EXPECT_EQ(ask_sim({.key = row.key}).text, row.expected) << row.key;
  EXPECT_EQ(ask_sim({.key = std::string(256, 'a')}).text, "not found 0+?/?");
  EXPECT_EQ(ask_sim({.key = std::string(5000, 'a')}).text, "not found 0+?/?");
}

TEST(DirectoryOrigin, AnswersRanges) {
  struct Row {
    std::string_view range;
    std::string_view expected;
  };
  const Row rows[] = {
      {"bytes=2-4", "part 2+3/10 234"},
      {"bytes=7-", "part 7+3/10 789"},
      {"bytes=-2", "part 8+2/10 89"},
      {"bytes=-20", "part 0+10/10 0123456789"},
      {"bytes=5-99", "part 5+5/10 56789"},
      {"bytes=0-9", "part 0+10/10 0123456789"},
      {"bytes=10-", "range not satisfiable 0+?/10"},
      {"bytes=-0", "range not satisfiable 0+?/10"},
      {"bytes=4-2", "whole 0+10/10 0123456789"},
      {"items=0-1", "whole 0+10/10 0123456789"},
      {"bytes=0-1,4-5", "whole 0+10/10 0123456789"},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(ask_sim({.key = "deep/er/ten.txt", .range = row.range}).text, row.expected)
        << row.range;
  }
  EXPECT_EQ(ask_sim({.key = "empty", .range = "bytes=0-"}).text, "range not satisfiable 0+?/0");
}

TEST(DirectoryOrigin, AnswersHeadWithoutABody) {
  const ObjectRequest head{.method = http::Method::Head, .key = "deep/er/ten.txt"};
  EXPECT_EQ(ask_sim(head).text, "whole 0+10/10");
  ObjectRequest part = head;
  part.range = "bytes=2-4";
  EXPECT_EQ(ask_sim(part).text, "part 2+3/10");
}

TEST(DirectoryOrigin, AnswersConditions) {
  const Told told = ask_sim({.key = "deep/er/ten.txt"});
  const std::string other = "\"other\"";
  const std::string long_ago = "Sun, 06 Nov 1994 08:49:37 GMT";
  const auto text = [](ObjectRequest request) {
    request.key = "deep/er/ten.txt";
    return ask_sim(request).text;
  };
  EXPECT_EQ(text({.if_none_match = told.etag}), "not modified 0+?/10");
  EXPECT_EQ(text({.if_none_match = other}), "whole 0+10/10 0123456789");
  EXPECT_EQ(text({.if_match = told.etag}), "whole 0+10/10 0123456789");
  EXPECT_EQ(text({.if_match = other}), "precondition failed 0+?/10");
  EXPECT_EQ(text({.if_modified_since = told.last_modified}), "not modified 0+?/10");
  EXPECT_EQ(text({.if_modified_since = long_ago}), "whole 0+10/10 0123456789");
  EXPECT_EQ(text({.if_unmodified_since = long_ago}), "precondition failed 0+?/10");
  // Conditions come before the range.
  EXPECT_EQ(text({.range = "bytes=99-", .if_none_match = told.etag}), "not modified 0+?/10");
  EXPECT_EQ(text({.range = "bytes=99-", .if_match = other}), "precondition failed 0+?/10");
  const Told unchanged = ask_sim({.key = "deep/er/ten.txt", .if_none_match = told.etag});
  EXPECT_EQ(unchanged.etag, told.etag);
  EXPECT_EQ(unchanged.trace.status, 304);
}

TEST(DirectoryOrigin, AnswersWithoutAnObjectHaveNoFields) {
  EXPECT_EQ(ask_sim({.key = "missing"}).fields, "");
  EXPECT_EQ(ask_sim({.key = "index.html", .if_match = "\"x\""}).fields, "");
  EXPECT_EQ(ask_sim({.key = "index.html", .range = "bytes=9-"}).fields, "");
}

TEST(DirectoryOrigin, AFailingDiskIsAnError) {
  const auto loop = io::make_sim_loop({.file_error = 1000});
  loop->add_file("/site", "a", "a");
  Told told;
  const ObjectRequest request{.key = "a"};
  loop->run([&](io::Loop& running, io::Scope&) { return ask(running, "/site", request, told); },
            minutes(1));
  EXPECT_EQ(told.text, "origin io");
}

TEST(DirectoryOrigin, ARootThatIsNotThereIsAnError) {
  EXPECT_TRUE(ask_sim({.key = "a"}, "/nowhere").text.starts_with("origin not_found"));
}

// What only a real file system has: links, permissions, times, other kinds of files.
class RealDirectoryOrigin : public testing::Test {
 protected:
  RealDirectoryOrigin() {
    std::string pattern = testing::TempDir() + "directory-origin-XXXXXX";
    top_ = ::mkdtemp(pattern.data());
    root_ = top_ / "root";
    std::filesystem::create_directories(root_ / "inside");
    write(top_ / "secret", "secret");
    write(root_ / "inside/file.txt", "content");
  }
  ~RealDirectoryOrigin() override { std::filesystem::remove_all(top_); }

  static void write(const std::filesystem::path& path, const std::string& text) {
    std::ofstream(path, std::ios::binary) << text;
  }

  Told ask_real(const ObjectRequest& request) const {
    const SystemClock clock;
    io::Loops loops({.threads = 1, .pool_threads = 1}, clock);
    Told told;
    loops.run([&](io::Loop& loop, io::Scope&) { return ask(loop, root_.string(), request, told); });
    return told;
  }

  std::filesystem::path top_;
  std::filesystem::path root_;
};

TEST_F(RealDirectoryOrigin, ServesFiles) {
  EXPECT_EQ(ask_real({.key = "inside/file.txt"}).text, "whole 0+7/7 content");
  EXPECT_EQ(ask_real({.key = "inside/file.txt", .range = "bytes=-3"}).text, "part 4+3/7 ent");
  EXPECT_EQ(ask_real({.key = "inside"}).text, "not found 0+?/?");
  EXPECT_EQ(ask_real({.key = "none/file.txt"}).text, "not found 0+?/?");
  EXPECT_EQ(ask_real({.key = "inside/file.txt/x"}).text, "not found 0+?/?");
}

TEST_F(RealDirectoryOrigin, NeverLeavesItsRoot) {
  std::filesystem::create_symlink("../secret", root_ / "out");
  std::filesystem::create_symlink(top_ / "secret", root_ / "absolute");
  std::filesystem::create_symlink("..", root_ / "up");
  std::filesystem::create_symlink("inside/file.txt", root_ / "within");
  std::filesystem::create_symlink("nowhere", root_ / "dangling");
  std::filesystem::create_symlink("loop", root_ / "loop");
  EXPECT_EQ(ask_real({.key = "out"}).text, "forbidden 0+?/?");
  EXPECT_EQ(ask_real({.key = "absolute"}).text, "forbidden 0+?/?");
  EXPECT_EQ(ask_real({.key = "up/secret"}).text, "forbidden 0+?/?");
  EXPECT_EQ(ask_real({.key = "../secret"}).text, "not found 0+?/?");
  EXPECT_EQ(ask_real({.key = "within"}).text, "whole 0+7/7 content");
  EXPECT_EQ(ask_real({.key = "dangling"}).text, "not found 0+?/?");
  EXPECT_NE(ask_real({.key = "loop"}).text.substr(0, 5), "whole");
}

TEST_F(RealDirectoryOrigin, ServesRegularFilesOnly) {
  ASSERT_EQ(::mkfifo((root_ / "pipe").c_str(), 0600), 0);
  EXPECT_EQ(ask_real({.key = "pipe"}).text, "forbidden 0+?/?");
}

TEST_F(RealDirectoryOrigin, AFileThatMayNotBeReadIsForbidden) {
  if (::geteuid() == 0) GTEST_SKIP() << "permissions do not bind root";
  std::filesystem::permissions(root_ / "inside/file.txt", std::filesystem::perms::none);
  EXPECT_EQ(ask_real({.key = "inside/file.txt"}).text, "forbidden 0+?/?");
}

TEST_F(RealDirectoryOrigin, TheEtagChangesWithSizeTimeAndFile) {
  const auto set_time = [&](std::int64_t seconds, long nanoseconds) {
    const timespec times[2] = {{seconds, nanoseconds}, {seconds, nanoseconds}};
    ASSERT_EQ(::utimensat(AT_FDCWD, (root_ / "inside/file.txt").c_str(), times, 0), 0);
  };
  const auto told = [&] { return ask_real({.key = "inside/file.txt"}); };
  set_time(784'111'777, 5);
  const Told first = told();
  EXPECT_EQ(first.last_modified, "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(told().etag, first.etag);
  set_time(784'111'777, 6);
  const Told later = told();
  EXPECT_NE(later.etag, first.etag);
  EXPECT_EQ(later.last_modified, first.last_modified);
  write(root_ / "inside/file.txt", "longer content");
  set_time(784'111'777, 6);
  EXPECT_NE(told().etag, later.etag);
  write(root_ / "other", "longer content");
  const std::string before = told().etag;
  std::filesystem::rename(root_ / "other", root_ / "inside/file.txt");
  set_time(784'111'777, 6);
  EXPECT_NE(told().etag, before);
}

TEST_F(RealDirectoryOrigin, TimesThatHttpMayNotSayAreMoved) {
  const auto last_modified = [&](std::int64_t seconds) {
    const timespec times[2] = {{seconds, 0}, {seconds, 0}};
    EXPECT_EQ(::utimensat(AT_FDCWD, (root_ / "inside/file.txt").c_str(), times, 0), 0);
    return ask_real({.key = "inside/file.txt"}).last_modified;
  };
  EXPECT_EQ(last_modified(-1000), "Thu, 01 Jan 1970 00:00:00 GMT");
  // In the future: RFC 9110 §8.8.2.1 wants the time of the answer.
  const auto told = http::parse_http_date(last_modified(4'000'000'000), WallTime{});
  ASSERT_TRUE(told);
  EXPECT_LT(told->time_since_epoch().count(), 4'000'000'000);
}

io::Task<void> replace_root(io::Loop& loop, std::filesystem::path root, std::string& out) {
  Result<std::unique_ptr<Origin>> origin = make_directory_origin(loop, {root.string()});
  OriginTrace trace;
  const ObjectRequest request{.key = "file"};
  std::filesystem::rename(root, root.string() + ".old");
  Result<void> gone = co_await (*origin)->probe();
  out += gone ? "usable;" : std::string(to_string(gone.error().kind)) + ";";
  std::filesystem::create_directory(root);
  std::ofstream(root / "file") << "new";
  Result<void> back = co_await (*origin)->probe();
  out += back ? "usable;" : std::string(to_string(back.error().kind)) + ";";
  std::string text = co_await tell(**origin, request, trace);
  out += text;
}

TEST_F(RealDirectoryOrigin, AProbeSeesARootThatWasReplaced) {
  const SystemClock clock;
  io::Loops loops({.threads = 1, .pool_threads = 1}, clock);
  std::string told;
  loops.run([&](io::Loop& loop, io::Scope&) { return replace_root(loop, root_, told); });
  EXPECT_EQ(told, "not_found;usable;whole 0+3/3 new");
}

io::Task<void> list_simulated(io::Loop& loop, std::string prefix, std::string& told) {
  Result<std::unique_ptr<Origin>> origin = make_directory_origin(loop, {"/srv"});
  told = co_await tell_keys(**origin, prefix);
}

std::vector<std::string> keys_below(const std::string& prefix) {
  const auto loop = io::make_sim_loop({});
  for (const char* path : {"a.txt", "b/1", "b/2", "b/c/3", "bc/4", "d/e/f/5"}) {
    loop->add_file("/srv", path, "x");
  }
  std::string told;
  EXPECT_TRUE(loop->run(
      [&](io::Loop& running, io::Scope&) { return list_simulated(running, prefix, told); },
      std::chrono::hours(1)));
  std::vector<std::string> keys;
  for (std::size_t at = 0; at < told.size();) {
    const std::size_t end = told.find_first_of(",;", at);
    keys.push_back(told.substr(at, end - at));
    at = end == std::string::npos ? end : end + 1;
  }
  std::ranges::sort(keys);
  return keys;
}

TEST(DirectoryOriginList, FindsTheKeysThatBeginSo) {
  using Keys = std::vector<std::string>;
  EXPECT_EQ(keys_below(""), (Keys{"a.txt", "b/1", "b/2", "b/c/3", "bc/4", "d/e/f/5"}));
  EXPECT_EQ(keys_below("b"), (Keys{"b/1", "b/2", "b/c/3", "bc/4"}));
  EXPECT_EQ(keys_below("b/"), (Keys{"b/1", "b/2", "b/c/3"}));
  EXPECT_EQ(keys_below("b/c"), (Keys{"b/c/3"}));
  EXPECT_EQ(keys_below("d/e/f/5"), (Keys{"d/e/f/5"}));
  EXPECT_EQ(keys_below("d/e/f/5/"), Keys{});
  for (const char* none : {"x", "/", "/a.txt", "b//", "../", "b/./", "a.txt/"}) {
    EXPECT_EQ(keys_below(none), Keys{}) << none;
  }
}

io::Task<void> list_real(io::Loop& loop, std::filesystem::path root, std::string& told) {
  Result<std::unique_ptr<Origin>> origin = make_directory_origin(loop, {root.string()});
  const std::unique_ptr<Listing> listing = (*origin)->list("many/");
  std::size_t all = 0;
  while (true) {
    Result<std::vector<std::string>> page = co_await listing->next();
    if (!page || page->empty()) break;
    EXPECT_LE(page->size(), Listing::kPageMax);
    all += page->size();
  }
  told = std::to_string(all);
}

TEST_F(RealDirectoryOrigin, AListComesInPages) {
  std::filesystem::create_directories(root_ / "many/more");
  for (int i = 0; i < 1500; ++i) write(root_ / "many" / std::to_string(i), "");
  for (int i = 0; i < 700; ++i) write(root_ / "many/more" / std::to_string(i), "");
  const SystemClock clock;
  io::Loops loops({.threads = 1, .pool_threads = 1}, clock);
  std::string told;
  loops.run([&](io::Loop& loop, io::Scope&) { return list_real(loop, root_, told); });
  EXPECT_EQ(told, "2200");
}

}  // namespace
}  // namespace yata::origin
