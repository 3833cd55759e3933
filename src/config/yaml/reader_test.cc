#include "config/yaml/reader.h"

#include <gtest/gtest.h>

namespace yata::config::yaml {
namespace {

constexpr ReadLimits kLimits{.bytes = 4096, .depth = 8, .nodes = 64};

// "{a: 'quoted', b: [plain, ~]}": quoted scalars in quotes, plain ones without.
std::string shape(const Tree& node) {
  std::string text;
  switch (node.kind) {
    case Tree::Kind::Null: return "~";
    case Tree::Kind::Scalar: return node.plain ? node.text : "'" + node.text + "'";
    case Tree::Kind::List:
      for (const Tree& item : node.items) text += (text.empty() ? "" : ", ") + shape(item);
      return "[" + text + "]";
    case Tree::Kind::Map:
      for (const Entry& entry : node.entries) {
        text += (text.empty() ? "" : ", ") + entry.key + ": " + shape(entry.value);
      }
      return "{" + text + "}";
  }
  return text;
}

std::string shape_of(std::string_view text) {
  const Document document = read(text, kLimits);
  if (document.faults.empty()) return shape(document.root);
  return document.faults.front().what;
}

TEST(YamlReader, ShapesAndQuotes) {
  struct Case {
    std::string_view text;
    std::string_view shape;
  };
  const Case cases[] = {
      {"", "~"},
      {"a: 1", "{a: 1}"},
      {"a: '1'", "{a: '1'}"},
      {"a: \"x\\ty\"", "{a: 'x\ty'}"},
      {"a: yes\nb: 'yes'", "{a: yes, b: 'yes'}"},
      {"a:\nb: ~\nc: null\nd: ''", "{a: ~, b: ~, c: ~, d: ''}"},
      {"a: [1, [2], {b: 3}]", "{a: [1, [2], {b: 3}]}"},
      {"a: 1\na: 2", "{a: 1, a: 2}"},
      {"a: |\n  b\n  c\nd: >\n  e\n  f\n", "{a: 'b\nc\n', d: 'e f'}"},
      {"a: b # c", "{a: b}"},
      {"a: ${B:-c}", "{a: ${B:-c}}"},
      {"\xEF\xBB\xBF"
       "a: b\r\nc: d\r\n",
       "{a: b, c: d}"},
      {"a: b\rc: d\r", "{a: b, c: d}"},
      {"%YAML 1.2\n---\na: b\n...\n", "{a: b}"},
      {"{\"a\": \"b\", \"c\": [1, true, null]}", "{a: 'b', c: [1, true, ~]}"},
      {"a: \xC3\xA4\xF0\x9F\x90\xA6", "{a: \xC3\xA4\xF0\x9F\x90\xA6}"},
  };
  for (const Case& one : cases) EXPECT_EQ(shape_of(one.text), one.shape) << one.text;
}

TEST(YamlReader, AliasesStandForWhatTheyName) {
  EXPECT_EQ(shape_of("a: &x {k: 'v'}\nb: *x\nc: [*x, *x]"),
            "{a: {k: 'v'}, b: {k: 'v'}, c: [{k: 'v'}, {k: 'v'}]}");
  EXPECT_EQ(shape_of("a: &x 1\nb: &x 2\nc: *x"), "{a: 1, b: 2, c: 2}");
  EXPECT_EQ(shape_of("a: &x [*x]"), "an alias inside what it stands for");
  EXPECT_EQ(shape_of("&k a: 1\nb: *k"), "{a: 1, b: a}");
}

TEST(YamlReader, AliasesCountAsWhatTheyStandFor) {
  const std::string ten = "[1, 2, 3, 4, 5, 6, 7, 8, 9, 0]";
  EXPECT_TRUE(read("a: &x " + ten + "\nb: *x\nc: *x", kLimits).whole);
  EXPECT_EQ(shape_of("a: &x " + ten + "\nb: &y [*x, *x]\nc: [*y, *y]"), "too many values");
}

TEST(YamlReader, BoundsOnBytesAndDepth) {
  EXPECT_EQ(shape_of("a: " + std::string(5000, 'x')),
            "the file is larger than a configuration can be");
  EXPECT_EQ(shape_of("[[[[[[[[]]]]]]]]"), "[[[[[[[[]]]]]]]]");
  EXPECT_EQ(shape_of("[[[[[[[[[]]]]]]]]]"), "too deep a nesting");
}

TEST(YamlReader, AFaultDoesNotQuoteTheText) {
  for (std::string_view text :
       {"secret_key: *top-secret", "secret_key: \"\\qtop-secret\"", "secret_key: !top-secret x",
        "secret_key: {top-secret", "top-secret: a: b", "secret_key: 'top-secret", "%top-secret\n",
        "%YAML top-secret\n---\na: b", "secret_key: &top-secret",
        "secret_key: \"\\u00zztop-secret\"", "secret_key: \"\\UFFFFFFFFtop-secret\"",
        "secret_key: @top-secret", "secret_key: `top-secret"}) {
    const Document document = read(text, kLimits);
    for (const Fault& fault : document.faults) {
      EXPECT_EQ(fault.what.find("top-secret"), std::string::npos) << fault.what;
    }
  }
}

TEST(YamlReader, AnEmptyValueIsAtItsKey) {
  const Document document = read("a:\n  b:\n\n\nc: ~", kLimits);
  const Entry& inner = document.root.entries[0].value.entries[0];
  EXPECT_EQ(inner.value.kind, Tree::Kind::Null);
  EXPECT_EQ(inner.value.place, (Place{2, 3}));
  EXPECT_EQ(document.root.entries[1].value.place, (Place{5, 4}));
}

}  // namespace
}  // namespace yata::config::yaml
