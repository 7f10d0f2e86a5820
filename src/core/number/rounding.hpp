/*
 * The four ways of rounding, stated once for values that are known exactly.
 */
#pragma once

#include "core/base/words.hpp"
#include "core/number/decimal.hpp"

#include "core/base/pure.hpp"

namespace tradeup {

/* How an exact amount becomes whole minor units. `up` is away from zero and `down` towards it. */
enum class Rounding : std::int32_t { half_up, half_even, up, down };

inline constexpr Words<Rounding, 4> kRoundings{{{"half_up", Rounding::half_up},
                                                {"half_even", Rounding::half_even},
                                                {"up", Rounding::up},
                                                {"down", Rounding::down}}};

inline const char *rounding_name(Rounding rounding) noexcept {
    return word_for(kRoundings, rounding);
}

/* The rounding of its name. Errors: bad_value. */
inline Result<Rounding> parse_rounding(std::string_view name) noexcept {
    return value_named(kRoundings, name, "rounding");
}

/*
 * The rounded value of numerator/denominator (denominator > 0).
 * Works for built-in 128-bit integers and for Boost's cpp_int alike.
 */
template <typename Integer>
Integer round_ratio(const Integer &numerator, const Integer &denominator, Rounding rounding) {
    const bool negative = numerator < 0;
    const Integer magnitude = negative ? Integer(-numerator) : numerator;
    Integer quotient = magnitude / denominator;
    const Integer remainder = magnitude % denominator;
    const Integer twice = remainder * 2;
    bool away = false;
    switch (rounding) {
    case Rounding::half_up:
        away = twice >= denominator;
        break;
    case Rounding::half_even:
        away = twice > denominator || (twice == denominator && quotient % 2 != 0);
        break;
    case Rounding::up:
        away = remainder != 0;
        break;
    case Rounding::down:
        break;
    }
    if (away) {
        quotient += 1;
    }
    return negative ? Integer(-quotient) : quotient;
}

/*
 * The set of exact values that round to at most a given whole number is a half-line: all below an edge, with
 * or without the edge itself. The edge lies on a half, so it is given doubled.
 */
struct RoundingEdge {
    Int128 doubled;
    bool inclusive;
};

/* The edge below which a value rounds to `whole` or less: round(x) <= whole means x < edge, or x <= edge. */
constexpr RoundingEdge rounds_to_at_most(std::int64_t whole, Rounding rounding) noexcept {
    const Int128 twice = Int128{whole} * 2;
    switch (rounding) {
    case Rounding::half_up:
        return {twice + 1, whole < 0};
    case Rounding::half_even:
        return {twice + 1, whole % 2 == 0};
    case Rounding::up:
        return whole >= 0 ? RoundingEdge{twice, true} : RoundingEdge{twice + 2, false};
    case Rounding::down:
        return whole >= 0 ? RoundingEdge{twice + 2, false} : RoundingEdge{twice, true};
    }
    return {twice, true};
}

} // namespace tradeup
