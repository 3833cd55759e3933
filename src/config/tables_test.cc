// What holds for every row of the tables, made from the tables themselves.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "config/load.h"
#include "config/reading/value.h"
#include "config/testing/sample.h"

namespace yata::config {
namespace {

class Tables : public testing::Test {
 protected:
  LoadResult load(const std::string& text) {
    return load_text(text, folder_.file(), sample_variable);
  }

  // The mistake about a key, which must be there.
  Mistake mistake(const std::string& text, const std::string& path) {
    for (const Mistake& one : load(text).mistakes) {
      if (one.key_path == path) return one;
    }
    ADD_FAILURE() << "no mistake about " << path << " in\n" << text;
    return {};
  }

  const SampleFolder folder_;
  const Sample sample_;
};

std::string all_text(const LoadResult& result) {
  std::string text = result.effective;
  for (const Mistake& one : result.mistakes) text += to_string(one) + "\n";
  return text;
}

TEST_F(Tables, TheSampleHasEveryKeyAndNoMistake) {
  const LoadResult result = load(sample_.text());
  EXPECT_EQ(all_text(result), result.effective) << sample_.text();
  EXPECT_TRUE(result.config);
  EXPECT_GT(sample_.keys().size(), 60u);
}

TEST_F(Tables, AMisspeltKeyIsTold) {
  for (const SampleKey& key : sample_.keys()) {
    if (key.row->name == "NAME") continue;  // any name is one
    const std::string wrong = std::string(key.row->name) + "x";
    std::string path = key.path;
    path.replace(path.size() - key.row->name.size(), std::string::npos, wrong);
    const Mistake told = mistake(sample_.renamed(key, wrong), path);
    EXPECT_EQ(told.what, "unknown key");
    EXPECT_EQ(told.nearest, key.row->name);
    EXPECT_EQ(told.line, key.line) << key.path;
    EXPECT_EQ(told.column, key.column) << key.path;
  }
}

TEST_F(Tables, ADoubledKeyIsTold) {
  for (const SampleKey& key : sample_.keys()) {
    if (!key.row->rows.empty()) continue;
    const std::string twice = "x\n" + std::string(static_cast<std::size_t>(key.column) - 1, ' ') +
                              std::string(key.row->name) + ": y";
    const LoadResult result = load(sample_.with_value(key, twice));
    const bool told = std::ranges::any_of(result.mistakes, [&](const Mistake& one) {
      return one.key_path == key.path && one.line == key.line + 1 &&
             one.what.starts_with("a second time");
    });
    EXPECT_TRUE(told) << key.path;
  }
}

bool is_list(const Row& row) {
  const Type all[] = {Type::TextList, Type::AddressList, Type::ChoiceList, Type::TextOrList,
                      Type::Literals};
  return std::ranges::find(all, row.type) != std::end(all);
}

TEST_F(Tables, AWrongTypeIsTold) {
  for (const SampleKey& key : sample_.keys()) {
    const bool list = is_list(*key.row) || key.row->type == Type::MapList;
    const std::string text = sample_.with_value(key, list ? "{ a: b }" : "[a]");
    const Mistake told = mistake(text, key.path);
    EXPECT_EQ(told.found, list ? "a map" : "a list") << key.path;
    EXPECT_EQ(told.expected, expected_of(*key.row));
    EXPECT_EQ(told.line, key.line) << key.path;
    EXPECT_EQ(told.column, key.value_column) << key.path;
  }
}

// Absent they are nothing; but something else then has what it needs no more.
bool is_needed_by_others(const SampleKey& key) {
  const bool key_place = key.path.find(".public_keys[0].") != std::string::npos;
  const bool verifier = key.path.starts_with("buckets[") && key.path.ends_with(".auth.jwt");
  return verifier || key.row->name == "secret" || (key_place && key.row->name != "id") ||
         key.path.ends_with(".sources[0].name");
}

TEST_F(Tables, NothingIsNoValueButWhereAKeyMayBeAbsent) {
  for (const SampleKey& key : sample_.keys()) {
    const bool may = key.row->presence == Presence::Optional && key.row->type != Type::Map &&
                     key.row->missing.empty();
    if (is_needed_by_others(key)) continue;
    const LoadResult result = load(sample_.with_value(key, "null"));
    EXPECT_EQ(result.mistakes.empty(), may) << key.path << "\n" << all_text(result);
    if (!may) {
      EXPECT_EQ(mistake(sample_.with_value(key, "~"), key.path).found, "nothing");
    }
  }
}

TEST_F(Tables, AnUnquotedTypeDoesNotTakeQuotes) {
  for (const SampleKey& key : sample_.keys()) {
    const Type type = key.row->type;
    if (type != Type::Boolean && type != Type::Integer && type != Type::Fraction) continue;
    const std::string quoted = type == Type::Boolean ? "'false'" : "'1'";
    EXPECT_TRUE(mistake(sample_.with_value(key, quoted), key.path).found.ends_with(" in quotes"))
        << key.path;
  }
}

std::string written(const Row& row, std::uint64_t number) {
  switch (row.type) {
    case Type::Duration: return std::to_string(number) + "ms";
    case Type::Percent: return std::to_string(number) + "%";
    default: return std::to_string(number);
  }
}

// A bound of one of these is within only when the others go with it.
std::string with_bound(const Sample& sample, const SampleKey& key, std::uint64_t number) {
  std::string text = sample.with_value(key, written(*key.row, number));
  const bool published = key.path.find(".jwks.") != std::string::npos;
  const auto say = [&](std::string_view name, std::string_view value) {
    const std::string line = " " + std::string(name) + ": ";
    const std::size_t at = text.find(line, text.find(" jwks:"));
    text.replace(at + line.size(), text.find('\n', at) - at - line.size(), value);
  };
  if (!published) return text;
  if (key.row->name == "refresh") say("min_refresh", "100ms");
  if (key.row->name == "min_refresh" || key.row->name == "max_age") {
    say("refresh", key.row->name == "max_age" ? "1s" : "1h");
  }
  if (key.row->name == "max_age") say("min_refresh", "100ms");
  return text;
}

TEST_F(Tables, BoundsHoldAndTheirEndsAreWithin) {
  int bounded = 0;
  for (const SampleKey& key : sample_.keys()) {
    const Row& row = *key.row;
    if (bounds_of(row).empty()) continue;
    ++bounded;
    const LoadResult low = load(with_bound(sample_, key, row.min));
    EXPECT_EQ(all_text(low), low.effective) << key.path;
    const LoadResult high = load(with_bound(sample_, key, row.max));
    EXPECT_EQ(all_text(high), high.effective) << key.path;
    const std::string above = sample_.with_value(key, written(row, row.max + 1));
    EXPECT_EQ(mistake(above, key.path).expected, bounds_of(row)) << key.path;
    if (row.min == 0) continue;
    const std::string below = sample_.with_value(key, written(row, row.min - 1));
    EXPECT_EQ(mistake(below, key.path).expected, bounds_of(row)) << key.path;
  }
  EXPECT_GT(bounded, 15);
}

TEST_F(Tables, AnUnsetVariableIsNamedForEveryKey) {
  for (const SampleKey& key : sample_.keys()) {
    const bool only_list = key.row->type == Type::TextList || key.row->type == Type::ChoiceList;
    if (!key.row->rows.empty() || only_list) continue;
    const Mistake told = mistake(sample_.with_value(key, "${NOT_SET}"), key.path);
    EXPECT_NE(told.what.find("NOT_SET is not set"), std::string::npos) << key.path;
    EXPECT_EQ(told.line, key.line);
  }
}

// Adds a key beside another one.
std::string with_key(const Sample& sample, const SampleKey& beside, std::string_view line) {
  std::string text = sample.renamed(beside, line);
  const std::size_t end = text.find(line) + line.size();
  return text.insert(end, "\n" + std::string(static_cast<std::size_t>(beside.column) - 1, ' ') +
                              std::string(beside.row->name));
}

TEST_F(Tables, AKeyOfALaterVersionIsRefusedWhateverItSays) {
  int refused = 0;
  const auto check = [&](std::span<const Row> rows, const SampleKey& first,
                         const std::string& path) {
    for (const Row& row : rows) {
      if (row.available) continue;
      ++refused;
      for (std::string_view value : {"null", "true", "{}", "[]", "'text'"}) {
        const std::string line = std::string(row.name) + ": " + std::string(value);
        const Mistake told = mistake(with_key(sample_, first, line), path + std::string(row.name));
        EXPECT_EQ(told.what, "not available in this version");
        EXPECT_EQ(told.line, first.line) << path << row.name;
        EXPECT_EQ(told.column, first.column) << path << row.name;
      }
    }
  };
  check(root_rows(), sample_.keys().front(), "");
  for (std::size_t i = 0; i + 1 < sample_.keys().size(); ++i) {
    const SampleKey& key = sample_.keys()[i];
    // The first key of a section is the one behind it.
    const std::string under = key.path + (key.row->type == Type::MapList ? "[0]." : ".");
    if (!key.row->rows.empty()) check(key.row->rows, sample_.keys()[i + 1], under);
  }
  EXPECT_GT(refused, 15);
}

TEST_F(Tables, TheEffectiveFileComesToItself) {
  const LoadResult first = load(sample_.text());
  ASSERT_TRUE(first.config);
  // The mask is too short for a secret of tokens.
  std::string unmasked = first.effective;
  const std::string masked = " secret: \"***\"";
  for (std::size_t at = 0; (at = unmasked.find(masked, at)) != std::string::npos; ++at) {
    unmasked.replace(at, masked.size(), " secret: " + std::string(kJwtSecret));
  }
  const LoadResult second = load(unmasked);
  EXPECT_EQ(all_text(second), first.effective);
  for (const SampleKey& key : sample_.keys()) {
    EXPECT_NE(first.effective.find(std::string(key.row->name) + ":"), std::string::npos);
  }
}

TEST_F(Tables, ASecretIsNeverShown) {
  const std::string secret(kSecretKey);
  folder_.directory().write("secret", secret + "\n");
  folder_.directory().write("two-lines", secret + "\n" + secret + "\n");
  const std::string shapes[] = {secret,
                                "'" + secret + "'",
                                "\"" + secret + "\"",
                                "[" + secret + "]",
                                "{" + secret + ": a}",
                                "{ file: " + secret + " }",
                                "{ file: [" + secret + "] }",
                                "{ file: secret, a: " + secret + " }",
                                "{ file: secret }",
                                "{ file: '${SECRET}' }",
                                "{ file: two-lines }",
                                "{ value: " + secret + " }",
                                "*" + secret,
                                "&" + secret,
                                "!" + secret + " x",
                                "\"" + secret + "\\q\"",
                                "\"" + secret + "\\n\"",
                                "'" + secret,
                                "{" + secret,
                                "${" + secret + "}",
                                "${SECRET}",
                                "${NOT_SET:-" + secret + "}",
                                "${NOT_SET:-" + secret,
                                "|\n                " + secret,
                                secret + ": x",
                                "@" + secret,
                                "%" + secret,
                                "x\n" + secret};
  int secrets = 0;
  for (const SampleKey& key : sample_.keys()) {
    if (!key.row->secret) continue;
    ++secrets;
    for (const std::string& shape : shapes) {
      // As the name of a file it is none: the file's name is told when it cannot be read.
      if (shape.starts_with("{ file: " + secret)) continue;
      const std::string shown = all_text(load(sample_.with_value(key, shape)));
      EXPECT_FALSE(shown.empty());
      EXPECT_EQ(shown.find(secret), std::string::npos) << key.path << ": " << shape << "\n"
                                                       << shown;
      EXPECT_EQ(shown.find(kSessionToken), std::string::npos) << shape;
      EXPECT_EQ(shown.find(kJwtSecret), std::string::npos) << shape;
    }
  }
  EXPECT_EQ(secrets, 6);
}

TEST_F(Tables, AVariableInAnyValueIsNotShownInAMistake) {
  for (const SampleKey& key : sample_.keys()) {
    if (!key.row->rows.empty()) continue;
    const bool list = key.row->type == Type::TextList || key.row->type == Type::ChoiceList;
    const LoadResult result =
        load(sample_.with_value(key, list ? "['${SECRET}', 'X-Amz-${SECRET}']" : "' ${SECRET}'"));
    std::string shown;
    for (const Mistake& one : result.mistakes) {
      // The name of a file of the server's is told when it is not there.
      const bool names_file = key.row->type == Type::File || key.row->type == Type::Folder;
      const bool told = names_file && !key.path.ends_with(".ca_file") &&
                        key.path.find(".public_keys[") == std::string::npos;
      if (!told) shown += to_string(one) + "\n";
    }
    EXPECT_EQ(shown.find(kSecretKey), std::string::npos) << key.path << "\n" << shown;
  }
}

}  // namespace
}  // namespace yata::config
