// Heads of requests and responses, free of any version of HTTP. Views: their bytes live as long as
// the Exchange or the ClientResponse they came with.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "http/field.h"

namespace yata::http {

enum class Method : std::uint8_t { Get, Head, Options, Other };
std::string_view to_string(Method method);  // "GET"; "" for Other

// How long a body is, said by its head.
struct BodyLength {
  enum class Kind : std::uint8_t { None, Sized, Chunked, UntilClose };
  Kind kind = Kind::None;
  std::uint64_t bytes = 0;  // Sized only

  friend bool operator==(const BodyLength&, const BodyLength&) = default;
};

enum class TargetForm : std::uint8_t { Origin, Absolute, Asterisk };

struct RequestHead {
  Method method = Method::Other;
  std::string_view method_text;  // as sent
  std::string_view target;       // as sent, whole
  TargetForm form = TargetForm::Origin;
  std::string_view authority;  // of an absolute target, else the Host field; may be empty
  std::string_view path;       // as sent, starts with '/' ("*" for the asterisk form)
  std::string_view query;      // as sent, after '?'; empty without one
  Fields fields;
  BodyLength body;
  bool keep_alive = true;  // false after Connection: close
  bool expect_continue = false;
};

struct ResponseHead {
  std::uint16_t status = 0;
  std::string_view reason;
  Fields fields;
  BodyLength body;  // with the request's method and the status taken into account (RFC 9112 §6.3)
  bool keep_alive = true;
};

// The standard reason phrase, "" for a status without one.
std::string_view reason_phrase(std::uint16_t status);

// What a handler answers. The serving connection adds framing (Content-Length, Transfer-Encoding,
// Connection), which must not be in `fields`, and a Date where there is none.
struct Reply {
  std::uint16_t status = 200;
  FieldList fields;  // their bytes must live until respond() returns
  // More fields, as they go on the wire: `Name: value CRLF` each, made from parsed heads or by us.
  // Lives as long. A Date among them is the first.
  std::string_view lines;
  // The length of the body, or for HEAD and 304 of the body there would have been. nullopt:
  // unknown, sent chunked (HEAD, 304: no Content-Length).
  std::optional<std::uint64_t> content_length = 0;
  bool close = false;  // end the connection after this answer

  Reply& add(FieldName name, std::string_view value) {
    fields.push_back(field(name, value));
    return *this;
  }
  Reply& add(std::string_view name, std::string_view value) {
    fields.push_back({FieldName::Other, name, value});
    return *this;
  }
};

}  // namespace yata::http
