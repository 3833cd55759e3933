// spdlog and fmt from their headers alone: the product is one self-contained executable.
#define FMT_HEADER_ONLY  // NOLINT(readability-identifier-naming)

#include "telemetry/logger.h"

#include <spdlog/async.h>
#include <spdlog/async_logger.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <unistd.h>

#include "base/text.h"

namespace yata::telemetry {
namespace {

constexpr std::size_t kQueueLines = 8192;

std::string_view name_of(Level level) {
  switch (level) {
    case Level::Debug: return "debug";
    case Level::Info: return "info";
    case Level::Warn: return "warn";
    case Level::Error: return "error";
  }
  return "info";
}

std::string_view colour_of(Level level) {
  switch (level) {
    case Level::Debug: return "\x1b[2m";
    case Level::Info: return "\x1b[32m";
    case Level::Warn: return "\x1b[33m";
    case Level::Error: return "\x1b[31m";
  }
  return "";
}

using Value = std::variant<std::string_view, std::int64_t, double, bool>;

void append_value(const Value& value, std::string& out) {
  if (const auto* text = std::get_if<std::string_view>(&value)) {
    append_json_string(*text, out);
  } else if (const auto* number = std::get_if<std::int64_t>(&value)) {
    append_number(*number, out);
  } else if (const auto* real = std::get_if<double>(&value)) {
    out += std::to_string(*real);
  } else {
    out += std::get<bool>(value) ? "true" : "false";
  }
}

std::string json_line(Level level, std::string_view message, WallTime time,
                      std::initializer_list<LogField> fields) {
  std::string line = R"({"time":")";
  append_rfc3339(time, line);
  line.append(R"(","level":")").append(name_of(level)).append(R"(","message":)");
  append_json_string(message, line);
  for (const LogField& field : fields) {
    line += ',';
    append_json_string(field.key, line);
    line += ':';
    append_value(field.value, line);
  }
  line += '}';
  return line;
}

std::string text_line(Level level, std::string_view message, WallTime time,
                      std::initializer_list<LogField> fields, bool colour) {
  std::string line;
  append_rfc3339(time, line);
  line += ' ';
  if (colour) line += colour_of(level);
  line += name_of(level);
  if (colour) line += "\x1b[0m";
  line.append(level == Level::Info || level == Level::Warn ? "  " : " ").append(message);
  for (const LogField& field : fields) {
    line.append(" ").append(field.key).append("=");
    append_value(field.value, line);
  }
  return line;
}

class SpdLogger final : public Logger {
 public:
  SpdLogger(const LogOptions& options, const Clock& clock)
      : level_(options.level),
        terminal_(isatty(STDERR_FILENO) == 1),
        json_(options.format == LogOptions::Format::Json ||
              (options.format == LogOptions::Format::Auto && !terminal_)),
        clock_(&clock),
        pool_(std::make_shared<spdlog::details::thread_pool>(kQueueLines, 1)),
        log_(std::make_shared<spdlog::async_logger>(
            "yatagarasu", std::make_shared<spdlog::sinks::stderr_sink_mt>(), pool_,
            spdlog::async_overflow_policy::overrun_oldest)) {
    log_->set_pattern("%v");
    log_->set_level(spdlog::level::trace);
    log_->flush_on(spdlog::level::trace);
  }

  void log(Level level, std::string_view message, std::initializer_list<LogField> fields) override {
    if (level < level_) return;
    const WallTime now = clock_->wall();
    const std::string line = json_ ? json_line(level, message, now, fields)
                                   : text_line(level, message, now, fields, terminal_);
    log_->log(spdlog::level::info, spdlog::string_view_t(line.data(), line.size()));
  }

  std::uint64_t dropped() const override { return pool_->overrun_counter(); }

 private:
  Level level_;
  bool terminal_;
  bool json_;
  const Clock* clock_;  // outlives the logger: wiring makes it first
  std::shared_ptr<spdlog::details::thread_pool> pool_;
  std::shared_ptr<spdlog::async_logger> log_;
};

}  // namespace

std::unique_ptr<Logger> make_logger(const LogOptions& options, const Clock& clock) {
  return std::make_unique<SpdLogger>(options, clock);
}

}  // namespace yata::telemetry
