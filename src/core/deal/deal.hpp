/*
 * The deal: what one customer, one finance program and one term make of any vehicle, compiled into affine
 * functions of the price and windows of prices.
 */
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/deal/terms.hpp"
#include "core/number/line.hpp"

#include "core/base/pure.hpp"

namespace tradeup {

/* The amounts of an offer that are compiled into a deal, in the order in which it stores them. */
enum class Amount : std::int32_t {
    payment,
    change, // in millionths: the payment change as a fraction times 10^6
    loan_amount,
    effective_equity,
    service_fee,
    opening_fee,
    margin,
    monthly // the payments of a month: with monthly payments, the payment
};

inline constexpr std::size_t kAmounts = 8;

/*
 * The amount that the name of a SQL function stands for (the change: `payment_change`), of those that do not
 * fall as the price rises. Errors: bad_value.
 */
Result<Amount> parse_amount(std::string_view name) noexcept;

inline constexpr int kMaxWindows = 2 * kMaxTiers + 1;
inline constexpr std::int32_t kDealFormat = 1;
inline constexpr std::int64_t kNoTier = -1;

/* Decimals with which a payment change is shown. */
inline constexpr int kChangeScale = 6;

/* A closed interval of prices in minor units, all of one tier or all of none. */
struct Window {
    std::int64_t lowest;
    std::int64_t highest;
    std::int64_t tier; // index into the terms' tiers, or kNoTier
};

/*
 * A compiled deal, laid out as it is stored: a length word for the database, which the core does not touch,
 * then the compiled part, then the terms it was compiled from. It refers to nothing outside itself.
 */
struct Deal {
    std::int32_t length_word;
    std::int32_t format;
    std::int32_t minor_digits; // as in the terms, repeated here to share a cache line with the payment
    Rounding rounding;         // the same
    std::int64_t lowest;       // of the prices at which an offer exists; lowest > highest: there are none
    std::int64_t highest;
    Line lines[kAmounts];
    std::int64_t window_count;
    Window windows[kMaxWindows];
    Terms terms;
};

/* A stored deal is these bytes: whoever changes them after a release gives the format another number. */
static_assert(kDealFormat == 1 && sizeof(Deal) == 2168);

/*
 * Compiles terms into `deal`. Errors: those of check_terms; out_of_memory and internal from the exact path.
 */
Result<bool> build_deal(const Terms &terms, Deal &deal) noexcept;

/* How an amount is rounded: as the terms say, a change always half up. */
inline Rounding rounding_of(const Deal &deal, Amount amount) noexcept {
    return amount == Amount::change ? Rounding::half_up : deal.rounding;
}

/*
 * The fast path of amount_at, for callers that count nanoseconds: true with the correctly rounded amount
 * where doubles leave no doubt, false where amount_at must be asked.
 */
inline bool amount_without_doubt(const Deal &deal, Amount amount, std::int64_t price_minor,
                                 std::int64_t &rounded) noexcept {
    return round_without_doubt(value_at(deal.lines[static_cast<std::size_t>(amount)], price_minor),
                               rounding_of(deal, amount), rounded);
}

/*
 * An amount at a price in minor units, correctly rounded to minor units as the deal's terms say (a change:
 * half up). Domain: 0 <= price_minor <= kMaxPriceMinor; Amount::change needs a current payment. Errors:
 * out_of_range when the amount has more than 18 digits; out_of_memory.
 */
Result<std::int64_t> amount_at(const Deal &deal, Amount amount, std::int64_t price_minor) noexcept;

/* The payment at a price, in minor units, unrounded: within a few units in the last place of the exact value.
 */
double unrounded_payment(const Deal &deal, std::int64_t price_minor) noexcept;

/* What is due at signing at a price, correctly rounded to minor units. Errors: as for amount_at. */
Result<std::int64_t> due_at_signing_at(const Deal &deal, std::int64_t price_minor) noexcept;

/* Refuses deals that are no loans with monthly payments and a whole first month: what the audited spreadsheet
 * knows. `what` is asked of the deal. Errors: bad_value. */
Result<bool> require_plain_loan(const Terms &terms, const char *what) noexcept;

/*
 * Net present value of the taxed interest on the loan amount at a price, correctly rounded to minor units.
 * Errors: those of require_plain_loan; as for amount_at.
 */
Result<std::int64_t> interest_npv_at(const Deal &deal, std::int64_t price_minor) noexcept;

/*
 * Net present value of the taxed interest on a loan: interest discounted at the taxed rate, the first flow
 * undiscounted, 0 for no loan or no rate. Relative error below 1e-12 for rates of 1 percent or more.
 * Domain: annual_rate 0 to 10, tax_rate 0 to 1, term 1 to 480 months.
 */
double interest_npv(double loan_amount, Decimal annual_rate, Decimal tax_rate, std::int32_t term) noexcept;

/* The window that holds a price, or nullptr when no offer exists at it. */
inline const Window *window_at(const Deal &deal, std::int64_t price_minor) noexcept {
    if (price_minor < deal.lowest || price_minor > deal.highest) {
        return nullptr;
    }
    const Window *window = deal.windows;
    while (price_minor > window->highest) {
        ++window;
    }
    return window;
}

/* The lowest and highest price among the windows that have a tier; lowest > highest when none has. */
PriceRange tiered_range(const Deal &deal) noexcept;

/*
 * The dearest price, in minor units, whose payment, rounded as the terms say, is at most `payment_minor`; -1
 * when even a price of zero costs more. Eligibility is not asked. Errors: out_of_memory.
 */
Result<std::int64_t> price_for_payment(const Deal &deal, std::int64_t payment_minor) noexcept;

/* The same of terms that are compiled into no deal. Errors: those of check_terms; out_of_memory. */
Result<std::int64_t> price_for_payment(const Terms &terms, std::int64_t payment_minor) noexcept;

/*
 * The same for any amount that does not fall with the price (all but the effective equity): the dearest price
 * whose amount, rounded as amount_at rounds it, is at most `most`, in the units of amount_at. kMaxPriceMinor
 * when no price has a larger one.
 */
Result<std::int64_t> price_for_amount(const Deal &deal, Amount amount, std::int64_t most) noexcept;

/*
 * The text of a deal: the word `v1` and its terms as `name=value` in the order of the fields, those left out
 * that have their default. Returns the length, less than `size` when size is at least kDealTextSize.
 */
std::size_t write_deal(const Deal &deal, char *out, std::size_t size) noexcept;

/*
 * Terms from the text of a deal. Errors: bad_text for text of another form, an unknown or repeated name;
 * those of the setters of the fields.
 */
Result<Terms> parse_deal(std::string_view text) noexcept;

} // namespace tradeup
