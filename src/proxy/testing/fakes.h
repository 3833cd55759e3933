// Doubles for tests of the walk: an origin with one object in memory, and an exchange that keeps
// its answer.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "cache/object_head.h"
#include "http/date.h"
#include "http/exchange.h"
#include "origin/origin.h"
#include "proxy/snapshot.h"
#include "s3/conditional.h"
#include "s3/range.h"

namespace yata::proxy::testing {

// The next piece as a connection pulls it: what is there already, or else what is waited for.
inline io::Task<Result<http::BodyPiece>> pull(http::Body& body) {
  if (const auto there = body.ready()) co_return *there;
  Result<http::BodyPiece> next = co_await body.next();
  co_return next;
}

struct FakeObject {
  std::string content = "0123456789";
  std::string etag = "\"v1\"";
  std::string last_modified = "Sun, 06 Nov 1994 08:49:37 GMT";
};

class FakeResponse final : public origin::ObjectResponse, public http::Body {
 public:
  const origin::ObjectFacts& facts() const override { return facts_; }
  http::Fields fields() const override { return fields_; }
  http::Body& body() override { return *this; }
  io::Task<Result<http::BodyPiece>> next() override {
    if (error && given_ == fails_at) co_return *error;
    if (given_ == content.size()) co_return http::BodyPiece(http::BodyEnd{});
    const std::size_t end = error ? fails_at : content.size();
    const std::string_view piece = std::string_view(content).substr(given_, end - given_);
    given_ = end;
    co_return http::BodyPiece(io::as_bytes(piece));
  }

  FakeObject object;
  std::string content;
  std::optional<Error> error;  // of the body, after fails_at bytes of it
  std::size_t fails_at = 0;
  origin::ObjectFacts facts_;
  std::vector<http::Field> fields_ = {http::field(http::FieldName::ContentType, "text/plain")};

 private:
  std::size_t given_ = 0;
};

// Honours If-Match, If-None-Match and one range, like S3.
class FakeOrigin final : public origin::Origin {
 public:
  io::Task<Result<std::unique_ptr<origin::ObjectResponse>>> fetch(
      const origin::ObjectRequest& request, origin::OriginTrace& trace) override {
    ++trace.attempts;
    seen.push_back({request.method, std::string(request.key), std::string(request.range),
                    std::string(request.if_match), std::string(request.if_none_match),
                    std::string(request.if_unmodified_since),
                    request.query.empty() ? "" : std::string(request.query[0].value)});
    if (on_fetch) on_fetch(*this);
    if (error) co_return *error;
    trace.status = 200;
    auto response = std::make_unique<FakeResponse>();
    fill(request, *response);
    co_return std::unique_ptr<origin::ObjectResponse>(std::move(response));
  }
  io::Task<Result<void>> probe() override { co_return Result<void>(); }
  std::unique_ptr<origin::Listing> list(std::string) override { return nullptr; }
  void close() override {}

  struct Seen {
    http::Method method;
    std::string key, range, if_match, if_none_match, if_unmodified_since, query;
  };
  std::vector<Seen> seen;
  FakeObject object;
  std::optional<Error> error;       // in place of an answer
  std::optional<Error> body_error;  // in the body, after body_fails_at bytes of it
  std::size_t body_fails_at = 0;
  std::function<void(FakeOrigin&)> on_fetch;
  bool ignores_conditionals = false;
  bool forgets_etag_of_304 = false;         // as some origins do
  bool fails_the_objects_own_date = false;  // the same

 private:
  void fill(const origin::ObjectRequest& request, FakeResponse& response) const {
    using origin::ObjectStatus;
    response.object = object;
    origin::ObjectFacts& facts = response.facts_;
    facts.etag = response.object.etag;
    facts.last_modified = response.object.last_modified;
    facts.size_bytes = object.content.size();
    facts.status = ObjectStatus::Whole;
    if (request.key == "missing") facts.status = ObjectStatus::NotFound;
    const bool fails = !request.if_match.empty() && request.if_match != object.etag;
    if (fails && !ignores_conditionals) facts.status = ObjectStatus::PreconditionFailed;
    const bool same = !request.if_none_match.empty() && request.if_none_match == object.etag;
    if (same && !ignores_conditionals) facts.status = ObjectStatus::NotModified;
    if (same && forgets_etag_of_304) facts.etag = {};
    const bool own_date = request.if_unmodified_since == object.last_modified;
    if (own_date && fails_the_objects_own_date) facts.status = ObjectStatus::PreconditionFailed;
    if (facts.status != ObjectStatus::Whole) return;
    response.content = object.content;
    cut(request, response);
    facts.length_bytes = response.content.size();
    if (request.method == http::Method::Head) return response.content.clear();
    response.error = body_error;
    response.fails_at = body_fails_at;
  }

  void cut(const origin::ObjectRequest& request, FakeResponse& response) const {
    s3::RangeSet set;
    s3::ByteRanges ranges;
    if (request.range.empty() || !s3::parse_range(request.range, set)) return;
    if (s3::resolve(set, object.content.size(), ranges) != s3::RangeAnswer::Parts) {
      response.facts_.status = origin::ObjectStatus::RangeNotSatisfiable;
      return;
    }
    response.facts_.status = origin::ObjectStatus::Part;
    response.facts_.range_first = ranges[0].offset;
    response.content = object.content.substr(ranges[0].offset, ranges[0].length);
  }
};

class FakeExchange : public http::Exchange {
 public:
  FakeExchange(io::Loop& loop, http::Method method, std::string path) : loop_(&loop) {
    path_ = std::move(path);
    head.method = method;
    head.method_text = http::to_string(method);
    const std::size_t mark = path_.find('?');
    head.path = std::string_view(path_).substr(0, mark);
    if (mark != std::string::npos) head.query = std::string_view(path_).substr(mark + 1);
    head.authority = "localhost";
  }
  FakeExchange& with(http::FieldName name, std::string_view value) {
    fields_.push_back(http::field(name, value));
    head.fields = fields_;
    return *this;
  }

  io::Loop& loop() override { return *loop_; }
  const http::RequestHead& request() const override { return head; }
  const io::Address& client() const override { return address_; }
  const io::TlsFacts& tls() const override { return tls_; }
  SteadyTime received_at() const override { return loop_->now(); }
  http::Body& request_body() override { return none_; }
  io::Task<Result<void>> respond(const http::Reply& reply, http::Body* body) override {
    keep(reply);
    const bool bodiless = head.method == http::Method::Head || reply.status == 304;
    while (body != nullptr && !bodiless) {
      auto piece = co_await pull(*body);
      if (!piece) co_return piece.error();
      if (std::holds_alternative<http::BodyEnd>(*piece)) break;
      sent += io::as_text(std::get<io::ByteView>(*piece));
    }
    co_return Result<void>();
  }
  io::Task<Result<void>> respond(const http::Reply& reply, io::ByteView body) override {
    keep(reply);
    sent += io::as_text(body);
    co_return Result<void>();
  }
  bool responded() const override { return status != 0; }
  std::uint64_t body_bytes_sent() const override { return sent.size(); }
  SteadyTime first_byte_at() const override { return responded() ? loop_->now() : kNever; }

  // The answer's field, or "" without one.
  std::string field(std::string_view name) const {
    for (const auto& [key, value] : answered) {
      if (http::equals_ignoring_case(key, name)) return value;
    }
    return "";
  }

  http::RequestHead head;
  std::uint16_t status = 0;
  std::optional<std::uint64_t> length;
  std::vector<std::pair<std::string, std::string>> answered;
  std::string sent;

 protected:
  void keep(const http::Reply& reply) {
    status = reply.status;
    length = reply.content_length;
    for (const http::Field& one : reply.fields) {
      answered.emplace_back(std::string(one.text), std::string(one.value));
    }
    http::FieldList lines;
    cache::read_field_lines(reply.lines, lines);
    for (const http::Field& one : lines) {
      answered.emplace_back(std::string(one.text), std::string(one.value));
    }
  }

 private:
  io::Loop* loop_;
  std::string path_;
  std::vector<http::Field> fields_;
  io::Address address_;
  io::TlsFacts tls_;
  http::BytesBody none_{{}};
};

}  // namespace yata::proxy::testing
