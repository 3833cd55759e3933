#include "io/sim/network.h"

#include <gtest/gtest.h>

#include <array>
#include <set>
#include <string>
#include <vector>

#include "io/sim.h"

namespace yata::io {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

using Streams = std::array<std::unique_ptr<Stream>, 2>;  // the connected end, the accepted end

Address any_port() {
  return *parse_address("127.0.0.1:0");
}

std::unique_ptr<Listener> listening(Loop& loop, const Address& address, int backlog = 16) {
  return std::move(*loop.listen({.address = address, .backlog = backlog}));
}

Task<Streams> connected_pair(Loop& loop) {
  const std::unique_ptr<Listener> listener = listening(loop, any_port());
  const Endpoint to{"127.0.0.1", listener->address().port};
  auto near = co_await loop.connect(to, kNever);
  auto far = co_await listener->accept();
  co_return Streams{std::move(*near), std::move(*far)};
}

// Reads to the end, or to the error that is returned.
Task<Result<std::string>> read_all(Stream& stream, SteadyTime deadline, std::size_t at_once) {
  std::string all;
  std::vector<std::byte> buffer(at_once);
  for (;;) {
    Result<std::size_t> got = co_await stream.read_some(buffer, deadline);
    if (!got) co_return std::move(got.error());
    if (*got == 0) co_return all;
    all += as_text(std::span(buffer).first(*got));
  }
}

Task<Result<void>> write_all(Stream& stream, std::string_view text, Duration stall) {
  const std::array<ByteView, 3> pieces = {as_bytes(text.substr(0, text.size() / 3)), ByteView(),
                                          as_bytes(text.substr(text.size() / 3))};
  Result<void> written = co_await stream.write(pieces, stall);
  co_return written;
}

std::string pattern(std::size_t size, std::uint64_t seed) {
  SeededRandom random(seed);
  std::string bytes(size, '\0');
  for (char& byte : bytes) byte = static_cast<char>(random.next());
  return bytes;
}

void run(const SimOptions& options, const std::function<Task<void>(Loop&, Scope&)>& main) {
  const auto loop = make_sim_loop(options);
  EXPECT_TRUE(loop->run(main, hours(10))) << "seed " << options.seed;
}

// --- Bytes in both directions ---

Task<void> send_and_end(Stream& stream, const std::string& text) {
  Result<void> written = co_await write_all(stream, text, hours(1));
  EXPECT_TRUE(written);
  stream.shutdown_write();
}

Task<void> expect_all(Stream& stream, const std::string& wanted, std::size_t at_once) {
  Result<std::string> all = co_await read_all(stream, kNever, at_once);
  EXPECT_TRUE(all && *all == wanted);
}

Task<void> exchange(Loop& loop, const std::string& there, const std::string& back) {
  Streams ends = co_await connected_pair(loop);
  Scope scope(loop);
  scope.spawn(send_and_end(*ends[0], there));
  scope.spawn(send_and_end(*ends[1], back));
  scope.spawn(expect_all(*ends[0], back, 1000));
  scope.spawn(expect_all(*ends[1], there, 100'000));
  co_await scope.join();
}

TEST(SimNetwork, BytesArriveInOrderHoweverTheyAreChopped) {
  const std::string there = pattern(300'000, 1);
  const std::string back = pattern(10'000, 2);
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    run({.seed = seed}, [&](Loop& loop, Scope&) { return exchange(loop, there, back); });
  }
}

std::uint64_t hash_of(std::uint64_t seed) {
  const auto loop = make_sim_loop({.seed = seed});
  const std::string there = pattern(100'000, 1);
  const std::string back = "pong";
  EXPECT_TRUE(loop->run([&](Loop& door, Scope&) { return exchange(door, there, back); }, hours(1)));
  return loop->trace_hash();
}

TEST(SimNetwork, EqualSeedsGiveEqualTraces) {
  std::set<std::uint64_t> hashes;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const std::uint64_t hash = hash_of(seed);
    EXPECT_EQ(hash, hash_of(seed));
    hashes.insert(hash);
  }
  EXPECT_EQ(hashes.size(), 20u);
}

// --- Back-pressure, deadlines, cancellation ---

Task<void> write_without_reader(Loop& loop) {
  Streams ends = co_await connected_pair(loop);
  const std::string text = pattern(64 * 1024 + 1, 1);
  const SteadyTime start = loop.now();
  Result<void> written = co_await write_all(*ends[0], text, seconds(30));
  EXPECT_EQ(written.error().kind, ErrorKind::Timeout);
  EXPECT_EQ(written.error().source, ErrorSource::Origin);
  EXPECT_GE(loop.now() - start, seconds(30));
  EXPECT_EQ(ends[0]->write_now(as_bytes("x")), 0u);
}

TEST(SimNetwork, AWriterStallsWhenNobodyReads) {
  run({}, [](Loop& loop, Scope&) { return write_without_reader(loop); });
}

Task<void> read_late(Loop& loop) {
  Streams ends = co_await connected_pair(loop);
  std::array<std::byte, 8> buffer;
  const SteadyTime deadline = loop.now() + seconds(2);
  Result<std::size_t> got = co_await ends[1]->read_some(buffer, deadline);
  EXPECT_EQ(got.error().kind, ErrorKind::Timeout);
  EXPECT_EQ(got.error().source, ErrorSource::Client);
  EXPECT_EQ(loop.now(), deadline);
}

TEST(SimNetwork, AReadEndsAtItsDeadline) {
  run({}, [](Loop& loop, Scope&) { return read_late(loop); });
}

Task<void> expect_error(Stream& stream, ErrorKind kind) {
  Result<std::string> all = co_await read_all(stream, kNever, 100);
  EXPECT_FALSE(all);
  if (!all) EXPECT_EQ(all.error().kind, kind) << to_string(all.error());
}

Task<void> cancel_reader(Loop& loop) {
  Streams ends = co_await connected_pair(loop);
  Scope scope(loop);
  scope.spawn(expect_error(*ends[0], ErrorKind::Cancelled));
  Result<void> slept = co_await loop.sleep(seconds(1));
  EXPECT_TRUE(slept);
  co_await scope.close(CancelReason::Requested);
}

TEST(SimNetwork, CancellationReachesAReader) {
  run({}, [](Loop& loop, Scope&) { return cancel_reader(loop); });
}

Task<void> close_under_reader(Loop& loop) {
  Streams ends = co_await connected_pair(loop);
  Scope scope(loop);
  scope.spawn(expect_error(*ends[0], ErrorKind::Closed));
  Result<void> slept = co_await loop.sleep(seconds(1));
  EXPECT_TRUE(slept);
  ends[0]->close();
  ends[0]->close();
  co_await scope.join();
}

TEST(SimNetwork, CloseEndsAPendingRead) {
  run({}, [](Loop& loop, Scope&) { return close_under_reader(loop); });
}

// --- Ends of connections ---

Task<void> half_close(Loop& loop) {
  Streams ends = co_await connected_pair(loop);
  Result<void> asked = co_await write_all(*ends[0], "ask", hours(1));
  EXPECT_TRUE(asked);
  ends[0]->shutdown_write();
  Result<std::string> question = co_await read_all(*ends[1], kNever, 2);
  EXPECT_EQ(*question, "ask");
  EXPECT_EQ(ends[1]->write_now({}), 0u);
  Result<void> answered = co_await write_all(*ends[1], "answer", hours(1));
  EXPECT_TRUE(answered);
  ends[1]->close();
  Result<std::string> answer = co_await read_all(*ends[0], kNever, 100);
  EXPECT_EQ(*answer, "answer");
  Result<void> more = co_await write_all(*ends[0], "more", hours(1));
  EXPECT_EQ(more.error().kind, ErrorKind::Closed);
}

TEST(SimNetwork, OneSideCanEndBeforeTheOther) {
  run({}, [](Loop& loop, Scope&) { return half_close(loop); });
}

Task<void> reset_close(Loop& loop) {
  Streams ends = co_await connected_pair(loop);
  Result<void> written = co_await write_all(*ends[0], "half an ans", hours(1));
  EXPECT_TRUE(written);
  ends[0]->reset_on_close();
  ends[0]->close();
  co_await expect_error(*ends[1], ErrorKind::Closed);
  Result<void> more = co_await write_all(*ends[1], "more", hours(1));
  EXPECT_EQ(more.error().kind, ErrorKind::Closed);
}

TEST(SimNetwork, AResetIsNeverACleanEnd) {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    run({.seed = seed}, [](Loop& loop, Scope&) { return reset_close(loop); });
  }
}

Task<void> close_with_unread(Loop& loop) {
  Streams ends = co_await connected_pair(loop);
  Result<void> written = co_await write_all(*ends[0], "unread", hours(1));
  EXPECT_TRUE(written);
  ends[1]->close();
  co_await expect_error(*ends[0], ErrorKind::Closed);
}

TEST(SimNetwork, ClosingOverUnreadBytesResets) {
  run({}, [](Loop& loop, Scope&) { return close_with_unread(loop); });
}

Task<void> write_to_the_gone(Loop& loop) {
  Streams ends = co_await connected_pair(loop);
  ends[1]->close();
  Result<void> swallowed = co_await write_all(*ends[0], "x", hours(1));
  EXPECT_TRUE(swallowed);
  Result<void> refused = co_await write_all(*ends[0], "y", hours(1));
  EXPECT_EQ(refused.error().kind, ErrorKind::Closed);
}

TEST(SimNetwork, AWriteToAClosedPeerIsAnsweredByAReset) {
  run({}, [](Loop& loop, Scope&) { return write_to_the_gone(loop); });
}

Task<void> expect_broken(Loop& loop, Scope& scope) {
  SimOptions& options = static_cast<SimLoop&>(loop).options();
  Streams ends = co_await connected_pair(loop);
  scope.spawn(expect_error(*ends[0], ErrorKind::Closed));
  options.reset = 1000;
  Result<void> written = co_await write_all(*ends[1], "never", hours(1));
  EXPECT_EQ(written.error().kind, ErrorKind::Closed);
  Result<void> slept = co_await loop.sleep(seconds(1));
  EXPECT_TRUE(slept);
}

TEST(SimNetwork, AResetFaultFailsBothEnds) {
  run({}, [](Loop& loop, Scope& scope) { return expect_broken(loop, scope); });
}

Task<void> expect_silence(Loop& loop) {
  SimOptions& options = static_cast<SimLoop&>(loop).options();
  Streams ends = co_await connected_pair(loop);
  options.vanish = 1000;
  Result<void> written = co_await write_all(*ends[0], "into the void", hours(1));
  EXPECT_TRUE(written);
  ends[0]->close();
  std::array<std::byte, 8> buffer;
  Result<std::size_t> got = co_await ends[1]->read_some(buffer, loop.now() + seconds(9));
  EXPECT_EQ(got.error().kind, ErrorKind::Timeout);
  const std::string much = pattern(70'000, 1);
  Result<void> filled = co_await write_all(*ends[1], much, seconds(9));
  EXPECT_EQ(filled.error().kind, ErrorKind::Timeout);
}

TEST(SimNetwork, APeerCanFallSilent) {
  run({}, [](Loop& loop, Scope&) { return expect_silence(loop); });
}

// --- Listeners and names ---

Task<void> expect_connects(Loop& loop, Endpoint to, std::optional<ErrorKind> wanted) {
  auto stream = co_await loop.connect(to, loop.now() + seconds(5));
  EXPECT_EQ(stream.has_value(), !wanted) << to.host;
  if (stream || !wanted) co_return;
  EXPECT_EQ(stream.error().kind, *wanted) << to.host;
  EXPECT_EQ(stream.error().source, ErrorSource::Origin);
  EXPECT_EQ(stream.error().retry, Retry::Always);
}

Task<void> find_names(Loop& loop) {
  const auto v4 = listening(loop, any_port());
  const auto v6 = listening(loop, *parse_address("[::]:0"));
  const std::uint16_t port = v4->address().port;
  EXPECT_NE(port, v6->address().port);
  co_await expect_connects(loop, {"127.0.0.1", port}, std::nullopt);
  co_await expect_connects(loop, {"localhost", port}, std::nullopt);
  co_await expect_connects(loop, {"s3.example", port}, std::nullopt);
  co_await expect_connects(loop, {"127.0.0.1", v6->address().port}, std::nullopt);
  co_await expect_connects(loop, {"::1", v6->address().port}, std::nullopt);
  co_await expect_connects(loop, {"::1", port}, ErrorKind::Unreachable);
  co_await expect_connects(loop, {"127.0.0.2", port}, ErrorKind::Unreachable);
  co_await expect_connects(loop, {"127.0.0.1", 1}, ErrorKind::Unreachable);
  co_await expect_connects(loop, {"nowhere.example", port}, ErrorKind::Unreachable);
}

TEST(SimNetwork, NamesAndAddressesFindTheirListener) {
  const auto loop = make_sim_loop({});
  loop->add_host("s3.example", *parse_ip("127.0.0.1"));
  EXPECT_TRUE(loop->run([](Loop& door, Scope&) { return find_names(door); }, hours(1)));
}

Task<void> fill_backlog(Loop& loop) {
  const auto listener = listening(loop, any_port(), 1);
  const Endpoint to{"127.0.0.1", listener->address().port};
  auto first = co_await loop.connect(to, kNever);
  EXPECT_TRUE(first);
  co_await expect_connects(loop, to, ErrorKind::Timeout);
  listener->close();
  co_await expect_connects(loop, to, ErrorKind::Unreachable);
  co_await expect_error(**first, ErrorKind::Closed);
}

TEST(SimNetwork, AFullBacklogLetsConnectsWait) {
  run({}, [](Loop& loop, Scope&) { return fill_backlog(loop); });
}

Task<void> expect_accept_ends(Listener& listener) {
  auto stream = co_await listener.accept();
  EXPECT_FALSE(stream);
  if (!stream) EXPECT_EQ(stream.error().kind, ErrorKind::Cancelled);
}

Task<void> close_listener(Loop& loop) {
  const auto listener = listening(loop, any_port());
  Scope scope(loop);
  scope.spawn(expect_accept_ends(*listener));
  Result<void> slept = co_await loop.sleep(seconds(1));
  EXPECT_TRUE(slept);
  listener->close();
  co_await scope.join();
}

TEST(SimNetwork, ClosingAListenerEndsItsAccept) {
  run({}, [](Loop& loop, Scope&) { return close_listener(loop); });
}

Task<void> accept_without_descriptors(Loop& loop) {
  SimOptions& options = static_cast<SimLoop&>(loop).options();
  const auto listener = listening(loop, any_port());
  auto near = co_await loop.connect({"127.0.0.1", listener->address().port}, kNever);
  EXPECT_TRUE(near);
  options.accept_error = 1000;
  auto refused = co_await listener->accept();
  EXPECT_EQ(refused.error().kind, ErrorKind::Limit);
  options.accept_error = 0;
  auto far = co_await listener->accept();
  EXPECT_TRUE(far);
}

TEST(SimNetwork, AcceptCanRunOutOfDescriptors) {
  run({}, [](Loop& loop, Scope&) { return accept_without_descriptors(loop); });
}

Task<void> connect_often(Loop& loop, std::size_t& at_first) {
  const auto one = listening(loop, any_port());
  EXPECT_FALSE(loop.listen({.address = one->address()}));
  const auto two = std::move(*loop.listen({.address = one->address(), .joins = true}));
  std::vector<std::unique_ptr<Stream>> streams;
  for (int i = 0; i < 16; ++i) {
    auto stream = co_await loop.connect({"127.0.0.1", one->address().port}, kNever);
    streams.push_back(std::move(*stream));
  }
  one->close();
  for (const std::unique_ptr<Stream>& stream : streams) {
    std::array<std::byte, 1> buffer;
    Result<std::size_t> got = co_await stream->read_some(buffer, loop.now() + milliseconds(50));
    if (got.error().kind == ErrorKind::Closed) ++at_first;
  }
}

TEST(SimNetwork, ListenersOfOnePortShareItsConnections) {
  std::size_t at_first = 0;
  run({}, [&](Loop& loop, Scope&) { return connect_often(loop, at_first); });
  EXPECT_GT(at_first, 0u);
  EXPECT_LT(at_first, 16u);
}

}  // namespace
}  // namespace yata::io
