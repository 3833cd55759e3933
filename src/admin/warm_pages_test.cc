#include "admin/warm_pages.h"

#include <gtest/gtest.h>

#include <map>

#include "admin/site.h"
#include "admin/testing/fake_exchange.h"

namespace yata::admin {
namespace {

using cache::Brought;
using std::chrono::milliseconds;
using std::chrono::seconds;

// Keys page by page, then an error or the end.
class FakeListing final : public origin::Listing {
 public:
  FakeListing(std::vector<std::vector<std::string>> pages, int failures, Retry retry)
      : pages_(std::move(pages)), failures_(failures), retry_(retry) {}
  io::Task<Result<std::vector<std::string>>> next() override {
    if (failures_-- > 0)
      co_return Error{ErrorKind::Unavailable, ErrorSource::Origin, retry_, "busy"};
    if (at_ == pages_.size()) co_return std::vector<std::string>();
    co_return pages_[at_++];
  }

 private:
  std::vector<std::vector<std::string>> pages_;
  std::size_t at_ = 0;
  int failures_;
  Retry retry_;
};

// A house whose objects take 10 ms each.
struct Scene {
  explicit Scene(io::Loop& on)
      : loop(&on),
        jobs({.loop = loop,
              .bring = [this](std::uint32_t bucket,
                              std::string key) { return bring(bucket, std::move(key)); },
              .list = [this](std::uint32_t,
                             const std::string& prefix) -> std::unique_ptr<origin::Listing> {
                listed.push_back(prefix);
                return std::make_unique<FakeListing>(pages, failures, retry);
              }}) {
    pages_of_site.add_to(router);
  }

  io::Task<Brought> bring(std::uint32_t, std::string key) {
    began.push_back(loop->now());
    keys.push_back(key);
    most = std::max(most, ++running);
    const Result<void> slept = co_await loop->sleep(milliseconds(10));
    --running;
    if (!slept) ++cancelled;
    co_return answers.contains(key) ? answers[key] : Brought::Stored;
  }

  io::Task<Page> call(std::string method, std::string path, std::string body = "") {
    const Router::Found found = router.find(method, path);
    CHECK(found.route != nullptr);
    const Call call{found.tail, "", body};
    Page page = co_await found.route->answer(call);
    co_return page;
  }

  io::Loop* loop;
  std::vector<std::vector<std::string>> pages;
  int failures = 0;
  Retry retry = Retry::Always;
  std::map<std::string, Brought> answers;
  std::vector<std::string> listed;
  std::vector<std::string> keys;
  std::vector<SteadyTime> began;
  int running = 0;
  int most = 0;
  int cancelled = 0;
  WarmJobs jobs;
  WarmPages pages_of_site{&jobs, {{"files", false}, {"assets", true}}};
  Router router;
};

std::string id_in(const Page& page) {
  return page.body.substr(7, page.body.find('"', 7) - 7);
}

bool has(const Page& page, std::string_view text) {
  return page.body.find(text) != std::string::npos;
}

io::Task<Page> finished(Scene& scene, std::string id) {
  while (!scene.jobs.find(id)->ended()) {
    const Result<void> slept = co_await scene.loop->sleep(milliseconds(1));
    CHECK(slept.has_value());
  }
  const std::string path = "/cache/warm/" + id;
  Page page = co_await scene.call("GET", path);
  co_return page;
}

void run(io::Task<void> (*test)(Scene&)) {
  const auto loop = io::make_sim_loop({});
  struct Main {
    static io::Task<void> with_scene(io::Loop& loop, io::Task<void> (*inner)(Scene&)) {
      Scene scene(loop);
      co_await inner(scene);
      co_await scene.jobs.close();
    }
  };
  const auto main = [test](io::Loop& on, io::Scope&) { return Main::with_scene(on, test); };
  ASSERT_TRUE(loop->run(main, seconds(1000)));
}

io::Task<void> by_keys(Scene& scene) {
  scene.answers = {{"b", Brought::Held}, {"c", Brought::Missing}, {"d", Brought::Failed}};
  const std::string body =
      R"({"bucket": "assets", "keys": ["a", "b", "c", "d", "e"], "concurrency": 2})";
  const Page started = co_await scene.call("POST", "/cache/warm", body);
  EXPECT_EQ(started.status, 202);
  EXPECT_TRUE(has(started, R"("bucket":"assets","state":"running")")) << started.body;
  const Page page = co_await finished(scene, id_in(started));
  EXPECT_TRUE(has(page,
                  R"("state":"done","found":5,"stored":2,"held":1,"not_stored":0,"missing":1,)"
                  R"("failed":1})"))
      << page.body;
  EXPECT_EQ(scene.most, 2);
}
TEST(WarmPages, BringsKeysAndTellsWhatCameOfThem) {
  run(by_keys);
}

io::Task<void> by_prefix(Scene& scene) {
  scene.pages = {{"a/1", "a/2"}, {"a/3"}};
  scene.failures = 2;
  const std::string body = R"({"bucket": "assets", "prefix": "a/", "requests_per_second": 10})";
  const Page started = co_await scene.call("POST", "/cache/warm", body);
  const Page page = co_await finished(scene, id_in(started));
  EXPECT_TRUE(has(page, R"("state":"done","found":3,"stored":3)")) << page.body;
  EXPECT_EQ(scene.listed, std::vector<std::string>{"a/"});
  EXPECT_EQ(scene.keys, (std::vector<std::string>{"a/1", "a/2", "a/3"}));
  for (std::size_t i = 1; i < scene.began.size(); ++i) {
    EXPECT_GE(scene.began[i] - scene.began[i - 1], milliseconds(100));
  }
}
TEST(WarmPages, BringsAllBelowAPrefixNotFasterThanTold) {
  run(by_prefix);
}

io::Task<void> no_list(Scene& scene) {
  scene.failures = 1;
  scene.retry = Retry::Never;
  const std::string body = R"({"bucket": "assets", "all": true})";
  const Page started = co_await scene.call("POST", "/cache/warm", body);
  const Page page = co_await finished(scene, id_in(started));
  EXPECT_TRUE(has(page, R"("state":"failed")")) << page.body;
  EXPECT_TRUE(has(page, "busy")) << page.body;
  EXPECT_EQ(scene.listed, std::vector<std::string>{""});
}
TEST(WarmPages, AListThatDoesNotComeFailsTheJob) {
  run(no_list);
}

io::Task<void> cancelling(Scene& scene) {
  scene.pages = std::vector<std::vector<std::string>>(1000, {"k"});
  const std::string body = R"({"bucket": "assets", "prefix": "k", "requests_per_second": 1000})";
  const Page started = co_await scene.call("POST", "/cache/warm", body);
  const Result<void> slept = co_await scene.loop->sleep(milliseconds(25));
  EXPECT_TRUE(slept);
  const std::string path = "/cache/warm/" + id_in(started);
  const Page told = co_await scene.call("DELETE", path);
  EXPECT_TRUE(has(told, R"("state":"cancelled")")) << told.body;
  const Page page = co_await finished(scene, id_in(started));
  EXPECT_TRUE(has(page, R"("state":"cancelled")")) << page.body;
  EXPECT_LT(scene.keys.size(), 100u);
  EXPECT_GT(scene.cancelled, 0);
  EXPECT_EQ(scene.running, 0);
  const Page again = co_await scene.call("DELETE", path);
  EXPECT_EQ(again.status, 200);
}
TEST(WarmPages, ACancelledJobEndsWithWhatIsUnderWay) {
  run(cancelling);
}

io::Task<void> many(Scene& scene) {
  const std::string body = R"({"bucket": "assets", "keys": ["a"]})";
  std::string first;
  for (std::size_t i = 0; i < WarmJobs::kRunningMax; ++i) {
    const Page page = co_await scene.call("POST", "/cache/warm", body);
    EXPECT_EQ(page.status, 202);
    if (first.empty()) first = id_in(page);
  }
  const Page refused = co_await scene.call("POST", "/cache/warm", body);
  EXPECT_EQ(refused.status, 429);
  for (std::size_t i = 0; i < WarmJobs::kKeptMax; ++i) {
    const Result<void> slept = co_await scene.loop->sleep(milliseconds(50));
    EXPECT_TRUE(slept);
    const Page page = co_await scene.call("POST", "/cache/warm", body);
    EXPECT_EQ(page.status, 202) << page.body;
  }
  const std::string path = "/cache/warm/" + first;
  const Page forgotten = co_await scene.call("GET", path);
  EXPECT_EQ(forgotten.status, 404);
}
TEST(WarmPages, JobsAreBoundedInNumber) {
  run(many);
}

io::Task<void> bad_orders(Scene& scene) {
  const std::string_view cases[][2] = {
      {R"({"keys": ["a"]})", "bucket"},
      {R"({"bucket": "nowhere", "keys": ["a"]})", "bucket"},
      {R"({"bucket": "files", "keys": ["a"]})", "bucket"},
      {R"({"bucket": "assets"})", "keys"},
      {R"({"bucket": "assets", "keys": []})", "keys"},
      {R"({"bucket": "assets", "keys": "a"})", "keys"},
      {R"({"bucket": "assets", "keys": ["a", ""]})", "keys[1]"},
      {R"({"bucket": "assets", "keys": ["a", 1]})", "keys[1]"},
      {R"({"bucket": "assets", "keys": ["a"], "prefix": "b"})", "keys"},
      {R"({"bucket": "assets", "prefix": ""})", "prefix"},
      {R"({"bucket": "assets", "prefix": "a", "concurrency": 0})", "concurrency"},
      {R"({"bucket": "assets", "prefix": "a", "concurrency": 1.5})", "concurrency"},
      {R"({"bucket": "assets", "prefix": "a", "concurrency": 65})", "concurrency"},
      {R"({"bucket": "assets", "prefix": "a", "requests_per_second": "1"})", "requests_per_second"},
      {R"({"bucket": "assets", "prefix": "a", "speed": 1})", "speed"},
  };
  for (const auto& [body, field] : cases) {
    const std::string text(body);
    const Page page = co_await scene.call("POST", "/cache/warm", text);
    EXPECT_TRUE(page.status >= 400 && page.status < 500) << body;
    EXPECT_TRUE(has(page, "\"field\":\"" + std::string(field) + "\"")) << body << page.body;
  }
  const Page none = co_await scene.call("GET", "/cache/warm/none");
  EXPECT_EQ(none.status, 404);
  EXPECT_TRUE(scene.keys.empty());
}
TEST(WarmPages, ABadOrderNamesItsField) {
  run(bad_orders);
}

}  // namespace
}  // namespace yata::admin
