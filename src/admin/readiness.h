// Readiness: can this process be sent requests? It asks each bucket's origin, at most once in a
// while, and whoever asks meanwhile waits for that round; and it looks whether there are keys to
// verify tokens with. Loop-bound.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "auth/key_source.h"
#include "base/clock.h"
#include "io/loop.h"
#include "io/scope.h"
#include "io/wait_list.h"
#include "origin/origin.h"

namespace yata::admin {

struct NamedOrigin {
  std::string bucket;
  origin::Origin* origin;     // outlives the readiness
  std::string verifier = {};  // of its tokens; empty: everyone may read
};

struct NamedKeys {
  std::string verifier;
  const auth::KeySource* keys;  // outlives the readiness
};

struct BucketReady {
  std::string bucket;
  bool ready = false;
};

enum class KeysReady : std::uint8_t { Ready, NotYet, TooOld, None };
std::string_view to_string(KeysReady state);  // "waiting for keys"

struct VerifierReady {
  std::string verifier;
  KeysReady state = KeysReady::NotYet;
};

struct ReadyReport {
  bool draining = false;
  std::vector<BucketReady> buckets;  // its origin can be used, and there are keys for its tokens
  std::vector<VerifierReady> verifiers;

  // Some bucket can be used, and we are not on our way out.
  bool ready() const;
};

class Readiness {
 public:
  Readiness(io::Loop& loop, std::vector<NamedOrigin> origins, const std::atomic<bool>& draining,
            std::vector<NamedKeys> keys = {});

  io::Task<Result<ReadyReport>> report();

  static constexpr Duration kFresh = std::chrono::seconds(5);    // a round's result holds this long
  static constexpr Duration kTimeout = std::chrono::seconds(2);  // for each origin
  static constexpr std::size_t kAtOnce = 16;                     // origins asked side by side

 private:
  io::Task<void> ask_all();
  io::Task<void> ask_next();
  ReadyReport put_together() const;

  io::Loop* loop_;
  std::vector<NamedOrigin> origins_;
  std::vector<NamedKeys> keys_;
  const std::atomic<bool>* draining_;  // outlives this
  std::vector<BucketReady> last_;
  SteadyTime fresh_until_{};
  bool asking_ = false;
  std::size_t next_ = 0;
  io::WaitList answered_;
};

}  // namespace yata::admin
