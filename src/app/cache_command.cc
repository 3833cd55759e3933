#include "app/cache_command.h"

#include "admin/json_text.h"
#include "app/cli.h"
#include "auth/json.h"
#include "base/codec.h"
#include "s3/addressing.h"

namespace yata::app {
namespace {

// Between two looks at a warm-up that is waited for.
constexpr Duration kLook = std::chrono::milliseconds(250);

Error unusable(std::string what) {
  return {ErrorKind::Invalid, ErrorSource::Self, Retry::Never, std::move(what)};
}

std::string url_of(const io::Endpoint& admin) {
  const bool v6 = admin.host.contains(':');
  return "http://" + (v6 ? "[" + admin.host + "]" : admin.host) + ":" + std::to_string(admin.port);
}

// The message of an error of ours, else the body itself.
std::string message_in(const std::string& body) {
  auth::Json json;
  if (json.read(body)) {
    const auto error = json.root().member("error");
    const auto message = error ? error->member("message") : std::nullopt;
    if (message && message->is_string()) return std::string(message->text());
  }
  return body;
}

std::string member_in(const std::string& body, std::string_view name) {
  auth::Json json;
  const auto value = json.read(body) ? json.root().member(name) : std::nullopt;
  return value ? std::string(value->text()) : "";
}

// The answer's body where it was well; otherwise says why not, and leaves the exit code.
struct Said {
  int code = kExitWell;
  std::string body;
};

Said say(AdminRequest request, const CacheTalk& talk) {
  request.token = talk.token;
  const Result<AdminAnswer> answer = ask_admin(talk.admin, request);
  const std::string where = "yatagarasu: the admin listener at " + url_of(talk.admin);
  if (!answer) {
    *talk.err << where << " cannot be asked: " << answer.error().detail << '\n';
    const bool absent = answer.error().kind == ErrorKind::Unreachable;
    return {absent ? kExitNotAvailable : kExitFailed, ""};
  }
  if (answer->status >= 400) {
    *talk.err << where << " answered " << answer->status << ": " << message_in(answer->body)
              << '\n';
    return {kExitFailed, ""};
  }
  return {kExitWell, answer->body};
}

int print(AdminRequest request, const CacheTalk& talk) {
  const Said said = say(std::move(request), talk);
  *talk.out << said.body;
  return said.code;
}

AdminRequest look_at(const std::string& id) {
  AdminRequest request;
  request.target = "/cache/warm/";
  percent_encode(id, Slash::Encode, request.target);
  return request;
}

}  // namespace

Result<io::Endpoint> admin_at(const std::string& url) {
  Result<s3::Endpoint> endpoint = s3::parse_endpoint(url);
  if (!endpoint) return unusable("--admin: " + endpoint.error().detail);
  if (endpoint->transport == s3::Transport::Tls || !endpoint->base_path.empty()) {
    return unusable("--admin: the admin listener is at http://HOST:PORT, without a path");
  }
  return io::Endpoint{endpoint->host, endpoint->port};
}

Result<io::Endpoint> admin_of(const io::Address& configured) {
  if (configured.family == io::Address::Family::Unix) {
    return unusable(
        "admin.address is a Unix socket, which this command cannot speak to; use: curl "
        "--unix-socket " +
        configured.path);
  }
  if (configured.port == 0) {
    return unusable("admin.address has port 0, so only the log tells the real one; use --admin");
  }
  const std::string ip = configured.ip();
  // Who listens everywhere listens here.
  if (ip == "0.0.0.0") return io::Endpoint{"127.0.0.1", configured.port};
  if (ip == "::") return io::Endpoint{"::1", configured.port};
  return io::Endpoint{ip, configured.port};
}

AdminRequest purge_request(const CacheCommand& command) {
  admin::JsonText json;
  if (!command.bucket.empty()) json.member("bucket", command.bucket);
  if (!command.keys.empty()) json.member("key", command.keys[0]);
  if (!command.prefix.empty()) json.member("prefix", command.prefix);
  if (!command.tag.empty()) json.member("tag", command.tag);
  if (command.all) json.member("all", true);
  return {.method = "POST", .target = "/cache/purge", .body = json.take()};
}

int cache_purge(const CacheCommand& command, const CacheTalk& talk) {
  return print(purge_request(command), talk);
}

int cache_stats(const CacheCommand& command, const CacheTalk& talk) {
  AdminRequest request{.target = "/cache/stats"};
  if (!command.bucket.empty()) {
    request.target += '/';
    percent_encode(command.bucket, Slash::Encode, request.target);
  }
  return print(std::move(request), talk);
}

AdminRequest warm_request(const CacheCommand& command) {
  admin::JsonText json;
  json.member("bucket", command.bucket);
  if (!command.keys.empty()) {
    json.list("keys");
    for (const std::string& key : command.keys) json.element(key);
    json.close();
  }
  if (!command.prefix.empty()) json.member("prefix", command.prefix);
  if (command.all) json.member("all", true);
  if (command.concurrency != 0) json.member("concurrency", command.concurrency);
  if (command.rate != 0) json.member("requests_per_second", command.rate);
  return {.method = "POST", .target = "/cache/warm", .body = json.take()};
}

int cache_warm(const CacheCommand& command, const CacheTalk& talk) {
  AdminRequest request = warm_request(command);
  if (!command.show.empty()) request = look_at(command.show);
  if (!command.cancel.empty()) {
    request = look_at(command.cancel);
    request.method = "DELETE";
  }
  Said said = say(std::move(request), talk);
  const std::string id = member_in(said.body, "id");
  while (command.wait && said.code == kExitWell && member_in(said.body, "state") == "running") {
    AdminRequest look = look_at(id);
    look.after = kLook;
    said = say(std::move(look), talk);
  }
  *talk.out << said.body;
  const bool waited = command.wait && said.code == kExitWell;
  if (waited && member_in(said.body, "state") != "done") return kExitFailed;
  return said.code;
}

}  // namespace yata::app
