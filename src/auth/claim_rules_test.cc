#include "auth/claim_rules.h"

#include <gtest/gtest.h>

namespace yata::auth {
namespace {

using Operator = ClaimRule::Operator;

constexpr std::string_view kClaims = R"({
  "sub": "ann", "iss": "https://issuer.example", "exp": 1700000000,
  "role": "reader", "level": 3, "share": 0.5, "admin": true, "off": false, "nothing": null,
  "roles": ["reader", "editor", 7, true, null, ["nested"]], "scope": "read:a  write:b",
  "realm_access": {"roles": ["one"], "deep": {"n": 1}},
  "https://example.com/roles": ["x"], "a.b": {"c\\d": "e"},
  "big": 9007199254740993, "huge": 1e300, "over": 1e400,
  "unsigned": 18446744073709551615, "tenth": 0.1, "one": 1.0})";

// "valid_token", or why not, for one rule.
std::string decided(ClaimRule rule) {
  Subject subject;
  EXPECT_TRUE(subject.claims.read(kClaims));
  auto rules = ClaimRules::make({std::move(rule)});
  EXPECT_TRUE(rules) << rules.error().detail;
  return rules ? std::string(to_string(rules->decide(subject).reason)) : "";
}

constexpr const char* kHolds = "valid_token";
constexpr const char* kNot = "claim_refused";
constexpr const char* kAbsent = "claim_absent";

TEST(ClaimRules, EqualsByTypeAndValue) {
  EXPECT_EQ(decided({"role", Operator::Equals, {R"("reader")"}}), kHolds);
  EXPECT_EQ(decided({"role", Operator::Equals, {R"("Reader")"}}), kNot);
  EXPECT_EQ(decided({"level", Operator::Equals, {"3"}}), kHolds);
  EXPECT_EQ(decided({"level", Operator::Equals, {"3.0"}}), kHolds);
  EXPECT_EQ(decided({"level", Operator::Equals, {R"("3")"}}), kNot);
  EXPECT_EQ(decided({"admin", Operator::Equals, {"true"}}), kHolds);
  EXPECT_EQ(decided({"admin", Operator::Equals, {R"("true")"}}), kNot);
  EXPECT_EQ(decided({"off", Operator::Equals, {"false"}}), kHolds);
  EXPECT_EQ(decided({"off", Operator::Equals, {"true"}}), kNot);
  EXPECT_EQ(decided({"nothing", Operator::Equals, {"false"}}), kNot);
  EXPECT_EQ(decided({"roles", Operator::Equals, {R"("reader")"}}), kNot);
  EXPECT_EQ(decided({"realm_access", Operator::Equals, {R"("one")"}}), kNot);
  EXPECT_EQ(decided({"big", Operator::Equals, {"9007199254740993"}}), kHolds);
  EXPECT_EQ(decided({"big", Operator::Equals, {"9007199254740992"}}), kNot);
  EXPECT_EQ(decided({"over", Operator::Equals, {"1e300"}}), kNot);
}

// As doubles, each of these pairs would be one number.
TEST(ClaimRules, NumbersAreEqualToTheLastDigit) {
  EXPECT_EQ(decided({"big", Operator::Equals, {"9007199254740993.0"}}), kHolds);
  EXPECT_EQ(decided({"big", Operator::Equals, {"9007199254740992.0"}}), kNot);
  EXPECT_EQ(decided({"big", Operator::In, {"9007199254740992.0", "9007199254740994"}}), kNot);
  EXPECT_EQ(decided({"unsigned", Operator::Equals, {"18446744073709551615"}}), kHolds);
  EXPECT_EQ(decided({"unsigned", Operator::Equals, {"18446744073709551614"}}), kNot);
  EXPECT_EQ(decided({"unsigned", Operator::Gt, {"18446744073709551614"}}), kHolds);
  EXPECT_EQ(decided({"unsigned", Operator::Lt, {"18446744073709551616"}}), kHolds);
  EXPECT_EQ(decided({"tenth", Operator::Equals, {"0.1000000000000000055"}}), kNot);
  EXPECT_EQ(decided({"over", Operator::Gt, {"1e399"}}), kHolds);
  for (const char* spelling : {"1", "1.0", "1e0", "10e-1"}) {
    EXPECT_EQ(decided({"one", Operator::Equals, {spelling}}), kHolds) << spelling;
  }
}

TEST(ClaimRules, InOneOfAList) {
  EXPECT_EQ(decided({"role", Operator::In, {"1", R"("editor")", R"("reader")"}}), kHolds);
  EXPECT_EQ(decided({"role", Operator::In, {R"("editor")"}}), kNot);
  EXPECT_EQ(decided({"level", Operator::In, {"1", "3"}}), kHolds);
}

TEST(ClaimRules, ContainsAnElementOrAWord) {
  EXPECT_EQ(decided({"roles", Operator::Contains, {R"("editor")"}}), kHolds);
  EXPECT_EQ(decided({"roles", Operator::Contains, {"7"}}), kHolds);
  EXPECT_EQ(decided({"roles", Operator::Contains, {"true"}}), kHolds);
  EXPECT_EQ(decided({"roles", Operator::Contains, {R"("edit")"}}), kNot);
  EXPECT_EQ(decided({"roles", Operator::Contains, {R"("nested")"}}), kNot);
  EXPECT_EQ(decided({"scope", Operator::Contains, {R"("read:a")"}}), kHolds);
  EXPECT_EQ(decided({"scope", Operator::Contains, {R"("write:b")"}}), kHolds);
  EXPECT_EQ(decided({"scope", Operator::Contains, {R"("read")"}}), kNot);
  EXPECT_EQ(decided({"scope", Operator::Contains, {R"("")"}}), kNot);
  EXPECT_EQ(decided({"scope", Operator::Contains, {R"("read:a  write:b")"}}), kNot);
  EXPECT_EQ(decided({"level", Operator::Contains, {"3"}}), kNot);
  EXPECT_EQ(decided({"realm_access", Operator::Contains, {R"("roles")"}}), kNot);
}

TEST(ClaimRules, NumbersAreCompared) {
  EXPECT_EQ(decided({"level", Operator::Gt, {"2"}}), kHolds);
  EXPECT_EQ(decided({"level", Operator::Gt, {"3"}}), kNot);
  EXPECT_EQ(decided({"level", Operator::Gte, {"3"}}), kHolds);
  EXPECT_EQ(decided({"level", Operator::Gte, {"3.5"}}), kNot);
  EXPECT_EQ(decided({"share", Operator::Lt, {"0.75"}}), kHolds);
  EXPECT_EQ(decided({"share", Operator::Lt, {"0.5"}}), kNot);
  EXPECT_EQ(decided({"share", Operator::Lte, {"0.5"}}), kHolds);
  EXPECT_EQ(decided({"level", Operator::Lte, {"-1"}}), kNot);
  EXPECT_EQ(decided({"big", Operator::Gt, {"9007199254740992"}}), kHolds);
  EXPECT_EQ(decided({"huge", Operator::Gt, {"1"}}), kHolds);
  EXPECT_EQ(decided({"exp", Operator::Gte, {"1700000000"}}), kHolds);
  // What is no number is neither less nor more.
  for (const Operator op : {Operator::Gt, Operator::Gte, Operator::Lt, Operator::Lte}) {
    for (const char* claim : {"role", "admin", "nothing", "roles", "realm_access"}) {
      EXPECT_EQ(decided({claim, op, {"0"}}), kNot) << claim;
    }
  }
}

TEST(ClaimRules, PathsGoIntoObjects) {
  EXPECT_EQ(decided({"realm_access.roles", Operator::Contains, {R"("one")"}}), kHolds);
  EXPECT_EQ(decided({"realm_access.deep.n", Operator::Equals, {"1"}}), kHolds);
  EXPECT_EQ(decided({"https://example\\.com/roles", Operator::Contains, {R"("x")"}}), kHolds);
  EXPECT_EQ(decided({"a\\.b.c\\\\d", Operator::Equals, {R"("e")"}}), kHolds);
  EXPECT_EQ(decided({"https://example.com/roles", Operator::Contains, {R"("x")"}}), kAbsent);
  EXPECT_EQ(decided({"realm_access.none", Operator::Equals, {"1"}}), kAbsent);
  EXPECT_EQ(decided({"role.length", Operator::Equals, {"1"}}), kAbsent);
  EXPECT_EQ(decided({"roles.0", Operator::Equals, {R"("reader")"}}), kAbsent);
  EXPECT_EQ(decided({"Role", Operator::Equals, {R"("reader")"}}), kAbsent);
}

TEST(ClaimRules, AllMustHold) {
  Subject subject;
  ASSERT_TRUE(subject.claims.read(kClaims));
  const ClaimRule good{"role", Operator::Equals, {R"("reader")"}};
  const ClaimRule bad{"level", Operator::Gt, {"3"}};
  EXPECT_TRUE(ClaimRules::make({})->decide(subject).allowed());
  EXPECT_TRUE(ClaimRules::make({good, good})->decide(subject).allowed());
  const Decision refused = ClaimRules::make({good, bad})->decide(subject);
  EXPECT_EQ(refused.reason, Reason::ClaimRefused);
  EXPECT_EQ(refused.detail, "level");
  EXPECT_FALSE(ClaimRules::make({bad, good})->decide(subject).allowed());
}

TEST(ClaimRules, WhatMakesNoRule) {
  const ClaimRule wrong[] = {{"", Operator::Equals, {"1"}},       {"a..b", Operator::Equals, {"1"}},
                             {".a", Operator::Equals, {"1"}},     {"a.", Operator::Equals, {"1"}},
                             {"a\\", Operator::Equals, {"1"}},    {"a\\b", Operator::Equals, {"1"}},
                             {"a", Operator::Equals, {}},         {"a", Operator::In, {}},
                             {"a", Operator::Equals, {"1", "2"}}, {"a", Operator::Equals, {"null"}},
                             {"a", Operator::Equals, {"[1]"}},    {"a", Operator::Equals, {"text"}},
                             {"a", Operator::Gt, {R"("1")"}},     {"a", Operator::Lt, {"true"}}};
  for (const ClaimRule& rule : wrong) {
    EXPECT_FALSE(ClaimRules::make({rule})) << rule.claim << " " << rule.values.size();
  }
}

}  // namespace
}  // namespace yata::auth
