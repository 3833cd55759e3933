// What goes to S3: the request line's target and the fields, signed. Nothing of a client's gets
// here but by name: key, range, conditionals, allowed parameters and allowed fields. Pure; one
// writer per origin and loop.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "http/field.h"
#include "origin/options.h"
#include "origin/origin.h"
#include "s3/addressing.h"
#include "s3/sigv4.h"
#include "s3/types.h"

namespace yata::origin {

// Whether a name begins with "x-amz-", in any case.
bool is_amz_name(std::string_view name);

// Fields that are never forwarded, whatever is configured: S3's own, those that say who asks or
// that belong to one connection, and those this origin writes itself.
bool is_reserved_field(std::string_view name);

// One request's bytes: kept by who sends it until the answer's head is there, then reused. The
// fields view this, the written ObjectRequest and the credentials.
struct S3Request {
  std::string target;
  http::FieldList fields;

  std::string encoded_query;
  std::vector<s3::NameValue> query;  // sorted as signed; views of encoded_query
  s3::SignedHead signature;
};

class RequestWriter {
 public:
  // `options` outlive the writer.
  RequestWriter(const S3Options& options, s3::Address place);

  // Null `credentials`: not signed. False when no object can have that key (empty, too long):
  // nothing is to be sent. Parameters and fields that the options do not allow are left out.
  [[nodiscard]] bool write(const ObjectRequest& request, const s3::Credentials* credentials,
                           WallTime now, S3Request& out);

  // For HEAD of the bucket itself.
  void write_bucket(const s3::Credentials* credentials, WallTime now, S3Request& out);

  // For a page of the keys that begin with `prefix` (in the bucket, so with its key_prefix);
  // `token` is the last page's, or "".
  struct Page {
    std::string_view prefix;
    std::string_view token;
  };
  void write_list(const Page& page, const s3::Credentials* credentials, WallTime now,
                  S3Request& out);

  const s3::Address& place() const { return place_; }

 private:
  // Those whose names are in `names`; all of them when it is null.
  static void add_query(std::span<const QueryParameter> parameters,
                        const std::vector<std::string>* names, S3Request& out);
  void add_fields(const ObjectRequest& request, S3Request& out) const;
  void sign(http::Method method, const s3::Credentials& credentials, WallTime now, S3Request& out);

  const S3Options* options_;  // outlives this
  s3::Address place_;
  s3::Scope scope_;
  s3::Signer signer_;
};

}  // namespace yata::origin
