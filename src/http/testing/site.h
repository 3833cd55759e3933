// For tests: a Handler with a page for each thing a handler can do, well or badly.
#pragma once

#include <charconv>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "http/exchange.h"
#include "io/wait_list.h"

namespace yata::http {

// The first `size` bytes of a long text without repetition. Made once: tests ask for megabytes.
inline std::string pattern(std::size_t size, std::uint64_t seed = 1) {
  static std::map<std::uint64_t, std::string> made;
  std::string& text = made[seed];
  if (text.size() < size) {
    SeededRandom random(seed);
    text.resize(size);
    for (char& c : text) c = static_cast<char>('a' + random.next() % 26);
  }
  return text.substr(0, size);
}

// Gives the pieces one by one, then an end or an error.
class PiecesBody final : public Body {
 public:
  explicit PiecesBody(std::vector<BodyPiece> pieces, std::optional<Error> error = std::nullopt)
      : pieces_(std::move(pieces)), error_(std::move(error)) {}

  io::Task<Result<BodyPiece>> next() override {
    if (at_ < pieces_.size()) co_return pieces_[at_++];
    if (error_) co_return *error_;
    co_return BodyPiece(BodyEnd{});
  }

 private:
  std::vector<BodyPiece> pieces_;
  std::optional<Error> error_;
  std::size_t at_ = 0;
};

class Site final : public Handler {
 public:
  explicit Site(io::Loop& loop) : forever_(loop) {}

  // /bytes/N, /chunked/N (in pieces), /cut/N (an error after N bytes), /short/N and /long/N (not
  // what Content-Length says), /file/N, /echo, /status/N, /silent, /never, /ignore (the body).
  io::Task<void> handle(Exchange& exchange) override {
    const std::string path(exchange.request().path);
    seen.push_back(std::string(exchange.request().method_text) + " " + path);
    const std::size_t slash = path.find('/', 1);
    const std::string page = path.substr(0, slash);
    std::size_t number = 0;
    if (slash != std::string::npos) {
      std::from_chars(path.data() + slash + 1, path.data() + path.size(), number);
    }
    if (page == "/echo") {
      co_await echo(exchange);
    } else if (page == "/never") {
      const Result<void> waited = co_await forever_.wait(kNever);
      if (!waited) cancelled.push_back(waited.error().detail);
    } else if (page != "/silent") {
      co_await answer(exchange, page, number);
    }
  }

  RejectionReply reject(const Rejection& rejection) override {
    rejections.push_back(std::to_string(rejection.status) + " " + std::string(rejection.reason));
    RejectionReply reply;
    reply.head.status = rejection.status;
    reply.body = "refused";
    return reply;
  }

  std::vector<std::string> seen;        // "GET /path"
  std::vector<std::string> rejections;  // "400 bad_field_name"
  std::vector<std::string> cancelled;   // what /never was told
  std::vector<std::string> results;     // of respond(): "ok" or the error's kind
  std::vector<std::string> body_errors;
  io::File* file = nullptr;

 private:
  io::Task<void> echo(Exchange& exchange) {
    std::string body;
    for (;;) {
      const Result<BodyPiece> piece = co_await exchange.request_body().next();
      if (!piece) {
        body_errors.push_back(std::string(to_string(piece.error().kind)));
        Reply reply{.status = 413, .content_length = 0};
        const Result<void> sent = co_await exchange.respond(reply, io::ByteView{});
        note(sent);
        co_return;
      }
      const io::ByteView* bytes = std::get_if<io::ByteView>(&*piece);
      if (bytes == nullptr) break;
      body += io::as_text(*bytes);
    }
    Reply reply{.content_length = body.size()};
    const Result<void> sent = co_await exchange.respond(reply, io::as_bytes(body));
    note(sent);
  }

  io::Task<void> answer(Exchange& exchange, std::string page, std::size_t number) {
    const std::string text = pattern(page == "/status" ? 3 : number);
    Reply reply{.content_length = text.size()};
    if (page == "/status") reply.status = static_cast<std::uint16_t>(number);
    if (page == "/bytes" || page == "/status" || page == "/ignore") {
      const Result<void> sent = co_await exchange.respond(reply, io::as_bytes(text));
      note(sent);
      co_return;
    }
    std::vector<BodyPiece> pieces;
    if (page == "/file") {
      pieces.emplace_back(FilePiece{file, 0, number});
    } else {
      for (std::size_t at = 0; at < text.size(); at += kPieceBytes) {
        pieces.emplace_back(io::as_bytes(std::string_view(text).substr(at, kPieceBytes)));
      }
    }
    std::optional<Error> error;
    if (page == "/chunked") reply.content_length.reset();
    if (page == "/short") reply.content_length = number + 1;
    if (page == "/long") reply.content_length = number - 1;
    if (page == "/cut") {
      reply.content_length = number * 2;
      error = Error{ErrorKind::Closed, ErrorSource::Origin, Retry::Never, "cut"};
    }
    PiecesBody body(std::move(pieces), error);
    const Result<void> sent = co_await exchange.respond(reply, &body);
    note(sent);
  }

  void note(const Result<void>& sent) {
    results.emplace_back(sent ? "ok" : to_string(sent.error().kind));
  }

  static constexpr std::size_t kPieceBytes = 1000;

  io::WaitList forever_;
};

}  // namespace yata::http
