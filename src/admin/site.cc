#include "admin/site.h"

#include "base/text.h"

namespace yata::admin {
namespace {

using http::FieldName;

constexpr std::string_view kJson = "application/json";
constexpr std::string_view kMetricsType = "text/plain; version=0.0.4; charset=utf-8";

struct Page {
  std::uint16_t status = 200;
  std::string_view type = kJson;
  std::string body;
};

io::Task<void> send(http::Exchange& exchange, Page page, std::string_view allow) {
  http::Reply reply;
  reply.status = page.status;
  reply.content_length = page.body.size();
  reply.add(FieldName::Server, "yatagarasu");
  reply.add(FieldName::ContentType, page.type);
  reply.add(FieldName::CacheControl, "no-store");
  if (!allow.empty()) reply.add("Allow", allow);
  const io::ByteView body = io::as_bytes(page.body);
  // A client that left before its answer is no event here.
  [[maybe_unused]] const auto sent = co_await exchange.respond(reply, body);
}

std::string error_body(std::string_view code, std::string_view message) {
  std::string body = R"({"error":{"code":)";
  append_json_string(code, body);
  body += R"(,"message":)";
  append_json_string(message, body);
  body += "}}\n";
  return body;
}

std::string ready_body(const ReadyReport& report) {
  std::string body = R"({"status":)";
  const std::string_view status =
      report.draining ? "draining" : (report.ready() ? "ready" : "unavailable");
  append_json_string(status, body);
  body += R"(,"buckets":{)";
  for (const BucketReady& bucket : report.buckets) {
    if (!body.ends_with('{')) body += ',';
    append_json_string(bucket.bucket, body);
    body += ':';
    append_json_string(bucket.ready ? "ready" : "unavailable", body);
  }
  body += "}}\n";
  return body;
}

}  // namespace

io::Task<void> Site::handle(http::Exchange& exchange) {
  const http::RequestHead& request = exchange.request();
  if (request.method != http::Method::Get && request.method != http::Method::Head) {
    Page page{405, kJson, error_body("MethodNotAllowed", "Only GET and HEAD are allowed here.")};
    co_await send(exchange, std::move(page), "GET, HEAD");
  } else if (request.path == "/health") {
    co_await health(exchange);
  } else if (request.path == "/ready") {
    co_await ready(exchange);
  } else if (request.path == "/metrics") {
    co_await metrics(exchange);
  } else {
    Page page{404, kJson, error_body("NotFound", "There are /health, /ready and /metrics.")};
    co_await send(exchange, std::move(page), "");
  }
}

io::Task<void> Site::health(http::Exchange& exchange) {
  Page page{200, kJson, "{\"status\":\"ok\"}\n"};
  co_await send(exchange, std::move(page), "");
}

io::Task<void> Site::ready(http::Exchange& exchange) {
  auto report = co_await readiness_->report();
  if (!report) co_return;
  const bool is_ready = report->ready();
  Page page{static_cast<std::uint16_t>(is_ready ? 200 : 503), kJson, ready_body(*report)};
  co_await send(exchange, std::move(page), "");
}

io::Task<void> Site::metrics(http::Exchange& exchange) {
  Page page{200, kMetricsType, registry_->text()};
  co_await send(exchange, std::move(page), "");
}

http::Handler::RejectionReply Site::reject(const Rejection& rejection) {
  RejectionReply reply;
  reply.head.status = rejection.status;
  reply.head.close = true;
  reply.head.add(FieldName::ContentType, kJson);
  reply.body = error_body(rejection.reason, "The request was refused.");
  return reply;
}

}  // namespace yata::admin
