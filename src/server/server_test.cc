#include "server/server.h"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

#include "io/scope.h"
#include "io/sim.h"
#include "io/wait_list.h"

namespace yata::server {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

// Answers "/" at once, "/wait" when the gate opens, "/never" not at all.
class Site final : public http::Handler {
 public:
  explicit Site(io::Loop& loop) : gate(loop) {}

  io::Task<void> handle(http::Exchange& exchange) override {
    const std::string path(exchange.request().path);
    if (path != "/") {
      const Result<void> opened = co_await gate.wait(kNever);
      if (!opened) {
        cancelled.push_back(opened.error().detail);
        co_return;
      }
    }
    const http::Reply reply{.content_length = 2};
    const Result<void> sent = co_await exchange.respond(reply, io::as_bytes("ok"));
    if (sent) ++answered;
  }

  RejectionReply reject(const Rejection& rejection) override {
    RejectionReply reply;
    reply.head.status = rejection.status;
    reply.body = rejection.reason;
    return reply;
  }

  io::WaitList gate;
  std::vector<std::string> cancelled;
  int answered = 0;
};

// A server and its clients on a simulated loop.
class House {
 public:
  House(io::Loop& on, const Limits& limits, const Timeouts& timeouts)
      : loop(on), site(on), registry(telemetry::make_registry()), clients(on), serving(on) {
    std::vector<std::unique_ptr<io::Listener>> listeners;
    listeners.push_back(*loop.listen({.address = *io::parse_address("127.0.0.1:0")}));
    port = listeners[0]->address().port;
    server = make_server({.loop = &loop,
                          .listeners = std::move(listeners),
                          .handler = &site,
                          .limits = limits,
                          .timeouts = timeouts,
                          .connections = &count,
                          .registry = registry.get()});
    serving.spawn(server->run());
  }

  // The value of a line of /metrics, or -1.
  int metric(const std::string& series) const {
    const std::string text = "\n" + registry->text();
    const std::size_t at = text.find("\n" + series + " ");
    return at == std::string::npos ? -1 : std::stoi(text.substr(at + series.size() + 2));
  }
  int connections(const std::string& state) const {
    return metric("yatagarasu_connections{state=\"" + state + "\"}");
  }
  int rejected(const std::string& reason) const {
    return metric("yatagarasu_rejected_total{reason=\"" + reason + "\"}");
  }

  io::Loop& loop;
  Site site;
  ConnectionCount count;
  std::unique_ptr<telemetry::Registry> registry;
  std::unique_ptr<Server> server;
  std::uint16_t port = 0;
  io::Scope clients;
  io::Scope serving;
};

using Play = io::Task<void> (*)(House& house);

struct Scene {
  Limits limits;
  Timeouts timeouts;
  io::SimOptions sim;
};

io::Task<void> on_loop(io::Loop& loop, const Scene& scene, Play play) {
  House house(loop, scene.limits, scene.timeouts);
  co_await play(house);
  house.server->drain();
  co_await house.serving.join();
  co_await house.clients.join();
  EXPECT_EQ(house.count.open.load(), 0U);
  EXPECT_TRUE(house.count.by_client.lock()->empty());
  for (const char* state : {"idle", "reading", "serving"}) EXPECT_EQ(house.connections(state), 0);
}

void run(Play play, const Scene& scene = {}) {
  const auto loop = io::make_sim_loop(scene.sim);
  const bool done =
      loop->run([&](io::Loop& on, io::Scope&) { return on_loop(on, scene, play); }, hours(10));
  EXPECT_TRUE(done) << "seed " << scene.sim.seed;
}

void run_seeds(Play play, Scene scene = {}) {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    scene.sim.seed = seed;
    run(play, scene);
  }
}

struct Visit {
  std::string heard;  // all of it, to the connection's end
  bool ended = false;
  SteadyTime at{};
};

// Connects, asks for `path` unless it is empty, and hears to the end.
io::Task<void> visit(House& house, std::string path, Visit& seen) {
  auto stream = co_await house.loop.connect({"127.0.0.1", house.port}, kNever);
  if (!stream) co_return;
  const std::string request = "GET " + path + " HTTP/1.1\r\nHost: a\r\n\r\n";
  const io::ByteView pieces[] = {io::as_bytes(request)};
  if (!path.empty()) {
    const Result<void> said = co_await (*stream)->write(pieces, hours(1));
    static_cast<void>(said);  // the answer, or its absence, tells
  }
  std::array<std::byte, 1000> buffer;
  for (;;) {
    const Result<std::size_t> got = co_await (*stream)->read_some(buffer, kNever);
    seen.at = house.loop.now();
    seen.ended = got && *got == 0;
    if (!got || *got == 0) co_return;
    seen.heard += io::as_text(std::span(buffer).first(*got));
  }
}

io::Task<void> pause(io::Loop& loop, Duration duration) {
  const Result<void> slept = co_await loop.sleep(duration);
  EXPECT_TRUE(slept);
}

bool answered(const Visit& visit) {
  return visit.heard.starts_with("HTTP/1.1 200 OK\r\n") && visit.heard.ends_with("\r\n\r\nok");
}

io::Task<void> serves(House& house) {
  std::vector<Visit> visits(20);
  for (Visit& one : visits) house.clients.spawn(visit(house, "/", one));
  co_await pause(house.loop, seconds(5));
  EXPECT_EQ(house.connections("idle"), 20);
  EXPECT_EQ(house.count.open.load(), 20U);
  co_await house.clients.join();  // the idle timeout
  for (const Visit& one : visits) {
    EXPECT_TRUE(answered(one));
    EXPECT_TRUE(one.ended);
  }
}

TEST(Server, ServesAndCountsConnections) {
  run_seeds(serves);
}

// --- Limits ---

io::Task<void> too_many(House& house) {
  std::vector<Visit> visits(5);
  for (int i = 0; i < 3; ++i) house.clients.spawn(visit(house, "/wait", visits[i]));
  co_await pause(house.loop, seconds(1));
  EXPECT_EQ(house.connections("serving"), 3);
  for (int i = 3; i < 5; ++i) house.clients.spawn(visit(house, "/", visits[i]));
  co_await pause(house.loop, seconds(1));
  EXPECT_EQ(house.count.open.load(), 3U);
  house.site.gate.wake_all();
  co_await house.clients.join();
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(answered(visits[i]));
  for (int i = 3; i < 5; ++i) {
    EXPECT_TRUE(visits[i].heard.starts_with("HTTP/1.1 503 Service Unavailable\r\n"));
    EXPECT_NE(visits[i].heard.find("\r\nRetry-After: 1\r\n"), std::string::npos);
    EXPECT_NE(visits[i].heard.find("\r\nConnection: close\r\n"), std::string::npos);
    EXPECT_TRUE(visits[i].heard.ends_with("too_many_connections"));
    EXPECT_TRUE(visits[i].ended);
  }
  EXPECT_EQ(house.rejected("connections"), 2);
}

TEST(Server, TurnsAwayConnectionsOverTheLimit) {
  Scene scene;
  scene.limits.connections = 3;
  run_seeds(too_many, scene);
}

io::Task<void> one_client(House& house) {
  std::vector<Visit> visits(3);
  for (int i = 0; i < 2; ++i) house.clients.spawn(visit(house, "/wait", visits[i]));
  co_await pause(house.loop, seconds(1));
  house.clients.spawn(visit(house, "/", visits[2]));
  co_await pause(house.loop, seconds(5));
  EXPECT_TRUE(visits[2].heard.starts_with("HTTP/1.1 429 Too Many Requests\r\n"));
  EXPECT_EQ(house.rejected("connections_per_client"), 1);
  house.site.gate.wake_all();
  co_await house.clients.join();
  co_await pause(house.loop, seconds(1));
  Visit later;
  house.clients.spawn(visit(house, "/", later));
  co_await house.clients.join();
  EXPECT_TRUE(answered(later));
}

TEST(Server, TurnsAwayAClientWithTooManyConnections) {
  Scene scene;
  scene.limits.connections_per_client = 2;
  run_seeds(one_client, scene);
}

io::Task<void> no_descriptors(House& house) {
  const SteadyTime start = house.loop.now();
  std::vector<Visit> visits(10);
  for (Visit& one : visits) {
    house.clients.spawn(visit(house, "/", one));
    co_await pause(house.loop, milliseconds(200));
  }
  co_await house.clients.join();
  // Some idle ones were closed before their time, but each was answered first.
  int early = 0;
  for (const Visit& one : visits) {
    EXPECT_TRUE(answered(one));
    early += one.at < start + seconds(50) ? 1 : 0;
  }
  EXPECT_GE(early, 1);
  EXPECT_GE(house.rejected("descriptors"), early);
}

TEST(Server, OutOfDescriptorsClosesIdleConnectionsAndGoesOn) {
  Scene scene;
  scene.sim.accept_error = 500;
  run(no_descriptors, scene);
}

// --- Draining ---

io::Task<void> drains(House& house) {
  Visit idle;
  Visit silent;
  Visit running;
  house.clients.spawn(visit(house, "/", idle));
  house.clients.spawn(visit(house, "", silent));
  house.clients.spawn(visit(house, "/wait", running));
  co_await pause(house.loop, seconds(2));
  EXPECT_EQ(house.connections("idle"), 2);
  const SteadyTime start = house.loop.now();
  house.server->drain();
  house.server->drain();
  co_await pause(house.loop, seconds(2));
  EXPECT_TRUE(idle.ended && silent.ended);
  EXPECT_LT(idle.at - start, seconds(1));
  EXPECT_EQ(house.count.open.load(), 1U);
  auto refused = co_await house.loop.connect({"127.0.0.1", house.port}, kNever);
  EXPECT_FALSE(refused);
  house.site.gate.wake_all();
  co_await house.serving.join();
  co_await house.clients.join();
  EXPECT_TRUE(running.heard.ends_with("\r\n\r\nok"));
  EXPECT_NE(running.heard.find("\r\nConnection: close\r\n"), std::string::npos);
  EXPECT_TRUE(running.ended);
  EXPECT_LT(house.loop.now() - start, seconds(5));
}

TEST(Server, DrainingFinishesWhatRuns) {
  run_seeds(drains);
}

io::Task<void> asks_late(House& house) {
  std::vector<std::unique_ptr<io::Stream>> clients;
  clients.reserve(5);
  for (int i = 0; i < 5; ++i) {
    auto stream = co_await house.loop.connect({"127.0.0.1", house.port}, kNever);
    EXPECT_TRUE(stream);
    clients.push_back(std::move(*stream));
  }
  house.server->drain();
  const io::ByteView request[] = {io::as_bytes("GET / HTTP/1.1\r\nHost: a\r\n\r\n")};
  for (const auto& client : clients) {
    const Result<void> said = co_await client->write(request, hours(1));
    EXPECT_TRUE(said);
  }
  for (const auto& client : clients) {
    std::string heard;
    std::array<std::byte, 1000> buffer;
    for (;;) {
      const Result<std::size_t> got = co_await client->read_some(buffer, kNever);
      EXPECT_TRUE(got);
      if (!got || *got == 0) break;
      heard += io::as_text(std::span(buffer).first(*got));
    }
    EXPECT_TRUE(heard.ends_with("\r\n\r\nok")) << heard;
    EXPECT_NE(heard.find("\r\nConnection: close\r\n"), std::string::npos);
  }
  co_await house.serving.join();
}

// Connected before the end, perhaps not accepted yet, and no request has come.
TEST(Server, DrainingHearsThoseThatHaveJustConnected) {
  run_seeds(asks_late);
}

io::Task<void> cuts(House& house) {
  Visit running;
  house.clients.spawn(visit(house, "/never", running));
  co_await pause(house.loop, seconds(1));
  const SteadyTime start = house.loop.now();
  house.server->drain();
  co_await house.serving.join();
  EXPECT_GE(house.loop.now() - start, seconds(30));
  EXPECT_LT(house.loop.now() - start, seconds(31));
  EXPECT_EQ(house.site.cancelled, std::vector<std::string>{"draining"});
  co_await house.clients.join();
  EXPECT_EQ(running.heard, "");
}

TEST(Server, DrainingEndsInTime) {
  run_seeds(cuts);
}

io::Task<void> at_once(House& house) {
  Visit running;
  house.clients.spawn(visit(house, "/never", running));
  co_await pause(house.loop, seconds(1));
  const SteadyTime start = house.loop.now();
  co_await house.serving.close(io::CancelReason::Draining);
  EXPECT_LT(house.loop.now() - start, seconds(1));
  EXPECT_EQ(house.site.cancelled.size(), 1U);
  co_await house.clients.join();
}

TEST(Server, CancellationEndsEverythingAtOnce) {
  run_seeds(at_once);
}

}  // namespace
}  // namespace yata::server
