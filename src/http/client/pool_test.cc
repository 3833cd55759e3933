#include "http/client/pool.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "http/testing/scripted_origin.h"
#include "http/testing/site.h"
#include "io/sim.h"

namespace yata::http {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;
using Then = Script::Then;

struct Got {
  std::optional<Error> error;  // of send() or of the body
  bool in_body = false;        // the error
  std::uint16_t status = 0;
  std::string body;
  bool reused = false;
};

struct Stage {
  io::Loop& loop;
  ScriptedOrigin& origin;
  Client& client;
};

using Play = io::Task<void> (*)(Stage stage);

io::Task<void> on_stage(io::Loop& loop, ClientOptions options, Play play) {
  io::Scope scope(loop);
  ScriptedOrigin origin(loop, scope);
  options.endpoint = origin.endpoint();
  {
    const std::unique_ptr<Client> client = make_client(loop, options);
    co_await play({loop, origin, *client});
    client->close();
    EXPECT_EQ(client->stats().open, 0U);
  }
  EXPECT_EQ(loop.buffers().borrowed_bytes(), 0U);
  origin.close();
  co_await scope.close(io::CancelReason::Requested);
}

// Whether it ended.
bool run(Play play, const ClientOptions& options = {}, io::SimOptions sim = {}) {
  const auto loop = io::make_sim_loop(sim);
  return loop->run([&](io::Loop& on, io::Scope&) { return on_stage(on, options, play); },
                   hours(10));
}

// The seeds with which a play did not end or an expectation in it failed: "", or " 3 7". What
// failed is told where it was expected.
std::string failing_seeds(Play play, const ClientOptions& options = {}, std::uint64_t seeds = 30) {
  const ::testing::TestInfo& test = *::testing::UnitTest::GetInstance()->current_test_info();
  std::string failing;
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    const int told = test.result()->total_part_count();
    const bool ended = run(play, options, {.seed = seed});
    if (!ended || test.result()->total_part_count() != told) failing += " " + std::to_string(seed);
  }
  return failing;
}

io::Task<Got> ask(Client& client, std::string target, Method method = Method::Get) {
  Got got;
  const Field host = field(FieldName::Host, "origin");
  const ClientRequest request{.method = method, .target = target, .fields = {&host, 1}};
  auto response = co_await client.send(request);
  if (!response) {
    got.error = response.error();
    co_return got;
  }
  got.status = (*response)->head().status;
  got.reused = (*response)->reused_connection();
  for (;;) {
    const Result<BodyPiece> piece = co_await (*response)->body().next();
    if (!piece) {
      got.error = piece.error();
      got.in_body = true;
      co_return got;
    }
    const io::ByteView* bytes = std::get_if<io::ByteView>(&*piece);
    if (bytes == nullptr) co_return got;
    EXPECT_FALSE(bytes->empty());
    got.body += io::as_text(*bytes);
  }
}

io::Task<void> ask_into(Client& client, std::string target, Got& got) {
  got = co_await ask(client, std::move(target));
}

std::string sized(const std::string& body, std::string_view fields = "") {
  return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" +
         std::string(fields) + "\r\n" + body;
}

std::string chunked(const std::vector<std::string>& chunks) {
  std::string text = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (const std::string& chunk : chunks) {
    char size[20];
    std::snprintf(size, sizeof size, "%zx\r\n", chunk.size());
    text += size + chunk + "\r\n";
  }
  return text + "0\r\n\r\n";
}

ErrorKind kind(const Got& got) {
  return got.error ? got.error->kind : ErrorKind::Internal;
}

// --- Bodies ---

io::Task<void> gets_bodies(Stage stage) {
  const std::string large = pattern(700'000);
  stage.origin.pages["/small"] = {sized("hello")};
  stage.origin.pages["/large"] = {sized(large)};
  stage.origin.pages["/empty"] = {sized("")};
  stage.origin.pages["/chunked"] = {chunked({"a", large.substr(0, 100'000), "bc"})};
  const Got small = co_await ask(stage.client, "/small");
  EXPECT_EQ(small.status, 200);
  EXPECT_EQ(small.body, "hello");
  EXPECT_FALSE(small.reused);
  const Got got_large = co_await ask(stage.client, "/large");
  EXPECT_TRUE(got_large.body == large);
  EXPECT_TRUE(got_large.reused);
  const Got empty = co_await ask(stage.client, "/empty");
  EXPECT_EQ(empty.body, "");
  EXPECT_FALSE(empty.error);
  const Got in_chunks = co_await ask(stage.client, "/chunked");
  EXPECT_TRUE(in_chunks.body == "a" + large.substr(0, 100'000) + "bc");
  const Got again = co_await ask(stage.client, "/small");
  EXPECT_TRUE(again.reused);
  EXPECT_EQ(stage.origin.connections, 1);
  EXPECT_EQ(stage.origin.requests[0], "GET /small HTTP/1.1\r\nHost: origin\r\n\r\n");
}

TEST(Client, GetsBodiesOnOneConnection) {
  EXPECT_EQ(failing_seeds(gets_bodies), "");
}

io::Task<void> no_bodies(Stage stage) {
  stage.origin.pages["/"] = {"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n"};
  stage.origin.pages["/304"] = {"HTTP/1.1 304 Not Modified\r\nContent-Length: 50\r\n\r\n"};
  stage.origin.pages["/204"] = {"HTTP/1.1 204 No Content\r\n\r\n"};
  const Got head = co_await ask(stage.client, "/", Method::Head);
  EXPECT_FALSE(head.error);
  EXPECT_EQ(head.body, "");
  const Got unmodified = co_await ask(stage.client, "/304");
  EXPECT_EQ(unmodified.status, 304);
  const Got none = co_await ask(stage.client, "/204");
  EXPECT_EQ(none.status, 204);
  EXPECT_TRUE(none.reused);
  EXPECT_EQ(stage.origin.connections, 1);
}

TEST(Client, WaitsForNoBodyWhereNoneBelongs) {
  EXPECT_EQ(failing_seeds(no_bodies), "");
}

io::Task<void> until_close(Stage stage) {
  stage.origin.pages["/"] = {"HTTP/1.1 200 OK\r\n\r\n" + pattern(100'000), Then::Close};
  stage.origin.pages["/reset"] = {"HTTP/1.1 200 OK\r\n\r\nhello", Then::Reset};
  const Got got = co_await ask(stage.client, "/");
  EXPECT_FALSE(got.error);
  EXPECT_TRUE(got.body == pattern(100'000));
  EXPECT_EQ(stage.client.stats().open, 0U);
  const Got reset = co_await ask(stage.client, "/reset");
  EXPECT_EQ(kind(reset), ErrorKind::Closed);
}

TEST(Client, TakesABodyThatEndsWithTheConnection) {
  EXPECT_EQ(failing_seeds(until_close), "");
}

io::Task<void> cut(Stage stage) {
  const std::string whole = sized(pattern(50'000));
  const std::string coded = chunked({pattern(30'000), pattern(20'000)});
  stage.origin.pages["/sized"] = {whole.substr(0, 40'000), Then::Close};
  stage.origin.pages["/chunked"] = {coded.substr(0, coded.size() - 2), Then::Close};
  stage.origin.pages["/reset"] = {whole.substr(0, 40'000), Then::Reset};
  stage.origin.pages["/broken"] = {coded.substr(0, 200) + "\r\n\r\n" + coded.substr(200)};
  stage.origin.pages["/broken"].reply[53] = 'z';
  for (const char* target : {"/sized", "/chunked", "/reset"}) {
    const Got got = co_await ask(stage.client, target);
    EXPECT_EQ(kind(got), ErrorKind::Closed) << target;
    EXPECT_EQ(got.error->source, ErrorSource::Origin);
    EXPECT_LT(got.body.size(), 50'001U);
  }
  const Got broken = co_await ask(stage.client, "/broken");
  EXPECT_EQ(kind(broken), ErrorKind::Protocol);
  EXPECT_EQ(stage.client.stats().open, 0U);
}

TEST(Client, ABodyCutShortIsAnError) {
  EXPECT_EQ(failing_seeds(cut), "");
}

io::Task<void> large_buffers(Stage stage) {
  stage.origin.pages["/"] = {sized(pattern(2'000'000))};
  const Field host = field(FieldName::Host, "origin");
  const ClientRequest request{.target = "/", .fields = {&host, 1}};
  auto response = co_await stage.client.send(request);
  std::uint64_t most = 0;
  for (;;) {
    const Result<BodyPiece> piece = co_await (*response)->body().next();
    if (!piece || std::holds_alternative<BodyEnd>(*piece)) break;
    most = std::max(most, stage.loop.buffers().borrowed_bytes());
  }
  EXPECT_EQ(most, 272U * 1024);
  EXPECT_EQ(stage.loop.buffers().borrowed_bytes(), 16U * 1024);
}

TEST(Client, ALargeBodyTakesOneLargeBufferUntilItsEnd) {
  EXPECT_TRUE(run(large_buffers));
}

struct Received {
  std::string body;
  std::optional<Error> error;
  int straight = 0;  // pieces that were received into the room
  int in_all = 0;
  std::uint64_t buffered_bytes = 0;  // borrowed at most, as such a piece was given
};

// A body read by one who has `room` for each of its pieces.
io::Task<Received> receive(Stage& stage, std::string target, std::size_t room_bytes) {
  Received received;
  std::vector<std::byte> room(room_bytes);
  const Field host = field(FieldName::Host, "origin");
  const ClientRequest request{.target = target, .fields = {&host, 1}};
  auto response = co_await stage.client.send(request);
  if (!response) {
    received.error = response.error();
    co_return received;
  }
  for (;;) {
    const Result<BodyPiece> piece = co_await (*response)->body().next_into(room);
    if (!piece) {
      received.error = piece.error();
      co_return received;
    }
    const io::ByteView* bytes = std::get_if<io::ByteView>(&*piece);
    if (bytes == nullptr) co_return received;
    EXPECT_FALSE(bytes->empty());
    ++received.in_all;
    received.body += io::as_text(*bytes);
    if (bytes->data() != room.data()) continue;
    ++received.straight;
    received.buffered_bytes =
        std::max(received.buffered_bytes, stage.loop.buffers().borrowed_bytes());
  }
}

io::Task<void> received_straight(Stage stage) {
  const std::string large = pattern(700'000);
  const std::string later = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil";
  stage.origin.pages["/"] = {sized(large)};
  stage.origin.pages["/surplus"] = {sized(large) + later};
  stage.origin.pages["/chunked"] = {chunked({large.substr(0, 300'000), large.substr(300'000)})};
  stage.origin.pages["/cut"] = {sized(large).substr(0, 500'000), Then::Close};
  stage.origin.pages["/ok"] = {sized("fine")};
  const Received got = co_await receive(stage, "/", 1 << 20);
  EXPECT_TRUE(got.body == large);
  // What came with the head, and the rest when less than kStraightMin of it is left.
  EXPECT_GT(got.straight, 0);
  EXPECT_GT(got.in_all, got.straight);
  EXPECT_EQ(got.buffered_bytes, 16U * 1024);
  const Received small_room = co_await receive(stage, "/", 1000);
  EXPECT_TRUE(small_room.body == large);
  EXPECT_EQ(small_room.straight, 0);
  const Received coded = co_await receive(stage, "/chunked", 1 << 20);
  EXPECT_TRUE(coded.body == large);
  const Received cut = co_await receive(stage, "/cut", 1 << 20);
  EXPECT_TRUE(cut.error && cut.error->kind == ErrorKind::Closed);
  EXPECT_TRUE(large.starts_with(cut.body));
  const Received surplus = co_await receive(stage, "/surplus", 1 << 20);
  EXPECT_TRUE(surplus.body == large);
  const Result<void> slept = co_await stage.loop.sleep(seconds(1));
  EXPECT_TRUE(slept);
  const Got fine = co_await ask(stage.client, "/ok");
  EXPECT_EQ(fine.body, "fine");
  EXPECT_FALSE(fine.reused);
}

TEST(Client, ReceivesLargeBodiesStraightIntoTheirRoom) {
  EXPECT_EQ(failing_seeds(received_straight), "");
}

// --- Heads ---

io::Task<void> interim(Stage stage) {
  const std::string one = "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n";
  std::string many;
  for (int i = 0; i < 9; ++i) many += one;
  stage.origin.pages["/few"] = {"HTTP/1.1 100 Continue\r\n\r\n" + one + sized("hello")};
  stage.origin.pages["/many"] = {many + sized("hello")};
  const Got few = co_await ask(stage.client, "/few");
  EXPECT_EQ(few.status, 200);
  EXPECT_EQ(few.body, "hello");
  const Got flood = co_await ask(stage.client, "/many");
  EXPECT_EQ(kind(flood), ErrorKind::Protocol);
}

TEST(Client, SkipsAFewInterimResponses) {
  EXPECT_EQ(failing_seeds(interim), "");
}

io::Task<void> heads(Stage stage) {
  stage.origin.pages["/bad"] = {"HTTP/1.1 200 OK\r\nContent-Length: 1, 1\r\n\r\nx"};
  stage.origin.pages["/junk"] = {"SSH-2.0-OpenSSH\r\n\r\n"};
  stage.origin.pages["/long"] = {sized("hello", "X: " + pattern(40'000) + "\r\n")};
  stage.origin.pages["/endless"] = {sized("hello", "X: " + pattern(70'000) + "\r\n")};
  for (const char* target : {"/bad", "/junk", "/endless"}) {
    const Got got = co_await ask(stage.client, target);
    EXPECT_EQ(kind(got), ErrorKind::Protocol) << target;
    EXPECT_EQ(got.status, 0);
  }
  const Got got = co_await ask(stage.client, "/long");
  EXPECT_EQ(got.body, "hello");
}

TEST(Client, RefusesHeadsThatAreNone) {
  EXPECT_EQ(failing_seeds(heads), "");
}

// --- Which connections are used again ---

io::Task<void> not_again(Stage stage) {
  stage.origin.pages["/close"] = {sized("a", "Connection: close\r\n")};
  stage.origin.pages["/surplus"] = {sized("a") +
                                    "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil"};
  stage.origin.pages["/ok"] = {sized("fine")};
  const Got closed = co_await ask(stage.client, "/close");
  EXPECT_EQ(closed.body, "a");
  EXPECT_EQ(stage.client.stats().open, 0U);
  for (int i = 0; i < 5; ++i) {
    const Got surplus = co_await ask(stage.client, "/surplus");
    EXPECT_EQ(surplus.body, "a");
    const Result<void> slept = co_await stage.loop.sleep(seconds(1));
    EXPECT_TRUE(slept);
    const Got fine = co_await ask(stage.client, "/ok");
    EXPECT_EQ(fine.body, "fine");
    EXPECT_FALSE(fine.reused);
    const Result<void> again = co_await stage.loop.sleep(seconds(61));
    EXPECT_TRUE(again);
  }
}

TEST(Client, DoesNotTrustAConnectionThatSaidTooMuch) {
  EXPECT_EQ(failing_seeds(not_again), "");
}

io::Task<void> speaks_unasked(Stage stage) {
  stage.origin.pages["/"] = {.reply = sized("a"), .later = sized("evil")};
  stage.origin.pages["/ok"] = {sized("fine")};
  const Got got = co_await ask(stage.client, "/");
  EXPECT_EQ(got.body, "a");
  EXPECT_EQ(stage.client.stats().idle, 1U);
  const Result<void> slept = co_await stage.loop.sleep(seconds(5));
  EXPECT_TRUE(slept);
  const Got fine = co_await ask(stage.client, "/ok");
  EXPECT_EQ(fine.body, "fine");
  EXPECT_FALSE(fine.reused);
}

TEST(Client, DoesNotTrustAConnectionThatSpeaksUnasked) {
  EXPECT_EQ(failing_seeds(speaks_unasked), "");
}

io::Task<void> dropped(Stage stage) {
  stage.origin.pages["/"] = {sized(pattern(30'000))};
  const Field host = field(FieldName::Host, "origin");
  const ClientRequest request{.target = "/", .fields = {&host, 1}};
  {
    auto unread = co_await stage.client.send(request);
    EXPECT_EQ(stage.client.stats().open, 1U);
    EXPECT_EQ(stage.client.stats().idle, 0U);
  }
  EXPECT_EQ(stage.client.stats().open, 0U);
}

TEST(Client, ADroppedResponseEndsItsConnection) {
  EXPECT_EQ(failing_seeds(dropped), "");
}

io::Task<void> expires(Stage stage) {
  stage.origin.pages["/"] = {sized("a")};
  const Got got = co_await ask(stage.client, "/");
  EXPECT_EQ(got.body, "a");
  EXPECT_EQ(stage.client.stats().idle, 1U);
  const Result<void> before = co_await stage.loop.sleep(seconds(58));
  EXPECT_EQ(stage.client.stats().idle, 1U);
  const Result<void> after = co_await stage.loop.sleep(seconds(4));
  EXPECT_TRUE(before && after);
  EXPECT_EQ(stage.client.stats().open, 0U);
}

TEST(Client, IdleConnectionsExpire) {
  EXPECT_TRUE(run(expires));
}

io::Task<void> dies_idle(Stage stage) {
  stage.origin.pages["/last"] = {sized("a"), Then::Close};
  stage.origin.pages["/ok"] = {sized("fine")};
  const Got last = co_await ask(stage.client, "/last");
  EXPECT_EQ(last.body, "a");
  const Result<void> slept = co_await stage.loop.sleep(seconds(1));
  EXPECT_TRUE(slept);
  const Got fine = co_await ask(stage.client, "/ok");
  EXPECT_EQ(fine.body, "fine");
  EXPECT_FALSE(fine.reused);
  // The second request was never sent on the dead connection.
  EXPECT_EQ(stage.origin.requests.size(), 2U);
}

TEST(Client, AConnectionThatDiedIdleIsNotUsed) {
  EXPECT_EQ(failing_seeds(dies_idle), "");
}

io::Task<void> dies_on_reuse(Stage stage) {
  stage.origin.pages["/ok"] = {sized("fine")};
  stage.origin.pages["/dies"] = {"", Then::Close};
  stage.origin.pages["/resets"] = {"", Then::Reset};
  for (const char* target : {"/dies", "/resets"}) {
    const int before = stage.origin.connections;
    const Got fine = co_await ask(stage.client, "/ok");
    EXPECT_EQ(fine.body, "fine");
    // Once on the used connection, once on a new one, and no more.
    const Got died = co_await ask(stage.client, target);
    EXPECT_EQ(kind(died), ErrorKind::Closed);
    EXPECT_EQ(died.error->retry, Retry::IfIdempotent);
    EXPECT_EQ(stage.origin.connections, before + 2);
    EXPECT_EQ(stage.client.stats().open, 0U);
  }
  const int before = stage.origin.connections;
  const Got fresh = co_await ask(stage.client, "/dies");
  EXPECT_EQ(kind(fresh), ErrorKind::Closed);
  EXPECT_EQ(stage.origin.connections, before + 1);
}

TEST(Client, AUsedConnectionThatDiesIsReplacedOnce) {
  EXPECT_EQ(failing_seeds(dies_on_reuse), "");
}

io::Task<void> replaced(Stage stage) {
  stage.origin.pages["/last"] = {sized("a"), Then::Close};
  stage.origin.pages["/ok"] = {sized("fine")};
  for (int i = 0; i < 20; ++i) {
    const Got last = co_await ask(stage.client, "/last");
    const Got fine = co_await ask(stage.client, "/ok");  // races with the origin's end
    EXPECT_EQ(last.body, "a");
    EXPECT_EQ(fine.body, "fine");
  }
}

TEST(Client, ARaceWithTheOriginsCloseIsNotSeen) {
  EXPECT_EQ(failing_seeds(replaced), "");
}

// --- Time ---

io::Task<void> late(Stage stage) {
  stage.origin.pages["/silent"] = {"", Then::Silence};
  stage.origin.pages["/half"] = {sized("hello").substr(0, 20), Then::Silence};
  stage.origin.pages["/stalls"] = {sized(pattern(1000)).substr(0, 500), Then::Silence};
  for (const char* target : {"/silent", "/half"}) {
    const SteadyTime start = stage.loop.now();
    const Got got = co_await ask(stage.client, target);
    EXPECT_EQ(kind(got), ErrorKind::Timeout);
    EXPECT_EQ(got.error->source, ErrorSource::Origin);
    EXPECT_GE(stage.loop.now() - start, seconds(10));
    EXPECT_LT(stage.loop.now() - start, seconds(11));
  }
  const SteadyTime start = stage.loop.now();
  const Got stalled = co_await ask(stage.client, "/stalls");
  EXPECT_EQ(kind(stalled), ErrorKind::Timeout);
  EXPECT_TRUE(stalled.in_body);
  EXPECT_LT(stage.loop.now() - start, seconds(22));
  EXPECT_EQ(stage.client.stats().open, 0U);
}

TEST(Client, DeadlinesEndWhatIsLate) {
  EXPECT_EQ(failing_seeds(late, {}, 10), "");
}

// A byte now and then is no progress.
io::Task<void> drips(Stage stage) {
  stage.origin.pages["/drip"] = {.reply = sized(pattern(1000)), .every = seconds(1)};
  stage.origin.pages["/slow"] = {.reply = sized(pattern(2'000'000)), .every = seconds(1)};
  const SteadyTime start = stage.loop.now();
  stage.origin.step = 1;
  const Got dripped = co_await ask(stage.client, "/drip");
  EXPECT_EQ(kind(dripped), ErrorKind::Timeout);
  EXPECT_LT(stage.loop.now() - start, seconds(80));
  stage.origin.step = 10'000;
  const Got slow = co_await ask(stage.client, "/slow");
  EXPECT_TRUE(slow.body == pattern(2'000'000));
}

TEST(Client, AByteNowAndThenIsAStall) {
  ClientOptions options;
  options.first_byte = seconds(60);
  EXPECT_EQ(failing_seeds(drips, options, 3), "");
}

io::Task<void> nobody(Stage stage) {
  stage.origin.close();
  const Got got = co_await ask(stage.client, "/");
  EXPECT_EQ(kind(got), ErrorKind::Unreachable);
  EXPECT_EQ(got.error->retry, Retry::Always);
  EXPECT_EQ(got.error->source, ErrorSource::Origin);
  EXPECT_EQ(stage.client.stats().open, 0U);
}

TEST(Client, AnOriginThatIsNotThereIsUnreachable) {
  EXPECT_EQ(failing_seeds(nobody, {}, 5), "");
}

// --- The bound ---

io::Task<void> waits_its_turn(Stage stage) {
  stage.origin.pages["/slow"] = {.reply = sized("slow"), .before = seconds(1)};
  std::vector<Got> got(6);
  io::Scope scope(stage.loop);
  for (Got& one : got) {
    scope.spawn(ask_into(stage.client, "/slow", one));
    const Result<void> slept = co_await stage.loop.sleep(milliseconds(50));
    EXPECT_TRUE(slept);
  }
  EXPECT_EQ(stage.client.stats().open, 2U);
  EXPECT_EQ(stage.client.stats().waiting, 4U);
  co_await scope.join();
  for (std::size_t i = 0; i < 4; ++i) EXPECT_EQ(got[i].body, "slow") << i;
  // The last two would have had to wait for longer than `connect`.
  for (std::size_t i = 4; i < 6; ++i) {
    EXPECT_EQ(kind(got[i]), ErrorKind::Limit) << i;
    EXPECT_EQ(got[i].error->retry, Retry::Always);
  }
  EXPECT_EQ(stage.origin.connections, 2);
}

TEST(Client, RequestsBeyondTheBoundWaitTheirTurn) {
  ClientOptions options;
  options.max_connections = 2;
  options.connect = milliseconds(1500);
  EXPECT_EQ(failing_seeds(waits_its_turn, options, 10), "");
}

io::Task<void> many_at_once(Stage stage) {
  stage.origin.pages["/"] = {sized(pattern(5000))};
  stage.origin.pages["/bad"] = {sized("x").substr(0, 10), Then::Close};
  std::vector<Got> got(60);
  io::Scope scope(stage.loop);
  for (std::size_t i = 0; i < got.size(); ++i) {
    scope.spawn(ask_into(stage.client, i % 7 == 0 ? "/bad" : "/", got[i]));
  }
  co_await scope.join();
  for (std::size_t i = 0; i < got.size(); ++i) {
    if (i % 7 == 0) {
      EXPECT_EQ(kind(got[i]), ErrorKind::Closed);
    } else {
      EXPECT_TRUE(got[i].body == pattern(5000));
    }
  }
  EXPECT_LE(stage.client.stats().open, 3U);
  EXPECT_EQ(stage.client.stats().waiting, 0U);
}

TEST(Client, APlaceIsPassedOnWhateverBecomesOfItsRequest) {
  ClientOptions options;
  options.max_connections = 3;
  options.connect = seconds(300);
  EXPECT_EQ(failing_seeds(many_at_once, options), "");
}

io::Task<void> nobody_for_many(Stage stage) {
  stage.origin.close();
  std::vector<Got> got(5);
  io::Scope scope(stage.loop);
  const SteadyTime start = stage.loop.now();
  for (Got& one : got) scope.spawn(ask_into(stage.client, "/", one));
  co_await scope.join();
  for (const Got& one : got) EXPECT_EQ(kind(one), ErrorKind::Unreachable);
  EXPECT_LT(stage.loop.now() - start, seconds(1));
}

TEST(Client, AFailedConnectPassesItsPlaceOn) {
  ClientOptions options;
  options.max_connections = 1;
  EXPECT_EQ(failing_seeds(nobody_for_many, options, 10), "");
}

io::Task<void> cancelled(Stage stage) {
  stage.origin.pages["/silent"] = {"", Then::Silence};
  std::vector<Got> got(3);
  io::Scope scope(stage.loop);
  for (Got& one : got) scope.spawn(ask_into(stage.client, "/silent", one));
  const Result<void> slept = co_await stage.loop.sleep(seconds(1));
  EXPECT_TRUE(slept);
  const SteadyTime start = stage.loop.now();
  co_await scope.close(io::CancelReason::ClientGone);
  EXPECT_LT(stage.loop.now() - start, milliseconds(100));
  for (const Got& one : got) EXPECT_EQ(kind(one), ErrorKind::Cancelled);
  EXPECT_EQ(stage.client.stats().open, 0U);
}

TEST(Client, CancellationEndsTheConnection) {
  ClientOptions options;
  options.max_connections = 2;
  EXPECT_EQ(failing_seeds(cancelled, options), "");
}

// --- Whatever happens ---

io::Task<void> chaos(Stage stage) {
  stage.origin.pages["/sized"] = {sized(pattern(100'000))};
  stage.origin.pages["/chunked"] = {chunked({pattern(3000), pattern(1), pattern(40'000)})};
  const std::string decoded = pattern(3000) + pattern(1) + pattern(40'000);
  for (int i = 0; i < 20; ++i) {
    const Got got = co_await ask(stage.client, i % 2 == 0 ? "/sized" : "/chunked");
    const std::string wanted = i % 2 == 0 ? pattern(100'000) : decoded;
    EXPECT_TRUE(wanted.starts_with(got.body));
    if (!got.error) {
      EXPECT_TRUE(got.body == wanted);
    }
  }
}

TEST(Client, ABodyIsRightOrAnError) {
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    const io::SimOptions sim{.seed = seed, .reset = 3, .vanish = seed % 4 == 0 ? 1U : 0U};
    EXPECT_TRUE(run(chaos, {}, sim)) << seed;
  }
}

}  // namespace
}  // namespace yata::http
