// Messages that are right and messages that are nearly so, made from a seed: what parsers are
// compared on.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace yata::conformance {

// The same seed and count give the same texts. Each may hold more than one request, or half of one.
std::vector<std::string> make_requests(std::uint64_t seed, std::size_t count);
std::vector<std::string> make_responses(std::uint64_t seed, std::size_t count);

}  // namespace yata::conformance
