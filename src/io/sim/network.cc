#include "io/sim/network.h"

#include <algorithm>
#include <utility>

#include "io/sim/listener.h"
#include "io/sim/stream.h"

namespace yata::io {
namespace {

// A full backlog drops the SYN; it is sent again after this.
constexpr Duration kSynAgain = std::chrono::milliseconds(100);

constexpr std::uint16_t kFirstClientPort = 40'000;

Error unreachable(const Endpoint& to, std::string_view why) {
  return {ErrorKind::Unreachable, ErrorSource::Origin, Retry::Always,
          to.host + ":" + std::to_string(to.port) + ": " + std::string(why)};
}

bool is_any(const Address& address) {
  return address.family != Address::Family::Unix &&
         std::ranges::all_of(address.bytes, [](std::uint8_t byte) { return byte == 0; });
}

// [::] takes both families, as the real listener does.
bool takes(const Address& listening, const Address& wanted) {
  if (listening.port != wanted.port || listening.family == Address::Family::Unix) return false;
  if (is_any(listening)) {
    return listening.family == Address::Family::V6 || wanted.family == Address::Family::V4;
  }
  return listening.family == wanted.family && listening.bytes == wanted.bytes;
}

}  // namespace

std::vector<Address> SimNetwork::resolve(const Endpoint& to) const {
  std::vector<Address> found;
  if (const std::optional<Address> literal = parse_ip(to.host)) {
    found = {*literal};
  } else if (const auto host = hosts_.find(to.host); host != hosts_.end()) {
    found = {host->second};
  } else if (to.host == "localhost") {
    found = {*parse_ip("::1"), *parse_ip("127.0.0.1")};
  }
  for (Address& address : found) address.port = to.port;
  return found;
}

SimListener* SimNetwork::find(const Address& address) {
  std::vector<SimListener*> takers;
  for (SimListener* listener : listeners_) {
    if (takes(listener->address(), address)) takers.push_back(listener);
  }
  if (takers.empty()) return nullptr;
  // Several listeners of one port share its connections (SO_REUSEPORT).
  return takers[takers.size() == 1 ? 0 : simulation_->below(takers.size())];
}

Address SimNetwork::client_address() {
  Address address = *parse_ip("127.0.0.1");
  if (next_client_port_ < kFirstClientPort) next_client_port_ = kFirstClientPort;  // wrapped
  address.port = next_client_port_++;
  return address;
}

Task<Result<std::unique_ptr<Stream>>> SimNetwork::connect(const Endpoint& to, SteadyTime deadline) {
  const std::vector<Address> addresses = resolve(to);
  if (addresses.empty()) co_return unreachable(to, "name not found");
  Result<void> ready = co_await simulation_->delay(deadline);
  while (ready) {
    SimListener* listener = nullptr;
    for (auto at = addresses.begin(); at != addresses.end() && listener == nullptr; ++at) {
      listener = find(*at);
    }
    if (listener == nullptr) co_return unreachable(to, "connection refused");
    if (!listener->full()) {
      auto connection = std::make_shared<SimConnection>(*simulation_, next_connection_++);
      simulation_->trace(SimEvent::Connect, connection->id, to.port);
      listener->enqueue(
          std::make_unique<SimStream>(connection, SimSide::Accepted, client_address()));
      co_return std::make_unique<SimStream>(connection, SimSide::Connected, listener->address());
    }
    const SteadyTime again = deadline_after(simulation_->now(), kSynAgain);
    ready = co_await simulation_->sleep_until(std::min(again, deadline));
    if (ready && simulation_->now() >= deadline) {
      ready = cancelled_error(CancelReason::Deadline, ErrorSource::Self);
    }
  }
  Error error = std::move(ready.error());
  error.source = ErrorSource::Origin;
  error.retry = Retry::Always;
  co_return error;
}

Result<std::unique_ptr<Listener>> SimNetwork::listen(const ListenOptions& options) {
  ListenOptions wanted = options;
  const bool internet = wanted.address.family != Address::Family::Unix;
  if (internet && wanted.address.port == 0) wanted.address.port = next_port_++;
  const auto same = [&](const SimListener* one) { return one->address() == wanted.address; };
  if (!wanted.joins && std::ranges::any_of(listeners_, same)) {
    return Error{ErrorKind::Io, ErrorSource::Self, Retry::Never,
                 "cannot listen on " + wanted.address.to_string() + ": Address already in use"};
  }
  simulation_->trace(SimEvent::Listen, wanted.address.port, 0);
  auto listener = std::make_unique<SimListener>(*simulation_, *this, std::move(wanted));
  listeners_.push_back(listener.get());
  return listener;
}

void SimNetwork::remove(const SimListener& listener) {
  std::erase(listeners_, &listener);
}

SimListener::SimListener(Simulation& simulation, SimNetwork& network, ListenOptions options)
    : simulation_(&simulation),
      network_(&network),
      options_(std::move(options)),
      arrival_(simulation) {}

Task<Result<std::unique_ptr<Stream>>> SimListener::accept() {
  Result<void> woken = co_await simulation_->delay(kNever);
  while (woken) {
    if (closed_) {
      co_return Error{ErrorKind::Cancelled, ErrorSource::Self, Retry::Never, "listener closed"};
    }
    if (!waiting_.empty() && simulation_->chance(simulation_->options().accept_error)) {
      simulation_->trace(SimEvent::Fault, options_.address.port, 0);
      co_return Error{ErrorKind::Limit, ErrorSource::Self, Retry::Always, "too many open files"};
    }
    if (!waiting_.empty()) {
      std::unique_ptr<Stream> stream = std::move(waiting_.front());
      waiting_.pop_front();
      simulation_->trace(SimEvent::Accept, options_.address.port, stream->peer().port);
      co_return stream;
    }
    if (stopped_) {
      close();
      continue;
    }
    woken = co_await arrival_.wait(kNever);
  }
  co_return std::move(woken.error());
}

void SimListener::enqueue(std::unique_ptr<Stream> stream) {
  waiting_.push_back(std::move(stream));
  arrival_.wake_one();
}

void SimListener::stop() {
  stopped_ = true;
  arrival_.wake_all();
}

void SimListener::close() {
  if (closed_) return;
  closed_ = true;
  network_->remove(*this);
  // The kernel resets what nobody accepted.
  for (const std::unique_ptr<Stream>& stream : waiting_) stream->reset_on_close();
  waiting_.clear();
  arrival_.wake_all();
}

}  // namespace yata::io
