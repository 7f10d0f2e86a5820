/*
 * Prices of bundles in whole numbers.
 */
#include "core/bundles/price.hpp"

#include <algorithm>

#include "core/base/words.hpp"
#include "core/number/decimal.hpp"

#include "core/base/pure.hpp"

namespace tradeup {

namespace {

/* The nice ending next to a price that is below the total; 0 or the price itself where there is none. */
std::int64_t with_nice_ending(std::int64_t plain, std::int64_t total) noexcept {
    constexpr std::int64_t kUnit = 100;
    const std::int64_t unit = plain / kUnit * kUnit;
    std::int64_t ending = unit + 99;
    if (plain >= 50 * kUnit && plain % kUnit > 50) {
        ending = unit + kUnit;
    } else if (plain >= 10 * kUnit && plain < 50 * kUnit) {
        ending = unit + 95;
    }
    return ending >= total ? ending - kUnit : ending;
}

/* Parts in proportion to weights that add up to a sum, by largest remainder. */
void spread(std::int64_t sum, std::span<const Int128> weights, std::int64_t *parts) noexcept {
    Int128 whole = 0;
    for (const Int128 weight : weights) {
        whole += weight;
    }
    if (whole == 0) {
        std::fill(parts, parts + weights.size(), 0);
        return;
    }
    std::array<Int128, kMostLines> rests{};
    std::int64_t left = sum;
    for (std::size_t i = 0; i < weights.size(); ++i) {
        parts[i] = static_cast<std::int64_t>(weights[i] * sum / whole);
        rests[i] = weights[i] * sum % whole;
        left -= parts[i];
    }
    for (; left > 0; --left) {
        const auto largest = std::max_element(rests.begin(), rests.begin() + weights.size());
        ++parts[largest - rests.begin()];
        *largest = -1;
    }
}

} // namespace

Result<Objective> objective_named(std::string_view name) noexcept {
    for (const Objective &objective : kObjectives) {
        if (name == objective.name) {
            return objective;
        }
    }
    std::array<const char *, kObjectives.size()> names{};
    std::transform(kObjectives.begin(), kObjectives.end(), names.begin(),
                   [](const Objective &objective) { return objective.name; });
    return tl::unexpected(with_hint(unknown_word("objective", name), "Use %s.", listed(names).text));
}

Result<BundlePrice> bundle_price(std::span<const BundleLine> lines, const Objective *objective,
                                 int minor_digits, std::int64_t *discounts) noexcept {
    if (lines.empty() || lines.size() > kMostLines) {
        return tl::unexpected(with_detail(
            make_error(ErrorKind::bad_value, "bundle must have between 1 and %zu lines", kMostLines),
            "It has %zu.", lines.size()));
    }
    constexpr PercentUnits kPercent = kWhole / 100;
    const PercentUnits lowest = objective != nullptr ? objective->lowest_percent * kPercent : 0;
    const PercentUnits highest = objective != nullptr ? objective->highest_percent * kPercent : kWhole;
    std::array<Int128, kMostLines> weights{};
    Int128 total = 0;
    Int128 discount = 0; // times kWhole
    for (std::size_t i = 0; i < lines.size(); ++i) {
        const Int128 list = Int128{lines[i].price_minor} * lines[i].quantity;
        total += list;
        weights[i] = list * std::clamp(lines[i].percent, lowest, highest);
        discount += weights[i];
    }
    if (total > kMostTotal) {
        return tl::unexpected(with_detail(make_error(ErrorKind::out_of_range, "bundle is too dear"),
                                          "Its prices may add up to %lld minor units.",
                                          static_cast<long long>(kMostTotal)));
    }
    BundlePrice price{static_cast<std::int64_t>(total), 0};
    const auto plain = static_cast<std::int64_t>((total * kWhole - discount + kWhole / 2) / kWhole);
    const auto cap = static_cast<std::int64_t>((total * (kWhole - highest) + kWhole - 1) / kWhole);
    price.price_minor = std::max(plain, cap);
    if (objective != nullptr && minor_digits == 2 && price.price_minor < price.total_minor) {
        const std::int64_t nice = with_nice_ending(price.price_minor, price.total_minor);
        price.price_minor = nice >= cap && nice > 0 ? nice : price.price_minor;
    }
    spread(price.total_minor - price.price_minor, {weights.data(), lines.size()}, discounts);
    return price;
}

} // namespace tradeup
