#include "cache/rules/dictionary.h"

#include <gtest/gtest.h>

namespace yata::cache {
namespace {

using Kind = DictionaryMember::Kind;

TEST(Dictionary, ReadsWhatDirectivesAreMadeOf) {
  const auto read = parse_dictionary("max-age=600, no-store, private=?0, ext=tok, s=\"a,b\\\"\"");
  ASSERT_TRUE(read);
  ASSERT_EQ(read->size(), 5u);
  EXPECT_EQ((*read)[0].key, "max-age");
  EXPECT_EQ((*read)[0].kind, Kind::Integer);
  EXPECT_EQ((*read)[0].integer, 600);
  EXPECT_EQ((*read)[1].kind, Kind::True);
  EXPECT_EQ((*read)[2].kind, Kind::False);
  EXPECT_EQ((*read)[3].kind, Kind::Other);
  EXPECT_EQ((*read)[4].kind, Kind::Other);
}

TEST(Dictionary, TheLastValueOfAKeyCountsAtTheFirstOnesPlace) {
  const auto read = parse_dictionary("a=1,b,a=2");
  ASSERT_TRUE(read);
  ASSERT_EQ(read->size(), 2u);
  EXPECT_EQ((*read)[0].integer, 2);
}

TEST(Dictionary, TakesWhatTheGrammarHas) {
  for (const char* text : {"", " ", "a", "*a", "a-b_c.d*=1", "a=-12", "a=1.5", "a=123456789012.123",
                           "a=:aGk=:", "a=@1700000000", "a=(1 2);p", "a=( \"x\"  tok );p=1;q",
                           "a;x;y=\"z\"", "a \t,\t b", "a=*tok/x:y", "a=999999999999999"}) {
    EXPECT_TRUE(parse_dictionary(text)) << text;
  }
}

TEST(Dictionary, OneFaultAndTheWholeMeansNothing) {
  for (const char* text : {"max-age=600,",
                           "Max-Age=600",
                           "max-age = 600",
                           "max-age=",
                           "a=1234567890123456",
                           "a=1.",
                           "a=1.2345",
                           "a=1234567890123.1",
                           "a=\"x",
                           "a=\"\\x\"",
                           "a=?2",
                           "a=(1",
                           "a=(1,2)",
                           "a=:x",
                           "a=@1.5",
                           "a=-",
                           ",a",
                           "a,,b",
                           "a b",
                           "a=1 b",
                           "a;",
                           "a=1;P",
                           "a='1'"}) {
    EXPECT_FALSE(parse_dictionary(text)) << text;
  }
}

}  // namespace
}  // namespace yata::cache
