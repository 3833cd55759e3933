// What a connection costs: a keep-alive request through the real loop with a handler that does
// nothing, and an idle connection's memory. The clients are plain blocking sockets on the
// benchmark's own thread, which allocate nothing.
#include <benchmark/benchmark.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdio>
#include <string>
#include <thread>
#include <vector>

#include "base/allocations.h"
#include "io/real_loop.h"
#include "server/server.h"

namespace yata::server {
namespace {

constexpr std::string_view kRequest =
    "GET /assets/app.js HTTP/1.1\r\nHost: cdn.example.com\r\nUser-Agent: bench\r\n"
    "Accept: */*\r\nAccept-Encoding: gzip\r\n\r\n";

class Site final : public http::Handler {
 public:
  explicit Site(std::size_t body_bytes) : body_(body_bytes, 'x') {}

  io::Task<void> handle(http::Exchange& exchange) override {
    http::Reply reply{.content_length = body_.size()};
    reply.add(http::FieldName::ContentType, "text/javascript");
    const Result<void> sent = co_await exchange.respond(reply, io::as_bytes(body_));
    static_cast<void>(sent);
  }
  RejectionReply reject(const Rejection&) override { return {}; }

 private:
  std::string body_;
};

// A server on a thread of its own, until destroyed.
class House {
 public:
  explicit House(std::size_t body_bytes)
      : loops_({.threads = 1}, clock_), site_(body_bytes), registry_(telemetry::make_registry()) {
    io::Loop& loop = loops_.at(0);
    std::vector<std::unique_ptr<io::Listener>> listeners;
    listeners.push_back(*loop.listen({.address = *io::parse_address("127.0.0.1:0")}));
    port_ = listeners[0]->address().port;
    Limits limits;
    limits.connections = 1'000'000;
    server_ = make_server({.loop = &loop,
                           .listeners = std::move(listeners),
                           .handler = &site_,
                           .limits = limits,
                           .connections = &count_,
                           .registry = registry_.get()});
    thread_ = std::thread(
        [this] { loops_.run([this](io::Loop&, io::Scope&) { return server_->run(); }); });
  }
  ~House() {
    loops_.at(0).post([this] { server_->drain(); });
    thread_.join();
  }

  std::uint16_t port() const { return port_; }
  std::uint32_t open() const { return count_.open.load(); }
  // What the server's thread has used so far.
  double cpu_us() {
    std::atomic<double> used{-1};
    loops_.at(0).post([&used] {
      rusage thread{};
      ::getrusage(RUSAGE_THREAD, &thread);
      used.store(us(thread.ru_utime) + us(thread.ru_stime));
    });
    while (used.load() < 0) std::this_thread::yield();
    return used.load();
  }

 private:
  static double us(const timeval& time) {
    return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_usec);
  }

  SystemClock clock_;
  io::Loops loops_;
  Site site_;
  ConnectionCount count_;
  std::unique_ptr<telemetry::Registry> registry_;
  std::unique_ptr<Server> server_;
  std::uint16_t port_ = 0;
  std::thread thread_;
};

int connect_to(std::uint16_t port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(port);
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  CHECK(fd >= 0 && ::connect(fd, reinterpret_cast<sockaddr*>(&to), sizeof to) == 0, errno);
  return fd;
}

void ask(int fd) {
  CHECK(::send(fd, kRequest.data(), kRequest.size(), 0) == static_cast<ssize_t>(kRequest.size()));
}

// Reads one reply of `bytes`, or up to the end of its head when that is not known yet.
std::size_t hear(int fd, std::size_t bytes, std::span<char> buffer) {
  std::size_t heard = 0;
  while (heard < bytes) {
    const ssize_t got = ::recv(fd, buffer.data(), buffer.size(), 0);
    CHECK(got > 0, errno);
    heard += static_cast<std::size_t>(got);
  }
  return heard;
}

std::size_t reply_bytes(int fd, std::size_t body_bytes) {
  ask(fd);
  std::array<char, 4096> head;
  const ssize_t got = ::recv(fd, head.data(), head.size(), MSG_PEEK);
  CHECK(got > 0);
  const std::string_view text(head.data(), static_cast<std::size_t>(got));
  const std::size_t whole = text.find("\r\n\r\n") + 4 + body_bytes;
  std::vector<char> buffer(64 * 1024);
  hear(fd, whole, buffer);
  return whole;
}

void keep_alive(benchmark::State& state) {
  const auto body_bytes = static_cast<std::size_t>(state.range(0));
  const auto connections = static_cast<std::size_t>(state.range(1));
  House house(body_bytes);
  std::vector<int> clients(connections);
  std::vector<char> buffer(256 * 1024);
  for (int& client : clients) client = connect_to(house.port());
  const std::size_t whole = reply_bytes(clients[0], body_bytes);
  const auto round = [&] {
    for (const int client : clients) ask(client);
    for (const int client : clients) hear(client, whole, buffer);
  };
  for (int i = 0; i < 100; ++i) round();
  const std::uint64_t before = allocations;
  const double cpu_before = house.cpu_us();
  for (auto _ : state) round();
  const double requests =
      static_cast<double>(state.iterations()) * static_cast<double>(connections);
  state.SetItemsProcessed(static_cast<std::int64_t>(requests));
  state.counters["server_cpu_us"] = (house.cpu_us() - cpu_before) / requests;
  state.counters["allocations"] = static_cast<double>(allocations - before) / requests;
  for (const int client : clients) ::close(client);
}
BENCHMARK(keep_alive)
    ->ArgNames({"body", "connections"})
    ->Args({1024, 1})
    ->Args({1024, 16})
    ->Args({65536, 16})
    ->UseRealTime();

std::size_t resident_bytes() {
  std::size_t total = 0;
  std::size_t resident = 0;
  FILE* file = std::fopen("/proc/self/statm", "r");
  CHECK(std::fscanf(file, "%zu %zu", &total, &resident) == 2);
  std::fclose(file);
  return resident * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

// Each connection has been used once, then rests.
void idle_connections(benchmark::State& state) {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
  const auto wanted = static_cast<std::size_t>(state.range(0));
  if (limit.rlim_max < 2 * wanted + 100) {
    state.SkipWithError("too few descriptors");
    return;
  }
  for (auto _ : state) {
    House house(100);
    std::vector<int> clients(wanted);
    std::vector<char> buffer(4096);
    clients[0] = connect_to(house.port());
    const std::size_t whole = reply_bytes(clients[0], 100);
    const std::size_t before = resident_bytes();
    for (std::size_t i = 1; i < wanted; ++i) {
      clients[i] = connect_to(house.port());
      ask(clients[i]);
      hear(clients[i], whole, buffer);
    }
    state.counters["bytes_each"] =
        static_cast<double>(resident_bytes() - before) / static_cast<double>(house.open());
    for (const int client : clients) ::close(client);
  }
}
BENCHMARK(idle_connections)->Arg(9'000)->Iterations(1)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace yata::server
