/*
 * What the functions of level payments ask of their numbers.
 */
#pragma once

#include <cmath>

#include "core/finance/checks.hpp"

#include "core/base/pure.hpp"

namespace tradeup {

inline Error bad_number(const char *message, const char *what, double value) noexcept {
    return with_detail(make_error(ErrorKind::bad_value, "%s", message), "%s is %.17g.", what, value);
}

/* A number with its name in messages. */
struct Named {
    const char *name;
    double value;
};

/* Errors of what every function asks: finite numbers and a rate above -1. */
template <std::size_t N>
Result<bool> check(double rate, const Named (&others)[N]) noexcept {
    const Result<bool> checked = check_rate(rate);
    if (!checked) {
        return checked;
    }
    for (const Named &other : others) {
        if (!std::isfinite(other.value)) {
            return tl::unexpected(not_finite(other.name, other.value));
        }
    }
    return true;
}

inline Result<bool> check_periods(double periods, bool zero_allowed) noexcept {
    if (periods < 0 || (periods == 0 && !zero_allowed)) {
        return tl::unexpected(bad_number(zero_allowed ? "number of periods must not be negative"
                                                      : "number of periods must be greater than 0",
                                         "Number of periods", periods));
    }
    return true;
}

} // namespace tradeup
