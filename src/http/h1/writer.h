// Writes heads as they go on the wire, appending to a string that is kept between messages.
#pragma once

#include <string>
#include <string_view>

#include "http/client.h"
#include "http/message.h"

namespace yata::http::h1 {

enum class Persistence : std::uint8_t { KeepAlive, Close };

struct ReplyFraming {
  Method to = Method::Get;
  Persistence persistence = Persistence::KeepAlive;
  std::string_view date;  // IMF-fixdate
};

// Status line, Date, fields, framing, empty line. Fields with CR, LF or NUL in them are a CHECK:
// they come from parsed heads or from us.
void write_reply_head(const Reply& reply, const ReplyFraming& framing, std::string& out);

void write_request_head(const ClientRequest& request, std::string& out);

}  // namespace yata::http::h1
