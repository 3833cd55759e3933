#include "s3/canonical.h"

#include <algorithm>
#include <cstring>

#include "base/codec.h"

namespace yata::s3 {
namespace {

constexpr char kHexUpper[] = "0123456789ABCDEF";

constexpr bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

// Whether every character is above ' '. Written without an early exit, so that it is vectorised:
// a session token has a thousand characters.
bool is_solid(std::string_view value) {
  bool solid = true;
  for (char c : value) solid &= static_cast<unsigned char>(c) > ' ';
  return solid;
}

constexpr char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

std::size_t size_of(std::span<const NameValue> pairs) {
  std::size_t size = 0;
  for (const NameValue& pair : pairs) size += pair.name.size() + pair.value.size() + 2;
  return size;
}

}  // namespace

void TextBuffer::ensure(std::size_t more_bytes) {
  if (capacity_ - size_ >= more_bytes) return;
  const std::size_t grown = std::max(capacity_ * 2, size_ + more_bytes);
  auto bytes = std::make_unique<char[]>(grown);
  if (size_ != 0) std::memcpy(bytes.get(), bytes_.get(), size_);
  bytes_ = std::move(bytes);
  capacity_ = grown;
}

void TextBuffer::put(std::string_view text) {
  if (text.empty()) return;
  std::memcpy(bytes_.get() + size_, text.data(), text.size());
  size_ += text.size();
}

void CanonicalRequest::collect(std::span<const NameValue> fields) {
  for (const NameValue& field : fields) {
    const std::size_t start = lowercase_.view().size();
    for (char c : field.name) lowercase_.put(lower(c));
    fields_.push_back({lowercase_.view().substr(start), field.value, fields_.size()});
  }
}

void CanonicalRequest::set_fields(std::span<const NameValue> request,
                                  std::span<const NameValue> added) {
  const std::size_t size = size_of(request) + size_of(added);
  for (TextBuffer* buffer : {&lowercase_, &names_, &field_lines_}) {
    buffer->clear();
    buffer->ensure(size);
  }
  fields_.clear();
  collect(request);
  collect(added);
  std::ranges::sort(fields_, [](const Field& a, const Field& b) {
    const int names = a.name.compare(b.name);
    return names != 0 ? names < 0 : a.order < b.order;
  });

  std::string_view last;
  for (const Field& field : fields_) {
    if (field.name == last && !last.empty()) {
      field_lines_.drop_last();  // the newline: the value joins the line before
      field_lines_.put(',');
    } else {
      names_.put(field.name);
      names_.put(';');
      field_lines_.put(field.name);
      field_lines_.put(':');
      last = field.name;
    }
    put_value(field.value);
    field_lines_.put('\n');
  }
  if (!fields_.empty()) names_.drop_last();
}

void CanonicalRequest::put_value(std::string_view value) {
  if (is_solid(value)) return field_lines_.put(value);
  bool pending = false;  // white space seen since the last character that was not
  bool begun = false;
  for (char c : value) {
    if (is_space(c)) {
      pending = begun;
      continue;
    }
    if (pending) field_lines_.put(' ');
    field_lines_.put(c);
    pending = false;
    begun = true;
  }
}

void CanonicalRequest::write(const SigningRequest& request, std::span<const NameValue> added,
                             PathRule rule) {
  text_.clear();
  text_.ensure(request.method.size() + 3 * (request.path.size() + 1) + size_of(request.query) +
               size_of(added) + field_lines_.view().size() + names_.view().size() +
               request.payload_hash.size() + 8);
  text_.put(request.method);
  text_.put('\n');
  write_path(request.path, rule);
  text_.put('\n');
  query_start_ = text_.view().size();
  write_query(request.query, added);
  query_size_ = text_.view().size() - query_start_;
  text_.put('\n');
  text_.put(field_lines_.view());
  text_.put('\n');
  text_.put(names_.view());
  text_.put('\n');
  text_.put(request.payload_hash);
}

void CanonicalRequest::write_path(std::string_view path, PathRule rule) {
  if (rule == PathRule::AsIs) return text_.put(path.empty() ? "/" : path);
  if (rule == PathRule::NormalizedAndEncoded) {
    write_normalized(path);
    path = path_.view();
  }
  for (char c : path) {
    if (is_unreserved(c) || c == '/') {
      text_.put(c);
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    text_.put('%');
    text_.put(kHexUpper[byte >> 4]);
    text_.put(kHexUpper[byte & 15]);
  }
}

// RFC 3986 §5.2.4, and empty segments are dropped too. A trailing slash stays.
void CanonicalRequest::write_normalized(std::string_view path) {
  path_.clear();
  path_.ensure(path.size() + 2);
  bool slash_last = true;
  for (std::size_t start = 0; start <= path.size();) {
    const std::size_t end = std::min(path.find('/', start), path.size());
    const std::string_view segment = path.substr(start, end - start);
    start = end + 1;
    slash_last = segment.empty() || segment == "." || segment == "..";
    if (segment == "..") {
      while (!path_.view().empty() && path_.view().back() != '/') path_.drop_last();
      if (!path_.view().empty()) path_.drop_last();
    } else if (!slash_last) {
      path_.put('/');
      path_.put(segment);
    }
  }
  if (slash_last) path_.put('/');
}

void CanonicalRequest::write_query(std::span<const NameValue> query,
                                   std::span<const NameValue> added) {
  if (query.empty() && added.empty()) return;
  query_.assign(query.begin(), query.end());
  query_.insert(query_.end(), added.begin(), added.end());
  std::ranges::sort(query_, [](const NameValue& a, const NameValue& b) {
    const int names = a.name.compare(b.name);
    return names != 0 ? names < 0 : a.value < b.value;
  });
  for (const NameValue& pair : query_) {
    text_.put(pair.name);
    text_.put('=');
    text_.put(pair.value);
    text_.put('&');
  }
  text_.drop_last();
}

}  // namespace yata::s3
