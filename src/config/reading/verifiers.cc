#include "config/reading/verifiers.h"

#include <algorithm>

#include "auth/claim_rules.h"
#include "auth/jwks_source.h"
#include "auth/pem.h"
#include "auth/static_keys.h"
#include "base/units.h"
#include "config/reading/file.h"
#include "config/reading/rules.h"
#include "http/field.h"

namespace yata::config {
namespace {

using auth::TokenSource;

std::string item(const std::string& list, std::size_t index) {
  return list + "[" + std::to_string(index) + "]";
}

// A token of RFC 9110 §5.6.2.
bool is_field_name(std::string_view name) {
  return std::ranges::all_of(name, [](char c) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    return letter || (c >= '0' && c <= '9') ||
           std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
  });
}

// Fields whose values the access log has (record/access_line.cc), or may have as the request's id.
bool is_logged(std::string_view name) {
  constexpr std::string_view kLogged[] = {"User-Agent", "Referer", "Range", "Host", "X-Request-Id"};
  return std::ranges::any_of(
      kLogged, [name](std::string_view one) { return http::equals_ignoring_case(one, name); });
}

class Completion {
 public:
  Completion(const Environment& environment, const Places& places, Mistakes& mistakes)
      : environment_(&environment), places_(&places), mistakes_(&mistakes) {}

  void complete(auth::VerifierOptions& verifier) {
    if (verifier.sources.empty()) verifier.sources.emplace_back();
    for (std::size_t i = 0; i < verifier.public_keys.size(); ++i) {
      read_key(verifier.public_keys[i], item(verifier.name + ".public_keys", i));
    }
  }

 private:
  void say(const std::string& path, std::string what) {
    mistakes_->add(places_->of(path), path, {.what = std::move(what)});
  }

  void read_key(auth::PublicKeyOptions& key, const std::string& path) {
    const int given = !key.file.empty() + !key.variable.empty() + !key.pem.empty();
    if (given != 1) {
      if (mistakes_->none_under(path)) say(path, "say one of file, env and pem");
      return;
    }
    key.from = "pem";
    if (!key.file.empty()) read_file_of(key, path + ".file");
    if (!key.variable.empty()) read_variable_of(key, path + ".env");
  }

  void read_file_of(auth::PublicKeyOptions& key, const std::string& path) {
    const bool hidden = places_->is_expanded(path);
    key.from = hidden ? "the file" : "file " + key.file;
    auto text = read_file(key.file, auth::kMaxPemBytes);
    const std::string name = hidden ? "the file that it names" : key.file;
    if (!text) return say(path, name + " " + text.error().detail);
    key.pem = *std::move(text);
  }

  void read_variable_of(auth::PublicKeyOptions& key, const std::string& path) {
    const bool hidden = places_->is_expanded(path);
    key.from = hidden ? "the variable" : "variable " + key.variable;
    auto text = (*environment_)(key.variable);
    const std::string name = hidden ? "the variable that it names" : key.variable;
    if (!text || text->empty()) return say(path, name + " is not set");
    key.pem = *std::move(text);
  }

  const Environment* environment_;  // all outlive this
  const Places* places_;
  Mistakes* mistakes_;
};

class AuthRules {
 public:
  AuthRules(const Config& config, const Places& places, Mistakes& mistakes)
      : config_(&config), places_(&places), mistakes_(&mistakes) {}

  void check() {
    for (const auth::VerifierOptions& one : config_->verifiers) check_verifier(one);
    for (std::size_t i = 0; i < config_->buckets.size(); ++i) check_bucket(i);
    check_admin();
  }

 private:
  void say(const std::string& path, std::string what) {
    mistakes_->add(places_->of(path), path, {.what = std::move(what)});
  }

  void check_verifier(const auth::VerifierOptions& verifier) {
    for (std::size_t i = 0; i < verifier.sources.size(); ++i) {
      check_source(verifier.sources[i], item(verifier.name + ".sources", i));
    }
    for (std::size_t i = 0; i < verifier.require.size(); ++i) {
      const std::string path = item(verifier.name + ".require", i);
      if (verifier.require[i].empty() && !mistakes_->about(path)) say(path, "an empty name");
    }
    if (verifier.any_audience && verifier.audiences.size() > 1) {
      say(verifier.name + ".audience", "any stands alone");
    }
    check_keys(verifier);
  }

  void check_source(const TokenSource& source, const std::string& path) {
    if (!places_->has(path) || !mistakes_->none_under(path)) return;
    const bool bearer = source.kind == TokenSource::Kind::Bearer;
    if (bearer && !source.name.empty()) say(path + ".name", "bearer has no name");
    if (!bearer && source.name.empty()) say(path, "name is missing");
    if (source.kind != TokenSource::Kind::Header && !source.prefix.empty()) {
      say(path + ".prefix", "of a header only");
    }
    check_name(source, path + ".name");
  }

  void check_name(const TokenSource& source, const std::string& path) {
    if (source.kind == TokenSource::Kind::Query && source.name.contains('%')) {
      say(path, std::string(kHasEscapes));
    }
    if (source.kind != TokenSource::Kind::Header) return;
    if (!is_field_name(source.name)) say(path, "no name of a field");
    if (is_logged(source.name)) say(path, "the access log writes this field; tokens need another");
  }

  void check_jwks_times(const auth::VerifierOptions& verifier) {
    const auth::JwksOptions& jwks = *verifier.jwks;
    const std::string path = verifier.name + ".jwks.";
    const std::string than = " than refresh, " + format_duration(jwks.refresh);
    // One that the file does not have is no place to look at.
    const auto place = [&](const std::string& key) {
      return path + (places_->has(path + key) ? key : "refresh");
    };
    if (jwks.min_refresh > jwks.refresh) {
      say(place("min_refresh"),
          "min_refresh, " + format_duration(jwks.min_refresh) + ", is longer" + than);
    }
    if (jwks.max_age < jwks.refresh) {
      say(place("max_age"), "max_age, " + format_duration(jwks.max_age) + ", is shorter" + than +
                                ": known keys would be given up between two fetches");
    }
  }

  void check_jwks(const auth::VerifierOptions& verifier) {
    auto well = auth::JwksSource::check(verifier);
    if (well) return warn_of_plain_http(verifier);
    const std::string path = verifier.name + ".jwks";
    const std::string file = path + ".ca_file";
    std::string what = without_place(verifier, well.error().detail);
    constexpr std::string_view kOfFile = "jwks.ca_file: ";
    if (!what.starts_with(kOfFile)) return say(path, std::move(what));
    // It names the file.
    say(file, places_->is_expanded(file) ? "what the environment gives cannot be used"
                                         : what.substr(kOfFile.size()));
  }

  void warn_of_plain_http(const auth::VerifierOptions& verifier) {
    if (!auth::JwksSource::comes_unprotected(verifier)) return;
    const std::string path = verifier.name + (verifier.jwks->url.empty() ? ".issuer" : ".jwks.url");
    mistakes_->warn(places_->of(path), path,
                    "keys come from another machine over plain http: whoever is on the way can "
                    "put in their own; use https");
  }

  // The place is told already.
  static std::string without_place(const auth::VerifierOptions& verifier, std::string what) {
    const std::string prefix = verifier.name + ": ";
    if (what.starts_with(prefix)) what.erase(0, prefix.size());
    return what;
  }

  void check_keys(const auth::VerifierOptions& verifier) {
    if (!mistakes_->none_under(verifier.name)) return;
    if (verifier.jwks) {
      check_jwks_times(verifier);
      return check_jwks(verifier);
    }
    auth::AlgorithmSet wanted;
    for (const auth::Algorithm one : verifier.algorithms) wanted.add(one);
    bool well = true;
    for (std::size_t i = 0; i < verifier.public_keys.size(); ++i) {
      auto key = auth::key_from_pem(verifier.public_keys[i], wanted);
      if (key) continue;
      say(item(verifier.name + ".public_keys", i), key.error().detail);
      well = false;
    }
    if (!well) return;
    auto made = auth::StaticKeys::make(verifier);
    if (made) return;
    std::string what = without_place(verifier, made.error().detail);
    if (what.starts_with("secret")) return say(verifier.name + ".secret", std::move(what));
    if (!what.starts_with("public_keys[")) return say(verifier.name, std::move(what));
    const std::size_t end = what.find(' ');
    say(verifier.name + "." + what.substr(0, end), what.substr(end + 1));
  }

  const auth::VerifierOptions* find(const std::string& name) const {
    const auto found = std::ranges::find(config_->verifiers, name, &auth::VerifierOptions::name);
    return found == config_->verifiers.end() ? nullptr : &*found;
  }

  // What both buckets and the admin listener have; `path` is that of their `auth`.
  const auth::VerifierOptions* check_access(const auth::AccessOptions& access,
                                            const std::string& path) {
    for (std::size_t i = 0; i < access.claims.size(); ++i) {
      const std::string rule = item(path + ".claims", i);
      if (!mistakes_->none_under(rule)) continue;
      auto made = auth::ClaimRules::make({access.claims[i]});
      if (!made) say(rule, made.error().detail);
    }
    if (access.verifier.empty()) return nullptr;
    const auth::VerifierOptions* verifier = find(access.verifier);
    // A verifier with a mistake in its name's place was told of already.
    if (verifier == nullptr && mistakes_->none_under(path + ".jwt")) {
      say(path + ".jwt", "there is no verifier of this name" + known_verifiers());
    }
    return verifier;
  }

  std::string known_verifiers() const {
    constexpr std::size_t kShownMax = 5;
    std::string text;
    std::size_t shown = 0;
    for (const auth::VerifierOptions& one : config_->verifiers) {
      if (!one.name.starts_with("jwt.") || ++shown > kShownMax) continue;
      text += (text.empty() ? "; jwt has " : ", ") + one.name.substr(4);
    }
    return text;
  }

  void check_bucket(std::size_t index) {
    const proxy::BucketOptions& bucket = config_->buckets[index];
    const std::string path = item("buckets", index) + ".auth";
    const auth::VerifierOptions* verifier = check_access(bucket.access, path);
    const bool needs_one = bucket.auth_enabled && places_->has(path + ".enabled");
    if (needs_one && bucket.access.verifier.empty() && mistakes_->none_under(path)) {
      say(path, "nobody could enter: say jwt, the name of a verifier or one inline");
    }
    if (!bucket.auth_enabled) check_public(bucket.access, path);
    const auto* s3 = std::get_if<origin::S3Options>(&bucket.origin);
    if (bucket.auth_enabled && verifier != nullptr && s3 != nullptr) {
      check_passed_on(*verifier, *s3, item("buckets", index) + ".s3");
    }
  }

  // Whoever names a verifier or rules does not mean everyone.
  void check_public(const auth::AccessOptions& access, const std::string& path) {
    const auto refuse = [&](const std::string& key) {
      if (!mistakes_->none_under(path + key)) return;
      say(path + key, "nobody is asked with enabled: false; leave it out, or say enabled: true");
    };
    if (!access.verifier.empty()) refuse(".jwt");
    if (!access.claims.empty()) refuse(".claims");
  }

  // What carries tokens never goes to the origin.
  void check_passed_on(const auth::VerifierOptions& verifier, const origin::S3Options& s3,
                       const std::string& path) {
    const auto refuse = [&](const std::vector<std::string>& list, const std::string& key,
                            const TokenSource& source, bool exact) {
      for (std::size_t i = 0; i < list.size(); ++i) {
        const bool same = exact ? list[i] == source.name
                                : http::equals_ignoring_case(list[i], name_of_field(source));
        if (same) say(item(path + key, i), "carries tokens, which never reach the origin");
      }
    };
    for (const TokenSource& source : verifier.sources) {
      if (source.kind == TokenSource::Kind::Query) {
        refuse(s3.allow_query, ".allow_query", source, true);
      } else {
        refuse(s3.forward_headers, ".forward_headers", source, false);
      }
    }
  }

  static std::string_view name_of_field(const TokenSource& source) {
    if (source.kind == TokenSource::Kind::Header) return source.name;
    return source.kind == TokenSource::Kind::Cookie ? "Cookie" : "Authorization";
  }

  void check_admin() {
    if (config_->admin.access) {
      check_access(*config_->admin.access, "admin.auth");
    } else if (places_->has("admin.address") && !places_->has("admin.auth") &&
               mistakes_->none_under("admin.address") && !config_->admin.address.is_loopback()) {
      say("admin.address", "anybody who reaches " + config_->admin.address.to_string() +
                               " could use it; say admin.auth, or a loopback address");
    }
  }

  const Config* config_;  // all three outlive this
  const Places* places_;
  Mistakes* mistakes_;
};

}  // namespace

void complete_verifiers(Config& config, const Environment& environment, const Places& places,
                        Mistakes& mistakes) {
  Completion completion(environment, places, mistakes);
  for (auth::VerifierOptions& one : config.verifiers) completion.complete(one);
}

void check_auth(const Config& config, const Places& places, Mistakes& mistakes) {
  AuthRules(config, places, mistakes).check();
}

}  // namespace yata::config
