#include "cache/object_head.h"

#include <cstddef>
#include <cstring>
#include <type_traits>

#include "base/check.h"
#include "cache/private_answer.h"

namespace yata::cache {
namespace {

static_assert(std::is_trivially_copyable_v<HeadFixed>);
static_assert(alignof(HeadFixed) <= alignof(std::max_align_t));

// Writes texts behind the fixed part.
class Block {
 public:
  Block() : bytes_(sizeof(HeadFixed)) {}

  HeadText put(std::string_view text) {
    const HeadText where{at(), static_cast<std::uint32_t>(text.size())};
    append(text);
    return where;
  }
  std::uint32_t at() const { return static_cast<std::uint32_t>(bytes_.size()); }
  void append(std::string_view text) {
    const io::ByteView raw = io::as_bytes(text);
    bytes_.insert(bytes_.end(), raw.begin(), raw.end());
  }
  void append_line(std::string_view name, std::string_view value) {
    append(name);
    append(": ");
    append(value);
    append("\r\n");
  }
  void align() { bytes_.resize((bytes_.size() + 15) / 16 * 16); }
  HeadText since(std::uint32_t start) const { return {start, at() - start}; }

  std::vector<std::byte> take(const HeadFixed& fixed) {
    std::memcpy(bytes_.data(), &fixed, sizeof fixed);
    return std::move(bytes_);
  }

 private:
  std::vector<std::byte> bytes_;
};

void put_lines(const HeadDraft& draft, Block& block, HeadFixed& fixed) {
  const std::uint32_t start = block.at();
  // First, where who sends the lines looks for it.
  const http::Field* date = http::find(draft.shown, http::FieldName::Date);
  if (date != nullptr) block.append_line(to_string(date->name), date->value);
  if (!draft.etag.empty()) block.append_line(to_string(http::FieldName::ETag), draft.etag);
  if (!draft.last_modified.empty()) {
    block.append_line(to_string(http::FieldName::LastModified), draft.last_modified);
  }
  const http::Field* type = http::find(draft.shown, http::FieldName::ContentType);
  for (const http::Field& field : draft.shown) {
    const bool elsewhere =
        &field == type || field.name == http::FieldName::Date || is_word_to_caches(field);
    if (!elsewhere) block.append_line(field.text, field.value);
  }
  const std::uint32_t words = block.at();
  for (const http::Field& field : draft.shown) {
    if (is_word_to_caches(field)) block.append_line(field.text, field.value);
  }
  fixed.cache_lines = block.since(words);
  if (type != nullptr) {
    const std::uint32_t line = block.at();
    block.append_line(type->text, type->value);
    fixed.type_line = block.since(line);
    const auto before = static_cast<std::uint32_t>(type->text.size() + 2);
    fixed.content_type = {line + before, static_cast<std::uint32_t>(type->value.size())};
  }
  fixed.lines = block.since(start);
}

}  // namespace

void read_field_lines(std::string_view lines, http::FieldList& out) {
  while (!lines.empty()) {
    const std::size_t end = lines.find("\r\n");
    const std::string_view line = lines.substr(0, end);
    const std::size_t colon = line.find(": ");
    const std::string_view name = line.substr(0, colon);
    out.push_back({http::field_name(name), name, line.substr(colon + 2)});
    lines.remove_prefix(end + 2);
  }
}

const HeadFixed& ObjectHead::fixed() const {
  CHECK(block_.size() >= sizeof(HeadFixed), block_.size());
  // Safe: a block is aligned for anything and begins with a HeadFixed.
  return *reinterpret_cast<const HeadFixed*>(block_.data());
}

std::span<const Digest> ObjectHead::variants() const {
  const HeadText where = fixed().variants;
  // Safe: written from Digests, on a boundary of 16 bytes of an aligned block.
  return {reinterpret_cast<const Digest*>(block_.data() + where.at), where.size / sizeof(Digest)};
}

void ObjectHead::fields(http::FieldList& out) const {
  read_field_lines(lines(), out);
  read_field_lines(text(fixed().hidden), out);
}

bool ObjectHead::has_age() const {
  http::FieldList hidden;
  hidden_fields(hidden);
  return http::find(hidden, http::FieldName::Age) != nullptr;
}

void ObjectHead::hidden_fields(http::FieldList& out) const {
  read_field_lines(text(fixed().hidden), out);
}

std::vector<std::byte> write_head(const HeadDraft& draft) {
  Block block;
  HeadFixed fixed = draft.fixed;
  fixed.etag = block.put(draft.etag);
  fixed.last_modified = block.put(draft.last_modified);
  fixed.key = block.put(draft.key);
  fixed.vary = block.put(draft.vary);
  const std::uint32_t tags = block.at();
  for (std::string_view tag : draft.tags) {
    if (block.at() != tags) block.append("\n");
    block.append(tag);
  }
  fixed.tags = block.since(tags);
  put_lines(draft, block, fixed);
  const std::uint32_t hidden = block.at();
  for (const http::Field& field : draft.hidden) block.append_line(field.text, field.value);
  fixed.hidden = block.since(hidden);
  block.align();
  fixed.variants = block.put(io::as_text(std::as_bytes(draft.variants)));
  return block.take(fixed);
}

void mark_whole(std::vector<std::byte>& block) {
  HeadFixed fixed = ObjectHead(block).fixed();
  fixed.whole = true;
  std::memcpy(block.data(), &fixed, sizeof fixed);
}

std::shared_ptr<const OwnedHead> HeadRef::shared() const {
  if (owned_) return owned_;
  auto copy = std::make_shared<OwnedHead>();
  copy->block.assign(held_.head().begin(), held_.head().end());
  copy->body = held_.payload();
  return copy;
}

}  // namespace yata::cache
