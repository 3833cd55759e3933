// What others published about requests with doubtful framing, against our parser.
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <map>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "base/shared_vectors.h"
#include "http/h1/conversation.h"

namespace yata::http::h1 {
namespace {

std::string from_base64(std::string_view text) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string bytes;
  std::uint32_t bits = 0;
  int count = 0;
  for (const char c : text) {
    if (c == '=') break;
    bits = bits << 6 | static_cast<std::uint32_t>(kDigits.find(c));
    count += 6;
    if (count < 8) continue;
    count -= 8;
    bytes += static_cast<char>(bits >> count & 0xFF);
  }
  return bytes;
}

std::string text_of(const boost::json::value& value, std::string_view key) {
  return std::string(value.at(key).as_string());
}

// Each case says Content-Length: 51 and hides a Transfer-Encoding from half of the parsers; its
// body is a last chunk and a request for /smuggled. We refuse it, or read all 51 bytes as the body
// of /a: in no reading of ours does a request begin behind the last chunk.
TEST(SmugglingVectors, never_make_a_request_of_a_body) {
  YATA_SHARED_VECTORS(text, "http/smuggling.jsonl");
  std::istringstream lines(text);
  std::string line;
  int cases = 0;
  std::vector<std::string> accepted;
  while (std::getline(lines, line)) {
    const boost::json::value value = boost::json::parse(line);
    const std::string id = text_of(value, "id");
    const std::string bytes = from_base64(text_of(value, "b64"));
    const Conversation seen = converse(bytes);
    ++cases;
    for (const SeenRequest& request : seen.requests) {
      EXPECT_EQ(request.target.find("smuggled"), std::string::npos) << id;
    }
    if (!seen.accepts()) {
      EXPECT_TRUE(seen.requests.empty()) << id;
      continue;
    }
    accepted.push_back(id);
    ASSERT_EQ(seen.requests.size(), 1U) << id;
    EXPECT_EQ(seen.requests[0].target, "/a") << id;
    EXPECT_EQ(seen.requests[0].length, (BodyLength{BodyLength::Kind::Sized, 51})) << id;
    EXPECT_TRUE(seen.requests[0].whole) << id;
    EXPECT_TRUE(seen.requests[0].body.contains("/smuggled")) << id;
  }
  EXPECT_GT(cases, 1000);
  // In these, "chunked" is not said by a Transfer-Encoding of any kind: it is in the value of X, or
  // of Content-Encoding.
  const std::vector<std::string> harmless = {
      "smuggler-clte-xprespace-09", "smuggler-clte-xprespace-20", "smuggler-clte-xprespace-a0",
      "smuggler-clte-xprespace-ff", "smuggler-clte-contentEnc"};
  EXPECT_EQ(accepted, harmless);
}

// A case whose verdict differs from llhttp's. The cases leave Host out, which RFC 9112 §3.2 wants
// refused; it is added here so that the rest of the request is compared.
struct Difference {
  std::string_view type;   // "request", or with which of llhttp's lenient flags
  std::string_view title;  // of the case
  std::string_view ours;   // why we refuse; "" when we accept
  std::string_view side;   // whom the RFC sides with, and where it says so
};

constexpr Difference kDifferences[] = {
    // They refuse, we accept.
    {"request", "Setting a flag and pausing", "",
     "both: llhttp stops to hand the connection over; a server may ignore Upgrade (9110 §7.8)"},
    {"request", "Emitting part of body and pausing", "",
     "both: llhttp stops to hand the connection over; a server may ignore Upgrade (9110 §7.8)"},
    {"request", "Invalid method", "",
     "us: any token is a method (9110 §9.1); MKCOLA gets 405 instead of 400"},
    // We refuse, they accept.
    {"request", "Funky `Content-Length` with body", "unsupported_version",
     "both: HTTP/1.0 (9110 §15.6.6 lets a server refuse a version)"},
    {"request", "Apache bench GET", "unsupported_version",
     "both: HTTP/1.0 (9110 §15.6.6 lets a server refuse a version)"},
    {"request", "M-SEARCH request", "bad_target",
     "us: asterisk-form only for OPTIONS (9112 §3.2.4)"},
    {"request", "SOURCE request with ICE", "bad_request_line", "us: not HTTP (9112 §2.3)"},
    {"request", "OPTIONS request with RTSP", "bad_request_line", "us: not HTTP (9112 §2.3)"},
    {"request", "ANNOUNCE request with RTSP", "bad_request_line", "us: not HTTP (9112 §2.3)"},
    {"request", "Prefix newline", "bad_request_line",
     "both: one empty line should be ignored (9112 §2.2); the connection does so behind a body"},
    {"request", "Request starting with CRLF", "bad_request_line",
     "both: one empty line should be ignored (9112 §2.2); the connection does so behind a body"},
    {"request", "No HTTP version", "bad_request_line", "us: HTTP/0.9 (9112 §3)"},
    {"request", "POST with `chunked` as last transfer-encoding", "bad_target",
     "us: '#' in the target (9112 §3.2); deflate would be refused, too (9112 §6.1 lets us)"},
    {"request", "POST with `chunked` as last transfer-encoding (multiple headers)", "bad_target",
     "us: '#' in the target (9112 §3.2); deflate would be refused, too (9112 §6.1 lets us)"},
    {"request", "Fragment in URI", "bad_target", "us: a target has no fragment (9112 §3.2)"},
    {"request", "`host:port` and basic auth", "bad_target", "us: no userinfo (9110 §4.2.4)"},
    // We refuse, and so does llhttp unless told to be lenient.
    {"request-lenient-keep-alive", "Resetting flags when keep-alive is off (1.0, lenient)",
     "unsupported_version", "both: HTTP/1.0 (9110 §15.6.6 lets a server refuse a version)"},
    {"request-lenient-chunked-length",
     "No error on simultaneous `Content-Length` and `Transfer-Encoding: identity` (lenient)",
     "length_and_transfer_encoding", "us: never both (9112 §6.1)"},
    {"request-lenient-optional-lf-after-cr", "Missing CRLF-CRLF before body (lenient)",
     "bad_line_end", "us: bare CR (9112 §2.2)"},
    {"request-lenient-all", "Only LFs present (lenient)", "bad_line_end",
     "us: may recognize a single LF, need not (9112 §2.2)"},
    {"request-lenient-headers", "Spaces before headers (lenient)", "obsolete_fold",
     "us: obs-fold (9112 §5.2)"},
    {"request-lenient-header-value-relaxed", "Control char in header value (relaxed)",
     "bad_field_value", "us: control characters are invalid (9110 §5.5)"},
    {"request-lenient-headers", "Header value (lenient)", "bad_field_value",
     "us: control characters are invalid (9110 §5.5)"},
    {"request-lenient-headers", "Second request header value (lenient)", "bad_field_value",
     "us: control characters are invalid (9110 §5.5)"},
    {"request-lenient-headers", "Empty headers separated by CR (lenient)", "bad_line_end",
     "us: bare CR (9112 §2.2)"},
    {"request-lenient-version", "Invalid HTTP version (lenient)", "unsupported_version",
     "us: HTTP/5.6 (9110 §15.6.6)"},
    {"request-lenient-headers", "Line folding in header value with CRLF", "obsolete_fold",
     "us: obs-fold (9112 §5.2)"},
    {"request-lenient-optional-lf-after-cr", "No LF after CR (lenient)", "bad_line_end",
     "us: bare CR (9112 §2.2)"},
    {"request-lenient-headers", "X-SSL-Nonsense", "obsolete_fold", "us: obs-fold (9112 §5.2)"},
    {"request-lenient-chunked-length",
     "POST with `Transfer-Encoding` and `Content-Length` (lenient)", "bad_target",
     "us: '#' in the target (9112 §3.2), and never both (9112 §6.1)"},
    {"request-lenient-transfer-encoding",
     "POST with `chunked` before other transfer-coding (lenient)", "bad_target",
     "us: '#' in the target (9112 §3.2), and chunked comes last (9112 §6.3)"},
    {"request-lenient-transfer-encoding",
     "POST with `chunked` and duplicate transfer-encoding (lenient)", "bad_target",
     "us: '#' in the target (9112 §3.2), and chunked comes last (9112 §6.3)"},
    {"request-lenient-optional-lf-after-cr", "Chunk header not terminated by CRLF (lenient)",
     "bad_chunk", "us: chunk lines end with CRLF (9112 §7.1)"},
    {"request-lenient-optional-crlf-after-chunk", "Chunk data not terminated by CRLF (lenient)",
     "bad_chunk", "us: chunk data ends with CRLF (9112 §7.1)"},
    {"request-lenient-spaces-after-chunk-size", "Space after chunk header (lenient)", "bad_chunk",
     "us: nothing between the size and its CRLF (9112 §7.1)"},
};

std::string with_hosts(std::string bytes) {
  std::string lower = bytes;
  for (char& c : lower) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
  if (lower.contains("\nhost:")) return bytes;
  constexpr std::string_view kLineEnd = " HTTP/1.1\r\n";
  constexpr std::string_view kHost = "Host: h\r\n";
  for (std::size_t at = bytes.find(kLineEnd); at != std::string::npos;
       at = bytes.find(kLineEnd, at)) {
    at += kLineEnd.size();
    bytes.insert(at, kHost);
  }
  return bytes;
}

std::string verdict(const Conversation& seen) {
  return seen.bad_chunk ? "bad_chunk" : std::string(to_string(seen.refusal));
}

TEST(LlhttpVectors, differ_where_the_table_says_and_nowhere_else) {
  YATA_SHARED_VECTORS(text, "http/llhttp-requests.json");
  std::map<std::pair<std::string, std::string>, std::string> expected;
  for (const Difference& difference : kDifferences) {
    expected[{std::string(difference.type), std::string(difference.title)}] = difference.ours;
  }
  std::map<std::pair<std::string, std::string>, std::string> found;
  int cases = 0;
  for (const boost::json::value& value : boost::json::parse(text).as_array()) {
    ++cases;
    const Conversation seen = converse(with_hosts(from_base64(text_of(value, "b64"))));
    const bool they_accept = value.at("error").is_null();
    if (they_accept == seen.accepts()) continue;
    found[{text_of(value, "type"), text_of(value, "title")}] = verdict(seen);
  }
  EXPECT_GT(cases, 150);
  EXPECT_EQ(found, expected);
}

// Without a Host, all of them are refused.
TEST(LlhttpVectors, are_refused_without_a_host) {
  YATA_SHARED_VECTORS(text, "http/llhttp-requests.json");
  for (const boost::json::value& value : boost::json::parse(text).as_array()) {
    const std::string bytes = from_base64(text_of(value, "b64"));
    if (with_hosts(bytes) == bytes) continue;
    EXPECT_TRUE(converse(bytes).requests.empty()) << text_of(value, "title");
  }
}

}  // namespace
}  // namespace yata::http::h1
