// For tests only: an S3 origin on a simulated loop, asked while a scripted S3 answers.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "io/sim.h"
#include "origin/make.h"
#include "origin/testing/scripted_origin.h"
#include "origin/testing/told.h"

namespace yata::origin {

class TestKeys final : public CredentialsSource {
 public:
  Result<std::shared_ptr<const s3::Credentials>> get() const override { return keys_; }

 private:
  std::shared_ptr<const s3::Credentials> keys_ = std::make_shared<s3::Credentials>(
      s3::Credentials{s3::AccessKeyId("AKIDEXAMPLE"), s3::SecretKey("secret"), s3::SessionToken()});
};

// One trial: what S3 does, what is asked (each after the other), and what came of it.
struct Trial {
  Script script;
  std::vector<ObjectRequest> requests;
  S3Options options;
  Duration pause{};  // between two requests
  std::vector<std::string> told;
  std::vector<OriginTrace> traces;
  std::string probed;                 // asked when not empty before
  std::optional<std::string> listed;  // a prefix before, the keys after
  std::string endpoint;               // empty: the script's
  SteadyTime started{};
  SteadyTime ended{};
};

inline io::Task<void> ask_all(io::Loop& loop, Trial& trial) {
  const auto listener = std::move(*loop.listen({.address = *io::parse_address("127.0.0.1:0")}));
  io::Scope servers(loop);
  servers.spawn(serve_script(loop, *listener, servers, trial.script));
  trial.options.bucket = "docs";
  trial.options.endpoint = trial.endpoint.empty()
                               ? "http://127.0.0.1:" + std::to_string(listener->address().port)
                               : trial.endpoint;
  S3Parts parts{.options = trial.options, .credentials = std::make_shared<TestKeys>()};
  Result<std::unique_ptr<Origin>> origin = make_s3_origin(loop, std::move(parts));
  if (!origin) {
    trial.told.push_back(to_string(origin.error()));
  } else {
    trial.started = loop.now();
    for (const ObjectRequest& request : trial.requests) {
      if (!trial.traces.empty() && trial.pause > Duration{}) {
        Result<void> slept = co_await loop.sleep(trial.pause);
        EXPECT_TRUE(slept);
      }
      OriginTrace& trace = trial.traces.emplace_back();
      std::string text = co_await tell(**origin, request, trace);
      trial.told.push_back(std::move(text));
    }
    if (!trial.probed.empty()) {
      Result<void> probed = co_await (*origin)->probe();
      trial.probed = probed ? "usable" : to_string(probed.error());
    }
    if (trial.listed) trial.listed = co_await tell_keys(**origin, *trial.listed);
    trial.ended = loop.now();
    (*origin)->close();
  }
  listener->close();
  co_await servers.close(io::CancelReason::Requested);
}

inline void play(Trial& trial, std::uint64_t seed = 1) {
  const auto loop = io::make_sim_loop({.seed = seed});
  EXPECT_TRUE(loop->run([&](io::Loop& running, io::Scope&) { return ask_all(running, trial); },
                        std::chrono::minutes(30)))
      << "hung with seed " << seed;
}

// One GET (or what `request` says) of what S3 answers.
inline Trial ask(std::vector<Step> steps, const ObjectRequest& request = {.key = "k"},
                 std::uint64_t seed = 1) {
  Trial trial;
  trial.script.steps = std::move(steps);
  trial.requests = {request};
  play(trial, seed);
  return trial;
}

inline const std::string kOk =
    "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nETag: \"e\"\r\nx-amz-request-id: R1\r\n\r\nhello";

inline std::string failure(int status, std::string_view document, std::string_view fields = "") {
  return "HTTP/1.1 " + std::to_string(status) + " Failed\r\nx-amz-request-id: R2\r\n" +
         std::string(fields) + "Content-Length: " + std::to_string(document.size()) + "\r\n\r\n" +
         std::string(document);
}

inline std::string document(std::string_view code, std::string_view more = "") {
  return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>" + std::string(code) +
         "</Code><Message>m</Message>" + std::string(more) + "<RequestId>R3</RequestId></Error>";
}

}  // namespace yata::origin
