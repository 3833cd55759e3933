// CachedBody: bytes of an object of the cache, as a body to pull: granule by granule from the tier,
// from a flight as they come, and where nobody brings what is missing, by a flight of its own.
// Pieces are the cache's own memory, not copies. Loop-bound; lives as long as the delivery.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "cache/object_cache.h"
#include "cache/object_head.h"
#include "http/body.h"
#include "io/task.h"
#include "origin/origin.h"
#include "proxy/context.h"
#include "proxy/read_ahead.h"
#include "s3/range.h"

namespace yata::proxy {

class CachedBody final : public http::Body {
 public:
  // The context outlives the body. `reader`: of the flight that brings the object, if one does.
  CachedBody(RequestContext& context, cache::HeadRef head, cache::Reader reader);
  CachedBody(const CachedBody&) = delete;
  CachedBody& operator=(const CachedBody&) = delete;
  ~CachedBody() override;

  // From the frames' free list: a hit allocates nothing once warm.
  static void* operator new(std::size_t size) { return io::allocate_frame(size); }
  static void operator delete(void* body, std::size_t size) { io::free_frame(body, size); }

  cache::ObjectHead head() const { return head_.head(); }
  std::uint64_t size_bytes() const { return head().fixed().size_bytes; }

  // What next() gives from now on.
  void select(s3::ByteRange range);
  // Returns when the first bytes are there, so that their failure can still be answered.
  io::Task<Result<void>> begin();
  io::Task<Result<http::BodyPiece>> next() override;
  std::optional<http::BodyPiece> ready() override;
  // Whether begin() would return at once.
  bool has_begun();

  // After a failure: the object is another one by now.
  bool changed() const { return changed_; }

 private:
  io::Task<Result<void>> find(std::uint64_t index);
  bool find_at_once(std::uint64_t index);
  bool find_bytes_at_once();
  http::BodyPiece take();
  io::Task<Result<void>> await_granule(std::uint64_t index, std::size_t filled);
  Result<void> after_wait(std::uint64_t index, std::size_t filled);
  bool take_from_flight(std::uint64_t index);
  void join_run(std::uint64_t index);
  bool note_no_hit();
  void go_direct(cache::Reason reason);
  io::Task<Result<http::BodyPiece>> next_direct();
  io::Task<Result<void>> open_direct();
  bool has_bytes(std::uint64_t index, std::uint64_t offset) const;
  Error lost();

  RequestContext* context_;
  cache::HeadRef head_;
  cache::Reader reader_;
  ReadAhead ahead_;
  cache::Payload payload_;  // of granule payload_index_
  std::uint64_t payload_index_ = 0;
  std::uint64_t position_ = 0;
  std::uint64_t left_ = 0;
  std::unique_ptr<origin::ObjectResponse> direct_;  // an answer of the origin, for all that is left
  bool goes_direct_ = false;
  bool given_ = false;  // some byte was
  bool changed_ = false;
  bool one_of_many_ = false;  // and the others have not had their first bytes
  std::uint32_t joined_without_a_byte_ = 0;
};

}  // namespace yata::proxy
