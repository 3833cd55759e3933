// Snapshot: all that a request needs to know of the configuration, pinned at admission and kept to
// its end. One per loop, because origins belong to their loop; the route table inside is shared by
// loops.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "auth/gate.h"
#include "cache/options.h"
#include "origin/origin.h"
#include "route/table.h"

namespace yata::proxy {

struct Bucket {
  std::string name;
  std::unique_ptr<origin::Origin> origin;
  bool auth_enabled = true;                  // closed unless the configuration opens it
  std::unique_ptr<auth::Gate> gate;          // null: nobody passes where auth_enabled
  bool private_answers = true;               // where auth_enabled: shared caches may not keep them
  std::vector<std::string> allow_query;      // names of parameters that reach the origin
  std::vector<std::string> forward_headers;  // names of fields that reach the origin
  cache::CachePolicy cache{.enabled = false};
};

struct Snapshot {
  std::shared_ptr<const route::Table> routes;  // gives indices into `buckets`
  std::vector<Bucket> buckets;
};

}  // namespace yata::proxy
