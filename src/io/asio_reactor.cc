#define BOOST_ASIO_NO_DEPRECATED

#include <boost/asio/buffer.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <cerrno>
#include <exception>

#include "base/check.h"
#include "io/real/errors.h"
#include "io/real/reactor.h"

namespace yata::io {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
// Typed to io_context's executor: the usual any_io_executor costs a virtual call per operation.
using Socket =
    asio::basic_stream_socket<asio::generic::stream_protocol, asio::io_context::executor_type>;

// One direction of a descriptor, with room for Asio's record of the operation, so that none is ever
// allocated.
struct Side {
  static constexpr std::size_t kOperationBytes = 256;

  Completion* completion = nullptr;
  bool under_way = false;
  bool memory_taken = false;
  asio::cancellation_signal cancel;
  alignas(std::max_align_t) std::byte memory[kOperationBytes];
};

template <typename T>
struct SideAllocator {
  using value_type = T;

  explicit SideAllocator(Side* owner) : side(owner) {}
  template <typename U>
  SideAllocator(const SideAllocator<U>& other)  // NOLINT(google-explicit-constructor): rebind.
      : side(other.side) {}

  T* allocate(std::size_t count) {
    static_assert(sizeof(T) <= Side::kOperationBytes && alignof(T) <= alignof(std::max_align_t));
    CHECK(count == 1 && !side->memory_taken, count);
    side->memory_taken = true;
    return reinterpret_cast<T*>(side->memory);
  }
  void deallocate(T* /*memory*/, std::size_t /*count*/) { side->memory_taken = false; }

  friend bool operator==(const SideAllocator&, const SideAllocator&) = default;

  Side* side;  // part of a State, which outlives its operations
};

}  // namespace

struct Reactor::Context {
  // Nothing but this thread touches the context: other threads go through the loop's mailbox.
  asio::io_context io{BOOST_ASIO_CONCURRENCY_HINT_UNSAFE};
  asio::executor_work_guard<asio::io_context::executor_type> work{io.get_executor()};
  std::size_t under_way = 0;
};

Reactor::Reactor() {
  try {
    context_ = std::make_unique<Context>();
  } catch (const std::exception& error) {
    // Only at start, when the process may not open three descriptors more.
    CHECK(false, error.what());
  }
}

Reactor::~Reactor() {
  // What closed descriptors left behind is queued already.
  context_->io.poll();
  CHECK(context_->under_way == 0, context_->under_way);
}

void Reactor::run_one(Duration wait) {
  if (wait <= Duration::zero()) {
    context_->io.poll_one();
  } else if (wait == Duration::max()) {
    context_->io.run_one();
  } else {
    context_->io.run_one_for(wait);
  }
}

struct Descriptor::State {
  State(Reactor::Context& context, int descriptor) : reactor(&context), socket(context.io) {
    error_code error;
    // The protocol only tells Asio that reads of 0 bytes are the end of a stream.
    socket.assign(asio::generic::stream_protocol(AF_UNSPEC, 0), descriptor, error);
    assign_error = error.value();
  }

  Side& side(Direction direction) { return sides[static_cast<std::size_t>(direction)]; }
  bool under_way() const { return sides[0].under_way || sides[1].under_way; }

  void begin(Side& side, Completion& completion) {
    CHECK(!side.under_way);
    side.completion = &completion;
    side.under_way = true;
    ++reactor->under_way;
  }

  void end(Side& side, int error, std::size_t bytes) {
    side.under_way = false;
    --reactor->under_way;
    Completion* completion = std::exchange(side.completion, nullptr);
    if (orphan && !under_way()) {
      delete this;
    } else if (completion != nullptr) {
      completion->on_complete(error, bytes);  // may destroy the Descriptor
    }
  }

  Reactor::Context* reactor;  // outlives all descriptors
  Socket socket;
  Side sides[2];
  bool orphan = false;
  int assign_error = 0;
};

namespace {

// What Asio calls at the end of an operation. Its type tells Asio where to keep the operation, and
// how to cancel it alone.
template <typename State>
struct Handler {
  using allocator_type = SideAllocator<void>;
  using cancellation_slot_type = asio::cancellation_slot;

  allocator_type get_allocator() const { return allocator_type(side); }
  cancellation_slot_type get_cancellation_slot() const { return side->cancel.slot(); }

  void operator()(const error_code& error, std::size_t bytes = 0) const {
    const bool ended = error == asio::error::eof;
    state->end(*side, ended ? 0 : error.value(), bytes);
  }

  State* state;
  Side* side;
};

}  // namespace

Result<Descriptor> Descriptor::watch(Reactor& reactor, int fd) {
  Descriptor made(new State(*reactor.context_, fd));
  const int error = made.state_->assign_error;
  if (error == 0) return made;
  ::close(fd);
  return errno_error("cannot watch a descriptor", error);
}

Descriptor::Descriptor(Descriptor&& other) noexcept
    : state_(std::exchange(other.state_, nullptr)) {}

Descriptor::~Descriptor() {
  if (state_ == nullptr) return;
  close();
  if (!state_->under_way()) {
    delete state_;
    return;
  }
  state_->orphan = true;
  for (Side& side : state_->sides) side.completion = nullptr;
}

int Descriptor::fd() const {
  return state_->socket.is_open() ? state_->socket.native_handle() : -1;
}

void Descriptor::receive(ByteBuffer into, Completion& completion) {
  Side& side = state_->side(Direction::Read);
  state_->begin(side, completion);
  state_->socket.async_receive(asio::buffer(into.data(), into.size()),
                               Handler<State>{state_, &side});
}

void Descriptor::wait(Direction direction, Completion& completion) {
  Side& side = state_->side(direction);
  state_->begin(side, completion);
  const auto type = direction == Direction::Read ? Socket::wait_read : Socket::wait_write;
  state_->socket.async_wait(type, Handler<State>{state_, &side});
}

bool Descriptor::busy(Direction direction) const {
  return state_->side(direction).under_way;
}

void Descriptor::cancel(Direction direction) {
  Side& side = state_->side(direction);
  if (side.under_way) side.cancel.emit(asio::cancellation_type::terminal);
}

void Descriptor::abandon(Direction direction) {
  state_->side(direction).completion = nullptr;
  cancel(direction);
}

void Descriptor::close() {
  error_code ignored;  // the descriptor is gone whatever close(2) says
  state_->socket.close(ignored);
}

}  // namespace yata::io
