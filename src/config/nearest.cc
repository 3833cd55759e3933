#include "config/nearest.h"

#include <algorithm>
#include <vector>

namespace yata::config {
namespace {

constexpr std::size_t kWordSizeMax = 64;  // a longer one is near nothing

}  // namespace

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::vector<std::size_t>> cost(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) cost[i][0] = i;
  for (std::size_t j = 0; j <= b.size(); ++j) cost[0][j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = cost[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      cost[i][j] = std::min({cost[i - 1][j] + 1, cost[i][j - 1] + 1, replaced});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) cost[i][j] = std::min(cost[i][j], cost[i - 2][j - 2] + 1);
    }
  }
  return cost[a.size()][b.size()];
}

std::size_t tolerance(std::string_view word) {
  return std::max<std::size_t>(1, word.size() / 3);
}

std::string nearest_word(std::string_view word, std::span<const std::string> known) {
  if (word.size() > kWordSizeMax) return {};
  std::string nearest;
  std::size_t best = tolerance(word) + 1;
  for (const std::string& one : known) {
    const std::size_t distance = edit_distance(word, one);
    if (distance >= best) continue;
    best = distance;
    nearest = one;
  }
  return nearest;
}

}  // namespace yata::config
