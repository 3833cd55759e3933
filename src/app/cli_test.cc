#include "app/cli.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <vector>

#include "io/tls_test_certificates.h"

namespace yata::app {
namespace {

constexpr std::string_view kGood =
    "buckets: [{ name: a, directory: { root: . }, auth: { enabled: false } }]\n";

int served = 0;
int serve_nothing(const config::Config& config) {
  served += static_cast<int>(config.buckets.size());
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

TEST_F(Cli, ConfigTellsOfKeys) {
  EXPECT_TRUE(say({"config", "reference"}).out.starts_with("# Configuration\n"));
  EXPECT_TRUE(say({"config", "schema"}).out.starts_with("{\n"));
  const Said dump = say({"config", "dump", "-c", good_});
  EXPECT_EQ(dump.code, kExitWell);
  EXPECT_NE(dump.out.find("\n  threads: auto\n"), std::string::npos);
  EXPECT_EQ(say({"config", "dump", "-c", wrong_}).code, kExitUsage);
}

TEST_F(Cli, VersionIsOneLine) {
  const Said said = say({"version"});
  EXPECT_EQ(said.code, kExitWell);
  EXPECT_TRUE(said.out.starts_with("yatagarasu ")) << said.out;
  EXPECT_EQ(said.out.find('\n'), said.out.size() - 1);
}

}  // namespace
}  // namespace yata::app
