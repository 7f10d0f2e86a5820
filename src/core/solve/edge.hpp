/*
 * What a payment is compared with: an amount or a payment change, exactly at its rounding.
 */
#pragma once

#include "core/deal/eligibility.hpp"
#include "core/solve/solve.hpp"

#include "core/base/pure.hpp"

namespace tradeup {

/*
 * The payments up to an edge: those below it, and the edge itself when it is inclusive. The edge is an amount
 * in halves of a minor unit, or a payment change.
 */
struct Edge {
    bool in_change;
    std::int64_t doubled;
    Decimal change;
    bool inclusive;
};

/* The edge in minor units: of one payment, of which a change compares those of a month. */
template <typename Number>
Number edge_amount(const Terms &terms, const Edge &edge) {
    if (!edge.in_change) {
        return whole_number<Number>(edge.doubled) / whole_number<Number>(2);
    }
    const Number unit = number<Number>(decimal(kPowersOfTen[static_cast<std::size_t>(terms.minor_digits)]));
    Number month = number<Number>(terms.current_payment.value) * unit *
                   (number<Number>(decimal(1)) + number<Number>(edge.change));
    if (terms.payment_frequency == Frequency::monthly) {
        return month;
    }
    return month * whole_number<Number>(12) / whole_number<Number>(payments_a_year(terms.payment_frequency));
}

/* The edge that a payment should come up to; from below a tier, the one that it should be beyond. */
Edge edge_of(const Target &target, const Terms &terms, bool up_to) noexcept;

/* Whether the payment of terms at a price is up to an edge. Errors: out_of_memory. */
Result<bool> is_up_to(const Terms &terms, std::int64_t price_minor, const Edge &edge) noexcept;

/* Where a payment lies against a tier: -1 below it, 0 within, 1 above. Errors: out_of_memory. */
Result<int> against_tier(const Terms &terms, std::int64_t price_minor, const Tier &tier) noexcept;

} // namespace tradeup
