#include "s3/list_document.h"

#include <optional>
#include <pugixml.hpp>

#include "base/codec.h"

namespace yata::s3 {
namespace {

Error refused(std::string_view why) {
  return {ErrorKind::Protocol, ErrorSource::Origin, Retry::Never,
          "list document: " + std::string(why)};
}

// encoding-type=url is that of forms: a space may come as '+', and then a plus comes escaped.
std::optional<std::string> form_decode(std::string text) {
  for (char& c : text) {
    if (c == '+') c = ' ';
  }
  return percent_decode(text);
}

}  // namespace

Result<ListDocument> parse_list_document(std::string_view body) {
  if (body.size() > kListDocumentSizeMax) return refused("over its size");
  pugi::xml_document xml;
  // A key may be made of white space alone.
  const unsigned options = pugi::parse_default | pugi::parse_doctype | pugi::parse_ws_pcdata_single;
  const auto parsed = xml.load_buffer(body.data(), body.size(), options, pugi::encoding_utf8);
  if (!parsed) return refused(parsed.description());
  for (const pugi::xml_node& node : xml.children())
    if (node.type() == pugi::node_doctype) return refused("has a document type declaration");
  const pugi::xml_node root = xml.child("ListBucketResult");
  if (!root) return refused("its root is not ListBucketResult");

  // Some servers do not know the encoding, and say so by not repeating it.
  const bool encoded = std::string_view(root.child_value("EncodingType")) == "url";
  ListDocument document;
  for (const pugi::xml_node& object : root.children("Contents")) {
    std::optional<std::string> key = object.child_value("Key");
    if (encoded) key = form_decode(std::move(*key));
    if (!key) return refused("a key with a bad escape");
    if (key->empty()) return refused("an object without a key");
    document.keys.push_back(std::move(*key));
  }
  if (std::string_view(root.child_value("IsTruncated")) == "true") {
    document.next_token = root.child_value("NextContinuationToken");
    if (document.next_token.empty()) return refused("more to come, and no token to ask with");
  }
  return document;
}

}  // namespace yata::s3
