#include "route/index/text_index.h"

#include <algorithm>

#include "base/check.h"

namespace yata::route {

std::optional<std::uint32_t> TextIndex::add(std::string_view text, std::uint64_t hash,
                                            std::uint32_t number) {
  if (const auto known = find(text, hash)) return known;
  CHECK(records_.size() + sizeof(Record) + text.size() < kEmpty, records_.size());
  if ((count_ + 1) * 3 > slots_.size() * 2) grow();
  const auto start = static_cast<std::uint32_t>(records_.size());
  const Record record{number, static_cast<std::uint32_t>(text.size())};
  records_.append(reinterpret_cast<const char*>(&record), sizeof record).append(text);
  starts_.push_back(start);
  hashes_.push_back(hash);
  place({tag_of(hash), start}, hash);
  ++count_;
  return std::nullopt;
}

void TextIndex::grow() {
  slots_.assign(std::max<std::size_t>(8, slots_.size() * 2), Slot{});
  for (std::size_t i = 0; i < starts_.size(); ++i)
    place({tag_of(hashes_[i]), starts_[i]}, hashes_[i]);
}

void TextIndex::place(Slot slot, std::uint64_t hash) {
  std::size_t at = hash & mask();
  while (slots_[at].record != kEmpty) at = (at + 1) & mask();
  slots_[at] = slot;
}

}  // namespace yata::route
