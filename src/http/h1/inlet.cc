#include "http/h1/inlet.h"

#include <algorithm>

#include "base/check.h"

namespace yata::http::h1 {
namespace {

// Lets everything else that is ready run first.
struct Yield {
  io::Loop* loop;
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> self) const { loop->resume_soon(self); }
  void await_resume() const noexcept {}
};

}  // namespace

io::Task<void> Inlet::read_ahead() {
  for (;;) {
    const io::ByteBuffer into = room();
    if (into.empty()) {
      const Result<void> drained = co_await drained_.wait(kNever);
      if (!drained) break;
      continue;
    }
    const Result<std::size_t> got = co_await stream_->read_some(into, kNever);
    if (!got || *got == 0) break;
    end_ += *got;
    control_->received(*got);
    expected_ -= std::min<std::uint64_t>(expected_, *got);
    arrived_.wake_all();
    // Whoever waited takes the bytes first. So the next read begins with an empty buffer, and a
    // request that fits is one recv.
    co_await Yield{loop_};
  }
  end();
}

std::string_view Inlet::unread() const {
  const std::byte* bytes = borrowed_.empty() ? inline_.data() : borrowed_.bytes().data();
  return {reinterpret_cast<const char*>(bytes) + begin_, end_ - begin_};
}

void Inlet::consume(std::size_t bytes) {
  CHECK(bytes <= end_ - begin_, bytes, end_ - begin_);
  begin_ += bytes;
  if (begin_ == end_) drained_.wake_one();
}

void Inlet::cancel_at_end(io::CancelState* serving) {
  serving_ = serving;
  if (ended_ && serving_ != nullptr) serving_->cancel(io::CancelReason::ClientGone);
}

io::ByteBuffer Inlet::storage() {
  return borrowed_.empty() ? io::ByteBuffer(inline_) : borrowed_.bytes();
}

// Where the next read goes. Only called without a read pending, so that storage may change.
io::ByteBuffer Inlet::room() {
  if (begin_ == end_) {
    begin_ = end_ = 0;
    if (expected_ == 0) {
      borrowed_.give_back();
    } else if (borrowed_.empty() && expected_ > kInlineBytes) {
      borrowed_ = loop_->buffers().borrow(expected_ <= io::size_bytes(io::BufferSize::K16)
                                              ? io::BufferSize::K16
                                              : io::BufferSize::K64);
    }
  }
  const io::ByteBuffer rest = storage().subspan(end_);
  // No byte after the body may land in a borrowed buffer: the connection would keep it while idle.
  if (borrowed_.empty()) return rest;
  return rest.first(std::min<std::uint64_t>(rest.size(), expected_));
}

void Inlet::end() {
  ended_ = true;
  arrived_.wake_all();
  if (serving_ != nullptr) serving_->cancel(io::CancelReason::ClientGone);
}

}  // namespace yata::http::h1
