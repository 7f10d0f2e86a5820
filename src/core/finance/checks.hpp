/*
 * What every function of finance asks of its numbers: finite ones, and a rate above -1.
 */
#pragma once

#include <cmath>
#include <span>

#include "core/finance/flows.hpp"

#include "core/base/pure.hpp"

namespace tradeup {

inline Result<bool> check_rate(double rate) noexcept {
    if (!std::isfinite(rate)) {
        return tl::unexpected(not_finite("rate", rate));
    }
    if (rate <= -1) {
        return tl::unexpected(rate_too_low(rate));
    }
    return true;
}

inline Result<bool> check_amounts(std::span<const double> amounts) noexcept {
    for (const double amount : amounts) {
        if (!std::isfinite(amount)) {
            return tl::unexpected(not_finite("amount", amount));
        }
    }
    return true;
}

inline Result<bool> check_flows(std::span<const Flow> flows) noexcept {
    for (const Flow &flow : flows) {
        if (!std::isfinite(flow.amount)) {
            return tl::unexpected(not_finite("amount", static_cast<double>(flow.amount)));
        }
    }
    return true;
}

} // namespace tradeup
