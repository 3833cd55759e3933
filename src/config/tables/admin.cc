#include "config/tables/tables.h"
#include "io/address.h"

namespace yata::config {
std::span<const Row> admin_rows() {
  static const Row rows[] = {
      {.name = "address",
       .type = Type::Address,
       .fallback = "127.0.0.1:9901",
       .sentence = "Any but a loopback address or a Unix socket needs `auth`. A socket is the "
                   "user's own (mode 0600).",
       .store = [](Config& config,
                   const Value& value) { config.admin.address = *io::parse_address(value.text); }},
      {.name = "auth",
       .type = Type::Map,
       .presence = Presence::Optional,
       .sentence = "Who may use it; required when the address is not loopback.",
       .rows = admin_auth_rows(),
       .enter = [](Config& config) { config.admin.access.emplace(); }},
  };
  return rows;
}

}  // namespace yata::config
