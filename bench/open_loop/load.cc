#include "open_loop/load.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <ctime>

#include "base/check.h"
#include "http/field.h"

namespace yata::bench {
namespace {

constexpr std::size_t kReadBytes = 256 * 1024;
constexpr std::size_t kHeadBytesMax = 16 * 1024;
constexpr Duration kBeforeFirst = std::chrono::milliseconds(10);
// So long before a request is due one looks without sleeping: waking up takes its time.
constexpr Duration kSpin = std::chrono::microseconds(60);

int connect_to(std::uint16_t port) {
  const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(port);
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  CHECK(::connect(descriptor, reinterpret_cast<sockaddr*>(&to), sizeof to) == 0, errno);
  const int on = 1;
  CHECK(::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) == 0, errno);
  return descriptor;
}

std::uint64_t content_length(std::string_view head) {
  std::size_t line = head.find("\r\n");
  while (line != std::string_view::npos) {
    const std::string_view rest = head.substr(line + 2);
    constexpr std::string_view kName = "content-length:";
    if (http::equals_ignoring_case(rest.substr(0, kName.size()), kName)) {
      const std::size_t digit = rest.find_first_not_of(' ', kName.size());
      std::uint64_t length = 0;
      std::from_chars(rest.data() + digit, rest.data() + rest.size(), length);
      return length;
    }
    line = head.find("\r\n", line + 2);
  }
  CHECK(false, "an answer without Content-Length", head);
  return 0;
}

}  // namespace

struct Load::Connection {
  int descriptor = -1;
  bool busy = false;
  std::uint64_t number = 0;  // of the request under way
  std::string head;          // as far as it has come
  bool in_body = false;
  std::uint64_t body_left = 0;
};

Load::Load(const LoadOptions& options, const Clock& clock)
    : options_(options),
      clock_(clock),
      poller_(::epoll_create1(EPOLL_CLOEXEC)),
      pace_(clock.steady(), options.rate, 0),
      buffer_(kReadBytes, '\0') {
  // A sleep is as long as it is said to be, not 50 µs longer.
  ::prctl(PR_SET_TIMERSLACK, 1UL);
  connect_all();
}

Load::~Load() {
  for (const auto& connection : connections_) ::close(connection->descriptor);
  ::close(poller_);
}

void Load::connect_all() {
  for (std::uint32_t i = 0; i < options_.connections; ++i) {
    auto connection = std::make_unique<Connection>();
    connection->descriptor = connect_to(options_.port);
    epoll_event event{.events = EPOLLIN, .data = {.ptr = connection.get()}};
    CHECK(::epoll_ctl(poller_, EPOLL_CTL_ADD, connection->descriptor, &event) == 0, errno);
    idle_.push_back(connection.get());
    connections_.push_back(std::move(connection));
  }
}

void Load::run() {
  const auto count = static_cast<std::uint64_t>(options_.rate * options_.seconds);
  pace_ = Pace(clock_.steady() + kBeforeFirst, options_.rate, count);
  SteadyTime heard = clock_.steady();
  std::array<epoll_event, 64> events{};
  while (!pace_.over()) {
    send_due();
    const SteadyTime now = clock_.steady();
    if (pace_.all_taken() && now - heard > kPatience) return;
    const Duration left = idle_.empty() ? kPatience : pace_.until_due(now) - kSpin;
    const Duration sleep = std::clamp(left, Duration{}, kPatience);
    const timespec wait{sleep / std::chrono::seconds(1), (sleep % std::chrono::seconds(1)).count()};
    const int ready = ::epoll_pwait2(poller_, events.data(), events.size(), &wait, nullptr);
    CHECK(ready >= 0 || errno == EINTR, errno);
    for (int i = 0; i < ready; ++i) {
      receive(*static_cast<Connection*>(events[static_cast<std::size_t>(i)].data.ptr));
      heard = now;
    }
  }
}

void Load::send_due() {
  SteadyTime now = clock_.steady();
  while (!idle_.empty() && pace_.is_due(now)) {
    // The one that was used longest ago: all are kept in use.
    Connection& connection = *idle_.front();
    idle_.erase(idle_.begin());
    connection.number = pace_.take(now);
    connection.busy = true;
    const std::string& request = options_.requests[connection.number % options_.requests.size()];
    const ssize_t sent =
        ::send(connection.descriptor, request.data(), request.size(), MSG_NOSIGNAL);
    CHECK(sent == static_cast<ssize_t>(request.size()), sent, errno);
    now = clock_.steady();
  }
}

void Load::receive(Connection& connection) {
  const ssize_t got = ::recv(connection.descriptor, buffer_.data(), buffer_.size(), MSG_DONTWAIT);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
  CHECK(got > 0 && connection.busy, "the server closed a connection", got, errno);
  std::string_view bytes = std::string_view(buffer_).substr(0, static_cast<std::size_t>(got));
  if (!connection.in_body) bytes = take_head(connection, bytes);
  if (!connection.in_body) return;
  CHECK(bytes.size() <= connection.body_left, "more than one answer", bytes);
  connection.body_left -= bytes.size();
  if (connection.body_left > 0) return;
  pace_.answered(connection.number, clock_.steady());
  connection.in_body = false;
  connection.busy = false;
  idle_.push_back(&connection);
}

// What is behind the head, once it is there.
std::string_view Load::take_head(Connection& connection, std::string_view got) {
  constexpr std::string_view kEnd = "\r\n\r\n";
  std::string& head = connection.head;
  const std::size_t before = head.size();
  head += got.substr(0, kHeadBytesMax);
  const std::size_t end = head.find(kEnd);
  if (end == std::string::npos) {
    CHECK(head.size() < kHeadBytesMax, "a head without an end", head);
    return {};
  }
  int status = 0;
  const std::size_t digits = head.find(' ') + 1;
  std::from_chars(head.data() + digits, head.data() + digits + 3, status);
  ++statuses_[status];
  connection.body_left = content_length(std::string_view(head).substr(0, end));
  connection.in_body = true;
  head.clear();
  return got.substr(end + kEnd.size() - before);
}

}  // namespace yata::bench
