// RequestContext: what one request carries along the walk. Made by the pipeline, recycled by it, so
// that its strings keep their room; lives from admission to the record.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "auth/subject.h"
#include "base/uuid.h"
#include "http/exchange.h"
#include "proxy/snapshot.h"
#include "record/outcome.h"

namespace yata::proxy {

struct RequestContext {
  http::Exchange* exchange = nullptr;        // outlives the context's use
  std::shared_ptr<const Snapshot> snapshot;  // pinned: a reload changes nothing for this request
  const Bucket* bucket = nullptr;            // in the snapshot
  std::shared_ptr<const auth::Subject> subject;  // shared with the cache of verified tokens
  Uuid id;
  std::string path;  // decoded; the key is a view of it
  std::string_view key;
  std::string query_values;                   // decoded values of the allowed parameters
  std::vector<origin::QueryParameter> query;  // views into query_values and the snapshot
  std::vector<http::Field> forward;           // views into the request
  std::string if_match;                       // lists that came in several lines, joined
  std::string if_none_match;
  std::string text;           // the body of an error answer
  std::string cache_control;  // of an answer to somebody in particular
  record::Outcome outcome;

  const http::RequestHead& request() const { return exchange->request(); }

  void clear() {
    exchange = nullptr;
    snapshot.reset();
    bucket = nullptr;
    subject.reset();
    path.clear();
    key = {};
    query_values.clear();
    query.clear();
    forward.clear();
    if_match.clear();
    if_none_match.clear();
    text.clear();
    cache_control.clear();
    outcome = {};
  }
};

}  // namespace yata::proxy
