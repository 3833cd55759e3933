#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "http/h1/parser.h"

namespace yata::http::h1 {
namespace {

using Kind = BodyLength::Kind;

struct Parsed {
  ParseResult result;
  ResponseHead head;
};

class ResponseParserTest : public ::testing::Test {
 protected:
  // `text_` keeps the bytes that the head views.
  Parsed parse(std::string text, Method to = Method::Get, HeadLimits limits = {}) {
    text_ = std::move(text);
    parser_.emplace(limits);
    Parsed parsed;
    parsed.result = parser_->parse(text_, to, parsed.head);
    return parsed;
  }
  Refusal refusal(std::string text, Method to = Method::Get) {
    const Parsed parsed = parse(std::move(text), to);
    EXPECT_NE(parsed.result.state, ParseState::NeedMore) << text_;
    return parsed.result.refusal;
  }

  std::string text_;
  std::optional<ResponseParser> parser_;
};

std::string with(std::string_view status, std::string_view lines) {
  return "HTTP/1.1 " + std::string(status) + " x\r\n" + std::string(lines) + "\r\n";
}

TEST_F(ResponseParserTest, takes_a_head_apart) {
  const Parsed parsed = parse(
      "HTTP/1.1 206 Partial \xC3\xA4 Content\r\nContent-Length: 5\r\nETag: \"a\"\r\n"
      "x-amz-meta-name: \xE6\x97\xA5\r\n\r\nhello");
  ASSERT_EQ(parsed.result.state, ParseState::Done);
  EXPECT_EQ(parsed.result.head_bytes, text_.size() - 5);
  EXPECT_EQ(parsed.head.status, 206);
  EXPECT_EQ(parsed.head.reason, "Partial \xC3\xA4 Content");
  EXPECT_EQ(parsed.head.body, (BodyLength{Kind::Sized, 5}));
  EXPECT_TRUE(parsed.head.keep_alive);
  ASSERT_EQ(parsed.head.fields.size(), 3U);
  EXPECT_EQ(value_of(parsed.head.fields, FieldName::ETag), "\"a\"");
  EXPECT_EQ(parsed.head.fields[2].value, "\xE6\x97\xA5");
}

struct FramingCase {
  std::string_view text;
  Method to;
  BodyLength body;
  bool keep_alive;
};

// RFC 9112 §6.3 in order: no body for HEAD, 1xx, 204, 304; chunked; sized; until the end.
TEST_F(ResponseParserTest, frames_the_body) {
  constexpr BodyLength kNone{};
  constexpr BodyLength kChunked{Kind::Chunked, 0};
  constexpr BodyLength kUntilClose{Kind::UntilClose, 0};
  const FramingCase cases[] = {
      {"HTTP/1.1 200 \r\n\r\n", Method::Get, kUntilClose, false},
      {"HTTP/1.1 200 \r\nConnection: keep-alive\r\n\r\n", Method::Get, kUntilClose, false},
      {"HTTP/1.1 200 \r\nContent-Length: 7\r\n\r\n", Method::Get, {Kind::Sized, 7}, true},
      {"HTTP/1.1 200 \r\nContent-Length: 0\r\n\r\n", Method::Get, {Kind::Sized, 0}, true},
      {"HTTP/1.1 200 \r\nTransfer-Encoding: chunked\r\n\r\n", Method::Get, kChunked, true},
      {"HTTP/1.1 200 \r\nTransfer-Encoding: Chunked\r\nConnection: close\r\n\r\n", Method::Get,
       kChunked, false},
      {"HTTP/1.1 200 \r\nContent-Length: 7\r\n\r\n", Method::Head, kNone, true},
      {"HTTP/1.1 200 \r\nTransfer-Encoding: chunked\r\n\r\n", Method::Head, kNone, true},
      {"HTTP/1.1 200 \r\n\r\n", Method::Head, kNone, true},
      {"HTTP/1.1 304 \r\nContent-Length: 7\r\n\r\n", Method::Get, kNone, true},
      {"HTTP/1.1 204 \r\nContent-Length: 7\r\n\r\n", Method::Get, kNone, true},
      {"HTTP/1.1 204 \r\nConnection: close\r\n\r\n", Method::Get, kNone, false},
      {"HTTP/1.1 100 Continue\r\n\r\n", Method::Get, kNone, true},
      {"HTTP/1.1 103 \r\nContent-Length: 3\r\n\r\n", Method::Get, kNone, true},
      {"HTTP/1.1 416 \r\nContent-Length: 3\r\n\r\n", Method::Get, {Kind::Sized, 3}, true},
      {"HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\n", Method::Get, {Kind::Sized, 3}, false},
      {"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n\r\n", Method::Get, kUntilClose, false},
  };
  for (const FramingCase& c : cases) {
    const Parsed parsed = parse(std::string(c.text), c.to);
    ASSERT_EQ(parsed.result.state, ParseState::Done) << c.text;
    EXPECT_EQ(parsed.head.body, c.body) << c.text;
    EXPECT_EQ(parsed.head.keep_alive, c.keep_alive) << c.text;
  }
}

struct RefusalCase {
  std::string text;
  Refusal refusal;
};

TEST_F(ResponseParserTest, refuses_status_lines) {
  using enum Refusal;
  const RefusalCase cases[] = {
      {"\r\n", BadStatusLine},
      {" HTTP/1.1 200 OK\r\n", BadStatusLine},
      {"<html>", BadStatusLine},
      {"ICY 200 OK\r\n", BadStatusLine},
      {"http/1.1 200 OK\r\n", BadStatusLine},
      {"HTTP/1.1  200 OK\r\n", BadStatusLine},
      {"HTTP/1.1 20 OK\r\n", BadStatusLine},
      {"HTTP/1.1 2000 OK\r\n", BadStatusLine},
      {"HTTP/1.1 2x0 OK\r\n", BadStatusLine},
      {"HTTP/1.1 -20 OK\r\n", BadStatusLine},
      {"HTTP/1.1 200\r\n", BadStatusLine},
      {"HTTP/1.1 200\tOK\r\n", BadStatusLine},
      {"HTTP/1.1 099 OK\r\n", BadStatusLine},
      {"HTTP/1.1 600 OK\r\n", BadStatusLine},
      {"HTTP/1.1 101 Switching Protocols\r\n", BadStatusLine},
      {"HTTP/1.1 200 O\x01K\r\n", BadStatusLine},
      {"HTTP/1.1 200 OK\n", BadLineEnd},
      {"HTTP/1.1 200 O\rK\r\n", BadLineEnd},
      {"HTTP/2 200 OK\r\n", BadStatusLine},
      {"HTTP/2.0 200 OK\r\n", UnsupportedVersion},
      {"HTTP/0.9 200 OK\r\n", UnsupportedVersion},
  };
  for (const RefusalCase& c : cases) EXPECT_EQ(refusal(c.text), c.refusal) << c.text;
}

TEST_F(ResponseParserTest, refuses_what_two_parsers_frame_differently) {
  using enum Refusal;
  const RefusalCase cases[] = {
      {with("200", "Content-Length: 1\r\nContent-Length: 1\r\n"), DuplicateContentLength},
      {with("200", "Content-Length: 1, 1\r\n"), BadContentLength},
      {with("200", "Content-Length: -1\r\n"), BadContentLength},
      {with("200", "Content-Length: 9999999999999999999\r\n"), BadContentLength},
      {with("200", "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n"),
       LengthAndTransferEncoding},
      {with("304", "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n"),
       LengthAndTransferEncoding},
      {with("204", "Content-Length: x\r\n"), BadContentLength},
      {with("200", "Transfer-Encoding: gzip, chunked\r\n"), BadTransferEncoding},
      {with("200", "Transfer-Encoding: gzip\r\n"), BadTransferEncoding},
      {with("200", "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"),
       BadTransferEncoding},
      {"HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", BadTransferEncoding},
      {with("200", "Content-Length : 1\r\n"), BadFieldName},
      {with("200", "X: a\r\n b\r\n"), ObsoleteFold},
      {with("200", "X: a\n"), BadLineEnd},
      {with("200", std::string("X: \0\r\n", 6)), BadFieldValue},
      {with("200", "Connection: \"close\"\r\n"), BadConnection},
  };
  for (const RefusalCase& c : cases) EXPECT_EQ(refusal(c.text), c.refusal) << c.text;
}

TEST_F(ResponseParserTest, keeps_its_limits) {
  const HeadLimits limits{.header_bytes = 32, .header_fields = 1};
  EXPECT_EQ(parse("HTTP/1.1 200 OK\r\nA: b\r\nC: d\r\n\r\n", Method::Get, limits).result.refusal,
            Refusal::TooManyFields);
  EXPECT_EQ(
      parse("HTTP/1.1 200 OK\r\nA: " + std::string(20, 'b'), Method::Get, limits).result.refusal,
      Refusal::HeadTooLarge);
}

}  // namespace
}  // namespace yata::http::h1
