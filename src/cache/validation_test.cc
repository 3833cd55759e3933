#include "cache/validation.h"

#include <gtest/gtest.h>

#include <string>

#include "cache/testing/head.h"

namespace yata::cache {
namespace {

constexpr const char* kStored =
    "ETag: \"a\"\nLast-Modified: Wed, 01 Jan 2020 00:00:00 GMT\nContent-Length: 3";

TEST(NotModified, RefreshesWhatItConfirms) {
  struct {
    const char* stored;
    const char* received;
    Revalidation expected;
  } const cases[] = {
      {kStored, "", Revalidation::Refresh},
      {kStored, "ETag: \"a\"", Revalidation::Refresh},
      {kStored, "ETag: W/\"a\"", Revalidation::Refresh},
      {kStored, "ETag: \"a\"\nLast-Modified: Wed, 01 Jan 2020 00:00:00 GMT", Revalidation::Refresh},
      // A copy of the object onto itself.
      {kStored, "ETag: \"a\"\nLast-Modified: Thu, 02 Jan 2020 00:00:00 GMT",
       Revalidation::RefetchHead},
      {kStored, "Last-Modified: Thu, 02 Jan 2020 00:00:00 GMT", Revalidation::RefetchHead},
      {kStored, "ETag: \"b\"", Revalidation::Replace},
      {"ETag: W/\"a\"\nLast-Modified: Wed, 01 Jan 2020 00:00:00 GMT",
       "Last-Modified: Thu, 02 Jan 2020 00:00:00 GMT", Revalidation::Replace},
      {"Last-Modified: Wed, 01 Jan 2020 00:00:00 GMT",
       "Last-Modified: Thu, 02 Jan 2020 00:00:00 GMT", Revalidation::Replace},
      {"", "ETag: \"b\"", Revalidation::Refresh},
  };
  for (const auto& one : cases) {
    EXPECT_EQ(judge_not_modified(Head(one.stored).fields(), Head(one.received).fields()),
              one.expected)
        << one.received;
  }
}

TEST(HeadAnswer, IsAboutWhatIsStoredOrNot) {
  struct {
    const char* received;
    Revalidation expected;
  } const cases[] = {
      {"ETag: \"a\"\nContent-Length: 3", Revalidation::Refresh},
      {"ETag: \"b\"\nContent-Length: 3", Revalidation::Replace},
      {"ETag: \"a\"\nContent-Length: 4", Revalidation::Replace},
      {"ETag: \"a\"\nLast-Modified: Thu, 02 Jan 2020 00:00:00 GMT", Revalidation::Refresh},
      {"Last-Modified: Thu, 02 Jan 2020 00:00:00 GMT", Revalidation::Replace},
  };
  for (const auto& one : cases) {
    EXPECT_EQ(judge_head(Head(kStored).fields(), Head(one.received).fields()), one.expected)
        << one.received;
  }
}

std::string merged(const char* stored, const char* received) {
  const Head before(stored);
  const Head after(received);
  http::FieldList fields;
  merge_head(before.fields(), after.fields(), fields);
  std::string out;
  for (const http::Field& field : fields) {
    out.append(field.text).append("=").append(field.value).append(";");
  }
  return out;
}

TEST(MergeHead, ReplacesByName) {
  EXPECT_EQ(merged("A: 1\nB: 2\na: 3", "A: 4\nC: 5"), "B=2;A=4;C=5;");
  EXPECT_EQ(merged("Cache-Control: max-age=1\nContent-Type: x", "cache-control: max-age=2"),
            "Content-Type=x;cache-control=max-age=2;");
  EXPECT_EQ(merged("Content-Type: x\nContent-Location: /a", "Content-Type: y"),
            "Content-Location=/a;Content-Type=y;");
}

TEST(MergeHead, WhatDescribesTheBytesStays) {
  EXPECT_EQ(merged("Content-Encoding: gzip\nContent-Length: 5\nContent-MD5: x\n"
                   "x-amz-checksum-sha256: y\nETag: \"a\"",
                   "Content-Encoding: br\nContent-Length: 0\nContent-MD5: z\n"
                   "X-Amz-Checksum-Sha256: z\nContent-Range: bytes 0-1/2\nETag: W/\"a\""),
            "Content-Encoding=gzip;Content-Length=5;Content-MD5=x;x-amz-checksum-sha256=y;"
            "ETag=\"a\";");
  EXPECT_EQ(merged("A: 1", "ETag: \"a\""), "A=1;ETag=\"a\";");
}

TEST(MergeHead, OneConnectionsFieldsAreNotTaken) {
  EXPECT_EQ(merged("A: 1", "Connection: close\nKeep-Alive: 1\nTransfer-Encoding: chunked"), "A=1;");
}

TEST(MergeHead, AgeAndDateAreThe304sOrNone) {
  EXPECT_EQ(merged("Age: 100\nDate: x\nA: 1", "A: 2"), "A=2;");
  EXPECT_EQ(merged("Age: 100\nDate: x", "Age: 1\nDate: y"), "Age=1;Date=y;");
}

}  // namespace
}  // namespace yata::cache
