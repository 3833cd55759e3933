// RequestContext: what one request carries along the walk. Made by the pipeline, recycled by it, so
// that its strings keep their room; lives from admission to the record.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "auth/subject.h"
#include "base/uuid.h"
#include "cache/object_cache.h"
#include "http/exchange.h"
#include "io/scope.h"
#include "proxy/snapshot.h"
#include "record/outcome.h"
#include "record/recorder.h"

namespace yata::proxy {

struct FillReport;  // fill.h

struct RequestContext {
  http::Exchange* exchange = nullptr;        // outlives the context's use
  std::shared_ptr<const Snapshot> snapshot;  // pinned: a reload changes nothing for this request
  const Bucket* bucket = nullptr;            // in the snapshot
  std::shared_ptr<const auth::Subject> subject;  // shared with the cache of verified tokens
  cache::ObjectCache* cache = nullptr;           // null: there is none
  record::Recorder* recorder = nullptr;          // of the loop
  io::Scope* fills = nullptr;                    // of the loop, for what outlives the request
  Uuid id;
  std::string path;  // decoded; the key is a view of it
  std::string_view key;
  std::string query_values;                   // decoded values of the allowed parameters
  std::vector<origin::QueryParameter> query;  // views into query_values and the snapshot
  std::vector<http::Field> forward;           // views into the request
  std::string if_match;                       // lists that came in several lines, joined
  std::string if_none_match;
  std::vector<std::shared_ptr<FillReport>> fill_reports;  // of those that this request leads
  std::string selection;                                  // what the cache knows the object by
  std::string cache_status;                               // the field's value
  std::string age;
  std::string text;           // the body of an error answer
  std::string cache_control;  // of an answer to somebody in particular
  record::Outcome outcome;

  const http::RequestHead& request() const { return exchange->request(); }

  void clear() {
    exchange = nullptr;
    snapshot.reset();
    bucket = nullptr;
    subject.reset();
    cache = nullptr;
    recorder = nullptr;
    fills = nullptr;
    path.clear();
    key = {};
    query_values.clear();
    query.clear();
    forward.clear();
    if_match.clear();
    if_none_match.clear();
    fill_reports.clear();
    selection.clear();
    cache_status.clear();
    age.clear();
    text.clear();
    cache_control.clear();
    outcome = {};
  }
};

}  // namespace yata::proxy
