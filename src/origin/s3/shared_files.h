// AWS's shared files: ~/.aws/credentials and ~/.aws/config, as profiles. Pure: text in, profiles
// out; credentials.cc reads the files at start.
//
// Source: "Shared config and credentials file format", AWS SDKs and Tools Reference Guide.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace yata::origin {

enum class SharedFile : std::uint8_t {
  Credentials,  // [name]
  Config,       // [default] and [profile name]; other sections are of no concern here
};

struct ProfileSetting {
  std::string name;   // lowercase
  std::string value;  // may be a secret
};

struct Profile {
  std::string name;
  std::vector<ProfileSetting> settings;

  // The value of the last setting of that name; empty without one.
  std::string_view value_of(std::string_view setting) const;
};

struct SharedText {
  std::string_view text;
  std::string_view file;  // for messages
};

// The profiles of one file; sections of one name are joined. Invalid for a malformed file: the
// detail says file, line, and what would be right, and never quotes the line, which may hold a
// secret.
Result<std::vector<Profile>> parse_shared_file(const SharedText& source, SharedFile kind);

const Profile* find_profile(const std::vector<Profile>& profiles, std::string_view name);

}  // namespace yata::origin
