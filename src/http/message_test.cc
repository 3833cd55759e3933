#include "http/message.h"

#include <gtest/gtest.h>

namespace yata::http {
namespace {

TEST(ReasonPhrases, are_the_registered_ones) {
  EXPECT_EQ(reason_phrase(200), "OK");
  EXPECT_EQ(reason_phrase(206), "Partial Content");
  EXPECT_EQ(reason_phrase(416), "Range Not Satisfiable");
  EXPECT_EQ(reason_phrase(431), "Request Header Fields Too Large");
  EXPECT_EQ(reason_phrase(505), "HTTP Version Not Supported");
  EXPECT_EQ(reason_phrase(299), "");
  EXPECT_EQ(reason_phrase(0), "");
}

TEST(Methods, are_written_as_on_the_wire) {
  EXPECT_EQ(to_string(Method::Get), "GET");
  EXPECT_EQ(to_string(Method::Head), "HEAD");
  EXPECT_EQ(to_string(Method::Options), "OPTIONS");
  EXPECT_EQ(to_string(Method::Other), "");
}

TEST(Replies, collect_fields) {
  Reply reply;
  reply.add(FieldName::ETag, "\"a\"").add("X-Cache", "HIT");
  ASSERT_EQ(reply.fields.size(), 2U);
  EXPECT_EQ(reply.fields[0].text, "ETag");
  EXPECT_EQ(reply.fields[1].name, FieldName::Other);
  EXPECT_EQ(find(reply.fields, "x-cache"), &reply.fields[1]);
}

}  // namespace
}  // namespace yata::http
