// An S3 that answers nonsense: for each answer, an error or a visibly cut body, within its
// deadlines; never a short one that looks whole, never a hang.
#include <gtest/gtest.h>

#include "origin/testing/trial.h"

namespace yata::origin {
namespace {

using std::chrono::seconds;
using Then = Step::Then;

struct Row {
  std::string_view what;
  Step step;
  std::string_view expected;
  ObjectRequest request = {.key = "k"};
};

const ObjectRequest kRange{.key = "k", .range = "bytes=0-4"};
const ObjectRequest kHead{.method = http::Method::Head, .key = "k"};
const ObjectRequest kCondition{.key = "k", .if_none_match = "\"e\""};

std::string head(std::string_view fields, std::string_view body = "") {
  return "HTTP/1.1 200 OK\r\n" + std::string(fields) + "\r\n" + std::string(body);
}
std::string part(std::string_view fields, std::string_view body) {
  return "HTTP/1.1 206 Partial Content\r\n" + std::string(fields) + "\r\n" + std::string(body);
}
std::string repeated(std::string_view text, std::size_t times) {
  std::string out;
  for (std::size_t i = 0; i < times; ++i) out += text;
  return out;
}

const std::string kChunked = "Transfer-Encoding: chunked\r\n";

std::vector<Row> framing_rows() {
  return {
      {"nonsense", {"nonsense\r\n\r\n", Then::Close}, "origin protocol"},
      {"binary", {std::string("\x16\x03\x01\x02\x00\x01", 6), Then::Close}, "origin protocol"},
      {"HTTP/2", {"HTTP/2 200\r\n\r\n"}, "origin protocol"},
      {"HTTP/0.9", {"<html>", Then::Close}, "origin protocol"},
      {"status of two digits", {"HTTP/1.1 20 OK\r\n\r\n"}, "origin protocol"},
      {"status 999", {"HTTP/1.1 999 OK\r\n\r\n"}, "origin protocol"},
      {"switches protocols", {"HTTP/1.1 101 X\r\nUpgrade: h2c\r\n\r\n"}, "origin protocol"},
      {"endless 100", {repeated("HTTP/1.1 100 Continue\r\n\r\n", 50)}, "origin protocol"},
      {"100 and then the answer", {"HTTP/1.1 100 Continue\r\n\r\n" + kOk}, "whole 0+5/5 hello"},
      {"early hints and then the answer",
       {"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" + kOk},
       "whole 0+5/5 hello"},
      {"two lengths",
       {head("Content-Length: 5\r\nContent-Length: 6\r\n", "hello!")},
       "origin protocol"},
      {"a length twice",
       {head("Content-Length: 5\r\nContent-Length: 5\r\n", "hello")},
       "origin protocol"},
      {"a list of lengths", {head("Content-Length: 5, 5\r\n", "hello")}, "origin protocol"},
      {"a negative length", {head("Content-Length: -5\r\n", "hello")}, "origin protocol"},
      {"a signed length", {head("Content-Length: +5\r\n", "hello")}, "origin protocol"},
      {"a hexadecimal length", {head("Content-Length: 0x5\r\n", "hello")}, "origin protocol"},
      {"a length beyond 2^64",
       {head("Content-Length: 99999999999999999999\r\n", "hello")},
       "origin protocol"},
      {"length and chunked",
       {head("Content-Length: 5\r\n" + kChunked, "5\r\nhello\r\n0\r\n\r\n")},
       "origin protocol"},
      {"another coding", {head("Transfer-Encoding: gzip\r\n", "hello")}, "origin protocol"},
      {"chunked twice",
       {head("Transfer-Encoding: chunked, chunked\r\n", "0\r\n\r\n")},
       "origin protocol"},
      {"a folded field",
       {head("X-A: b\r\n c\r\nContent-Length: 5\r\n", "hello")},
       "origin protocol"},
      {"a field without a colon", {head("nonsense\r\nContent-Length: 5\r\n")}, "origin protocol"},
      {"a space before the colon", {head("Content-Length : 5\r\n", "hello")}, "origin protocol"},
      {"a NUL in a field",
       {head(std::string("X-A: b\0c\r\nContent-Length: 5\r\n", 29), "hello")},
       "origin protocol"},
      {"a bare CR in a field", {head("X-A: b\rc\r\nContent-Length: 5\r\n")}, "origin protocol"},
      {"bare line feeds", {"HTTP/1.1 200 OK\nContent-Length: 5\n\nhello"}, "origin protocol"},
      {"a flood of fields",
       {head(repeated("X-A: b\r\n", 1000) + "Content-Length: 5\r\n", "hello")},
       "origin protocol"},
      {"a field of 1 MB",
       {head("X-A: " + std::string(1'000'000, 'a') + "\r\nContent-Length: 5\r\n", "hello")},
       "origin protocol"},
      {"fields without an end",
       {"HTTP/1.1 200 OK\r\n" + repeated("X-A: b\r\n", 100'000), Then::Hang},
       "origin protocol"},
      {"a body without a length", {head("", "hello"), Then::Close}, "origin protocol"},
      {"HTTP/1.0 without a length",
       {"HTTP/1.0 200 OK\r\n\r\nhello", Then::Close},
       "origin protocol"},
  };
}

std::vector<Row> meaning_rows() {
  const std::string range = "Content-Range: bytes 0-4/10\r\nContent-Length: 5\r\n";
  return {
      {"a 206 as asked", {part(range, "hello")}, "part 0+5/10 hello", kRange},
      {"a 206 not asked for", {part(range, "hello")}, "origin protocol"},
      {"a 200 with Content-Range", {head(range, "hello")}, "origin protocol", kRange},
      {"a 200 with another object's range", {head(range, "hello")}, "origin protocol"},
      {"a 206 of other bytes",
       {part("Content-Range: bytes 5-9/10\r\nContent-Length: 5\r\n", "world")},
       "origin protocol",
       kRange},
      {"a 206 of fewer bytes",
       {part("Content-Range: bytes 0-2/10\r\nContent-Length: 3\r\n", "hel")},
       "origin protocol",
       kRange},
      {"a 206 whose length is another",
       {part("Content-Range: bytes 0-4/10\r\nContent-Length: 4\r\n", "hell")},
       "origin protocol",
       kRange},
      {"a 206 in several parts",
       {part("Content-Type: multipart/byteranges; boundary=x\r\nContent-Length: 5\r\n", "--x--")},
       "origin protocol",
       kRange},
      {"a chunked 206 with fewer bytes",
       {part("Content-Range: bytes 0-4/10\r\n" + kChunked, "3\r\nhel\r\n0\r\n\r\n")},
       "part 0+5/10 hel|origin protocol",
       kRange},
      {"a chunked 206 with more bytes",
       {part("Content-Range: bytes 0-4/10\r\n" + kChunked, "6\r\nhello!\r\n0\r\n\r\n")},
       "part 0+5/10 *|origin protocol",
       kRange},
      {"a chunked 206 as asked",
       {part("Content-Range: bytes 0-4/10\r\n" + kChunked, "5\r\nhello\r\n0\r\n\r\n")},
       "part 0+5/10 hello",
       kRange},
      {"a range that is ignored",
       {head("Content-Length: 10\r\n", "helloworld")},
       "whole 0+10/10 helloworld",
       kRange},
      {"a 304 not asked for", {"HTTP/1.1 304 X\r\n\r\n"}, "origin protocol"},
      {"a 304 as asked",
       {"HTTP/1.1 304 X\r\nETag: \"e\"\r\n\r\n"},
       "not modified 0+?/?",
       kCondition},
      {"a 304 with a body",
       {"HTTP/1.1 304 X\r\nContent-Length: 5\r\n\r\nhello"},
       "not modified 0+?/?",
       kCondition},
      {"a 412 not asked for", {failure(412, document("PreconditionFailed"))}, "origin protocol"},
      {"a 416 not asked for", {failure(416, document("InvalidRange"))}, "origin protocol"},
      {"a 204", {"HTTP/1.1 204 No Content\r\n\r\n"}, "origin protocol"},
      {"a 201", {"HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n"}, "origin protocol"},
      {"a redirect elsewhere",
       {failure(302, "", "Location: http://169.254.169.254/latest\r\n")},
       "origin denied"},
      {"HEAD with a body",
       {head("Content-Length: 5\r\n", "hello"), Then::Close},
       "whole 0+5/5",
       kHead},
      {"two ETags",
       {head("ETag: \"a\"\r\nETag: \"b\"\r\nContent-Length: 5\r\n", "hello")},
       "origin protocol"},
      {"a 404 that is not S3's", {failure(404, "<html>not here</html>")}, "origin protocol"},
      {"a 404 without a document", {failure(404, "")}, "origin protocol"},
      {"a 404 of another code", {failure(404, document("NoSuchUpload"))}, "origin protocol"},
      {"a 500 that is not S3's", {failure(500, "<html>oops</html>")}, "origin io"},
      {"a 403 without a document", {failure(403, "")}, "forbidden 0+?/?"},
      {"a missing bucket", {failure(404, document("NoSuchBucket"))}, "origin not_found"},
      {"a skewed clock", {failure(403, document("RequestTimeTooSkewed"))}, "origin denied"},
  };
}

std::vector<Row> cut_rows() {
  const std::string ten = "Content-Length: 10\r\n";
  const std::string unfinished = "<Error><Code>NoSuch";
  const Step slow{kOk, Then::Keep, {}, seconds(1)};
  return {
      {"silence", {"", Then::Hang}, "origin timeout"},
      {"closes at once", {"", Then::Close}, "origin closed"},
      {"resets at once", {"", Then::Reset}, "origin closed"},
      {"closes in the head", {"HTTP/1.1 200 OK\r\nContent-", Then::Close}, "origin closed"},
      {"stops in the head", {"HTTP/1.1 200 OK\r\nContent-", Then::Hang}, "origin timeout"},
      {"a byte a second in the head", slow, "origin timeout"},
      {"closes before the body", {head(ten), Then::Close}, "whole 0+10/10 |origin closed"},
      {"closes in the body",
       {head(ten, "hello"), Then::Close},
       "whole 0+10/10 hello|origin closed"},
      {"resets in the body",
       {head(ten, "hello"), Then::Reset},
       "whole 0+10/10 *|origin closed or origin closed"},
      {"stops in the body", {head(ten, "hello"), Then::Hang}, "whole 0+10/10 hello|origin timeout"},
      {"sends more than it said", {head(ten, "helloworldandmore")}, "whole 0+10/10 helloworld"},
      {"closes between chunks",
       {head(kChunked, "5\r\nhello\r\n"), Then::Close},
       "whole 0+?/? hello|origin closed"},
      {"closes in a chunk",
       {head(kChunked, "9\r\nhello"), Then::Close},
       "whole 0+?/? hello|origin closed"},
      {"closes in the trailer",
       {head(kChunked, "5\r\nhello\r\n0\r\n"), Then::Close},
       "whole 0+?/? hello|origin closed"},
      {"a chunk size that is none",
       {head(kChunked, "5\r\nhello\r\nxyz\r\n"), Then::Hang},
       "whole 0+?/? *|origin protocol"},
      {"a chunk size beyond 2^64",
       {head(kChunked, "fffffffffffffffff\r\nhello"), Then::Hang},
       "whole 0+?/? |origin protocol"},
      {"a chunk without its end",
       {head(kChunked, "5\r\nhelloXX0\r\n\r\n"), Then::Hang},
       "whole 0+?/? *|origin protocol"},
      {"an error document that is cut",
       {"HTTP/1.1 404 X\r\nContent-Length: 100\r\n\r\n" + unfinished, Then::Close},
       "origin closed"},
      {"an error document that stalls",
       {"HTTP/1.1 403 X\r\nContent-Length: 100\r\n\r\n" + unfinished, Then::Hang},
       "origin timeout"},
      {"an error document a byte a second",
       {document("NoSuchKey"),
        Then::Hang,
        {},
        seconds(1),
        "HTTP/1.1 404 X\r\nContent-Length: 500\r\n\r\n"},
       "origin timeout"},
      {"an error document without an end",
       {"HTTP/1.1 403 X\r\n" + kChunked + "\r\n" +
            repeated("1000\r\n" + std::string(4096, 'x') + "\r\n", 40),
        Then::Hang},
       "origin protocol"},
      {"an error document of 1 MB", {failure(404, std::string(1'000'000, 'x'))}, "origin protocol"},
      {"an error document that blows up",
       {failure(404, "<!DOCTYPE x [<!ENTITY a \"" + std::string(1000, 'a') +
                         "\"><!ENTITY b \"&a;&a;&a;&a;\">]><Error><Code>&b;</Code></Error>")},
       "origin protocol"},
      {"a 503 whose document is cut",
       {"HTTP/1.1 503 X\r\nContent-Length: 100\r\n\r\n" + unfinished, Then::Close},
       "origin unavailable"},
  };
}

// '*' in `expected` is any beginning of "hello": how much came before a break is the network's. A
// reset may even overtake the head.
bool fits(std::string_view told, std::string_view expected) {
  constexpr std::string_view kOr = " or origin closed";
  if (expected.ends_with(kOr)) {
    if (told == "origin closed") return true;
    expected.remove_suffix(kOr.size());
  }
  const std::size_t star = expected.find('*');
  if (star == std::string_view::npos) return told == expected;
  for (std::size_t size = 0; size <= 5; ++size) {
    std::string filled(expected);
    filled.replace(star, 1, std::string_view("hello").substr(0, size));
    if (told == filled) return true;
  }
  return false;
}

// The longest it may take: three times a silent head with the waits between, and a stalled body.
constexpr Duration kMost = seconds(3 * 20 + 20 + 5);

void expect_rows(const std::vector<Row>& rows) {
  for (const Row& row : rows) {
    for (std::uint64_t seed = 1; seed <= 8; ++seed) {
      const Trial trial = ask({row.step}, row.request, seed);
      EXPECT_TRUE(fits(trial.told[0], row.expected))
          << row.what << " (seed " << seed << "): " << trial.told[0];
      EXPECT_LE(trial.ended - trial.started, kMost) << row.what;
    }
  }
}

TEST(HostileS3, BreaksFraming) {
  expect_rows(framing_rows());
}

TEST(HostileS3, AnswersWhatWasNotAsked) {
  expect_rows(meaning_rows());
}

TEST(HostileS3, BreaksOffOrStops) {
  expect_rows(cut_rows());
}

// Whatever one answer was, the next request must not be given its rest, once that has come.
TEST(HostileS3, NeverLeavesBytesForTheNextRequest) {
  const std::string poison = "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison";
  const Step steps[] = {
      {kOk + poison},
      {head("Content-Length: 5\r\n") + poison},
      {"HTTP/1.1 304 X\r\n\r\n" + poison},
      {"HTTP/1.1 204 X\r\n\r\n" + poison},
      {failure(404, document("NoSuchKey")) + poison},
      {head(kChunked, "5\r\nhello\r\n0\r\n\r\n") + poison},
      {head("Content-Length: 5\r\nContent-Length: 6\r\n", "hello") + poison},
  };
  for (const Step& step : steps) {
    for (const ObjectRequest& first : {ObjectRequest{.key = "a"}, kHead, kCondition}) {
      for (std::uint64_t seed = 1; seed <= 8; ++seed) {
        Trial trial;
        trial.script.steps = {step, {kOk}};
        trial.requests = {first, {.key = "b"}};
        trial.pause = seconds(1);
        play(trial, seed);
        EXPECT_EQ(trial.told[1], "whole 0+5/5 hello") << step.bytes << " seed " << seed;
      }
    }
  }
}

}  // namespace
}  // namespace yata::origin
