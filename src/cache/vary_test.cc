#include "cache/vary.h"

#include <gtest/gtest.h>

#include <vector>

#include "cache/testing/head.h"

namespace yata::cache {
namespace {

const std::vector<std::string> kForwarded = {"Foo", "BAR", "Accept-Language", "Accept"};

VaryNames vary_of(const char* head) {
  return read_vary(Head(head).fields(), kForwarded);
}

TEST(Vary, NamesAreNormalised) {
  struct {
    const char* head;
    VaryKind kind;
    const char* names;
  } const cases[] = {
      {"", VaryKind::None, ""},
      {"Vary: Foo", VaryKind::Names, "foo"},
      {"Vary: foo, Bar , ,FOO", VaryKind::Names, "bar,foo"},
      {"Vary: Foo\nVary: Bar", VaryKind::Names, "bar,foo"},
      {"Vary: Accept-Encoding, Origin, Authorization", VaryKind::None, ""},
      {"Vary: Accept-Encoding, Foo", VaryKind::Names, "foo"},
      {"Vary: *", VaryKind::Any, ""},
      {"Vary: , *", VaryKind::Any, ""},
      {"Vary: Foo, *", VaryKind::Any, ""},
      {"Vary: \nVary: *", VaryKind::Any, ""},
      {"Vary: *Foo", VaryKind::None, ""},
  };
  for (const auto& one : cases) {
    EXPECT_EQ(vary_of(one.head).kind, one.kind) << one.head;
    EXPECT_EQ(vary_of(one.head).names, one.names) << one.head;
  }
}

TEST(Vary, TooManyNamesAreNotKept) {
  std::vector<std::string> forwarded;
  std::string line = "Vary: ";
  for (std::size_t i = 0; i < kVaryNamesMax; ++i) {
    forwarded.push_back("x" + std::to_string(i));
    line += forwarded.back() + ", ";
  }
  EXPECT_EQ(read_vary(Head(line).fields(), forwarded).kind, VaryKind::Names);
  forwarded.push_back("one-more");
  line += "one-more";
  EXPECT_EQ(read_vary(Head(line).fields(), forwarded).kind, VaryKind::TooMuch);
}

std::string variant(const char* names, const char* request) {
  std::string out;
  append_variant(names, Head(request).fields(), out);
  return out;
}

TEST(Vary, EqualSelectionsGiveEqualBytes) {
  struct {
    const char* names;
    const char* one;
    const char* other;
  } const cases[] = {
      {"foo", "Foo: 1", "FOO: 1\nOther: 2"},
      {"foo", "Foo: 1, 2", "Foo: 1\nFoo: 2"},
      {"foo", "Foo: 1,2", "Foo:  1, 2 "},
      {"bar,foo", "Foo: 1\nBar: 2", "Bar: 2\nFoo: 1"},
      {"bar,foo", "Foo: 1", "Foo: 1"},
      {"accept-language", "Accept-Language: en, de", "Accept-Language: eN ,De"},
  };
  for (const auto& one : cases) {
    EXPECT_EQ(variant(one.names, one.one), variant(one.names, one.other)) << one.one;
  }
}

TEST(Vary, OtherSelectionsGiveOtherBytes) {
  struct {
    const char* names;
    const char* one;
    const char* other;
  } const cases[] = {
      {"foo", "Foo: 1", "Foo: 2"},
      {"foo", "Foo: 1", ""},
      {"foo", "Foo:", ""},
      {"foo", "Foo: a", "Foo: A"},
      {"foo", "Foo: 1, 2", "Foo: 2, 1"},
      {"foo", "Foo: \"a, b\"", "Foo: \"a,b\""},
      {"bar,foo", "Foo: 1", "Bar: 1"},
      {"bar,foo", "Bar: 1\nFoo: 2", "Bar: 2\nFoo: 1"},
      {"accept-language", "Accept-Language: en", "Accept-Language: en-GB"},
  };
  for (const auto& one : cases) {
    EXPECT_NE(variant(one.names, one.one), variant(one.names, one.other)) << one.one;
  }
}

}  // namespace
}  // namespace yata::cache
