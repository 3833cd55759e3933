#include "s3/list_document.h"

#include <gtest/gtest.h>

namespace yata::s3 {
namespace {

std::string list(std::string_view inside) {
  return R"(<?xml version="1.0" encoding="UTF-8"?>
<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">)" +
         std::string(inside) + "</ListBucketResult>";
}

std::string object(std::string_view key) {
  return "<Contents><Key>" + std::string(key) +
         "</Key><LastModified>2026-01-02T03:04:05.000Z</LastModified><ETag>&quot;e&quot;</ETag>"
         "<Size>3</Size><StorageClass>STANDARD</StorageClass></Contents>";
}

TEST(ListDocument, IsReadAsS3WritesIt) {
  const auto document = parse_list_document(
      list("<Name>b</Name><Prefix>a/</Prefix><KeyCount>2</KeyCount><MaxKeys>2</MaxKeys>"
           "<EncodingType>url</EncodingType><IsTruncated>true</IsTruncated>" +
           object("a/1+2%2B3.txt") + object("a/%C3%A9%0A%26") +
           "<NextContinuationToken>1ueGcxLPRx1Tr/XYExHnhbYLgveDs2J/wm36Hy4vbOwM=</"
           "NextContinuationToken>"));
  ASSERT_TRUE(document) << document.error().detail;
  EXPECT_EQ(document->keys, (std::vector<std::string>{"a/1 2+3.txt", "a/\xC3\xA9\n&"}));
  EXPECT_EQ(document->next_token, "1ueGcxLPRx1Tr/XYExHnhbYLgveDs2J/wm36Hy4vbOwM=");
}

TEST(ListDocument, WithoutAnEncodingKeysAreTheirText) {
  const auto document =
      parse_list_document(list(object("a+b%20c &amp; d") + object(" ") + object("e\n")));
  ASSERT_TRUE(document);
  EXPECT_EQ(document->keys, (std::vector<std::string>{"a+b%20c & d", " ", "e\n"}));
  EXPECT_EQ(document->next_token, "");
}

TEST(ListDocument, ALastPageHasNoTokenWhateverItSays) {
  for (const char* inside :
       {"", "<IsTruncated>false</IsTruncated>",
        "<IsTruncated>false</IsTruncated><NextContinuationToken>t</NextContinuationToken>"}) {
    const auto document = parse_list_document(list(inside));
    ASSERT_TRUE(document) << inside;
    EXPECT_TRUE(document->keys.empty());
    EXPECT_EQ(document->next_token, "");
  }
}

TEST(ListDocument, RefusesWhatIsNone) {
  const std::string bodies[] = {
      "",
      "keys",
      "<html></html>",
      "<Error><Code>NoSuchBucket</Code></Error>",
      "<ListBucketResult>",
      list("<IsTruncated>true</IsTruncated>"),
      list("<IsTruncated>true</IsTruncated><NextContinuationToken/>"),
      list("<Contents><Size>1</Size></Contents>"),
      list(object("")),
      list("<EncodingType>url</EncodingType>" + object("%zz")),
      list("<EncodingType>url</EncodingType>" + object("a%2")),
      "<!DOCTYPE l [<!ENTITY a \"aaaa\">]><ListBucketResult></ListBucketResult>",
      list(std::string(kListDocumentSizeMax, ' ')),
  };
  for (const std::string& body : bodies) {
    const auto document = parse_list_document(body);
    ASSERT_FALSE(document) << body.substr(0, 200);
    EXPECT_EQ(document.error().source, ErrorSource::Origin);
    EXPECT_EQ(document.error().kind, ErrorKind::Protocol);
  }
}

TEST(ListDocument, APageOfTheLongestKeysFits) {
  std::string inside = "<EncodingType>url</EncodingType>";
  std::string longest;
  for (int i = 0; i < 1024; ++i) longest += "%C3";
  for (std::size_t i = 0; i < kListKeysMax; ++i) inside += object(longest);
  const auto document = parse_list_document(list(inside));
  ASSERT_TRUE(document) << document.error().detail;
  EXPECT_EQ(document->keys.size(), kListKeysMax);
  EXPECT_EQ(document->keys.back().size(), 1024u);
}

}  // namespace
}  // namespace yata::s3
