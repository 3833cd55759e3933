// However the bytes of a message arrive, the outcome is the same.
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "http/h1/parser.h"

namespace yata::http::h1 {
namespace {

// All that a parse says, as text.
std::string describe(const ParseResult& result, std::string_view method, std::string_view line,
                     Fields fields, const BodyLength& body) {
  std::string text = std::to_string(static_cast<int>(result.state)) + '|' +
                     std::to_string(result.head_bytes) + '|' +
                     std::string(to_string(result.refusal)) + '|';
  if (result.state != ParseState::Done) return text;
  text += std::string(method) + '|' + std::string(line) + '|' +
          std::to_string(static_cast<int>(body.kind)) + '|' + std::to_string(body.bytes);
  for (const Field& field : fields) {
    text += '|' + std::to_string(static_cast<int>(field.name)) + std::string(field.text) + '=' +
            std::string(field.value);
  }
  return text;
}

// Parses requests.
struct Requests {
  RequestParser parser;
  std::string parse(std::string_view buffer) {
    RequestHead head;
    const ParseResult result = parser.parse(buffer, head);
    return describe(
        result, head.method_text,
        std::string(head.authority) + ' ' + std::string(head.path) + '?' + std::string(head.query),
        head.fields, head.body);
  }
};

struct Responses {
  ResponseParser parser;
  std::string parse(std::string_view buffer) {
    ResponseHead head;
    const ParseResult result = parser.parse(buffer, Method::Get, head);
    return describe(result, std::to_string(head.status), head.reason, head.fields, head.body);
  }
};

constexpr HeadLimits kLimits{.header_bytes = 256, .header_fields = 4, .target_bytes = 24};

bool needs_more(const std::string& outcome) {
  return outcome.starts_with('0');
}

// The first outcome that is not NeedMore when the buffer grows to each of `sizes` in turn.
template <typename Parse>
std::string grow(Parse& parse, std::string_view text, const std::vector<std::size_t>& sizes,
                 bool moving) {
  std::vector<std::unique_ptr<std::string>> buffers;  // kept, so that each is somewhere else
  std::string outcome;
  for (const std::size_t size : sizes) {
    if (moving) {
      // Whoever still looks there sees it.
      if (!buffers.empty()) std::ranges::fill(*buffers.back(), '!');
      buffers.push_back(std::make_unique<std::string>(text.substr(0, size)));
    }
    outcome = parse.parse(moving ? std::string_view(*buffers.back()) : text.substr(0, size));
    if (!needs_more(outcome)) break;
  }
  return outcome;
}

template <typename Parser>
void check_splits(const std::string& text) {
  Parser whole{.parser = decltype(Parser::parser)(kLimits)};
  const std::string expected = whole.parse(text);
  Parser resumed{.parser = decltype(Parser::parser)(kLimits)};
  std::vector<std::size_t> every;
  for (std::size_t split = 0; split <= text.size(); ++split) {
    every.push_back(split);
    for (const bool moving : {false, true}) {
      EXPECT_EQ(grow(resumed, text, {split, text.size()}, moving), expected) << split << text;
      resumed.parser.reset();
      EXPECT_EQ(grow(resumed, text, {split / 2, split, text.size()}, moving), expected) << text;
      resumed.parser.reset();
    }
  }
  for (const bool moving : {false, true}) {
    EXPECT_EQ(grow(resumed, text, every, moving), expected) << text;
    resumed.parser.reset();
  }
}

TEST(Splits, do_not_change_requests) {
  const std::string long_value(300, 'v');
  const std::string requests[] = {
      "GET /a?b HTTP/1.1\r\nHost: example.com\r\nUser-Agent: x y z\t\r\nEmpty:\r\n\r\n",
      "POST http://a/p HTTP/1.1\r\nHost: b\r\nContent-Length: 3\r\n\r\nabc",
      "OPTIONS * HTTP/1.1\r\nhost: [::1]:80\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      "GET / HTTP/1.0\r\nHost: a\r\n\r\n",
      "GET / HTTP/1.1\nHost: a\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: a\n\r\n",
      "GET / HTTP/1.1\r\nHost: a\r\nB: c\rd\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: a\r\n folded\r\n\r\n",
      "GET / HTTP/1.1\r\nHo st: a\r\n\r\n",
      "GET / HTTP/1.1\r\nHost : a\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: a\r\nno colon\r\nX: y\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: a\r\nX: a\x01\r\nY: z\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\nBad Name: x\r\n\r\n",
      "GET / HTTP/1.1\r\nX: y\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: a\r\n1: \r\n2: \r\n3: \r\n4: \r\n\r\n",
      "GET /23456789012345678901234567890\x01 HTTP/1.1\r\nHost: a\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: a\r\nX: " + long_value + "\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: a\r\nX: " + long_value.substr(0, 200) + "\r\n\r\n",
      std::string(40, 'M') + "(",
      "GET * HTTP/1.1\r\nHost: a\r\n\r\n",
      "\x16\x03\x01",
  };
  for (const std::string& request : requests) check_splits<Requests>(request);
}

TEST(Splits, do_not_change_responses) {
  const std::string responses[] = {
      "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nETag: \"a\"\r\nServer: x\r\n\r\nabc",
      "HTTP/1.1 200 \r\n\r\n",
      "HTTP/1.0 404 Not Found\r\nConnection: close\r\n\r\n",
      "HTTP/1.1 20x OK\r\n\r\n",
      "HTTP/1.1 200 OK\nA: b\r\n\r\n",
      "HTTP/1.1 200 O\x01K\r\n\r\n",
      "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\n",
      "HTTP/1.1 200 OK\r\nA: b\r\n\tc\r\n\r\n",
      "HTTP/1.1 200 OK\r\nX: " + std::string(300, 'v') + "\r\n\r\n",
      "HTTP/1.1 200 OK\r\n1:\r\n2:\r\n3:\r\n4:\r\n5:\r\n\r\n",
  };
  for (const std::string& response : responses) check_splits<Responses>(response);
}

// A long line that grows byte by byte is not searched from its start each time.
TEST(Splits, of_long_lines_are_looked_at_when_they_doubled_or_ended) {
  const std::string text(10'000, 'x');
  const auto window = [&](std::size_t size) { return std::string_view(text).substr(0, size); };
  HeadProgress progress;
  progress.stopped(10, 1000);
  EXPECT_TRUE(progress.worth_another_look(window(1001)));
  progress.stopped(10, 2010);
  EXPECT_FALSE(progress.worth_another_look(window(4009)));
  EXPECT_TRUE(progress.worth_another_look(window(4010)));
  EXPECT_TRUE(progress.worth_another_look(std::string(2010, 'x') + "\n"));
}

}  // namespace
}  // namespace yata::http::h1
