#include "io/real/tcp_listener.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <optional>
#include <string>
#include <utility>

#include "io/real/errors.h"
#include "io/real/io_wait.h"
#include "io/real/owned_fd.h"
#include "io/real/sockets.h"
#include "io/real/tcp_stream.h"
#include "io/real/thread_loop.h"

namespace yata::io {
namespace {

// Nothing is wrong with the listener: that one connection ended before it was taken (accept(2)).
bool concerns_one_connection(int error) {
  switch (error) {
    case EINTR:
    case ECONNABORTED:
    case EPROTO:
    case ENETDOWN:
    case ENOPROTOOPT:
    case EHOSTDOWN:
    case ENONET:
    case EHOSTUNREACH:
    case EOPNOTSUPP:
    case ENETUNREACH:
    case EPERM:  // a firewall's word
      return true;
    default: return false;
  }
}

bool out_of_resources(int error) {
  return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

// Which file the name of a Unix socket is. Nothing when it is no socket at all.
struct SocketFile {
  dev_t device = 0;
  ino_t inode = 0;
  friend bool operator==(const SocketFile&, const SocketFile&) = default;
};
std::optional<SocketFile> socket_file(const std::string& path) {
  struct stat facts{};
  if (::lstat(path.c_str(), &facts) != 0 || !S_ISSOCK(facts.st_mode)) return std::nullopt;
  return SocketFile{facts.st_dev, facts.st_ino};
}

class TcpListener final : public Listener {
 public:
  TcpListener(ThreadLoop& loop, Descriptor descriptor, Address address, int backlog)
      : loop_(&loop),
        descriptor_(std::move(descriptor)),
        address_(std::move(address)),
        backlog_(backlog) {
    if (address_.family == Address::Family::Unix) file_ = socket_file(address_.path);
  }
  ~TcpListener() override {
    CHECK(!descriptor_.busy(Direction::Read));
    close();
  }

  Task<Result<std::unique_ptr<Stream>>> accept() override;
  const Address& address() const override { return address_; }
  void stop() override;
  void close() override {
    if (descriptor_.fd() < 0) return;
    // So that the next process need not find out that nobody is behind it. Its own it may have put
    // there already.
    if (file_ && socket_file(address_.path) == file_) ::unlink(address_.path.c_str());
    descriptor_.close();
  }

 private:
  Result<std::unique_ptr<Stream>> take(int fd, const SocketAddress& peer);
  static Error closed() { return cancelled_error(CancelReason::Requested, ErrorSource::Self); }

  ThreadLoop* loop_;  // outlives its listeners
  Descriptor descriptor_;
  Address address_;
  int backlog_;
  std::optional<SocketFile> file_;  // of a Unix socket
  // Once stopped: how many more may have come before. The kernel queues one above the backlog.
  std::optional<int> left_;
};

Task<Result<std::unique_ptr<Stream>>> TcpListener::accept() {
  const CancelState* state = co_await current_cancel();
  for (;;) {
    if (state != nullptr && state->cancelled()) {
      co_return cancelled_error(state->reason(), ErrorSource::Self);
    }
    if (descriptor_.fd() < 0) co_return closed();
    // A connection flood must not keep the loop from those it has accepted.
    if (!loop_->may_go_on()) co_await Yield(*loop_);
    SocketAddress peer;
    const int fd =
        ::accept4(descriptor_.fd(), peer.get(), &peer.size, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd >= 0) {
      if (left_ && --*left_ == 0) close();
      co_return take(fd, peer);
    }
    const int error = errno;
    if (concerns_one_connection(error)) continue;
    if (out_of_resources(error)) {
      co_return Error{ErrorKind::Limit, ErrorSource::Self, Retry::Always, errno_text(error)};
    }
    if (error != EAGAIN) co_return errno_error("accept on " + address_.to_string(), error);
    if (left_) {
      close();
      co_return closed();
    }
    const IoEnd end = co_await IoWait(*loop_, descriptor_, Direction::Read, kNever);
    if (end.reason != CancelReason::None) co_return cancelled_error(end.reason, ErrorSource::Self);
  }
}

void TcpListener::stop() {
  if (left_) return;
  left_ = backlog_ + 1;
  descriptor_.cancel(Direction::Read);
}

Result<std::unique_ptr<Stream>> TcpListener::take(int fd, const SocketAddress& peer) {
  if (address_.family != Address::Family::Unix) set_no_delay(fd);
  Result<std::unique_ptr<Stream>> stream =
      make_tcp_stream(*loop_, fd, from_socket_address(peer), ErrorSource::Client);
  // The kernel's table of watched descriptors is full: the caller sheds, as for descriptors.
  if (!stream) stream.error().kind = ErrorKind::Limit;
  return stream;
}

// A Unix socket's file stays when its process is killed. Nobody behind it: it may go. Whatever else
// has the name stays: connect(2) says the same of it.
void remove_dead_socket(const SocketAddress& address, const std::string& path) {
  if (!socket_file(path)) return;
  const OwnedFd probe(open_socket(Address::Family::Unix));
  if (::connect(probe.get(), address.get(), address.size) != 0 && errno == ECONNREFUSED) {
    ::unlink(path.c_str());
  }
}

}  // namespace

Result<std::unique_ptr<Listener>> listen_on(ThreadLoop& loop, const ListenOptions& options) {
  const Address& wanted = options.address;
  const auto failed = [&] { return errno_error("cannot listen on " + wanted.to_string(), errno); };
  OwnedFd fd(open_socket(wanted.family));
  if (fd.get() < 0) return failed();
  const SocketAddress address = to_socket_address(wanted);
  if (wanted.family == Address::Family::Unix) {
    remove_dead_socket(address, wanted.path);
  } else {
    set_option(fd.get(), SOL_SOCKET, SO_REUSEADDR, 1);
    if (options.joins) set_option(fd.get(), SOL_SOCKET, SO_REUSEPORT, 1);
  }
  if (wanted.family == Address::Family::V6) set_option(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, 0);
  if (::bind(fd.get(), address.get(), address.size) != 0) return failed();
  const bool narrow = options.owner_only && wanted.family == Address::Family::Unix;
  // Nobody can connect before listen().
  if (narrow && ::chmod(wanted.path.c_str(), S_IRUSR | S_IWUSR) != 0) return failed();
  if (::listen(fd.get(), options.backlog) != 0) return failed();
  // Not before: of two that have bound only one may listen. From now on it may be joined.
  if (wanted.family != Address::Family::Unix) set_option(fd.get(), SOL_SOCKET, SO_REUSEPORT, 1);

  Address bound = wanted;
  if (wanted.family != Address::Family::Unix) bound = local_address(fd.get());
  Result<Descriptor> descriptor = Descriptor::watch(loop.reactor(), fd.release());
  if (!descriptor) return descriptor.error();
  return std::make_unique<TcpListener>(loop, *std::move(descriptor), std::move(bound),
                                       options.backlog);
}

}  // namespace yata::io
