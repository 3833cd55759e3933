// The canonical request of AWS Signature Version 4: one text that both sides build from the request
// and hash. Pure and reusable: nothing is allocated once its buffers have grown. sigv4.h signs it.
//
// Source: "Create a signed AWS API request", step 1, AWS IAM User Guide.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

namespace yata::s3 {

struct NameValue {
  std::string_view name;
  std::string_view value;
};

inline constexpr std::string_view kUnsignedPayload = "UNSIGNED-PAYLOAD";
inline constexpr std::string_view kEmptyBodySha256 =
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

// What is signed. The views must stay valid during the call only.
struct SigningRequest {
  std::string_view method;
  std::string_view path;              // as it stands in the request line, so already encoded for S3
  std::span<const NameValue> query;   // encoded as in the request line; in any order
  std::span<const NameValue> fields;  // all are signed; any order and case; `host` among them, and
                                      // none of those that the signature itself adds
  std::string_view payload_hash = kEmptyBodySha256;  // lowercase hex, or kUnsignedPayload
};

enum class PathRule : std::uint8_t {
  AsIs,                  // S3: signed exactly as sent, `//` and `..` included
  Encoded,               // encoded once more
  NormalizedAndEncoded,  // dot segments and double slashes removed, then encoded: all but S3
};

// Characters appended without a check each: ensure() first, for all that follows.
class TextBuffer {
 public:
  void clear() { size_ = 0; }
  void ensure(std::size_t more_bytes);
  void put(std::string_view text);
  void put(char c) { bytes_[size_++] = c; }
  void drop_last() { --size_; }
  std::string_view view() const { return {bytes_.get(), size_}; }

 private:
  std::unique_ptr<char[]> bytes_;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

class CanonicalRequest {
 public:
  // Step 1: sorts and writes the fields, those of the request and those the signature adds.
  // Values are trimmed, runs of white space become one space, doubled names are joined by ','.
  void set_fields(std::span<const NameValue> request, std::span<const NameValue> added);
  std::string_view signed_names() const { return names_.view(); }

  // Step 2: the whole text. `added` are query pairs of the signature, encoded (presigned URLs).
  void write(const SigningRequest& request, std::span<const NameValue> added, PathRule rule);
  std::string_view view() const { return text_.view(); }

  // The canonical query of the last write().
  std::string_view query() const { return text_.view().substr(query_start_, query_size_); }

 private:
  struct Field {
    std::string_view name;  // lowercase; in lowercase_
    std::string_view value;
    std::size_t order;  // where it stood: doubled names keep their order
  };

  void collect(std::span<const NameValue> fields);
  void put_value(std::string_view value);
  void write_path(std::string_view path, PathRule rule);
  void write_normalized(std::string_view path);
  void write_query(std::span<const NameValue> query, std::span<const NameValue> added);

  TextBuffer text_;
  TextBuffer field_lines_;
  TextBuffer names_;
  TextBuffer lowercase_;
  TextBuffer path_;
  std::vector<Field> fields_;
  std::vector<NameValue> query_;
  std::size_t query_start_ = 0;
  std::size_t query_size_ = 0;
};

}  // namespace yata::s3
