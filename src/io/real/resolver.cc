#include "io/real/resolver.h"

#include <netdb.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "io/real/sockets.h"

namespace yata::io {

Result<std::vector<Address>> system_lookup(const std::string& name) {
  const addrinfo hints{.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
  addrinfo* found = nullptr;
  // All of localhost is this machine (RFC 6761 §6.3), also where the system does not know it:
  // buckets in virtual-host style on a server at http://localhost:9000.
  const char* asked = name.ends_with(".localhost") ? "localhost" : name.c_str();
  const int error = ::getaddrinfo(asked, nullptr, &hints, &found);
  if (error != 0) {
    return Error{ErrorKind::Unreachable, ErrorSource::Origin, Retry::Always,
                 "cannot resolve " + name + ": " + ::gai_strerror(error)};
  }
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> owner(found, &::freeaddrinfo);
  std::vector<Address> addresses;
  for (const addrinfo* at = found; at != nullptr; at = at->ai_next) {
    SocketAddress address;
    std::memcpy(&address.storage, at->ai_addr, at->ai_addrlen);
    address.size = at->ai_addrlen;
    addresses.push_back(from_socket_address(address));
  }
  return addresses;
}

std::vector<Address> interleave_families(std::vector<Address> addresses) {
  std::vector<Address> like_first, others, mixed;
  for (Address& address : addresses) {
    const bool like = like_first.empty() || address.family == like_first.front().family;
    (like ? like_first : others).push_back(std::move(address));
  }
  for (std::size_t i = 0; i < std::max(like_first.size(), others.size()); ++i) {
    if (i < like_first.size()) mixed.push_back(std::move(like_first[i]));
    if (i < others.size()) mixed.push_back(std::move(others[i]));
  }
  return mixed;
}

struct Resolver::Name {
  explicit Name(Loop& loop) : answered(loop) {}

  std::vector<Address> addresses;  // of the last answer that had any
  SteadyTime answered_at{};        // when that was; meaningless before
  SteadyTime used_at{};
  bool asking = false;
  Error error;  // of the last lookup, when it failed
  WaitList answered;
};

Resolver::Resolver(Loop& loop, BlockingPool& pool, const ResolverOptions& options, Lookup lookup)
    : loop_(&loop), pool_(&pool), options_(options), lookup_(std::move(lookup)) {}

bool Resolver::usable(const Name& name, Duration age_max) const {
  return !name.addresses.empty() && loop_->now() - name.answered_at < age_max;
}

Task<Result<std::vector<Address>>> Resolver::resolve(std::string host, SteadyTime deadline) {
  const std::optional<Address> literal = parse_ip(host);
  if (literal) co_return std::vector<Address>{*literal};

  const NamePtr name = name_of(host);
  name->used_at = loop_->now();
  if (usable(*name, options_.fresh)) co_return name->addresses;
  if (!name->asking) ask(host, name);
  const bool stale = usable(*name, options_.stale);
  const SteadyTime patience = deadline_after(loop_->now(), kPatience);
  Result<void> answered =
      co_await name->answered.wait(stale ? std::min(deadline, patience) : deadline);
  const bool wanted = answered || answered.error().kind == ErrorKind::Timeout;
  if (wanted && usable(*name, options_.stale)) co_return name->addresses;
  if (!answered) co_return answered.error();
  co_return name->error;
}

Resolver::NamePtr Resolver::name_of(const std::string& host) {
  const auto found = names_.find(host);
  if (found != names_.end()) return found->second;
  if (names_.size() >= options_.max_names) forget_oldest();
  return names_.emplace(host, std::make_shared<Name>(*loop_)).first->second;
}

void Resolver::forget_oldest() {
  const auto oldest = std::min_element(
      names_.begin(), names_.end(),
      [](const auto& a, const auto& b) { return a.second->used_at < b.second->used_at; });
  if (oldest != names_.end()) names_.erase(oldest);
}

void Resolver::ask(const std::string& host, NamePtr name) {
  name->asking = true;
  // Not a PoolWait: the answer is for all who wait, and for the cache when nobody does any more.
  pool_->submit([loop = loop_, lookup = lookup_, host, name = std::move(name)]() mutable {
    Result<std::vector<Address>> answer = lookup(host);
    if (answer && answer->empty()) {
      answer = Error{ErrorKind::Unreachable, ErrorSource::Origin, Retry::Always,
                     host + " has no address"};
    }
    loop->post([loop, name = std::move(name), answer = std::move(answer)]() mutable {
      name->asking = false;
      if (answer) {
        name->addresses = interleave_families(*std::move(answer));
        name->answered_at = loop->now();
      } else {
        name->error = std::move(answer.error());
      }
      name->answered.wake_all();
    });
  });
}

}  // namespace yata::io
