#include "io/real/resolver.h"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "io/scope.h"
#include "io/testing/manual_loop.h"

namespace yata::io {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

std::vector<Address> addresses_of(std::initializer_list<std::string_view> texts) {
  std::vector<Address> addresses;
  for (const std::string_view text : texts) addresses.push_back(parse_ip(text).value());
  return addresses;
}

std::string joined(const std::vector<Address>& addresses) {
  std::string text;
  for (const Address& address : addresses) text += (text.empty() ? "" : " ") + address.ip();
  return text;
}

TEST(InterleaveFamilies, BeginsWithTheFirstAndAlternates) {
  const struct {
    std::vector<Address> from;
    std::string_view to;
  } cases[] = {
      {{}, ""},
      {addresses_of({"10.0.0.1"}), "10.0.0.1"},
      {addresses_of({"10.0.0.1", "10.0.0.2"}), "10.0.0.1 10.0.0.2"},
      {addresses_of({"::1", "::2", "::3", "10.0.0.1"}), "::1 10.0.0.1 ::2 ::3"},
      {addresses_of({"10.0.0.1", "::1", "::2", "10.0.0.2"}), "10.0.0.1 ::1 10.0.0.2 ::2"},
      {addresses_of({"10.0.0.1", "::1", "::2", "::3"}), "10.0.0.1 ::1 ::2 ::3"},
  };
  for (const auto& c : cases) EXPECT_EQ(joined(interleave_families(c.from)), c.to);
}

// A resolver whose answers are set by hand and given when the pool is told to run.
class ResolverTest : public testing::Test {
 protected:
  ResolverTest()
      : resolver_(loop_, pool_, options(), [this](const std::string& name) {
          ++asked_[name];
          return answer_;
        }) {}

  static ResolverOptions options() {
    return {.fresh = seconds(30), .stale = minutes(60), .max_names = 3};
  }

  static Task<void> note(Resolver& resolver, std::string host, SteadyTime deadline,
                         std::string& result) {
    Result<std::vector<Address>> found = co_await resolver.resolve(std::move(host), deadline);
    result = found ? joined(*found) : to_string(found.error());
  }

  void start(const std::string& host, std::string& result, SteadyTime deadline = kNever) {
    scope_.spawn(note(resolver_, host, deadline, result));
    loop_.run();
  }
  void let_the_pool_run() {
    pool_.run_queued();
    loop_.run();
  }
  std::string resolve(const std::string& host) {
    std::string result;
    start(host, result);
    let_the_pool_run();
    return result;
  }
  void advance(Duration by) {
    loop_.advance(by);
    loop_.run();
  }
  void fail() {
    answer_ = Error{ErrorKind::Unreachable, ErrorSource::Origin, Retry::Always, "no answer"};
  }

  ManualLoop loop_;
  BlockingPool pool_{0};
  Scope scope_{loop_};
  std::map<std::string, int> asked_;
  Result<std::vector<Address>> answer_ = addresses_of({"10.0.0.1"});
  Resolver resolver_;
};

TEST_F(ResolverTest, LiteralsAnswerThemselves) {
  std::string v4, v6;
  start("192.0.2.7", v4);
  start("2001:db8::7", v6);
  EXPECT_EQ(v4, "192.0.2.7");
  EXPECT_EQ(v6, "2001:db8::7");
  EXPECT_TRUE(asked_.empty());
  EXPECT_EQ(resolver_.remembered(), 0U);
}

TEST_F(ResolverTest, RemembersAnAnswerWhileItIsFresh) {
  EXPECT_EQ(resolve("a.test"), "10.0.0.1");
  answer_ = addresses_of({"10.0.0.2"});
  advance(seconds(29));
  EXPECT_EQ(resolve("a.test"), "10.0.0.1");
  EXPECT_EQ(asked_["a.test"], 1);
  advance(seconds(1));
  EXPECT_EQ(resolve("a.test"), "10.0.0.2");
  EXPECT_EQ(asked_["a.test"], 2);
}

TEST_F(ResolverTest, AsksOnceForAllWhoWait) {
  std::string first, second, other;
  start("a.test", first);
  start("a.test", second);
  start("b.test", other);
  EXPECT_EQ(first, "");
  let_the_pool_run();
  EXPECT_EQ(first, "10.0.0.1");
  EXPECT_EQ(second, "10.0.0.1");
  EXPECT_EQ(other, "10.0.0.1");
  EXPECT_EQ(asked_["a.test"], 1);
  EXPECT_EQ(asked_["b.test"], 1);
}

TEST_F(ResolverTest, UsesAStaleAnswerWhenTheLookupFails) {
  EXPECT_EQ(resolve("a.test"), "10.0.0.1");
  fail();
  advance(minutes(59));
  EXPECT_EQ(resolve("a.test"), "10.0.0.1");
  EXPECT_EQ(asked_["a.test"], 2);
  advance(minutes(1));
  EXPECT_EQ(resolve("a.test"), "origin unreachable: no answer");
  EXPECT_EQ(asked_["a.test"], 3);
}

TEST_F(ResolverTest, UsesAStaleAnswerWhenTheLookupIsSlow) {
  EXPECT_EQ(resolve("a.test"), "10.0.0.1");
  advance(minutes(1));
  answer_ = addresses_of({"10.0.0.2"});
  std::string result;
  start("a.test", result);
  advance(Resolver::kPatience - milliseconds(1));
  EXPECT_EQ(result, "");
  advance(milliseconds(1));
  EXPECT_EQ(result, "10.0.0.1");
  let_the_pool_run();
  EXPECT_EQ(resolve("a.test"), "10.0.0.2");
  EXPECT_EQ(asked_["a.test"], 2);
}

TEST_F(ResolverTest, SaysWhyALookupFailedAndAsksAgain) {
  fail();
  EXPECT_EQ(resolve("a.test"), "origin unreachable: no answer");
  answer_ = addresses_of({"10.0.0.9"});
  EXPECT_EQ(resolve("a.test"), "10.0.0.9");
}

TEST_F(ResolverTest, EndsAtTheDeadlineAndKeepsTheAnswerForTheNext) {
  std::string result;
  start("a.test", result, loop_.now() + seconds(2));
  advance(seconds(2));
  EXPECT_EQ(result, "self timeout: deadline passed");
  let_the_pool_run();
  std::string next;
  start("a.test", next);
  EXPECT_EQ(next, "10.0.0.1");
  EXPECT_EQ(asked_["a.test"], 1);
}

TEST_F(ResolverTest, ACancelledWaiterLeavesTheOthersTheirAnswer) {
  std::string result, gone;
  Scope leaving(loop_);
  leaving.spawn(note(resolver_, "a.test", kNever, gone));
  start("a.test", result);
  leaving.cancel(CancelReason::ClientGone);
  loop_.run();
  EXPECT_EQ(gone, "self cancelled: client left");
  let_the_pool_run();
  EXPECT_EQ(result, "10.0.0.1");
}

TEST_F(ResolverTest, ForgetsTheLeastRecentlyUsedName) {
  for (const std::string name : {"a.test", "b.test", "c.test"}) {
    resolve(name);
    advance(milliseconds(1));
  }
  resolve("a.test");
  advance(milliseconds(1));
  resolve("d.test");
  EXPECT_EQ(resolver_.remembered(), 3U);
  resolve("a.test");
  EXPECT_EQ(asked_["a.test"], 1);
  resolve("b.test");
  EXPECT_EQ(asked_["b.test"], 2);
}

TEST_F(ResolverTest, ANameForgottenWhileItIsAskedStillAnswers) {
  std::string first;
  start("a.test", first);
  advance(milliseconds(1));
  for (const std::string name : {"b.test", "c.test", "d.test"}) {
    std::string ignored;
    start(name, ignored);
    let_the_pool_run();
    advance(milliseconds(1));
  }
  EXPECT_EQ(first, "10.0.0.1");
  EXPECT_EQ(resolver_.remembered(), 3U);
}

TEST_F(ResolverTest, AnEmptyAnswerIsAFailure) {
  answer_ = std::vector<Address>();
  EXPECT_EQ(resolve("a.test"), "origin unreachable: a.test has no address");
}

TEST(SystemLookup, FindsTheMachineItselfAndSaysWhatItCannot) {
  const Result<std::vector<Address>> local = system_lookup("localhost");
  ASSERT_TRUE(local) << to_string(local.error());
  for (const Address& address : *local) EXPECT_TRUE(address.is_loopback());
  const Result<std::vector<Address>> below = system_lookup("bucket.localhost");
  ASSERT_TRUE(below) << to_string(below.error());
  EXPECT_EQ(joined(*below), joined(*local));
  // A name that is too long is refused without asking anybody.
  const Result<std::vector<Address>> none = system_lookup(std::string(300, 'a'));
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().kind, ErrorKind::Unreachable);
  EXPECT_EQ(none.error().source, ErrorSource::Origin);
}

}  // namespace
}  // namespace yata::io
