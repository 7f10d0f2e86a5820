/*
 * What a combination that fails teaches: how far apart the values of a restriction are on the grid.
 */
#include "core/solve/subsidy_parts.hpp"

#include <algorithm>
#include <cmath>

#include "core/base/guard.hpp"

#include "core/base/pure.hpp"

namespace tradeup {

/* What each step of a grid adds to the amount financed, exactly. Every restriction that depends on a grid
 * does so by the same, up to a factor for all grids. */
Result<bool> SubsidySearch::measure_spacing() noexcept {
    if (spacing_known_) {
        return true;
    }
    return guarded([&]() -> Result<bool> {
        const auto financed = [&](const Point &point) {
            return at_price(Formula<Ratio>(terms_at(point)).loan_amount(), price_minor_);
        };
        const Ratio base = reduced(financed({}));
        Ratio steps[kGrids];
        Integer all = 1;
        for (std::size_t k = 0; k < kGrids; ++k) {
            const std::int64_t last = rules_.grids[k].last;
            if (last > 0) {
                Point corner{};
                corner[k] = last;
                steps[k] = reduced((financed(corner) - base) / Ratio{last, 1});
                all *= steps[k].denominator / gcd(all, steps[k].denominator);
            }
        }
        for (std::size_t k = 0; k < kGrids; ++k) {
            steps_of_[k] = steps[k].numerator * (all / steps[k].denominator);
        }
        spacing_known_ = true;
        return true;
    });
}

/* A little less than how far apart the values of a restriction on the grid are; 0 when that is not known.
 * May throw. */
double SubsidySearch::spacing(const Linear &linear, double relaxed) const {
    int longest = -1;
    double most = 0;
    Integer common = 0;
    for (int k = 0; k < kGrids; ++k) {
        if (linear.slope[k] != 0 && steps_of_[k] != 0) {
            common = gcd(common, steps_of_[k]);
            const double rise = std::fabs(linear.slope[k]) * static_cast<double>(rules_.grids[k].last);
            longest = rise > most ? k : longest;
            most = std::max(most, rise);
        }
    }
    /* So the slope is right to a hundredth. */
    if (longest < 0 || most < 100 * relaxed) {
        return 0;
    }
    const Integer parts = abs(steps_of_[longest]) / common;
    return 0.9 * std::fabs(linear.slope[longest]) / parts.convert_to<double>();
}

/* Leaves out whatever has the same value as a combination that fails a restriction exactly. Says whether that
 * is possible: where values are too close together for doubles it is not. */
Result<bool> SubsidySearch::learn(int restriction, const Point &point) noexcept {
    if (few_) {
        return false;
    }
    const Result<bool> measured = measure_spacing();
    if (!measured) {
        return measured;
    }
    return guarded([&]() -> Result<bool> {
        Linear &linear = linear_[restriction];
        const double relaxed = relaxed_[restriction];
        const double apart = spacing(linear, relaxed) - 2 * relaxed;
        const double value = value_at(linear, point);
        if (!(apart > 2 * relaxed) || value >= apart) {
            return false;
        }
        linear.constant += apart - value;
        return true;
    });
}

} // namespace tradeup
