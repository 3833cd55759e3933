// Cache-Control, CDN-Cache-Control, Vary and tags from any origin: what is read must be sound.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "cache/rules/dictionary.h"
#include "cache/store_plan.h"
#include "cache/vary.h"

using namespace yata;
using namespace yata::cache;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data + 2), size - 2);
  constexpr const char* kNames[] = {
      "Cache-Control", "CDN-Cache-Control", "Surrogate-Control", "Vary",         "Expires", "Date",
      "Age",           "Cache-Tag",         "Surrogate-Key",     "Last-Modified"};
  // Lines of the text under names that the first byte chooses from.
  http::FieldList fields;
  std::size_t at = 0;
  std::size_t choice = data[0];
  while (at <= text.size() && fields.size() < 64) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::string_view name = kNames[choice++ % std::size(kNames)];
    fields.push_back({http::field_name(name), name, text.substr(at, end - at)});
    at = end + 1;
  }

  const auto dictionary = parse_dictionary(text);
  if (dictionary) {
    for (const DictionaryMember& member : *dictionary) {
      CHECK(!member.key.empty());
      CHECK(member.integer > -1'000'000'000'000'000 && member.integer < 1'000'000'000'000'000);
    }
  }

  const std::vector<std::string> forwarded = {"Foo", "Accept-Language", "Cookie"};
  const WallTime now{std::chrono::seconds(1'700'000'000)};
  CachePolicy policy;
  if (data[1] & 1) policy.default_ttl.reset();
  const std::uint16_t status = data[1] & 2 ? 404 : 200;
  const StorePlan plan = plan_storing(
      {.status = status, .fields = fields, .requested = now, .received = now}, forwarded, policy);
  if (!plan.storable()) return 0;
  CHECK(ttl(plan.freshness, now) <= policy.max_ttl);
  CHECK(age(plan.freshness, now) >= Duration{});
  CHECK(plan.freshness.lifetime_us >= 0 && plan.freshness.stale_if_error_us >= 0);
  CHECK(plan.tags.size() <= kTagsMax && plan.vary.size() <= kVaryBytesMax);
  const Use use = judge(plan.freshness, now, read_request_directives(fields));
  CHECK(!plan.freshness.always_ask || use == Use::Ask);
  std::string variant;
  append_variant(plan.vary, fields, variant);
  CHECK(plan.vary.empty() == variant.empty());
  return 0;
}
