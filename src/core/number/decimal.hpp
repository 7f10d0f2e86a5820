/*
 * Exact decimals: how rates, fees and amounts of money enter the core.
 */
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "core/base/error.hpp"
#include "core/base/pure.hpp"

namespace tradeup {

__extension__ using Int128 = __int128;

inline constexpr int kMaxDigits = 18;
inline constexpr int kMaxScale = kMaxDigits;
inline constexpr std::int64_t kMaxCoefficient = 999'999'999'999'999'999;

/* Powers of ten that fit in 64 bits. */
inline constexpr std::array<std::int64_t, 19> kPowersOfTen = [] {
    std::array<std::int64_t, 19> powers{};
    powers[0] = 1;
    for (std::size_t i = 1; i < powers.size(); ++i) {
        powers[i] = powers[i - 1] * 10;
    }
    return powers;
}();

/*
 * The number coefficient * 10^-scale, exactly. At most 18 digits, scale 0 to 18. Two equal numbers are the
 * same bytes once `normalized`.
 */
struct Decimal {
    std::int64_t coefficient = 0;
    std::int64_t scale = 0;
};

/* A decimal from a literal: decimal(1949, 4) is 0.1949. */
constexpr Decimal decimal(std::int64_t coefficient, std::int64_t scale = 0) noexcept {
    return {coefficient, scale};
}

/* The same number without trailing zeros after the point. */
constexpr Decimal normalized(Decimal value) noexcept {
    while (value.scale > 0 && value.coefficient % 10 == 0) {
        value.coefficient /= 10;
        --value.scale;
    }
    return value;
}

/* -1, 0 or 1 as a is less than, equal to or greater than b; exact for every pair of decimals. */
constexpr int compare(Decimal a, Decimal b) noexcept {
    if (a.scale < b.scale) {
        return -compare(b, a);
    }
    std::int64_t other = 0;
    if (__builtin_mul_overflow(b.coefficient, kPowersOfTen[static_cast<std::size_t>(a.scale - b.scale)],
                               &other)) {
        return b.coefficient < 0 ? 1 : -1; // beyond 64 bits, so beyond every coefficient
    }
    return a.coefficient < other ? -1 : a.coefficient > other ? 1 : 0;
}

/* The largest whole number of units of 10^-digits (0 to 9 digits) that is at most the number, within 2 *
 * 10^17 of zero. */
constexpr std::int64_t floor_units(Decimal value, int digits) noexcept {
    constexpr Int128 kMost = 200'000'000'000'000'000;
    const Int128 scaled = Int128{value.coefficient} * kPowersOfTen[static_cast<std::size_t>(digits)];
    const Int128 power = kPowersOfTen[static_cast<std::size_t>(value.scale)];
    const Int128 units = scaled / power - (scaled % power < 0 ? 1 : 0);
    return static_cast<std::int64_t>(units > kMost ? kMost : units < -kMost ? -kMost : units);
}

constexpr bool is_zero(Decimal value) noexcept {
    return value.coefficient == 0;
}

/* A decimal as text, with room for every value. */
struct DecimalText {
    char text[48];
};

/* The shortest plain notation of the number: no exponent, no trailing zeros, a digit before the point. */
DecimalText to_text(Decimal value) noexcept;

/* The number units * 10^-scale with all of its decimals, as numeric shows it: fixed_text(4500, 2) is 45.00.
 * Domain: scale 0 to 18. */
DecimalText fixed_text(std::int64_t units, int scale) noexcept;

/*
 * The decimal that a text of digits with an optional sign and point denotes.
 * Errors: bad_text when it is no such text, out_of_range when it needs more than 18 digits.
 */
Result<Decimal> parse_decimal(std::string_view text) noexcept;

} // namespace tradeup
