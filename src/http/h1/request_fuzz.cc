// What must hold of any bytes taken for requests: views stay inside the buffer, the way the bytes
// arrive changes nothing, and what was parsed means the same when written again.
#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/check.h"
#include "http/h1/fuzz_seeds.h"
#include "http/h1/parser.h"

namespace yata::http::h1 {
namespace {

constexpr HeadLimits kLimits{.header_bytes = 2048, .header_fields = 16, .target_bytes = 256};

bool inside(std::string_view part, std::string_view whole) {
  return part.empty() ||
         (part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size());
}

void check_views(const RequestHead& head, std::string_view bytes) {
  CHECK(inside(head.method_text, bytes) && inside(head.target, bytes));
  CHECK(inside(head.authority, bytes) && inside(head.query, bytes));
  CHECK(inside(head.path, bytes) || head.path == "/" || head.path == "*");
  CHECK(!head.authority.empty());
  for (const Field& field : head.fields) {
    CHECK(inside(field.text, bytes) && inside(field.value, bytes));
    CHECK(!field.text.empty());
    CHECK(field.name == field_name(field.text));
    CHECK(field.value.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos);
  }
}

// Of all accepted requests.
void check_rules(const RequestHead& head) {
  CHECK(head.path.starts_with('/') || head.form == TargetForm::Asterisk);
  int hosts = 0;
  int framing = 0;
  for (const Field& field : head.fields) {
    hosts += field.name == FieldName::Host ? 1 : 0;
    framing +=
        field.name == FieldName::ContentLength || field.name == FieldName::TransferEncoding ? 1 : 0;
  }
  CHECK(hosts == 1 && framing <= 1, hosts, framing);
  CHECK((framing == 1) == (head.body.kind != BodyLength::Kind::None));
  CHECK(head.body.kind != BodyLength::Kind::UntilClose);
}

bool same_fields(Fields a, Fields b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i].name != b[i].name || a[i].text != b[i].text || a[i].value != b[i].value) return false;
  }
  return true;
}

void check_same(const RequestHead& a, const RequestHead& b) {
  CHECK(a.method_text == b.method_text && a.method == b.method);
  CHECK(a.target == b.target && a.form == b.form && a.authority == b.authority);
  CHECK(a.path == b.path && a.query == b.query && a.body == b.body);
  CHECK(a.keep_alive == b.keep_alive && a.expect_continue == b.expect_continue);
  CHECK(same_fields(a.fields, b.fields));
}

void check_growing(std::string_view bytes, const ParseResult& whole, const RequestHead& head,
                   std::size_t step) {
  RequestParser parser(kLimits);
  RequestHead grown;
  for (std::size_t size = 0; size <= bytes.size() + step; size += step) {
    const ParseResult result = parser.parse(bytes.substr(0, size), grown);
    if (result.state == ParseState::NeedMore) continue;
    CHECK(result.state == whole.state && result.head_bytes == whole.head_bytes);
    CHECK(result.refusal == whole.refusal, to_string(result.refusal), to_string(whole.refusal));
    if (result.state == ParseState::Done) check_same(head, grown);
    return;
  }
  // A long line without an end may be waited for; nothing else may.
  CHECK(whole.state == ParseState::NeedMore || bytes.size() > HeadProgress::kShortLine);
}

void check_round_trip(const RequestHead& head) {
  std::string written = std::string(head.method_text) + ' ' + std::string(head.target);
  written += " HTTP/1.1\r\n";
  for (const Field& field : head.fields) {
    written += std::string(field.text) + ": " + std::string(field.value) + "\r\n";
  }
  written += "\r\n";
  RequestParser parser({});
  RequestHead again;
  CHECK(parser.parse(written, again).state == ParseState::Done);
  check_same(head, again);
}

void check(std::string_view bytes, std::size_t step) {
  RequestParser parser(kLimits);
  RequestHead head;
  const ParseResult result = parser.parse(bytes, head);
  check_growing(bytes, result, head, step);
  if (result.state != ParseState::Done) return;
  CHECK(result.head_bytes <= bytes.size() && result.head_bytes <= kLimits.header_bytes);
  CHECK(head.target.size() <= kLimits.target_bytes);
  CHECK(head.fields.size() <= kLimits.header_fields);
  check_views(head, bytes.substr(0, result.head_bytes));
  check_rules(head);
  check_round_trip(head);
}

constexpr std::string_view kSeeds[] = {
    "GET /a/b?c=d HTTP/1.1\r\nHost: example.com:80\r\nAccept: */*\r\n\r\n",
    "POST http://h/p HTTP/1.1\r\nHost: [::1]\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n",
    "OPTIONS * HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nConnection: close, te\r\n\r\n",
    "PUT / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding : chunked\r\n folded\r\n\r\n",
};

}  // namespace
}  // namespace yata::http::h1

// The first byte says how the rest arrives.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  // A copy of the exact size, so that a read behind the end is seen.
  const auto bytes = std::make_unique<char[]>(size - 1);
  std::copy(data + 1, data + size, bytes.get());
  yata::http::h1::check({bytes.get(), size - 1}, data[0] % 64U + 1U);
  return 0;
}

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size,
                                               std::size_t most, unsigned chance) {
  using namespace yata::http::h1;
  return mutate_from_seeds(kSeeds, {data, most}, size, chance);
}
