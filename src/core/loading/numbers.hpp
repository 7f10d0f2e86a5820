/*
 * Numbers as people write them: with thousands in groups, a point or a comma before the decimals, and a
 * currency or a unit around them. What a text does not say is not guessed.
 */
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "core/base/blank.hpp"
#include "core/number/decimal.hpp"

#include "core/base/pure.hpp"

namespace tradeup {

/* What stands before the decimals. */
enum class DecimalMark : char { unsaid = '\0', point = '.', comma = ',' };

/* A text around one number: what stands before and after it, without blanks, and the number as written. */
struct WrittenNumber {
    std::string_view before;
    std::string_view digits; // digits, points, commas, apostrophes and blanks
    std::string_view after;
    bool negative;
};

/* The longest text that is looked at. */
inline constexpr std::size_t kLongestNumber = 100;

/* The number of a text: the first digits in it. Nothing where there are none, or the text is too long. */
std::optional<WrittenNumber> written_number(std::string_view text) noexcept;

/* How a number reads under a decimal mark. */
enum class Spelling { right, wrong, too_long };

struct ReadNumber {
    Spelling spelling;
    Decimal value;
};

/*
 * The digits of a WrittenNumber as a number with this decimal mark, not `unsaid`. Thousands stand in groups
 * of three (1,249,000), or as in India of two before the last three (12,49,000), parted by the other mark, by
 * apostrophes or by blanks; a dash after the mark stands for no decimals (1.249,-). Spelling `too_long`:
 * more than 18 digits.
 */
ReadNumber read_digits(std::string_view digits, DecimalMark mark) noexcept;

/* What a number says of its decimal mark. */
struct Evidence {
    bool point;   // it can be read with a point
    bool comma;   // it can be read with a comma
    bool differs; // both, with different results
};
Evidence evidence_of(std::string_view digits) noexcept;

} // namespace tradeup
