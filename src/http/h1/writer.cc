#include "http/h1/writer.h"

#include <array>
#include <charconv>
#include <cstring>

#include "base/check.h"
#include "http/h1/bytes.h"

namespace yata::http::h1 {
namespace {

constexpr std::size_t kMaxNumber = 20;

// A CHECK rather than an error: a head that passes on a line break is a hole, not an input.
void check_field(const Field& field) {
  CHECK(is_token(field.text), field.text);
  const char* end = field.value.data() + field.value.size();
  CHECK(skip_value(field.value.data(), end) == end, field.text);
}

// Appends pieces to a string made large enough before.
class Pen {
 public:
  explicit Pen(char* at) : at_(at) {}
  Pen& operator<<(std::string_view text) {
    std::memcpy(at_, text.data(), text.size());
    at_ += text.size();
    return *this;
  }
  char* at() const { return at_; }

 private:
  char* at_;
};

std::size_t size_of(Fields fields) {
  std::size_t size = 0;
  for (const Field& field : fields) {
    check_field(field);
    size += field.text.size() + field.value.size() + 4;
  }
  return size;
}

void write_fields(Pen& pen, Fields fields) {
  for (const Field& field : fields) pen << field.text << ": " << field.value << "\r\n";
}

// Appends at most `most` bytes by `write(pen)` without clearing them first.
template <typename Write>
void append(std::string& out, std::size_t most, Write&& write) {
  const std::size_t before = out.size();
  out.resize_and_overwrite(before + most, [&](char* text, std::size_t) {
    Pen pen(text + before);
    write(pen);
    return static_cast<std::size_t>(pen.at() - text);
  });
}

class Number {
 public:
  explicit Number(std::uint64_t value)
      : size_(static_cast<std::size_t>(
            std::to_chars(text_.data(), text_.data() + text_.size(), value).ptr - text_.data())) {}
  std::string_view view() const { return {text_.data(), size_}; }

 private:
  std::array<char, kMaxNumber> text_;
  std::size_t size_;
};

// How the reply's body is framed, as RFC 9112 §6 and RFC 9110 §8.6 allow for its status.
void write_framing(Pen& pen, const Reply& reply, const ReplyFraming& framing) {
  if (reply.status >= 200 && reply.status != 204) {
    const bool no_body = framing.to == Method::Head || reply.status == 304;
    if (reply.content_length) {
      pen << "Content-Length: " << Number(*reply.content_length).view() << "\r\n";
    } else if (!no_body) {
      pen << "Transfer-Encoding: chunked\r\n";
    }
  }
  const bool close = reply.close || framing.persistence == Persistence::Close;
  if (close && reply.status >= 200) pen << "Connection: close\r\n";
}

}  // namespace

void write_reply_head(const Reply& reply, const ReplyFraming& framing, std::string& out) {
  CHECK(reply.status >= 100 && reply.status <= 999, reply.status);
  constexpr std::size_t kFixed = 128;  // status line without its reason, Date, framing
  const std::string_view reason = reason_phrase(reply.status);
  const Field date = field(FieldName::Date, framing.date);
  check_field(date);
  const std::size_t most =
      kFixed + reason.size() + framing.date.size() + size_of(reply.fields) + reply.lines.size();
  append(out, most, [&](Pen& pen) {
    pen << "HTTP/1.1 " << Number(reply.status).view() << " " << reason << "\r\n";
    if (!framing.date.empty()) write_fields(pen, {&date, 1});
    write_fields(pen, reply.fields);
    if (!reply.lines.empty()) pen << reply.lines;
    write_framing(pen, reply, framing);
    pen << "\r\n";
  });
}

void write_request_head(const ClientRequest& request, std::string& out) {
  const std::string_view method = to_string(request.method);
  const std::string_view target = request.target;
  CHECK(!method.empty());
  CHECK(!target.empty() &&
        skip_target(target.data(), target.data() + target.size()) == target.data() + target.size());
  constexpr std::size_t kFixed = 16;
  append(out, kFixed + method.size() + target.size() + size_of(request.fields), [&](Pen& pen) {
    pen << method << " " << target << " HTTP/1.1\r\n";
    write_fields(pen, request.fields);
    pen << "\r\n";
  });
}

}  // namespace yata::http::h1
