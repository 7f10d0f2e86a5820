/*
 * Compiles the terms of a deal into affine functions of the price and into windows, and answers what a price
 * makes of them: in doubles with bounds of their errors, in fractions where those leave a doubt.
 */
#include "core/deal/deal.hpp"

#include <type_traits>

#include "core/base/words.hpp"
#include "core/deal/eligibility.hpp"

#include "core/base/pure.hpp"

namespace tradeup {

static_assert(std::is_trivially_copyable_v<Deal>);

namespace {

template <typename Number>
Affine<Number> affine(const Terms &terms, Amount amount) {
    const Formula<Number> formula(terms);
    switch (amount) {
    case Amount::payment:
        return formula.payment();
    case Amount::change:
        return number<Number>(decimal(kPowersOfTen[kChangeScale])) * formula.change_of(formula.payment());
    case Amount::loan_amount:
        return formula.loan_amount();
    case Amount::effective_equity:
        return formula.effective_equity();
    case Amount::service_fee:
        return formula.service_fee();
    case Amount::opening_fee:
        return formula.opening_fee();
    case Amount::margin:
        return formula.margin();
    case Amount::monthly:
        return formula.per_month(formula.payment());
    }
    return formula.price();
}

constexpr std::size_t index(Amount amount) noexcept {
    return static_cast<std::size_t>(amount);
}

/* The lowest price, within bounds, whose payment change is past a limit. */
Result<std::int64_t> first_past(const Terms &terms, const Affine<Bounded> &change, const TierBound &bound,
                                bool bound_is_within, PriceBounds bounds) noexcept {
    const ChangeLimit limit = change_limit(terms, bound.change, bound_is_within);
    const Affine<Bounded> beyond{change.slope, change.intercept - bounded(limit.edge)};
    return first_price(beyond, limit.inclusive ? Passing::above : Passing::at_least, bounds, [&] {
        const Formula<Ratio> formula(terms);
        const Affine<Ratio> exact = formula.change_of(formula.payment());
        return Affine<Ratio>{exact.slope, exact.intercept - ratio(limit.edge)};
    });
}

void append_window(Deal &deal, std::int64_t lowest, std::int64_t highest, std::int64_t tier) noexcept {
    if (lowest <= highest) {
        deal.windows[deal.window_count++] = {lowest, highest, tier};
    }
}

/* Cuts the eligible range into the windows of the tiers and the gaps between them. */
Result<bool> cut_windows(Deal &deal, const Affine<Bounded> &change) noexcept {
    const Terms &terms = deal.terms;
    std::int64_t next = deal.lowest;
    for (std::int64_t i = 0; i < terms.tier_count && next <= deal.highest; ++i) {
        const Tier &tier = terms.tiers[i];
        const PriceBounds bounds{next, deal.highest + 1};
        std::int64_t lowest = next;
        std::int64_t highest = deal.highest;
        if (tier.lower.present) {
            /* Below the tier are the changes < lower, or <= lower when lower itself is not in it. */
            const Result<std::int64_t> first =
                first_past(terms, change, tier.lower, !tier.lower.inclusive, bounds);
            if (!first) {
                return tl::unexpected(first.error());
            }
            lowest = *first;
        }
        if (tier.upper.present) {
            const Result<std::int64_t> first =
                first_past(terms, change, tier.upper, tier.upper.inclusive, bounds);
            if (!first) {
                return tl::unexpected(first.error());
            }
            highest = *first - 1;
        }
        if (lowest <= highest) {
            append_window(deal, next, lowest - 1, kNoTier);
            append_window(deal, lowest, highest, i);
            next = highest + 1;
        }
    }
    append_window(deal, next, deal.highest, kNoTier);
    return true;
}

/* The dearest price whose amount, rounded, is at most `most`; -1 when there is none. */
Result<std::int64_t> last_price(const Terms &terms, Amount amount, Rounding rounding,
                                std::int64_t most) noexcept {
    const RoundingEdge edge = rounds_to_at_most(most, rounding);
    const Decimal doubled = decimal(static_cast<std::int64_t>(edge.doubled));
    const Affine<Bounded> line = affine<Bounded>(terms, amount);
    const Result<std::int64_t> dearer =
        first_price({line.slope, line.intercept - bounded(doubled) / whole(2)},
                    edge.inclusive ? Passing::above : Passing::at_least, {}, [&] {
                        const Affine<Ratio> exact = affine<Ratio>(terms, amount);
                        return Affine<Ratio>{exact.slope, exact.intercept - ratio(doubled) / Ratio{2, 1}};
                    });
    if (!dearer) {
        return dearer;
    }
    return *dearer - 1;
}

} // namespace

Result<Amount> parse_amount(std::string_view name) noexcept {
    static constexpr Words<Amount, 7> kNames{{{"payment", Amount::payment},
                                              {"monthly_payment", Amount::monthly},
                                              {"payment_change", Amount::change},
                                              {"loan_amount", Amount::loan_amount},
                                              {"service_fee", Amount::service_fee},
                                              {"opening_fee", Amount::opening_fee},
                                              {"margin", Amount::margin}}};
    return value_named(kNames, name, "amount");
}

Result<bool> build_deal(const Terms &terms, Deal &deal) noexcept {
    const Result<bool> checked = check_terms(terms);
    if (!checked) {
        return checked;
    }
    deal = Deal{};
    deal.format = kDealFormat;
    deal.minor_digits = terms.minor_digits;
    deal.rounding = terms.rounding;
    deal.terms = terms;
    const Formula<Bounded> formula(terms);
    const Result<PriceRange> range = eligible_range(terms, formula);
    if (!range) {
        return tl::unexpected(range.error());
    }
    deal.lowest = range->lowest;
    deal.highest = range->highest;

    const Affine<Bounded> payment = formula.payment();
    deal.lines[index(Amount::payment)] = compiled(payment);
    deal.lines[index(Amount::loan_amount)] = compiled(formula.loan_amount());
    deal.lines[index(Amount::effective_equity)] = compiled(formula.effective_equity());
    deal.lines[index(Amount::service_fee)] = compiled(formula.service_fee());
    deal.lines[index(Amount::opening_fee)] = compiled(formula.opening_fee());
    deal.lines[index(Amount::margin)] = compiled(formula.margin());
    deal.lines[index(Amount::monthly)] = compiled(formula.per_month(payment));
    if (!terms.current_payment.present) {
        append_window(deal, deal.lowest, deal.highest, kNoTier);
        return true;
    }
    const Affine<Bounded> change = formula.change_of(payment);
    deal.lines[index(Amount::change)] = compiled(bounded(decimal(kPowersOfTen[kChangeScale])) * change);
    return cut_windows(deal, change);
}

Result<std::int64_t> amount_at(const Deal &deal, Amount amount, std::int64_t price_minor) noexcept {
    return round_at(deal.lines[index(amount)], price_minor, rounding_of(deal, amount),
                    [&] { return affine<Ratio>(deal.terms, amount); });
}

Result<std::int64_t> due_at_signing_at(const Deal &deal, std::int64_t price_minor) noexcept {
    return round_at(compiled(Formula<Bounded>(deal.terms).due_at_signing()), price_minor, deal.terms.rounding,
                    [&] { return Formula<Ratio>(deal.terms).due_at_signing(); });
}

Result<bool> require_plain_loan(const Terms &terms, const char *what) noexcept {
    const bool monthly = terms.payment_frequency == Frequency::monthly;
    if (terms.kind == DealKind::loan && monthly && terms.first_payment_days == kAbsent) {
        return true;
    }
    return tl::unexpected(
        with_hint(make_error(ErrorKind::bad_value, "%s is of loans with whole months only", what),
                  "Make the deal of kind loan, with monthly payments and without first_payment_days."));
}

double unrounded_payment(const Deal &deal, std::int64_t price_minor) noexcept {
    return value_at(deal.lines[index(Amount::payment)], price_minor).value /
           static_cast<double>(kPowersOfTen[static_cast<std::size_t>(deal.terms.minor_digits)]);
}

Result<std::int64_t> interest_npv_at(const Deal &deal, std::int64_t price_minor) noexcept {
    const Result<bool> plain = require_plain_loan(deal.terms, "interest_npv");
    if (!plain) {
        return tl::unexpected(plain.error());
    }
    return round_at(compiled(Formula<Bounded>(deal.terms).interest_npv()), price_minor, deal.terms.rounding,
                    [&] { return Formula<Ratio>(deal.terms).interest_npv(); });
}

double interest_npv(double loan_amount, Decimal annual_rate, Decimal tax_rate, std::int32_t term) noexcept {
    return loan_amount * interest_npv_factor(annual_rate, tax_rate, term).value;
}

PriceRange tiered_range(const Deal &deal) noexcept {
    PriceRange range{1, 0};
    for (std::int64_t i = 0; i < deal.window_count; ++i) {
        const Window &window = deal.windows[i];
        if (window.tier != kNoTier) {
            range.lowest = range.highest == 0 ? window.lowest : range.lowest;
            range.highest = window.highest;
        }
    }
    return range;
}

Result<std::int64_t> price_for_amount(const Deal &deal, Amount amount, std::int64_t most) noexcept {
    return last_price(deal.terms, amount, rounding_of(deal, amount), most);
}

Result<std::int64_t> price_for_payment(const Deal &deal, std::int64_t payment_minor) noexcept {
    return price_for_amount(deal, Amount::payment, payment_minor);
}

Result<std::int64_t> price_for_payment(const Terms &terms, std::int64_t payment_minor) noexcept {
    const Result<bool> checked = check_terms(terms);
    if (!checked) {
        return tl::unexpected(checked.error());
    }
    return last_price(terms, Amount::payment, terms.rounding, payment_minor);
}

} // namespace tradeup
