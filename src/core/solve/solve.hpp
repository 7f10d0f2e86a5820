/*
 * One figure of a deal, found from what its payment should be: the least bonus, the dearest price, the
 * highest rate, the shortest term that keep a payment at or below a target, exactly at the minor unit.
 *
 * At a given price the payment is an affine function of the bonus, of the cash that is added to the equity
 * and of both fees, so these are closed forms; of the rate and the term it is not, so these are found by
 * halving the grid of their values. In both cases doubles decide where they can and fractions where they
 * cannot.
 */
#pragma once

#include <cstdint>
#include <string_view>

#include "core/deal/deal.hpp"

#include "core/base/pure.hpp"

namespace tradeup {

/* What can be solved for. */
enum class Figure : std::int32_t { bonus, down_payment, service_fee, opening_fee, rate, term, price };

inline constexpr int kFigures = 7;

/* Decimals of a rate that is solved for: its grid is 0.0001 percent. */
inline constexpr int kSolvedRateScale = 6;

/* The figure that a word names. Errors: bad_value, with the words that do. */
Result<Figure> figure_named(std::string_view word) noexcept;

/* What a figure is called in a sentence: `bonus`, `down payment`. */
const char *figure_words(Figure figure) noexcept;

/* Decimals of a figure: those of the currency for money, kSolvedRateScale for rates, none for a term. */
int figure_scale(Figure figure, const Terms &terms) noexcept;

/* What the payment should be. */
enum class TargetKind : std::int32_t {
    payment, // at most an amount in minor units
    change,  // a payment change of at most a fraction
    tier     // within the tier, at the end that is nearer
};

struct Target {
    TargetKind kind;
    std::int64_t payment_minor;
    Decimal change;
    std::int32_t tier; // index into the terms' tiers
};

/* The values that a figure may take, ends included: in units of 10^-figure_scale. */
struct FigureRange {
    std::int64_t lowest;
    std::int64_t highest;
};

/* The whole domain of a figure in a deal; that of the down payment is what the equity leaves of its own. */
FigureRange figure_domain(Figure figure, const Terms &terms) noexcept;

/*
 * The answer: the terms and the price with the figure in place. With `possible` the target is reached;
 * without, the figure is the one within the range that comes nearest. `defined` is false where nothing is
 * financed, so that neither rate nor term moves the payment as it should; then only terms and price are set,
 * as they were.
 */
struct Solution {
    bool defined;
    bool possible;
    bool standing; // the target is a tier that the deal is in as it stands
    Decimal value;
    std::int64_t price_minor;
    Terms terms;
};

/*
 * Solves a deal for a figure at a price in minor units (0 to kMaxPriceMinor).
 *
 * Bonus, down payment and term: the least value whose payment is at most the target. Fees, rate and price:
 * the greatest. For a tier: the value next to the standing one at which the payment change is within the
 * tier; the standing value when it is already (a down payment of 0). Errors: bad_value for a change or a tier
 * without a current payment, or for a range that is empty or leaves the domain; out_of_memory.
 */
Result<bool> solve(const Deal &deal, std::int64_t price_minor, Figure figure, const Target &target,
                   FigureRange range, Solution &solution) noexcept;

} // namespace tradeup
