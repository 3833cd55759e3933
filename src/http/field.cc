#include "http/field.h"

#include <array>
#include <cstring>

namespace yata::http {
namespace {

// Indexed by FieldName.
constexpr std::string_view kNames[] = {
    "",
    "Accept",
    "Accept-Encoding",
    "Accept-Ranges",
    "Age",
    "Authorization",
    "Cache-Control",
    "Connection",
    "Content-Disposition",
    "Content-Encoding",
    "Content-Language",
    "Content-Length",
    "Content-Location",
    "Content-Range",
    "Content-Type",
    "Cookie",
    "Date",
    "ETag",
    "Expect",
    "Expires",
    "Forwarded",
    "Host",
    "If-Match",
    "If-Modified-Since",
    "If-None-Match",
    "If-Range",
    "If-Unmodified-Since",
    "Keep-Alive",
    "Last-Modified",
    "Location",
    "Origin",
    "Proxy-Authenticate",
    "Proxy-Authorization",
    "Proxy-Connection",
    "Range",
    "Referer",
    "Retry-After",
    "Server",
    "Set-Cookie",
    "TE",
    "Trailer",
    "Transfer-Encoding",
    "Upgrade",
    "User-Agent",
    "Vary",
    "Via",
    "Warning",
    "WWW-Authenticate",
    "X-Forwarded-For",
    "X-Request-Id",
};
constexpr std::size_t kCount = std::size(kNames);
static_assert(kCount == static_cast<std::size_t>(FieldName::XRequestId) + 1);

constexpr std::size_t kLongest = 19;
constexpr std::size_t kSlots = 256;

constexpr unsigned char lower(char c) {
  return static_cast<unsigned char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
}

// Adds 0x20 to every byte that has 0x40 set: upper-case letters become lower-case, and no byte that
// is not a letter becomes one, nor becomes '-' (which a plain `| 0x20` would make of CR).
constexpr std::uint64_t fold(std::uint64_t word) {
  return word | ((word & 0x4040404040404040U) >> 1);
}

template <typename Word>
std::uint64_t load(const char* at) {
  Word word;
  std::memcpy(&word, at, sizeof(word));
  return word;
}

// A hash of the length and three bytes; `seed` is chosen below so that no two names share a slot.
constexpr std::size_t slot_of(std::string_view name, std::uint32_t seed) {
  const auto fold_byte = [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return static_cast<std::uint32_t>(byte | ((byte & 0x40U) >> 1));
  };
  const std::uint32_t key = fold_byte(name.front()) | fold_byte(name[name.size() / 2]) << 8 |
                            fold_byte(name.back()) << 16 |
                            static_cast<std::uint32_t>(name.size()) << 24;
  return (key * seed) >> 24;
}

constexpr bool seed_separates(std::uint32_t seed) {
  std::array<bool, kSlots> taken{};
  for (std::size_t i = 1; i < kCount; ++i) {
    bool& slot = taken[slot_of(kNames[i], seed)];
    if (slot) return false;
    slot = true;
  }
  return true;
}

constexpr std::uint32_t find_seed() {
  std::uint32_t seed = 0x9E3779B1U;
  while (!seed_separates(seed)) seed = seed * 1664525U + 1013904223U;
  return seed;
}

constexpr std::uint32_t kSeed = find_seed();

// What a slot holds, padded so that it can be compared by words.
struct Entry {
  FieldName name = FieldName::Other;
  std::uint8_t size = 0;
  char text[24] = {};  // lower case
};

constexpr std::array<Entry, kSlots> kTable = [] {
  std::array<Entry, kSlots> table{};
  for (std::size_t i = 1; i < kCount; ++i) {
    Entry& entry = table[slot_of(kNames[i], kSeed)];
    entry.name = static_cast<FieldName>(i);
    entry.size = static_cast<std::uint8_t>(kNames[i].size());
    for (std::size_t j = 0; j < kNames[i].size(); ++j) {
      entry.text[j] = static_cast<char>(lower(kNames[i][j]));
    }
  }
  return table;
}();

// Both have `size` bytes; `folded` is lower case. Words at the front and the back overlap.
template <typename Word>
bool same_by(const char* text, const char* folded, std::size_t size) {
  const std::size_t last = size - sizeof(Word);
  return fold(load<Word>(text)) == load<Word>(folded) &&
         fold(load<Word>(text + last)) == load<Word>(folded + last);
}

bool same(const char* text, const char* folded, std::size_t size) {
  if (size > 16 && fold(load<std::uint64_t>(text + 8)) != load<std::uint64_t>(folded + 8)) {
    return false;
  }
  if (size >= 8) return same_by<std::uint64_t>(text, folded, size);
  if (size >= 4) return same_by<std::uint32_t>(text, folded, size);
  return same_by<std::uint16_t>(text, folded, size);
}

bool is_space(char c) {
  return c == ' ' || c == '\t';
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

}  // namespace

FieldName field_name(std::string_view text) {
  if (text.size() < 2 || text.size() > kLongest) return FieldName::Other;
  const Entry& entry = kTable[slot_of(text, kSeed)];
  if (entry.size != text.size()) return FieldName::Other;
  return same(text.data(), entry.text, text.size()) ? entry.name : FieldName::Other;
}

std::string_view to_string(FieldName name) {
  return kNames[static_cast<std::size_t>(name)];
}

const Field* find(Fields fields, FieldName name) {
  for (const Field& field : fields) {
    if (field.name == name) return &field;
  }
  return nullptr;
}

const Field* find(Fields fields, std::string_view text) {
  for (const Field& field : fields) {
    if (equals_ignoring_case(field.text, text)) return &field;
  }
  return nullptr;
}

std::string_view value_of(Fields fields, FieldName name) {
  const Field* field = find(fields, name);
  return field == nullptr ? std::string_view() : field->value;
}

bool equals_ignoring_case(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (lower(a[i]) != lower(b[i])) return false;
  }
  return true;
}

bool list_has_token(std::string_view list, std::string_view token) {
  while (!list.empty()) {
    const std::size_t comma = std::min(list.find(','), list.size());
    if (equals_ignoring_case(trim(list.substr(0, comma)), token)) return true;
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
  return false;
}

bool is_hop_by_hop(FieldName name) {
  switch (name) {
    case FieldName::Connection:
    case FieldName::KeepAlive:
    case FieldName::ProxyAuthenticate:
    case FieldName::ProxyAuthorization:
    case FieldName::ProxyConnection:
    case FieldName::Te:
    case FieldName::Trailer:
    case FieldName::TransferEncoding:
    case FieldName::Upgrade: return true;
    default: return false;
  }
}

}  // namespace yata::http
