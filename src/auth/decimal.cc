#include "auth/decimal.h"

#include <algorithm>
#include <charconv>
#include <cstdint>

namespace yata::auth {
namespace {

// 0.DIGITS × 10^magnitude; the first digit is no zero. The digits stand where they were written, on
// both sides of the dot. Zero has none.
struct Decimal {
  bool negative = false;
  std::string_view before;
  std::string_view behind;
  std::int64_t magnitude = 0;

  bool is_zero() const { return before.empty() && behind.empty(); }
  int sign() const { return is_zero() ? 0 : (negative ? -1 : 1); }
  std::size_t size() const { return before.size() + behind.size(); }
  char digit(std::size_t index) const {
    if (index < before.size()) return before[index];
    return index < size() ? behind[index - before.size()] : '0';
  }
};

std::size_t take_zeros(std::string_view& digits) {
  const std::size_t zeros = std::min(digits.find_first_not_of('0'), digits.size());
  digits.remove_prefix(zeros);
  return zeros;
}

std::int64_t read_exponent(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  std::int64_t exponent = 0;
  std::from_chars(text.data(), text.data() + text.size(), exponent);
  return exponent;
}

Decimal read_decimal(std::string_view text) {
  Decimal number;
  number.negative = text.starts_with('-');
  if (number.negative) text.remove_prefix(1);
  const std::size_t mark = std::min(text.find_first_of("eE"), text.size());
  if (mark < text.size()) number.magnitude = read_exponent(text.substr(mark + 1));
  text = text.substr(0, mark);
  number.before = text.substr(0, text.find('.'));
  number.behind = text.substr(std::min(number.before.size() + 1, text.size()));
  take_zeros(number.before);
  number.magnitude += static_cast<std::int64_t>(number.before.size());
  if (number.before.empty()) {
    number.magnitude -= static_cast<std::int64_t>(take_zeros(number.behind));
  }
  return number;
}

// Of two that are not zero, without their signs.
std::weak_ordering compare_sizes(const Decimal& a, const Decimal& b) {
  if (a.magnitude != b.magnitude) return a.magnitude <=> b.magnitude;
  const std::size_t digits = std::max(a.size(), b.size());
  for (std::size_t i = 0; i < digits; ++i) {
    if (a.digit(i) != b.digit(i)) return a.digit(i) <=> b.digit(i);
  }
  return std::weak_ordering::equivalent;
}

}  // namespace

std::weak_ordering compare_decimals(std::string_view a, std::string_view b) {
  const Decimal left = read_decimal(a);
  const Decimal right = read_decimal(b);
  if (left.sign() != right.sign() || left.is_zero()) return left.sign() <=> right.sign();
  return left.negative ? compare_sizes(right, left) : compare_sizes(left, right);
}

}  // namespace yata::auth
