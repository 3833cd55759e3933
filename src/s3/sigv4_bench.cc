// What a signature costs. Counters: `allocations` per signature, and `reference_ns`, the
// figure of the implementation we compare with, where there is one.
#include <benchmark/benchmark.h>

#include "base/allocations.h"
#include "s3/sigv4.h"

namespace yata::s3 {
namespace {

using benchmark::Counter;
using benchmark::DoNotOptimize;

const Credentials kCredentials{
    AccessKeyId("AKIAIOSFODNN7EXAMPLE"), SecretKey("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"), {}};
const Scope kScope{Region("us-east-1"), Service("s3")};
const SigningIdentity kIdentity{kCredentials, kScope};
const WallTime kNow{std::chrono::seconds(1'440'938'160)};

constexpr NameValue kFields[] = {
    {"host", "examplebucket.s3.amazonaws.com"},
    {"range", "bytes=0-1048575"},
    {"if-none-match", "\"d41d8cd98f00b204e9800998ecf8427e\""},
    {"if-modified-since", "Fri, 24 May 2013 00:00:00 GMT"},
    {"accept", "*/*"},
    {"x-amz-meta-one", "first value"},
    {"x-amz-meta-two", "second  value"},
    {"x-amz-checksum-mode", "ENABLED"},
    {"x-amz-request-payer", "requester"},
    {"x-amz-expected-bucket-owner", "111122223333"},
    {"content-type", "application/octet-stream"},
    {"cache-control", "no-cache"},
    {"user-agent", "yatagarasu"},
    {"accept-encoding", "identity"},
    {"x-forwarded-proto", "https"},
};
constexpr NameValue kQuery[] = {{"versionId", "3HL4kqtJvjVBH40Nrjfkd"}, {"partNumber", "2"}};

std::span<const NameValue> fields(std::size_t count) {
  return std::span(kFields).first(count);
}

SigningRequest request(std::size_t field_count) {
  return {.method = "GET",
          .path = "/photos/2024/06/holiday%20at%20the%20sea/IMG_0042.jpeg",
          .query = kQuery,
          .fields = fields(field_count)};
}

// Runs `work` in the loop and prints allocations per call, once `warm` calls are done.
template <typename Work>
void measure(benchmark::State& state, double reference_ns, int warm, Work work) {
  for (int i = 0; i < warm; ++i) work();
  const std::uint64_t before = allocations;
  for (auto _ : state) work();
  state.counters["allocations"] =
      Counter(static_cast<double>(allocations - before), Counter::kAvgIterations);
  if (reference_ns > 0) state.counters["reference_ns"] = reference_ns;
}

void full_signature_cached_key(benchmark::State& state) {
  Signer signer;
  SignedHead out;
  const SigningRequest signing = request(2);
  measure(state, 0, 1, [&] {
    signer.sign_headers(signing, kIdentity, kNow, out);
    DoNotOptimize(out.authorization.data());
  });
}
BENCHMARK(full_signature_cached_key);

// Two secrets of one key id take turns in one slot of the cache, so every call derives.
void full_signature_new_key(benchmark::State& state) {
  Signer signer;
  SignedHead out;
  const SigningRequest signing = request(2);
  Credentials one = kCredentials;
  Credentials two = kCredentials;
  two.secret_key = SecretKey("another secret, of the same key id, 1234");
  bool turn = false;
  const std::uint64_t derived = signer.keys().derivations();
  measure(state, 5910, 2, [&] {
    turn = !turn;
    signer.sign_headers(signing, {turn ? one : two, kScope}, kNow, out);
    DoNotOptimize(out.authorization.data());
  });
  state.counters["derivations"] = Counter(
      static_cast<double>(signer.keys().derivations() - derived - 2), Counter::kAvgIterations);
}
BENCHMARK(full_signature_new_key);

void presigned_url_cached_key(benchmark::State& state) {
  Signer signer;
  std::string query;
  SigningRequest signing = request(1);
  signing.payload_hash = kUnsignedPayload;
  measure(state, 0, 1, [&] {
    signer.presign(signing, kIdentity, kNow, std::chrono::seconds(3600), query);
    DoNotOptimize(query.data());
  });
}
BENCHMARK(presigned_url_cached_key);

void key_derivation(benchmark::State& state) {
  measure(state, 1920, 1, [] { DoNotOptimize(derive_signing_key(kIdentity, "20150830")); });
}
BENCHMARK(key_derivation);

void canonical_request(benchmark::State& state) {
  CanonicalRequest canonical;
  const SigningRequest signing = request(2);
  const AmzDate date = format_amz_date(kNow);
  const NameValue added[] = {{"x-amz-date", view(date)},
                             {"x-amz-content-sha256", kEmptyBodySha256}};
  measure(state, 970, 1, [&] {
    canonical.set_fields(signing.fields, added);
    canonical.write(signing, {}, PathRule::AsIs);
    DoNotOptimize(canonical.view().data());
  });
}
BENCHMARK(canonical_request);

void string_to_sign(benchmark::State& state) {
  Signer signer;
  SignedHead out;
  signer.sign_headers(request(2), kIdentity, kNow, out);
  measure(state, 0, 1, [&] {
    signer.write_string_to_sign(out.amz_date, kScope);
    DoNotOptimize(signer.string_to_sign().data());
  });
}
BENCHMARK(string_to_sign);

void hmac_sha256(benchmark::State& state) {
  const HmacKey key = derive_signing_key(kIdentity, "20150830");
  const std::string text(132, 's');
  measure(state, 0, 1, [&] { DoNotOptimize(key.sign(text)); });
}
BENCHMARK(hmac_sha256);

void date_formatting(benchmark::State& state) {
  WallTime now = kNow;
  measure(state, 0, 1, [&] {
    now += std::chrono::seconds(1);
    DoNotOptimize(format_amz_date(now));
  });
}
BENCHMARK(date_formatting);

void header_canonicalisation(benchmark::State& state) {
  CanonicalRequest canonical;
  const auto some = fields(static_cast<std::size_t>(state.range(0)));
  measure(state, state.range(0) == 15 ? 4940 : 0, 1, [&] {
    canonical.set_fields(some, {});
    DoNotOptimize(canonical.signed_names().data());
  });
}
BENCHMARK(header_canonicalisation)->Arg(5)->Arg(15);

}  // namespace
}  // namespace yata::s3
