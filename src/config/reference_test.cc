#include "config/reference.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <fstream>
#include <iterator>
#include <string>

#include "config/testing/sample.h"

namespace yata::config {
namespace {

std::string committed(const std::string& name) {
  std::ifstream file(YATA_SOURCE_DIR "/docs/reference/" + name, std::ios::binary);
  EXPECT_TRUE(file) << name;
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST(Reference, TheCommittedPageIsTheProgramsOwn) {
  EXPECT_TRUE(committed("configuration.md") == reference_markdown())
      << "yatagarasu config reference > docs/reference/configuration.md";
}

TEST(Reference, TheCommittedSchemaIsTheProgramsOwn) {
  EXPECT_TRUE(committed("configuration.schema.json") == reference_schema())
      << "yatagarasu config schema > docs/reference/configuration.schema.json";
}

// The alternative of a row's schema that has the given member.
boost::json::object alternative(const boost::json::object& row, std::string_view member) {
  for (const boost::json::value& one : row.at("anyOf").as_array()) {
    if (one.as_object().contains(member)) return one.as_object();
  }
  ADD_FAILURE() << "no alternative with " << member;
  return {};
}

void expect_rows(std::span<const Row> rows, const boost::json::object& map) {
  const boost::json::object& properties = map.at("properties").as_object();
  EXPECT_EQ(map.at("additionalProperties"), false);
  for (const Row& row : rows) {
    EXPECT_EQ(properties.contains(row.name), row.available) << row.name;
    if (!row.available) continue;
    const boost::json::object& known = properties.at(row.name).as_object();
    EXPECT_EQ(known.at("description").as_string(), row.sentence);
    if (row.type == Type::Map) expect_rows(row.rows, alternative(known, "properties"));
    if (row.type == Type::MapOrText) expect_rows(row.rows, alternative(known, "properties"));
    if (row.type == Type::NamedMaps) {
      const boost::json::object each = alternative(known, "additionalProperties");
      expect_rows(row.rows.front().rows, each.at("additionalProperties").as_object());
    }
    if (row.type == Type::MapList) {
      expect_rows(row.rows, alternative(known, "items").at("items").as_object());
    }
  }
}

TEST(Reference, TheSchemaHasEveryKeyOfThisVersion) {
  const boost::json::value schema = boost::json::parse(reference_schema());
  expect_rows(root_rows(), schema.as_object());
}

TEST(Reference, ThePageHasEveryKey) {
  const std::string page = reference_markdown();
  for (const SampleKey& key : Sample().keys()) {
    EXPECT_NE(page.find(std::string(key.row->sentence)), std::string::npos) << key.path;
  }
  EXPECT_NE(page.find("- `cache.redis.url`: "), std::string::npos);
}

}  // namespace
}  // namespace yata::config
