#include "record/line_log.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <string>
#include <thread>
#include <vector>

namespace yata::record {
namespace {

struct Pipe {
  Pipe() { EXPECT_EQ(pipe2(ends, O_CLOEXEC), 0); }
  ~Pipe() { close(ends[0]); }
  std::string read_all() const {
    std::string all;
    char bytes[4096];
    for (ssize_t got; (got = ::read(ends[0], bytes, sizeof bytes)) > 0;) {
      all.append(bytes, static_cast<std::size_t>(got));
    }
    return all;
  }
  int ends[2] = {-1, -1};
};

TEST(LineLog, WritesTheLinesOfEachLoopInOrderAndWhole) {
  constexpr int kLines = 20'000;
  constexpr std::uint32_t kLoops = 3;
  const Pipe pipe;
  std::string all;
  std::thread reader([&] { all = pipe.read_all(); });
  std::atomic<std::uint64_t> kept{0};
  {
    LineLog log(pipe.ends[1], kLoops);
    std::vector<std::thread> writers;
    writers.reserve(kLoops);
    for (std::uint32_t loop = 0; loop < kLoops; ++loop) {
      writers.emplace_back([&log, &kept, loop] {
        for (int i = 0; i < kLines; ++i) {
          const std::string line =
              "loop" + std::to_string(loop) + " " + std::to_string(i) + " some text\n";
          if (log.write(loop, line)) kept.fetch_add(1);
        }
      });
    }
    for (std::thread& writer : writers) writer.join();
    EXPECT_EQ(kept.load() + log.dropped(), std::uint64_t{kLines} * kLoops);
  }
  reader.join();

  std::vector<long> last(kLoops, -1);
  std::uint64_t lines = 0;
  for (std::size_t at = 0; at < all.size(); ++lines) {
    const std::size_t end = all.find('\n', at);
    ASSERT_NE(end, std::string::npos);
    const std::string line = all.substr(at, end - at);
    ASSERT_EQ(line.substr(0, 4), "loop");
    ASSERT_TRUE(line.ends_with(" some text")) << line;
    const auto loop = static_cast<std::size_t>(line[4] - '0');
    const long number = std::stol(line.substr(6));
    EXPECT_GT(number, last[loop]);
    last[loop] = number;
    at = end + 1;
  }
  EXPECT_EQ(lines, kept.load());
}

TEST(LineLog, DropsAndCountsWhatDoesNotFit) {
  const Pipe pipe;
  std::string all;
  std::uint64_t kept = 0;
  std::thread reader;
  {
    LineLog log(pipe.ends[1], 1);
    // Nobody reads the pipe yet: its 64 KiB and the ring fill up.
    const std::string line = std::string(999, 'x') + "\n";
    for (int i = 0; i < 3000; ++i) {
      if (log.write(0, line)) ++kept;
    }
    EXPECT_GT(log.dropped(), 0u);
    EXPECT_EQ(kept + log.dropped(), 3000u);
    reader = std::thread([&] { all = pipe.read_all(); });
  }
  reader.join();
  EXPECT_EQ(all.size(), kept * 1000);
}

TEST(LineLog, CountsLinesThatTheDescriptorRefuses) {
  const int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
  ASSERT_GE(full, 0);
  LineLog log(full, 1);
  EXPECT_TRUE(log.write(0, "one\n"));
  while (log.dropped() == 0) std::this_thread::yield();
  EXPECT_EQ(log.dropped(), 1u);
}

TEST(LineLog, SaysWhichFileCannotBeOpened) {
  AccessLogOptions options;
  options.output = AccessLogOptions::Output::File;
  options.file = "/nonexistent/access.log";
  const auto log = LineLog::open(options, 1);
  ASSERT_FALSE(log);
  EXPECT_EQ(log.error().detail,
            "cannot open access log /nonexistent/access.log: No such file or directory");
}

}  // namespace
}  // namespace yata::record
