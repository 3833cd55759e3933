// What configuration says of the admin listener.
#pragma once

#include "io/address.h"

namespace yata::admin {

struct AdminOptions {
  io::Address
      address;  // 127.0.0.1:9901 unless configured; always a loopback address in this version
};

}  // namespace yata::admin
