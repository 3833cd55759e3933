// Page: an answer of the admin site, and what it answers to. Values.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace yata::admin {

inline constexpr std::string_view kJsonType = "application/json";

struct Page {
  std::uint16_t status = 200;
  std::string_view type = kJsonType;
  std::string body;
};

// One request, as the page's maker sees it. Views live until its answer is made.
struct Call {
  std::string_view tail;   // what stands for `*` in the route's path, decoded; not empty there
  std::string_view query;  // as sent
  std::string_view body;
  bool trusted = false;  // who asks may see what strangers may not
};

// {"error": {"code", "message"}}, and "field" where one is named.
Page error_page(std::uint16_t status, std::string_view code, std::string_view message,
                std::string_view field = {});

// Of a field of a request: 400, 404 or 409, with "`name` `what`." as its message.
Page field_mistake(std::string_view name, std::string_view what, std::uint16_t status);

}  // namespace yata::admin
