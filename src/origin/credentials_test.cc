#include "origin/credentials.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <map>

namespace yata::origin {
namespace {

using Variables = std::map<std::string, std::string>;

class CredentialsTest : public testing::Test {
 protected:
  CredentialsTest() {
    std::string pattern = testing::TempDir() + "credentials-XXXXXX";
    home_ = ::mkdtemp(pattern.data());
    std::filesystem::create_directory(home_ / ".aws");
  }
  ~CredentialsTest() override { std::filesystem::remove_all(home_); }

  void write(const std::string& name, const std::string& text) {
    std::ofstream(home_ / name, std::ios::binary) << text;
  }

  Result<std::shared_ptr<CredentialsSource>> make(Variables variables) {
    if (!variables.contains("HOME")) variables["HOME"] = home_.string();
    return make_credentials({}, [&](const std::string& name) -> std::optional<std::string> {
      const auto found = variables.find(name);
      if (found == variables.end()) return std::nullopt;
      return found->second;
    });
  }

  // "access/secret/token", or the error's detail with the home folder as "~".
  std::string keys(const Variables& variables) { return text(make(variables)); }

  std::string text(const Result<std::shared_ptr<CredentialsSource>>& source) {
    if (!source) {
      EXPECT_EQ(source.error().kind, ErrorKind::Invalid);
      std::string detail = source.error().detail;
      const std::string home = home_.string();
      for (std::size_t at; (at = detail.find(home)) != std::string::npos;) {
        detail.replace(at, home.size(), "~");
      }
      return detail;
    }
    const auto held = (*source)->get();
    if (!held) return held.error().detail;
    if (*held == nullptr) return "anonymous";
    return (*held)->access_key.str() + "/" + std::string((*held)->secret_key.reveal()) + "/" +
           (*held)->session_token.str();
  }

  std::string text(const CredentialsOptions& options) {
    return text(make_credentials(options, [](const std::string&) { return std::nullopt; }));
  }

  std::filesystem::path home_;
};

TEST_F(CredentialsTest, AnonymousGivesNoKeys) {
  EXPECT_EQ(text({.kind = CredentialsOptions::Kind::Anonymous}), "anonymous");
}

TEST_F(CredentialsTest, StaticGivesWhatConfigurationSays) {
  constexpr auto kStatic = CredentialsOptions::Kind::Static;
  EXPECT_EQ(text({kStatic, "AK", "SK", ""}), "AK/SK/");
  EXPECT_EQ(text({kStatic, "AK", "SK", "ST"}), "AK/SK/ST");
  EXPECT_EQ(text({kStatic, "AK", "", ""}),
            "credentials: secret_key is missing; access_key and secret_key are needed together");
  EXPECT_EQ(text({kStatic, "", "SK", ""}),
            "credentials: access_key is missing; access_key and secret_key are needed together");
}

TEST_F(CredentialsTest, KeysThatWouldBreakAHeaderFieldAreRefusedWithoutBeingShown) {
  constexpr auto kStatic = CredentialsOptions::Kind::Static;
  for (const CredentialsOptions& options :
       {CredentialsOptions{kStatic, "AK\r\nX: y", "SK", ""},
        CredentialsOptions{kStatic, "AK", "hunter2\n", ""},
        CredentialsOptions{kStatic, "AK", "SK", "hunter2 "},
        CredentialsOptions{kStatic, "\xc3\xa9hunter2", "SK", ""}}) {
    const std::string said = text(options);
    EXPECT_TRUE(said.contains("white space or a character that is not ASCII")) << said;
    EXPECT_FALSE(said.contains("hunter2")) << said;
  }
}

TEST_F(CredentialsTest, TheEnvironmentComesBeforeFiles) {
  write(".aws/credentials", "[default]\naws_access_key_id=FK\naws_secret_access_key=FS\n");
  EXPECT_EQ(keys({{"AWS_ACCESS_KEY_ID", "AK"}, {"AWS_SECRET_ACCESS_KEY", "SK"}}), "AK/SK/");
  EXPECT_EQ(keys({{"AWS_ACCESS_KEY_ID", "AK"},
                  {"AWS_SECRET_ACCESS_KEY", "SK"},
                  {"AWS_SESSION_TOKEN", "ST"}}),
            "AK/SK/ST");
  EXPECT_EQ(keys({{"AWS_ACCESS_KEY_ID", ""}, {"AWS_SECRET_ACCESS_KEY", ""}}), "FK/FS/");
}

TEST_F(CredentialsTest, HalfAPairInTheEnvironmentIsAMistakeAndNotAMiss) {
  write(".aws/credentials", "[default]\naws_access_key_id=FK\naws_secret_access_key=FS\n");
  EXPECT_EQ(keys({{"AWS_ACCESS_KEY_ID", "AK"}}),
            "AWS_SECRET_ACCESS_KEY is missing; AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are "
            "needed together");
}

TEST_F(CredentialsTest, TheCredentialsFileComesBeforeConfig) {
  write(".aws/config",
        "[default]\naws_access_key_id = CK\naws_secret_access_key = CS\n"
        "[profile ops]\naws_access_key_id = OK\naws_secret_access_key = OS\n"
        "aws_session_token = OT\n");
  EXPECT_EQ(keys({}), "CK/CS/");
  EXPECT_EQ(keys({{"AWS_PROFILE", "ops"}}), "OK/OS/OT");
  write(".aws/credentials",
        "[default]\naws_access_key_id = FK\naws_secret_access_key = FS\n"
        "[ops]\nregion = x\n");
  EXPECT_EQ(keys({}), "FK/FS/");
  EXPECT_EQ(keys({{"AWS_PROFILE", "ops"}}), "OK/OS/OT");
}

TEST_F(CredentialsTest, FilesCanBeElsewhere) {
  write("mine", "[default]\naws_access_key_id = MK\naws_secret_access_key = MS\n");
  write("settings", "[profile p]\naws_access_key_id = PK\naws_secret_access_key = PS\n");
  EXPECT_EQ(keys({{"AWS_SHARED_CREDENTIALS_FILE", (home_ / "mine").string()}}), "MK/MS/");
  EXPECT_EQ(keys({{"AWS_SHARED_CREDENTIALS_FILE", "~/mine"}}), "MK/MS/");
  EXPECT_EQ(keys({{"AWS_CONFIG_FILE", "~/settings"}, {"AWS_PROFILE", "p"}}), "PK/PS/");
}

TEST_F(CredentialsTest, FindingNothingSaysWhereItWasLookedFor) {
  EXPECT_EQ(keys({}),
            "no credentials found: AWS_ACCESS_KEY_ID is not set; ~/.aws/credentials (No such file "
            "or directory); ~/.aws/config (No such file or directory)");
  EXPECT_EQ(keys({{"HOME", ""}}),
            "no credentials found: AWS_ACCESS_KEY_ID is not set; no ~/.aws/credentials (neither "
            "HOME nor AWS_SHARED_CREDENTIALS_FILE is set); no ~/.aws/config (neither HOME nor "
            "AWS_CONFIG_FILE is set)");
  write(".aws/credentials", "[other]\naws_access_key_id = K\n");
  write(".aws/config", "[default]\nregion = eu-west-1\n");
  EXPECT_EQ(keys({}),
            "no credentials found: AWS_ACCESS_KEY_ID is not set; no profile 'default' in "
            "~/.aws/credentials; no aws_access_key_id in profile 'default' of ~/.aws/config");
  EXPECT_EQ(keys({{"AWS_SHARED_CREDENTIALS_FILE", home_.string()}, {"AWS_CONFIG_FILE", "~/no"}}),
            "no credentials found: AWS_ACCESS_KEY_ID is not set; ~ (Is a directory); ~/no (No "
            "such file or directory)");
}

TEST_F(CredentialsTest, AMalformedFileIsAMistakeWithItsLine) {
  write(".aws/credentials", "[default]\naws_access_key_id = K\nhunter2\n");
  EXPECT_EQ(keys({}), "~/.aws/credentials:3: neither a section nor a setting; write name = value");
}

TEST_F(CredentialsTest, HalfAPairInAProfileIsAMistake) {
  write(".aws/credentials", "[default]\naws_access_key_id = K\n");
  EXPECT_EQ(keys({}),
            "~/.aws/credentials: profile 'default': aws_secret_access_key is missing; "
            "aws_access_key_id and aws_secret_access_key are needed together");
}

TEST_F(CredentialsTest, AProfileThatNeedsAnotherSourceSaysSo) {
  write(".aws/config", "[default]\nrole_arn = arn:aws:iam::1:role/x\n");
  EXPECT_EQ(keys({}),
            "~/.aws/config: profile 'default': role_arn is not available in this version");
}

TEST_F(CredentialsTest, AFileBeyondReasonIsNotRead) {
  write(".aws/credentials", std::string(2 * 1024 * 1024, '\n'));
  EXPECT_TRUE(keys({}).contains("~/.aws/credentials (larger than 1 MiB)"));
}

}  // namespace
}  // namespace yata::origin
