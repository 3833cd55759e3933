#include "http/field.h"

#include <gtest/gtest.h>

#include <cctype>
#include <string>

namespace yata::http {
namespace {

constexpr int kFirst = static_cast<int>(FieldName::Accept);
constexpr int kLast = static_cast<int>(FieldName::XRequestId);

TEST(FieldNames, are_found_in_any_case) {
  for (int i = kFirst; i <= kLast; ++i) {
    const auto name = static_cast<FieldName>(i);
    std::string text(to_string(name));
    ASSERT_FALSE(text.empty());
    EXPECT_EQ(field_name(text), name) << text;
    for (char& c : text) c = static_cast<char>(std::tolower(c));
    EXPECT_EQ(field_name(text), name) << text;
    for (char& c : text) c = static_cast<char>(std::toupper(c));
    EXPECT_EQ(field_name(text), name) << text;
  }
}

// A name is trusted to be a token once it is known, so no other byte may pass for one of its own.
TEST(FieldNames, differ_in_every_byte) {
  for (int i = kFirst; i <= kLast; ++i) {
    const std::string text(to_string(static_cast<FieldName>(i)));
    for (std::size_t at = 0; at < text.size(); ++at) {
      for (int byte = 0; byte < 256; ++byte) {
        std::string other = text;
        other[at] = static_cast<char>(byte);
        if (equals_ignoring_case(other, text)) continue;
        EXPECT_NE(field_name(other), static_cast<FieldName>(i)) << text << ' ' << byte;
      }
    }
    EXPECT_EQ(field_name(text + "x"), FieldName::Other);
    EXPECT_EQ(field_name(text.substr(1)), FieldName::Other);
  }
}

TEST(FieldNames, that_are_not_known_are_other) {
  for (const std::string_view text : {"", "X", "Hosts", "Content_Length", "x-amz-meta-a",
                                      "a-name-that-is-longer-than-all-known-ones"}) {
    EXPECT_EQ(field_name(text), FieldName::Other) << text;
  }
}

TEST(Fields, are_found_by_name_and_by_text) {
  const Field fields[] = {
      {FieldName::Other, "X-Mine", "1"}, field(FieldName::ETag, "2"), field(FieldName::ETag, "3")};
  EXPECT_EQ(find(fields, FieldName::ETag), &fields[1]);
  EXPECT_EQ(find(fields, FieldName::Host), nullptr);
  EXPECT_EQ(find(fields, "x-mine"), &fields[0]);
  EXPECT_EQ(find(fields, "etag"), &fields[1]);
  EXPECT_EQ(find(fields, "x-min"), nullptr);
  EXPECT_EQ(value_of(fields, FieldName::ETag), "2");
  EXPECT_EQ(value_of(fields, FieldName::Host), "");
}

TEST(Lists, have_tokens) {
  EXPECT_TRUE(list_has_token("close", "close"));
  EXPECT_TRUE(list_has_token("a,\tCLOSE ,b", "close"));
  EXPECT_TRUE(list_has_token(",,close", "close"));
  EXPECT_FALSE(list_has_token("", "close"));
  EXPECT_FALSE(list_has_token(",", "close"));
  EXPECT_FALSE(list_has_token("closed, clos", "close"));
  EXPECT_FALSE(list_has_token("a close", "close"));
}

TEST(Fields, of_one_connection) {
  EXPECT_TRUE(is_hop_by_hop(FieldName::Connection));
  EXPECT_TRUE(is_hop_by_hop(FieldName::TransferEncoding));
  EXPECT_TRUE(is_hop_by_hop(FieldName::ProxyAuthorization));
  EXPECT_FALSE(is_hop_by_hop(FieldName::Authorization));
  EXPECT_FALSE(is_hop_by_hop(FieldName::ContentLength));
  EXPECT_FALSE(is_hop_by_hop(FieldName::Other));
}

}  // namespace
}  // namespace yata::http
