#include "io/real/connect.h"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <utility>
#include <vector>

#include "io/real/errors.h"
#include "io/real/io_wait.h"
#include "io/real/owned_fd.h"
#include "io/real/resolver.h"
#include "io/real/sockets.h"
#include "io/real/tcp_stream.h"
#include "io/real/thread_loop.h"
#include "io/scope.h"
#include "io/wait_list.h"

namespace yata::io {
namespace {

Error not_connected(std::string detail) {
  return {ErrorKind::Unreachable, ErrorSource::Origin, Retry::Always, std::move(detail)};
}

Task<Result<std::unique_ptr<Stream>>> connect_one(ThreadLoop& loop, Address to,
                                                  SteadyTime deadline) {
  OwnedFd fd(open_socket(to.family));
  if (fd.get() < 0) co_return not_connected(errno_text(errno));
  set_no_delay(fd.get());
  const SocketAddress address = to_socket_address(to);
  const bool connected = ::connect(fd.get(), address.get(), address.size) == 0;
  if (!connected && errno != EINPROGRESS) co_return not_connected(errno_text(errno));
  // Not before connect(2): a socket that goes nowhere yet counts as hung up.
  Result<Descriptor> descriptor = Descriptor::watch(loop.reactor(), fd.release());
  if (!descriptor) co_return std::move(descriptor.error());
  if (!connected) {
    const IoEnd end = co_await IoWait(loop, *descriptor, Direction::Write, deadline);
    if (end.reason != CancelReason::None) {
      co_return cancelled_error(end.reason, ErrorSource::Origin);
    }
    const int error = take_socket_error(descriptor->fd());
    if (error != 0) co_return not_connected(errno_text(error));
  }
  co_return make_tcp_stream(loop, *std::move(descriptor), std::move(to), ErrorSource::Origin);
}

// Several attempts, of which the first to connect wins.
struct Race {
  explicit Race(Loop& loop) : changed(loop), attempts(loop) {}

  std::unique_ptr<Stream> winner;
  Error error;  // the last that failed
  std::size_t running = 0;
  WaitList changed;
  Scope attempts;
};

Task<void> attempt(ThreadLoop& loop, Race& race, Address to, SteadyTime deadline) {
  Result<std::unique_ptr<Stream>> stream = co_await connect_one(loop, std::move(to), deadline);
  --race.running;
  if (!stream) {
    race.error = std::move(stream.error());
  } else if (race.winner == nullptr) {
    race.winner = *std::move(stream);
  }
  race.changed.wake_all();
}

Task<Result<std::unique_ptr<Stream>>> connect_first(ThreadLoop& loop,
                                                    std::vector<Address> addresses,
                                                    SteadyTime deadline) {
  Race race(loop);
  Result<void> woken;
  for (std::size_t next = 0; next < addresses.size() && race.winner == nullptr; ++next) {
    ++race.running;
    race.attempts.spawn(attempt(loop, race, addresses[next], deadline));
    const bool last = next + 1 == addresses.size();
    const SteadyTime staggered = deadline_after(loop.now(), kAttemptDelay);
    const SteadyTime until = last ? deadline : std::min(deadline, staggered);
    do {
      woken = co_await race.changed.wait(until);
    } while (last && woken && race.winner == nullptr && race.running > 0);
    const bool late = !woken && woken.error().kind == ErrorKind::Timeout;
    if (!woken && (!late || until == deadline)) break;
  }
  co_await race.attempts.close(CancelReason::Requested);
  if (race.winner != nullptr) co_return std::move(race.winner);
  if (!woken) co_return woken.error();
  co_return std::move(race.error);
}

}  // namespace

Task<Result<std::unique_ptr<Stream>>> connect_tcp(ThreadLoop& loop, Resolver& resolver, Endpoint to,
                                                  SteadyTime deadline) {
  const std::string target = to.host + ":" + std::to_string(to.port);
  const auto failed = [&](Error error) {
    error.source = ErrorSource::Origin;
    error.retry = error.kind == ErrorKind::Cancelled ? Retry::Never : Retry::Always;
    error.detail = "cannot connect to " + target + ": " + error.detail;
    return error;
  };
  Result<std::vector<Address>> addresses = co_await resolver.resolve(to.host, deadline);
  if (!addresses) co_return failed(addresses.error());
  for (Address& address : *addresses) address.port = to.port;

  Task<Result<std::unique_ptr<Stream>>> connecting =
      addresses->size() == 1 ? connect_one(loop, std::move(addresses->front()), deadline)
                             : connect_first(loop, *std::move(addresses), deadline);
  Result<std::unique_ptr<Stream>> stream = co_await connecting;
  if (!stream) co_return failed(stream.error());
  co_return stream;
}

}  // namespace yata::io
