// Errand: all that a fill needs, by itself: the request that gave it may be over before it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "cache/object_cache.h"
#include "origin/origin.h"
#include "proxy/context.h"
#include "proxy/fill.h"
#include "s3/range.h"

namespace yata::proxy {

struct Errand {
  Errand(RequestContext& context, FillOrder order);
  Errand(const Errand&) = delete;
  Errand& operator=(const Errand&) = delete;

  ~Errand() { recorder->record_fill(bucket_index, report->origin); }

  // Views into this.
  origin::ObjectRequest plain_request() const;  // GET of the whole
  origin::ObjectRequest request() const;        // as ordered
  cache::Wanted wanted() const;
  // Counted in the report.
  io::Task<Result<std::unique_ptr<origin::ObjectResponse>>> ask(
      const origin::ObjectRequest& request);

  io::Loop* loop;
  std::shared_ptr<const Snapshot> snapshot;  // keeps the bucket
  const Bucket* bucket;
  cache::ObjectCache* cache;
  record::Recorder* recorder;  // of the loop, outlives the fill
  std::uint32_t bucket_index;
  std::string key;
  std::string selection;
  std::vector<std::string> texts;  // of query and forward
  std::vector<origin::QueryParameter> query;
  std::vector<http::Field> forward;
  http::Method method;
  std::optional<s3::RangeSpec> range;
  s3::RangeText range_text;
  cache::HeadRef stored;
  bool has_what_was_asked;
  std::shared_ptr<FillReport> report;
  cache::Ticket ticket;  // goes first
};

// Which fields of an answer go to clients, and which the cache keeps for itself.
struct SplitFields {
  http::FieldList shown;  // without ETag and Last-Modified
  http::FieldList hidden;
};
SplitFields split_fields(const origin::ObjectResponse& response);
// All fields of an answer, its validators among them.
void received_fields(const origin::ObjectResponse& response, http::FieldList& out);

// A stored head renewed by a 304. Views into both.
struct MergedHead {
  MergedHead(const cache::ObjectHead& stored, const origin::ObjectResponse& response);
  http::FieldList all;
  http::FieldList shown;
  http::FieldList hidden;
  std::string_view last_modified;
};

// Gives the body of `from` to a renewed head.
void keep_body(const cache::HeadRef& from, cache::OwnedHead& head);

}  // namespace yata::proxy
