#include "origin/options.h"

#include <gtest/gtest.h>

namespace yata::origin {
namespace {

S3Options good() {
  S3Options options;
  options.bucket = "docs";
  return options;
}

std::string said(const S3Options& options) {
  std::string text;
  for (const OptionMistake& mistake : mistakes_in(options)) {
    text.append(mistake.key).append(": ").append(mistake.what).append("\n");
  }
  return text;
}

TEST(S3OptionMistakes, AreNoneInGoodOptions) {
  EXPECT_EQ(said(good()), "");
  S3Options options = good();
  options.endpoint = "http://127.0.0.1:9000/base";
  options.forward_headers = {"X-Tenant", "Accept-Language"};
  options.allow_query = {"versionId", "response-content-type"};
  EXPECT_EQ(said(options), "");
}

TEST(S3OptionMistakes, AreAllToldWithTheirKeys) {
  S3Options options;
  options.bucket = "No";
  options.region = "us east";
  options.endpoint = "minio:9000";
  options.allow_query = {"X-Amz-Signature", "expires", ""};
  options.forward_headers = {"x-amz-acl", "a b", ""};
  std::string keys;
  for (const OptionMistake& mistake : mistakes_in(options)) keys.append(mistake.key).append(" ");
  EXPECT_EQ(keys,
            "bucket region endpoint allow_query allow_query allow_query forward_headers "
            "forward_headers forward_headers ");
}

TEST(S3OptionMistakes, AreKeysThatNoFieldCanHold) {
  S3Options options = good();
  options.credentials = {.kind = CredentialsOptions::Kind::Static,
                         .access_key = "AKID EXAMPLE",
                         .secret_key = "hidden\n",
                         .session_token = "t\xc3\xb6ken"};
  std::string keys;
  for (const OptionMistake& mistake : mistakes_in(options)) keys.append(mistake.key).append(" ");
  EXPECT_EQ(keys, "credentials.access_key credentials.secret_key credentials.session_token ");
  EXPECT_FALSE(said(options).contains("hidden"));
  options.credentials.kind = CredentialsOptions::Kind::Default;  // Then they are not looked at.
  EXPECT_EQ(said(options), "");
}

TEST(S3OptionMistakes, ShowWhenGoodPartsDoNotFitTogether) {
  S3Options options = good();
  options.endpoint = "http://127.0.0.1:9000";
  options.addressing = Addressing::Virtual;
  EXPECT_EQ(said(options), "addressing: virtual addressing needs a host name, not '127.0.0.1'\n");
  options = good();
  options.key_prefix = std::string(1024, 'p');
  EXPECT_EQ(said(options), "key_prefix: the key prefix leaves no room for a key\n");
}

}  // namespace
}  // namespace yata::origin
