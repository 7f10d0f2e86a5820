/*
 * The value of a call in doubles, with a bound of what they may be off.
 */
#include "core/leads/value.hpp"

#include <cmath>

#include "core/base/pure.hpp"

namespace tradeup {

namespace {

double hundredths(Decimal amount) noexcept {
    return static_cast<double>(amount.coefficient) * 100 /
           static_cast<double>(kPowersOfTen[static_cast<std::size_t>(amount.scale)]);
}

} // namespace

std::optional<std::int64_t> certain_value(const Call &call) noexcept {
    const double needed = call.contact * call.failure * hundredths(call.if_needed);
    const double otherwise = call.contact * (1 - call.failure) * hundredths(call.otherwise);
    const double cost = hundredths(call.cost);
    const double value = needed + otherwise - cost;
    /* Each part has at most 8 roundings of 2^-53 of itself, a probability's own among them, and 1 - p one of
     * 2^-53 of 1: less than 32 of them of contact times margin. */
    const double bound = 0x1p-48 * (std::fabs(needed) + std::fabs(call.contact * hundredths(call.otherwise)) +
                                    std::fabs(cost));
    constexpr double kMost = 0x1p48;
    const double magnitude = std::fabs(value);
    const double rounded = std::floor(magnitude + 0.5);
    if (!(magnitude < kMost) || std::fabs(std::fabs(magnitude - rounded) - 0.5) <= bound) {
        return std::nullopt;
    }
    return static_cast<std::int64_t>(value < 0 ? -rounded : rounded);
}

} // namespace tradeup
