// What a parser made of the bytes of a connection, and how two parsers' readings are compared.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace yata::conformance {

struct Reading {
  struct Request {
    std::string target;
    std::string body;    // as far as it came
    bool whole = false;  // head and body came to their end
    friend bool operator==(const Request&, const Request&) = default;
  };
  std::vector<Request> requests;  // whose head was accepted
  std::string refusal;            // the parser's word for it; "" when nothing was refused
};

// Ours. Its refusal is "" or one of h1::to_string(Refusal), or "bad_chunk".
Reading read_ours(std::string_view bytes);

enum class Comparison {
  Same,       // the same requests and the same verdict
  Stricter,   // we refused; up to there the requests are the same
  Laxer,      // they refused; up to there the requests are the same
  Different,  // bodies or requests differ: the same bytes framed in two ways
};
Comparison compare(const Reading& ours, const Reading& theirs);

// Bytes with escapes, for a failure's message.
std::string printable(std::string_view bytes);

}  // namespace yata::conformance
