// What a parser made of the bytes of a connection, and how two parsers' readings are compared.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace yata::conformance {

enum class Side : std::uint8_t { Requests, Responses };

struct Reading {
  struct Message {
    std::string what;    // a request's target, a response's status
    std::string body;    // as far as it came
    bool whole = false;  // head and body came to their end
    friend bool operator==(const Message&, const Message&) = default;
  };
  std::vector<Message> messages;  // whose head was accepted
  std::string refusal;            // the parser's word for it; "" when nothing was refused
  bool within_head = false;       // the bytes end in the middle of one; ours only
};

// Ours. Its refusal is "" or one of h1::to_string(Refusal), or "bad_chunk". Requests are read until
// one ends the connection; responses, all to GET, until the first that is not 1xx.
Reading read_ours(Side side, std::string_view bytes);

enum class Comparison {
  Same,       // the same messages and the same verdict
  Stricter,   // we refused; up to there the messages are the same
  Laxer,      // they refused; up to there the messages are the same
  Different,  // bodies or messages differ: the same bytes framed in two ways
};
Comparison compare(const Reading& ours, const Reading& theirs);

// Bytes with escapes, for a failure's message.
std::string printable(std::string_view bytes);

}  // namespace yata::conformance
