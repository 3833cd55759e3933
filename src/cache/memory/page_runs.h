// PageRuns: the large payloads' memory: runs of whole pages out of a part of a Mapping. Best fit,
// neighbours join. What is given back stays warm (its pages are kept for the next one, who then
// pays no page faults) up to a limit; beyond that its pages go back to the kernel. Any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <utility>

#include "base/guarded.h"
#include "cache/memory/mapping.h"

namespace yata::cache::memory {

class PageRuns {
 public:
  static constexpr std::uint32_t kPageBytes = 4096;

  // [offset, offset + bytes) of `mapping`, which outlives this.
  PageRuns(Mapping& mapping, std::uint64_t offset, std::uint64_t bytes);

  std::byte* take(std::uint32_t pages);  // nullptr when no run is long enough
  void give(std::byte* at, std::uint32_t pages);
  void set_warm_limit(std::uint64_t bytes);
  std::uint64_t warm_bytes();

 private:
  // Free runs of one kind, as page numbers from the start.
  class FreeRuns {
   public:
    void add(std::uint32_t first, std::uint32_t pages);
    // Cuts `pages` from the shortest run that has them.
    bool cut(std::uint32_t pages, std::uint32_t& first);
    std::pair<std::uint32_t, std::uint32_t> shortest() const;  // {pages, first}; there is one
    std::uint64_t pages() const { return pages_; }

   private:
    void remove(std::uint32_t first, std::uint32_t pages);
    std::map<std::uint32_t, std::uint32_t> by_first_;             // first → pages
    std::set<std::pair<std::uint32_t, std::uint32_t>> by_pages_;  // {pages, first}
    std::uint64_t pages_ = 0;
  };
  struct State {
    FreeRuns warm;
    FreeRuns cold;
    std::uint64_t warm_pages_max = 0;
  };

  std::byte* at(std::uint32_t page) const { return start_ + std::uint64_t{page} * kPageBytes; }
  void cool();

  Mapping& mapping_;  // the storage's
  std::byte* start_;
  Guarded<State> state_;
};

}  // namespace yata::cache::memory
