// KeySource: where a verifier's keys are. Two kinds: keys of the configuration, which never change
// (static_keys.h), and keys an identity provider publishes (jwks_source.h). One per verifier,
// shared by all loops.
#pragma once

#include <memory>
#include <string_view>

#include "auth/key.h"
#include "base/clock.h"
#include "io/loop.h"
#include "io/task.h"

namespace yata::auth {

class KeySource {
 public:
  struct Now {
    KeyState state = KeyState::Known;
    std::shared_ptr<const KeySet> keys;  // empty: NoneUsable; null: NotYet, TooOld
  };

  virtual ~KeySource() = default;

  // The keys as they are now. From any loop; takes no lock that is held for longer than a copy of
  // a pointer.
  virtual Now now(SteadyTime time) const = 0;

  // Asks for newer keys because `kid` is not among those of `seen`, or nothing is. Returns when
  // keys newer than `seen` are there, or when it is known that there will be none for now (static
  // keys; asked too recently; the provider fails). Many callers on many loops cause one fetch. The
  // caller looks again by now().
  virtual io::Task<void> look_for(io::Loop& loop, std::string_view kid,
                                  std::uint64_t seen_generation) = 0;
};

}  // namespace yata::auth
