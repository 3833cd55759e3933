// The look-up step: what a cache has of the object. There is no cache in this version, so every
// request goes on to the origin, and says so.
#pragma once

#include "proxy/snapshot.h"
#include "record/outcome.h"

namespace yata::proxy {

struct LookUp {
  record::CacheResult result = record::CacheResult::None;
};

inline LookUp look_up(const Bucket&) {
  return {record::CacheResult::Bypass};
}

}  // namespace yata::proxy
