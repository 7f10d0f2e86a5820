/*
 * A prediction and what came of it: the probability p that was stated, and whether the vehicle failed.
 */
#pragma once

#include <bit>
#include <cstdint>

#include "core/base/error.hpp"

#include "core/base/pure.hpp"

namespace tradeup {

/*
 * Both in 64 bits: those of p, of which the highest is 0, moved by one, and the outcome in the lowest. Such
 * numbers are in the order of p, and among equal p those that did not fail come first.
 */
struct Judged {
    std::uint64_t bits;

    Judged() noexcept = default;
    Judged(double p, bool failed) noexcept
        : bits(std::bit_cast<std::uint64_t>(p) << 1 | (failed ? 1U : 0U)) {}

    double p() const noexcept { return std::bit_cast<double>(bits >> 1); }
    bool failed() const noexcept { return (bits & 1U) != 0; }
};

inline bool is_probability(double p) noexcept {
    return p >= 0 && p <= 1; // not so for NaN
}

/* The error of a p that is none. */
inline Error no_probability(const char *what, double p) noexcept {
    return with_detail(make_error(ErrorKind::bad_value, "%s must be between 0 and 1", what), "It is %.17g.",
                       p);
}

} // namespace tradeup
