#include <boost/asio/buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include "other_parsers.h"

namespace yata::conformance {

namespace beast_http = boost::beast::http;

namespace {

// Reads one message and takes it off `bytes`. Whether it came to its end.
template <bool IsRequest>
bool read_message(beast_http::parser<IsRequest, beast_http::string_body>& parser,
                  std::string_view& bytes, Reading& reading) {
  parser.eager(true);
  parser.body_limit(boost::none);
  boost::system::error_code error;
  // put() stops between head and body.
  while (!parser.is_done() && !error && !bytes.empty()) {
    const std::size_t used = parser.put(boost::asio::buffer(bytes.data(), bytes.size()), error);
    bytes.remove_prefix(used);
    if (used == 0) break;
  }
  const bool refused = error && error != beast_http::error::need_more;
  if (refused) reading.refusal = error.message();
  return parser.is_done() && !refused;
}

Reading read_requests(std::string_view bytes) {
  Reading reading;
  bool go_on = true;
  while (go_on && !bytes.empty()) {
    beast_http::request_parser<beast_http::string_body> parser;
    const bool whole = read_message(parser, bytes, reading);
    if (parser.is_header_done()) {
      const auto& message = parser.get();
      reading.messages.push_back({std::string(message.target()), message.body(), whole});
    }
    go_on = whole && parser.keep_alive();
    if (go_on && bytes.starts_with("\r\n")) bytes.remove_prefix(2);
  }
  return reading;
}

Reading read_responses(std::string_view bytes) {
  Reading reading;
  unsigned status = 100;
  while (status < 200 && !bytes.empty()) {
    beast_http::response_parser<beast_http::string_body> parser;
    const bool whole = read_message(parser, bytes, reading);
    if (!parser.is_header_done()) break;
    const auto& message = parser.get();
    status = message.result_int();
    reading.messages.push_back({std::to_string(status), message.body(), whole});
    if (!whole) break;
  }
  return reading;
}

}  // namespace

Reading read_beast(Side side, std::string_view bytes) {
  return side == Side::Requests ? read_requests(bytes) : read_responses(bytes);
}

}  // namespace yata::conformance
