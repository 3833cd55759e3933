// Names to addresses: getaddrinfo(3) on the pool, answers remembered. One per loop.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "io/address.h"
#include "io/real/blocking_pool.h"
#include "io/real_loop.h"
#include "io/wait_list.h"

namespace yata::io {

// Addresses of a name, with port 0, in the order to prefer. Blocks. Unreachable when there are
// none.
using Lookup = std::function<Result<std::vector<Address>>(const std::string& name)>;

Result<std::vector<Address>> system_lookup(const std::string& name);

// Alternates between the families, beginning with the first one's (RFC 8305 §4).
std::vector<Address> interleave_families(std::vector<Address> addresses);

class Resolver {
 public:
  // Loop and pool outlive it. `lookup` is called on threads of the pool.
  Resolver(Loop& loop, BlockingPool& pool, const ResolverOptions& options, Lookup lookup);

  // Literals answer themselves. Errors: the lookup's, Cancelled, Timeout.
  Task<Result<std::vector<Address>>> resolve(std::string host, SteadyTime deadline);

  std::size_t remembered() const { return names_.size(); }

  // How long a usable stale answer waits for a new one.
  static constexpr Duration kPatience = std::chrono::seconds(1);

 private:
  struct Name;
  // Shared with the lookup under way and with those who wait for it, so that any name may be
  // forgotten at any time.
  using NamePtr = std::shared_ptr<Name>;

  NamePtr name_of(const std::string& host);
  void forget_oldest();
  void ask(const std::string& host, NamePtr name);
  bool usable(const Name& name, Duration age_max) const;

  Loop* loop_;
  BlockingPool* pool_;
  ResolverOptions options_;
  Lookup lookup_;
  std::unordered_map<std::string, NamePtr> names_;
};

}  // namespace yata::io
