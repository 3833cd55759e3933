#include "verdict.h"

#include <algorithm>
#include <cstdint>

#include "http/h1/conversation.h"

namespace yata::conformance {

Reading read_ours(std::string_view bytes) {
  const http::h1::Conversation seen = http::h1::converse(bytes);
  Reading reading;
  reading.refusal = seen.bad_chunk ? "bad_chunk" : std::string(to_string(seen.refusal));
  for (const http::h1::SeenRequest& request : seen.requests) {
    reading.requests.push_back({request.target, request.body, request.whole});
  }
  return reading;
}

Comparison compare(const Reading& ours, const Reading& theirs) {
  const bool we_refuse = !ours.refusal.empty();
  const bool they_refuse = !theirs.refusal.empty();
  if (!we_refuse && !they_refuse) {
    return ours.requests == theirs.requests ? Comparison::Same : Comparison::Different;
  }
  // The one that refused may have stopped within a request or a body that the other read on.
  const auto agree_up_to_the_refusal = [](const Reading& refusing, const Reading& other) {
    if (refusing.requests.size() > other.requests.size()) return false;
    for (std::size_t i = 0; i < refusing.requests.size(); ++i) {
      const Reading::Request& a = refusing.requests[i];
      const Reading::Request& b = other.requests[i];
      const bool last = i + 1 == refusing.requests.size() && !a.whole;
      if (a.target != b.target) return false;
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
