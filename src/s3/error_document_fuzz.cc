// Error documents from a hostile origin.
#include <cstdint>

#include "base/check.h"
#include "s3/error_document.h"

using namespace yata::s3;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  const auto document = parse_error_document(body);
  if (!document) return 0;
  CHECK(!document->code.empty() && size <= kErrorDocumentSizeMax);
  CHECK(document->message.size() <= size);
  if (document->actual_object_size) CHECK(*document->actual_object_size <= INT64_MAX);
  CHECK(!to_string(classify(document->code, 400)).empty());
  return 0;
}
