#include "server/connection.h"

#include <algorithm>

namespace yata::server {
namespace {

// One client may have a whole /64 of IPv6 addresses; it is counted as one.
std::string client_of(const io::Address& address) {
  if (address.family != io::Address::Family::V6) return address.ip();
  io::Address network = address;
  std::fill(network.bytes.begin() + 8, network.bytes.end(), std::uint8_t{0});
  const bool mapped_v4 = network.bytes == decltype(network.bytes){};
  return mapped_v4 ? address.ip() : network.ip();
}

}  // namespace

Seat::Seat(ConnectionCount& count, const io::Address& client, const Limits& limits)
    : count_(&count) {
  if (count_->open.fetch_add(1, std::memory_order_relaxed) >= limits.connections) {
    refuse(Refusal::Total);
    return;
  }
  // Connections of a Unix socket have no client of their own.
  if (limits.connections_per_client == 0 || client.family == io::Address::Family::Unix) return;
  client_ = client_of(client);
  bool too_many = false;
  {
    auto clients = count_->by_client.lock();
    too_many = ++(*clients)[client_] > limits.connections_per_client;
  }
  if (too_many) refuse(Refusal::Client);
}

Seat::~Seat() {
  if (refusal_ == Refusal::None) give_up();
}

// At once, not at the end: whoever is being turned away takes no place from others.
void Seat::refuse(Refusal refusal) {
  refusal_ = refusal;
  give_up();
}

void Seat::give_up() {
  count_->open.fetch_sub(1, std::memory_order_relaxed);
  if (client_.empty()) return;
  auto clients = count_->by_client.lock();
  const auto found = clients->find(client_);
  if (--found->second == 0) clients->erase(found);
}

}  // namespace yata::server
