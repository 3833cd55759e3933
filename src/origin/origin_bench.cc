// What the S3 origin adds to a request. Counter `allocations`: for each iteration, once warm.
#include <benchmark/benchmark.h>

#include <array>
#include <memory>

#include "base/allocations.h"
#include "base/clock.h"
#include "io/real_loop.h"
#include "origin/make.h"
#include "origin/s3/answer.h"
#include "origin/s3/place.h"
#include "origin/s3/request.h"

namespace yata::origin {
namespace {

using benchmark::DoNotOptimize;

constexpr WallTime kNow{std::chrono::seconds{1'700'000'000}};

const s3::Credentials kKeys{s3::AccessKeyId("AKIAIOSFODNN7EXAMPLE"),
                            s3::SecretKey("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
                            s3::SessionToken()};

S3Options options_of(const std::string& endpoint) {
  S3Options options;
  options.bucket = "my-public-assets";
  options.endpoint = endpoint;
  return options;
}

void count(benchmark::State& state, std::uint64_t before) {
  state.counters["allocations"] =
      static_cast<double>(allocations - before) / static_cast<double>(state.iterations());
}

void write_requests(benchmark::State& state, const ObjectRequest& request,
                    const s3::Credentials* keys) {
  const S3Options options = options_of("http://127.0.0.1:9000");
  RequestWriter writer(options, *place_of(options));
  S3Request out;
  for (int i = 0; i < 3; ++i) {
    if (!writer.write(request, keys, kNow, out)) state.SkipWithError("nothing written");
  }
  const std::uint64_t before = allocations;
  for (auto _ : state) DoNotOptimize(writer.write(request, keys, kNow, out));
  count(state, before);
}

constexpr std::string_view kKey = "images/2024/05/product-1234567890 large.jpg";

void write_unsigned(benchmark::State& state) {
  write_requests(state, {.key = kKey}, nullptr);
}
BENCHMARK(write_unsigned);

void write_signed(benchmark::State& state) {
  write_requests(state, {.key = kKey}, &kKeys);
}
BENCHMARK(write_signed);

void write_signed_with_everything(benchmark::State& state) {
  const QueryParameter query[] = {{"versionId", "3sL4kqtJlcpXroDTDmJ+rmSpXd3dIbrHY"}};
  write_requests(state,
                 {.key = kKey,
                  .range = "bytes=0-1048575",
                  .if_none_match = "\"d41d8cd98f00b204e9800998ecf8427e\"",
                  .if_modified_since = "Fri, 24 May 2013 00:00:00 GMT",
                  .query = query},
                 &kKeys);
}
BENCHMARK(write_signed_with_everything);

void judge_answer(benchmark::State& state) {
  const auto text = [](std::string_view name, std::string_view value) {
    return http::Field{http::field_name(name), name, value};
  };
  const http::Field fields[] = {
      text("x-amz-id-2", "Uuag1LuByRx9e6j5Onimru9pO4ZVKnJ2Qz7/C1NPcfTWAt"),
      text("x-amz-request-id", "656c76696e6727732072657175657374"),
      text("Date", "Tue, 14 Nov 2023 22:13:20 GMT"),
      text("Last-Modified", "Tue, 14 Nov 2023 00:00:00 GMT"),
      text("ETag", "\"fba9dede5f27731c9771645a39863328\""),
      text("Accept-Ranges", "bytes"),
      text("Content-Type", "image/jpeg"),
      text("x-amz-meta-owner", "somebody"),
      text("Server", "AmazonS3"),
      text("Content-Range", "bytes 0-1048575/10485760"),
      text("Content-Length", "1048576")};
  http::ResponseHead head;
  head.status = 206;
  head.fields = fields;
  head.body = {http::BodyLength::Kind::Sized, 1048576};
  const Asked asked = asked_of({.key = "k", .range = "bytes=0-1048575"});
  const std::uint64_t before = allocations;
  for (auto _ : state) {
    Result<ObjectFacts> facts = read_facts(head, asked);
    http::FieldList allowed;
    copy_allowed_fields(head.fields, {}, allowed);
    DoNotOptimize(facts);
    DoNotOptimize(allowed.data());
  }
  count(state, before);
}
BENCHMARK(judge_answer);

// --- A whole fetch over loopback, the other side on the same loop ---

class BenchKeys final : public CredentialsSource {
 public:
  Result<std::shared_ptr<const s3::Credentials>> get() const override { return keys_; }

 private:
  std::shared_ptr<const s3::Credentials> keys_ = std::make_shared<s3::Credentials>(kKeys);
};

// One connection, and one request in each read.
io::Task<void> answer_all(io::Listener& listener, std::string_view answer) {
  Result<std::unique_ptr<io::Stream>> stream = co_await listener.accept();
  if (!stream) co_return;
  std::array<std::byte, 4096> buffer;
  const std::array<io::ByteView, 1> pieces = {io::as_bytes(answer)};
  while (true) {
    Result<std::size_t> got = co_await (*stream)->read_some(buffer, kNever);
    if (!got || *got == 0) co_return;
    Result<void> written = co_await (*stream)->write(pieces, std::chrono::seconds(10));
    if (!written) co_return;
  }
}

io::Task<bool> fetch_once(Origin& origin, OriginTrace& trace) {
  const ObjectRequest request{.key = kKey};
  Result<std::unique_ptr<ObjectResponse>> answer = co_await origin.fetch(request, trace);
  if (!answer) co_return false;
  while (true) {
    Result<http::BodyPiece> piece = co_await (*answer)->body().next();
    if (!piece) co_return false;
    if (std::holds_alternative<http::BodyEnd>(*piece)) co_return true;
  }
}

io::Task<void> fetch_many(io::Loop& loop, io::Scope& scope, benchmark::State& state) {
  const std::string answer =
      "HTTP/1.1 200 OK\r\nx-amz-request-id: 656c76696e6727732072657175657374\r\n"
      "Last-Modified: Tue, 14 Nov 2023 00:00:00 GMT\r\nETag: "
      "\"fba9dede5f27731c9771645a39863328\"\r\n"
      "Content-Type: image/jpeg\r\nContent-Length: 1024\r\n\r\n" +
      std::string(1024, 'x');
  const auto listener = std::move(*loop.listen({.address = *io::parse_address("127.0.0.1:0")}));
  scope.spawn(answer_all(*listener, answer));
  S3Parts parts{.options = options_of("http://" + listener->address().to_string()),
                .credentials = std::make_shared<BenchKeys>()};
  const auto origin = std::move(*make_s3_origin(loop, std::move(parts)));
  OriginTrace trace;
  bool all_well = true;
  for (int i = 0; i < 100; ++i) {
    const bool well = co_await fetch_once(*origin, trace);
    all_well = all_well && well;
  }
  const std::uint64_t before = allocations;
  for (auto _ : state) {
    const bool well = co_await fetch_once(*origin, trace);
    all_well = all_well && well;
  }
  count(state, before);
  if (!all_well) state.SkipWithError("a fetch failed");
  origin->close();
}

void fetch_over_loopback(benchmark::State& state) {
  const SystemClock clock;
  io::Loops loops({.threads = 1, .pool_threads = 1}, clock);
  loops.run([&](io::Loop& loop, io::Scope& scope) { return fetch_many(loop, scope, state); });
}
BENCHMARK(fetch_over_loopback)->MeasureProcessCPUTime();

}  // namespace
}  // namespace yata::origin
