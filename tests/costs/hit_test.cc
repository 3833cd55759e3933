// A hit is: parse, route, one look-up, one gathered write of stored head and body, one line of log.
// No allocation, no lock, no copy of the body: counted in the whole product, through real sockets.
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <string_view>

#include "auth/test_tokens.h"
#include "base/allocations.h"
#include "costs/calls.h"
#include "costs/house.h"

namespace yata {
namespace {

constexpr std::string_view kSecret = "a secret that is longer than thirty-two bytes";
// Of 2023, when the product's clock stands still.
constexpr std::string_view kClaims =
    R"({"sub":"somebody with a name that is longer than most","exp":1700003600})";

std::string content(std::size_t bytes) {
  std::string text(bytes, '\0');
  for (std::size_t i = 0; i < bytes; ++i) text[i] = static_cast<char>('a' + (i * 7 + i / 26) % 26);
  return text;
}

class HitCosts : public ::testing::Test {
 protected:
  struct Spent {
    std::uint64_t allocations = 0;
    std::uint64_t locks = 0;
    std::uint64_t sends = 0;
    std::uint64_t other_sends = 0;
    std::uint64_t pieces_from_tier = 0;
    std::uint64_t wrong = 0;  // answers
  };

  HitCosts()
      : log_(::testing::TempDir() + "/hit_costs_access.log"),
        origin_({{"small", content(1024)}, {"large", content(3u << 20)}}),
        served_(configuration()),
        client_(served_.port()) {}
  ~HitCosts() override { std::filesystem::remove(log_); }

  static std::string get(std::string_view path, std::string_view fields = "") {
    return "GET " + std::string(path) + " HTTP/1.1\r\nHost: localhost\r\nUser-Agent: test\r\n" +
           std::string(fields) + "\r\n";
  }

  // Asks until all is warm, then counts what so many hits cost.
  Spent spend(const std::string& request, std::string_view expected, int hits) {
    for (int i = 0; i < kWarm; ++i) EXPECT_EQ(client_.ask(request).body, expected);
    EXPECT_TRUE(client_.ask(request).head.contains("\r\nX-Cache: HIT\r\n"));
    const Spent before = now();
    std::uint64_t wrong = 0;
    for (int i = 0; i < hits; ++i) {
      if (client_.ask(request).body != expected) ++wrong;
    }
    const Spent after = now();
    return {after.allocations - before.allocations,
            after.locks - before.locks,
            after.sends - before.sends,
            after.other_sends - before.other_sends,
            after.pieces_from_tier - before.pieces_from_tier,
            wrong};
  }

  // Nothing but sends, which `costs` says for itself.
  static void expect_little(const Spent& costs) {
    EXPECT_EQ(costs.allocations, 0u);
    EXPECT_EQ(costs.locks, 0u);
    EXPECT_EQ(costs.other_sends, 0u);
    EXPECT_EQ(costs.wrong, 0u);
  }

  const std::string& object(const std::string& key) const { return origin_.object(key); }

 private:
  static constexpr int kWarm = 50;

  static Spent now() {
    return {allocations, calls.locks, calls.sends, calls.others, calls.from_tier, 0};
  }

  std::string configuration() const {
    const std::string s3 =
        "    s3: { bucket: bucket, region: us-east-1, endpoint: \"http://127.0.0.1:" +
        std::to_string(origin_.port()) +
        "\", credentials: { access_key: key, secret_key: secret } }\n";
    return "server: { address: \"127.0.0.1:0\", threads: 1 }\n"
           "admin: { address: \"127.0.0.1:0\" }\n"
           "logging: { level: error, access: { output: \"" +
           log_ +
           "\" } }\n"
           "cache: { layers: [memory], memory: { max_size: 64MiB } }\n"
           "jwt: { default: { algorithms: [HS256], secret: \"" +
           std::string(kSecret) +
           "\" } }\n"
           "buckets:\n"
           "  - name: public\n    path_prefix: /public\n    auth: { enabled: false }\n" +
           s3 +
           "  - name: private\n    path_prefix: /private\n"
           "    auth: { enabled: true, jwt: default }\n" +
           s3;
  }

  std::string log_;
  Origin origin_;
  Served served_;
  Client client_;
};

TEST_F(HitCosts, OfOneKibibyteIsOneGatheredSend) {
  const Spent costs = spend(get("/public/small"), object("small"), 1000);
  expect_little(costs);
  EXPECT_EQ(costs.sends, 1000u);
  EXPECT_EQ(costs.pieces_from_tier, 1000u);
}

TEST_F(HitCosts, WithATokenThatWasSeenIsTheSame) {
  const std::string token = auth::make_token({.secret = std::string(kSecret)}, kClaims);
  const Spent costs = spend(get("/private/small", "Authorization: Bearer " + token + "\r\n"),
                            object("small"), 1000);
  expect_little(costs);
  EXPECT_EQ(costs.sends, 1000u);
  EXPECT_EQ(costs.pieces_from_tier, 1000u);
}

// How many sends the kernel makes of it depends on its buffers.
TEST_F(HitCosts, OfSeveralGranulesComesFromWhereItIsStored) {
  const Spent costs = spend(get("/public/large"), object("large"), 50);
  expect_little(costs);
  EXPECT_GE(costs.pieces_from_tier, 50u * 3);
}

TEST_F(HitCosts, OfARangeAcrossGranulesIsTheSame) {
  const std::string whole = get("/public/large");
  spend(whole, object("large"), 1);
  const std::string_view part = std::string_view(object("large")).substr((1u << 20) - 100, 200);
  const Spent costs = spend(get("/public/large", "Range: bytes=1048476-1048675\r\n"), part, 1000);
  expect_little(costs);
  EXPECT_EQ(costs.pieces_from_tier, 1000u * 2);
}

TEST_F(HitCosts, OfWhatTheClientHasAlreadyIsTheSame) {
  spend(get("/public/small"), object("small"), 1);
  const Spent costs = spend(get("/public/small", "If-None-Match: \"v1\"\r\n"), "", 1000);
  expect_little(costs);
  EXPECT_EQ(costs.sends, 1000u);
  EXPECT_EQ(costs.pieces_from_tier, 0u);
}

}  // namespace
}  // namespace yata
