// The program's own log: starts, stops, warnings. Not the access log (record/). Thread-safe and
// asynchronous: a call formats one line and hands it to a bounded queue; what does not fit is
// dropped and counted. Goes to standard error. Lines never hold a secret: callers log only what
// Error::detail may hold.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string_view>
#include <variant>

#include "base/clock.h"
#include "telemetry/options.h"

namespace yata::telemetry {

struct LogField {
  std::string_view key;
  std::variant<std::string_view, std::int64_t, double, bool> value;
};

class Logger {
 public:
  virtual ~Logger() = default;
  virtual void log(Level level, std::string_view message,
                   std::initializer_list<LogField> fields) = 0;

  void info(std::string_view message, std::initializer_list<LogField> fields = {}) {
    log(Level::Info, message, fields);
  }
  void warn(std::string_view message, std::initializer_list<LogField> fields = {}) {
    log(Level::Warn, message, fields);
  }
  void error(std::string_view message, std::initializer_list<LogField> fields = {}) {
    log(Level::Error, message, fields);
  }

  virtual std::uint64_t dropped() const = 0;
};

std::unique_ptr<Logger> make_logger(const LogOptions& options, const Clock& clock);

}  // namespace yata::telemetry
