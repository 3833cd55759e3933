#include "cache/memory/page_runs.h"

#include <algorithm>
#include <iterator>

namespace yata::cache::memory {

namespace {

constexpr std::uint32_t kCoolPagesMin = 64;

}  // namespace

void PageRuns::FreeRuns::remove(std::uint32_t first, std::uint32_t pages) {
  by_first_.erase(first);
  by_pages_.erase({pages, first});
  pages_ -= pages;
}

void PageRuns::FreeRuns::add(std::uint32_t first, std::uint32_t pages) {
  auto next = by_first_.lower_bound(first);
  if (next != by_first_.end() && next->first == first + pages) {
    const auto [joined, length] = *next;
    next = std::next(next);
    remove(joined, length);
    pages += length;
  }
  if (next != by_first_.begin()) {
    const auto [before, length] = *std::prev(next);
    if (before + length == first) {
      remove(before, length);
      first = before;
      pages += length;
    }
  }
  by_first_.emplace(first, pages);
  by_pages_.emplace(pages, first);
  pages_ += pages;
}

bool PageRuns::FreeRuns::cut(std::uint32_t pages, std::uint32_t& first) {
  const auto best = by_pages_.lower_bound({pages, 0});
  if (best == by_pages_.end()) return false;
  const auto [length, start] = *best;
  remove(start, length);
  if (length > pages) add(start + pages, length - pages);
  first = start;
  return true;
}

std::pair<std::uint32_t, std::uint32_t> PageRuns::FreeRuns::shortest() const {
  return *by_pages_.begin();
}

PageRuns::PageRuns(Mapping& mapping, std::uint64_t offset, std::uint64_t bytes)
    : mapping_(mapping), start_(mapping.base() + offset) {
  state_.lock()->cold.add(0, static_cast<std::uint32_t>(bytes / kPageBytes));
}

std::byte* PageRuns::take(std::uint32_t pages) {
  auto state = state_.lock();
  std::uint32_t first = 0;
  if (!state->warm.cut(pages, first) && !state->cold.cut(pages, first)) return nullptr;
  return at(first);
}

void PageRuns::give(std::byte* run, std::uint32_t pages) {
  {
    auto state = state_.lock();
    state->warm.add(static_cast<std::uint32_t>((run - start_) / kPageBytes), pages);
    if (state->warm.pages() <= state->warm_pages_max) return;
  }
  cool();
}

void PageRuns::set_warm_limit(std::uint64_t bytes) {
  state_.lock()->warm_pages_max = bytes / kPageBytes;
  cool();
}

std::uint64_t PageRuns::warm_bytes() {
  return state_.lock()->warm.pages() * kPageBytes;
}

// The shortest runs go first: they are the least likely to fit anybody. Of a long one no more than
// is too much, or a piece that is worth the call: giving pages back takes its time.
void PageRuns::cool() {
  while (true) {
    std::uint32_t first = 0;
    std::uint32_t pages = 0;
    {
      auto state = state_.lock();
      if (state->warm.pages() <= state->warm_pages_max) return;
      const auto excess = static_cast<std::uint32_t>(state->warm.pages() - state->warm_pages_max);
      pages = std::min(state->warm.shortest().first, std::max(excess, kCoolPagesMin));
      state->warm.cut(pages, first);
    }
    // Nobody else knows the run now, so the kernel can take its time without our lock.
    mapping_.give_back(at(first), std::uint64_t{pages} * kPageBytes);
    state_.lock()->cold.add(first, pages);
  }
}

}  // namespace yata::cache::memory
