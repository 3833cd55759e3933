#include "corpus.h"

#include <span>
#include <string_view>

#include "base/random.h"

namespace yata::conformance {
namespace {

constexpr std::string_view kRequests[] = {
    "GET /a?b=c HTTP/1.1\r\nHost: example.com\r\nUser-Agent: x/1 (y)\r\nAccept: */*\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: h:8080\r\nConnection: keep-alive\r\nX-Text: a\tb\r\n\r\n"
    "GET /second HTTP/1.1\r\nHost: h\r\n\r\n",
    "POST /sized HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello"
    "GET /after HTTP/1.1\r\nHost: h\r\n\r\n",
    "POST /chunked HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"
    "a;x=y\r\n0123456789\r\n0\r\n\r\nGET /after HTTP/1.1\r\nHost: h\r\n\r\n",
    "POST /trailers HTTP/1.1\r\nTransfer-Encoding: chunked\r\nHost: "
    "h\r\n\r\n1;a=\"b\"\r\nz\r\n0\r\n"
    "X-Sum: 1\r\n\r\nGET /after HTTP/1.1\r\nHost: h\r\n\r\n",
    "PUT http://example.com:80/p HTTP/1.1\r\nHost: example.com\r\nContent-Length: 0\r\n\r\n",
    "OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n",
    "POST /both HTTP/1.1\r\nHost: h\r\nContent-Length: 44\r\n\r\n0\r\n\r\n"
    "GET /smuggled HTTP/1.1\r\nHost: h\r\nX: y\r\n\r\n",
    "HEAD /e HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n",
};

constexpr std::string_view kResponses[] = {
    "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nETag: \"a\"\r\n\r\nhello",
    "HTTP/1.1 206 Partial Content\r\nTransfer-Encoding: chunked\r\nServer: x\r\n\r\n5\r\nhello\r\n"
    "a;x=y\r\n0123456789\r\n0\r\n\r\n",
    "HTTP/1.1 404 \r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
    "HTTP/1.1 304 Not Modified\r\nETag: \"a\"\r\nContent-Length: 5\r\n\r\n",
    "HTTP/1.1 204 No Content\r\nX-Text: a\tb\r\n\r\n",
    "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nuntil the end",
    "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;a=\"b\"\r\nz\r\n0\r\nX-Sum: 1\r\n\r\n",
};

constexpr std::string_view kLines[] = {
    "Transfer-Encoding: chunked\r\n",
    "Transfer-Encoding: Chunked\r\n",
    "Transfer-Encoding: xchunked\r\n",
    "Transfer-Encoding: chunked, identity\r\n",
    "Transfer-Encoding: gzip, chunked\r\n",
    "Transfer-Encoding: identity\r\n",
    "Transfer-Encoding:\r\n",
    "Transfer-Encoding : chunked\r\n",
    "Transfer-Encoding: chunked;q=1\r\n",
    "Transfer-Encoding: \"chunked\"\r\n",
    "Transfer-Encoding:\r\n chunked\r\n",
    "Transfer_Encoding: chunked\r\n",
    "Content-Length: 0\r\n",
    "Content-Length: 5\r\n",
    "Content-Length: 05\r\n",
    "Content-Length: +5\r\n",
    "Content-Length: -5\r\n",
    "Content-Length: 5, 5\r\n",
    "Content-Length: 5 5\r\n",
    "Content-Length: 0x5\r\n",
    "Content-Length: 18446744073709551621\r\n",
    "Content-Length: 99999999999999999999999\r\n",
    "Content-Length:\r\n",
    "Content-Length : 5\r\n",
    "Host: other\r\n",
    "Host:\r\n",
    "Host: a b\r\n",
    "Host: u@h\r\n",
    "Host: [::1]:80\r\n",
    "Connection: close\r\n",
    "Connection: keep-alive, close\r\n",
    "Connection: Content-Length\r\n",
    "Expect: 200-maybe\r\n",
    "X: folded\r\n again\r\n",
    " X: y\r\n",
    ": y\r\n",
    "X\r\n",
    "X: \x80\xFF\r\n",
    "X-Long: 0123456789012345678901234567890123456789012345678901234567890123456789\r\n",
};

constexpr std::string_view kLineEnds[] = {"\n", "\r", "\r\r\n", "\n\r\n", "\r\n\r\n", " \r\n"};

constexpr std::string_view kRequestLines[] = {
    "GET / HTTP/1.0\r\n",
    "GET / HTTP/1.2\r\n",
    "GET / HTTP/2.0\r\n",
    "GET / HTTP/0.9\r\n",
    "GET /\r\n",
    "GET / http/1.1\r\n",
    "GET / HTTP/1.1 \r\n",
    "GET  / HTTP/1.1\r\n",
    "GET /  HTTP/1.1\r\n",
    "GET\t/ HTTP/1.1\r\n",
    " GET / HTTP/1.1\r\n",
    "\r\nGET / HTTP/1.1\r\n",
    "GET /a#b HTTP/1.1\r\n",
    "GET /\"a\" HTTP/1.1\r\n",
    "GET * HTTP/1.1\r\n",
    "GET a HTTP/1.1\r\n",
    "GET ftp://h/ HTTP/1.1\r\n",
    "GET http:///a HTTP/1.1\r\n",
    "GET http://u@h/ HTTP/1.1\r\n",
    "GET /\x80 HTTP/1.1\r\n",
    "CONNECT h:443 HTTP/1.1\r\n",
    "TRACE / HTTP/1.1\r\n",
    "get / HTTP/1.1\r\n",
    "PURGE / HTTP/1.1\r\n",
    "MADEUP / HTTP/1.1\r\n",
    "G,T / HTTP/1.1\r\n",
    "PRI * HTTP/2.0\r\n",
    "GET / HTTP/1.10\r\n",
    "GET / HTTP/11.1\r\n",
};

constexpr std::string_view kStatusLines[] = {
    "HTTP/1.0 200 OK\r\n",     "HTTP/1.2 200 OK\r\n",       "HTTP/2.0 200 OK\r\n",
    "HTTP/2 200 OK\r\n",       "HTTP/0.9 200 OK\r\n",       "http/1.1 200 OK\r\n",
    "HTTP/1.1 200\r\n",        "HTTP/1.1 200 \r\n",         "HTTP/1.1  200 OK\r\n",
    "HTTP/1.1\t200 OK\r\n",    "HTTP/1.1 20 OK\r\n",        "HTTP/1.1 2000 OK\r\n",
    "HTTP/1.1 099 OK\r\n",     "HTTP/1.1 600 OK\r\n",       "HTTP/1.1 999 OK\r\n",
    "HTTP/1.1 20x OK\r\n",     "HTTP/1.1 -20 OK\r\n",       "HTTP/1.1 204 OK\r\n",
    "HTTP/1.1 304 OK\r\n",     "HTTP/1.1 103 OK\r\n",       "HTTP/1.1 200OK\r\n",
    "ICY 200 OK\r\n",          " HTTP/1.1 200 OK\r\n",      "\r\nHTTP/1.1 200 OK\r\n",
    "HTTP/1.1 200 O\x01K\r\n", "HTTP/1.1 200 \xC3\x84\r\n", "HTTP/1.10 200 OK\r\n",
};

constexpr std::string_view kSizes[] = {
    "5 \r\n",
    " 5\r\n",
    "05\r\n",
    "0x5\r\n",
    "+5\r\n",
    "-1\r\n",
    "5;\r\n",
    "5; a\r\n",
    "5 ;a\r\n",
    "5;a\n",
    "5\n",
    "5;a=\r\n",
    "5;\x01\r\n",
    "5,5\r\n",
    "\r\n",
    "10000000000000005\r\n",
    "00000000000000005\r\n",
    "8000000000000000\r\n",
    "ffffffffffffffff\r\n",
    "5;\"a\"\r\n",
    "5;a=b;c\r\n",
    "5\r\r\n",
};

// Bytes that mean something to some parser, NUL among them.
constexpr char kHotText[] =
    "\r\n\0\t :;,_\"#/\x0B\x0C\x01\x7F\x80\xA0\xFF"
    "0Aa";
constexpr std::string_view kHotBytes(kHotText, sizeof kHotText - 1);

using Texts = std::span<const std::string_view>;

class Mutator {
 public:
  Mutator(std::uint64_t seed, Texts messages, Texts first_lines)
      : random_(seed), messages_(messages), first_lines_(first_lines) {}

  std::string next() {
    std::string text(pick(messages_));
    for (std::uint64_t i = random_.below(4); i > 0; --i) mutate(text);
    return text;
  }

 private:
  std::string_view pick(Texts texts) { return texts[random_.below(texts.size())]; }
  std::size_t position(const std::string& text) { return random_.below(text.size() + 1); }
  char hot() { return kHotBytes[random_.below(kHotBytes.size())]; }

  // The start of some line, the first one excepted; the text's size when there is none.
  std::size_t line(const std::string& text) {
    const std::size_t end = text.find('\n', random_.below(text.size() + 1));
    return end == std::string::npos ? text.size() : end + 1;
  }

  void mutate(std::string& text) {
    if (text.empty()) return;
    switch (random_.below(12)) {
      case 0: text[random_.below(text.size())] = hot(); return;
      case 1: text.insert(position(text), 1, hot()); return;
      case 2: text.erase(random_.below(text.size()), 1); return;
      case 3:
      case 4:
      case 5: {
        const std::size_t first = text.find('\n');
        const bool second = random_.below(4) != 0;
        text.insert(second && first != std::string::npos ? first + 1 : line(text), pick(kLines));
        return;
      }
      case 6: return replace_line_end(text);
      case 7: return repeat_line(text);
      case 8: return text.erase(line(text), random_.below(40)), void();
      case 9: return replace_line(text, "HTTP/", pick(first_lines_));
      case 10: return replace_line(text, "\r\n5", "\r\n" + std::string(pick(kSizes)));
      default:
        if (random_.below(4) == 0) text.resize(position(text));
        return;
    }
  }

  void replace_line_end(std::string& text) {
    const std::size_t at = text.find("\r\n", random_.below(text.size()));
    if (at != std::string::npos) text.replace(at, 2, pick(kLineEnds));
  }

  void repeat_line(std::string& text) {
    const std::size_t from = line(text);
    const std::size_t end = text.find('\n', from);
    if (end != std::string::npos) text.insert(line(text), text.substr(from, end + 1 - from));
  }

  // The line in which `mark` is, or which follows it when it begins with a line end.
  static void replace_line(std::string& text, std::string_view mark, std::string_view by) {
    const std::size_t at = text.find(mark);
    if (at == std::string::npos) return;
    const bool behind = mark.front() == '\r';
    const std::size_t from = behind ? at : text.rfind('\n', at) + 1;
    const std::size_t end = text.find('\n', behind ? at + 2 : at);
    if (end != std::string::npos) text.replace(from, end + 1 - from, by);
  }

  SeededRandom random_;
  Texts messages_;
  Texts first_lines_;
};

std::vector<std::string> make(Mutator mutator, std::size_t count) {
  std::vector<std::string> texts;
  texts.reserve(count);
  for (std::size_t i = 0; i < count; ++i) texts.push_back(mutator.next());
  return texts;
}

}  // namespace

std::vector<std::string> make_requests(std::uint64_t seed, std::size_t count) {
  return make(Mutator(seed, kRequests, kRequestLines), count);
}

std::vector<std::string> make_responses(std::uint64_t seed, std::size_t count) {
  return make(Mutator(seed, kResponses, kStatusLines), count);
}

}  // namespace yata::conformance
