#include "admin/cache_pages.h"

#include <gtest/gtest.h>

#include "admin/site.h"
#include "admin/testing/fake_exchange.h"

namespace yata::admin {
namespace {

using testing::Answered;
using testing::ask;

class CachePagesTest : public ::testing::Test {
 protected:
  CachePagesTest() { pages_.add_to(site_.router()); }

  Answered purge(std::string body) {
    return ask(*loop_, site_, {"POST", "/cache/purge", std::move(body), {}});
  }
  Answered get(std::string target) {
    return ask(*loop_, site_, {"GET", std::move(target), "", {}});
  }
  bool valid(const cache::Born& born) const { return purges_.valid(born); }

  std::unique_ptr<io::SimLoop> loop_ = io::make_sim_loop({});
  std::unique_ptr<telemetry::Registry> registry_ = telemetry::make_registry();
  std::atomic<bool> draining_{false};
  Readiness readiness_{*loop_, {}, draining_};
  Site site_{readiness_, *registry_};
  cache::MemoryTier memory_{{.max_bytes = 8 << 20, .granule_bytes = 4096, .owners = 3}};
  cache::PurgeIndex purges_{{.buckets = 3, .seed = 1}};
  SeededRandom random_{1};
  cache::ObjectCache cache_{{&memory_, &purges_}, {.granule_bytes = 4096}, random_};
  CachePages pages_{{.loop = loop_.get(),
                     .memory = &memory_,
                     .purges = &purges_,
                     .cache = &cache_,
                     .registry = registry_.get(),
                     .buckets = {{"assets", true}, {"docs", true}, {"plain", false}}}};
};

TEST_F(CachePagesTest, APurgeReachesWhatItNames) {
  struct Case {
    std::string body;
    std::string told;
    std::string kind;
    cache::Born goes;
    cache::Born stays;
  };
  const cache::Born other{0, 1, "a/b", "red"};
  const Case cases[] = {
      {R"({"bucket": "assets", "key": "a/b"})",
       R"("purged":"key")",
       "key",
       {0, 0, "a/b", ""},
       other},
      {R"({"bucket": "assets", "prefix": "a/"})",
       R"("prefix":"a/")",
       "prefix",
       {0, 0, "a/x", ""},
       {0, 0, "b", ""}},
      {R"({"bucket": "assets", "tag": "red"})",
       R"("tag":"red")",
       "tag",
       {0, 0, "z", "blue\nred"},
       {0, 0, "z", "blue"}},
      {R"({"bucket": "docs", "all": true})",
       R"("bucket":"docs")",
       "bucket",
       {0, 1, "q", ""},
       {0, 0, "q", ""}},
  };
  for (const Case& one : cases) {
    cache::Born goes = one.goes;
    cache::Born stays = one.stays;
    goes.birth = purges_.next();
    stays.birth = purges_.next();
    const Answered answered = purge(one.body);
    EXPECT_EQ(answered.status, 200) << answered.body;
    EXPECT_NE(answered.body.find(one.told), std::string::npos) << answered.body;
    EXPECT_FALSE(valid(goes)) << one.body;
    EXPECT_TRUE(valid(stays)) << one.body;
    const std::string series = "kind=\"" + one.kind + "\"} 1";
    EXPECT_NE(registry_->text().find(series), std::string::npos) << series;
  }
  const cache::Born everywhere{purges_.next(), 1, "q", ""};
  EXPECT_EQ(purge(R"({"all": true})").status, 200);
  EXPECT_FALSE(valid(everywhere));
}

TEST_F(CachePagesTest, ABadOrderNamesItsFieldAndPurgesNothing) {
  struct Case {
    std::string body;
    int status;
    std::string field;
  };
  const Case cases[] = {
      {"", 400, "body"},
      {"[]", 400, "body"},
      {"{\"bucket\": \"assets\", \"key\": \"a\"", 400, "body"},
      {R"({"bucket": "assets", "key": "a", "key": "b"})", 400, "body"},
      {"{\"bucket\": \"assets\", \"key\": \"\xff\"}", 400, "body"},
      {"{}", 400, "key"},
      {R"({"bucket": "assets"})", 400, "key"},
      {R"({"bucket": "assets", "key": "a", "tag": "b"})", 400, "key"},
      {R"({"bucket": "assets", "key": "a", "all": true})", 400, "key"},
      {R"({"key": "a"})", 400, "bucket"},
      {R"({"bucket": 7, "key": "a"})", 400, "bucket"},
      {R"({"bucket": "nowhere", "key": "a"})", 404, "bucket"},
      {R"({"bucket": "nowhere", "all": true})", 404, "bucket"},
      {R"({"bucket": "plain", "key": "a"})", 409, "bucket"},
      {R"({"bucket": "assets", "key": ""})", 400, "key"},
      {R"({"bucket": "assets", "key": null})", 400, "key"},
      {R"({"bucket": "assets", "prefix": ["a"]})", 400, "prefix"},
      {R"({"bucket": "assets", "tag": 1})", 400, "tag"},
      {R"({"bucket": "assets", "all": 1})", 400, "all"},
      {R"({"bucket": "assets", "all": false})", 400, "all"},
      {R"({"bucket": "assets", "key": "a", "soft": true})", 400, "soft"},
      {R"({"bucket": "assets", "key": ")" + std::string(kKeyMax + 1, 'k') + "\"}", 400, "key"},
  };
  const cache::Born held{purges_.next(), 0, "a", "b"};
  for (const Case& one : cases) {
    const Answered answered = purge(one.body);
    EXPECT_EQ(answered.status, one.status) << one.body << answered.body;
    const std::string field = "\"field\":\"" + one.field + "\"";
    EXPECT_NE(answered.body.find(field), std::string::npos) << one.body << answered.body;
    EXPECT_EQ(answered.type, "application/json");
  }
  EXPECT_TRUE(valid(held));
}

TEST_F(CachePagesTest, StatsTellWhatIsHeld) {
  cache::Filling filling = memory_.prepare(1000);
  const std::string text(1000, 'x');
  filling.append(io::as_bytes(text));
  ASSERT_EQ(memory_.admit({1, 2}, {}, filling.payload(), 1), cache::Admission::Stored);
  const std::string bytes = "\"bytes\":" + std::to_string(memory_.use_of(1).bytes);
  const Answered all = get("/cache/stats");
  EXPECT_EQ(all.status, 200);
  EXPECT_NE(all.body.find("\"max_bytes\":8388608,\"stored_total\":1,"), std::string::npos)
      << all.body;
  EXPECT_NE(all.body.find("\"docs\":{\"memory\":{" + bytes + ",\"objects\":1}}"), std::string::npos)
      << all.body;
  EXPECT_NE(all.body.find("\"assets\":{\"memory\":{\"bytes\":0,\"objects\":0}}"),
            std::string::npos);
  EXPECT_EQ(get("/cache/stats/docs").body,
            "{\"bucket\":\"docs\",\"layers\":{\"memory\":{" + bytes + ",\"objects\":1}}}\n");
  EXPECT_EQ(get("/cache/stats/nowhere").status, 404);
}

TEST_F(CachePagesTest, WithoutACacheEachPageSaysSo) {
  Site site(readiness_, *registry_);
  CachePages none(
      {.loop = loop_.get(), .registry = registry_.get(), .buckets = {{"assets", false}}});
  none.add_to(site.router());
  for (const char* target : {"/cache/stats", "/cache/stats/assets"}) {
    const Answered answered = ask(*loop_, site, {"GET", target, "", {}});
    EXPECT_EQ(answered.status, 409);
    EXPECT_NE(answered.body.find("NoCache"), std::string::npos);
  }
  EXPECT_EQ(ask(*loop_, site, {"POST", "/cache/purge", "{\"all\":true}", {}}).status, 409);
}

}  // namespace
}  // namespace yata::admin
