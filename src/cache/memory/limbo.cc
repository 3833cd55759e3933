#include "cache/memory/limbo.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "cache/memory/epoch.h"

namespace yata::cache::memory {

namespace {

void drop(Record* record, std::uint32_t pins) {
  if (record->pins.fetch_sub(pins, std::memory_order_acq_rel) > pins) return;
  Storage::of(record).free_record(record);
}

}  // namespace

void unpin(Record* record) {
  drop(record, 1);
}

Limbo::~Limbo() {
  for (Waiting& waiting : *list_.lock()) free(waiting);
}

void Limbo::add(Record* record, std::uint64_t bytes) {
  add({.record = record, .bytes = bytes});
}

void Limbo::add(std::unique_ptr<Index::Table> table) {
  const std::uint64_t bytes = table->bytes();
  add({.table = std::move(table), .bytes = bytes});
}

void Limbo::add(Waiting waiting) {
  bytes_.fetch_add(waiting.bytes, std::memory_order_relaxed);
  waiting_.fetch_add(1, std::memory_order_relaxed);
  list_.lock()->push_back(std::move(waiting));
}

void Limbo::free(Waiting& waiting) {
  bytes_.fetch_sub(waiting.bytes, std::memory_order_relaxed);
  waiting_.fetch_sub(1, std::memory_order_relaxed);
  if (waiting.record != nullptr) drop(waiting.record, Record::kListed);
  if (waiting.table != nullptr) storage_.ledger().uncharge(waiting.bytes);
}

bool Limbo::reclaim() {
  std::vector<Waiting> mine;
  {
    auto list = list_.lock();
    if (list->empty()) return false;
    mine.swap(*list);
  }
  const std::uint64_t closed = Epochs::close();
  for (Waiting& waiting : mine) {
    if (waiting.epoch == 0) waiting.epoch = closed;
  }
  const std::uint64_t oldest = Epochs::oldest_stay();
  const auto kept = std::partition(mine.begin(), mine.end(),
                                   [&](const Waiting& waiting) { return waiting.epoch < oldest; });
  for (auto each = mine.begin(); each != kept; ++each) free(*each);
  const bool some = kept != mine.begin();
  if (kept != mine.end()) {
    auto list = list_.lock();
    list->insert(list->end(), std::make_move_iterator(kept), std::make_move_iterator(mine.end()));
  }
  return some;
}

}  // namespace yata::cache::memory
