// The whole walk from one seed: a simulated network and files below, the real serving connection,
// pipeline and directory origin above, and clients that read slowly, leave early and ask for odd
// things. Whatever the schedule, an answer is right, or visibly cut; nothing hangs; the same seed
// gives the same run.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "http/serve.h"
#include "io/sim.h"
#include "origin/make.h"
#include "proxy/pipeline.h"

namespace yata {
namespace {

constexpr std::size_t kContentBytes = 100'000;
constexpr int kClients = 12;
constexpr int kRequestsEach = 6;

// The object's bytes as a function of their place.
std::string content() {
  std::string bytes(kContentBytes, '\0');
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    bytes[i] = static_cast<char>('a' + (i * 7 + i / 26) % 26);
  }
  return bytes;
}

class NoLines final : public record::LineSink {
 public:
  bool write(std::uint32_t, std::string_view) override {
    ++count;
    return true;
  }
  std::uint64_t count = 0;
};

struct Tally {
  std::uint64_t whole = 0;  // answers that were complete and right
  std::uint64_t cut = 0;    // answers that ended visibly early
  std::uint64_t wrong = 0;
  std::string first_wrong;
};

struct Expected {
  std::string target;
  std::string range;
  std::string status;
  std::string body;
};

Expected draw_request(Random& random, const std::string& whole) {
  const std::uint64_t from = random.below(kContentBytes);
  const std::uint64_t length = 1 + random.below(kContentBytes - from);
  switch (random.below(4)) {
    case 0: return {"/b/object", "", "200", whole};
    case 1:
      return {
          "/b/object",
          "Range: bytes=" + std::to_string(from) + "-" + std::to_string(from + length - 1) + "\r\n",
          "206", whole.substr(from, length)};
    case 2: return {"/b/small", "", "200", "small"};
    default: return {"/b/missing", "", "404", ""};
  }
}

std::string header_value(const std::string& head, const std::string& name) {
  const std::size_t at = head.find("\r\n" + name + ": ");
  if (at == std::string::npos) return "";
  const std::size_t start = at + 4 + name.size();
  return head.substr(start, head.find("\r\n", start) - start);
}

// Reads until `enough` bytes or an end; false at the end.
io::Task<bool> read_until(io::Stream& stream, std::string& buffer, std::size_t enough) {
  std::byte bytes[3000];
  while (buffer.size() < enough) {
    const auto got = co_await stream.read_some(bytes, kNever);
    if (!got || *got == 0) co_return false;
    buffer += io::as_text({bytes, *got});
  }
  co_return true;
}

io::Task<bool> read_head(io::Stream& stream, std::string& buffer, std::string& head) {
  while (true) {
    const std::size_t end = buffer.find("\r\n\r\n");
    if (end != std::string::npos) {
      head = buffer.substr(0, end + 2);
      buffer.erase(0, end + 4);
      co_return true;
    }
    const bool more = co_await read_until(stream, buffer, buffer.size() + 1);
    if (!more) co_return false;
  }
}

void judge(const Expected& expected, const std::string& head, const std::string& body,
           Tally& tally) {
  const std::string status = head.substr(9, 3);
  const bool error = expected.status == "404";
  const bool right = status == expected.status && (error || body == expected.body);
  if (right) {
    ++tally.whole;
    return;
  }
  ++tally.wrong;
  if (tally.first_wrong.empty()) {
    tally.first_wrong = expected.target + " " + expected.range + head;
  }
}

// One client: some requests on one connection, and sometimes it just goes.
io::Task<void> client(io::Loop& loop, io::Address server, const std::string& whole, Tally& tally) {
  const io::Endpoint to{"127.0.0.1", server.port};
  auto connected = co_await loop.connect(to, loop.now() + std::chrono::seconds(5));
  if (!connected) co_return;
  io::Stream& stream = **connected;
  std::string buffer;
  for (int i = 0; i < kRequestsEach; ++i) {
    const Expected expected = draw_request(loop.random(), whole);
    const std::string request =
        "GET " + expected.target + " HTTP/1.1\r\nHost: sim\r\n" + expected.range + "\r\n";
    const io::ByteView pieces[] = {io::as_bytes(request)};
    const auto written = co_await stream.write(pieces, std::chrono::seconds(30));
    std::string head;
    bool alive = written.has_value();
    if (alive) alive = co_await read_head(stream, buffer, head);
    if (!alive) {
      ++tally.cut;
      break;
    }
    const std::size_t length = std::stoul("0" + header_value(head, "Content-Length"));
    const bool leaves = loop.random().below(10) == 0;
    alive = co_await read_until(stream, buffer, leaves ? length / 2 : length);
    if (leaves) break;
    if (!alive) {
      ++tally.cut;
      break;
    }
    judge(expected, head, buffer.substr(0, length), tally);
    buffer.erase(0, length);
  }
  stream.close();
}

struct World {
  explicit World(const io::SimOptions& options) : loop(io::make_sim_loop(options)) {
    loop->add_file("/objects", "object", whole);
    loop->add_file("/objects", "small", "small");
    auto origin = origin::make_directory_origin(*loop, {.root = "/objects"});
    EXPECT_TRUE(origin);
    const route::Route route{.bucket = "b", .host = "", .path_prefix = "/b"};
    auto table = route::Table::build({&route, 1});
    EXPECT_TRUE(table);
    auto snapshot = std::make_shared<proxy::Snapshot>();
    snapshot->routes = std::make_shared<const route::Table>(std::move(*table));
    proxy::Bucket bucket;
    bucket.name = "b";
    bucket.origin = std::move(*origin);
    bucket.auth_enabled = false;
    snapshot->buckets.push_back(std::move(bucket));
    recorder =
        std::make_unique<record::Recorder>(record::Recorder::Parts{.loop = 0,
                                                                   .registry = registry.get(),
                                                                   .lines = &lines,
                                                                   .random = &loop->random(),
                                                                   .buckets = {"b"},
                                                                   .sample = 1.0});
    pipeline = std::make_unique<proxy::Pipeline>(proxy::Pipeline::Parts{.loop = loop.get(),
                                                                        .snapshot = snapshot,
                                                                        .recorder = recorder.get(),
                                                                        .in_flight = &in_flight,
                                                                        .health = nullptr});
  }

  const std::string whole = content();
  std::unique_ptr<telemetry::Registry> registry = telemetry::make_registry();
  NoLines lines;
  proxy::InFlight in_flight;
  std::unique_ptr<io::SimLoop> loop;
  std::unique_ptr<record::Recorder> recorder;
  std::unique_ptr<proxy::Pipeline> pipeline;
  http::ServeLimits limits;
  http::ServeTimeouts timeouts;
  std::vector<std::unique_ptr<http::ConnectionControl>> controls;
  Tally tally;
};

io::Task<void> accept_all(World& world, io::Listener& listener, io::Scope& connections) {
  for (int i = 0; i < kClients; ++i) {
    auto accepted = co_await listener.accept();
    if (!accepted) co_return;
    world.controls.push_back(std::make_unique<http::ConnectionControl>());
    connections.spawn(http::serve(*world.loop, std::move(*accepted), *world.pipeline, world.limits,
                                  world.timeouts, *world.controls.back()));
  }
}

io::Task<void> run_world(World& world) {
  io::Loop& loop = *world.loop;
  auto listener = loop.listen({.address = {.bytes = {127, 0, 0, 1}}});
  EXPECT_TRUE(listener);
  io::Scope servers(loop);
  io::Scope clients(loop);
  servers.spawn(accept_all(world, **listener, servers));
  for (int i = 0; i < kClients; ++i) {
    clients.spawn(client(loop, (*listener)->address(), world.whole, world.tally));
  }
  co_await clients.join();
  // Connections whose client never came through are ended with the rest.
  co_await servers.close(io::CancelReason::Draining);
}

struct SimRun {
  Tally tally;
  std::uint64_t hash = 0;
  std::uint64_t lines = 0;
};

SimRun run_seed(const io::SimOptions& options) {
  World world(options);
  const auto main = [&world](io::Loop&, io::Scope&) { return run_world(world); };
  EXPECT_TRUE(world.loop->run(main, std::chrono::hours(1))) << "seed " << options.seed << " hangs";
  EXPECT_EQ(world.in_flight.now, 0u);
  EXPECT_EQ(world.loop->buffers().borrowed_bytes(), 0u) << "seed " << options.seed;
  return {world.tally, world.loop->trace_hash(), world.lines.count};
}

TEST(WalkSim, AnswersAreRightUnderAnySchedule) {
  std::uint64_t whole = 0;
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    const SimRun run = run_seed({.seed = seed});
    EXPECT_EQ(run.tally.wrong, 0u) << "seed " << seed << ": " << run.tally.first_wrong;
    EXPECT_EQ(run.tally.cut, 0u) << "seed " << seed;
    whole += run.tally.whole;
  }
  EXPECT_GT(whole, 60u * kClients);
}

TEST(WalkSim, AnswersAreRightOrVisiblyCutWhenTheWorldFails) {
  std::uint64_t cut = 0;
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    const SimRun run = run_seed({.seed = seed, .reset = 5});
    EXPECT_EQ(run.tally.wrong, 0u) << "seed " << seed << ": " << run.tally.first_wrong;
    cut += run.tally.cut;
  }
  EXPECT_GT(cut, 0u);
}

TEST(WalkSim, TheSameSeedGivesTheSameRun) {
  const SimRun first = run_seed({.seed = 42, .reset = 5});
  const SimRun again = run_seed({.seed = 42, .reset = 5});
  const SimRun other = run_seed({.seed = 43, .reset = 5});
  EXPECT_EQ(first.hash, again.hash);
  EXPECT_EQ(first.lines, again.lines);
  EXPECT_NE(first.hash, other.hash);
}

}  // namespace
}  // namespace yata
