/*
 * What the parts of a summary share: a customer's terms, deals cut exactly, and careful sums.
 */
#pragma once

#include <cmath>
#include <cstring>

#include "core/portfolio/summary.hpp"

#include "core/base/pure.hpp"

namespace tradeup {

inline constexpr Decimal kUnitAmount = decimal(1);

/*
 * What an evaluation of a plane may lose beside the errors of its coefficients: the figures themselves (3
 * roundings each), a product each and five sums; and more, to be safe.
 */
inline constexpr double kEvaluation = 24 * kUnitRoundoff;

/* The terms for one customer. */
inline Terms for_customer(const Terms &terms, const Buyer &buyer) noexcept {
    Terms own = terms;
    own.equity = buyer.equity;
    own.current_payment = buyer.current_payment;
    own.current_price = buyer.current_price;
    own.trade_value = buyer.trade_value;
    own.income = buyer.income;
    own.customer_bonus = buyer.bonus;
    return own;
}

/* Whether two deals differ in rate and term at most. */
inline bool same_but_for_the_loan(const Terms &a, const Terms &b) noexcept {
    Terms other = b;
    other.annual_rate = a.annual_rate;
    other.term = a.term;
    return std::memcmp(&a, &other, sizeof a) == 0;
}

/* Calls `put(tier, stretch)` for the stretches of the windows of a deal that is built for the customer. */
template <typename Put>
Result<bool> cut_exactly(Prices prices, const DealPlan &plan, const Buyer &buyer, Put put) noexcept {
    Deal deal;
    const Result<bool> done = build_deal(for_customer(plan.terms, buyer), deal);
    for (std::int64_t i = 0; done && i < deal.window_count; ++i) {
        const Window &window = deal.windows[i];
        put(window.tier, prices_between(prices, window.lowest, window.highest));
    }
    return done;
}

/* Sum2 of T. Ogita, S. M. Rump and S. Oishi, Accurate Sum and Dot Product, SIAM J. Sci. Comput. 26 (2005). */
inline void add(CarefulSum &to, double value, double error) noexcept {
    const double sum = to.sum + value;
    const double part = sum - to.sum;
    to.lost += (to.sum - (sum - part)) + (value - part);
    to.sum = sum;
    to.error += error;
    to.magnitude += std::fabs(value);
    ++to.terms;
}

/* The sum with its error: that of its terms, of the last addition, and the square of n u (eq. 4.4 there). */
inline Bounded value_of_sum(const CarefulSum &sum) noexcept {
    const double value = sum.sum + sum.lost;
    const double all = kUnitRoundoff * static_cast<double>(sum.terms + 1);
    return {value,
            (sum.error + kUnitRoundoff * std::fabs(value) + 2 * all * all * sum.magnitude) * (1 + 4 * all)};
}

} // namespace tradeup
