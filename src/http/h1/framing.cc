#include "http/h1/framing.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>

#include "base/codec.h"
#include "http/h1/bytes.h"

namespace yata::http::h1 {
namespace {

constexpr std::size_t kMaxLengthDigits = 18;
constexpr std::size_t kMaxPortDigits = 5;

std::optional<std::uint64_t> parse_digits(std::string_view text, std::size_t most) {
  if (text.empty() || text.size() > most) return std::nullopt;
  std::uint64_t number = 0;
  for (const char c : text) {
    if (!is_digit(c)) return std::nullopt;
    number = number * 10 + static_cast<std::uint64_t>(c - '0');
  }
  return number;
}

// reg-name without "%": unreserved and sub-delims. An IPv4 address is one, too.
constexpr std::array<bool, 256> kNameBytes = [] {
  std::array<bool, 256> table{};
  for (int c = '0'; c <= '9'; ++c) table[static_cast<std::size_t>(c)] = true;
  for (int c = 'a'; c <= 'z'; ++c) table[static_cast<std::size_t>(c)] = true;
  for (int c = 'A'; c <= 'Z'; ++c) table[static_cast<std::size_t>(c)] = true;
  for (const char c : std::string_view("-._~!$&'()*+,;=")) {
    table[static_cast<unsigned char>(c)] = true;
  }
  return table;
}();

bool is_registered_name(std::string_view name) {
  if (name.empty()) return false;
  for (std::size_t i = 0; i < name.size(); ++i) {
    if (kNameBytes[static_cast<unsigned char>(name[i])]) continue;
    const bool escaped = name[i] == '%' && name.size() - i > 2 && hex_value(name[i + 1]) >= 0 &&
                         hex_value(name[i + 2]) >= 0;
    if (!escaped) return false;
    i += 2;
  }
  return true;
}

bool is_ipv6(std::string_view text) {
  std::array<char, INET6_ADDRSTRLEN> copy{};  // inet_pton wants a terminator
  if (text.size() >= copy.size() || text.contains('\0')) return false;
  std::ranges::copy(text, copy.begin());
  in6_addr address{};
  return inet_pton(AF_INET6, copy.data(), &address) == 1;
}

bool is_port(std::string_view text) {
  if (text.empty()) return true;  // RFC 3986 allows "host:"
  const auto port = parse_digits(text, kMaxPortDigits);
  return port && *port <= 65535;
}

}  // namespace

std::optional<std::uint64_t> parse_content_length(std::string_view value) {
  return parse_digits(value, kMaxLengthDigits);
}

Refusal take_framing_field(const Field& field, BodyLength& body) {
  using Kind = BodyLength::Kind;
  const bool is_length = field.name == FieldName::ContentLength;
  if (body.kind != Kind::None) {
    const bool both = is_length == (body.kind == Kind::Chunked);
    if (both) return Refusal::LengthAndTransferEncoding;
    return is_length ? Refusal::DuplicateContentLength : Refusal::BadTransferEncoding;
  }
  if (!is_length) {
    if (!equals_ignoring_case(field.value, "chunked")) return Refusal::BadTransferEncoding;
    body.kind = Kind::Chunked;
    return Refusal::None;
  }
  const auto length = parse_content_length(field.value);
  if (!length) return Refusal::BadContentLength;
  body = {Kind::Sized, *length};
  return Refusal::None;
}

bool is_host(std::string_view value) {
  if (value.starts_with('[')) {
    const std::size_t close = value.find(']');
    if (close == std::string_view::npos || !is_ipv6(value.substr(1, close - 1))) return false;
    const std::string_view rest = value.substr(close + 1);
    return rest.empty() || (rest.front() == ':' && is_port(rest.substr(1)));
  }
  const std::size_t colon = std::min(value.find(':'), value.size());
  if (!is_registered_name(value.substr(0, colon))) return false;
  return colon == value.size() || is_port(value.substr(colon + 1));
}

ConnectionOptions parse_connection(std::string_view value) {
  ConnectionOptions options;
  while (!value.empty()) {
    const std::size_t comma = std::min(value.find(','), value.size());
    const std::string_view token = trim(value.substr(0, comma));
    value.remove_prefix(std::min(comma + 1, value.size()));
    if (token.empty()) continue;  // RFC 9110 §5.6.1.2: empty members are to be ignored
    if (!is_token(token)) options.bad = true;
    if (equals_ignoring_case(token, "close")) options.close = true;
    const FieldName name = field_name(token);
    const bool ours =
        name == FieldName::Other || (is_hop_by_hop(name) && name != FieldName::TransferEncoding);
    if (!ours) options.bad = true;
  }
  return options;
}

bool split_absolute(std::string_view target, std::string_view& authority, std::string_view& rest) {
  std::size_t scheme = 0;
  if (equals_ignoring_case(target.substr(0, 7), "http://")) scheme = 7;
  if (equals_ignoring_case(target.substr(0, 8), "https://")) scheme = 8;
  if (scheme == 0) return false;
  target.remove_prefix(scheme);
  const std::size_t end = std::min(target.find_first_of("/?"), target.size());
  authority = target.substr(0, end);
  rest = target.substr(end);
  return is_host(authority);
}

}  // namespace yata::http::h1
