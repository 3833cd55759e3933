// The fields that decide where a message ends, who it is for and what becomes of its connection,
// each in its strictest reading. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "http/h1/parser.h"
#include "http/message.h"

namespace yata::http::h1 {

// 1 to 18 digits and nothing else: no sign, no list, no white space (RFC 9110 §8.6). 18 digits
// cannot overflow, and no object is as long.
std::optional<std::uint64_t> parse_content_length(std::string_view value);

// Content-Length or Transfer-Encoding: sets `body`, which says what came before. One of the two,
// once; Transfer-Encoding only as `chunked`, ignoring case.
Refusal take_framing_field(const Field& field, BodyLength& body);

// Whether `value` is uri-host [":" port] (RFC 9110 §7.2, RFC 3986 §3.2.2) with a host in it: a
// registered name, an IPv4 address or an IPv6 address in brackets; a port of up to 65535 or none.
// No user, no zone, no IPvFuture.
bool is_host(std::string_view value);

// What a Connection field asks for.
struct ConnectionOptions {
  bool close = false;
  // A token that is none, or that names a field which is for more than this connection: naming
  // Host, Content-Length or Authorization asks a proxy to lose them.
  bool bad = false;
};
ConnectionOptions parse_connection(std::string_view value);

// Splits an absolute-form target (RFC 9112 §3.2.2) of scheme http or https. false for another
// scheme or an authority that is_host() refuses. The path is "/" when the target has none.
bool split_absolute(std::string_view target, std::string_view& authority, std::string_view& rest);

}  // namespace yata::http::h1
