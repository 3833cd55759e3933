// The commands `cache purge`, `cache stats` and `cache warm`: what was asked for, said to the admin
// listener of a running process, and its answer printed.
#pragma once

#include <cstdint>
#include <ostream>
#include <string>
#include <vector>

#include "app/admin_client.h"
#include "base/result.h"
#include "io/address.h"

namespace yata::app {

struct CacheCommand {
  std::string bucket;
  std::vector<std::string> keys;
  std::string prefix;
  std::string tag;
  bool all = false;
  std::uint32_t concurrency = 0;  // 0: the listener's own choice
  std::uint32_t rate = 0;         // likewise
  bool wait = false;              // for the end of a warm-up
  std::string show;               // a warm-up's id
  std::string cancel;             // likewise
};

// Where the admin listener is. Invalid, with what is wrong.
Result<io::Endpoint> admin_at(const std::string& url);
Result<io::Endpoint> admin_of(const io::Address& configured);

struct CacheTalk {
  io::Endpoint admin;
  std::string token;  // of YATAGARASU_ADMIN_TOKEN; "" for none
  std::ostream* out = nullptr;
  std::ostream* err = nullptr;
};

// All return an exit code.
int cache_purge(const CacheCommand& command, const CacheTalk& talk);
int cache_stats(const CacheCommand& command, const CacheTalk& talk);
int cache_warm(const CacheCommand& command, const CacheTalk& talk);

// What the first says to the listener; for the others it is plain.
AdminRequest purge_request(const CacheCommand& command);
AdminRequest warm_request(const CacheCommand& command);

}  // namespace yata::app
