#include <boost/asio/buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include "other_parsers.h"

namespace yata::conformance {

namespace beast_http = boost::beast::http;

Reading read_beast(std::string_view bytes) {
  Reading reading;
  bool go_on = true;
  while (go_on && !bytes.empty()) {
    beast_http::request_parser<beast_http::string_body> parser;
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
    if (parser.is_header_done()) {
      const auto& message = parser.get();
      reading.requests.push_back(
          {std::string(message.target()), message.body(), parser.is_done() && !refused});
    }
    go_on = parser.is_done() && !refused && parser.keep_alive();
    if (go_on && bytes.starts_with("\r\n")) bytes.remove_prefix(2);
  }
  return reading;
}

}  // namespace yata::conformance
