// What configuration says of an origin. Defaults are the documented ones.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"

namespace yata::origin {

enum class Addressing : std::uint8_t { Auto, Path, Virtual };

struct CredentialsOptions {
  enum class Kind : std::uint8_t {
    Default,    // AWS's chain: environment, then shared files
    Static,     // the three below
    Anonymous,  // requests are not signed
  };
  Kind kind = Kind::Default;
  std::string access_key;
  std::string secret_key;     // never printed
  std::string session_token;  // never printed
};

struct S3Timeouts {
  Duration connect = std::chrono::seconds(2);
  Duration first_byte = std::chrono::seconds(10);
  Duration stall = std::chrono::seconds(20);
};

struct PoolOptions {
  std::uint32_t connections = 256;  // per origin host, all loops together
  Duration idle = std::chrono::seconds(60);
};

struct RetryOptions {
  std::uint32_t attempts = 3;         // the first one included
  std::uint32_t budget_percent = 20;  // retries allowed in proportion to requests
};

struct S3Options {
  std::string bucket;
  std::string region = "us-east-1";
  std::optional<std::string> endpoint;  // URL; none: AWS
  Addressing addressing = Addressing::Auto;
  std::string key_prefix;
  CredentialsOptions credentials;
  std::string ca_file;  // empty: the system's certificates
  S3Timeouts timeouts;
  PoolOptions pool;
  RetryOptions retry;
  // Query parameters of the client that may reach S3; never one that signs.
  std::vector<std::string> allow_query = {"versionId", "partNumber"};
  // Request fields of the client that may reach S3; never x-amz-*, Authorization, Host, those of
  // one connection, and those this origin writes itself (Range, If-*, Accept-Encoding, …).
  std::vector<std::string> forward_headers;
  // Response fields of S3 that may reach the client, besides those of an object; never those of one
  // connection, of framing, S3's names for the request, Set-Cookie, and those that are ours.
  std::vector<std::string> return_headers;
  // S3's static website hosting: redirects and error pages reach the client as they are.
  bool website = false;
};

// What cannot be used, by the key it stands under ("forward_headers"). Empty when all is well.
struct OptionMistake {
  std::string_view key;
  std::string what;
};
std::vector<OptionMistake> mistakes_in(const S3Options& options);

// Whether a key or a token can be written into header fields: visible ASCII alone.
bool is_key_text(std::string_view text);
inline constexpr std::string_view kNoKeyText =
    "holds white space or a character that is not ASCII; a key has neither (a line end at the end "
    "of it, perhaps)";

struct DirectoryOptions {
  std::string
      root;  // absolute, or relative to the configuration file's folder (config/ makes it absolute)
};

}  // namespace yata::origin
