// Reader: one of those who wait for a flight. While it lives, the flight goes on; when the last one
// goes, the flight ends unless little is left. Loop-bound; owned by a request.
#pragma once

#include <memory>
#include <utility>

#include "cache/flights/flight.h"

namespace yata::cache {

class Reader {
 public:
  Reader() = default;
  // Of a flight that was entered.
  Reader(std::shared_ptr<Flight> entered, io::Loop& loop)
      : flight_(std::move(entered)), loop_(&loop) {}
  Reader(Reader&& other) noexcept : flight_(std::move(other.flight_)), loop_(other.loop_) {}
  Reader& operator=(Reader&& other) noexcept {
    std::swap(flight_, other.flight_);
    std::swap(loop_, other.loop_);
    return *this;
  }
  ~Reader() {
    if (flight_ != nullptr) flight_->leave();
  }

  explicit operator bool() const { return flight_ != nullptr; }
  Flight& flight() const { return *flight_; }
  void leave() { *this = Reader(); }

  // Returns when the head is known, or the flight over.
  io::Task<Result<void>> wait_head(SteadyTime deadline) {
    return flight_->wait(*loop_, {}, deadline);
  }
  // Returns when there is more of a granule than `filled`, or when it will not come from here.
  io::Task<Result<void>> wait_granule(std::uint64_t index, std::size_t filled,
                                      SteadyTime deadline) {
    return flight_->wait(*loop_, {index, filled}, deadline);
  }

 private:
  std::shared_ptr<Flight> flight_;
  io::Loop* loop_ = nullptr;  // outlives the reader
};

}  // namespace yata::cache
