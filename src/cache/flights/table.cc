#include "cache/flights/table.h"

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace yata::cache {

FlightTable::Joined FlightTable::join(const Digest& name, std::uint64_t birth, io::Loop& loop) {
  auto shard = shard_of(name).lock();
  std::shared_ptr<Flight>& place = shard->by_name[name];
  if (place != nullptr && place->enter()) return {place, false};
  place = std::make_shared<Flight>(loop, birth);
  CHECK(place->enter());
  return {place, true};
}

std::shared_ptr<Flight> FlightTable::lead_alone(const Digest& name, std::uint64_t birth,
                                                io::Loop& loop) {
  auto shard = shard_of(name).lock();
  std::shared_ptr<Flight>& place = shard->by_name[name];
  if (place != nullptr) return nullptr;
  place = std::make_shared<Flight>(loop, birth);
  return place;
}

FlightTable::Joined FlightTable::join_run(const std::shared_ptr<const OwnedHead>& head,
                                          GranuleRun wanted, std::uint64_t birth,
                                          const Granules& granules, io::Loop& loop) {
  const Digest& generation = head->head().fixed().generation;
  const auto may_serve = [&](const Flight& one) {
    return granules.may_serve(head->head(), one.birth());
  };
  auto shard = shard_of(generation).lock();
  auto& flights = shard->by_generation[generation];
  for (const std::shared_ptr<Flight>& one : flights) {
    if (may_serve(*one) && one->serves_soon(wanted.first) && one->enter()) return {one, false};
  }
  for (const std::shared_ptr<Flight>& one : flights) {
    // What was purged goes on for those who came before, beside this.
    if (!may_serve(*one)) continue;
    const GranuleRun run = one->run();
    if (run.first > wanted.first) wanted.end = std::min(wanted.end, run.first);
    one->leave_to_others(wanted.first);
  }
  auto flight = std::make_shared<Flight>(loop, birth, head, wanted);
  CHECK(flight->enter());
  flights.push_back(flight);
  return {std::move(flight), true};
}

FlightTable::Joined FlightTable::join_part(const std::shared_ptr<const OwnedHead>& head,
                                           GranuleRun missing, const Ahead& ahead, io::Loop& loop) {
  const HeadFixed& fixed = head->head().fixed();
  auto shard = shard_of(fixed.generation).lock();
  const auto found = shard->by_generation.find(fixed.generation);
  const Runs none;
  const Runs& flights = found == shard->by_generation.end() ? none : found->second;
  for (const std::shared_ptr<Flight>& one : flights) {
    if (!ahead.granules->may_serve(head->head(), one->birth())) continue;
    if (one->is_ahead() && one->run().has(missing.first) && one->enter()) return {one, false};
    if (one->came_to(missing.first)) return {};
    const GranuleRun run = one->run();
    if (run.first > missing.first) missing.end = std::min(missing.end, run.first);
  }
  const std::uint64_t bytes = (missing.end - missing.first) * ahead.granule_bytes;
  PartsBudget::Lease lease = ahead.budget->take(fixed.owner, bytes, ahead.limits);
  if (!lease) return {};
  for (const std::shared_ptr<Flight>& one : flights) {
    if (!ahead.granules->may_serve(head->head(), one->birth())) continue;
    if (!one->leave_to_others(missing.first)) return {};
  }
  auto flight = std::make_shared<Flight>(loop, ahead.birth, head, missing, std::move(lease));
  CHECK(flight->enter());
  shard->by_generation[fixed.generation].push_back(flight);
  return {std::move(flight), true};
}

void FlightTable::add(const Digest& name, std::shared_ptr<Flight> flight) {
  shard_of(name).lock()->by_name.insert_or_assign(name, std::move(flight));
}

void FlightTable::open(const std::shared_ptr<Flight>& flight, std::shared_ptr<const OwnedHead> head,
                       GranuleRun run) {
  const Digest generation = head->head().fixed().generation;
  auto shard = shard_of(generation).lock();
  flight->open(std::move(head), run);
  if (run.empty()) return;
  shard->by_generation[generation].push_back(flight);
}

void FlightTable::remove(const Digest& name, const Flight& flight) {
  auto shard = shard_of(name).lock();
  const auto found = shard->by_name.find(name);
  // Another may have taken the place of one that served nobody any more.
  if (found != shard->by_name.end() && found->second.get() == &flight) shard->by_name.erase(found);
}

void FlightTable::remove_run(const Digest& generation, const Flight& flight) {
  auto shard = shard_of(generation).lock();
  const auto found = shard->by_generation.find(generation);
  if (found == shard->by_generation.end()) return;
  auto& flights = found->second;
  const auto place = std::ranges::find(flights, &flight, &std::shared_ptr<Flight>::get);
  if (place != flights.end()) flights.erase(place);
  if (flights.empty()) shard->by_generation.erase(found);
}

}  // namespace yata::cache
