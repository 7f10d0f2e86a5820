/*
 * The rules that decide whether an offer exists at a price. Each is an affine function of the price compared
 * with zero, so each cuts the prices at one point, and what all allow is one interval.
 */
#pragma once

#include <cstdint>

#include "core/deal/deal.hpp"
#include "core/deal/formula.hpp"

#include "core/base/pure.hpp"

namespace tradeup {

/* In the order in which a failed rule is named. */
enum class Rule : std::int32_t {
    dearer,                  // price > price of the current vehicle
    trade_value,             // known, where the tax depends on it
    price_below_trade_value, // price >= trade value, where the tax depends on it
    min_price,               // price >= the lowest that the program finances
    max_price,               // price <= the highest
    down_payment,            // effective equity >= down_payment_rate * price
    loan_positive,           // loan before fees > 0
    residual,                // financed over the term > what the vehicle is worth, or still owed, at its end
    max_component_loan,
    max_component_service_fee,
    max_component_protection,
    max_component_insurance,
    max_financed,      // loan amount <= the largest allowed
    loan_to_value,     // loan amount <= its largest multiple of the price
    min_payment,       // payment >= the lowest allowed
    payment_to_income, // payment per month <= its largest share of the income
    max_change         // payment change <= the largest allowed
};

inline constexpr int kRules = 17;

/*
 * The interval of prices, in minor units, that every rule of the terms allows; lowest > highest when none is
 * left. `formula` is that of the terms. Errors: out_of_memory.
 */
Result<PriceRange> eligible_range(const Terms &terms, const Formula<Bounded> &formula) noexcept;

/* Whether terms have a rule; without a current payment or price or an income, those that look at them are
 * left out. */
bool rule_applies(const Terms &terms, Rule rule) noexcept;

/*
 * How far a price is beyond the edge of a rule that applies: zero at the edge; falling with the price where
 * dear vehicles keep to a rule.
 */
Affine<Bounded> rule_margin(const Formula<Bounded> &formula, const Terms &terms, Rule rule) noexcept;

/*
 * The lowest price in minor units that is above a decimal one, which must not be negative; or not below it.
 */
std::int64_t first_price_above(std::int32_t minor_digits, Decimal price, bool or_equal) noexcept;

/* Where a rule cuts the prices. */
struct Cut {
    bool sets_lowest;   // the rule refuses the prices below the cut, otherwise those from it on
    std::int64_t price; // in minor units
};

/* Where a rule that applies cuts the prices within bounds. Errors: out_of_memory. */
Result<Cut> rule_cut(const Terms &terms, const Formula<Bounded> &formula, Rule rule,
                     PriceBounds bounds) noexcept;

/*
 * How far a price is beyond the edge of each rule of the terms that applies: positive where the rule surely
 * refuses, within the error where only fractions can tell. Every one is affine in each figure of the terms
 * but rate and term, so a search over figures knows from a few of these where offers are. Returns how many
 * there are.
 */
int beyond_edges(const Terms &terms, const Formula<Bounded> &formula, std::int64_t price_minor,
                 Bounded (&beyond)[kRules]) noexcept;

/*
 * Why no offer exists at a price: the first rule that fails, what it asks for, what the deal has, and the
 * difference: money in minor units, a change in millionths, the change rounded first where it is rounded
 * before it decides. The difference is rounded up, so it is 0 only exactly at an edge that the rule excludes.
 */
struct Refusal {
    std::int32_t failed; // 0: every rule holds
    Rule rule;
    std::int64_t required;
    std::int64_t actual;
    std::int64_t short_by;
};

/* Errors: out_of_range, out_of_memory. */
Result<Refusal> refusal_at(const Terms &terms, std::int64_t price_minor) noexcept;

/* A refusal as a sentence without its capital and full stop: `the price of 250.00 is above 200.00`. */
struct Explanation {
    char text[160];
};
Explanation explained(const Refusal &refusal, std::int32_t minor_digits) noexcept;

/* Decimals in which the amounts of a refusal are counted and shown. */
inline int refusal_scale(const Refusal &refusal, std::int32_t minor_digits) noexcept {
    return refusal.rule == Rule::max_change ? kChangeScale : minor_digits;
}

/*
 * The name of a rule in SQL: `dearer`, `trade_value`, `price_below_trade_value`, `min_price`, `max_price`,
 * `down_payment`, `loan`, `residual`, `max_component`, `max_financed`, `loan_to_value`, `min_payment`,
 * `payment_to_income`, `max_change`.
 */
const char *rule_name(Rule rule) noexcept;

/*
 * A payment change that decides, as a limit on the unrounded change: `at most c after rounding to digits` is
 * the same as `unrounded change < edge`, or <= edge when inclusive.
 */
struct ChangeLimit {
    Decimal edge;
    bool inclusive;
};

/* The limit that `change <= c` (inclusive) or `change < c` sets under the terms' change_digits. */
ChangeLimit change_limit(const Terms &terms, Decimal change, bool inclusive) noexcept;

} // namespace tradeup
