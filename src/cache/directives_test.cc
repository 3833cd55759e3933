#include "cache/directives.h"

#include <gtest/gtest.h>

#include <string>

#include "cache/testing/head.h"

namespace yata::cache {
namespace {

using Source = ResponseDirectives::Source;
using std::chrono::seconds;

// All that was read, as one line.
std::string told(const ResponseDirectives& d) {
  std::string out;
  const auto flag = [&](const char* name, bool on) {
    if (on) out.append(out.empty() ? "" : " ").append(name);
  };
  const auto number = [&](const char* name, const std::optional<seconds>& value) {
    if (!value) return;
    out.append(out.empty() ? "" : " ").append(name).append("=");
    out.append(std::to_string(value->count()));
  };
  flag("no-store", d.no_store);
  flag("private", d.is_private);
  flag("no-cache", d.no_cache);
  flag("must-revalidate", d.must_revalidate);
  flag("proxy-revalidate", d.proxy_revalidate);
  flag("must-understand", d.must_understand);
  flag("public", d.is_public);
  number("max-age", d.max_age);
  number("s-maxage", d.s_maxage);
  number("swr", d.stale_while_revalidate);
  number("sie", d.stale_if_error);
  return out;
}

struct Case {
  const char* head;
  const char* expected;
};

TEST(ResponseDirectives, AreReadFromCacheControl) {
  const Case cases[] = {
      {"", ""},
      {"Cache-Control: max-age=600, public", "public max-age=600"},
      {"Cache-Control: No-StOrE", "no-store"},
      {"Cache-Control: private=\"set-cookie, x\", max-age=1", "private max-age=1"},
      {"Cache-Control: no-cache=\"a\"\nCache-Control: s-maxage=5", "no-cache s-maxage=5"},
      {"Cache-Control: must-revalidate,proxy-revalidate ,, must-understand",
       "must-revalidate proxy-revalidate must-understand"},
      {"Cache-Control: stale-while-revalidate=60, stale-if-error=\"70\"", "swr=60 sie=70"},
      {"Cache-Control: max-age=\"3600\"", "max-age=3600"},
      {"Cache-Control: max-age=003600", "max-age=3600"},
      {"Cache-Control: max-age=99999999999999999999", "max-age=2147483648"},
      {"Cache-Control: ext=\"max-age=3600\", max-age=1", "max-age=1"},
      {"Cache-Control: max-age=1, ext=\"max-age=3600\"", "max-age=1"},
      {"Cache-Control: ext=\"a\\\", no-store, b\", max-age=1", "max-age=1"},
      {"Cache-Control: immutable, max-age=1, unknown=2", "max-age=1"},
      {"Cache-Control: max-age=5, max-age=5", "max-age=5"},
  };
  for (const Case& one : cases) {
    EXPECT_EQ(told(read_response_directives(Head(one.head).fields())), one.expected) << one.head;
  }
}

TEST(ResponseDirectives, WhatCannotBeUnderstoodIsOnTheCarefulSide) {
  const Case cases[] = {
      {"Cache-Control: max-age='3600'", "max-age=0"},
      {"Cache-Control: max-age", "max-age=0"},
      {"Cache-Control: max-age=", "max-age=0"},
      {"Cache-Control: max-age=\"\"", "max-age=0"},
      {"Cache-Control: max-age=-1", "max-age=0"},
      {"Cache-Control: max-age=3600.0", "max-age=0"},
      {"Cache-Control: max-age=3600a", "max-age=0"},
      {"Cache-Control: max-age =3600", "max-age=0"},
      {"Cache-Control: max-age= 3600", "max-age=0"},
      {"Cache-Control: max-age=1800, max-age=1", "max-age=0"},
      {"Cache-Control: max-age=1\nCache-Control: max-age=1800", "max-age=0"},
      {"Cache-Control: no-store=\"x", "no-store"},
      {"Cache-Control: no-store please, max-age=1", "no-store max-age=1"},
  };
  for (const Case& one : cases) {
    EXPECT_EQ(told(read_response_directives(Head(one.head).fields())), one.expected) << one.head;
  }
}

TEST(ResponseDirectives, CdnCacheControlWinsWhereItIsValidAndNotEmpty) {
  struct {
    const char* head;
    const char* expected;
    Source source;
  } const cases[] = {
      {"CDN-Cache-Control: max-age=60\nCache-Control: no-store", "max-age=60",
       Source::CdnCacheControl},
      {"cdn-cache-control: no-store\nCache-Control: max-age=60", "no-store",
       Source::CdnCacheControl},
      {"CDN-Cache-Control: max-age=1\nCDN-Cache-Control: must-revalidate",
       "must-revalidate max-age=1", Source::CdnCacheControl},
      {"CDN-Cache-Control: foo\nCache-Control: max-age=60", "", Source::CdnCacheControl},
      {"CDN-Cache-Control: no-store=?0, max-age=1;x=y", "max-age=1", Source::CdnCacheControl},
      {"CDN-Cache-Control: max-age=\"60\"", "max-age=0", Source::CdnCacheControl},
      {"CDN-Cache-Control: max-age=-60", "max-age=0", Source::CdnCacheControl},
      {"CDN-Cache-Control: max-age=999999999999999", "max-age=2147483648", Source::CdnCacheControl},
      {"CDN-Cache-Control: \nCache-Control: max-age=60", "max-age=60", Source::CacheControl},
      {"CDN-Cache-Control: Max-Age=1\nCache-Control: max-age=60", "max-age=60",
       Source::CacheControl},
      {"CDN-Cache-Control: max-age=1,\nCache-Control: no-store", "no-store", Source::CacheControl},
      {"CDN-Cache-Control: &\nExpires: 0", "", Source::None},
  };
  for (const auto& one : cases) {
    const ResponseDirectives read = read_response_directives(Head(one.head).fields());
    EXPECT_EQ(told(read), one.expected) << one.head;
    EXPECT_EQ(read.source, one.source) << one.head;
  }
}

TEST(ResponseDirectives, SurrogateControlIsBetweenTheTwo) {
  struct {
    const char* head;
    const char* expected;
    Source source;
  } const cases[] = {
      {"Surrogate-Control: max-age=60\nCache-Control: no-store", "max-age=60",
       Source::SurrogateControl},
      {"Surrogate-Control: No-Store, content=\"ESI/1.0\"\nCache-Control: max-age=60", "no-store",
       Source::SurrogateControl},
      {"Surrogate-Control: max-age=60\nCDN-Cache-Control: max-age=5", "max-age=5",
       Source::CdnCacheControl},
      {"Surrogate-Control: max-age=60;other\nCache-Control: max-age=5", "max-age=5",
       Source::CacheControl},
      {"Surrogate-Control: content=\"ESI/1.0\"\nCache-Control: max-age=5", "max-age=5",
       Source::CacheControl},
      {"Surrogate-Control: max-age=x\nCache-Control: max-age=5", "max-age=0",
       Source::SurrogateControl},
  };
  for (const auto& one : cases) {
    const ResponseDirectives read = read_response_directives(Head(one.head).fields());
    EXPECT_EQ(told(read), one.expected) << one.head;
    EXPECT_EQ(read.source, one.source) << one.head;
  }
}

TEST(RequestDirectives, HonourWhatSparesTheOriginAndNothingElse) {
  struct {
    const char* head;
    bool only_if_cached;
    std::optional<seconds> max_stale;
  } const cases[] = {
      {"", false, {}},
      {"Cache-Control: no-cache, no-store, max-age=0, min-fresh=5\nPragma: no-cache", false, {}},
      {"Cache-Control: only-if-cached", true, {}},
      {"Cache-Control: Only-If-Cached, max-stale=10", true, seconds(10)},
      {"Cache-Control: max-stale", false, kAnyStale},
      {"Cache-Control: max-stale=x", false, {}},
      {"Cache-Control: max-stale =1", false, {}},
      {"Cache-Control: max-stale=", false, {}},
      {"Cache-Control: a=\"only-if-cached, max-stale\"", false, {}},
  };
  for (const auto& one : cases) {
    const RequestDirectives read = read_request_directives(Head(one.head).fields());
    EXPECT_EQ(read.only_if_cached, one.only_if_cached) << one.head;
    EXPECT_EQ(read.max_stale, one.max_stale) << one.head;
  }
}

}  // namespace
}  // namespace yata::cache
