#include "admin/page.h"

#include "base/text.h"

namespace yata::admin {

Page error_page(std::uint16_t status, std::string_view code, std::string_view message,
                std::string_view field) {
  Page page{.status = status};
  page.body = R"({"error":{"code":)";
  append_json_string(code, page.body);
  page.body += R"(,"message":)";
  append_json_string(message, page.body);
  if (!field.empty()) {
    page.body += R"(,"field":)";
    append_json_string(field, page.body);
  }
  page.body += "}}\n";
  return page;
}

Page field_mistake(std::string_view name, std::string_view what, std::uint16_t status) {
  const std::string_view code =
      status == 404 ? "NotFound" : (status == 409 ? "Conflict" : "BadRequest");
  const std::string message = std::string(name) + " " + std::string(what) + ".";
  return error_page(status, code, message, name);
}

}  // namespace yata::admin
