#include "config/reading/suggest.h"

#include <algorithm>
#include <vector>

#include "config/nearest.h"
#include "config/tables/tables.h"

namespace yata::config {
namespace {

constexpr std::size_t kKeySizeMax = 64;  // longer ones are near nothing
constexpr std::size_t kPlacesMax = 3;

struct Found {
  std::string path;
  std::string under;
  std::size_t distance = 0;
};

void look_everywhere(std::string_view key, std::span<const Row> rows, const std::string& under,
                     std::vector<Found>& found) {
  for (const Row& row : rows) {
    const std::string path = (under.empty() ? "" : under + ".") + std::string(row.name);
    const std::size_t distance = edit_distance(key, row.name);
    if (distance <= 1 && row.available) found.push_back({path, under, distance});
    if (!row.available) continue;
    look_everywhere(key, row.rows, path + (row.type == Type::MapList ? "[]" : ""), found);
  }
}

std::string places(const std::vector<Found>& found) {
  std::string text;
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (i > 0) text += i + 1 < found.size() ? ", " : " or ";
    text += found[i].under.empty() ? "the top level" : found[i].under;
  }
  return text;
}

}  // namespace

Suggestion suggest(std::string_view key, std::span<const Row> siblings) {
  if (key.empty() || key.size() > kKeySizeMax) return {};
  const Row* best = nullptr;
  std::size_t best_distance = tolerance(key) + 1;
  for (const Row& row : siblings) {
    const std::size_t distance = edit_distance(key, row.name);
    if (distance >= best_distance) continue;
    best = &row;
    best_distance = distance;
  }
  std::vector<Found> elsewhere;
  look_everywhere(key, root_rows(), "", elsewhere);
  const bool exact =
      std::ranges::any_of(elsewhere, [](const Found& one) { return one.distance == 0; });
  // A key that is right, in the wrong place, is likelier than two letters wrong.
  if (best != nullptr && (!exact || best_distance <= 1)) return {std::string(best->name), {}};
  if (exact) {
    std::erase_if(elsewhere, [](const Found& one) { return one.distance > 0; });
    if (elsewhere.size() > kPlacesMax) elsewhere.resize(kPlacesMax);
    return {{}, "belongs under " + places(elsewhere)};
  }
  return {elsewhere.empty() ? "" : elsewhere.front().path, {}};
}

}  // namespace yata::config
