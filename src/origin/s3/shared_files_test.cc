#include "origin/s3/shared_files.h"

#include <gtest/gtest.h>

#include <string>

namespace yata::origin {
namespace {

std::string value(std::string_view text, SharedFile kind, std::string_view profile,
                  std::string_view setting) {
  const SharedText source{text, "f"};
  const auto profiles = parse_shared_file(source, kind);
  if (!profiles) return profiles.error().detail;
  const Profile* found = find_profile(*profiles, profile);
  return found == nullptr ? "(no profile)" : std::string(found->value_of(setting));
}

TEST(SharedFiles, ReadsTheFormsThatAwsToolsWrite) {
  struct Row {
    std::string_view text;
    SharedFile kind;
    std::string_view profile;
    std::string_view expected;
  };
  constexpr auto kCredentials = SharedFile::Credentials;
  constexpr auto kConfig = SharedFile::Config;
  const Row rows[] = {
      {"[default]\nk = v\n", kCredentials, "default", "v"},
      {"[default]\nk=v", kCredentials, "default", "v"},
      {"\xEF\xBB\xBF[default]\r\nk\t=  v \r\n", kCredentials, "default", "v"},
      {"# c\n; c\n\n[ a ]\n  K = v\n  x = y\n", kCredentials, "a", "v"},
      {"[default] # the usual one\nk = v # comment\n", kCredentials, "default", "v"},
      {"[default]\nk = v#not;comment\n", kCredentials, "default", "v#not;comment"},
      {"[default]\nk = a=b==\n", kCredentials, "default", "a=b=="},
      {"[default]\nk = 1\nk = 2\n", kCredentials, "default", "2"},
      {"[a]\nk = 1\n[b]\nk = 2\n[a]\nx = 3\n", kCredentials, "a", "1"},
      {"[default]\nk =\n", kCredentials, "default", ""},
      {"[profile a]\nk = v\n", kConfig, "a", "v"},
      {"[profile\ta b]\nk = v\n", kConfig, "a b", "v"},
      {"[profile \"a b\"]\nk = v\n", kConfig, "a b", "v"},
      {"[profile default]\nk = v\n", kConfig, "default", "v"},
      {"[default]\nk = v\n", kConfig, "default", "v"},
      {"[a]\nk = v\n", kConfig, "a", "(no profile)"},
      {"[profilea]\nk = v\n", kConfig, "a", "(no profile)"},
      {"[sso-session a]\nk = v\n", kConfig, "a", "(no profile)"},
      {"[default]\ns3 =\n  k = nested\nk = v\n", kConfig, "default", "v"},
      {"[default]\ns3 =\n  k = nested\n", kConfig, "default", ""},
      {"[sso-session x]\n  k = 1\n[default]\nk = v\n", kConfig, "default", "v"},
      {"", kCredentials, "default", "(no profile)"},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(value(row.text, row.kind, row.profile, "k"), row.expected) << row.text;
  }
}

TEST(SharedFiles, SaysWhereAMalformedFileIsWrongAndNeverQuotesIt) {
  struct Row {
    std::string_view text;
    std::string_view expected;
  };
  using namespace std::string_view_literals;
  const Row rows[] = {
      {"k = hunter2\n", "f:1: a setting before any section; start with [default]"},
      {"[default\nk = hunter2\n", "f:1: a section without its closing bracket; write [name]"},
      {"[default]\n\nhunter2\n", "f:3: neither a section nor a setting; write name = value"},
      {"[default]\n= hunter2\n", "f:2: a setting without a name; write name = value"},
      {"[]\n", "f:1: a section without a name; write [default]"},
      {"[\"\"]\n", "f:1: a section without a name; write [default]"},
      {"[default] k = hunter2\n",
       "f:1: text after a section's closing bracket; put it on a line of its own"},
      {"[default]\nk = hunter2\0\n"sv, "f:2: a NUL byte; a text file is expected"},
      {"\x1f\x8b\x08", "f:1: a setting before any section; start with [default]"},
  };
  for (const Row& row : rows) {
    const SharedText source{row.text, "f"};
    const auto profiles = parse_shared_file(source, SharedFile::Credentials);
    ASSERT_FALSE(profiles) << row.text;
    EXPECT_EQ(profiles.error().kind, ErrorKind::Invalid);
    EXPECT_EQ(profiles.error().detail, row.expected);
  }
}

}  // namespace
}  // namespace yata::origin
