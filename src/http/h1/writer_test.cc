#include "http/h1/writer.h"

#include <gtest/gtest.h>

#include <string>

#include "http/h1/parser.h"

namespace yata::http::h1 {
namespace {

constexpr std::string_view kDate = "Sun, 06 Nov 1994 08:49:37 GMT";

std::string written(const Reply& reply, Method to = Method::Get,
                    Persistence persistence = Persistence::KeepAlive) {
  std::string out;
  write_reply_head(reply, {to, persistence, kDate}, out);
  return out;
}

TEST(WriteReplyHead, writes_status_date_fields_and_framing) {
  Reply reply;
  reply.status = 206;
  reply.content_length = 1234567890123;
  reply.add(FieldName::ETag, "\"x\"").add("X-Request-Id", "r1").add("X-Empty", "");
  EXPECT_EQ(
      written(reply),
      "HTTP/1.1 206 Partial Content\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
      "ETag: \"x\"\r\nX-Request-Id: r1\r\nX-Empty: \r\nContent-Length: 1234567890123\r\n\r\n");
}

TEST(WriteReplyHead, writes_lines_that_are_ready_behind_the_fields) {
  Reply reply;
  reply.lines = "A: 1\r\nB: 2\r\n";
  reply.add("X-Request-Id", "r1");
  EXPECT_EQ(written(reply),
            "HTTP/1.1 200 OK\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\nX-Request-Id: r1\r\n"
            "A: 1\r\nB: 2\r\nContent-Length: 0\r\n\r\n");
}

TEST(WriteReplyHead, appends) {
  std::string out = "before";
  write_reply_head(Reply{}, {Method::Get, Persistence::KeepAlive, ""}, out);
  EXPECT_EQ(out, "beforeHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
}

struct FramingCase {
  std::uint16_t status;
  Method to;
  std::optional<std::uint64_t> length;
  bool close;
  std::string_view lines;
};

TEST(WriteReplyHead, frames_by_status_and_method) {
  constexpr FramingCase kCases[] = {
      {200, Method::Get, 5, false, "Content-Length: 5\r\n"},
      {200, Method::Get, std::nullopt, false, "Transfer-Encoding: chunked\r\n"},
      {200, Method::Get, std::nullopt, true, "Transfer-Encoding: chunked\r\nConnection: close\r\n"},
      {200, Method::Head, 5, false, "Content-Length: 5\r\n"},
      {200, Method::Head, std::nullopt, false, ""},
      {304, Method::Get, 5, false, "Content-Length: 5\r\n"},
      {304, Method::Get, std::nullopt, false, ""},
      {204, Method::Options, 0, false, ""},
      {204, Method::Options, std::nullopt, true, "Connection: close\r\n"},
      {100, Method::Get, 0, true, ""},
      {299, Method::Get, 1, false, "Content-Length: 1\r\n"},
  };
  for (const FramingCase& c : kCases) {
    Reply reply;
    reply.status = c.status;
    reply.content_length = c.length;
    const auto persistence = c.close ? Persistence::Close : Persistence::KeepAlive;
    const std::string out = written(reply, c.to, persistence);
    const std::size_t after_date = out.find("GMT\r\n") + 5;
    EXPECT_EQ(out.substr(after_date), std::string(c.lines) + "\r\n") << c.status;
    reply.close = c.close;
    EXPECT_EQ(written(reply, c.to), out);
  }
}

TEST(WriteReplyHead, is_what_the_parser_takes) {
  Reply reply;
  reply.status = 404;
  reply.content_length = 3;
  reply.add(FieldName::ContentType, "application/json").add("x-amz-meta-n", "\xE6\x97\xA5\t");
  const std::string out = written(reply, Method::Get, Persistence::Close);
  ResponseParser parser({});
  ResponseHead head;
  ASSERT_EQ(parser.parse(out, Method::Get, head).state, ParseState::Done);
  EXPECT_EQ(head.status, 404);
  EXPECT_EQ(head.body, (BodyLength{BodyLength::Kind::Sized, 3}));
  EXPECT_FALSE(head.keep_alive);
  EXPECT_EQ(head.fields.size(), 5U);
}

TEST(WriteReplyHeadDeathTest, does_not_pass_on_line_breaks) {
  const std::string_view values[] = {"a\r\nX: y", "a\n", std::string_view("\0", 1), "\x7F"};
  for (const std::string_view value : values) {
    Reply reply;
    reply.add(FieldName::ETag, value);
    EXPECT_DEATH(written(reply), "ETag");
  }
  for (const std::string_view name : {"", "a b", "a:", "a\r\n"}) {
    Reply reply;
    reply.add(name, "x");
    EXPECT_DEATH(written(reply), "is_token");
  }
}

TEST(WriteRequestHead, is_what_the_parser_takes) {
  const Field fields[] = {field(FieldName::Host, "b.s3.amazonaws.com"),
                          field(FieldName::Range, "bytes=0-1")};
  std::string out;
  write_request_head({Method::Head, "/a%20b?versionId=1", fields}, out);
  EXPECT_EQ(out,
            "HEAD /a%20b?versionId=1 HTTP/1.1\r\nHost: b.s3.amazonaws.com\r\n"
            "Range: bytes=0-1\r\n\r\n");
  RequestParser parser({});
  RequestHead head;
  EXPECT_EQ(parser.parse(out, head).state, ParseState::Done);
  EXPECT_EQ(head.authority, "b.s3.amazonaws.com");
}

TEST(WriteRequestHeadDeathTest, does_not_write_bad_targets) {
  for (const std::string_view target : {"", "/a b", "/\r\n", "/#"}) {
    std::string out;
    EXPECT_DEATH(write_request_head({Method::Get, target, {}}, out), "target");
  }
}

}  // namespace
}  // namespace yata::http::h1
