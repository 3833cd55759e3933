#include "auth/claim_rules.h"

#include <algorithm>
#include <compare>
#include <optional>
#include <utility>

#include "auth/decimal.h"

namespace yata::auth {
namespace {

using Operator = ClaimRule::Operator;

Error invalid(std::string what) {
  return {ErrorKind::Invalid, ErrorSource::Self, Retry::Never, std::move(what)};
}

bool is_scalar(const JsonValue& value) {
  return value.is_string() || value.is_number() || value.boolean().has_value();
}

bool is_comparison(Operator op) {
  return op == Operator::Gt || op == Operator::Gte || op == Operator::Lt || op == Operator::Lte;
}

// "realm_access.roles", "https://example\.com/roles".
Result<std::vector<std::string>> split_path(std::string_view claim) {
  std::vector<std::string> path(1);
  for (std::size_t i = 0; i < claim.size(); ++i) {
    if (claim[i] == '.') {
      path.emplace_back();
      continue;
    }
    if (claim[i] == '\\') {
      ++i;
      if (i == claim.size() || (claim[i] != '.' && claim[i] != '\\')) {
        return invalid("a backslash stands before a dot or another backslash only");
      }
    }
    path.back() += claim[i];
  }
  const bool has_empty = std::ranges::any_of(path, [](const auto& one) { return one.empty(); });
  if (has_empty) return invalid("an empty name in the path");
  return path;
}

// Unordered when one is no number.
std::partial_ordering compare(const JsonValue& a, const JsonValue& b) {
  if (!a.is_number() || !b.is_number()) return std::partial_ordering::unordered;
  return compare_decimals(a.text(), b.text());
}

bool equal(const JsonValue& a, const JsonValue& b) {
  if (a.is_string() && b.is_string()) return a.text() == b.text();
  if (a.is_number()) return compare(a, b) == 0;
  return a.boolean() && a.boolean() == b.boolean();
}

bool equals_one_of(const JsonValue& claim, const JsonValue& values) {
  return std::any_of(values.begin(), values.end(),
                     [&](const JsonValue& value) { return equal(claim, value); });
}

// An element of an array; a word of a text, as in `scope` (RFC 8693 §4.2).
bool contains(const JsonValue& claim, const JsonValue& value) {
  if (claim.is_array()) {
    return std::any_of(claim.begin(), claim.end(),
                       [&](const JsonValue& one) { return equal(one, value); });
  }
  if (!claim.is_string() || !value.is_string()) return false;
  std::string_view words = claim.text();
  while (!words.empty()) {
    const std::string_view word = words.substr(0, words.find(' '));
    if (word == value.text() && !word.empty()) return true;
    words.remove_prefix(std::min(word.size() + 1, words.size()));
  }
  return false;
}

}  // namespace

Result<ClaimRules> ClaimRules::make(const std::vector<ClaimRule>& rules) {
  ClaimRules made;
  for (const ClaimRule& rule : rules) {
    auto one = make_rule(rule);
    if (!one) return one.error();
    made.rules_.push_back(std::move(*one));
  }
  return made;
}

Result<ClaimRules::Rule> ClaimRules::make_rule(const ClaimRule& rule) {
  auto path = split_path(rule.claim);
  if (!path) return path.error();
  if (rule.values.empty()) return invalid("no value");
  if (rule.op != Operator::In && rule.values.size() != 1) {
    return invalid("several values; only operator in takes a list");
  }
  std::string array = "[";
  for (const std::string& value : rule.values) {
    if (array.size() > 1) array += ',';
    array += value;
  }
  Rule made{.claim = rule.claim, .path = std::move(*path), .op = rule.op, .values = {}};
  if (!made.values.read(array + "]")) return invalid("a value that is no JSON");
  for (const JsonValue value : made.values.root()) {
    if (!is_scalar(value)) return invalid("a value that is no text, number, true or false");
    if (is_comparison(rule.op) && !value.is_number()) return invalid("a value that is no number");
  }
  return made;
}

Decision ClaimRules::decide(const Subject& subject) const {
  for (const Rule& rule : rules_) {
    std::optional<JsonValue> claim = subject.claims.root();
    for (const std::string& name : rule.path) {
      if (claim) claim = claim->member(name);
    }
    if (!claim) return {Reason::ClaimAbsent, rule.claim};
    if (!holds(rule, *claim)) return {Reason::ClaimRefused, rule.claim};
  }
  return {Reason::ValidToken, {}};
}

bool ClaimRules::holds(const Rule& rule, const JsonValue& claim) {
  const JsonValue values = rule.values.root();
  const JsonValue first = *values.begin();
  switch (rule.op) {
    case Operator::Equals:
    case Operator::In: return equals_one_of(claim, values);
    case Operator::Contains: return contains(claim, first);
    case Operator::Gt: return compare(claim, first) > 0;
    case Operator::Gte: return compare(claim, first) >= 0;
    case Operator::Lt: return compare(claim, first) < 0;
    case Operator::Lte: return compare(claim, first) <= 0;
  }
  return false;
}

}  // namespace yata::auth
