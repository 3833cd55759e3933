// JwksSource: the keys an identity provider publishes (jwt.*.jwks), fetched in the background on
// one loop and read by all. They are fetched at start, again before they grow old, and once when a
// token names a key that is not among them. While the provider fails, known keys go on up to
// `max_age`; what it takes back is gone with the next fetch, and if nothing is left that could be
// used, it is asked again and again. Made by app/wiring.cc, which runs run() in a scope of the
// owner's loop; outlives the loops' running.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth/jwk_set.h"
#include "auth/key_source.h"
#include "auth/keys/fetch.h"
#include "auth/options.h"
#include "base/guarded.h"
#include "io/wait_list.h"
#include "telemetry/logger.h"
#include "telemetry/metrics.h"

namespace yata::auth {

class JwksSource final : public KeySource {
 public:
  struct Parts {
    const VerifierOptions* options = nullptr;  // with jwks; all outlive the source
    io::Loop* loop = nullptr;                  // the owner
    std::uint32_t loops = 1;                   // how many there are: index() is below
    const Clock* clock = nullptr;
    telemetry::Registry* registry = nullptr;
    telemetry::Logger* logger = nullptr;
  };

  // Whether keys could be fetched as `options` say. Invalid, with the verifier's name: an address
  // that cannot be used, a ca_file that holds no certificate, no address and not exactly one issuer
  // to find it by, keys or a secret beside it, an HMAC algorithm (its keys are not published).
  static Result<void> check(const VerifierOptions& options);

  // Whether keys, or the word where they are, come from another machine over plain http: whoever is
  // on the way could put in their own. Precondition: check() found nothing.
  static bool comes_unprotected(const VerifierOptions& options);

  // Invalid as above.
  static Result<std::shared_ptr<JwksSource>> make(const Parts& parts);

  // Fetches until cancelled. Once, on the owner's loop.
  io::Task<void> run();

  Now now(SteadyTime time) const override;
  // Tokens that name unknown keys cause one fetch in `min_refresh`, however many they are; asked
  // again before that, it returns at once and bothers nobody.
  io::Task<void> look_for(io::Loop& loop, std::string_view kid,
                          std::uint64_t seen_generation) override;

  // A fetch is due when this part of the time the provider gave has passed (and up to a tenth
  // earlier, so that many proxies do not come at once).
  static constexpr int kDuePercent = 90;

 private:
  enum class Why : std::uint8_t { Due, Asked };
  enum class Fetched : std::uint8_t { Failed, Same, Changed };

  struct Current {
    std::shared_ptr<const KeySet> keys;
    SteadyTime fetched_at{};
  };

  // Those of one loop who wait for a fetch. Touched on that loop only.
  struct Askers {
    std::optional<io::WaitList> list;
    bool told = false;  // the owner knows
  };

  JwksSource(const Parts& parts, std::shared_ptr<io::TlsClientContext> tls);
  void register_metrics();

  // On the owner's loop.
  io::Task<Fetched> refresh();
  io::Task<Result<Document>> fetch_keys();
  Result<Fetched> take(Document document);
  void announce(const KeySet& set, const std::vector<std::string>& skipped);
  void complain(const Error& error);
  Duration wait_after(Fetched fetched);
  void asked_by(io::Loop& loop);
  void release_askers();

  bool may_ask(SteadyTime time) const {
    return time.time_since_epoch().count() >= ask_from_.load();
  }

  const VerifierOptions* options_;
  AlgorithmSet wanted_;
  io::Loop* loop_;
  const Clock* clock_;
  telemetry::Registry* registry_;
  telemetry::Logger* logger_;
  telemetry::Counter* fetched_;
  telemetry::Counter* failed_;
  std::shared_ptr<io::TlsClientContext> tls_;  // null: plain http only
  const SteadyTime made_at_;

  // Read by all loops.
  mutable Guarded<Current> current_;
  std::atomic<std::uint64_t> generation_{0};  // of the current keys; 0: none yet
  std::atomic<bool> fetching_{false};         // whoever asks now is answered by this fetch
  std::atomic<SteadyTime::rep> ask_from_;     // no fetch is caused by a token before this
  std::vector<Askers> askers_;                // by loop

  // The owner's own.
  std::optional<WebAddress> keys_at_;  // known, or found by the issuer
  std::string last_text_;              // of the set in use
  std::optional<Duration> max_age_;    // that the provider gave with it
  std::string last_complaint_;
  io::WaitList asked_;
  std::vector<io::Loop*> waiting_;  // loops with askers
  Why why_ = Why::Due;
  bool again_ = false;  // asked while a fetch of another cause ran
  bool ended_ = false;
};

}  // namespace yata::auth
