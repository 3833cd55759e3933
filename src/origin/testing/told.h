// For tests only: an answer of an origin, told in one line.
#pragma once

#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "origin/origin.h"

namespace yata::origin {

inline std::string_view word(ObjectStatus status) {
  switch (status) {
    case ObjectStatus::Whole: return "whole";
    case ObjectStatus::Part: return "part";
    case ObjectStatus::NotModified: return "not modified";
    case ObjectStatus::PreconditionFailed: return "precondition failed";
    case ObjectStatus::RangeNotSatisfiable: return "range not satisfiable";
    case ObjectStatus::NotFound: return "not found";
    case ObjectStatus::Forbidden: return "forbidden";
    case ObjectStatus::Page: return "page";
  }
  return "?";
}

inline std::string told(const ObjectFacts& facts) {
  const auto number = [](const std::optional<std::uint64_t>& value) {
    return value ? std::to_string(*value) : std::string("?");
  };
  return std::string(word(facts.status)) + " " + std::to_string(facts.range_first) + "+" +
         number(facts.length_bytes) + "/" + number(facts.size_bytes);
}

// Reads a body to its end and appends it: "content", or "content|origin closed" when it broke off.
inline io::Task<void> read_body(http::Body& body, std::string& out) {
  while (true) {
    Result<http::BodyPiece> piece = co_await body.next();
    if (!piece) {
      out.append("|").append(to_string(piece.error().source));
      out.append(" ").append(to_string(piece.error().kind));
      co_return;
    }
    if (const auto* bytes = std::get_if<io::ByteView>(&*piece)) {
      out.append(io::as_text(*bytes));
      continue;
    }
    const auto* part = std::get_if<http::FilePiece>(&*piece);
    if (part == nullptr) co_return;
    std::vector<std::byte> buffer(part->length);
    std::uint64_t at = 0;
    while (at < part->length) {
      const io::ByteBuffer into = std::span(buffer).subspan(at);
      Result<std::size_t> got = co_await part->file->read_at(into, part->offset + at);
      if (!got || *got == 0) {
        out.append("|file cut");
        co_return;
      }
      at += *got;
    }
    out.append(io::as_text(buffer));
  }
}

// "whole 0+5/5 hello", or "origin protocol" for an error.
inline io::Task<std::string> tell(Origin& origin, const ObjectRequest& request,
                                  OriginTrace& trace) {
  Result<std::unique_ptr<ObjectResponse>> answer = co_await origin.fetch(request, trace);
  if (!answer) {
    co_return std::string(to_string(answer.error().source)) + " " +
        std::string(to_string(answer.error().kind));
  }
  std::string text = told((*answer)->facts());
  std::string body;
  co_await read_body((*answer)->body(), body);
  co_return body.empty() ? text : text + " " + body;
}

// "a,b;c;" for a page of two keys and one of one; "denied" for an error.
inline io::Task<std::string> tell_keys(Origin& origin, std::string prefix) {
  const std::unique_ptr<Listing> listing = origin.list(prefix);
  std::string text;
  while (true) {
    Result<std::vector<std::string>> page = co_await listing->next();
    if (!page) {
      text += to_string(page.error().kind);
      co_return text;
    }
    if (page->empty()) co_return text;
    for (const std::string& key : *page) text += key + (&key == &page->back() ? ";" : ",");
  }
}

}  // namespace yata::origin
