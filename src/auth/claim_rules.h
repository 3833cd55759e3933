// Rules on claims: the part of authorization that needs nobody else. Made once from configuration,
// immutable, shared by all loops.
#pragma once

#include <string>
#include <vector>

#include "auth/decision.h"
#include "auth/json.h"
#include "auth/options.h"
#include "auth/subject.h"
#include "base/result.h"

namespace yata::auth {

class ClaimRules {
 public:
  ClaimRules() = default;
  // Invalid, with what is wrong about one rule in its detail: an empty name in its path, a
  // backslash before anything but a dot or a backslash, a value that its operator does not take.
  static Result<ClaimRules> make(const std::vector<ClaimRule>& rules);

  // Whether all of them hold. What a claim says that a rule does not take (an object, a text where
  // a number is compared) refuses, and so does a claim that is not there.
  Decision decide(const Subject& subject) const;
  bool empty() const { return rules_.empty(); }

 private:
  struct Rule {
    std::string claim;              // as configured, for the log
    std::vector<std::string> path;  // of member names
    ClaimRule::Operator op = ClaimRule::Operator::Equals;
    Json values;  // an array of scalars
  };
  static Result<Rule> make_rule(const ClaimRule& rule);
  static bool holds(const Rule& rule, const JsonValue& claim);

  std::vector<Rule> rules_;
};

}  // namespace yata::auth
