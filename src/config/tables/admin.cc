#include "config/tables/tables.h"
#include "io/address.h"

namespace yata::config {
namespace {

std::string must_be_loopback(const Value& value) {
  if (io::parse_address(value.text)->is_loopback()) return {};
  return "a loopback address: any other requires admin.auth, which is not available in this "
         "version";
}

}  // namespace

std::span<const Row> admin_rows() {
  static const Row rows[] = {
      {.name = "address",
       .type = Type::Address,
       .fallback = "127.0.0.1:9901",
       .sentence = "A loopback address or a Unix socket in this version.",
       .store = [](Config& config,
                   const Value& value) { config.admin.address = *io::parse_address(value.text); },
       .check = must_be_loopback},
      later("auth", "Who may use it; required when the address is not loopback."),
  };
  return rows;
}

}  // namespace yata::config
