#include "config/reference.h"

#include <vector>

#include "config/reading/value.h"
#include "config/tables/tables.h"

namespace yata::config {
namespace {

constexpr std::string_view kIntroduction =
    R"(# Configuration

This page is made by `yatagarasu config reference` from the tables that the program reads files by.

One YAML 1.2 file. A key that is not on this page, a key that is there twice and a value that does
not fit are mistakes; `yatagarasu check -c FILE` says all of them at once, each with its place.
Nothing is passed over.

- A size is a number of bytes, or has a unit: `512B`; `64KiB`, `10MiB`, `1GiB`, `1TiB` (1024);
  `1kB`, `1MB`, `1GB`, `1TB` (1000).
- A duration has a unit: `250ms`, `10s`, `5m`, `1h`, `7d`.
- `true`, `false` and numbers stand without quotes; in quotes they are texts.
- `${NAME}` in a value is the environment variable; `${NAME:-default}` has a default for when it is
  unset or empty. They are put in after the file was read as YAML, so no variable can add keys.
  Inside `{ }` and `[ ]` they need quotes. `$${` stands for `${` itself; every other `$` is what it
  is.
- A secret may stand in a file of its own: `secret_key: { file: PATH }`; the line break at its end
  does not count.
- Paths are relative to the folder of the configuration file.
- Anchors and aliases may be used; tags and merge keys (`<<`) may not.
)";

// Type, words and bounds, short.
std::string takes(const Row& row) {
  std::string text = expected_of(row);
  const std::string bounds = bounds_of(row);
  if (!bounds.empty()) {
    text = row.type == Type::Integer    ? bounds
           : row.type == Type::Duration ? "duration, " + bounds
           : row.type == Type::Size     ? "size, " + bounds
                                        : "share, " + bounds;
  }
  if (text.starts_with("a list of")) text = text.substr(2);
  return text;
}

std::string default_of(const Row& row) {
  if (row.presence == Presence::Required) return "**required**";
  if (!row.fallback.empty()) return "`" + std::string(row.fallback) + "`";
  return row.presence == Presence::Optional ? "none" : "";
}

std::string link_to(const std::string& path) {
  std::string anchor;
  for (char c : path) {
    if (c != '.' && c != '[' && c != ']') anchor += c;
  }
  return "[`" + path + "`](#" + anchor + ")";
}

void write_section(const std::string& path, std::span<const Row> rows, std::string& out);

// What stands in place of a text is told where it has a name.
bool has_section(const Row& row) {
  return !row.rows.empty() && row.type != Type::MapOrText;
}

void write_row(const Row& row, const std::string& path, std::string& out) {
  const std::string full =
      path.empty() ? std::string(row.name) : path + "." + std::string(row.name);
  const bool section = has_section(row);
  const std::string name = section ? link_to(full + (row.type == Type::MapList ? "[]" : ""))
                                   : "`" + std::string(row.name) + "`";
  out.append("| ").append(name).append(" | ").append(takes(row)).append(" | ");
  out.append(default_of(row)).append(" | ").append(row.sentence);
  if (row.secret && row.type == Type::Text) out.append(" A secret: it is never printed.");
  out.append(" |\n");
}

void write_section(const std::string& path, std::span<const Row> rows, std::string& out) {
  if (!path.empty()) out.append("\n## ").append(path).append("\n");
  out.append("\n| key | takes | default | |\n|---|---|---|---|\n");
  for (const Row& row : rows) {
    if (row.available) write_row(row, path, out);
  }
  for (const Row& row : rows) {
    if (!row.available || !has_section(row)) continue;
    const std::string full =
        path.empty() ? std::string(row.name) : path + "." + std::string(row.name);
    write_section(full + (row.type == Type::MapList ? "[]" : ""), row.rows, out);
  }
}

void write_later(const std::string& path, std::span<const Row> rows, bool all, std::string& out) {
  for (const Row& row : rows) {
    const std::string full =
        path.empty() ? std::string(row.name) : path + "." + std::string(row.name);
    const bool is_later = all || !row.available;
    if (is_later) out.append("- `").append(full).append("`: ").append(row.sentence).append("\n");
    if (row.type == Type::MapOrText) continue;
    write_later(full + (row.type == Type::MapList ? "[]" : ""), row.rows, is_later, out);
  }
}

bool any_live(std::span<const Row> rows) {
  for (const Row& row : rows) {
    if (row.available && (row.change == Change::Live || any_live(row.rows))) return true;
  }
  return false;
}

}  // namespace

std::string reference_markdown() {
  std::string out(kIntroduction);
  if (!any_live(root_rows())) out += "- A change of any key takes effect at the next start.\n";
  write_section("", root_rows(), out);
  out +=
      "\n## Not available in this version\n\nUsing one of these is a mistake, also with its "
      "default.\n\n";
  write_later("", root_rows(), false, out);
  return out;
}

}  // namespace yata::config
