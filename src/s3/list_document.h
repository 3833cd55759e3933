// S3's lists of objects: the XML document that answers ListObjectsV2, read with bounds. Pure; the
// origin reads a body of at most kListDocumentSizeMax and hands it in.
//
// Source: "ListObjectsV2", Amazon S3 API Reference.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace yata::s3 {

// How many keys are asked for at once: the most that S3 gives.
inline constexpr std::size_t kListKeysMax = 1000;
// Room for so many of the longest keys, with every byte escaped, and what is said of each.
inline constexpr std::size_t kListDocumentSizeMax = 8 * 1024 * 1024;

struct ListDocument {
  std::vector<std::string> keys;  // decoded, in the document's order
  std::string next_token;         // continuation-token of the next page; "" on the last one
};

// An Error of the origin (Protocol) for what is no such document: other XML, a document type
// declaration, an object without a key, a bad escape, more to come without a token, or over the
// size.
Result<ListDocument> parse_list_document(std::string_view body);

}  // namespace yata::s3
