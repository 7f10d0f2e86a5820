/*
 * The rates at which level payments are worth what they should be.
 */
#include "core/finance/finance.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include <boost/multiprecision/cpp_bin_float.hpp>

#include "core/base/guard.hpp"
#include "core/finance/level.hpp"
#include "core/finance/root.hpp"

#include "core/base/pure.hpp"

namespace tradeup {

namespace {

/* The equation's left side at a rate, scaled by a positive factor so that it neither over- nor underflows. */
struct Equation {
    Wide periods;
    Wide payment;
    Wide present;
    Wide future;
    Due due;

    /* The flows in order: the first, those between, the last. */
    std::array<Wide, 3> flows() const noexcept {
        const Wide between = periods > 1 ? payment : 0;
        return due == Due::begin ? std::array{present + payment, between, future}
                                 : std::array{present, between, payment + future};
    }

    /* The sign of the left side at high rates. */
    int first_sign() const noexcept {
        const auto [first, between, last] = flows();
        return first != 0 ? sign(first) : between != 0 ? sign(between) : sign(last);
    }

    Valued operator()(Wide force) const noexcept {
        const Wide rate = std::expm1(force);
        const Wide shift = due == Due::begin ? std::exp(force) : 1;
        const Wide paid = payment * shift *
                          (force == 0 ? periods : std::expm1(std::fabs(force) * -periods) / -std::fabs(rate));
        /* Most loans leave nothing at their end, and an exponential is a fifth of the work. */
        const Wide faded = (force >= 0 ? future : present) == 0 ? 0 : std::exp(std::fabs(force) * -periods);
        if (force >= 0) {
            return {present + paid + future * faded,
                    std::fabs(present) + std::fabs(paid) + std::fabs(future * faded)};
        }
        return {present * faded + paid + future,
                std::fabs(present * faded) + std::fabs(paid) + std::fabs(future)};
    }
};

using High = boost::multiprecision::cpp_bin_float_100;

/* The same in 100 digits, for what long doubles cannot tell from zero. */
struct PreciseEquation {
    const Equation &equation;

    struct Value {
        High value;
        High scale;
    };

    Value at(const High &force) const {
        const High growth = exp(force);
        const High faded = exp(-abs(force) * High(equation.periods));
        const High paid = equation.payment * (equation.due == Due::begin ? growth : High(1)) *
                          (force == 0 ? High(equation.periods) : High((1 - faded) / abs(growth - 1)));
        const High present = force >= 0 ? High(equation.present) : High(equation.present * faded);
        const High future = force >= 0 ? High(equation.future * faded) : High(equation.future);
        return {present + paid + future, abs(present) + abs(paid) + abs(future)};
    }

    Valued operator()(Wide force) const {
        const Value value = at(High(force));
        return {static_cast<Wide>(value.value), static_cast<Wide>(value.scale)};
    }
};

/*
 * Where `height` is greatest between two points, between which it rises and then falls, or where it is
 * `enough`: golden sections, which find a place to half of the digits that the number has.
 */
template <typename Number, typename Height, typename Enough>
Number highest(Number low, Number high, int sections, const Height &height, const Enough &enough) {
    const Number golden = (3 - sqrt(Number(5))) / 2;
    Number left = low + golden * (high - low);
    Number right = high - golden * (high - low);
    auto at_left = height(left);
    auto at_right = height(right);
    for (int i = 0; i < sections; ++i) {
        if (enough(at_left)) {
            return left;
        }
        if (enough(at_right)) {
            return right;
        }
        if (at_left < at_right) {
            low = left;
            left = right;
            at_left = at_right;
            right = high - golden * (high - low);
            at_right = height(right);
        } else {
            high = right;
            right = left;
            at_right = at_left;
            left = low + golden * (high - low);
            at_left = height(left);
        }
    }
    return low + (high - low) / 2;
}

/*
 * A point between the two roots of an equation whose first and last flows have one sign and those between
 * another; where it has no two, its extremum. F (1 + r), the equation's left side times one period's growth,
 * rises (or falls) to one extremum and then falls (rises), because the signs of its derivative's flows change
 * once.
 */
Wide between_roots(const Equation &equation) {
    const int inside = -equation.first_sign();
    /* Compared by sign and logarithm, because the equation undone of its scaling would overflow. */
    struct Height {
        int sign;
        Wide logarithm;
        bool certain;

        bool operator<(const Height &other) const noexcept {
            return sign != other.sign ? sign < other.sign : logarithm < other.logarithm;
        }
    };
    const auto height = [&](Wide force) {
        const Valued at = equation(force);
        const Wide value = inside * at.value;
        const Wide logarithm =
            std::log(std::fabs(value)) + force + (force < 0 ? -force * equation.periods : 0);
        return value > 0 ? Height{1, logarithm, certain_sign(at) != 0} : Height{-1, -logarithm, false};
    };
    constexpr int kSections = 110;
    const Wide point = highest(kLowestForce, kHighestForce, kSections, height,
                               [](const Height &reached) { return reached.certain; });
    if (!touches(equation(point))) {
        return point;
    }
    /* Whether it crosses zero, touches it or misses it is decided in more digits. */
    constexpr Wide kDoubt = 1e-6L;
    constexpr int kPreciseSections = 150;
    const PreciseEquation precise{equation};
    const auto precise_height = [&](const High &force) {
        const High undone = exp(force < 0 ? High(force - force * High(equation.periods)) : force);
        return High(inside * precise.at(force).value * undone);
    };
    const auto found = static_cast<Wide>(highest(High(point - kDoubt), High(point + kDoubt), kPreciseSections,
                                                 precise_height, [](const High &) { return false; }));
    /* The search ends within about 1e-33 of the extremum, on a side that depends on the compiler. */
    constexpr Wide kZero = 0x1p-100L;
    return std::fabs(found) < kZero ? 0 : found;
}

/* All roots of an equation of level payments, ascending. May throw. */
std::vector<Root> roots_of(const Equation &equation) {
    std::vector<Root> roots;
    const PreciseEquation precise{equation};
    if (equation.periods != std::floor(equation.periods)) {
        add_roots(equation, precise, true, false, grid(), roots); // a part of a payment is no flow of its own
        return roots;
    }
    const auto [first, between, last] = equation.flows();
    const int changes = sign_changes({first, between, last});
    if (changes == 1) {
        const Force root = the_root(equation, equation.first_sign());
        if (root) {
            roots.push_back({*root, equation.first_sign()});
        }
    } else if (changes == 2) {
        std::vector<Wide> points{kLowestForce, between_roots(equation), kHighestForce};
        points.insert(std::upper_bound(points.begin(), points.end(), Wide{0}), Wide{0});
        add_roots(equation, precise, true, true, points, roots);
    }
    return roots;
}

/* Searches for the roots of an equation of level payments, and makes an answer of them. */
template <typename Found>
auto searched(double periods, double payment, double present, double future, Due due, Found found) noexcept
    -> Result<decltype(found(Equation{}, std::vector<Root>{}))> {
    using Answered = Result<decltype(found(Equation{}, std::vector<Root>{}))>;
    const Result<bool> checked = check(0, {{"number of periods", periods},
                                           {"payment", payment},
                                           {"present value", present},
                                           {"future value", future}})
                                     .and_then([&](bool) { return check_periods(periods, false); });
    if (!checked) {
        return tl::unexpected(checked.error());
    }
    return guarded([&]() -> Answered {
        const Equation equation{periods, payment, present, future, due};
        return found(equation, roots_of(equation));
    });
}

} // namespace

Result<Answer> rate_of_return(double periods, double payment, double present, double future,
                              Due due) noexcept {
    return searched(periods, payment, present, future, due,
                    [](const Equation &equation, const std::vector<Root> &roots) {
                        return rate_from(chosen(roots, equation.first_sign()));
                    });
}

Result<Rates> rates_of_return(double periods, double payment, double present, double future,
                              Due due) noexcept {
    return searched(periods, payment, present, future, due,
                    [](const Equation &, const std::vector<Root> &roots) { return rates_from(roots); });
}

} // namespace tradeup
