#include "auth/keys/fetch.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "http/client.h"

namespace yata::auth {
namespace {

using http::FieldName;

Error failed(ErrorKind kind, std::string why) {
  return {kind, ErrorSource::Policy, Retry::Never, std::move(why)};
}

bool is_redirect(std::uint16_t status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

// What an answer comes to: a document, or where to look instead.
struct Answer {
  Document document;
  std::optional<WebAddress> elsewhere;
};

http::ClientOptions client_options(const FetchOptions& options, const WebAddress& address,
                                   Duration left) {
  http::ClientOptions client;
  client.endpoint = {address.host, address.port};
  if (address.https) client.tls = options.tls;
  client.tls_host = address.host;
  client.max_connections = 1;
  client.connect = left;
  client.first_byte = left;
  client.stall = left;
  return client;
}

io::Task<Result<std::string>> read_body(http::Body& body) {
  std::string text;
  for (;;) {
    const Result<http::BodyPiece> piece = co_await body.next();
    if (!piece) co_return piece.error();
    const auto* bytes = std::get_if<io::ByteView>(&*piece);
    if (bytes == nullptr) co_return text;
    if (text.size() + bytes->size() > kMaxDocumentBytes) {
      co_return failed(ErrorKind::Limit, "answered with more than 1 MiB");
    }
    text += io::as_text(*bytes);
  }
}

Result<WebAddress> where_to(const WebAddress& from, const http::ResponseHead& head) {
  auto to = resolve_location(from, http::value_of(head.fields, FieldName::Location));
  if (!to) return failed(ErrorKind::Protocol, "answered with a redirect to nowhere");
  if (!to->same_place(from)) {
    return failed(ErrorKind::Protocol, "answered with a redirect to another host");
  }
  return *std::move(to);
}

io::Task<Result<Answer>> ask_client(http::Client& client, const WebAddress& address) {
  const std::string host = address.authority();
  const std::array<http::Field, 2> fields = {http::field(FieldName::Host, host),
                                             http::field(FieldName::Accept, "application/json")};
  const http::ClientRequest request{.target = address.target, .fields = fields};
  auto response = co_await client.send(request);
  if (!response) co_return response.error();
  const http::ResponseHead& head = (*response)->head();
  Answer answer;
  if (is_redirect(head.status)) {
    auto to = where_to(address, head);
    if (!to) co_return to.error();
    answer.elsewhere = *std::move(to);
    co_return answer;
  }
  if (head.status != 200) {
    co_return failed(ErrorKind::Unavailable, "answered with status " + std::to_string(head.status));
  }
  const std::string_view encoding = http::value_of(head.fields, FieldName::ContentEncoding);
  if (!encoding.empty() && !http::equals_ignoring_case(encoding, "identity")) {
    co_return failed(ErrorKind::Protocol, "answered with a coding that was not asked for");
  }
  answer.document.max_age = max_age_of(http::value_of(head.fields, FieldName::CacheControl),
                                       http::value_of(head.fields, FieldName::Age));
  auto text = co_await read_body((*response)->body());
  if (!text) co_return text.error();
  answer.document.text = *std::move(text);
  co_return answer;
}

io::Task<Result<Answer>> ask(io::Loop& loop, const FetchOptions& options, WebAddress address) {
  if (address.https && options.tls == nullptr) {
    co_return failed(ErrorKind::Invalid,
                     "is https, though its issuer is not, and there is no ca_file");
  }
  const Duration left = std::max(options.deadline - loop.now(), Duration(1));
  const auto client = http::make_client(loop, client_options(options, address, left));
  auto answer = co_await ask_client(*client, address);
  client->close();
  co_return answer;
}

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ') || text.starts_with('\t')) text.remove_prefix(1);
  while (text.ends_with(' ') || text.ends_with('\t')) text.remove_suffix(1);
  return text;
}

// delta-seconds (RFC 9111 §1.2.2); what is too much for us is as much as we can take.
std::optional<std::int64_t> seconds_of(std::string_view text) {
  // Far beyond what the configuration allows, and far from the end of Duration.
  constexpr std::int64_t kSecondsMax = 10LL * 366 * 86400;
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  if (text.empty() || !std::ranges::all_of(text, is_digit)) return std::nullopt;
  std::int64_t value = kSecondsMax;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return std::min(value, kSecondsMax);
}

Error about(const WebAddress& address, Error error) {
  error.source = ErrorSource::Policy;
  error.detail = address.to_string() + ": " + error.detail;
  return error;
}

}  // namespace

io::Task<Result<Document>> fetch_document(io::Loop& loop, FetchOptions options, WebAddress from) {
  constexpr int kAnswersMax = 2;
  for (int count = 1;; ++count) {
    auto answer = co_await io::within(loop, options.deadline, ask(loop, options, from));
    if (!answer) co_return about(from, std::move(answer.error()));
    if (!answer->elsewhere) co_return std::move(answer->document);
    if (count == kAnswersMax) {
      co_return about(from, failed(ErrorKind::Protocol, "redirects again and again"));
    }
    from = *std::move(answer->elsewhere);
  }
}

std::optional<Duration> max_age_of(std::string_view cache_control, std::string_view age) {
  std::optional<std::int64_t> found;
  while (!cache_control.empty()) {
    const std::size_t end = std::min(cache_control.find(','), cache_control.size());
    const std::string_view part = trimmed(cache_control.substr(0, end));
    cache_control.remove_prefix(std::min(end + 1, cache_control.size()));
    const std::size_t equals = part.find('=');
    if (equals == std::string_view::npos) continue;
    if (!http::equals_ignoring_case(part.substr(0, equals), "max-age")) continue;
    if (found) return std::nullopt;
    found = seconds_of(part.substr(equals + 1));
    if (!found) return std::nullopt;
  }
  if (!found) return std::nullopt;
  const std::int64_t old = seconds_of(age).value_or(0);
  return std::chrono::seconds(std::max<std::int64_t>(*found - old, 0));
}

}  // namespace yata::auth
