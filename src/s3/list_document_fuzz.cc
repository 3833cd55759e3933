// List documents from a hostile origin.
#include <cstdint>
#include <string>

#include "base/check.h"
#include "s3/list_document.h"

using namespace yata::s3;

namespace {

void read(std::string_view body) {
  const auto document = parse_list_document(body);
  if (!document) return;
  std::size_t bytes = document->next_token.size();
  for (const std::string& key : document->keys) {
    CHECK(!key.empty());
    bytes += key.size();
  }
  CHECK(bytes <= body.size(), bytes, body.size());  // decoding never makes more of it
}

}  // namespace

// As it is, as the inside of a list, and as an encoded key.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  read(text);
  read("<ListBucketResult>" + text + "</ListBucketResult>");
  read("<ListBucketResult><EncodingType>url</EncodingType><Contents><Key>" + text +
       "</Key></Contents></ListBucketResult>");
  return 0;
}
