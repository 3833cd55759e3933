#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "http/h1/parser.h"

namespace yata::http::h1 {
namespace {

using Kind = BodyLength::Kind;

struct Parsed {
  ParseResult result;
  RequestHead head;
};

class RequestParserTest : public ::testing::Test {
 protected:
  // `text_` keeps the bytes that the head views.
  Parsed parse(std::string text, HeadLimits limits = {}) {
    text_ = std::move(text);
    parser_.emplace(limits);
    Parsed parsed;
    parsed.result = parser_->parse(text_, parsed.head);
    return parsed;
  }
  Refusal refusal(std::string text, HeadLimits limits = {}) {
    const Parsed parsed = parse(std::move(text), limits);
    EXPECT_NE(parsed.result.state, ParseState::NeedMore) << text_;
    return parsed.result.refusal;
  }

  std::string text_;
  std::optional<RequestParser> parser_;
};

// A request with these field lines after a good request line.
std::string with(std::string_view lines) {
  return "GET / HTTP/1.1\r\n" + std::string(lines) + "\r\n";
}
std::string with_host(std::string_view lines) {
  return with("Host: a\r\n" + std::string(lines));
}
std::string with_target(std::string_view method, std::string_view target) {
  return std::string(method) + " " + std::string(target) + " HTTP/1.1\r\nHost: h\r\n\r\n";
}

TEST_F(RequestParserTest, takes_a_head_apart) {
  const Parsed parsed = parse(
      "GET /a%20b/c?x=1&y=?2 HTTP/1.1\r\nHost: example.com:8080\r\nUser-Agent:  curl/8 \t\r\n"
      "X-Empty:\r\nX-Text: D\xC3\xBC \r\n\r\nrest");
  ASSERT_EQ(parsed.result.state, ParseState::Done);
  EXPECT_EQ(parsed.result.head_bytes, text_.size() - 4);
  const RequestHead& head = parsed.head;
  EXPECT_EQ(head.method, Method::Get);
  EXPECT_EQ(head.method_text, "GET");
  EXPECT_EQ(head.target, "/a%20b/c?x=1&y=?2");
  EXPECT_EQ(head.form, TargetForm::Origin);
  EXPECT_EQ(head.authority, "example.com:8080");
  EXPECT_EQ(head.path, "/a%20b/c");
  EXPECT_EQ(head.query, "x=1&y=?2");
  EXPECT_TRUE(head.keep_alive);
  EXPECT_FALSE(head.expect_continue);
  EXPECT_EQ(head.body, BodyLength{});
  ASSERT_EQ(head.fields.size(), 4U);
  EXPECT_EQ(head.fields[1].name, FieldName::UserAgent);
  EXPECT_EQ(head.fields[1].value, "curl/8");
  EXPECT_EQ(head.fields[2].text, "X-Empty");
  EXPECT_EQ(head.fields[2].value, "");
  EXPECT_EQ(head.fields[3].value, "D\xC3\xBC");
}

struct TargetCase {
  std::string_view method, target;
  TargetForm form;
  std::string_view authority, path, query;
};

TEST_F(RequestParserTest, takes_the_forms_of_targets) {
  constexpr TargetCase kCases[] = {
      {"GET", "/", TargetForm::Origin, "h", "/", ""},
      {"GET", "/?", TargetForm::Origin, "h", "/", ""},
      {"GET", "//x/../y", TargetForm::Origin, "h", "//x/../y", ""},
      {"GET", "/a|b[1]\"{}?^`", TargetForm::Origin, "h", "/a|b[1]\"{}", "^`"},
      {"GET", "http://x.y/p?q", TargetForm::Absolute, "x.y", "/p", "q"},
      {"GET", "HTTPS://[::1]:443/p", TargetForm::Absolute, "[::1]:443", "/p", ""},
      {"GET", "http://x", TargetForm::Absolute, "x", "/", ""},
      {"GET", "http://x?q", TargetForm::Absolute, "x", "/", "q"},
      {"OPTIONS", "*", TargetForm::Asterisk, "h", "*", ""},
      {"OPTIONS", "http://x", TargetForm::Asterisk, "x", "*", ""},
      {"OPTIONS", "http://x?", TargetForm::Absolute, "x", "/", ""},
      {"OPTIONS", "http://x/", TargetForm::Absolute, "x", "/", ""},
      {"TRACE", "/", TargetForm::Origin, "h", "/", ""},
  };
  for (const TargetCase& c : kCases) {
    const Parsed parsed = parse(with_target(c.method, c.target));
    ASSERT_EQ(parsed.result.state, ParseState::Done) << c.target;
    EXPECT_EQ(parsed.head.target, c.target);
    EXPECT_EQ(parsed.head.form, c.form) << c.target;
    EXPECT_EQ(parsed.head.authority, c.authority) << c.target;
    EXPECT_EQ(parsed.head.path, c.path) << c.target;
    EXPECT_EQ(parsed.head.query, c.query) << c.target;
  }
}

TEST_F(RequestParserTest, refuses_other_targets) {
  constexpr std::string_view kTargets[] = {
      "*",        "a",         "a/b",          "?q",          "ftp://x/",    "http:/x",
      "http://",  "http:///p", "http://u@x/p", "http://x:p/", "http://[x]/", "http://x:65536/",
      "/a#b",     "/\x7F",     "/\xC3\xBC",    "/\x01",       "/\t",         "h:80",
      "http://?", "http:///",  "http://a b/",
  };
  for (const std::string_view target : kTargets) {
    const Refusal refused = refusal(with_target("GET", target));
    const bool spaced = target.contains(' ');
    EXPECT_EQ(refused, spaced ? Refusal::BadRequestLine : Refusal::BadTarget) << target;
  }
  EXPECT_EQ(refusal(with_target("CONNECT", "h:443")), Refusal::BadMethod);
  EXPECT_EQ(refusal(with_target("CONNECT", "/")), Refusal::BadMethod);
}

struct RefusalCase {
  std::string text;
  Refusal refusal;
};

TEST_F(RequestParserTest, refuses_request_lines) {
  using enum Refusal;
  const RefusalCase cases[] = {
      {"\r\nGET / HTTP/1.1\r\n", BadRequestLine},
      {"\n", BadRequestLine},
      {" GET / HTTP/1.1\r\n", BadRequestLine},
      {"\x16\x03\x01", BadRequestLine},
      {"GET\t/ HTTP/1.1\r\n", BadMethod},
      {"GET\r\n", BadMethod},
      {"G(T / HTTP/1.1\r\n", BadMethod},
      {std::string(33, 'A'), BadMethod},
      {"GET  / HTTP/1.1\r\n", BadTarget},
      {"GET /\r\n", BadRequestLine},
      {"GET /\n", BadRequestLine},
      {"GET /  HTTP/1.1\r\n", BadRequestLine},
      {"GET / HTTP/1.1 \r\n", BadRequestLine},
      {"GET / http/1.1\r\n", BadRequestLine},
      {"GET / HTTP/11\r\n", BadRequestLine},
      {"GET / HTTP/1.11\r\n", BadRequestLine},
      {"GET / HTTP/1,1\r\n", BadRequestLine},
      {"GET / HTTP/ 1.1\r\n", BadRequestLine},
      {"GET / HTTP/1.1\n", BadLineEnd},
      {"GET / HTTP/1.1\r\r\n", BadLineEnd},
      {"GET / HTTP/1.1\rX", BadLineEnd},
      {"GET / HTTP/1.0", UnsupportedVersion},
      {"GET / HTTP/1.01\r\n", UnsupportedVersion},
      {"GET / HTTP/1.2\r\n", UnsupportedVersion},
      {"GET / HTTP/0.9\r\n", UnsupportedVersion},
      {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", UnsupportedVersion},
  };
  for (const RefusalCase& c : cases) EXPECT_EQ(refusal(c.text), c.refusal) << c.text;
}

TEST_F(RequestParserTest, refuses_field_lines) {
  using enum Refusal;
  const RefusalCase cases[] = {
      {with(" Host: a\r\n"), ObsoleteFold},
      {with_host(" b\r\n"), ObsoleteFold},
      {with_host("X: 1\r\n\t2\r\n"), ObsoleteFold},
      {with_host(": x\r\n"), BadFieldName},
      {with_host("X : x\r\n"), BadFieldName},
      {with_host("X\t: x\r\n"), BadFieldName},
      {with_host("X\r\n"), BadFieldName},
      {with_host("X\n"), BadFieldName},
      {with_host("X(y): x\r\n"), BadFieldName},
      {with_host("X\x80: x\r\n"), BadFieldName},
      {with_host("Transfer_Encoding: chunked\r\n"), BadFieldName},
      {with_host("content_LENGTH: 1\r\n"), BadFieldName},
      {with_host(std::string("X\0: x\r\n", 7)), BadFieldName},
      {with_host("Content\rLength: 1\r\n"), BadFieldName},
      {with_host(std::string("X: \0\r\n", 6)), BadFieldValue},
      {with_host("X: a\x0B\r\n"), BadFieldValue},
      {with_host("X: a\x7F\r\n"), BadFieldValue},
      {with_host("X: a\x1F" + std::string(40, 'b') + "\r\n"), BadFieldValue},
      {with_host("X: " + std::string(40, 'b') + "\x1F\r\n"), BadFieldValue},
      {with_host("X: a\n"), BadLineEnd},
      {with_host("X: a\rb\r\n"), BadLineEnd},
      {with_host("X:\n"), BadLineEnd},
      {with_host("X:\r\r\n"), BadLineEnd},
      {"GET / HTTP/1.1\r\nHost: a\r\n\n", BadLineEnd},
      {"GET / HTTP/1.1\r\nHost: a\r\n\rX", BadLineEnd},
  };
  for (const RefusalCase& c : cases) EXPECT_EQ(refusal(c.text), c.refusal) << c.text;
}

TEST_F(RequestParserTest, wants_exactly_one_good_host) {
  using enum Refusal;
  const RefusalCase cases[] = {
      {with(""), MissingHost},
      {with("X-Host: a\r\n"), MissingHost},
      {"GET http://a/ HTTP/1.1\r\n\r\n", MissingHost},
      {with("Host: a\r\nHost: a\r\n"), DuplicateHost},
      {with("Host: a\r\nhOST: b\r\n"), DuplicateHost},
      {with("Host:\r\n"), BadHost},
      {with("Host:  \r\n"), BadHost},
      {with("Host: a b\r\n"), BadHost},
      {with("Host: a, b\r\n"), BadHost},
      {with("Host: a/b\r\n"), BadHost},
      {with("Host: u@b\r\n"), BadHost},
      {with("Host: a\xC3\xBC\r\n"), BadHost},
      {"GET http://good/ HTTP/1.1\r\nHost: b@d\r\n\r\n", BadHost},
  };
  for (const RefusalCase& c : cases) EXPECT_EQ(refusal(c.text), c.refusal) << c.text;

  const Parsed parsed = parse("GET http://target/ HTTP/1.1\r\nHost: field\r\n\r\n");
  EXPECT_EQ(parsed.head.authority, "target");
}

TEST_F(RequestParserTest, frames_only_one_way) {
  using enum Refusal;
  const RefusalCase cases[] = {
      {with_host("Content-Length:\r\n"), BadContentLength},
      {with_host("Content-Length: +1\r\n"), BadContentLength},
      {with_host("Content-Length: -1\r\n"), BadContentLength},
      {with_host("Content-Length: 1, 1\r\n"), BadContentLength},
      {with_host("Content-Length: 0x1\r\n"), BadContentLength},
      {with_host("Content-Length: 1 1\r\n"), BadContentLength},
      {with_host("Content-Length: 1\xA0\r\n"), BadContentLength},
      {with_host("Content-Length: 1000000000000000000\r\n"), BadContentLength},
      {with_host("Content-Length: 18446744073709551617\r\n"), BadContentLength},
      {with_host("Content-Length: 1\r\nContent-Length: 1\r\n"), DuplicateContentLength},
      {with_host("Content-Length: 1\r\nContent-Length: 2\r\n"), DuplicateContentLength},
      {with_host("Content-Length: 1\r\nTransfer-Encoding: chunked\r\n"), LengthAndTransferEncoding},
      {with_host("Transfer-Encoding: chunked\r\nContent-Length: 1\r\n"), LengthAndTransferEncoding},
      {with_host("Transfer-Encoding:\r\n"), BadTransferEncoding},
      {with_host("Transfer-Encoding: identity\r\n"), BadTransferEncoding},
      {with_host("Transfer-Encoding: xchunked\r\n"), BadTransferEncoding},
      {with_host("Transfer-Encoding: chunked;a=b\r\n"), BadTransferEncoding},
      {with_host("Transfer-Encoding: \"chunked\"\r\n"), BadTransferEncoding},
      {with_host("Transfer-Encoding: chunked, chunked\r\n"), BadTransferEncoding},
      {with_host("Transfer-Encoding: gzip, chunked\r\n"), BadTransferEncoding},
      {with_host("Transfer-Encoding: ,chunked\r\n"), BadTransferEncoding},
      {with_host("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"),
       BadTransferEncoding},
  };
  for (const RefusalCase& c : cases) EXPECT_EQ(refusal(c.text), c.refusal) << c.text;

  EXPECT_EQ(parse(with_host("Content-Length: 0\r\n")).head.body, (BodyLength{Kind::Sized, 0}));
  EXPECT_EQ(parse(with_host("content-length:\t042 \r\n")).head.body, (BodyLength{Kind::Sized, 42}));
  EXPECT_EQ(parse(with_host("Content-Length: 999999999999999999\r\n")).head.body,
            (BodyLength{Kind::Sized, 999'999'999'999'999'999}));
  EXPECT_EQ(parse(with_host("tRANSFER-eNCODING: ChunKED\r\n")).head.body,
            (BodyLength{Kind::Chunked, 0}));
}

TEST_F(RequestParserTest, reads_connection_and_expect) {
  struct Case {
    std::string_view lines;
    bool keep_alive;
  };
  constexpr Case kCases[] = {
      {"Connection: close\r\n", false},
      {"Connection: CLOSE\r\n", false},
      {"Connection: keep-alive\r\n", true},
      {"Connection: keep-alive, close\r\n", false},
      {"Connection: close\r\nConnection: keep-alive\r\n", false},
      {"Connection:\r\n", true},
      {"Connection: , x-mine ,, TE,\r\n", true},
      {"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n", true},
      {"Connection: closed\r\n", true},
  };
  for (const Case& c : kCases) {
    const Parsed parsed = parse(with_host(c.lines));
    ASSERT_EQ(parsed.result.state, ParseState::Done) << c.lines;
    EXPECT_EQ(parsed.head.keep_alive, c.keep_alive) << c.lines;
  }
  for (const std::string_view value :
       {"Host", "content-length", "transfer-encoding", "close, Range", "Authorization", "a b",
        "a;b", "\"close\"", "cl\xC3\xB6se"}) {
    EXPECT_EQ(refusal(with_host("Connection: " + std::string(value) + "\r\n")),
              Refusal::BadConnection)
        << value;
  }
  EXPECT_TRUE(parse(with_host("Expect: 100-Continue\r\n")).head.expect_continue);
  for (const std::string_view value : {"", "200-ok", "100-continue, x", "100-continue;q"}) {
    EXPECT_EQ(refusal(with_host("Expect: " + std::string(value) + "\r\n")), Refusal::BadExpect);
  }
}

TEST_F(RequestParserTest, keeps_its_limits) {
  const HeadLimits limits{.header_bytes = 64, .header_fields = 2, .target_bytes = 8};
  const std::string ten = "GET / HTTP/1.1\r\nHost: a\r\nX: ";
  const auto sized = [&](std::size_t bytes) {
    return ten + std::string(bytes - ten.size() - 4, 'x') + "\r\n\r\n";
  };
  EXPECT_EQ(parse(sized(64), limits).result.state, ParseState::Done);
  EXPECT_EQ(refusal(sized(65), limits), Refusal::HeadTooLarge);
  EXPECT_EQ(refusal(with("Host: a\r\nA: b\r\nB: c\r\n"), limits), Refusal::TooManyFields);
  EXPECT_EQ(parse(with("Host: a\r\nA: b\r\n"), limits).result.state, ParseState::Done);
  EXPECT_EQ(parse(with_target("GET", "/2345678"), limits).result.state, ParseState::Done);
  EXPECT_EQ(refusal(with_target("GET", "/23456789"), limits), Refusal::TargetTooLong);
  EXPECT_EQ(refusal("GET /23456789", limits), Refusal::TargetTooLong);
}

TEST(Refusals, have_a_status_and_a_word) {
  EXPECT_EQ(status_of(Refusal::BadRequestLine), 400);
  EXPECT_EQ(status_of(Refusal::TargetTooLong), 414);
  EXPECT_EQ(status_of(Refusal::BadExpect), 417);
  EXPECT_EQ(status_of(Refusal::HeadTooLarge), 431);
  EXPECT_EQ(status_of(Refusal::TooManyFields), 431);
  EXPECT_EQ(status_of(Refusal::UnsupportedVersion), 505);
  for (auto i = static_cast<int>(Refusal::BadRequestLine);
       i <= static_cast<int>(Refusal::BadConnection); ++i) {
    EXPECT_FALSE(to_string(static_cast<Refusal>(i)).empty()) << i;
  }
}

}  // namespace
}  // namespace yata::http::h1
