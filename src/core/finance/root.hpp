/*
 * Roots of equations of value. Feasibility comes first (changes of sign), then a bracket, then TOMS 748
 * (G. E. Alefeld, F. A. Potra, Y. Shi, Algorithm 748, ACM Transactions on Mathematical Software 21, 1995;
 * Boost.Math). Newton's method leaves the domain on real cash flows, so it is left to only_root.hpp, which
 * proves what it finds. A root counts with a change of sign and a residual that is small against the terms of
 * the equation, or as an extremum that is zero but for the rounding of the amounts.
 *
 * Equations are functions of the force of interest, log(1 + rate), from that of the least rate above -1 that
 * a double holds to that of the largest.
 */
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <vector>

#include <boost/math/tools/toms748_solve.hpp>

#include "core/finance/finance.hpp"

#include "core/base/pure.hpp"

namespace tradeup {

/* An equation's left side, and the sum of the magnitudes of its terms. Both may be scaled by a positive
 * factor. */
struct Valued {
    Wide value;
    Wide scale;
};

using Force = std::optional<Wide>;

inline constexpr Wide kLowestForce = -37.4299477502370L; // log(2^-54), which still rounds to above -1
inline constexpr Wide kHighestForce = 709.782712893384L; // log of the largest double

inline int sign(Wide value) noexcept {
    return value > 0 ? 1 : value < 0 ? -1 : 0;
}

/* How often the sign changes from one number to the next, zeros left out. */
inline int sign_changes(std::initializer_list<Wide> numbers) noexcept {
    int changes = 0;
    int last = 0;
    for (const Wide number : numbers) {
        const int now = sign(number);
        changes += now != 0 && last != 0 && now != last ? 1 : 0;
        last = now != 0 ? now : last;
    }
    return changes;
}

/*
 * The sign of a value that is larger than its rounding errors. Terms in long doubles are wrong by at most a
 * few units of 2^-64, and their sum by no more than what a hundred additions make of it where errors go
 * either way.
 */
inline constexpr Wide kNoise = 0x1p-58L;
inline int certain_sign(Valued at, Wide noise = kNoise) noexcept {
    return std::fabs(at.value) <= noise * at.scale ? 0 : sign(at.value);
}

/*
 * The root between a and b, where the function has opposite signs (or is zero at an end), to kAllBits bits.
 * Nothing when the residual at the root is not small against the terms: the function jumped or overflowed.
 * May throw.
 */
inline constexpr int kAllBits = 60;

template <typename Function>
Force root_between(const Function &function, Wide a, Wide b) {
    const auto value = [&](Wide force) { return function(force).value; };
    Wide at_a = value(a);
    Wide at_b = value(b);
    if (at_a == 0 || at_b == 0) {
        return at_a == 0 ? a : b;
    }
    if (sign(at_a) == sign(at_b)) {
        return {};
    }
    if (a < 0 && b > 0 && value(0) == 0) {
        return 0;
    }
    /* A bracket that reaches to zero says nothing of the root's size; narrow it to a factor of 8. */
    constexpr Wide kSmallest = 1e-40L;
    while (a == 0 && b / 8 > kSmallest) {
        const Wide at_middle = value(b / 8);
        if (sign(at_middle) == sign(at_b)) {
            b /= 8;
            at_b = at_middle;
        } else {
            a = b / 8;
            at_a = at_middle;
        }
    }
    while (b == 0 && -a / 8 > kSmallest) {
        const Wide at_middle = value(a / 8);
        if (sign(at_middle) == sign(at_a)) {
            a /= 8;
            at_a = at_middle;
        } else {
            b = a / 8;
            at_b = at_middle;
        }
    }
    if (at_a == 0 || at_b == 0) {
        return at_a == 0 ? a : b;
    }
    std::uintmax_t iterations = 500;
    const auto [low, high] = boost::math::tools::toms748_solve(
        value, a, b, at_a, at_b, boost::math::tools::eps_tolerance<Wide>(kAllBits), iterations);
    const Wide root = low + (high - low) / 2;
    const Valued residual = function(root);
    constexpr Wide kMostResidual = 1e-9L;
    if (!(std::fabs(residual.value) <= kMostResidual * residual.scale)) {
        return {};
    }
    return root;
}

/*
 * The only root of a function that has one: outward from zero until the sign changes. For high forces the
 * function has the sign of the first flow, which tells on which side of zero the root lies. May throw.
 */
template <typename Function>
Force the_root(const Function &function, int first_sign) {
    const Wide at_zero = function(0).value;
    if (at_zero == 0) {
        return 0;
    }
    const bool above = sign(at_zero) != first_sign;
    const Wide limit = above ? kHighestForce : -kLowestForce;
    Wide last = 0;
    Wide step = 0x1p-6L;
    while (last < limit) {
        const Wide next = std::fmin(step, limit);
        const Wide force = above ? next : -next;
        if (sign(function(force).value) != sign(at_zero)) {
            return above ? root_between(function, last, force) : root_between(function, force, -last);
        }
        last = next;
        step *= 4;
    }
    return {};
}

/*
 * A root, and the sign of the equation's left side just above it: 0 where it only touches zero and has the
 * same sign on both sides.
 */
struct Root {
    Wide force;
    int above;
};

/*
 * What an equation may miss zero by and still touch it, as a part of its terms: the amounts are doubles, so a
 * residual no larger than their own rounding may be none.
 */
inline constexpr Wide kTouch = 0x1p-52L;
inline bool touches(Valued at) noexcept {
    return std::fabs(at.value) <= kTouch * at.scale;
}

/* The nearer to zero of two forces; of two that are equally near, but for rounding, the positive one. */
inline Force nearer(Force a, Force b) noexcept {
    if (!a || !b) {
        return a ? a : b;
    }
    constexpr Wide kEqual = 0x1p-30L;
    const Wide size_a = std::fabs(*a);
    const Wide size_b = std::fabs(*b);
    if (std::fabs(size_a - size_b) <= kEqual * size_a) {
        return *a > *b ? a : b;
    }
    return size_a < size_b ? a : b;
}

/*
 * The root that an answer of one rate means, of all roots: among those at which the value crosses zero
 * towards the sign of the first flow (it has that sign for high rates, so the largest root is one of them)
 * the one nearest zero in |log(1 + rate)|; else among those at which it crosses the other way; else among
 * those at which it only touches zero. docs/finance.md says why.
 */
inline Force chosen(std::span<const Root> roots, int first_sign) noexcept {
    for (const int above : {first_sign, -first_sign, 0}) {
        Force best;
        for (const Root &root : roots) {
            if (root.above == above) {
                best = nearer(best, root.force);
            }
        }
        if (best) {
            return best;
        }
    }
    return {};
}

/* Forces outward from zero to a limit, each 5 percent farther than the one before. May throw. */
inline std::vector<Wide> outward(Wide limit) {
    constexpr Wide kFarther = 1.05L;
    std::vector<Wide> points{0};
    Wide force = 1e-4L;
    while (force < std::fabs(limit)) {
        points.push_back(limit > 0 ? force : -force);
        force *= kFarther;
    }
    points.push_back(limit);
    return points;
}

/*
 * Adds the roots between neighbours in a list of ascending points, which have at most one between them.
 * Signs that the function cannot tell are asked of `precise`, the same function in more digits, if that is
 * affordable. Where the points are the extrema of the function, those at which it touches zero are roots too.
 * May throw.
 */
template <typename Function, typename Precise>
void add_roots(const Function &function, const Precise &precise, bool affordable, bool extrema,
               std::span<const Wide> points, std::vector<Root> &roots) {
    int last_sign = 0;
    bool last_certain = true;
    Wide last = 0;
    /* Since the last point that is clearly off zero: its sign, whether a root was found, the flattest point.
     */
    int steep_sign = 0;
    bool crossed = false;
    Force flattest;
    Wide flatness = 1;
    for (const Wide point : points) {
        const Valued at = function(point);
        int now = certain_sign(at);
        const bool certain = now != 0;
        if (!certain && affordable) {
            now = sign(precise(point).value);
        }
        if (last_sign != 0 && now != 0 && now != last_sign) {
            const Force root = certain && last_certain ? root_between(function, last, point)
                                                       : root_between(precise, last, point);
            if (root) {
                roots.push_back({*root, now});
                crossed = true;
            }
        }
        if (now != 0) {
            last = point;
            last_sign = now;
            last_certain = certain;
        }
        if (!touches(at)) {
            if (flattest && !crossed && now == steep_sign) {
                roots.push_back({*flattest, 0});
            }
            steep_sign = now;
            crossed = false;
            flattest = {};
            flatness = 1;
        } else if (extrema && std::fabs(at.value) < flatness * at.scale) {
            flattest = point;
            flatness = std::fabs(at.value) / at.scale;
        }
    }
}

/* The points of both directions, ascending. May throw. */
inline std::vector<Wide> grid() {
    std::vector<Wide> points = outward(kLowestForce);
    points.erase(points.begin()); // zero is in both
    std::reverse(points.begin(), points.end());
    const std::vector<Wide> above = outward(kHighestForce);
    points.insert(points.end(), above.begin(), above.end());
    return points;
}

/*
 * The root that `chosen` would choose, of a function with any number of roots, by comparing signs on a grid
 * outward from zero: two roots between neighbouring points are not seen, nor one that only touches zero.
 * `rough` is the same function, faster and less exact; it finds the interval, whose ends the exact one must
 * confirm. May throw.
 */
template <typename Function, typename RoughFunction>
Force chosen_on_grid(const Function &function, const RoughFunction &rough, Wide rough_noise, int first_sign) {
    struct Bracket {
        Wide low;
        Wide high;
    };
    std::optional<Bracket> other; // the nearest that crosses zero the other way
    const auto sign_at = [&](Wide force) {
        const int certain = certain_sign(rough(force), rough_noise);
        return certain != 0 ? certain : certain_sign(function(force));
    };
    const auto first_towards = [&](Wide limit, Wide farthest) {
        int last_sign = 0;
        Wide last = 0;
        for (const Wide point : outward(limit)) {
            if (std::fabs(last) > farthest) {
                break;
            }
            const int now = sign_at(point);
            if (last_sign != 0 && now != 0 && now != last_sign) {
                const Bracket between{std::fmin(last, point), std::fmax(last, point)};
                if ((limit > 0 ? now : last_sign) == first_sign) {
                    return root_between(function, between.low, between.high);
                }
                if (!other || std::fabs(point) < std::fmax(-other->low, other->high)) {
                    other = between;
                }
            }
            last = now != 0 ? point : last;
            last_sign = now != 0 ? now : last_sign;
        }
        return Force{};
    };
    constexpr Wide kBeside = 1e-9L;
    if (sign_at(0) == 0 && sign_at(kBeside) * sign_at(-kBeside) == -1) {
        if (sign_at(kBeside) == first_sign) {
            return root_between(function, -kBeside, kBeside);
        }
        other = {-kBeside, kBeside};
    }
    const Force above = first_towards(kHighestForce, kHighestForce);
    const Force below = first_towards(kLowestForce, above ? *above : kHighestForce);
    if (above || below) {
        return nearer(above, below);
    }
    return other ? root_between(function, other->low, other->high) : Force{};
}

/* The rate of a force of interest, if a double above -1 holds it. */
inline Answer rate_from(Force force) noexcept {
    if (!force) {
        return {};
    }
    const auto rate = static_cast<double>(std::expm1(*force) + 0); // no -0
    return rate > -1 && std::isfinite(rate) ? Answer(rate) : Answer{};
}

/* The rates of ascending roots, those that a double above -1 holds. */
inline Rates rates_from(std::span<const Root> roots) noexcept {
    Rates rates{};
    for (const Root &root : roots) {
        const Answer rate = rate_from(root.force);
        if (rate && rates.count < kMostRoots && (rates.count == 0 || rates.at[rates.count - 1] < *rate)) {
            rates.at[rates.count++] = *rate;
        }
    }
    return rates;
}

} // namespace tradeup
