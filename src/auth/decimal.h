// Numbers of JSON texts (RFC 8259 §6), compared digit by digit: as what they say, where a double or
// an integer of 64 bits would take two of them for one. Pure.
#pragma once

#include <compare>
#include <string_view>

namespace yata::auth {

// 1, 1.0 and 10e-1 are equivalent. Precondition: both are such numbers, with exponents that fit an
// int, as json.h reads them.
std::weak_ordering compare_decimals(std::string_view a, std::string_view b);

}  // namespace yata::auth
