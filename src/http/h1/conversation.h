// For tests only: the bytes of a connection as a server sees them, one request after the other,
// without answering any. What the serving connection does, reduced to its framing.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "http/h1/chunked.h"
#include "http/h1/parser.h"

namespace yata::http::h1 {

struct SeenRequest {
  std::string method;
  std::string target;
  BodyLength length;
  std::string body;
  bool whole = false;  // its body's last byte came
  bool keep_alive = true;
};

struct Conversation {
  std::vector<SeenRequest> requests;
  Refusal refusal = Refusal::None;  // of a head, which ends the conversation
  bool bad_chunk = false;           // so does this
  bool within_head = false;         // the bytes end in the middle of one
  bool accepts() const { return refusal == Refusal::None && !bad_chunk; }
};

// Reads the body at the front of `bytes`, and takes it off. false for bad chunks.
inline bool read_body(std::string_view& bytes, SeenRequest& request) {
  using State = ChunkedDecoder::Step::State;
  if (request.length.kind != BodyLength::Kind::Chunked) {
    request.body = bytes.substr(0, request.length.bytes);
    request.whole = request.body.size() == request.length.bytes;
    bytes.remove_prefix(request.body.size());
    return true;
  }
  ChunkedDecoder decoder;
  while (true) {
    const ChunkedDecoder::Step step = decoder.step(bytes);
    bytes.remove_prefix(step.consumed);
    request.body += step.data;
    request.whole = step.state == State::Done;
    if (step.state != State::More) return request.whole;
    if (step.consumed == 0) return true;
  }
}

inline Conversation converse(std::string_view bytes, const HeadLimits& limits = {}) {
  Conversation conversation;
  RequestParser parser(limits);
  while (!bytes.empty()) {
    RequestHead head;
    const ParseResult result = parser.parse(bytes, head);
    conversation.refusal = result.refusal;
    conversation.within_head = result.state == ParseState::NeedMore;
    if (result.state != ParseState::Done) break;
    bytes.remove_prefix(result.head_bytes);
    SeenRequest& request = conversation.requests.emplace_back();
    request.method = head.method_text;
    request.target = head.target;
    request.length = head.body;
    request.keep_alive = head.keep_alive;
    conversation.bad_chunk = !read_body(bytes, request);
    if (conversation.bad_chunk || !request.whole || !request.keep_alive) break;
    if (bytes.starts_with("\r\n")) bytes.remove_prefix(2);
  }
  return conversation;
}

}  // namespace yata::http::h1
