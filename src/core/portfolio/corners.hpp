/*
 * A deal's formula at the corners of what customers may be: what is affine in their figures is known from
 * there.
 */
#pragma once

#include <cmath>

#include "core/deal/formula.hpp"
#include "core/portfolio/summary_parts.hpp"

#include "core/base/pure.hpp"

namespace tradeup {

/* Where planes are measured: the largest figure that a customer may have. */
inline constexpr Decimal kMuch = decimal(1'000'000'000'000);

/* The terms with one of the figures that a customer may have at its largest, and the others at their least.
 */
inline Buyer corner(int large) noexcept {
    const auto is = [large](Own figure) { return large == static_cast<int>(figure); };
    return {is(Own::equity) ? kMuch : Decimal{},
            {is(Own::payment) ? kMuch : kUnitAmount, 1},
            {{}, 1},
            {is(Own::trade_value) ? kMuch : Decimal{}, 1},
            {is(Own::income) ? kMuch : Decimal{}, 1},
            is(Own::bonus) ? kMuch : Decimal{}};
}

/* Terms at a corner of what customers may be, with their formula and their payment. */
struct Corner {
    Terms terms;
    Formula<Bounded> formula;
    Affine<Bounded> payment;

    explicit Corner(const Terms &own) noexcept : terms(own), formula(terms), payment(formula.payment()) {}
    Corner(const Corner &) = delete;
    Corner &operator=(const Corner &) = delete;
};

/* The corners that determine a plane: the origin, and one for each figure; and one with another current
 * price. */
struct Corners {
    Corner origin;
    Corner dear;
    Corner large[kOwn];

    explicit Corners(const Terms &terms) noexcept
        : origin(for_customer(terms, corner(-1))),
          dear(with_price(origin.terms)), large{Corner(for_customer(terms, corner(0))),
                                                Corner(for_customer(terms, corner(1))),
                                                Corner(for_customer(terms, corner(2))),
                                                Corner(for_customer(terms, corner(3))),
                                                Corner(for_customer(terms, corner(4)))} {}

private:
    static Terms with_price(Terms terms) noexcept {
        terms.current_price.value = kMuch;
        return terms;
    }
};

/* The error of a coefficient, with what its evaluation may lose. */
inline double widened(Bounded coefficient) noexcept {
    return coefficient.error * kBoundSlack + kEvaluation * std::fabs(coefficient.value);
}

/* The plane through a value at the origin and one at each corner. */
template <typename Value>
Plane plane_through(const Corners &corners, Value value_at_corner) noexcept {
    const Bounded origin = value_at_corner(corners.origin);
    Plane plane{};
    Bounded constant = origin;
    for (std::size_t i = 0; i < kOwn; ++i) {
        const bool payment = i == static_cast<std::size_t>(Own::payment);
        const Bounded much = payment ? bounded(kMuch) - whole(1) : bounded(kMuch);
        const Bounded per = (value_at_corner(corners.large[i]) - origin) / much;
        plane.per[i] = per.value;
        plane.per_error[i] = widened(per);
        constant = payment ? origin - per : constant;
    }
    plane.constant = constant.value;
    plane.constant_error = widened(constant);
    return plane;
}

} // namespace tradeup
