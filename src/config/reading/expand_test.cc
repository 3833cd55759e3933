#include "config/reading/expand.h"

#include <gtest/gtest.h>

namespace yata::config {
namespace {

std::optional<std::string> environment(const std::string& name) {
  if (name == "A") return "alpha";
  if (name == "B_2") return "${A}";
  if (name == "EMPTY") return "";
  if (name == "BAD") return "\xFF";
  return std::nullopt;
}

TEST(Expand, TextsAndFaults) {
  struct Case {
    std::string_view text;
    std::string_view gives;  // the text, or the fault
    bool expanded;
  };
  const Case cases[] = {
      {"", "", false},
      {"plain", "plain", false},
      {"${A}", "alpha", true},
      {"x${A}y${A}z", "xalphayalphaz", true},
      {"${B_2}", "${A}", true},  // Not expanded again.
      {"${NONE:-b}", "b", true},
      {"${NONE:-}", "", true},
      {"${NONE:-a:-b}", "a:-b", true},
      {"${A:-b}", "alpha", true},
      {"${EMPTY}", "", true},
      {"${EMPTY:-b}", "b", true},
      {"$", "$", false},
      {"$$", "$$", false},
      {"pa$$word$A", "pa$$word$A", false},
      {"$${A}", "${A}", false},
      {"$${", "${", false},
      {"a$${A}${A}", "a${A}alpha", true},
      {"a}b", "a}b", false},
      {"${A", "${ without its }; a literal ${ is written $${", false},
      {"${A}${", "${ without its }; a literal ${ is written $${", true},
      {"${}", "${...} needs the name of an environment variable: ${NAME} or ${NAME:-default}",
       true},
      {"${1}", "${...} needs the name of an environment variable: ${NAME} or ${NAME:-default}",
       true},
      {"${A-b}", "${...} needs the name of an environment variable: ${NAME} or ${NAME:-default}",
       true},
      {"${ A }", "${...} needs the name of an environment variable: ${NAME} or ${NAME:-default}",
       true},
      {"${NONE}",
       "the environment variable NONE is not set; ${NONE:-default} would give it a default", true},
      {"${BAD}", "the environment variable BAD is not UTF-8", true},
  };
  for (const Case& one : cases) {
    const Expansion expansion = expand(one.text, environment);
    EXPECT_EQ(expansion.fault.empty() ? expansion.text : expansion.fault, one.gives) << one.text;
    EXPECT_EQ(expansion.expanded, one.expanded) << one.text;
  }
}

}  // namespace
}  // namespace yata::config
