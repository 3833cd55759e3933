// Our verifier against npm jose, over random tokens. Where they disagree it is we who refuse, for a
// reason that is listed here and that the token really has.
#include <gtest/gtest.h>
#include <stdlib.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "auth/jwt_verifier.h"
#include "jose_tokens.h"

namespace yata::conformance {
namespace {

using auth::Reason;

constexpr std::size_t kTokens = 100'000;

// What jose takes and we refuse: with which reason, for which traits (jose_verdicts.mjs finds
// them).
//   spelling     base64url that a second writer would not have written so: padding, other signs,
//                bits left over. RFC 7515 §2 has one spelling; with more, one token has many
//                digests.
//   utf8, bom    bytes that are no UTF-8, or a mark in front of it (RFC 8259 §8.1)
//   surrogate    a string that is no Unicode text, which no other reader is bound to take
//   doubled      a name twice: RFC 7515 §4 leaves the choice between refusing and the last one
//   deep, long   our bounds: 16 levels, 16 KiB
//   forbidden    keys, forms and rules that the token would bring itself: jwk, jku, x5u, x5c, crit,
//                enc, zip, b64 in any list of crit, and a token inside the token (cty)
//   header-type  kid, typ or cty that is no string (RFC 7515 §4.1: all are)
//   claim-type   sub that is no string, aud with other things than strings (RFC 7519 §4.1)
//   date         a date before 1970, behind the year 9999, or that is no number
//   iat-ahead    issued in the future, beyond leeway; jose looks at it only when told an age
const std::map<Reason, std::set<std::string>> kStricter = {
    {Reason::TokenTooLong, {"long"}},
    {Reason::MalformedToken,
     {"spelling", "utf8", "bom", "surrogate", "doubled", "deep", "header-type"}},
    {Reason::ForbiddenHeader, {"forbidden"}},
    {Reason::MalformedClaims,
     {"spelling", "utf8", "bom", "surrogate", "doubled", "deep", "claim-type", "date"}},
    {Reason::NotYetValid, {"iat-ahead"}},
};

struct Theirs {
  bool takes = false;
  std::string subject;  // as JSON; "" in quotes without one
  std::vector<std::string> traits;
};

Theirs parse(const std::string& line) {
  Theirs theirs;
  std::istringstream words(line);
  std::string first;
  std::string traits;
  words >> first >> theirs.subject >> traits;
  theirs.takes = first == "1";
  std::istringstream list(traits);
  for (std::string one; std::getline(list, one, ',');) theirs.traits.push_back(one);
  return theirs;
}

std::string rules(const Keys& keys) {
  return R"({"now":)" + std::to_string(kNow) + R"(,"leeway":)" + std::to_string(kLeeway) +
         R"(,"issuer":")" + kIssuer + R"(","audience":")" + kAudience + R"(","keys":)" + keys.json +
         "}";
}

// nullopt without Node or its packages.
std::optional<std::vector<Theirs>> ask_jose(const Keys& keys,
                                            const std::vector<std::string>& tokens) {
  std::string directory = (std::filesystem::temp_directory_path() / "yata-jose-XXXXXX").string();
  if (mkdtemp(directory.data()) == nullptr) return std::nullopt;
  const std::string in = directory + "/in";
  const std::string out = directory + "/out";
  {
    std::ofstream file(in, std::ios::binary);
    file << rules(keys) << '\n';
    for (const std::string& token : tokens) file << token << '\n';
  }
  const std::string command = "'" YATA_NODE "' '" YATA_JOSE_SCRIPT "' <'" + in + "' >'" + out + "'";
  const bool done = std::system(command.c_str()) == 0;
  std::vector<Theirs> all;
  std::ifstream file(out);
  for (std::string line; std::getline(file, line);) all.push_back(parse(line));
  std::filesystem::remove_all(directory);
  if (!done) return std::nullopt;
  return all;
}

class SameKeys final : public auth::KeySource {
 public:
  explicit SameKeys(std::shared_ptr<const auth::KeySet> keys) : keys_(std::move(keys)) {}
  Now now(SteadyTime /*time*/) const override { return {auth::KeyState::Known, keys_}; }
  io::Task<void> look_for(io::Loop&, std::string_view, std::uint64_t) override { co_return; }

 private:
  std::shared_ptr<const auth::KeySet> keys_;
};

auth::VerifierOptions verifier_options() {
  auth::VerifierOptions options;
  options.name = "jose";
  for (std::size_t i = 0; i < auth::kAlgorithms; ++i) {
    options.algorithms.push_back(static_cast<auth::Algorithm>(i));
  }
  options.issuers = {kIssuer};
  options.audiences = {kAudience};
  options.leeway = std::chrono::seconds(kLeeway);
  return options;
}

// Why the two do not agree; "" when they do. Counts what is listed.
std::string difference(const auth::Verification& ours, const Theirs& theirs,
                       std::map<std::string, int>& listed) {
  const bool taken = ours.subject != nullptr;
  if (taken && theirs.takes) {
    const std::string subject = '"' + std::string(ours.subject->name) + '"';
    return subject == theirs.subject ? "" : "another subject: " + theirs.subject;
  }
  if (!taken && !theirs.takes) return "";
  if (taken) return "taken by us alone";
  const std::string reason(to_string(ours.decision.reason));
  const auto allowed = kStricter.find(ours.decision.reason);
  for (const std::string& trait : theirs.traits) {
    if (allowed == kStricter.end() || !allowed->second.contains(trait)) continue;
    ++listed[reason + " for " + trait];
    return "";
  }
  return "refused by us alone: " + reason + " " + ours.decision.detail;
}

void report(const std::map<std::string, int>& listed, int both) {
  std::printf("%d of %zu tokens are taken by both\n", both, kTokens);
  for (const auto& [what, count] : listed) std::printf("  %6d %s\n", count, what.c_str());
}

TEST(Jose, EveryDifferenceIsListed) {
  Keys keys = make_keys();
  TokenMaker maker(keys, 20'261'127);
  std::vector<std::string> tokens;
  for (std::size_t i = 0; i < kTokens; ++i) tokens.push_back(maker.next());
  const auto theirs = ask_jose(keys, tokens);
  ASSERT_TRUE(theirs) << "Node, or the packages that make servers installs, are not there";
  ASSERT_EQ(theirs->size(), kTokens);

  const auth::VerifierOptions options = verifier_options();
  SameKeys source(std::make_shared<auth::KeySet>(std::move(keys.set)));
  auth::JwtVerifier verifier(options, source);
  const WallTime now{std::chrono::seconds(kNow)};
  std::map<std::string, int> listed;
  int both = 0;
  int shown = 0;
  for (std::size_t i = 0; i < kTokens; ++i) {
    const auth::Verification ours = verifier.check(tokens[i], now, {});
    const std::string why = difference(ours, (*theirs)[i], listed);
    both += ours.subject != nullptr && (*theirs)[i].takes ? 1 : 0;
    if (!why.empty() && ++shown <= 10) ADD_FAILURE() << why << "\n" << tokens[i];
  }
  EXPECT_EQ(shown, 0) << "differences in all";
  report(listed, both);
  // The tokens are worth comparing: many are good, and each listed trait was met.
  EXPECT_GT(both, static_cast<int>(kTokens / 10));
  for (const auto& [reason, traits] : kStricter) {
    for (const std::string& trait : traits) {
      EXPECT_GT(listed[std::string(to_string(reason)) + " for " + trait], 0) << trait;
    }
  }
}

}  // namespace
}  // namespace yata::conformance
