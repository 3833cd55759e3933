// The table against a list of what is in it, while tables of other sizes are built and put in
// place.
#include "cache/memory/index.h"

#include <gtest/gtest.h>

#include <vector>

#include "base/random.h"

namespace yata::cache::memory {
namespace {

class IndexTest : public ::testing::Test {
 protected:
  ~IndexTest() override {
    for (Record* record : held_) free(record);
  }

  void add() {
    if (index_.full()) old_ = index_.refit();
    held_.push_back(make({.high = random_.next(), .low = random_.next()}));
    index_.add(held_.back()->digest, storage_.handle_of(held_.back()));
  }
  void remove() {
    if (held_.empty()) return;
    std::swap(held_[random_.below(held_.size())], held_.back());
    Record* record = held_.back();
    held_.pop_back();
    index_.remove(record->digest, storage_.handle_of(record));
    EXPECT_EQ(index_.find(record->digest), nullptr);
    free(record);
  }
  void replace() {
    if (held_.empty()) return;
    Record*& place = held_[random_.below(held_.size())];
    Record* old = std::exchange(place, make(place->digest));
    index_.replace(old->digest, storage_.handle_of(old), storage_.handle_of(place));
    free(old);
  }
  void expect_all() const {
    EXPECT_EQ(index_.records(), held_.size());
    for (const Record* record : held_) ASSERT_EQ(index_.find(record->digest), record);
  }

  SeededRandom random_{1};
  Storage storage_{16u << 20, 1u << 20};
  Index index_{storage_};
  std::vector<Record*> held_;
  std::unique_ptr<Index::Table> old_;  // kept as the caller would

 private:
  Record* make(const Digest& digest) {
    storage_.ledger().charge(storage_.charge_of_record(0));
    Record* record = storage_.make_record(0);
    record->digest = digest;
    return record;
  }
  void free(Record* record) { storage_.free_record(record); }
};

TEST_F(IndexTest, KeepsAllThroughARefitByStepsWhateverIsDoneBetweenThem) {
  for (int i = 0; i < 5000; ++i) add();
  for (int i = 0; i < 4500; ++i) remove();
  ASSERT_TRUE(index_.sparse());
  const std::uint64_t before = index_.bytes();
  int steps = 0;
  while ((old_ = index_.refit_some(5)) == nullptr) {
    EXPECT_TRUE(index_.refitting());
    ++steps;
    add();
    remove();
    remove();
    replace();
    replace();
    if (steps % 16 == 0) expect_all();
  }
  EXPECT_GT(steps, 50);
  EXPECT_FALSE(index_.refitting());
  EXPECT_LT(index_.bytes(), before / 4);
  expect_all();
}

TEST_F(IndexTest, GivesARefitUpWhenMoreComesThanItWasMadeFor) {
  for (int i = 0; i < 1000; ++i) add();
  for (int i = 0; i < 900; ++i) remove();
  ASSERT_EQ(index_.refit_some(1), nullptr);
  for (int i = 0; i < 400; ++i) add();
  EXPECT_FALSE(index_.refitting());
  expect_all();
  // And one that is under way is of no use to a table that must grow.
  ASSERT_EQ(index_.refit_some(1), nullptr);
  for (int i = 0; i < 3000; ++i) add();
  expect_all();
}

TEST_F(IndexTest, StaysRightThroughManyRefits) {
  for (int turn = 0; turn < 20'000; ++turn) {
    // Up and down in waves.
    const bool rising = turn / 1000 % 2 == 0;
    if (random_.below(10) < (rising ? 7u : 2u)) add();
    if (random_.below(10) < (rising ? 2u : 7u)) remove();
    if (random_.below(4) == 0) replace();
    if (index_.refitting() || index_.sparse()) {
      if (auto old = index_.refit_some(1 + random_.below(3))) old_ = std::move(old);
    }
    if (turn % 500 == 0) expect_all();
  }
  expect_all();
}

}  // namespace
}  // namespace yata::cache::memory
