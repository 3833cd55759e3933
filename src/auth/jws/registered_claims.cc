#include "auth/jws/registered_claims.h"

#include <algorithm>
#include <optional>

namespace yata::auth {
namespace {

// The last second of the year 9999: what is beyond is no date but a mistake, in milliseconds maybe.
constexpr double kLastDate = 253'402'300'799.0;

struct Claims {
  std::optional<JsonValue> sub, iss, aud, exp, nbf, iat;
};

Claims registered(const JsonValue& payload) {
  Claims claims;
  for (const JsonValue one : payload) {
    const std::string_view name = one.name();
    if (name.size() != 3) continue;
    if (name == "sub") claims.sub = one;
    if (name == "iss") claims.iss = one;
    if (name == "aud") claims.aud = one;
    if (name == "exp") claims.exp = one;
    if (name == "nbf") claims.nbf = one;
    if (name == "iat") claims.iat = one;
  }
  return claims;
}

bool has(const std::vector<std::string>& texts, std::string_view text) {
  return std::ranges::find(texts, text) != texts.end();
}

class Check {
 public:
  Check(const VerifierOptions& options, WallTime now, std::string_view& detail)
      : options_(&options), detail_(&detail) {
    constexpr double kSecond = 1e6;
    now_ = static_cast<double>(now.time_since_epoch().count()) / kSecond;
    leeway_ = std::chrono::duration<double>(options.leeway).count();
  }

  Reason times(const Claims& claims, Subject& subject) {
    double exp = subject.expires;
    double nbf = 0;
    double iat = 0;
    if (!date(claims.exp, exp)) return refuse(Reason::MalformedClaims, "exp");
    if (!date(claims.nbf, nbf)) return refuse(Reason::MalformedClaims, "nbf");
    if (!date(claims.iat, iat)) return refuse(Reason::MalformedClaims, "iat");
    if (now_ >= exp + leeway_) return refuse(Reason::Expired, "exp");
    if (now_ < nbf - leeway_) return refuse(Reason::NotYetValid, "nbf");
    if (now_ < iat - leeway_) return refuse(Reason::NotYetValid, "iat");
    subject.expires = exp;
    return Reason::ValidToken;
  }

  Reason issuer(const std::optional<JsonValue>& iss) {
    if (iss && !iss->is_string()) return refuse(Reason::MalformedClaims, "iss");
    if (options_->issuers.empty()) return Reason::ValidToken;
    if (iss && has(options_->issuers, iss->text())) return Reason::ValidToken;
    return refuse(Reason::WrongIssuer, "iss");
  }

  Reason audience(const std::optional<JsonValue>& aud) {
    bool meant = false;
    if (aud && aud->is_string()) {
      meant = has(options_->audiences, aud->text());
    } else if (aud && aud->is_array()) {
      for (const JsonValue one : *aud) {
        if (!one.is_string()) return refuse(Reason::MalformedClaims, "aud");
        meant = meant || has(options_->audiences, one.text());
      }
    } else if (aud) {
      return refuse(Reason::MalformedClaims, "aud");
    }
    if (options_->any_audience || meant) return Reason::ValidToken;
    // A token for nobody in particular, for a verifier that is nobody in particular.
    if (!aud && options_->audiences.empty()) return Reason::ValidToken;
    return refuse(Reason::WrongAudience, "aud");
  }

  Reason required(const JsonValue& payload) {
    for (const std::string& name : options_->require) {
      const auto claim = payload.member(name);
      if (!claim || claim->is_null()) return refuse(Reason::MissingClaim, name);
    }
    return Reason::ValidToken;
  }

  Reason refuse(Reason reason, std::string_view claim) {
    *detail_ = claim;
    return reason;
  }

 private:
  // Leaves `value` as it is when there is no such claim.
  static bool date(const std::optional<JsonValue>& claim, double& value) {
    if (!claim) return true;
    const auto number = claim->number();
    if (!number || *number < 0 || *number > kLastDate) return false;
    value = *number;
    return true;
  }

  const VerifierOptions* options_;  // both outlive the check
  std::string_view* detail_;
  double now_ = 0;
  double leeway_ = 0;
};

}  // namespace

Reason check_registered_claims(const VerifierOptions& options, WallTime now, Subject& subject,
                               std::string_view& detail) {
  Check check(options, now, detail);
  const JsonValue payload = subject.claims.root();
  if (!payload.is_object()) return check.refuse(Reason::MalformedClaims, "no object");
  const Claims claims = registered(payload);
  if (claims.sub && !claims.sub->is_string()) return check.refuse(Reason::MalformedClaims, "sub");
  if (claims.sub) subject.name = claims.sub->text();
  Reason reason = check.required(payload);
  if (reason == Reason::ValidToken) reason = check.times(claims, subject);
  if (reason == Reason::ValidToken) reason = check.issuer(claims.iss);
  if (reason == Reason::ValidToken) reason = check.audience(claims.aud);
  return reason;
}

}  // namespace yata::auth
