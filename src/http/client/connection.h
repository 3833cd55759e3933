// One connection of a client's pool: the stream and what is kept warm with it.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "http/h1/parser.h"
#include "io/stream.h"

namespace yata::http::client {

struct Connection {
  Connection(std::unique_ptr<io::Stream> connected, const h1::HeadLimits& limits)
      : stream(std::move(connected)), parser(limits) {}

  std::unique_ptr<io::Stream> stream;
  h1::ResponseParser parser;
  std::string request_head;
  SteadyTime idle_since{};
  bool reused = false;  // it has carried an answer before
};

}  // namespace yata::http::client
