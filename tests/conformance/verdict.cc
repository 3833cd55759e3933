#include "verdict.h"

#include <algorithm>
#include <cstdint>

#include "http/h1/conversation.h"

namespace yata::conformance {

namespace {

using http::h1::ParseState;

std::string word(const http::h1::Conversation& seen) {
  return seen.bad_chunk ? "bad_chunk" : std::string(to_string(seen.refusal));
}

Reading read_requests(std::string_view bytes) {
  const http::h1::Conversation seen = http::h1::converse(bytes);
  Reading reading;
  reading.refusal = word(seen);
  reading.within_head = seen.within_head;
  for (const http::h1::SeenRequest& request : seen.requests) {
    reading.messages.push_back({request.target, request.body, request.whole});
  }
  return reading;
}

Reading read_responses(std::string_view bytes) {
  Reading reading;
  http::h1::ResponseParser parser({});
  http::ResponseHead head;
  head.status = 100;
  while (head.status < 200 && !bytes.empty()) {
    const http::h1::ParseResult result = parser.parse(bytes, http::Method::Get, head);
    reading.refusal = to_string(result.refusal);
    reading.within_head = result.state == ParseState::NeedMore;
    if (result.state != ParseState::Done) break;
    bytes.remove_prefix(result.head_bytes);
    http::h1::SeenRequest seen;
    seen.length = head.body;
    const bool until_close = head.body.kind == http::BodyLength::Kind::UntilClose;
    if (until_close) seen.body = bytes;
    if (!until_close && !http::h1::read_body(bytes, seen)) reading.refusal = "bad_chunk";
    reading.messages.push_back({std::to_string(head.status), seen.body, seen.whole});
  }
  return reading;
}

}  // namespace

Reading read_ours(Side side, std::string_view bytes) {
  return side == Side::Requests ? read_requests(bytes) : read_responses(bytes);
}

Comparison compare(const Reading& ours, const Reading& theirs) {
  const bool we_refuse = !ours.refusal.empty();
  const bool they_refuse = !theirs.refusal.empty();
  if (!we_refuse && !they_refuse) {
    return ours.messages == theirs.messages ? Comparison::Same : Comparison::Different;
  }
  // The one that refused may have stopped within a request or a body that the other read on.
  const auto agree_up_to_the_refusal = [](const Reading& refusing, const Reading& other) {
    if (refusing.messages.size() > other.messages.size()) return false;
    for (std::size_t i = 0; i < refusing.messages.size(); ++i) {
      const Reading::Message& a = refusing.messages[i];
      const Reading::Message& b = other.messages[i];
      const bool last = i + 1 == refusing.messages.size() && !a.whole;
      if (a.what != b.what) return false;
      if (last ? !b.body.starts_with(a.body) : a != b) return false;
    }
    return true;
  };
  if (we_refuse && they_refuse) {
    const bool agree =
        agree_up_to_the_refusal(ours, theirs) || agree_up_to_the_refusal(theirs, ours);
    return agree ? Comparison::Same : Comparison::Different;
  }
  if (we_refuse) {
    return agree_up_to_the_refusal(ours, theirs) ? Comparison::Stricter : Comparison::Different;
  }
  return agree_up_to_the_refusal(theirs, ours) ? Comparison::Laxer : Comparison::Different;
}

std::string printable(std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string text;
  for (const char c : bytes) {
    const auto byte = static_cast<std::uint8_t>(c);
    if (c == '\r') {
      text += "\\r";
    } else if (c == '\n') {
      text += "\\n";
    } else if (byte >= 0x20 && byte < 0x7F) {
      text += c;
    } else {
      text += "\\x";
      text += kDigits[byte >> 4];
      text += kDigits[byte & 15];
    }
  }
  return text;
}

}  // namespace yata::conformance
