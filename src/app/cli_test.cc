#include "app/cli.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <vector>

#include "app/cache_command.h"
#include "io/tls_test_certificates.h"

namespace yata::app {
namespace {

constexpr std::string_view kGood =
    "buckets: [{ name: a, directory: { root: . }, auth: { enabled: false } }]\n";

int served = 0;
std::size_t warned = 0;
int serve_nothing(const config::Config& config, std::span<const config::Mistake> warnings) {
  served += static_cast<int>(config.buckets.size());
  warned += warnings.size();
  return kExitFailed;
}

struct Said {
  int code = 0;
  std::string out;
  std::string err;
};

Said say(const std::vector<std::string>& words) {
  std::vector<const char*> arguments;
  arguments.reserve(words.size());
  for (const std::string& word : words) arguments.push_back(word.c_str());
  std::ostringstream out;
  std::ostringstream err;
  const auto environment = [](const std::string&) { return std::optional<std::string>(); };
  const int code = run(arguments, {&out, &err, environment, &serve_nothing});
  return {code, out.str(), err.str()};
}

class Cli : public testing::Test {
 protected:
  const io::TestDirectory folder_;
  const std::string good_ = folder_.write("good.yaml", std::string(kGood));
  const std::string two_ = folder_.write(
      "two.yaml", std::string(kGood).replace(10, 0,
                                             "{ name: b, path_prefix: /b, directory: { root: . }, "
                                             "auth: { enabled: false } }, "));
  const std::string wrong_ = folder_.write("wrong.yaml", "a: 1\nb: 2\n" + std::string(kGood));
};

TEST_F(Cli, UsageIsToldAndIs2) {
  struct Case {
    std::vector<std::string> words;
    std::string_view says;
  };
  const Case cases[] = {
      {{}, "A subcommand is required"},
      {{"srve"}, "there is no command \"srve\"; did you mean \"serve\"?"},
      {{"fly", "-c", "x"}, "there is no command \"fly\""},
      {{"config"}, "A subcommand is required"},
      {{"config", "dmp"}, "there is no command \"dmp\"; did you mean \"dump\"?"},
      {{"serve"}, "--config is required"},
      {{"check"}, "--config is required"},
      {{"config", "dump"}, "--config is required"},
      {{"serve", "-c"}, "--config"},
      {{"serve", "-c", "x", "--what"}, "--what"},
      {{"version", "extra"}, "extra"},
      {{"cache"}, "A subcommand is required"},
      {{"cache", "prge"}, "did you mean \"purge\"?"},
      {{"cache", "purge", "--bucket", "a", "--key", "k"},
       "Exactly 1 option from [-c,--config,--admin]"},
      {{"cache", "stats", "-c", "x", "--admin", "http://127.0.0.1:1"}, "and 2 were given"},
      {{"cache", "purge", "-c", "x", "--bucket", "a"}, "[--key,--tag,--prefix,--all]"},
      {{"cache", "purge", "-c", "x", "--bucket", "a", "--key", "k", "--tag", "t"},
       "and 2 were given"},
      {{"cache", "warm", "-c", "x", "--all", "--rate", "0"}, "--rate"},
      {{"cache", "stats", "--admin", "https://127.0.0.1:1"}, "http://HOST:PORT"},
      {{"cache", "stats", "--admin", "127.0.0.1:1"}, "--admin: "},
      {{"--what"}, "A subcommand is required"},
  };
  for (const Case& one : cases) {
    const Said said = say(one.words);
    EXPECT_EQ(said.code, kExitUsage) << said.err;
    EXPECT_NE(said.err.find(one.says), std::string::npos) << said.err;
    EXPECT_EQ(said.out, "");
  }
}

TEST_F(Cli, HelpGoesToStandardOutputAndIs0) {
  const Said all = say({"--help"});
  EXPECT_EQ(all.code, kExitWell);
  for (std::string_view word : {"serve", "check", "config", "version", "Exit codes"}) {
    EXPECT_NE(all.out.find(word), std::string::npos) << word;
  }
  EXPECT_EQ(all.err, "");
  const Said serve = say({"serve", "--help"});
  EXPECT_EQ(serve.code, kExitWell);
  EXPECT_NE(serve.out.find("--check"), std::string::npos);
}

TEST_F(Cli, CheckSaysOkOrEveryMistake) {
  const Said good = say({"check", "-c", good_});
  EXPECT_EQ(good.code, kExitWell);
  EXPECT_EQ(good.out, good_ + ": ok, 1 bucket\n");
  EXPECT_EQ(say({"check", "--config", two_}).out, two_ + ": ok, 2 buckets\n");
  const Said wrong = say({"check", "-c", wrong_});
  EXPECT_EQ(wrong.code, kExitUsage);
  EXPECT_EQ(wrong.out, "");
  EXPECT_EQ(wrong.err, wrong_ + ":1:1: a: unknown key\n" + wrong_ + ":2:1: b: unknown key\n");
  const Said missing = say({"check", "-c", folder_.path() + "/none.yaml"});
  EXPECT_EQ(missing.code, kExitNotAvailable);
  EXPECT_NE(missing.err.find("none.yaml: cannot be read: "), std::string::npos);
}

TEST_F(Cli, ServeServesOnlyWhatIsRight) {
  served = 0;
  EXPECT_EQ(say({"serve", "-c", wrong_}).code, kExitUsage);
  EXPECT_EQ(say({"serve", "--check", "-c", good_}).code, kExitWell);
  EXPECT_EQ(served, 0);
  EXPECT_EQ(say({"serve", "-c", two_}).code, kExitFailed);
  EXPECT_EQ(served, 2);
}

// A warning is told once by whoever uses the file, and changes no exit code.
TEST_F(Cli, WarningsAreToldAndGoneOnFrom) {
  const std::string file = folder_.write(
      "http.yaml",
      std::string(kGood) +
          "jwt: { v: { algorithms: [ES256], jwks: { url: 'http://idp.example/keys' } } }\n");
  const Said checked = say({"check", "-c", file});
  EXPECT_EQ(checked.code, kExitWell);
  EXPECT_EQ(checked.out, file + ": ok, 1 bucket\n");
  EXPECT_EQ(checked.err,
            "warning: " + file +
                ":2:47: jwt.v.jwks.url: keys come from another machine over plain http: whoever is "
                "on the way can put in their own; use https\n");
  warned = 0;
  const Said served_it = say({"serve", "-c", file});
  EXPECT_EQ(served_it.code, kExitFailed);
  EXPECT_EQ(served_it.err, "");  // the log has it
  EXPECT_EQ(warned, 1u);
  EXPECT_EQ(say({"config", "dump", "-c", file}).err, "");
}

TEST_F(Cli, ConfigTellsOfKeys) {
  EXPECT_TRUE(say({"config", "reference"}).out.starts_with("# Configuration\n"));
  EXPECT_TRUE(say({"config", "schema"}).out.starts_with("{\n"));
  const Said dump = say({"config", "dump", "-c", good_});
  EXPECT_EQ(dump.code, kExitWell);
  EXPECT_NE(dump.out.find("\n  threads: auto\n"), std::string::npos);
  EXPECT_EQ(say({"config", "dump", "-c", wrong_}).code, kExitUsage);
}

TEST_F(Cli, WhereTheAdminListenerIs) {
  const auto at = [](const std::string& address) {
    const auto admin = admin_of(*io::parse_address(address));
    return admin ? admin->host + " " + std::to_string(admin->port) : admin.error().detail;
  };
  EXPECT_EQ(at("127.0.0.1:9901"), "127.0.0.1 9901");
  EXPECT_EQ(at("0.0.0.0:9901"), "127.0.0.1 9901");
  EXPECT_EQ(at("[::]:9901"), "::1 9901");
  EXPECT_NE(at("127.0.0.1:0").find("--admin"), std::string::npos);
  EXPECT_NE(at("unix:/run/y.sock").find("curl --unix-socket /run/y.sock"), std::string::npos);
  // Nobody listens on port 1.
  const Said said = say({"cache", "stats", "--admin", "http://127.0.0.1:1"});
  EXPECT_EQ(said.code, kExitNotAvailable);
  EXPECT_NE(said.err.find("the admin listener at http://127.0.0.1:1 cannot be asked"),
            std::string::npos)
      << said.err;
  EXPECT_EQ(say({"cache", "stats", "-c", wrong_}).code, kExitUsage);
}

TEST_F(Cli, WhatIsSaidToTheAdminListener) {
  CacheCommand command;
  command.bucket = "a";
  command.keys = {"k \"1\""};
  EXPECT_EQ(purge_request(command).body, "{\"bucket\":\"a\",\"key\":\"k \\\"1\\\"\"}\n");
  EXPECT_EQ(purge_request({.all = true}).body, "{\"all\":true}\n");
  command.keys = {"x", "y"};
  command.rate = 7;
  EXPECT_EQ(warm_request(command).body,
            "{\"bucket\":\"a\",\"keys\":[\"x\",\"y\"],\"requests_per_second\":7}\n");
  EXPECT_EQ(warm_request(command).method, "POST");
}

TEST_F(Cli, AnAnswerIsReadWholeOrNotAtAll) {
  const auto read = [](std::string_view text) {
    const auto answer = read_admin_answer(text);
    return answer ? std::to_string(answer->status) + answer->body
                  : std::string(to_string(answer.error().kind));
  };
  EXPECT_EQ(read("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX: y\r\n\r\nok"), "200ok");
  EXPECT_EQ(read("HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n"), "404");
  EXPECT_EQ(read("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok"), "closed");
  EXPECT_EQ(read("HTTP/1.1 200 OK\r\nContent-Le"), "closed");
  EXPECT_EQ(read(""), "closed");
  EXPECT_EQ(read("HTTP/1.1 200 OK\r\n\r\nok"), "protocol");
  EXPECT_EQ(read("SSH-2.0-x\r\n\r\n"), "protocol");
}

TEST_F(Cli, VersionIsOneLine) {
  const Said said = say({"version"});
  EXPECT_EQ(said.code, kExitWell);
  EXPECT_TRUE(said.out.starts_with("yatagarasu ")) << said.out;
  EXPECT_EQ(said.out.find('\n'), said.out.size() - 1);
}

}  // namespace
}  // namespace yata::app
