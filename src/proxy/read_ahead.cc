#include "proxy/read_ahead.h"

#include <algorithm>
#include <utility>

#include "proxy/fill.h"

namespace yata::proxy {

void ReadAhead::begin(cache::GranuleRun run) {
  parts_.clear();
  first_ = run.first;
  end_ = run.end;
  begun_ = 0;
  waited_in_.reset();
}

void ReadAhead::stop() {
  parts_.clear();
  stopped_ = true;
}

// Of the first granule everybody waits for a byte.
void ReadAhead::waits_in(const cache::HeadRef& head, std::uint64_t index) {
  if (stopped_ || index <= first_ || waited_in_ == index) return;
  waited_in_ = index;
  start(head, index);
}

std::uint64_t ReadAhead::part_granules() const {
  const std::uint64_t granule = context_->cache->options().granule_bytes;
  return std::max<std::uint64_t>(1, context_->bucket->cache.part_bytes / granule);
}

cache::Reader ReadAhead::come_to(const cache::HeadRef& head, std::uint64_t index) {
  if (stopped_) return {};
  start(head, index);
  while (!parts_.empty() && parts_.front().run.end <= index) parts_.erase(parts_.begin());
  if (parts_.empty() || index < parts_.front().run.first) return {};
  cache::Reader reader = std::move(parts_.front().reader);
  parts_.erase(parts_.begin());
  return reader;
}

// One part more for each granule that was read since the first, and no further than a reader who
// waits would come with all of them.
void ReadAhead::start(const cache::HeadRef& head, std::uint64_t index) {
  const std::uint64_t parallel = context_->bucket->cache.parts_per_reader;
  const std::uint64_t each = part_granules();
  if (!waited_in_ || !head.head().fixed().pinned) return;
  if (index > *waited_in_ + parallel * each) return;
  const std::uint64_t ahead = std::min(parallel - 1, index - std::min(index, first_));
  const std::uint64_t own = index / each;
  for (std::uint64_t part = own + 1; part <= own + ahead && part * each < end_; ++part) {
    const cache::GranuleRun run{part * each, std::min((part + 1) * each, end_)};
    if (run.first >= begun_) start_part(head, run);
  }
}

void ReadAhead::start_part(const cache::HeadRef& head, cache::GranuleRun run) {
  auto joined =
      context_->cache->join_part(head, run, context_->bucket->cache, context_->exchange->loop());
  if (!joined.reader) return;
  begun_ = run.end;
  run = joined.reader.flight().run();
  parts_.push_back({std::move(joined.reader), run});
  if (joined.ticket) start_fill_run(*context_, std::move(joined.ticket));
}

}  // namespace yata::proxy
