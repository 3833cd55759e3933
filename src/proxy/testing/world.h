// World: what there is at an origin for tests whose every byte is a function of (key, version,
// offset), how it fails, and what it was asked for (world_origin.h).
#pragma once

#include <algorithm>
#include <cstring>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "origin/origin.h"

namespace yata::proxy::testing {

// Bytes [first, end) of an object: eight at a time, each a function of key, version and offset.
inline std::string bytes_of(std::string_view key, std::uint32_t version, std::uint64_t first,
                            std::uint64_t end) {
  std::uint64_t seed = 0x9e3779b97f4a7c15 * (version + 1);
  for (const char c : key) seed = seed * 31 + static_cast<unsigned char>(c);
  std::string bytes(end - first, '\0');
  for (std::uint64_t at = first; at < end;) {
    std::uint64_t x = at / 8 + seed;
    x ^= x >> 31;
    x *= 0xbf58476d1ce4e5b9;
    x ^= x >> 29;
    const std::uint64_t skip = at % 8;
    const std::uint64_t size = std::min<std::uint64_t>(8 - skip, end - at);
    std::memcpy(&bytes[at - first], reinterpret_cast<const char*>(&x) + skip, size);
    at += size;
  }
  return bytes;
}

// What there is at the origin. Shared by the origins of all loops: a test with several changes it
// only before they run.
struct WorldObject {
  std::uint64_t size = 0;
  std::uint32_t version = 1;
  bool strong = true;  // its ETag
  bool sized = true;   // its length is said
  std::vector<std::pair<std::string, std::string>> fields;
  std::string last_modified = "Sun, 06 Nov 1994 08:49:37 GMT";
  std::optional<std::string> own_etag;  // whatever the version is; "" for none

  std::string etag() const {
    if (own_etag) return *own_etag;
    return (strong ? "\"v" : "W/\"v") + std::to_string(version) + "\"";
  }
};

struct WorldRequest {
  http::Method method = http::Method::Get;
  std::string key, range, if_match, if_none_match, if_modified_since;
  std::uint64_t body_bytes = 0;      // that were pulled of its answer
  std::uint64_t straight_bytes = 0;  // of them, received into the room of who asked
};

// How one request goes wrong.
struct Fault {
  std::optional<Error> error;                // instead of an answer
  std::optional<std::uint64_t> fails_after;  // bytes of the body
  std::optional<std::uint64_t> ends_after;   // bytes of the body: as if it were whole
  std::optional<origin::ObjectStatus> status;
  std::uint16_t page_status = 0;
  bool ignores_range = false;
  bool early = false;  // the answer is of what there was when it was asked for
  Duration before{};   // the head
  Duration each{};     // piece of the body
};

struct World {
  std::map<std::string, WorldObject> objects;
  std::function<Fault(const WorldRequest&)> fault;
  std::size_t piece_bytes = 64 * 1024;
  // Whether the origin waits before the next piece, of which it has given so many bytes.
  std::function<bool(std::uint64_t)> holds;
  std::vector<std::unique_ptr<WorldRequest>> requests;
  std::size_t open = 0;  // answers with bytes left to give
  std::size_t most_open = 0;

  std::uint64_t body_bytes() const {
    std::uint64_t sum = 0;
    for (const auto& one : requests) sum += one->body_bytes;
    return sum;
  }
};

}  // namespace yata::proxy::testing
