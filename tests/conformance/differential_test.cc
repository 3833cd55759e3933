// 20,000 generated requests and as many responses, read by us and by two parsers that others ship.
// Every class of difference is in a table here, with the side the RFC is on; a class that is not
// there fails.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "corpus.h"
#include "http/h1/conversation.h"
#include "other_parsers.h"

namespace yata::conformance {
namespace {

constexpr std::uint64_t kSeed = 1;
constexpr std::size_t kCount = 20'000;

struct Class {
  std::string_view refusal;  // of the one who refuses
  std::string_view side;     // whom the RFC sides with, and where it says so
};

// We refuse what one of the others accepts.
constexpr Class kStricter[] = {
    {"bad_chunk",
     "us: a bare LF, an empty extension, a control character (9112 §7.1); both: white space around "
     "the size (senders must not), a chunk of 2^63 bytes and more, framing fields in trailers"},
    {"bad_connection",
     "us: not a list of tokens (9110 §7.6.1); both: it names a field for all recipients, which "
     "senders must not"},
    {"bad_content_length",
     "both: a list of equal numbers may be refused (9110 §8.6); us: everything else in it"},
    {"bad_expect", "us: 417 for an unknown expectation (9110 §10.1.1)"},
    {"bad_field_name",
     "us: white space before the colon, not a token (9112 §5.1); both: a framing "
     "field written with '_'"},
    {"bad_field_value", "us: control characters are dangerous (9110 §5.5)"},
    {"bad_host", "us: an invalid value is 400 (9112 §3.2); both: an empty one"},
    {"bad_line_end", "us: a bare CR is invalid, a bare LF need not be taken (9112 §2.2)"},
    {"bad_method", "us: not a token (9112 §3.1); both: CONNECT, which a server need not know"},
    {"bad_request_line",
     "us: single spaces, a version, nothing else (9112 §3); both: one empty "
     "line before it, which the connection skips behind a body"},
    {"bad_status_line",
     "us: the second SP is not optional, a status has three digits (9112 §4), 600 "
     "and more is invalid (9110 §15); both: 101 without having asked"},
    {"bad_target", "us: fragment, 8-bit, form that does not fit the method (9112 §3.2)"},
    {"bad_transfer_encoding",
     "us: chunked is not last, or twice (9112 §6.1); both: codings we do not know (9112 §6.1)"},
    {"duplicate_content_length", "both: equal numbers may be refused (9110 §8.6)"},
    {"duplicate_host", "us: 400 (9112 §3.2)"},
    {"length_and_transfer_encoding", "both: may be refused (9112 §6.1)"},
    {"missing_host", "us: 400 (9112 §3.2)"},
    {"obsolete_fold", "us: 400, or replaced by spaces (9112 §5.2)"},
    {"unsupported_version", "both: a server may refuse a version (9110 §15.6.6)"},
};

// They refuse what we accept. Each class is looked into by a test below.
constexpr Class kLaxer[] = {
    {"HPE_CLOSED_CONNECTION",
     "both: nothing is read behind `Connection: close` (9112 §9.6); llhttp "
     "calls it an error, we stop"},
    {"HPE_INVALID_CONTENT_LENGTH", "us: HTAB behind a value is optional white space (9110 §5.6.3)"},
    {"HPE_INVALID_METHOD", "us: any token is a method (9110 §9.1), and 405 its answer"},
    {"HPE_PAUSED_UPGRADE",
     "both: llhttp hands the connection over, a server may ignore Upgrade "
     "(9110 §7.8)"},
};

template <std::size_t N>
bool lists(const Class (&table)[N], std::string_view refusal) {
  return std::ranges::any_of(table, [&](const Class& c) { return c.refusal == refusal; });
}

struct Counts {
  int both_accept = 0;
  int both_refuse = 0;
  int stricter = 0;
  int laxer = 0;
};

// They refuse within a head whose rest we wait for: whether we refuse it, too, once its line ends.
bool refused_at_its_end(Side side, const std::string& text) {
  return read_ours(side, text).within_head && !read_ours(side, text + "\r\n\r\n").refusal.empty();
}

Counts compare_all(Side side, const std::vector<std::string>& texts,
                   const std::vector<Reading>& theirs) {
  Counts counts;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const Reading ours = read_ours(side, texts[i]);
    switch (compare(ours, theirs[i])) {
      case Comparison::Same:
        ++(ours.refusal.empty() ? counts.both_accept : counts.both_refuse);
        break;
      case Comparison::Stricter:
        ++counts.stricter;
        EXPECT_TRUE(lists(kStricter, ours.refusal)) << ours.refusal << ": " << printable(texts[i]);
        break;
      case Comparison::Laxer:
        if (refused_at_its_end(side, texts[i])) break;
        ++counts.laxer;
        EXPECT_TRUE(lists(kLaxer, theirs[i].refusal))
            << theirs[i].refusal << ": " << printable(texts[i]);
        break;
      case Comparison::Different:
        ADD_FAILURE() << "framed in two ways: " << printable(texts[i]) << "\nwe: " << ours.refusal
                      << "\nthey: " << theirs[i].refusal;
        break;
    }
  }
  return counts;
}

void expect_enough(const Counts& counts) {
  EXPECT_GT(counts.both_accept, 5000);
  EXPECT_GT(counts.both_refuse, 5000);
  EXPECT_GT(counts.stricter, 1000);
}

std::vector<std::string> make(Side side) {
  return side == Side::Requests ? make_requests(kSeed, kCount) : make_responses(kSeed, kCount);
}

class Differential : public ::testing::TestWithParam<Side> {};

TEST_P(Differential, to_beast) {
  const std::vector<std::string> texts = make(GetParam());
  std::vector<Reading> theirs;
  for (const std::string& text : texts) theirs.push_back(read_beast(GetParam(), text));
  const Counts counts = compare_all(GetParam(), texts, theirs);
  expect_enough(counts);
  // Beast refuses nothing that we accept.
  EXPECT_EQ(counts.laxer, 0);
}

// The text with every method that is not in llhttp's list made a GET.
std::string with_known_methods(std::string text) {
  static const std::set<std::string> kKnown = {"GET",     "HEAD",  "POST",  "PUT",
                                               "OPTIONS", "TRACE", "PURGE", "CONNECT"};
  for (const http::h1::SeenRequest& request : http::h1::converse(text).requests) {
    if (kKnown.contains(request.method)) continue;
    const std::string line = request.method + ' ' + request.target + ' ';
    const std::size_t at = text.find(line);
    if (at != std::string::npos) text.replace(at, request.method.size(), "GET");
  }
  return text;
}

// It is the method, and nothing behind it, that Node refuses and we accept.
void check_methods(const std::vector<std::string>& texts, const std::vector<Reading>& theirs) {
  constexpr Side kSide = Side::Requests;
  std::vector<std::string> odd;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    if (theirs[i].refusal != "HPE_INVALID_METHOD") continue;
    const bool laxer = compare(read_ours(kSide, texts[i]), theirs[i]) == Comparison::Laxer;
    if (!laxer || refused_at_its_end(kSide, texts[i])) continue;
    // An unfinished head gets its end, so that its method is seen.
    const bool within_head = read_ours(kSide, texts[i]).within_head;
    odd.push_back(with_known_methods(texts[i] + (within_head ? "\r\n\r\n" : "")));
  }
  EXPECT_GT(odd.size(), 50U);
  const auto again = read_node(kSide, odd);
  ASSERT_TRUE(again && again->size() == odd.size());
  for (std::size_t i = 0; i < odd.size(); ++i) {
    EXPECT_NE((*again)[i].refusal, "HPE_INVALID_METHOD") << printable(odd[i]);
    EXPECT_NE(compare(read_ours(kSide, odd[i]), (*again)[i]), Comparison::Different)
        << printable(odd[i]);
  }
}

TEST_P(Differential, to_node) {
  const std::vector<std::string> texts = make(GetParam());
  const auto theirs = read_node(GetParam(), texts);
  if (!theirs) {
    std::fputs("SKIPPED: no Node, or too old; its parser was not compared with ours.\n", stderr);
    GTEST_SKIP() << "SKIPPED: no Node, or too old";
  }
  ASSERT_EQ(theirs->size(), texts.size()) << "node_parser.cjs failed";
  const Counts counts = compare_all(GetParam(), texts, *theirs);
  expect_enough(counts);
  EXPECT_LT(counts.laxer, 400);
  if (GetParam() == Side::Requests) check_methods(texts, *theirs);
}

INSTANTIATE_TEST_SUITE_P(Both, Differential, ::testing::Values(Side::Requests, Side::Responses),
                         [](const auto& side) {
                           return side.param == Side::Requests ? "requests" : "responses";
                         });

}  // namespace
}  // namespace yata::conformance
