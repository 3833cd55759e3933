// What configuration says of the admin listener.
#pragma once

#include <optional>

#include "auth/options.h"
#include "io/address.h"

namespace yata::admin {

struct AdminOptions {
  io::Address address;  // 127.0.0.1:9901 unless configured
  // Who may use it; nullopt: everyone who reaches it, which is then nobody from elsewhere.
  std::optional<auth::AccessOptions> access;
};

}  // namespace yata::admin
