// ReadAhead: the parts of a large object that are fetched before their reader comes to them, each
// by a ranged request of its own, so that one slow connection to the origin does not decide how
// fast a miss is. They are begun only for who has waited for the origin behind the first granule:
// a slow client never does. Loop-bound; owned by a CachedBody.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "cache/object_cache.h"
#include "cache/object_head.h"
#include "proxy/context.h"

namespace yata::proxy {

class ReadAhead {
 public:
  explicit ReadAhead(RequestContext& context) : context_(&context) {}  // outlives this

  // It is read from granule `first` on, up to `end`, by a request that has just begun.
  void begin(cache::GranuleRun run);
  // The same, where another flight ended.
  void go_on_at(std::uint64_t first) { first_ = first; }
  // The reader has all that came of granule `index`, and waits for more.
  void waits_in(const cache::HeadRef& head, std::uint64_t index);
  // The reader comes to granule `index`: a reader of the part that brings it, if one was started.
  cache::Reader come_to(const cache::HeadRef& head, std::uint64_t index);
  // No more; what is under way is left.
  void stop();

 private:
  struct Part {
    cache::Reader reader;
    cache::GranuleRun run;
  };
  void start(const cache::HeadRef& head, std::uint64_t index);
  void start_part(const cache::HeadRef& head, cache::GranuleRun run);
  std::uint64_t part_granules() const;

  RequestContext* context_;
  std::vector<Part> parts_;  // in order
  std::uint64_t first_ = 0;
  std::uint64_t end_ = 0;
  std::uint64_t begun_ = 0;  // up to here parts were joined
  std::optional<std::uint64_t> waited_in_;
  bool stopped_ = false;
};

}  // namespace yata::proxy
