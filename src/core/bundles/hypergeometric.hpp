/*
 * How likely it is that two things are together at least as often as they are, when nothing ties them:
 * Fisher's exact test, one-sided.
 */
#pragma once

#include <cstdint>
#include <span>

#include "core/bundles/two_doubles.hpp"

#include "core/base/pure.hpp"

namespace tradeup {

/* log(n!) for n from 0 to 2^31, with an error below 2^-65 + 2^-76 n. Source: Stirling's series. */
TwoDoubles log_factorial(std::uint64_t n) noexcept;

/* A probability, and its natural logarithm, which does not become infinite where the probability is 0. */
struct Tail {
    double p;
    double log_p;
};

/* The decimal logarithm. */
inline double log10_of(const Tail &tail) noexcept {
    return tail.log_p / 2.302585092994046;
}

/* The part of log C(n, n_a) that depends on n_a; the same for all pairs of one item. */
struct Marginal {
    std::uint64_t count;
    TwoDoubles log_without; // log((n - n_a)!)
    TwoDoubles log_ways;    // log(n_a!) + log((n - n_a)!)
};

/* The test in n baskets. */
class FisherTest {
public:
    /* Uses `near_n`, at most n + 1 numbers, to look up log-factorials of n and what is little less. */
    explicit FisherTest(std::uint64_t n, std::span<TwoDoubles> near_n = {}) noexcept;

    /* A thing that is in `count` of the baskets. */
    Marginal marginal(std::uint64_t count) const noexcept {
        const TwoDoubles without = log_near(count);
        return {count, without, log_factorial(count) + without};
    }

    /*
     * P(X >= both), where X has the hypergeometric distribution of n baskets with a in n_a and b in n_b of
     * them. `both` must be possible: from max(0, n_a + n_b - n) to min(n_a, n_b). The relative error of p is
     * below 1e-14 up to 10,000 baskets and 1e-12 up to 1,000,000; the first term comes from logarithms in two
     * doubles, the others from its ratios.
     */
    Tail upper_tail(const Marginal &a, const Marginal &b, std::uint64_t both) const noexcept;

private:
    /* log((n - less)!) */
    TwoDoubles log_near(std::uint64_t less) const noexcept {
        return less < near_n_.size() ? near_n_[less] : log_factorial(n_ - less);
    }

    std::uint64_t n_;
    TwoDoubles log_all_;
    std::span<const TwoDoubles> near_n_;
};

} // namespace tradeup
