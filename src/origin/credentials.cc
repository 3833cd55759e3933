#include "origin/credentials.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

#include "origin/s3/shared_files.h"

namespace yata::origin {
namespace {

constexpr std::size_t kMaxFileBytes = 1024 * 1024;

Error invalid(std::string detail) {
  return {ErrorKind::Invalid, ErrorSource::Self, Retry::Never, std::move(detail)};
}

class FixedCredentials final : public CredentialsSource {
 public:
  explicit FixedCredentials(std::shared_ptr<const s3::Credentials> keys) : keys_(std::move(keys)) {}
  Result<std::shared_ptr<const s3::Credentials>> get() const override { return keys_; }

 private:
  const std::shared_ptr<const s3::Credentials> keys_;  // null: anonymous
};

// The three values, and how messages call them.
struct Keys {
  std::string access_key;
  std::string secret_key;
  std::string session_token;
};
struct KeyNames {
  std::string where;  // "AWS_PROFILE …: ", or nothing
  std::string_view access_key;
  std::string_view secret_key;
  std::string_view session_token;
};
constexpr std::string_view kEnvAccessKey = "AWS_ACCESS_KEY_ID";
constexpr std::string_view kEnvSecretKey = "AWS_SECRET_ACCESS_KEY";
constexpr std::string_view kEnvSessionToken = "AWS_SESSION_TOKEN";
constexpr std::string_view kFileAccessKey = "aws_access_key_id";
constexpr std::string_view kFileSecretKey = "aws_secret_access_key";
constexpr std::string_view kFileSessionToken = "aws_session_token";

Result<std::shared_ptr<CredentialsSource>> fixed(Keys keys, const KeyNames& names) {
  if (keys.access_key.empty() || keys.secret_key.empty()) {
    const bool no_secret = keys.secret_key.empty();
    std::string detail = names.where;
    detail.append(no_secret ? names.secret_key : names.access_key).append(" is missing; ");
    detail.append(names.access_key).append(" and ").append(names.secret_key);
    return invalid(detail.append(" are needed together"));
  }
  for (const auto& [name, value] : {std::pair(names.access_key, &keys.access_key),
                                    std::pair(names.secret_key, &keys.secret_key),
                                    std::pair(names.session_token, &keys.session_token)}) {
    if (is_key_text(*value)) continue;
    std::string detail = names.where;
    return invalid(detail.append(name).append(" ").append(kNoKeyText));
  }
  auto held = std::make_shared<s3::Credentials>();
  held->access_key = s3::AccessKeyId(std::move(keys.access_key));
  held->secret_key = s3::SecretKey(std::move(keys.secret_key));
  held->session_token = s3::SessionToken(std::move(keys.session_token));
  return std::make_shared<FixedCredentials>(std::move(held));
}

// An empty variable counts as not set, as AWS's own tools have it.
std::string variable(const Environment& environment, std::string_view name) {
  return environment(std::string(name)).value_or("");
}

// The file's text, or why there is none ("no such file").
struct Read {
  std::string text;
  std::string why_not;
};

Read read_file(const std::string& path) {
  std::FILE* file = std::fopen(path.c_str(), "re");
  if (file == nullptr) return {{}, std::strerror(errno)};
  Read read;
  std::array<char, 4096> block;
  while (const std::size_t got = std::fread(block.data(), 1, block.size(), file)) {
    read.text.append(block.data(), got);
    if (read.text.size() > kMaxFileBytes) break;
  }
  if (std::ferror(file) != 0) read.why_not = std::strerror(errno);
  if (read.text.size() > kMaxFileBytes) read.why_not = "larger than 1 MiB";
  std::fclose(file);
  return read;
}

// Where a shared file is: what `variable_name` says, or `standard` below the home folder. Empty
// when neither is known.
std::string shared_path(const Environment& environment, std::string_view variable_name,
                        std::string_view standard) {
  std::string named = variable(environment, variable_name);
  if (!named.empty() && !named.starts_with("~/")) return named;
  const std::string home = variable(environment, "HOME");
  if (home.empty()) return {};
  return home + (named.empty() ? std::string(standard) : named.substr(1));
}

// How a profile can say where its keys come from, other than by holding them.
constexpr std::array<std::string_view, 5> kOtherSources = {
    "role_arn", "credential_process", "sso_session", "sso_start_url", "web_identity_token_file"};

class SharedFiles {
 public:
  explicit SharedFiles(const Environment& environment)
      : environment_(environment), profile_(variable(environment, "AWS_PROFILE")) {
    if (profile_.empty()) profile_ = "default";
  }

  // Null when no file has keys for the profile: looked_at() says what was tried.
  Result<std::shared_ptr<CredentialsSource>> find() {
    std::string other_source;
    for (SharedFile kind : {SharedFile::Credentials, SharedFile::Config}) {
      const std::string path = path_of(kind);
      Result<std::optional<Profile>> profile = load(path, kind);
      if (!profile) return profile.error();
      if (!*profile) continue;
      const KeyNames names{path + ": profile '" + profile_ + "': ", kFileAccessKey, kFileSecretKey,
                           kFileSessionToken};
      Keys keys{std::string((*profile)->value_of(kFileAccessKey)),
                std::string((*profile)->value_of(kFileSecretKey)),
                std::string((*profile)->value_of(kFileSessionToken))};
      if (!keys.access_key.empty() || !keys.secret_key.empty())
        return fixed(std::move(keys), names);
      for (std::string_view source : kOtherSources) {
        if (!(*profile)->value_of(source).empty()) {
          other_source = names.where + std::string(source) + " is not available in this version";
        }
      }
      note("no " + std::string(kFileAccessKey) + " in profile '" + profile_ + "' of " + path);
    }
    if (!other_source.empty()) return invalid(other_source);
    return std::shared_ptr<CredentialsSource>();
  }

  const std::string& looked_at() const { return looked_at_; }

 private:
  std::string path_of(SharedFile kind) const {
    return kind == SharedFile::Credentials
               ? shared_path(environment_, "AWS_SHARED_CREDENTIALS_FILE", "/.aws/credentials")
               : shared_path(environment_, "AWS_CONFIG_FILE", "/.aws/config");
  }

  // The profile as the file has it; nullopt without file or profile.
  Result<std::optional<Profile>> load(const std::string& path, SharedFile kind) {
    if (path.empty()) {
      note(kind == SharedFile::Credentials
               ? "no ~/.aws/credentials (neither HOME nor AWS_SHARED_CREDENTIALS_FILE is set)"
               : "no ~/.aws/config (neither HOME nor AWS_CONFIG_FILE is set)");
      return std::optional<Profile>();
    }
    const Read read = read_file(path);
    if (!read.why_not.empty()) {
      note(path + " (" + read.why_not + ")");
      return std::optional<Profile>();
    }
    const SharedText source{read.text, path};
    Result<std::vector<Profile>> profiles = parse_shared_file(source, kind);
    if (!profiles) return profiles.error();
    const Profile* profile = find_profile(*profiles, profile_);
    if (profile == nullptr) {
      note("no profile '" + profile_ + "' in " + path);
      return std::optional<Profile>();
    }
    return std::optional<Profile>(*profile);
  }

  void note(const std::string& what) { looked_at_.append("; ").append(what); }

  const Environment& environment_;  // the caller's, for the call
  std::string profile_;
  std::string looked_at_;
};

Result<std::shared_ptr<CredentialsSource>> from_chain(const Environment& environment) {
  Keys keys{variable(environment, kEnvAccessKey), variable(environment, kEnvSecretKey),
            variable(environment, kEnvSessionToken)};
  if (!keys.access_key.empty() || !keys.secret_key.empty()) {
    return fixed(std::move(keys), {"", kEnvAccessKey, kEnvSecretKey, kEnvSessionToken});
  }
  SharedFiles files(environment);
  Result<std::shared_ptr<CredentialsSource>> found = files.find();
  if (!found || *found != nullptr) return found;
  return invalid("no credentials found: " + std::string(kEnvAccessKey) + " is not set" +
                 files.looked_at());
}

}  // namespace

Result<std::shared_ptr<CredentialsSource>> make_credentials(const CredentialsOptions& options,
                                                            const Environment& environment) {
  switch (options.kind) {
    case CredentialsOptions::Kind::Anonymous: return std::make_shared<FixedCredentials>(nullptr);
    case CredentialsOptions::Kind::Static:
      return fixed({options.access_key, options.secret_key, options.session_token},
                   {"credentials: ", "access_key", "secret_key", "session_token"});
    case CredentialsOptions::Kind::Default: break;
  }
  return from_chain(environment);
}

}  // namespace yata::origin
