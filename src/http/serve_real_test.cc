// The serving connection and the client against each other, through the machine's own sockets.
#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "http/client.h"
#include "http/serve.h"
#include "http/testing/site.h"
#include "http/testing/talk.h"
#include "io/real_loop.h"
#include "io/scope.h"

namespace yata::http {
namespace {

using std::chrono::seconds;

void run_real(const std::function<io::Task<void>(io::Loop&, io::Scope&)>& main) {
  const SystemClock clock;
  io::Loops loops({.threads = 1}, clock);
  loops.run(main);
}

// Serves whatever connects until closed.
class Origin {
 public:
  explicit Origin(io::Loop& loop)
      : site(loop),
        loop_(&loop),
        listener_(*loop.listen({.address = *io::parse_address("127.0.0.1:0")})),
        scope_(loop) {
    scope_.spawn(accept_all());
  }
  io::Endpoint endpoint() const { return {"127.0.0.1", listener_->address().port}; }
  io::Task<void> close() {
    listener_->close();
    co_await scope_.close(io::CancelReason::Requested);
  }

  Site site;
  int connections = 0;

 private:
  io::Task<void> accept_all() {
    for (;;) {
      auto accepted = co_await listener_->accept();
      if (!accepted) co_return;
      ++connections;
      scope_.spawn(serve_one(std::move(*accepted)));
    }
  }
  io::Task<void> serve_one(StreamPtr stream) {
    ConnectionControl control;
    co_await serve(*loop_, std::move(stream), site, limits_, timeouts_, control);
  }

  io::Loop* loop_;
  std::unique_ptr<io::Listener> listener_;
  const ServeLimits limits_;
  const ServeTimeouts timeouts_;
  io::Scope scope_;
};

struct Got {
  std::string body;
  bool whole = false;
};

io::Task<void> ask(Client& client, std::string target, Got& got) {
  const Field host = field(FieldName::Host, "origin");
  const ClientRequest request{.target = target, .fields = {&host, 1}};
  auto response = co_await client.send(request);
  if (!response) co_return;
  for (;;) {
    const Result<BodyPiece> piece = co_await (*response)->body().next();
    if (!piece) co_return;
    const io::ByteView* bytes = std::get_if<io::ByteView>(&*piece);
    if (bytes == nullptr) break;
    got.body += io::as_text(*bytes);
  }
  got.whole = true;
}

io::Task<void> many_bodies(io::Loop& loop) {
  Origin origin(loop);
  ClientOptions options;
  options.endpoint = origin.endpoint();
  options.max_connections = 8;
  options.connect = seconds(60);
  const std::unique_ptr<Client> client = make_client(loop, options);
  const std::vector<std::string> targets = {"/bytes/10",     "/chunked/50000", "/bytes/3000000",
                                            "/cut/100000",   "/chunked/1000",  "/status/404",
                                            "/short/300000", "/bytes/0"};
  std::vector<Got> got(targets.size() * 25);
  io::Scope scope(loop);
  for (std::size_t i = 0; i < got.size(); ++i) {
    scope.spawn(ask(*client, targets[i % targets.size()], got[i]));
  }
  co_await scope.join();
  for (std::size_t i = 0; i < got.size(); ++i) {
    const std::string& target = targets[i % targets.size()];
    const bool cut = target.starts_with("/cut") || target.starts_with("/short");
    EXPECT_EQ(got[i].whole, !cut) << target;
    std::size_t bytes = std::stoul(target.substr(target.rfind('/') + 1));
    if (target == "/status/404") bytes = 3;
    if (cut) {
      EXPECT_TRUE(pattern(bytes).starts_with(got[i].body)) << target;
    } else {
      EXPECT_TRUE(got[i].body == pattern(bytes)) << target;
    }
  }
  // Whatever was cut took its connection with it; all else was on kept ones.
  EXPECT_LE(origin.connections, 8 + 50);
  client->close();
  co_await origin.close();
}

TEST(HttpOnSockets, ManyBodiesOnFewConnections) {
  run_real([](io::Loop& loop, io::Scope&) { return many_bodies(loop); });
}

io::Task<void> a_large_file(io::Loop& loop, std::string folder) {
  Origin origin(loop);
  auto directory = loop.open_directory(folder);
  auto file = co_await (*directory)->open("large");
  origin.site.file = file->get();
  ClientOptions options;
  options.endpoint = origin.endpoint();
  const std::unique_ptr<Client> client = make_client(loop, options);
  for (int i = 0; i < 2; ++i) {
    Got got;
    co_await ask(*client, "/file/5000000", got);
    EXPECT_TRUE(got.whole);
    EXPECT_TRUE(got.body == pattern(5'000'000));
  }
  // Longer than the file is.
  Got cut;
  co_await ask(*client, "/file/6000000", cut);
  EXPECT_FALSE(cut.whole);
  client->close();
  co_await origin.close();
}

TEST(HttpOnSockets, FilesAreSentAsTheyAre) {
  std::string folder = (std::filesystem::temp_directory_path() / "yata-http-XXXXXX").string();
  ASSERT_NE(::mkdtemp(folder.data()), nullptr);
  std::ofstream(folder + "/large") << pattern(5'000'000);
  run_real([&](io::Loop& loop, io::Scope&) { return a_large_file(loop, folder); });
  std::filesystem::remove_all(folder);
}

io::Task<void> leaving(io::Loop& loop) {
  Origin origin(loop);
  auto stream = co_await loop.connect(origin.endpoint(), kNever);
  const bool said = co_await say(**stream, "GET /never HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_TRUE(said);
  while (origin.site.seen.empty()) {
    const Result<void> slept = co_await loop.sleep(std::chrono::milliseconds(1));
    EXPECT_TRUE(slept);
  }
  (*stream)->close();
  const SteadyTime deadline = loop.now() + seconds(5);
  while (origin.site.cancelled.empty() && loop.now() < deadline) {
    const Result<void> slept = co_await loop.sleep(std::chrono::milliseconds(1));
    EXPECT_TRUE(slept);
  }
  EXPECT_EQ(origin.site.cancelled, std::vector<std::string>{"client left"});
  co_await origin.close();
}

TEST(HttpOnSockets, AClientThatLeavesCancelsTheHandler) {
  run_real([](io::Loop& loop, io::Scope&) { return leaving(loop); });
}

// Without lingering, the bytes nobody reads would make the kernel reset the connection, and the
// client would lose the refusal.
io::Task<void> refused(io::Loop& loop) {
  Origin origin(loop);
  for (int i = 0; i < 20; ++i) {
    auto stream = co_await loop.connect(origin.endpoint(), kNever);
    const std::string request =
        "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 999999999\r\n\r\n" + pattern(300'000);
    io::Scope saying(loop);
    const bool said = co_await say(**stream, request);
    EXPECT_TRUE(said);
    const Heard heard = co_await hear(**stream);
    EXPECT_TRUE(heard.text.starts_with("HTTP/1.1 413 "));
    EXPECT_TRUE(heard.ended);
  }
  co_await origin.close();
}

TEST(HttpOnSockets, ARefusalReachesAClientThatStillSends) {
  run_real([](io::Loop& loop, io::Scope&) { return refused(loop); });
}

}  // namespace
}  // namespace yata::http
