// Parsing and writing heads, and taking chunks apart. `allocs`: per iteration, once warm.
#include <benchmark/benchmark.h>

#include <string>

#include "base/allocations.h"
#include "http/h1/chunked.h"
#include "http/h1/parser.h"
#include "http/h1/writer.h"

namespace yata::http::h1 {
namespace {

// Counts from its making to report().
class Allocations {
 public:
  void report(benchmark::State& state) const {
    state.counters["allocs"] =
        static_cast<double>(allocations - before_) / static_cast<double>(state.iterations());
  }

 private:
  std::uint64_t before_ = allocations;
};

// What a browser sends for a picture: 19 fields, 860 bytes.
const std::string kRequest =
    "GET "
    "/assets/images/2026/11/"
    "autumn-catalogue-cover-1920x1080.webp?versionId=3sL4kqtJlcpXroDTDmJ.rmSpX "
    "HTTP/1.1\r\n"
    "Host: assets.example.com\r\n"
    "Connection: keep-alive\r\n"
    "sec-ch-ua: \"Chromium\";v=\"142\", \"Not_A Brand\";v=\"99\"\r\n"
    "sec-ch-ua-mobile: ?0\r\n"
    "sec-ch-ua-platform: \"Linux\"\r\n"
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/142.0.0.0 Safari/537.36\r\n"
    "Accept: image/avif,image/webp,image/apng,image/*,*/*;q=0.8\r\n"
    "Sec-Fetch-Site: same-site\r\n"
    "Sec-Fetch-Mode: no-cors\r\n"
    "Sec-Fetch-Dest: image\r\n"
    "Referer: https://www.example.com/catalogue/autumn\r\n"
    "Accept-Encoding: gzip, deflate, br, zstd\r\n"
    "Accept-Language: en-GB,en;q=0.9,de;q=0.8\r\n"
    "If-None-Match: \"9b2cf535f27731c974343645a3985328\"\r\n"
    "If-Modified-Since: Wed, 04 Nov 2026 09:12:31 GMT\r\n"
    "Cache-Control: max-age=0\r\n"
    "X-Forwarded-For: 203.0.113.77\r\n"
    "X-Request-Id: 0199f5c2a1b77c3e\r\n"
    "Priority: u=1, i\r\n\r\n";

// What S3 answers.
const std::string kResponse =
    "HTTP/1.1 200 OK\r\n"
    "x-amz-id-2: eftixk72aD6Ap51TnqcoF8eFidJG9Z/2mkiDFu8yU9AS1ed4OpIszj7UDNEHGran\r\n"
    "x-amz-request-id: 318BC8BC148832E5\r\n"
    "Date: Mon, 23 Nov 2026 17:50:30 GMT\r\n"
    "Last-Modified: Wed, 04 Nov 2026 09:12:31 GMT\r\n"
    "ETag: \"9b2cf535f27731c974343645a3985328\"\r\n"
    "x-amz-server-side-encryption: AES256\r\n"
    "Cache-Control: public, max-age=86400\r\n"
    "x-amz-version-id: 3sL4kqtJlcpXroDTDmJ.rmSpXd3dIbrHY\r\n"
    "Accept-Ranges: bytes\r\n"
    "Content-Type: image/webp\r\n"
    "Content-Length: 434234\r\n"
    "Server: AmazonS3\r\n\r\n";

void parse_request(benchmark::State& state) {
  RequestParser parser({});
  RequestHead head;
  parser.parse(kRequest, head);
  const Allocations counted;
  for (auto _ : state) {
    benchmark::DoNotOptimize(parser.parse(kRequest, head));
    benchmark::DoNotOptimize(head);
  }
  counted.report(state);
  state.counters["bytes"] = static_cast<double>(kRequest.size());
  state.counters["fields"] = static_cast<double>(head.fields.size());
}
BENCHMARK(parse_request);

// As curl sends it.
void parse_small_request(benchmark::State& state) {
  const std::string request =
      "GET /assets/a.txt HTTP/1.1\r\nHost: localhost:8080\r\nUser-Agent: curl/8.5.0\r\n"
      "Accept: */*\r\n\r\n";
  RequestParser parser({});
  RequestHead head;
  parser.parse(request, head);
  const Allocations counted;
  for (auto _ : state) {
    benchmark::DoNotOptimize(parser.parse(request, head));
    benchmark::DoNotOptimize(head);
  }
  counted.report(state);
}
BENCHMARK(parse_small_request);

// In packets of so many bytes.
void parse_request_in_pieces(benchmark::State& state) {
  const auto piece = static_cast<std::size_t>(state.range(0));
  RequestParser parser({});
  RequestHead head;
  for (auto _ : state) {
    ParseResult result;
    for (std::size_t size = piece; result.state == ParseState::NeedMore; size += piece) {
      result = parser.parse(std::string_view(kRequest).substr(0, size), head);
    }
    benchmark::DoNotOptimize(head);
  }
}
BENCHMARK(parse_request_in_pieces)->Arg(1)->Arg(16)->Arg(256);

void parse_response(benchmark::State& state) {
  ResponseParser parser({});
  ResponseHead head;
  parser.parse(kResponse, Method::Get, head);
  const Allocations counted;
  for (auto _ : state) {
    benchmark::DoNotOptimize(parser.parse(kResponse, Method::Get, head));
    benchmark::DoNotOptimize(head);
  }
  counted.report(state);
  state.counters["bytes"] = static_cast<double>(kResponse.size());
}
BENCHMARK(parse_response);

Reply make_reply() {
  Reply reply;
  reply.content_length = 434234;
  reply.add(FieldName::LastModified, "Wed, 04 Nov 2026 09:12:31 GMT")
      .add(FieldName::ETag, "\"9b2cf535f27731c974343645a3985328\"")
      .add(FieldName::CacheControl, "public, max-age=86400")
      .add(FieldName::AcceptRanges, "bytes")
      .add(FieldName::ContentType, "image/webp")
      .add(FieldName::XRequestId, "0199f5c2-a1b7-7c3e-8d21-5f0c4b7e9a10")
      .add("Cache-Status", "yatagarasu; fwd=bypass")
      .add("X-Cache", "MISS")
      .add(FieldName::Server, "yatagarasu")
      .add(FieldName::Via, "1.1 yatagarasu");
  return reply;
}

constexpr ReplyFraming kFraming{Method::Get, Persistence::KeepAlive,
                                "Mon, 23 Nov 2026 17:50:30 GMT"};

// The response head, from fields to bytes.
void write_reply(benchmark::State& state) {
  const Reply reply = make_reply();
  std::string out;
  write_reply_head(reply, kFraming, out);
  const auto bytes = static_cast<double>(out.size());
  const Allocations counted;
  for (auto _ : state) {
    out.clear();
    write_reply_head(reply, kFraming, out);
    benchmark::DoNotOptimize(out.data());
  }
  counted.report(state);
  state.counters["bytes"] = bytes;
}
BENCHMARK(write_reply);

// The same with the making of the Reply.
void make_and_write_reply(benchmark::State& state) {
  std::string out;
  write_reply_head(make_reply(), kFraming, out);
  const Allocations counted;
  for (auto _ : state) {
    out.clear();
    const Reply reply = make_reply();
    write_reply_head(reply, kFraming, out);
    benchmark::DoNotOptimize(out.data());
  }
  counted.report(state);
}
BENCHMARK(make_and_write_reply);

void write_request(benchmark::State& state) {
  const Field fields[] = {
      field(FieldName::Host, "my-public-assets.s3.eu-central-1.amazonaws.com"),
      field(FieldName::IfNoneMatch, "\"9b2cf535f27731c974343645a3985328\""),
      field(FieldName::Authorization,
            "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20261123/eu-central-1/s3/"
            "aws4_request, SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature="
            "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"),
      {FieldName::Other, "x-amz-content-sha256", "UNSIGNED-PAYLOAD"},
      {FieldName::Other, "x-amz-date", "20261123T175030Z"}};
  const ClientRequest request{Method::Get, "/images/2026/11/autumn.webp", fields};
  std::string out;
  write_request_head(request, out);
  const Allocations counted;
  for (auto _ : state) {
    out.clear();
    write_request_head(request, out);
    benchmark::DoNotOptimize(out.data());
  }
  counted.report(state);
}
BENCHMARK(write_request);

// 1 MiB in chunks of so many bytes, given in pieces of 256 KiB.
void decode_chunks(benchmark::State& state) {
  constexpr std::size_t kBody = 1024 * 1024;
  constexpr std::size_t kPiece = 256 * 1024;
  const auto chunk = static_cast<std::size_t>(state.range(0));
  std::string coded;
  for (std::size_t at = 0; at < kBody; at += chunk) {
    char head[18];
    coded.append(head, write_chunk_head(chunk, head));
    coded.append(chunk, 'x').append(kChunkEnd);
  }
  coded += kLastChunk;
  const Allocations counted;
  for (auto _ : state) {
    ChunkedDecoder decoder;
    std::size_t body = 0;
    std::size_t at = 0;
    while (at < coded.size()) {
      const auto step = decoder.step(std::string_view(coded).substr(at, kPiece));
      at += step.consumed;
      body += step.data.size();
    }
    benchmark::DoNotOptimize(body);
  }
  counted.report(state);
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * kBody));
}
BENCHMARK(decode_chunks)->Arg(16)->Arg(1024)->Arg(64 * 1024);

}  // namespace
}  // namespace yata::http::h1
