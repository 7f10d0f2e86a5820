/*
 * The only root of flows that change sign once: found in doubles, proved by a bracket, its last digits added
 * in long doubles. The flows are a view, which may be of what a caller holds:
 *
 *   size(), amount<Number>(j)    the amounts, in ascending order of time
 *   span<Number>(i, j)           the time from flow i to flow j, in the view's unit, for i <= j
 *   kDays                        whether spans are whole numbers, of 32 bits
 *   stop                         whether the caller wants the search to end
 */
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <vector>

#include "core/finance/discount.hpp"
#include "core/finance/root.hpp"
#include "core/finance/search.hpp"

#include "core/base/pure.hpp"

namespace tradeup {

/* Calls body(j) for first <= j < end. */
template <typename Body>
void for_each(std::size_t first, std::size_t end, StopAsked stop, Body body) {
    while (first < end) {
        if (stop()) {
            throw Stopped();
        }
        const std::size_t block = std::min(first + kStepsBetweenAsking, end);
        for (; first < block; ++first) {
            body(first);
        }
    }
}

/* Where the sign of the amounts changes: the first flow of the other sign; 0 unless it changes once. */
template <typename View>
std::size_t only_change(const View &view) {
    std::size_t change = 0;
    int changes = 0;
    double last = 0;
    for_each(0, view.size(), view.stop, [&](std::size_t j) {
        const auto amount = view.template amount<double>(j);
        if (amount * last < 0) {
            ++changes;
            change = j;
        }
        /* Only the sign is kept, so that no product of two amounts underflows. */
        last = amount > 0 ? 1 : amount < 0 ? -1 : last;
    });
    return changes == 1 ? change : 0;
}

/* Factors e^-(force t) of spans t, for a force from zero up; one by one. */
template <typename Number>
class Factors {
public:
    explicit Factors(Number force) : force_(force) {}
    Number operator()(Number span) const {
        const Number exponent = -force_ * span;
        if constexpr (std::is_same_v<Number, Wide>) {
            return exponent >= kLeastExponent ? discount(exponent) : std::exp(exponent);
        } else {
            return std::exp(exponent);
        }
    }

private:
    Number force_;
};

/*
 * The same of many whole spans: the product of two factors from tables, which together have as many entries
 * as twice the square root of the longest span.
 */
template <typename Number>
class TabledFactors {
public:
    TabledFactors(std::int64_t longest, Number force) {
        while ((std::int64_t{1} << (2 * shift_)) < longest) {
            ++shift_;
        }
        const Factors<Number> factor(force);
        low_.reserve(std::size_t{1} << shift_);
        for (std::int64_t span = 0; span < std::int64_t{1} << shift_; ++span) {
            low_.push_back(factor(static_cast<Number>(span)));
        }
        for (std::int64_t span = 0; span <= longest; span += std::int64_t{1} << shift_) {
            high_.push_back(factor(static_cast<Number>(span)));
        }
    }
    Number operator()(std::int64_t span) const {
        const auto at = static_cast<std::size_t>(span);
        return high_[at >> shift_] * low_[at & (low_.size() - 1)];
    }

private:
    int shift_ = 0;
    std::vector<Number> low_;
    std::vector<Number> high_;
};

/* The time from the first flow to the last. */
template <typename Number, typename View>
Number longest(const View &view) {
    return view.template span<Number>(0, view.size() - 1);
}

/* Whether tables are much smaller than the flows are many. */
template <typename View>
bool wants_tables(const View &view) {
    constexpr std::size_t kAtLeast = 8;
    const std::size_t n = view.size() / kAtLeast;
    return n * n > static_cast<std::size_t>(longest<std::int64_t>(view));
}

/* Flows of one sign at a force: their worth, and its mean time and the variance of that. */
struct Side {
    double worth;
    double mean;
    double variance;
};

/* The flows from `first` to before `end`, their times measured from the first or the last of all. */
template <typename View, typename Span, typename Factor>
Side side_of(const View &view, std::size_t first, std::size_t end, bool from_first, const Factor &factor) {
    double worth = 0;
    double moment = 0;
    double square = 0;
    for_each(first, end, view.stop, [&](std::size_t j) {
        const auto span =
            from_first ? view.template span<Span>(0, j) : view.template span<Span>(j, view.size() - 1);
        const auto time = static_cast<double>(span);
        const double term = view.template amount<double>(j) * factor(span);
        worth += term;
        moment += term * time;
        square += term * time * time;
    });
    const double mean = moment / worth;
    return {std::fabs(worth), mean, square / worth - mean * mean};
}

/*
 * How far the root lies from a force: Halley's method for the logarithm of what the flows of one sign are
 * worth divided by what those of the other are, which is nearly straight.
 */
template <typename View, typename Span, typename Factor>
double step_to_root(const View &view, std::size_t change, bool from_first, const Factor &factor) {
    const Side before = side_of<View, Span>(view, 0, change, from_first, factor);
    const Side after = side_of<View, Span>(view, change, view.size(), from_first, factor);
    const double value = std::log(before.worth / after.worth);
    const double slope = from_first ? after.mean - before.mean : before.mean - after.mean;
    const double bend = before.variance - after.variance;
    const double newton = value / slope;
    const double curved = 1 - newton * bend / (2 * slope);
    constexpr double kMostBent = 0.5;
    return curved > kMostBent ? -newton / curved : -newton;
}

template <typename View>
double step_to_root(const View &view, std::size_t change, double force) {
    const double size = std::fabs(force);
    if (force == 0) {
        return step_to_root<View, double>(view, change, true, [](double /*span*/) { return 1.0; });
    }
    if constexpr (View::kDays) {
        if (wants_tables(view)) {
            return step_to_root<View, std::int64_t>(view, change, force > 0,
                                                    TabledFactors<double>(longest<std::int64_t>(view), size));
        }
    }
    return step_to_root<View, double>(view, change, force > 0, Factors<double>(size));
}

/* The root next to a force, where signs beyond all rounding at both sides of it prove that it is there. */
template <typename View, typename Span, typename Factor>
Force proved(const View &view, double near, const Factor &factor) {
    Wide value = 0;
    Wide moment = 0;
    Wide scale = 0;
    for_each(0, view.size(), view.stop, [&](std::size_t j) {
        const auto span =
            near > 0 ? view.template span<Span>(0, j) : view.template span<Span>(j, view.size() - 1);
        const Wide term = view.template amount<Wide>(j) * factor(span);
        value += term;
        moment += term * static_cast<Wide>(span);
        scale += std::fabs(term);
    });
    /*
     * At near +- beside each factor e^-x becomes e^-x (1 -+ x 2^-34 + ...), where the rest is below 2^-42
     * for the x that are allowed: so the worth there is value +- slope beside, but for the noise.
     */
    constexpr Wide kBracket = 0x1p-34L;
    constexpr Wide kNoiseBeside = 0x1p-40L;
    const Wide slope = near > 0 ? -moment : moment;
    const Wide beside = std::fabs(near) * kBracket;
    if (std::fabs(slope) * beside - std::fabs(value) > kNoiseBeside * scale) {
        return near - value / slope;
    }
    return {};
}

template <typename View>
Force proved(const View &view, double near) {
    const Wide size = std::fabs(near);
    if constexpr (View::kDays) {
        if (wants_tables(view)) {
            return proved<View, std::int64_t>(view, near,
                                              TabledFactors<Wide>(longest<std::int64_t>(view), size));
        }
    }
    return proved<View, Wide>(view, near, Factors<Wide>(size));
}

/* The only root, per unit of the view's times; nothing when it is not soon found and proved. May throw. */
template <typename View>
Force only_root(const View &view) {
    const std::size_t change = only_change(view);
    if (change == 0) {
        return {};
    }
    constexpr double kMostExponent = 0x1p13;
    const double most = kMostExponent / longest<double>(view);
    constexpr int kMostSteps = 12;
    double force = 0;
    int steps = 0;
    for (const double settled : {0x1p-13, 0x1p-36}) {
        double step = 0;
        do {
            step = step_to_root(view, change, force);
            force += step;
            if (!(std::fabs(force) < most) || ++steps > kMostSteps) {
                return {};
            }
        } while (std::fabs(step) > settled * std::fabs(force));
        const Force root = force != 0 ? proved(view, force) : Force{};
        if (root) {
            return root;
        }
    }
    return {};
}

} // namespace tradeup
