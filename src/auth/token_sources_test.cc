#include "auth/token_sources.h"

#include <gtest/gtest.h>

#include "http/field.h"

namespace yata::auth {
namespace {

using Kind = TokenSource::Kind;
using http::FieldName;

struct Asked {
  std::vector<http::Field> fields;
  std::string_view query;
};

FoundToken look(const std::vector<TokenSource>& sources, const Asked& asked, std::string& scratch) {
  http::RequestHead request;
  request.fields = asked.fields;
  request.query = asked.query;
  return find_token(sources, request, scratch);
}

// The token; "-" for none, "!" for several.
std::string found(const std::vector<TokenSource>& sources, const Asked& asked) {
  std::string scratch;
  const FoundToken token = look(sources, asked, scratch);
  return token.several ? "!" : token.found ? std::string(token.token) : "-";
}

http::Field authorization(std::string_view value) {
  return http::field(FieldName::Authorization, value);
}
http::Field other(std::string_view name, std::string_view value) {
  return {FieldName::Other, name, value};
}

TEST(TokenSources, BearerInAnyCase) {
  const std::vector<TokenSource> bearer = {{}};
  EXPECT_EQ(found(bearer, {{authorization("Bearer a.b.c")}, ""}), "a.b.c");
  EXPECT_EQ(found(bearer, {{authorization("bEARER  a.b.c")}, ""}), "a.b.c");
  EXPECT_EQ(found(bearer, {{authorization("Basic a.b.c")}, ""}), "-");
  EXPECT_EQ(found(bearer, {{authorization("Bearera.b.c")}, ""}), "-");
  EXPECT_EQ(found(bearer, {{authorization("")}, ""}), "-");
  EXPECT_EQ(found(bearer, {{}, "token=a.b.c"}), "-");
}

TEST(TokenSources, AnEmptyTokenIsOneThatCannotBeGood) {
  EXPECT_EQ(found({{}}, {{authorization("Bearer")}, ""}), "");
  EXPECT_EQ(found({{}}, {{authorization("Bearer ")}, ""}), "");
  EXPECT_EQ(found({{Kind::Query, "t", ""}}, {{}, "t="}), "");
  EXPECT_EQ(found({{Kind::Query, "t", ""}}, {{}, "t"}), "");
}

TEST(TokenSources, AHeaderWithItsPrefix) {
  const std::vector<TokenSource> plain = {{Kind::Header, "X-Token", ""}};
  EXPECT_EQ(found(plain, {{other("x-TOKEN", "a.b.c")}, ""}), "a.b.c");
  EXPECT_EQ(found(plain, {{other("X-Tokens", "a.b.c")}, ""}), "-");
  const std::vector<TokenSource> prefixed = {{Kind::Header, "X-Token", "Token"}};
  EXPECT_EQ(found(prefixed, {{other("X-Token", "tokeN a.b.c")}, ""}), "a.b.c");
  EXPECT_EQ(found(prefixed, {{other("X-Token", "a.b.c")}, ""}), "-");
  EXPECT_EQ(found({{Kind::Header, "Authorization", "JWT "}}, {{authorization("jwt a.b.c")}, ""}),
            "a.b.c");
}

TEST(TokenSources, AQueryParameterHoweverItIsEscaped) {
  const std::vector<TokenSource> query = {{Kind::Query, "token", ""}};
  EXPECT_EQ(found(query, {{}, "token=a.b.c"}), "a.b.c");
  EXPECT_EQ(found(query, {{}, "x=1&token=a.b.c&y"}), "a.b.c");
  EXPECT_EQ(found(query, {{}, "x=1&%74oken=a%2Eb%2ec"}), "a.b.c");
  EXPECT_EQ(found(query, {{}, "Token=a.b.c"}), "-");
  EXPECT_EQ(found(query, {{}, "xtoken=a.b.c&tokens=d"}), "-");
  EXPECT_EQ(found(query, {{}, "token=%zz"}), "");
}

TEST(TokenSources, ACookieAmongOthers) {
  const std::vector<TokenSource> cookie = {{Kind::Cookie, "session", ""}};
  const auto with = [](std::string_view value) {
    return Asked{{http::field(FieldName::Cookie, value)}, ""};
  };
  EXPECT_EQ(found(cookie, with("session=a.b.c")), "a.b.c");
  EXPECT_EQ(found(cookie, with("a=b; session=a.b.c ;c=d")), "a.b.c");
  EXPECT_EQ(found(cookie, with("session=\"a.b.c\"")), "a.b.c");
  EXPECT_EQ(found(cookie, with("Session=a.b.c; xsession=d; session")), "-");
}

TEST(TokenSources, InTheirOrderAndAllOfThem) {
  const std::vector<TokenSource> both = {{}, {Kind::Query, "t", ""}, {Kind::Cookie, "c", ""}};
  EXPECT_EQ(found(both, {{}, "t=a"}), "a");
  EXPECT_EQ(found(both, {{authorization("Bearer a")}, "t=a"}), "a");
  EXPECT_EQ(found(both, {{authorization("Bearer a")}, "t=%61"}), "a");
  EXPECT_EQ(found(both, {{authorization("Bearer a")}, "t=b"}), "!");
  EXPECT_EQ(found(both, {{authorization("Bearer a")}, "t=%62"}), "!");
  EXPECT_EQ(found(both, {{authorization("Bearer a"), authorization("Bearer b")}, ""}), "!");
  EXPECT_EQ(found(both, {{authorization("Bearer a"), authorization("Bearer a")}, ""}), "a");
  EXPECT_EQ(found(both, {{}, "t=a&t=b"}), "!");
  EXPECT_EQ(found(both, {{}, "t=%61&t=b"}), "!");
  EXPECT_EQ(found(both, {{http::field(FieldName::Cookie, "c=a; c=b")}, ""}), "!");
  EXPECT_EQ(found(both, {{authorization("Bearer")}, "t=b"}), "!");
}

}  // namespace
}  // namespace yata::auth
