/*
 * What a bundle costs: discounts within the bounds of what the shop wants, a price that ends nicely, and
 * discounts of the lines that add up to the cent.
 */
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "core/base/error.hpp"

#include "core/base/pure.hpp"

namespace tradeup {

/* A percent, in units of 0.0001 percent. */
using PercentUnits = std::int64_t;
inline constexpr int kPercentDigits = 4;
inline constexpr PercentUnits kWhole = 1'000'000;

/* What a shop wants of its bundles, and the percents of discount that this allows. */
struct Objective {
    const char *name;
    int lowest_percent;
    int highest_percent;
};

inline constexpr std::array<Objective, 9> kObjectives{{{"increase_aov", 5, 20},
                                                       {"margin_guard", 0, 10},
                                                       {"clear_slow_movers", 5, 40},
                                                       {"seasonal_promo", 10, 30},
                                                       {"new_launch", 0, 15},
                                                       {"category_bundle", 10, 25},
                                                       {"gift_box", 15, 35},
                                                       {"subscription_push", 5, 20},
                                                       {"other", 0, 30}}};

/* An objective by its name. Errors: bad_value with a hint of all names. */
Result<Objective> objective_named(std::string_view name) noexcept;

/* One line of a bundle. Domain: price 0 to 10^14 minor units, quantity 1 to 10^6, percent 0 to kWhole. */
struct BundleLine {
    std::int64_t price_minor;
    std::int64_t quantity;
    PercentUnits percent;
};

inline constexpr std::size_t kMostLines = 100;
inline constexpr std::int64_t kMostTotal = 1'000'000'000'000'000;

struct BundlePrice {
    std::int64_t total_minor; // without discounts
    std::int64_t price_minor;
};

/*
 * The price of a bundle, at most the total, and the discount of each line, which add up to the difference.
 * Percents are cut to the objective's bounds. The plain price is the sum of price * quantity * (1 - percent),
 * rounded half up to minor units, not below the cap: the total less the objective's highest percent, rounded
 * up. In a currency with 2 decimals it is then moved to a nice ending, .99 below 10, .95 below 50, .00 or .99
 * above, unless that leads below the cap or to nothing. Each line bears a share in proportion to its own
 * discount; what rounding leaves goes to the largest remainders, the first of equal ones.
 *
 * Without an objective (nullptr) percents are not cut and the price is the plain one.
 *
 * Errors: bad_value for no lines or more than kMostLines; out_of_range for a total above kMostTotal.
 */
Result<BundlePrice> bundle_price(std::span<const BundleLine> lines, const Objective *objective,
                                 int minor_digits, std::int64_t *discounts) noexcept;

} // namespace tradeup
