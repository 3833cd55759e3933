// Inlet: what a served connection has received and nobody has used yet. A reader coroutine keeps
// one read pending while there is room, so that a client's departure is seen at once, also while
// its request is being answered; without room nothing is read, which is the back-pressure on
// pipelined requests. One per connection, loop-bound.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "http/serve.h"
#include "io/buffer_pool.h"
#include "io/cancel.h"
#include "io/loop.h"
#include "io/stream.h"
#include "io/task.h"
#include "io/wait_list.h"

namespace yata::http::h1 {

class Inlet {
 public:
  // An idle connection holds no more than this. Large enough for nearly every head.
  static constexpr std::size_t kInlineBytes = 2048;

  // All outlive the inlet.
  Inlet(io::Loop& loop, io::Stream& stream, ConnectionControl& control)
      : loop_(&loop), stream_(&stream), control_(&control), arrived_(loop), drained_(loop) {}

  // The reader: spawned once, ends with the stream or when cancelled.
  io::Task<void> read_ahead();

  // Received and not consumed. The bytes stay where they are until they are consumed.
  std::string_view unread() const;
  void consume(std::size_t bytes);

  // Nothing more will come: the peer ended its side or reset the connection, or reading was
  // cancelled.
  bool ended() const { return ended_; }

  // Waits for an arrival or the end; the caller looks which. One waiter at a time.
  io::WaitList::Wait more(SteadyTime deadline) { return arrived_.wait(deadline); }

  // `serving` is cancelled with ClientGone when the stream ends; at once if it has ended. nullptr
  // takes that back. It must outlive its stay here.
  void cancel_at_end(io::CancelState* serving);

  // Of what is still to come, the next `bytes` belong to a body: if many, they are read into a
  // borrowed buffer, which is given back with the last of them.
  void expect(std::uint64_t bytes) { expected_ = bytes; }

 private:
  io::ByteBuffer storage();
  io::ByteBuffer room();
  void end();

  io::Loop* loop_;
  io::Stream* stream_;
  ConnectionControl* control_;
  io::WaitList arrived_;
  io::WaitList drained_;
  io::CancelState* serving_ = nullptr;
  std::uint64_t expected_ = 0;
  io::Buffer borrowed_;
  std::size_t begin_ = 0;  // of unread bytes in storage()
  std::size_t end_ = 0;
  bool ended_ = false;
  std::array<std::byte, kInlineBytes> inline_;
};

}  // namespace yata::http::h1
