// Double for tests of the admin site: a request made of texts, and its answer kept.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "http/exchange.h"
#include "io/sim.h"

namespace yata::admin::testing {

struct Asked {
  std::string method = "GET";
  std::string target;  // with its query
  std::string body;
  std::vector<std::pair<std::string, std::string>> fields;
};

struct Answered {
  std::uint16_t status = 0;
  std::string type;
  std::string allow;
  std::string challenge;
  std::string retry_after;
  std::string body;
};

class FakeExchange final : public http::Exchange, public http::Body {
 public:
  FakeExchange(io::Loop& loop, const Asked& asked) : loop_(&loop), asked_(asked) {
    head_.method = asked_.method == "GET" ? http::Method::Get : http::Method::Other;
    head_.method_text = asked_.method;
    const std::size_t mark = std::min(asked_.target.find('?'), asked_.target.size());
    head_.path = std::string_view(asked_.target).substr(0, mark);
    head_.query = std::string_view(asked_.target).substr(std::min(mark + 1, asked_.target.size()));
    for (const auto& [name, value] : asked_.fields) {
      fields_.push_back({http::field_name(name), name, value});
    }
    head_.fields = fields_;
  }

  io::Loop& loop() override { return *loop_; }
  const http::RequestHead& request() const override { return head_; }
  const io::Address& client() const override { return address_; }
  const io::TlsFacts& tls() const override { return tls_; }
  SteadyTime received_at() const override { return loop_->now(); }
  http::Body& request_body() override { return *this; }
  io::Task<Result<void>> respond(const http::Reply&, http::Body*) override { std::terminate(); }
  io::Task<Result<void>> respond(const http::Reply& reply, io::ByteView body) override {
    answered.status = reply.status;
    answered.type = http::value_of(reply.fields, http::FieldName::ContentType);
    const http::Field* allow = http::find(reply.fields, "Allow");
    if (allow != nullptr) answered.allow = allow->value;
    answered.challenge = http::value_of(reply.fields, http::FieldName::WwwAuthenticate);
    answered.retry_after = http::value_of(reply.fields, http::FieldName::RetryAfter);
    answered.body = io::as_text(body);
    CHECK(reply.content_length == body.size());
    co_return Result<void>();
  }
  bool responded() const override { return answered.status != 0; }
  std::uint64_t body_bytes_sent() const override { return answered.body.size(); }
  SteadyTime first_byte_at() const override { return loop_->now(); }

  // Its body, in pieces of at most 64 KiB.
  io::Task<Result<http::BodyPiece>> next() override {
    const std::string_view rest = std::string_view(asked_.body).substr(given_);
    if (rest.empty()) co_return http::BodyPiece(http::BodyEnd{});
    const std::string_view piece = rest.substr(0, 64 * 1024);
    given_ += piece.size();
    co_return http::BodyPiece(io::as_bytes(piece));
  }

  Answered answered;

 private:
  io::Loop* loop_;  // the test's
  Asked asked_;
  http::RequestHead head_;
  http::FieldList fields_;
  io::Address address_;
  io::TlsFacts tls_;
  std::size_t given_ = 0;
};

inline io::Task<void> handle(http::Handler& handler, FakeExchange& exchange) {
  co_await handler.handle(exchange);
}

inline Answered ask(io::SimLoop& loop, http::Handler& handler, const Asked& asked) {
  FakeExchange exchange(loop, asked);
  const auto main = [&](io::Loop&, io::Scope&) { return handle(handler, exchange); };
  CHECK(loop.run(main, std::chrono::hours(1)));
  return exchange.answered;
}

}  // namespace yata::admin::testing
