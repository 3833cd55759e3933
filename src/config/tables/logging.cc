#include "config/tables/tables.h"

namespace yata::config {
namespace {

using telemetry::Level;
using Format = telemetry::LogOptions::Format;
using Output = record::AccessLogOptions::Output;

// In the order of their enumerators.
constexpr std::string_view kLevels[] = {"debug", "info", "warn", "error"};
constexpr std::string_view kFormats[] = {"auto", "text", "json"};
constexpr std::string_view kOutputs[] = {"off", "stdout", "stderr"};

constexpr Row kAccessRows[] = {
    {.name = "output",
     .type = Type::File,
     .fallback = "stdout",
     .words = kOutputs,
     .sentence = "Or the path of a file, which is appended to. One JSON object a line.",
     .store =
         [](Config& config, const Value& value) {
           config.access.output = value.word < 0 ? Output::File : static_cast<Output>(value.word);
           config.access.file = value.text;
         }},
    {.name = "sample",
     .type = Type::Fraction,
     .fallback = "1.0",
     .sentence = "The share of requests that is written; errors (5xx) always are.",
     .store = [](Config& config, const Value& value) { config.access.sample = value.fraction; }},
};

}  // namespace

std::span<const Row> logging_rows() {
  static const Row rows[] = {
      {.name = "level",
       .type = Type::Choice,
       .fallback = "info",
       .words = kLevels,
       .sentence = "The least serious line that is written.",
       .store = [](Config& config,
                   const Value& value) { config.logging.level = static_cast<Level>(value.word); }},
      {.name = "format",
       .type = Type::Choice,
       .fallback = "auto",
       .words = kFormats,
       .sentence = "`auto`: text on a terminal, JSON lines elsewhere.",
       .store =
           [](Config& config, const Value& value) {
             config.logging.format = static_cast<Format>(value.word);
           }},
      {.name = "access", .type = Type::Map, .sentence = "The access log.", .rows = kAccessRows},
  };
  return rows;
}

}  // namespace yata::config
