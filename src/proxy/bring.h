// Bring: an object into the cache without a client, by the same steps as a request for it: looked
// up, fetched by a fill if it is not there, read to its end. For warming; after authorization, so
// to speak: whoever asks for it is the operator. On the loop of what is given.
#pragma once

#include <memory>
#include <string>

#include "cache/brought.h"
#include "cache/object_cache.h"
#include "io/scope.h"
#include "io/task.h"
#include "proxy/snapshot.h"
#include "record/recorder.h"

namespace yata::proxy {

// All outlive the task.
struct BringParts {
  io::Loop* loop = nullptr;
  std::shared_ptr<const Snapshot> snapshot;
  record::Recorder* recorder = nullptr;
  cache::ObjectCache* cache = nullptr;
  io::Scope* fills = nullptr;
};

io::Task<cache::Brought> bring(BringParts parts, std::uint32_t bucket, std::string key);

}  // namespace yata::proxy
