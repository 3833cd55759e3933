// LineLog: whole lines from the loops to one descriptor, without making a loop wait. Each loop has
// a bounded ring of bytes that only it writes; one thread empties them. A line that does not fit is
// dropped and counted.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/result.h"
#include "record/options.h"

namespace yata::record {

// Where finished lines go.
class LineSink {
 public:
  virtual ~LineSink() = default;
  // `line` ends with a newline. Called on the loop `loop`. False when it was dropped.
  virtual bool write(std::uint32_t loop, std::string_view line) = 0;
};

class LineLog final : public LineSink {
 public:
  // Io with the path when a file cannot be opened for appending. With Output::Off nothing is
  // written.
  static Result<std::unique_ptr<LineLog>> open(const AccessLogOptions& options,
                                               std::uint32_t loops);
  // Takes over `descriptor`.
  LineLog(int descriptor, std::uint32_t loops);
  ~LineLog() override;  // writes what is left, then ends the thread

  bool write(std::uint32_t loop, std::string_view line) override;
  std::uint64_t dropped() const;  // lines

  static constexpr std::size_t kRingBytes = 1024 * 1024;  // per loop

 private:
  class Ring;
  void wake();
  void run();
  bool drain();
  void put(std::string_view bytes);

  int descriptor_;
  int wake_;
  std::vector<std::unique_ptr<Ring>> rings_;
  std::atomic<bool> ending_{false};
  std::atomic<std::uint64_t> lost_{0};  // lines that the descriptor refused
  std::thread thread_;
};

}  // namespace yata::record
