#include "auth/jwt_verifier.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "auth/test_tokens.h"
#include "auth/testing/keys.h"
#include "io/sim.h"

namespace yata::auth {
namespace {

using namespace std::chrono_literals;

constexpr WallTime kNow{1'700'000'000s};
constexpr const char* kSecret = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
constexpr std::string_view kGood = R"({"sub":"ann","exp":1700000600})";

// Keys that a test changes as it likes.
class Keys final : public KeySource {
 public:
  Now now(SteadyTime) const override {
    const bool there = state == KeyState::Known || state == KeyState::NoneUsable;
    return {state, there ? set : nullptr};
  }
  io::Task<void> look_for(io::Loop&, std::string_view kid, std::uint64_t seen) override {
    asked.emplace_back(kid);
    seen_generation = seen;
    if (newer && kid == "new") {
      set = std::exchange(newer, nullptr);
      state = KeyState::Known;
    }
    co_return;
  }

  KeyState state = KeyState::Known;
  std::shared_ptr<const KeySet> set;
  std::shared_ptr<const KeySet> newer;
  std::vector<std::string> asked;
  std::uint64_t seen_generation = 0;
};

Key key_of(const Signer& signer, std::string id = "") {
  Key key;
  key.id = std::move(id);
  key.type = key_type_of(signer.algorithm);
  key.algorithms.add(signer.algorithm);
  key.secret = signer.secret;
  if (signer.key != nullptr) {
    EVP_PKEY_up_ref(signer.key);
    key.public_key.reset(signer.key);
  }
  return key;
}

Signer signer_of(Algorithm algorithm, int index = 0) {
  Signer signer{.algorithm = algorithm};
  if (key_type_of(algorithm) == KeyType::Secret) {
    signer.secret = kSecret + std::to_string(index);
  } else {
    signer.key = &key_pair(key_type_of(algorithm), index);
  }
  return signer;
}

template <typename... Each>
std::shared_ptr<const KeySet> set_of(std::uint64_t generation, Each... keys) {
  auto set = std::make_shared<KeySet>();
  set->generation = generation;
  (set->keys.push_back(std::move(keys)), ...);
  return set;
}

class JwtVerifierTest : public testing::Test {
 protected:
  JwtVerifierTest() {
    options_.algorithms = {Algorithm::HS256};
    keys_.set = set_of(1, key_of(hs256_));
  }
  // The reason, and its detail behind a space.
  std::string check(std::string_view token, WallTime now = kNow) {
    JwtVerifier verifier(options_, keys_);
    const Verification done = verifier.check(token, now, {});
    EXPECT_EQ(done.subject != nullptr, done.decision.allowed());
    std::string text(to_string(done.decision.reason));
    return done.decision.detail.empty() ? text : text + " " + done.decision.detail;
  }
  std::string claims(std::string_view payload, WallTime now = kNow) {
    return check(make_token(hs256_, payload), now);
  }

  VerifierOptions options_;
  Keys keys_;
  const Signer hs256_ = signer_of(Algorithm::HS256);
};

TEST_F(JwtVerifierTest, EveryAlgorithmVerifiesItsOwnTokensAndNoOthers) {
  for (std::size_t i = 0; i < kAlgorithms; ++i) {
    const auto own = static_cast<Algorithm>(i);
    options_.algorithms = {own};
    keys_.set = set_of(i, key_of(signer_of(own)));
    for (std::size_t j = 0; j < kAlgorithms; ++j) {
      const auto other = static_cast<Algorithm>(j);
      const std::string token = make_token(signer_of(other), kGood);
      EXPECT_EQ(check(token),
                i == j ? "valid_token" : "algorithm_not_allowed " + std::string(to_string(other)));
    }
    EXPECT_EQ(check(make_token(signer_of(own, 1), kGood)), "bad_signature") << to_string(own);
  }
}

TEST_F(JwtVerifierTest, ATokenCannotChooseAnotherAlgorithmForAKey) {
  // RS256 and HS256 are both allowed, each with its own key: the public key's text is no secret.
  options_.algorithms = {Algorithm::RS256, Algorithm::HS256, Algorithm::PS256};
  const Signer rs256 = signer_of(Algorithm::RS256);
  keys_.set = set_of(1, key_of(rs256, "rsa"), key_of(hs256_, "hmac"));
  const Signer confused{.algorithm = Algorithm::HS256, .secret = public_pem(*rs256.key)};
  EXPECT_EQ(check(make_token(confused, R"({"alg":"HS256","kid":"rsa"})", kGood)),
            "algorithm_not_allowed rsa");
  EXPECT_EQ(check(make_token(confused, R"({"alg":"HS256"})", kGood)), "bad_signature");
  const Signer ps256 = signer_of(Algorithm::PS256);
  EXPECT_EQ(check(make_token(ps256, R"({"alg":"PS256","kid":"rsa"})", kGood)),
            "algorithm_not_allowed rsa");
}

TEST_F(JwtVerifierTest, NoneIsNoAlgorithm) {
  for (const char* none : {"none", "None", "NONE", "nOnE", "", "hs256", "HS256 "}) {
    const std::string header = R"({"alg":")" + std::string(none) + R"("})";
    const std::string unsigned_token = base64url(header) + "." + base64url(kGood) + ".";
    EXPECT_EQ(check(unsigned_token), "algorithm_not_allowed no algorithm that we know") << none;
    EXPECT_EQ(check(make_token(hs256_, header, kGood)),
              "algorithm_not_allowed no algorithm that we know");
  }
  EXPECT_EQ(check(base64url(R"({"alg":"HS256"})") + "." + base64url(kGood) + "."), "bad_signature");
}

TEST_F(JwtVerifierTest, HeadersThatBringTheirOwnRulesAreRefused) {
  const auto with = [this](const std::string& more) {
    return check(make_token(hs256_, R"({"alg":"HS256",)" + more + "}", kGood));
  };
  for (const char* name : {"jwk", "jku", "x5u", "x5c", "crit", "enc", "zip"}) {
    for (const char* value : {"\"x\"", "[]", "{}", "null", "[\"exp\"]"}) {
      EXPECT_EQ(with("\"" + std::string(name) + "\":" + value),
                "forbidden_header " + std::string(name));
    }
  }
  EXPECT_EQ(with(R"("b64":false)"), "forbidden_header b64");
  EXPECT_EQ(with(R"("b64":0)"), "forbidden_header b64");
  EXPECT_EQ(with(R"("b64":true)"), "valid_token");
  EXPECT_EQ(with(R"("cty":"JWT")"), "forbidden_header cty");
  EXPECT_EQ(with(R"("cty":"jwt")"), "forbidden_header cty");
  EXPECT_EQ(with(R"("cty":1)"), "malformed_token typ or cty is no text");
  EXPECT_EQ(with(R"("typ":"at+jwt","x5t":"abc","more":{"a":[1]})"), "valid_token");
  EXPECT_EQ(with(R"("typ":null)"), "malformed_token typ or cty is no text");
  EXPECT_EQ(with(R"("kid":7)"), "malformed_token kid is no text, or a very long one");
  EXPECT_EQ(with(R"("alg":"HS256")"), "malformed_token the header is not strict JSON");
  EXPECT_EQ(with(R"("a":1,"a":1)"), "malformed_token the header is not strict JSON");
}

TEST_F(JwtVerifierTest, OnlyTheCompactFormIsAToken) {
  const std::string good = make_token(hs256_, kGood);
  ASSERT_EQ(check(good), "valid_token");
  const std::string wrong[] = {"",
                               ".",
                               "..",
                               "...",
                               "a.b",
                               good + ".",
                               "." + good,
                               good + "." + good,
                               good + "=",
                               good + " ",
                               " " + good,
                               good + "\n",
                               "\"" + good + "\"",
                               R"({"payload":"e30","signatures":[]})",
                               good.substr(0, good.rfind('.')),
                               good.substr(good.find('.')),
                               good.substr(0, good.size() - 1) + "+"};
  for (const std::string& token : wrong) {
    const std::string told = check(token);
    EXPECT_TRUE(told.starts_with("malformed_token") || told == "bad_signature") << token << told;
    EXPECT_NE(told, "valid_token");
  }
  EXPECT_EQ(check(std::string(kTokenSizeMax + 1, 'a')), "token_too_long more than 16 KiB");
}

TEST_F(JwtVerifierTest, TheLastBitsOfASignatureCount) {
  // 32 bytes are 43 characters: two bits of the last one are no part of the signature.
  const std::string good = make_token(hs256_, kGood);
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  const std::size_t last = kDigits.find(good.back());
  for (std::size_t bits = 1; bits < 4; ++bits) {
    std::string other = good;
    other.back() = kDigits[last ^ bits];
    EXPECT_EQ(check(other), "malformed_token the signature is not base64url");
  }
}

TEST_F(JwtVerifierTest, AnEcdsaSignatureHasOneLength) {
  options_.algorithms = {Algorithm::ES256};
  const Signer es256 = signer_of(Algorithm::ES256);
  keys_.set = set_of(1, key_of(es256));
  const std::string input = base64url(R"({"alg":"ES256"})") + "." + base64url(kGood);
  const std::string good = sign(es256, input);
  const auto with = [&](const std::string& raw) { return check(input + "." + base64url(raw)); };
  ASSERT_EQ(with(good), "valid_token");
  const std::string zero(1, '\0');
  for (const std::string& raw :
       {good + zero, zero + good, good.substr(0, 32) + zero + good.substr(32), good.substr(0, 63),
        zero + good.substr(0, 32) + zero + good.substr(32), std::string(64, '\0'),
        good.substr(0, 32) + std::string(32, '\0'), std::string(), std::string(200, 'x')}) {
    EXPECT_EQ(with(raw), "bad_signature") << raw.size();
  }
}

TEST_F(JwtVerifierTest, PayloadsAreStrictToo) {
  for (const char* payload :
       {"", "[]", "1", "\"x\"", "null", "{", R"({"exp":1700000600,"exp":1700000600})",
        "{\"exp\":1700000600}x", "{\"exp\":1700000600,\"a\":\"\xFF\"}",
        R"({"exp":1700000600,"a":[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]})"}) {
    EXPECT_TRUE(claims(payload).starts_with("malformed_claims")) << payload;
  }
  // Its base64url too, though it is signed.
  const std::string input = base64url(R"({"alg":"HS256"})") + "." + base64url(kGood) + "=";
  EXPECT_EQ(check(input + "." + base64url(sign(hs256_, input))), "malformed_claims no strict JSON");
}

TEST_F(JwtVerifierTest, TimesAreHeldWithLeeway) {
  EXPECT_EQ(claims(R"({"exp":1699999941})"), "valid_token");  // 59 s ago
  EXPECT_EQ(claims(R"({"exp":1699999940})"), "expired exp");
  EXPECT_EQ(claims(R"({"exp":1699999940.5})"), "valid_token");
  EXPECT_EQ(claims(R"({"exp":1700000600,"nbf":1700000060})"), "valid_token");
  EXPECT_EQ(claims(R"({"exp":1700000600,"nbf":1700000061})"), "not_yet_valid nbf");
  EXPECT_EQ(claims(R"({"exp":1700000600,"iat":1700000060})"), "valid_token");
  EXPECT_EQ(claims(R"({"exp":1700000600,"iat":1700000061})"), "not_yet_valid iat");
  options_.leeway = {};
  EXPECT_EQ(claims(R"({"exp":1700000001})"), "valid_token");
  EXPECT_EQ(claims(R"({"exp":1700000000})"), "expired exp");
  EXPECT_EQ(claims(R"({"exp":1700000600,"nbf":1700000000})"), "valid_token");
}

TEST_F(JwtVerifierTest, TimesAreNumbersInRange) {
  for (const char* name : {"exp", "nbf", "iat"}) {
    for (const char* value : {"\"1700000600\"", "true", "[]", "{}", "-1", "1e400", "253402300800",
                              "1700000600000", "-1e300"}) {
      const std::string payload = R"({"x":{"exp":1},")" + std::string(name) + R"(":)" + value + "}";
      options_.require = {};
      EXPECT_EQ(claims(payload), "malformed_claims " + std::string(name)) << payload;
    }
    EXPECT_EQ(claims(R"({")" + std::string(name) + R"(":null})"),
              "malformed_claims " + std::string(name));
  }
}

TEST_F(JwtVerifierTest, RequiredClaimsAreThere) {
  EXPECT_EQ(claims("{}"), "missing_claim exp");
  options_.require = {};
  EXPECT_EQ(claims("{}"), "valid_token");
  options_.require = {"sub", "tenant"};
  EXPECT_EQ(claims(R"({"sub":"a"})"), "missing_claim tenant");
  EXPECT_EQ(claims(R"({"sub":"a","tenant":null})"), "missing_claim tenant");
  EXPECT_EQ(claims(R"({"sub":"a","tenant":0})"), "valid_token");
  EXPECT_EQ(claims(R"({"sub":7,"tenant":0})"), "malformed_claims sub");
}

TEST_F(JwtVerifierTest, TheIssuerIsExact) {
  const auto from = [this](std::string_view iss) {
    return claims(R"({"exp":1700000600,"iss":)" + std::string(iss) + "}");
  };
  EXPECT_EQ(from("\"anyone\""), "valid_token");
  EXPECT_EQ(from("[\"anyone\"]"), "malformed_claims iss");
  options_.issuers = {"https://a.example", "https://b.example"};
  EXPECT_EQ(from("\"https://b.example\""), "valid_token");
  for (const char* iss : {"\"https://a.example/\"", "\"https://A.example\"", "\"\"", "\"https\""}) {
    EXPECT_EQ(from(iss), "wrong_issuer iss");
  }
  EXPECT_EQ(claims(kGood), "wrong_issuer iss");
}

TEST_F(JwtVerifierTest, TheAudienceIsOurs) {
  const auto for_whom = [this](std::string_view aud) {
    return claims(R"({"exp":1700000600,"aud":)" + std::string(aud) + "}");
  };
  // Nobody in particular: no token for somebody in particular.
  EXPECT_EQ(claims(kGood), "valid_token");
  EXPECT_EQ(for_whom("\"me\""), "wrong_audience aud");
  EXPECT_EQ(for_whom("[]"), "wrong_audience aud");
  options_.audiences = {"me", "us"};
  EXPECT_EQ(for_whom("\"me\""), "valid_token");
  EXPECT_EQ(for_whom("[\"you\",\"us\"]"), "valid_token");
  EXPECT_EQ(for_whom("\"Me\""), "wrong_audience aud");
  EXPECT_EQ(for_whom("[\"you\"]"), "wrong_audience aud");
  EXPECT_EQ(for_whom("[\"me\",7]"), "malformed_claims aud");
  EXPECT_EQ(for_whom("7"), "malformed_claims aud");
  EXPECT_EQ(for_whom("{\"me\":1}"), "malformed_claims aud");
  EXPECT_EQ(claims(kGood), "wrong_audience aud");
  options_.audiences = {};
  options_.any_audience = true;
  EXPECT_EQ(for_whom("\"whoever\""), "valid_token");
  EXPECT_EQ(for_whom("7"), "malformed_claims aud");
  EXPECT_EQ(claims(kGood), "valid_token");
}

TEST_F(JwtVerifierTest, AKidSelectsItsKey) {
  const Signer a = signer_of(Algorithm::HS256, 1);
  const Signer b = signer_of(Algorithm::HS256, 2);
  const auto named = [](const Signer& signer, const std::string& kid) {
    return make_token(signer, R"({"alg":"HS256","kid":")" + kid + "\"}", kGood);
  };
  keys_.set = set_of(1, key_of(a, "a"), key_of(b, "b"));
  EXPECT_EQ(check(named(a, "a")), "valid_token");
  EXPECT_EQ(check(named(b, "b")), "valid_token");
  EXPECT_EQ(check(named(a, "b")), "bad_signature b");
  EXPECT_EQ(check(named(a, "c")), "unknown_key c");
  EXPECT_EQ(check(named(a, "A")), "unknown_key A");
  EXPECT_EQ(check(named(a, "")), "unknown_key");
  EXPECT_EQ(check(make_token(a, kGood)), "valid_token");
  EXPECT_EQ(check(make_token(b, kGood)), "valid_token");
  // A key without an id of its own may be anybody's.
  keys_.set = set_of(2, key_of(a, "a"), key_of(b));
  EXPECT_EQ(check(named(b, "c")), "valid_token");
  EXPECT_EQ(check(named(hs256_, "c")), "unknown_key c");
  // But not that of a key which has one.
  EXPECT_EQ(check(named(b, "a")), "bad_signature a");
}

TEST_F(JwtVerifierTest, KeysWithoutAnIdDoNotStandBeforeTheOneThatIsNamed) {
  auto set = std::make_shared<KeySet>();
  for (int i = 0; i < kKeyTriesMax; ++i) {
    set->keys.push_back(key_of(signer_of(Algorithm::HS256, i)));
  }
  const Signer last = signer_of(Algorithm::HS256, kKeyTriesMax);
  set->keys.push_back(key_of(last, "last"));
  keys_.set = set;
  EXPECT_EQ(check(make_token(last, R"({"alg":"HS256","kid":"last"})", kGood)), "valid_token");
}

TEST_F(JwtVerifierTest, WithoutAKidSoManyKeysAreTried) {
  auto set = std::make_shared<KeySet>();
  for (int i = 0; i < 2 * kKeyTriesMax; ++i) {
    set->keys.push_back(key_of(signer_of(Algorithm::HS256, i), "k" + std::to_string(i)));
  }
  keys_.set = set;
  const auto signed_by = [this](int i) {
    return check(make_token(signer_of(Algorithm::HS256, i), kGood));
  };
  EXPECT_EQ(signed_by(0), "valid_token");
  EXPECT_EQ(signed_by(kKeyTriesMax - 1), "valid_token");
  EXPECT_EQ(signed_by(kKeyTriesMax), "bad_signature");
}

TEST_F(JwtVerifierTest, WithoutKeysNobodyIsToldThatTheirTokenIsBad) {
  const std::string good = make_token(hs256_, kGood);
  keys_.state = KeyState::NotYet;
  EXPECT_EQ(check(good), "keys_not_known");
  keys_.state = KeyState::TooOld;
  EXPECT_EQ(check(good), "keys_too_old");
  keys_.state = KeyState::NoneUsable;
  keys_.set = set_of(2);
  EXPECT_EQ(check(good), "no_usable_key");
  EXPECT_EQ(check("nonsense"), "malformed_token not three parts");
}

TEST_F(JwtVerifierTest, ATokenSeenBeforeIsKnownUntilItExpiresOrKeysChange) {
  JwtVerifier verifier(options_, keys_);
  const std::string token = make_token(hs256_, kGood);
  const auto once = verifier.check(token, kNow, {}).subject;
  const auto first = verifier.check(token, kNow, {}).subject;
  ASSERT_NE(first, nullptr);
  EXPECT_NE(once, first);  // an HMAC is kept when it comes for the second time
  EXPECT_EQ(first->name, "ann");
  EXPECT_EQ(verifier.check(token, kNow + 599s, {}).subject, first);
  // Beyond exp it is verified again, within the leeway.
  const auto late = verifier.check(token, kNow + 601s, {}).subject;
  ASSERT_NE(late, nullptr);
  EXPECT_NE(late, first);
  EXPECT_EQ(verifier.check(token, kNow + 660s, {}).decision.reason, Reason::Expired);
  // The same key in another set: proved anew.
  const auto again = verifier.check(token, kNow, {}).subject;
  keys_.set = set_of(2, key_of(hs256_));
  EXPECT_NE(verifier.check(token, kNow, {}).subject, again);
  // And gone with its key.
  keys_.set = set_of(3, key_of(signer_of(Algorithm::HS256, 1)));
  EXPECT_EQ(verifier.check(token, kNow, {}).decision.reason, Reason::BadSignature);
  keys_.state = KeyState::TooOld;
  EXPECT_EQ(verifier.check(token, kNow, {}).decision.reason, Reason::KeysTooOld);
}

TEST_F(JwtVerifierTest, ATokenThatIsSlowToVerifyIsKnownAtOnce) {
  const Signer signer = {
      .algorithm = Algorithm::ES256, .secret = "", .key = &key_pair(KeyType::P256)};
  options_.algorithms = {Algorithm::ES256};
  keys_.set = set_of(1, key_of(signer));
  JwtVerifier verifier(options_, keys_);
  const std::string token = make_token(signer, kGood);
  const auto first = verifier.check(token, kNow, {}).subject;
  ASSERT_NE(first, nullptr);
  EXPECT_EQ(verifier.check(token, kNow, {}).subject, first);
}

TEST_F(JwtVerifierTest, OffTheCacheKeepsNothing) {
  options_.token_cache = 0;
  JwtVerifier verifier(options_, keys_);
  const std::string token = make_token(hs256_, kGood);
  const auto first = verifier.check(token, kNow, {}).subject;
  const auto second = verifier.check(token, kNow, {}).subject;
  EXPECT_NE(second, first);
  EXPECT_NE(verifier.check(token, kNow, {}).subject, second);
}

io::Task<void> verify_into(JwtVerifier& verifier, io::Loop& loop, std::string_view token,
                           std::vector<Reason>& reasons) {
  const Verification done = co_await verifier.verify(loop, token);
  reasons.push_back(done.decision.reason);
}

TEST_F(JwtVerifierTest, AnUnknownKeyIsLookedForOnce) {
  const auto loop = io::make_sim_loop({});
  options_.require = {};
  const Signer newer = signer_of(Algorithm::HS256, 1);
  keys_.set = set_of(41, key_of(hs256_, "old"));
  keys_.newer = set_of(42, key_of(newer, "new"));
  JwtVerifier verifier(options_, keys_);
  const std::string good = make_token(newer, R"({"alg":"HS256","kid":"new"})", "{}");
  const std::string lost = make_token(newer, R"({"alg":"HS256","kid":"lost"})", "{}");
  const std::string forged = make_token(hs256_, R"({"alg":"HS256","kid":"new"})", "{}");
  std::vector<Reason> reasons;
  const auto main = [&](io::Loop&, io::Scope& scope) {
    scope.spawn(verify_into(verifier, *loop, good, reasons));
    scope.spawn(verify_into(verifier, *loop, lost, reasons));
    return verify_into(verifier, *loop, forged, reasons);
  };
  ASSERT_TRUE(loop->run(main, 10s));
  std::ranges::sort(reasons);
  EXPECT_EQ(reasons, (std::vector{Reason::ValidToken, Reason::UnknownKey, Reason::BadSignature}));
  EXPECT_THAT(keys_.asked, testing::UnorderedElementsAre(
                               "new", "lost"));  // not for the one whose key had come meanwhile
}

TEST_F(JwtVerifierTest, WithoutAUsableKeyANewOneIsLookedForOnce) {
  const auto loop = io::make_sim_loop({});
  options_.require = {};
  keys_.state = KeyState::NoneUsable;
  keys_.set = set_of(41);
  keys_.newer = set_of(42, key_of(hs256_, "new"));
  JwtVerifier verifier(options_, keys_);
  std::vector<Reason> reasons;
  const auto verify = [&](const std::string& header) {
    const std::string token = make_token(hs256_, header, "{}");
    EXPECT_EQ(verifier.check_at_once(*loop, token).has_value(), keys_.state == KeyState::Known);
    const auto main = [&](io::Loop&, io::Scope&) {
      return verify_into(verifier, *loop, token, reasons);
    };
    EXPECT_TRUE(loop->run(main, 10s));
  };
  verify(R"({"alg":"HS256"})");
  verify(R"({"alg":"HS256","kid":"lost"})");
  EXPECT_EQ(keys_.seen_generation, 41u);
  verify(R"({"alg":"HS256","kid":"new"})");
  verify(R"({"alg":"HS256"})");
  EXPECT_EQ(reasons, (std::vector{Reason::NoUsableKey, Reason::NoUsableKey, Reason::ValidToken,
                                  Reason::ValidToken}));
  EXPECT_EQ(keys_.asked, (std::vector<std::string>{"", "lost", "new"}));
}

// Counts the turns of the loop while others verify.
io::Task<void> count_turns(io::Loop& loop, const int& left, int& turns) {
  struct Turn {
    io::Loop* loop;
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> self) const { loop->resume_soon(self); }
    void await_resume() const noexcept {}
  };
  while (left > 0) {
    co_await Turn{&loop};
    ++turns;
  }
}

io::Task<void> verify_one(JwtVerifier& verifier, io::Loop& loop, std::string_view token,
                          std::vector<std::string>& order, int& left) {
  const Verification done = co_await verifier.verify(loop, token);
  order.push_back(done.subject != nullptr ? std::string(done.subject->name)
                                          : std::string(to_string(done.decision.reason)));
  --left;
}

TEST_F(JwtVerifierTest, SlowSignaturesTakeTurns) {
  const auto loop = io::make_sim_loop({});
  options_.algorithms = {Algorithm::ES384, Algorithm::HS256};
  options_.require = {};
  const Signer slow = signer_of(Algorithm::ES384);
  keys_.set = set_of(1, key_of(slow), key_of(hs256_));
  JwtVerifier verifier(options_, keys_);
  constexpr int kTokens = 6;
  std::vector<std::string> tokens;
  tokens.reserve(kTokens);
  for (int i = 0; i < kTokens; ++i) {
    tokens.push_back(make_token(slow, R"({"sub":"slow-)" + std::to_string(i) + "\"}"));
  }
  const std::string quick = make_token(hs256_, R"({"sub":"quick"})");
  std::vector<std::string> order;
  int turns = 0;
  int left = kTokens + 2;
  const auto main = [&](io::Loop&, io::Scope& scope) {
    for (const std::string& token : tokens) {
      scope.spawn(verify_one(verifier, *loop, token, order, left));
    }
    scope.spawn(verify_one(verifier, *loop, quick, order, left));
    // Seen by then, or not: it waits for its own check at most.
    scope.spawn(verify_one(verifier, *loop, tokens[0], order, left));
    return count_turns(*loop, left, turns);
  };
  ASSERT_TRUE(loop->run(main, 10s));
  ASSERT_EQ(order.size(), 8u);
  EXPECT_EQ(order[0], "quick");
  EXPECT_EQ(std::ranges::count(order, "slow-0"), 2);
  for (int i = 1; i < kTokens; ++i) {
    EXPECT_EQ(std::ranges::count(order, "slow-" + std::to_string(i)), 1);
  }
  EXPECT_GE(turns, kTokens);
  // Once known they wait for nobody.
  left = kTokens;
  turns = 0;
  order.clear();
  const auto again = [&](io::Loop&, io::Scope& scope) {
    for (const std::string& token : tokens) {
      scope.spawn(verify_one(verifier, *loop, token, order, left));
    }
    return count_turns(*loop, left, turns);
  };
  ASSERT_TRUE(loop->run(again, 10s));
  EXPECT_LE(turns, 2);
}

io::Task<void> give_up(io::Scope& waiting) {
  co_await waiting.close(io::CancelReason::ClientGone);
}

TEST_F(JwtVerifierTest, WhoLeavesGivesUpTheTurn) {
  const auto loop = io::make_sim_loop({});
  options_.algorithms = {Algorithm::ES384};
  options_.require = {};
  const Signer slow = signer_of(Algorithm::ES384);
  keys_.set = set_of(1, key_of(slow));
  JwtVerifier verifier(options_, keys_);
  const std::string a = make_token(slow, R"({"sub":"a"})");
  const std::string b = make_token(slow, R"({"sub":"b"})");
  const std::string c = make_token(slow, R"({"sub":"c"})");
  std::vector<std::string> order;
  int left = 3;
  io::Scope leaving(*loop);
  const auto main = [&](io::Loop&, io::Scope& scope) {
    scope.spawn(verify_one(verifier, *loop, a, order, left));
    leaving.spawn(verify_one(verifier, *loop, b, order, left));
    scope.spawn(verify_one(verifier, *loop, c, order, left));
    return give_up(leaving);
  };
  ASSERT_TRUE(loop->run(main, 10s));
  EXPECT_EQ(left, 0);
  EXPECT_TRUE(std::ranges::count(order, "a") == 1 && std::ranges::count(order, "c") == 1);
}

}  // namespace
}  // namespace yata::auth
