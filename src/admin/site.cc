#include "admin/site.h"

#include "base/check.h"
#include "base/text.h"

namespace yata::admin {
namespace {

using http::FieldName;

constexpr std::string_view kMetricsType = "text/plain; version=0.0.4; charset=utf-8";

// What only some answers have.
struct Extras {
  std::string_view allow;
  std::string_view challenge;
  bool retry_later = false;
};

io::Task<void> send(http::Exchange& exchange, const Page& page, Extras extras) {
  http::Reply reply;
  reply.status = page.status;
  reply.content_length = page.body.size();
  reply.add(FieldName::Server, "yatagarasu");
  reply.add(FieldName::ContentType, page.type);
  reply.add(FieldName::CacheControl, "no-store");
  if (!extras.allow.empty()) reply.add("Allow", extras.allow);
  if (!extras.challenge.empty()) reply.add(FieldName::WwwAuthenticate, extras.challenge);
  if (extras.retry_later) reply.add(FieldName::RetryAfter, "1");
  const io::ByteView body = io::as_bytes(page.body);
  // A client that left before its answer is no event here.
  [[maybe_unused]] const auto sent = co_await exchange.respond(reply, body);
}

// Why a request is not answered by any page. Status 0: it is.
Page refusal(const http::RequestHead& request, const Router::Found& found) {
  if (found.route == nullptr && found.allow.empty()) {
    return error_page(404, "NotFound", "There is no such page.");
  }
  if (found.route == nullptr) {
    return error_page(405, "MethodNotAllowed", "The page is not for this method.");
  }
  // A page of another site, open in the browser of someone who may come here, must not act here.
  // Browsers name the site in every request that could.
  const bool acts = found.route->method != "GET";
  if (acts && http::find(request.fields, FieldName::Origin) != nullptr) {
    return error_page(403, "CrossOrigin", "Pages of other sites may not act here.");
  }
  return {.status = 0};
}

// The whole body; Limit when it is larger than a page takes.
io::Task<Result<std::string>> read_body(http::Exchange& exchange) {
  std::string whole;
  while (true) {
    auto piece = co_await exchange.request_body().next();
    if (!piece) co_return piece.error();
    const auto* bytes = std::get_if<io::ByteView>(&*piece);
    if (bytes == nullptr) co_return whole;
    if (whole.size() + bytes->size() > Site::kBodyBytesMax) {
      co_return Error{ErrorKind::Limit, ErrorSource::Client, Retry::Never, "body over 1 MiB"};
    }
    whole += io::as_text(*bytes);
  }
}

std::string_view status_of(const ReadyReport& report) {
  if (report.draining) return "draining";
  return report.ready() ? "ready" : "unavailable";
}

void append_details(const ReadyReport& report, std::string& body) {
  body += R"(,"buckets":{)";
  for (const BucketReady& bucket : report.buckets) {
    if (!body.ends_with('{')) body += ',';
    append_json_string(bucket.bucket, body);
    body += ':';
    append_json_string(bucket.ready ? "ready" : "unavailable", body);
  }
  body += '}';
  if (!report.verifiers.empty()) body += R"(,"verifiers":{)";
  for (const VerifierReady& one : report.verifiers) {
    if (!body.ends_with('{')) body += ',';
    append_json_string(one.verifier, body);
    body += ':';
    append_json_string(to_string(one.state), body);
  }
  if (!report.verifiers.empty()) body += '}';
}

}  // namespace

Site::Site(Readiness& readiness, const telemetry::Registry& registry, Guard guard)
    : readiness_(&readiness), registry_(&registry), guard_(guard) {
  CHECK(guard.gate == nullptr || guard.logger != nullptr);
  router_.add({.method = "GET",
               .path = "/health",
               .answer = [this](const Call&) { return health(); },
               .openness = Openness::Open});
  router_.add({.method = "GET",
               .path = "/ready",
               .answer = [this](const Call& call) { return ready(call.trusted); },
               .openness = Openness::Partly});
  router_.add(
      {.method = "GET", .path = "/metrics", .answer = [this](const Call&) { return metrics(); }});
}

// Who, and may they: before anything is said of the pages there are.
io::Task<auth::Decision> Site::ask(http::Exchange& exchange, Openness openness) {
  if (guard_.gate == nullptr || openness == Openness::Open) {
    co_return auth::Decision{auth::Reason::PublicBucket, ""};
  }
  const auth::Verification who =
      co_await guard_.gate->authenticate(exchange.loop(), exchange.request());
  if (!who.decision.allowed()) co_return who.decision;
  co_return guard_.gate->authorize(*who.subject);
}

// The admin site has no access log: the program's own has the reason, which the client is not told.
io::Task<void> Site::refuse(http::Exchange& exchange, const auth::Decision& decision) {
  const auth::HttpAnswer& http = auth::http_answer_of(decision.reason);
  guard_.logger->info("admin request refused", {{"decision", auth::to_string(decision.reason)},
                                                {"decision_detail", decision.detail},
                                                {"status", std::int64_t{http.status}},
                                                {"client_ip", exchange.client().ip()}});
  const Page page = error_page(http.status, http.code, http.message);
  const bool retry_later = decision.verdict() == auth::Verdict::Unavailable;
  co_await send(exchange, page,
                {.challenge = guard_.gate->challenge(decision.reason), .retry_later = retry_later});
}

io::Task<void> Site::handle(http::Exchange& exchange) {
  const http::RequestHead& request = exchange.request();
  const Router::Found found = router_.find(request.method_text, request.path);
  const Openness openness = found.route != nullptr ? found.route->openness : Openness::Closed;
  const auth::Decision decision = co_await ask(exchange, openness);
  if (!decision.allowed() && openness == Openness::Closed) {
    co_await refuse(exchange, decision);
    co_return;
  }
  Page page = refusal(request, found);
  const bool trusted =
      guard_.gate != nullptr ? decision.reason == auth::Reason::ValidToken : guard_.trusts_all;
  if (page.status == 0) page = co_await answer(exchange, found, trusted);
  if (page.status != 0) co_await send(exchange, page, {.allow = found.allow});
}

// Status 0: nobody is there to read an answer.
io::Task<Page> Site::answer(http::Exchange& exchange, const Router::Found& found, bool trusted) {
  Call call{.tail = found.tail, .query = exchange.request().query, .body = {}, .trusted = trusted};
  std::string body;
  if (found.route->method != "GET") {
    auto read = co_await read_body(exchange);
    if (!read && read.error().kind == ErrorKind::Limit) {
      co_return error_page(413, "BodyTooLarge", "The body is larger than 1 MiB.");
    }
    if (!read) co_return Page{.status = 0};
    body = std::move(*read);
    call.body = body;
  }
  Page page = co_await found.route->answer(call);
  co_return page;
}

io::Task<Page> Site::health() {
  co_return Page{.body = "{\"status\":\"ok\"}\n"};
}

io::Task<Page> Site::ready(bool trusted) {
  auto report = co_await readiness_->report();
  if (!report) co_return Page{.status = 0};
  std::string body = R"({"status":)";
  append_json_string(status_of(*report), body);
  if (trusted) append_details(*report, body);
  body += "}\n";
  const bool is_ready = report->ready();
  co_return Page{.status = static_cast<std::uint16_t>(is_ready ? 200 : 503),
                 .body = std::move(body)};
}

io::Task<Page> Site::metrics() {
  co_return Page{.type = kMetricsType, .body = registry_->text()};
}

http::Handler::RejectionReply Site::reject(const Rejection& rejection) {
  RejectionReply reply;
  reply.head.status = rejection.status;
  reply.head.close = true;
  reply.head.add(FieldName::ContentType, kJsonType);
  reply.body = error_page(rejection.status, rejection.reason, "The request was refused.").body;
  return reply;
}

}  // namespace yata::admin
