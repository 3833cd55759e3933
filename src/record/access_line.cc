#include "record/access_line.h"

#include <algorithm>

#include "base/text.h"
#include "http/field.h"

namespace yata::record {
namespace {

// A client writes these as long as it likes; a line stays bounded.
constexpr std::size_t kMaxText = 2048;

// `,"name":`, put together when this is compiled: a line has twenty of them.
template <std::size_t kSize>
struct Name {
  consteval Name(const char (&name)[kSize]) {
    std::ranges::copy_n(name, kSize - 1, text + 2);
    text[0] = ',';
    text[1] = '"';
    text[kSize + 1] = '"';
    text[kSize + 2] = ':';
  }
  char text[kSize + 3]{};
};

// Writes `"key":value` pairs with commas between them.
class Object {
 public:
  explicit Object(std::string& out) : out_(&out) { *out_ += '{'; }
  void end() { *out_ += '}'; }

  template <Name kName>
  std::string& key() {
    out_->append(kName.text + first_, sizeof kName.text - first_);
    first_ = 0;
    return *out_;
  }
  template <Name kName>
  void text(std::string_view value) {
    append_json_string(value.substr(0, kMaxText), key<kName>());
  }
  template <Name kName>
  void text_if_any(std::string_view value) {
    if (!value.empty()) text<kName>(value);
  }
  template <Name kName>
  void number(std::uint64_t value) {
    append_number(value, key<kName>());
  }

 private:
  std::string* out_;
  std::size_t first_ = 1;  // no comma before it
};

// A page whose own address carries a token names it here.
std::string_view without_query(std::string_view referer) {
  return referer.substr(0, referer.find_first_of("?#"));
}

void append_request(const Outcome& outcome, Object& line) {
  if (outcome.client != nullptr) line.text<"client_ip">(outcome.client->ip());
  if (outcome.request == nullptr) return;
  const http::RequestHead& request = *outcome.request;
  line.text<"method">(request.method_text);
  line.text<"host">(request.authority);
  line.text<"path">(request.path);
}

void append_origin(const OriginOutcome& origin, Object& line) {
  if (origin.attempts == 0) return;
  std::string& out = line.key<"origin">();
  Object object(out);
  object.number<"attempts">(origin.attempts);
  if (origin.requests > 1) object.number<"requests">(origin.requests);
  if (origin.status != 0) object.number<"status">(origin.status);
  object.text_if_any<"request_id">(origin.request_id);
  object.text_if_any<"error_code">(origin.error_code);
  append_milliseconds(origin.duration, object.key<"duration_ms">());
  object.end();
}

void append_error(const Error& error, Object& line) {
  Object object(line.key<"error">());
  object.text<"kind">(to_string(error.kind));
  object.text<"source">(to_string(error.source));
  object.text<"detail">(error.detail);
  object.end();
}

}  // namespace

void append_access_line(const Outcome& outcome, std::string& out) {
  Object line(out);
  std::string& time = line.key<"time">();
  time += '"';
  append_rfc3339(outcome.received, time);
  time += '"';
  line.text<"request_id">(outcome.request_id);
  append_request(outcome, line);
  line.text_if_any<"subject">(outcome.subject);
  line.text_if_any<"bucket">(outcome.bucket);
  line.text_if_any<"key">(outcome.key);
  line.number<"status">(outcome.status);
  line.number<"bytes">(outcome.body_bytes);
  if (outcome.request != nullptr) {
    line.text_if_any<"range">(value_of(outcome.request->fields, http::FieldName::Range));
  }
  if (outcome.cache.result != CacheResult::None) {
    // Words of ours: nothing in them needs an escape.
    std::string& words = line.key<"cache">();
    words += '"';
    append_cache_words(outcome.cache, words);
    words += '"';
  }
  line.text_if_any<"decision">(outcome.decision);
  line.text_if_any<"decision_detail">(outcome.decision_detail);
  if (outcome.fills.requests == 0) {
    append_origin(outcome.origin, line);
  } else {
    OriginOutcome all = outcome.origin;
    all.add(outcome.fills);
    append_origin(all, line);
  }
  if (outcome.first_byte) append_milliseconds(*outcome.first_byte, line.key<"ttfb_ms">());
  append_milliseconds(outcome.duration, line.key<"duration_ms">());
  if (outcome.request != nullptr) {
    line.text_if_any<"user_agent">(value_of(outcome.request->fields, http::FieldName::UserAgent));
    line.text_if_any<"referer">(
        without_query(value_of(outcome.request->fields, http::FieldName::Referer)));
  }
  if (outcome.tls != nullptr) line.text_if_any<"tls">(outcome.tls->version);
  if (outcome.error) append_error(*outcome.error, line);
  line.end();
  out += '\n';
}

}  // namespace yata::record
