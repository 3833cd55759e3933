// What must hold of any bytes taken for a response: views stay inside the buffer, the way the bytes
// arrive changes nothing, and our writer's head of what was parsed is taken for the same.
#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/check.h"
#include "http/h1/fuzz_seeds.h"
#include "http/h1/parser.h"
#include "http/h1/writer.h"

namespace yata::http::h1 {
namespace {

constexpr HeadLimits kLimits{.header_bytes = 2048, .header_fields = 16};

bool inside(std::string_view part, std::string_view whole) {
  return part.empty() ||
         (part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size());
}

void check_views(const ResponseHead& head, std::string_view bytes) {
  CHECK(inside(head.reason, bytes));
  for (const Field& field : head.fields) {
    CHECK(inside(field.text, bytes) && inside(field.value, bytes));
    CHECK(!field.text.empty());
    CHECK(field.name == field_name(field.text));
  }
}

// RFC 9112 §6.3.
void check_framing(const ResponseHead& head, Method to) {
  using Kind = BodyLength::Kind;
  CHECK(head.status >= 100 && head.status <= 599 && head.status != 101, head.status);
  const bool none =
      to == Method::Head || head.status < 200 || head.status == 204 || head.status == 304;
  CHECK(none == (head.body.kind == Kind::None));
  CHECK(head.body.kind != Kind::UntilClose || !head.keep_alive);
  if (none) return;
  const bool chunked = find(head.fields, FieldName::TransferEncoding) != nullptr;
  const bool sized = find(head.fields, FieldName::ContentLength) != nullptr;
  CHECK(!(chunked && sized));
  CHECK(chunked == (head.body.kind == Kind::Chunked));
  CHECK(sized == (head.body.kind == Kind::Sized));
}

void check_growing(std::string_view bytes, Method to, const ParseResult& whole, std::size_t step) {
  ResponseParser parser(kLimits);
  ResponseHead grown;
  for (std::size_t size = 0; size <= bytes.size() + step; size += step) {
    const ParseResult result = parser.parse(bytes.substr(0, size), to, grown);
    if (result.state == ParseState::NeedMore) continue;
    CHECK(result.state == whole.state && result.head_bytes == whole.head_bytes);
    CHECK(result.refusal == whole.refusal);
    return;
  }
  CHECK(whole.state == ParseState::NeedMore || bytes.size() > HeadProgress::kShortLine);
}

// What a proxy does: the origin's fields without its framing go into our reply.
void check_round_trip(const ResponseHead& head, Method to) {
  if (head.status < 200) return;
  Reply reply;
  reply.status = head.status;
  reply.content_length = std::nullopt;
  if (head.body.kind == BodyLength::Kind::Sized) reply.content_length = head.body.bytes;
  for (const Field& field : head.fields) {
    if (is_hop_by_hop(field.name) || field.name == FieldName::ContentLength) continue;
    reply.fields.push_back(field);
  }
  std::string written;
  write_reply_head(reply, {to, Persistence::KeepAlive, ""}, written);
  ResponseParser parser({});
  ResponseHead again;
  CHECK(parser.parse(written, to, again).state == ParseState::Done);
  CHECK(again.status == head.status);
  if (head.body.kind != BodyLength::Kind::UntilClose) CHECK(again.body == head.body);
  CHECK(again.fields.size() <= reply.fields.size() + 1);
  for (std::size_t i = 0; i < reply.fields.size(); ++i) {
    CHECK(again.fields[i].text == reply.fields[i].text);
    CHECK(again.fields[i].value == reply.fields[i].value);
  }
}

void check(std::string_view bytes, Method to, std::size_t step) {
  ResponseParser parser(kLimits);
  ResponseHead head;
  const ParseResult result = parser.parse(bytes, to, head);
  check_growing(bytes, to, result, step);
  if (result.state != ParseState::Done) return;
  CHECK(result.head_bytes <= bytes.size() && result.head_bytes <= kLimits.header_bytes);
  check_views(head, bytes.substr(0, result.head_bytes));
  check_framing(head, to);
  check_round_trip(head, to);
}

constexpr std::string_view kSeeds[] = {
    "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nETag: \"a\"\r\n\r\n",
    "HTTP/1.1 206 \r\nTransfer-Encoding: chunked\r\nConnection: close, x\r\n\r\n",
    "HTTP/1.0 304 Not Modified\r\nContent-Length: 0\r\nDate: x\r\n\r\n",
    "HTTP/1.1 100 Continue\r\nTransfer-Encoding : chunked\r\n folded\r\n\r\n",
};

}  // namespace
}  // namespace yata::http::h1

// The first byte says how the rest arrives, and to which method it answers.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using yata::http::Method;
  if (size < 1) return 0;
  const auto bytes = std::make_unique<char[]>(size - 1);
  std::copy(data + 1, data + size, bytes.get());
  const Method to = (data[0] & 0x80U) != 0 ? Method::Head : Method::Get;
  yata::http::h1::check({bytes.get(), size - 1}, to, data[0] % 64U + 1U);
  return 0;
}

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size,
                                               std::size_t most, unsigned chance) {
  using namespace yata::http::h1;
  return mutate_from_seeds(kSeeds, {data, most}, size, chance);
}
