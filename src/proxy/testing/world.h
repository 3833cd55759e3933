// World: an origin for tests whose every byte is a function of (key, version, offset), and which
// fails where it is told to.
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

#include "io/loop.h"
#include "origin/origin.h"
#include "s3/range.h"

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

class WorldResponse final : public origin::ObjectResponse, public http::Body {
 public:
  explicit WorldResponse(World& of) : world(&of) {
    world->most_open = std::max(world->most_open, ++world->open);
  }
  ~WorldResponse() override { close(); }

  const origin::ObjectFacts& facts() const override { return facts_; }
  http::Fields fields() const override { return fields_; }
  http::Fields sent() const override { return sent_; }
  http::Body& body() override { return *this; }

  io::Task<Result<http::BodyPiece>> next() override {
    if (fault.each > Duration{}) {
      const Result<void> slept = co_await loop->sleep(fault.each);
      if (!slept) co_return slept.error();
    }
    while (world->holds && world->holds(given_)) {
      const Result<void> slept = co_await loop->sleep(std::chrono::milliseconds(1));
      if (!slept) co_return slept.error();
    }
    if (fault.fails_after && given_ >= *fault.fails_after) {
      co_return Error{ErrorKind::Closed, ErrorSource::Origin, Retry::IfIdempotent, "cut off"};
    }
    if (at == end || (fault.ends_after && given_ >= *fault.ends_after)) {
      co_return http::BodyPiece(http::BodyEnd{});
    }
    std::uint64_t size = std::min<std::uint64_t>(end - at, piece_bytes);
    if (fault.fails_after) size = std::min(size, *fault.fails_after - given_);
    if (fault.ends_after) size = std::min(size, *fault.ends_after - given_);
    piece_ = bytes_of(request->key, object.version, at, at + size);
    at += size;
    given_ += size;
    request->body_bytes += size;
    if (at == end) close();
    co_return http::BodyPiece(io::as_bytes(piece_));
  }

  // Into the room where the piece fits, as a connection receives.
  io::Task<Result<http::BodyPiece>> next_into(io::ByteBuffer room) override {
    Result<http::BodyPiece> piece = co_await next();
    if (!piece) co_return piece;
    const auto* bytes = std::get_if<io::ByteView>(&*piece);
    if (bytes == nullptr || bytes->size() > room.size()) co_return piece;
    std::ranges::copy(*bytes, room.begin());
    request->straight_bytes += bytes->size();
    co_return http::BodyPiece(io::ByteView(room.first(bytes->size())));
  }

  // Texts of the head live here.
  void say(bool shown, std::string name, std::string value) {
    texts_.push_back(
        std::make_unique<std::pair<std::string, std::string>>(std::move(name), std::move(value)));
    const auto& text = *texts_.back();
    const http::Field field{http::field_name(text.first), text.first, text.second};
    sent_.push_back(field);
    if (shown) fields_.push_back(field);
  }

  World* world;  // outlives this
  io::Loop* loop = nullptr;
  WorldRequest* request = nullptr;
  WorldObject object;
  std::string etag;
  Fault fault;
  std::uint64_t at = 0;
  std::uint64_t end = 0;
  std::size_t piece_bytes = 0;
  origin::ObjectFacts facts_;

 private:
  std::vector<std::unique_ptr<std::pair<std::string, std::string>>> texts_;
  std::vector<http::Field> fields_;
  std::vector<http::Field> sent_;
  void close() {
    if (std::exchange(open_, false)) --world->open;
  }

  std::string piece_;
  std::uint64_t given_ = 0;
  bool open_ = true;
};

class WorldOrigin final : public origin::Origin {
 public:
  WorldOrigin(World& world, io::Loop& loop) : world_(&world), loop_(&loop) {}

  io::Task<Result<std::unique_ptr<origin::ObjectResponse>>> fetch(
      const origin::ObjectRequest& request, origin::OriginTrace& trace) override {
    ++trace.attempts;
    world_->requests.push_back(std::make_unique<WorldRequest>(
        WorldRequest{request.method, std::string(request.key), std::string(request.range),
                     std::string(request.if_match), std::string(request.if_none_match),
                     std::string(request.if_modified_since)}));
    WorldRequest& seen = *world_->requests.back();
    const Fault fault = world_->fault ? world_->fault(seen) : Fault{};
    std::optional<WorldObject> object = find(seen.key);
    if (fault.before > Duration{}) {
      const Result<void> slept = co_await loop_->sleep(fault.before);
      if (!slept) co_return slept.error();
      if (!fault.early) object = find(seen.key);
    }
    if (fault.error) co_return *fault.error;
    trace.status = 200;
    co_return answer_to(seen, fault, object);
  }
  io::Task<Result<void>> probe() override { co_return Result<void>(); }
  std::unique_ptr<origin::Listing> list(std::string) override { return nullptr; }
  void close() override {}

 private:
  std::optional<WorldObject> find(const std::string& key) const {
    const auto found = world_->objects.find(key);
    if (found == world_->objects.end()) return std::nullopt;
    return found->second;
  }
  std::unique_ptr<origin::ObjectResponse> answer_to(WorldRequest& seen, const Fault& fault,
                                                    const std::optional<WorldObject>& there) {
    using origin::ObjectStatus;
    auto response = std::make_unique<WorldResponse>(*world_);
    response->loop = loop_;
    response->request = &seen;
    response->fault = fault;
    response->piece_bytes = world_->piece_bytes;
    origin::ObjectFacts& facts = response->facts_;
    if (fault.status || !there) {
      facts.status = fault.status.value_or(ObjectStatus::NotFound);
      facts.page_status = fault.page_status;
      return response;
    }
    response->object = *there;
    const WorldObject& object = response->object;
    response->etag = object.etag();
    facts.etag = response->etag;
    facts.last_modified = object.last_modified;
    if (!response->etag.empty()) response->say(false, "ETag", response->etag);
    response->say(false, "Last-Modified", object.last_modified);
    response->say(true, "Content-Type", "text/plain");
    for (const auto& [name, value] : object.fields) {
      response->say(!http::equals_ignoring_case(name, "Vary"), name, value);
    }
    if (!seen.if_match.empty() && seen.if_match != response->etag) {
      facts.status = ObjectStatus::PreconditionFailed;
      return response;
    }
    if (!seen.if_none_match.empty() && seen.if_none_match == response->etag) {
      facts.status = ObjectStatus::NotModified;
      return response;
    }
    give_body(seen, *response);
    return response;
  }

  static void give_body(const WorldRequest& seen, WorldResponse& response) {
    using origin::ObjectStatus;
    origin::ObjectFacts& facts = response.facts_;
    const std::uint64_t size = response.object.size;
    if (response.object.sized) facts.size_bytes = facts.length_bytes = size;
    response.end = size;
    s3::RangeSet set;
    s3::ByteRanges ranges;
    const bool ranged = !seen.range.empty() && !response.fault.ignores_range;
    if (ranged && s3::parse_range(seen.range, set)) {
      if (s3::resolve(set, size, ranges) != s3::RangeAnswer::Parts) {
        facts.status = ObjectStatus::RangeNotSatisfiable;
        return;
      }
      facts.status = ObjectStatus::Part;
      facts.range_first = response.at = ranges[0].offset;
      response.end = ranges[0].end();
      facts.length_bytes = ranges[0].length;
    }
    if (seen.method == http::Method::Head) response.end = response.at;
  }

  World* world_;  // outlives the origin
  io::Loop* loop_;
};

}  // namespace yata::proxy::testing
