// ObjectHead: what the cache knows of an object besides its body, as one block of bytes: a fixed
// part, then texts, then the field lines as they go on the wire, written once so that a hit copies
// them and no more. Made when an answer's head comes, kept as the head of a record in a tier, read
// by any loop. Immutable.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "cache/digest.h"
#include "cache/freshness.h"
#include "cache/memory_tier.h"
#include "http/field.h"

namespace yata::cache {

enum class HeadKind : std::uint8_t {
  Object,    // an object of which GET gives 200
  Missing,   // there is none: 404
  Variants,  // several objects by fields of the request: only `vary` and `variants` count
};

// Where in the block a text is.
struct HeadText {
  std::uint32_t at = 0;
  std::uint32_t size = 0;
};

// The front of the block. Trivially copyable.
struct HeadFixed {
  Digest name;        // under which the record lies
  Digest generation;  // of (name, etag, size): what its granules are known by
  Freshness freshness;
  std::uint64_t size_bytes = 0;
  std::uint64_t birth = 0;       // its place in the order of all that the cache was told
  std::uint64_t body_birth = 0;  // of its body, which a head that was renewed speaks for too
  std::uint32_t owner = 0;       // the bucket's index
  HeadKind kind = HeadKind::Object;
  bool pinned = false;  // a strong ETag: the origin can be asked for a part of this very version
  bool whole = false;   // the record's payload is all of the body
  HeadText etag, last_modified, content_type, key, vary, tags, lines, cache_lines, type_line,
      hidden, variants;
};

// A view of a block.
class ObjectHead {
 public:
  ObjectHead() = default;
  explicit ObjectHead(io::ByteView block) : block_(block) {}

  const HeadFixed& fixed() const;
  std::string_view etag() const { return text(fixed().etag); }
  std::string_view last_modified() const { return text(fixed().last_modified); }
  std::string_view content_type() const { return text(fixed().content_type); }
  std::string_view key() const { return text(fixed().key); }
  std::string_view vary() const { return text(fixed().vary); }  // as in VaryNames
  // Joined by line ends, none empty.
  std::string_view tags() const { return text(fixed().tags); }
  // `Name: value CRLF` of every field for clients, ETag and Last-Modified among them; at the end
  // what is said to caches (private_answer.h), and the line of Content-Type as the last.
  std::string_view lines() const { return text(fixed().lines); }
  std::string_view lines_but_type() const {
    return lines().substr(0, lines().size() - fixed().type_line.size);
  }
  // For answers to somebody in particular: without what is said to caches, and without the type.
  std::string_view lines_for_anybody() const {
    return lines().substr(0, fixed().cache_lines.at - fixed().lines.at);
  }
  std::string_view cache_lines() const { return text(fixed().cache_lines); }
  std::span<const Digest> variants() const;
  // All fields of the origin that are kept, those that clients never see too. Views.
  void fields(http::FieldList& out) const;
  // Whether the origin itself had it from a cache: its answer came with an Age.
  bool has_age() const;
  void hidden_fields(http::FieldList& out) const;  // those that clients never see

 private:
  std::string_view text(HeadText where) const {
    return io::as_text(block_.subspan(where.at, where.size));
  }
  io::ByteView block_;
};

// The fields of lines as a head has them. Views.
void read_field_lines(std::string_view lines, http::FieldList& out);

// What a head is made from. `fixed` without its texts.
struct HeadDraft {
  HeadFixed fixed;
  std::string_view etag;
  std::string_view last_modified;
  std::string_view key;
  std::string_view vary;
  std::span<const std::string_view> tags;
  http::Fields shown;   // for clients; without ETag and Last-Modified
  http::Fields hidden;  // for the cache alone
  std::span<const Digest> variants;
};
std::vector<std::byte> write_head(const HeadDraft& draft);
// Says of a head that its record's payload is all of the body.
void mark_whole(std::vector<std::byte>& block);

// A head that is in no tier, or not only: of a flight. Shared by its readers on all loops.
struct OwnedHead {
  std::vector<std::byte> block;
  Payload body;  // all of it, where head.fixed().whole

  ObjectHead head() const { return ObjectHead(block); }
};

// A head and what keeps it: a tier's record, or a flight's block.
class HeadRef {
 public:
  HeadRef() = default;
  explicit HeadRef(Held held) : held_(std::move(held)) {}
  explicit HeadRef(std::shared_ptr<const OwnedHead> owned) : owned_(std::move(owned)) {}

  explicit operator bool() const { return held_ || owned_; }
  ObjectHead head() const { return owned_ ? owned_->head() : ObjectHead(held_.head()); }
  // The whole body, or empty.
  const Payload& body() const { return owned_ ? owned_->body : held_.payload(); }
  // For a flight, which outlives this.
  std::shared_ptr<const OwnedHead> shared() const;
  HeadRef copy() const { return HeadRef(shared()); }

 private:
  Held held_;
  std::shared_ptr<const OwnedHead> owned_;
};

}  // namespace yata::cache
