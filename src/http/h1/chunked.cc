#include "http/h1/chunked.h"

#include <algorithm>
#include <bit>

#include "base/codec.h"
#include "http/field.h"
#include "http/h1/bytes.h"

namespace yata::http::h1 {
namespace {

// Fields that must not come after a body (RFC 9110 §6.5.1): a peer that takes them would frame or
// route otherwise than we did.
bool is_forbidden_trailer(std::string_view name) {
  const FieldName known = field_name(name);
  return known == FieldName::ContentLength || known == FieldName::Host || is_hop_by_hop(known);
}

}  // namespace

ChunkedDecoder::Step ChunkedDecoder::step(std::string_view input) {
  Step step;
  while (step.consumed < input.size() && at_ != At::Done && at_ != At::Refused) {
    if (at_ == At::Data) {
      const std::uint64_t rest = input.size() - step.consumed;
      step.data = input.substr(step.consumed, std::min(left_, rest));
      step.consumed += step.data.size();
      left_ -= step.data.size();
      if (left_ == 0) at_ = At::DataCr;
      return step;
    }
    at_ = take(input[step.consumed]);
    if (at_ != At::Refused) ++step.consumed;
  }
  if (at_ == At::Done) step.state = Step::State::Done;
  if (at_ == At::Refused) step.state = Step::State::Refused;
  return step;
}

ChunkedDecoder::At ChunkedDecoder::take(char c) {
  switch (at_) {
    case At::SizeStart:
    case At::Size: return take_size(c);
    case At::ExtensionStart:
    case At::ExtensionName:
    case At::ExtensionValue:
    case At::ExtensionToken:
    case At::ExtensionQuoted:
    case At::ExtensionEscape:
    case At::ExtensionEnd:
      ++extensions_;
      return ++line_ > kMaxLine || extensions_ > kMaxExtensions ? At::Refused : take_extension(c);
    case At::SizeLf: return c == '\n' ? end_size_line() : At::Refused;
    case At::DataCr: return c == '\r' ? At::DataLf : At::Refused;
    case At::DataLf: return c == '\n' ? At::SizeStart : At::Refused;
    case At::TrailerStart:
    case At::TrailerName:
    case At::TrailerValue:
    case At::TrailerLf:
    case At::LastLf: return ++trailers_ > kMaxTrailers ? At::Refused : take_trailer(c);
    case At::Data:
    case At::Done:
    case At::Refused: break;
  }
  return at_;
}

ChunkedDecoder::At ChunkedDecoder::take_size(char c) {
  if (at_ == At::SizeStart) {
    left_ = 0;
    digits_ = 0;
    line_ = 0;
  }
  const int digit = hex_value(c);
  ++line_;
  if (digit >= 0) {
    // Sixteen digits fit; the seventeenth would be lost.
    if (++digits_ > kMaxSizeDigits) return At::Refused;
    left_ = left_ << 4 | static_cast<std::uint64_t>(digit);
    return At::Size;
  }
  if (digits_ == 0 || left_ > kMaxChunk) return At::Refused;
  if (c == ';') return At::ExtensionStart;
  return c == '\r' ? At::SizeLf : At::Refused;
}

// chunk-ext = *( ";" token [ "=" ( token / quoted-string ) ] )
ChunkedDecoder::At ChunkedDecoder::take_extension(char c) {
  const auto after = [](char byte) {
    if (byte == ';') return At::ExtensionStart;
    return byte == '\r' ? At::SizeLf : At::Refused;
  };
  switch (at_) {
    case At::ExtensionStart: return is_token_byte(c) ? At::ExtensionName : At::Refused;
    case At::ExtensionName:
      if (c == '=') return At::ExtensionValue;
      return is_token_byte(c) ? at_ : after(c);
    case At::ExtensionValue:
      if (c == '"') return At::ExtensionQuoted;
      return is_token_byte(c) ? At::ExtensionToken : At::Refused;
    case At::ExtensionToken: return is_token_byte(c) ? at_ : after(c);
    case At::ExtensionQuoted:
      if (c == '"') return At::ExtensionEnd;
      if (c == '\\') return At::ExtensionEscape;
      return is_value_byte(c) ? at_ : At::Refused;
    case At::ExtensionEscape: return is_value_byte(c) ? At::ExtensionQuoted : At::Refused;
    default:  // ExtensionEnd: behind the closing quote
      return after(c);
  }
}

ChunkedDecoder::At ChunkedDecoder::end_size_line() const {
  return left_ == 0 ? At::TrailerStart : At::Data;
}

ChunkedDecoder::At ChunkedDecoder::take_trailer(char c) {
  switch (at_) {
    case At::TrailerStart:
      name_size_ = 0;
      if (c == '\r') return At::LastLf;
      [[fallthrough]];
    case At::TrailerName:
      if (c == ':') {
        const std::string_view name(name_.data(), std::min(name_size_, name_.size()));
        return name_size_ == 0 || is_forbidden_trailer(name) ? At::Refused : At::TrailerValue;
      }
      if (name_size_ < name_.size()) name_[name_size_] = c;
      ++name_size_;
      return is_token_byte(c) ? At::TrailerName : At::Refused;
    case At::TrailerValue:
      if (c == '\r') return At::TrailerLf;
      return is_value_byte(c) ? at_ : At::Refused;
    case At::TrailerLf: return c == '\n' ? At::TrailerStart : At::Refused;
    default:  // LastLf
      return c == '\n' ? At::Done : At::Refused;
  }
}

std::size_t write_chunk_head(std::uint64_t bytes, char* out) {
  constexpr char kDigits[] = "0123456789abcdef";
  const int bits = std::max(4, static_cast<int>(std::bit_width(bytes)) + 3);
  const auto digits = static_cast<std::size_t>(bits / 4);
  for (std::size_t i = digits; i > 0; --i) {
    out[i - 1] = kDigits[bytes & 15];
    bytes >>= 4;
  }
  out[digits] = '\r';
  out[digits + 1] = '\n';
  return digits + 2;
}

}  // namespace yata::http::h1
