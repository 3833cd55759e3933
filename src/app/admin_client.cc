#include "app/admin_client.h"

#include <charconv>
#include <optional>

#include "io/real_loop.h"

namespace yata::app {
namespace {

constexpr Duration kConnect = std::chrono::seconds(5);
constexpr Duration kStall = std::chrono::seconds(30);
constexpr std::size_t kAnswerBytesMax = 64 * 1024 * 1024;
constexpr std::string_view kHeadEnd = "\r\n\r\n";
constexpr std::string_view kLength = "\r\ncontent-length: ";

Error broken(ErrorKind kind, std::string_view what) {
  return {kind, ErrorSource::Origin, Retry::Never, std::string(what)};
}

std::string head_of(const io::Endpoint& admin, const AdminRequest& request) {
  const bool v6 = admin.host.contains(':');
  std::string text = request.method + " " + request.target + " HTTP/1.1\r\nHost: ";
  text += (v6 ? "[" + admin.host + "]" : admin.host) + ":" + std::to_string(admin.port);
  text += "\r\nUser-Agent: yatagarasu\r\nConnection: close\r\n";
  if (!request.token.empty()) text += "Authorization: Bearer " + request.token + "\r\n";
  if (!request.body.empty()) {
    text +=
        "Content-Type: application/json\r\nContent-Length: " + std::to_string(request.body.size()) +
        "\r\n";
  }
  return text + "\r\n";
}

std::optional<std::uint64_t> number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::string lowercase(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

io::Task<Result<std::string>> exchange(io::Loop& loop, const io::Endpoint& admin,
                                       const AdminRequest& request) {
  const Result<void> slept = co_await loop.sleep(request.after);
  if (!slept) co_return slept.error();
  const SteadyTime deadline = deadline_after(loop.now(), kConnect);
  auto stream = co_await loop.connect(admin, deadline);
  if (!stream) co_return std::move(stream.error());
  const std::string head = head_of(admin, request);
  const io::ByteView pieces[] = {io::as_bytes(head), io::as_bytes(request.body)};
  const std::size_t count = request.body.empty() ? 1 : 2;
  const Result<void> written = co_await (*stream)->write(std::span(pieces).first(count), kStall);
  if (!written) co_return written.error();
  std::string text;
  std::vector<std::byte> buffer(64 * 1024);
  while (text.size() <= kAnswerBytesMax) {
    const SteadyTime stalled = deadline_after(loop.clock().steady(), kStall);
    const Result<std::size_t> got = co_await (*stream)->read_some(buffer, stalled);
    if (!got) co_return got.error();
    if (*got == 0) co_return text;
    text += io::as_text(io::ByteView(buffer).first(*got));
  }
  co_return broken(ErrorKind::Protocol, "an answer of more than 64 MiB");
}

io::Task<void> ask(io::Loop& loop, const io::Endpoint& admin, const AdminRequest& request,
                   std::optional<Result<std::string>>& answer) {
  answer = co_await exchange(loop, admin, request);
}

}  // namespace

Result<AdminAnswer> read_admin_answer(std::string_view text) {
  const std::size_t end = text.find(kHeadEnd);
  if (end == std::string_view::npos) return broken(ErrorKind::Closed, "no whole answer came");
  const std::string head = lowercase(text.substr(0, end + 2));
  const auto status =
      number(std::string_view(head).substr(std::min<std::size_t>(9, head.size()), 3));
  if (!head.starts_with("http/1.1 ") || !status) {
    return broken(ErrorKind::Protocol, "the answer is no HTTP");
  }
  AdminAnswer answer{static_cast<std::uint16_t>(*status), std::string(text.substr(end + 4))};
  const std::size_t at = head.find(kLength);
  if (at == std::string::npos) return broken(ErrorKind::Protocol, "an answer of unknown length");
  const std::size_t from = at + kLength.size();
  const auto length = number(std::string_view(head).substr(from, head.find('\r', from) - from));
  if (length != answer.body.size()) return broken(ErrorKind::Closed, "the answer was cut");
  return answer;
}

Result<AdminAnswer> ask_admin(const io::Endpoint& admin, const AdminRequest& request) {
  const SystemClock clock;
  io::Loops loops({.threads = 1, .pool_threads = 1}, clock);
  std::optional<Result<std::string>> text;
  loops.run([&](io::Loop& loop, io::Scope&) { return ask(loop, admin, request, text); });
  if (!*text) return text->error();
  return read_admin_answer(**text);
}

}  // namespace yata::app
