#include "http/serve.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "http/testing/site.h"
#include "http/testing/talk.h"
#include "io/scope.h"
#include "io/sim.h"

namespace yata::http {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

struct Scene {
  ServeLimits limits;
  ServeTimeouts timeouts;
  io::SimOptions sim;
  std::uint64_t file_bytes = 0;
};

// What a client heard, and what the site saw of it.
struct Told {
  std::string text;    // without Date fields
  bool ended = false;  // in order, and not by a reset
  Duration took{};
  std::vector<std::string> seen;
  std::vector<std::string> rejections;
  std::vector<std::string> cancelled;
  std::vector<std::string> results;
  std::vector<std::string> body_errors;
};

std::string without_dates(std::string text) {
  for (std::size_t at = 0; (at = text.find("Date: ", at)) != std::string::npos;) {
    text.erase(at, text.find("\r\n", at) + 2 - at);
  }
  return text;
}

io::Task<void> say_all(io::Stream& stream, const std::string& text) {
  co_await say(stream, text);
}

// Serves one connection while `client` plays the other side.
using ClientPart = io::Task<Heard> (*)(io::Loop&, io::Stream&, const std::string&,
                                       ConnectionControl&);

struct Play {
  const Scene* scene;
  const std::string* request;
  ClientPart client;
  Told* told;
};

io::Task<void> play(io::Loop& loop, Play parts) {
  StreamPair pair = co_await connected_pair(loop);
  auto directory = loop.open_directory("/root");
  std::unique_ptr<io::File> file;
  if (parts.scene->file_bytes > 0) {
    auto opened = co_await (*directory)->open("file");
    file = *std::move(opened);
  }
  Site site(loop);
  site.file = file.get();
  ConnectionControl control;
  io::Scope serving(loop);
  const SteadyTime start = loop.now();
  serving.spawn(serve(loop, std::move(pair.server), site, parts.scene->limits,
                      parts.scene->timeouts, control));
  const Heard heard = co_await parts.client(loop, *pair.client, *parts.request, control);
  parts.told->took = loop.now() - start;
  pair.client->close();
  co_await serving.join();
  parts.told->text = without_dates(heard.text);
  parts.told->ended = heard.ended;
  parts.told->seen = site.seen;
  parts.told->rejections = site.rejections;
  parts.told->cancelled = site.cancelled;
  parts.told->results = site.results;
  parts.told->body_errors = site.body_errors;
}

// Says the request and hears to the end.
io::Task<Heard> usual(io::Loop& loop, io::Stream& stream, const std::string& request,
                      ConnectionControl& /*control*/) {
  io::Scope saying(loop);
  saying.spawn(say_all(stream, request));
  Heard heard = co_await hear(stream, SIZE_MAX, loop.now() + hours(1));
  stream.close();
  co_await saying.join();
  co_return heard;
}

Told told(const std::string& request, const Scene& scene = {}, ClientPart client = usual) {
  Told told;
  const auto loop = io::make_sim_loop(scene.sim);
  if (scene.file_bytes > 0) {
    loop->add_file("/root", "file", pattern(scene.file_bytes));
  } else {
    loop->add_file("/root", "none", "");
  }
  const Play parts{&scene, &request, client, &told};
  const bool done = loop->run([&](io::Loop& on, io::Scope&) { return play(on, parts); }, hours(10));
  EXPECT_TRUE(done) << request.substr(0, 200);
  return told;
}

Scene seeded(std::uint64_t seed) {
  Scene scene;
  scene.sim.seed = seed;
  return scene;
}

std::string get(std::string_view path, std::string_view fields = "") {
  return "GET " + std::string(path) + " HTTP/1.1\r\nHost: a\r\n" + std::string(fields) + "\r\n";
}
std::string last(std::string_view path) {
  return get(path, "Connection: close\r\n");
}
std::string ok(const std::string& body, std::string_view fields = "") {
  return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" +
         std::string(fields) + "\r\n" + body;
}
std::string ok_last(const std::string& body) {
  return ok(body, "Connection: close\r\n");
}
const std::string kRefused = "Content-Length: 7\r\nConnection: close\r\n\r\nrefused";

using Strings = std::vector<std::string>;

TEST(Serve, AnswersARequest) {
  const Told heard = told(last("/bytes/5"));
  EXPECT_EQ(heard.text, ok_last(pattern(5)));
  EXPECT_TRUE(heard.ended);
  EXPECT_EQ(heard.seen, Strings{"GET /bytes/5"});
  EXPECT_EQ(heard.results, Strings{"ok"});
}

TEST(Serve, AnswersPipelinedRequestsInOrder) {
  const std::string request = get("/bytes/3") + get("/chunked/1500") + get("/status/404") +
                              get("/bytes/70000") + last("/bytes/1");
  std::string wanted = ok(pattern(3));
  wanted += "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3e8\r\n" +
            pattern(1500).substr(0, 1000) + "\r\n1f4\r\n" + pattern(1500).substr(1000) +
            "\r\n0\r\n\r\n";
  wanted += "HTTP/1.1 404 Not Found\r\nContent-Length: 3\r\n\r\n" + pattern(3);
  wanted += ok(pattern(70000)) + ok_last(pattern(1));
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    const Told heard = told(request, seeded(seed));
    EXPECT_EQ(heard.text, wanted) << seed;
    EXPECT_TRUE(heard.ended) << seed;
  }
}

TEST(Serve, AnswersAFloodOfPipelinedRequests) {
  std::string request;
  std::string wanted;
  for (int i = 0; i < 2000; ++i) {
    request += get("/bytes/" + std::to_string(i % 50));
    wanted += ok(pattern(i % 50));
  }
  const Told heard = told(request + last("/bytes/1"), seeded(7));
  EXPECT_EQ(heard.text, wanted + ok_last(pattern(1)));
}

TEST(Serve, SendsNoBodyWhereNoneBelongs) {
  const std::string head = "HEAD /bytes/9 HTTP/1.1\r\nHost: a\r\n\r\n";
  const Told heard = told(head + get("/status/304") + get("/status/204") + last("/bytes/1"));
  EXPECT_EQ(heard.text,
            "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n"
            "HTTP/1.1 304 Not Modified\r\nContent-Length: 3\r\n\r\n"
            "HTTP/1.1 204 No Content\r\n\r\n" +
                ok_last(pattern(1)));
}

TEST(Serve, SendsFiles) {
  Scene scene;
  scene.file_bytes = 3'000'000;
  const Told heard = told(last("/file/2500000"), scene);
  EXPECT_EQ(heard.text, ok_last(pattern(3'000'000).substr(0, 2'500'000)));
}

TEST(Serve, ClosesAfterConnectionClose) {
  const Told heard = told(last("/bytes/2") + get("/bytes/3"));
  EXPECT_EQ(heard.text, ok_last(pattern(2)));
  EXPECT_EQ(heard.seen.size(), 1U);
  EXPECT_TRUE(heard.ended);
}

// --- Answers that fail ---

TEST(Serve, CutsAnAnswerWhoseBodyFails) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const Told heard = told(get("/cut/5000"), seeded(seed));
    EXPECT_FALSE(heard.ended);
    EXPECT_LT(heard.text.size(), 6000U);
    EXPECT_EQ(heard.results, Strings{"closed"});
  }
}

TEST(Serve, CutsAnAnswerShorterThanPromised) {
  const Told heard = told(get("/short/5000"));
  EXPECT_FALSE(heard.ended);
  EXPECT_EQ(heard.results, Strings{"internal"});
}

TEST(Serve, CutsAnAnswerLongerThanPromised) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const Told heard = told(get("/long/5000"), seeded(seed));
    EXPECT_FALSE(heard.ended);
    // What is too much was not sent.
    EXPECT_LT(heard.text.size(), ok(pattern(5000)).size());
    EXPECT_EQ(heard.results, Strings{"internal"});
  }
}

TEST(Serve, ClosesWhenTheHandlerDoesNotAnswer) {
  const Told heard = told(get("/silent") + get("/bytes/1"));
  EXPECT_EQ(heard.text, "");
  EXPECT_EQ(heard.seen.size(), 1U);
}

// --- Request bodies ---

std::string post(std::string_view path, const std::string& body, std::string_view fields = "") {
  return "PUT " + std::string(path) +
         " HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" +
         std::string(fields) + "\r\n" + body;
}

std::string post_chunked(std::string_view path, const Strings& chunks) {
  std::string text =
      "PUT " + std::string(path) + " HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (const std::string& chunk : chunks) {
    char size[20];
    std::snprintf(size, sizeof size, "%zx\r\n", chunk.size());
    text += size + chunk + "\r\n";
  }
  return text + "0\r\n\r\n";
}

TEST(Serve, GivesRequestBodiesToTheHandler) {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    const std::string large = pattern(300'000, seed);
    const std::string request = post("/echo", "hello") + post("/echo", "") + post("/echo", large) +
                                post_chunked("/echo", {"ab", large.substr(0, 5000), "c"}) +
                                last("/bytes/1");
    const Told heard = told(request, seeded(seed));
    EXPECT_EQ(heard.text, ok("hello") + ok("") + ok(large) +
                              ok("ab" + large.substr(0, 5000) + "c") + ok_last(pattern(1)))
        << seed;
  }
}

TEST(Serve, DropsBodiesThatNobodyRead) {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    const std::string request = post("/bytes/1", pattern(100'000)) +
                                post_chunked("/bytes/2", {pattern(5000), "x"}) + last("/bytes/3");
    const Told heard = told(request, seeded(seed));
    EXPECT_EQ(heard.text, ok(pattern(1)) + ok(pattern(2)) + ok_last(pattern(3))) << seed;
  }
}

TEST(Serve, ForgivesAnEmptyLineAfterABody) {
  const Told heard = told(post("/echo", "a") + "\r\n" + last("/bytes/1"));
  EXPECT_EQ(heard.text, ok("a") + ok_last(pattern(1)));
}

TEST(Serve, RefusesABodyDeclaredTooLarge) {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    Scene scene = seeded(seed);
    scene.limits.body_bytes = 1000;
    const Told heard = told(post("/echo", pattern(50'000)), scene);
    EXPECT_EQ(heard.text, "HTTP/1.1 413 Content Too Large\r\n" + kRefused) << seed;
    EXPECT_TRUE(heard.ended) << seed;
    EXPECT_EQ(heard.rejections, Strings{"413 body_too_large"});
    EXPECT_TRUE(heard.seen.empty());
  }
}

TEST(Serve, StopsAChunkedBodyThatGrowsTooLarge) {
  Scene scene;
  scene.limits.body_bytes = 1000;
  const Told heard = told(post_chunked("/echo", {pattern(600), pattern(600)}), scene);
  EXPECT_EQ(heard.body_errors, Strings{"limit"});
  EXPECT_TRUE(heard.text.starts_with("HTTP/1.1 413 ")) << heard.text;
  EXPECT_TRUE(heard.ended);
}

TEST(Serve, ClosesAfterAnUnreadChunkedBodyThatIsTooLarge) {
  Scene scene;
  scene.limits.body_bytes = 1000;
  const Told heard =
      told(post_chunked("/bytes/1", {pattern(600), pattern(600)}) + get("/bytes/2"), scene);
  EXPECT_EQ(heard.text, ok(pattern(1)));
  EXPECT_TRUE(heard.ended);
}

TEST(Serve, RefusesABrokenChunkedBody) {
  const Told heard =
      told("PUT /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n");
  EXPECT_EQ(heard.body_errors, Strings{"protocol"});
}

io::Task<Heard> waits_for_a_word(io::Loop& /*loop*/, io::Stream& stream, const std::string& request,
                                 ConnectionControl& /*control*/) {
  co_await say(stream, request);
  const Heard word = co_await hear_until(stream, "\r\n\r\n");
  EXPECT_EQ(word.text, "HTTP/1.1 100 Continue\r\n\r\n");
  const std::string rest = "hello" + last("/bytes/1");
  co_await say(stream, rest);
  Heard heard = co_await hear(stream);
  co_return heard;
}

TEST(Serve, AsksForAnAwaitedBodyWhenTheHandlerWantsIt) {
  const Told heard =
      told("PUT /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n", {},
           waits_for_a_word);
  EXPECT_EQ(heard.text, ok("hello") + ok_last(pattern(1)));
}

TEST(Serve, ClosesWhenAnAwaitedBodyWasNotAskedFor) {
  const Told heard =
      told("PUT /bytes/2 HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(heard.text, ok_last(pattern(2)));
  EXPECT_TRUE(heard.ended);
}

// --- Refusals ---

TEST(Serve, RefusesWhatIsNoRequestAndLingers) {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    // The bytes behind the bad request would turn a plain close into a reset.
    const Told heard = told("GET / HTTP/1.1\r\nHost : a\r\n\r\n" + pattern(100'000), seeded(seed));
    EXPECT_EQ(heard.text, "HTTP/1.1 400 Bad Request\r\n" + kRefused) << seed;
    EXPECT_TRUE(heard.ended) << seed;
    EXPECT_EQ(heard.rejections.size(), 1U);
    EXPECT_TRUE(heard.seen.empty());
  }
}

TEST(Serve, RefusesAHeadThatIsTooLarge) {
  Scene scene;
  scene.limits.header_bytes = 5000;
  const Told heard = told(get("/", "X: " + pattern(6000) + "\r\n"), scene);
  EXPECT_TRUE(heard.text.starts_with("HTTP/1.1 431 ")) << heard.text;
  EXPECT_TRUE(heard.ended);
}

TEST(Serve, TakesAHeadLargerThanItsOwnBuffer) {
  const Told heard = told(get("/bytes/2", "X: " + pattern(30'000) + "\r\n") + last("/bytes/1"));
  EXPECT_EQ(heard.text, ok(pattern(2)) + ok_last(pattern(1)));
}

// --- Time ---

io::Task<Heard> drip(io::Loop& loop, io::Stream& stream, const std::string& request,
                     ConnectionControl& /*control*/) {
  for (const char c : request) {
    const std::string one(1, c);
    const bool said = co_await say(stream, one);
    if (!said) break;
    const Result<void> slept = co_await loop.sleep(seconds(1));
    if (!slept) break;
    const Heard early = co_await hear(stream, SIZE_MAX, loop.now() + milliseconds(1));
    if (!early.text.empty() || early.ended) {
      Heard rest = co_await hear(stream);
      rest.text = early.text + rest.text;
      co_return rest;
    }
  }
  Heard rest = co_await hear(stream);
  co_return rest;
}

TEST(Serve, ASlowHeadIsRefusedInTime) {
  Scene scene;
  scene.sim.delay = 0;
  const Told heard = told(get("/bytes/1"), scene, drip);
  EXPECT_EQ(heard.text, "HTTP/1.1 408 Request Timeout\r\n" + kRefused);
  EXPECT_EQ(heard.rejections, Strings{"408 header_timeout"});
  EXPECT_GE(heard.took, seconds(10));
  EXPECT_LT(heard.took, seconds(13));
}

TEST(Serve, AnIdleConnectionEndsSilently) {
  const Told heard = told(get("/bytes/1"));
  EXPECT_EQ(heard.text, ok(pattern(1)));
  EXPECT_TRUE(heard.ended);
  EXPECT_GE(heard.took, seconds(60));
  EXPECT_LT(heard.took, seconds(61));
  EXPECT_TRUE(heard.rejections.empty());
}

TEST(Serve, ABodyThatStallsFailsInTime) {
  const Told heard = told("PUT /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 50\r\n\r\nabc");
  EXPECT_EQ(heard.body_errors, Strings{"timeout"});
  EXPECT_GE(heard.took, seconds(30));
  EXPECT_LT(heard.took, seconds(35));
}

io::Task<Heard> drips_a_body(io::Loop& loop, io::Stream& stream, const std::string& request,
                             ConnectionControl& control) {
  co_await say(stream, request);
  const Heard heard = co_await drip(loop, stream, pattern(1000), control);
  co_return heard;
}

// A byte now and then is no progress.
TEST(Serve, ABodyThatDripsFailsInTime) {
  const Told heard =
      told("PUT /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n", {}, drips_a_body);
  EXPECT_EQ(heard.body_errors, Strings{"timeout"});
  EXPECT_LT(heard.took, seconds(45));
}

io::Task<Heard> never_reads(io::Loop& loop, io::Stream& stream, const std::string& request,
                            ConnectionControl& /*control*/) {
  co_await say(stream, request);
  const Result<void> slept = co_await loop.sleep(seconds(100));
  EXPECT_TRUE(slept);
  Heard heard = co_await hear(stream);
  co_return heard;
}

TEST(Serve, AClientThatTakesNothingIsCut) {
  const Told heard = told(get("/bytes/1000000"), {}, never_reads);
  EXPECT_EQ(heard.results, Strings{"timeout"});
  EXPECT_FALSE(heard.ended);
}

// --- Clients that leave ---

io::Task<Heard> leaves(io::Loop& loop, io::Stream& stream, const std::string& request,
                       ConnectionControl& control) {
  co_await say(stream, request);
  while (control.state != ConnectionState::Serving) {
    const Result<void> slept = co_await loop.sleep(milliseconds(1));
    if (!slept) break;
  }
  stream.close();
  co_return Heard{};
}

TEST(Serve, AClientThatLeavesCancelsTheHandler) {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    const Told heard = told(get("/never"), seeded(seed), leaves);
    EXPECT_EQ(heard.cancelled, Strings{"client left"}) << seed;
  }
}

TEST(Serve, AClientThatLeavesMidAnswerCancelsIt) {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    const Told heard = told(get("/bytes/1000000"), seeded(seed), leaves);
    EXPECT_EQ(heard.results.size(), 1U) << seed;
    EXPECT_NE(heard.results, Strings{"ok"}) << seed;
  }
}

// --- Draining ---

io::Task<Heard> asks_while_draining(io::Loop& /*loop*/, io::Stream& stream,
                                    const std::string& request, ConnectionControl& control) {
  co_await say(stream, request);
  const Heard first = co_await hear(stream, without_dates(ok(pattern(1))).size() + 37);
  EXPECT_EQ(without_dates(first.text), ok(pattern(1)));
  EXPECT_EQ(control.state, ConnectionState::Idle);
  control.draining = true;
  co_await say(stream, request);
  Heard second = co_await hear(stream);
  co_return second;
}

TEST(Serve, SaysCloseWhenDraining) {
  Scene scene;
  scene.sim.delay = 0;
  const Told heard = told(get("/bytes/1"), scene, asks_while_draining);
  EXPECT_EQ(heard.text, ok_last(pattern(1)));
  EXPECT_TRUE(heard.ended);
}

// --- Whatever happens ---

// Chaos may cut an answer, never change it.
TEST(Serve, AnswersAreRightOrVisiblyCut) {
  const std::string request = get("/bytes/3000") + get("/chunked/5000") + post("/echo", "hello") +
                              post("/bytes/7", pattern(9000)) + get("/file/80000") +
                              last("/bytes/10");
  Scene scene;
  scene.file_bytes = 100'000;
  const Told calm = told(request, scene);
  ASSERT_EQ(calm.results.size(), 6U);
  int cut = 0;
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    scene.sim.seed = seed;
    scene.sim.reset = seed % 3 == 0 ? 10 : 0;
    scene.sim.vanish = seed % 5 == 0 ? 5 : 0;
    const Told heard = told(request, scene);
    ASSERT_TRUE(calm.text.starts_with(heard.text)) << seed;
    if (heard.ended) {
      EXPECT_EQ(heard.text, calm.text) << seed;
    }
    cut += heard.text == calm.text ? 0 : 1;
    for (std::size_t i = 0; i < heard.seen.size(); ++i) EXPECT_EQ(heard.seen[i], calm.seen[i]);
  }
  EXPECT_GT(cut, 10);
}

}  // namespace
}  // namespace yata::http
