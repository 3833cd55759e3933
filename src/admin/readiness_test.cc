#include "admin/readiness.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "admin/site.h"
#include "admin/testing/fake_exchange.h"

namespace yata::admin {
namespace {

class FakeOrigin final : public origin::Origin {
 public:
  io::Task<Result<void>> probe() override {
    ++asked;
    if (works) co_return Result<void>();
    co_return Error{ErrorKind::Unreachable, ErrorSource::Origin, Retry::Always, "down"};
  }
  io::Task<Result<std::unique_ptr<origin::ObjectResponse>>> fetch(const origin::ObjectRequest&,
                                                                  origin::OriginTrace&) override {
    std::terminate();
  }
  std::unique_ptr<origin::Listing> list(std::string) override { return nullptr; }
  void close() override {}

  bool works = true;
  int asked = 0;
};

class FakeKeys final : public auth::KeySource {
 public:
  Now now(SteadyTime) const override {
    return {state, nullptr};  // which they are is not asked here
  }
  io::Task<void> look_for(io::Loop&, std::string_view, std::uint64_t) override { co_return; }

  auth::KeyState state = auth::KeyState::NotYet;
};

class ReadinessTest : public ::testing::Test {
 protected:
  // Status and body of /ready.
  std::string ready() {
    const testing::Answered answered = testing::ask(*loop_, site_, {"GET", "/ready", "", {}});
    return std::to_string(answered.status) + " " + answered.body;
  }

  std::unique_ptr<io::SimLoop> loop_ = io::make_sim_loop({});
  std::unique_ptr<telemetry::Registry> registry_ = telemetry::make_registry();
  std::atomic<bool> draining_{false};
  FakeOrigin open_;
  FakeOrigin closed_;
  FakeKeys keys_;
  Readiness readiness_{*loop_,
                       {{"open", &open_, ""}, {"closed", &closed_, "jwt.v"}},
                       draining_,
                       {{"jwt.v", &keys_}}};
  Site site_{readiness_, *registry_};
};

TEST_F(ReadinessTest, ABucketWithoutKeysForItsTokensIsNotReady) {
  EXPECT_EQ(ready(), R"(200 {"status":"ready","buckets":{"open":"ready","closed":"unavailable"},)"
                     R"("verifiers":{"jwt.v":"waiting for keys"}})"
                     "\n");
  // No key at all is no better than no answer.
  keys_.state = auth::KeyState::NoneUsable;
  EXPECT_NE(ready().find(R"("closed":"unavailable"},"verifiers":{"jwt.v":"no usable key"})"),
            std::string::npos);
  keys_.state = auth::KeyState::Known;
  EXPECT_NE(ready().find(R"("closed":"ready"},"verifiers":{"jwt.v":"ready"})"), std::string::npos);
  keys_.state = auth::KeyState::TooOld;
  EXPECT_NE(ready().find(R"("closed":"unavailable"},"verifiers":{"jwt.v":"keys too old"})"),
            std::string::npos);
  // Keys were looked at each time, origins once.
  EXPECT_EQ(open_.asked, 1);
}

TEST_F(ReadinessTest, KeysAloneMakeNoBucketReady) {
  keys_.state = auth::KeyState::Known;
  open_.works = closed_.works = false;
  EXPECT_EQ(ready().substr(0, 3), "503");
}

TEST_F(ReadinessTest, NothingIsReadyWithoutKeysWhenAllNeedThem) {
  open_.works = false;
  EXPECT_EQ(ready().substr(0, 3), "503");
  keys_.state = auth::KeyState::Known;
  EXPECT_EQ(ready().substr(0, 3), "200");
}

}  // namespace
}  // namespace yata::admin
