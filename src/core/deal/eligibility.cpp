/*
 * Each rule of an offer as an affine function of the price, and the interval of prices that all of them
 * leave.
 */
#include "core/deal/eligibility.hpp"

#include <algorithm>
#include <cstdio>

#include "core/base/words.hpp"

#include "core/base/pure.hpp"

namespace tradeup {

namespace {

constexpr Decimal kMillion = decimal(1'000'000);

bool applies(const Terms &terms, Rule rule) noexcept {
    const bool on_difference = terms.sales_tax_base == SalesTaxBase::difference;
    switch (rule) {
    case Rule::dearer:
        return terms.current_price.present != 0;
    case Rule::trade_value:
        return on_difference && terms.trade_value.present == 0;
    case Rule::price_below_trade_value:
        return on_difference && terms.trade_value.present != 0;
    case Rule::residual:
        return terms.kind != DealKind::loan;
    case Rule::min_payment:
        return terms.min_payment.present != 0;
    case Rule::payment_to_income:
        return terms.max_payment_to_income.present != 0 && terms.income.present != 0;
    case Rule::min_price:
        return terms.min_price.present != 0;
    case Rule::max_price:
        return terms.max_price.present != 0;
    case Rule::down_payment:
    case Rule::loan_positive:
        return true;
    case Rule::max_component_loan:
    case Rule::max_component_service_fee:
    case Rule::max_component_protection:
    case Rule::max_component_insurance:
        return terms.max_component.present != 0;
    case Rule::max_financed:
        return terms.max_financed.present != 0;
    case Rule::loan_to_value:
        return terms.max_loan_to_value.present != 0;
    case Rule::max_change:
        return terms.max_change.present != 0 && terms.current_payment.present != 0;
    }
    return false;
}

/* What a rule looks at, in minor units; a change in millionths. */
template <typename Number>
Affine<Number> actual(const Formula<Number> &formula, const Terms &terms, Rule rule) {
    switch (rule) {
    case Rule::dearer:
    case Rule::price_below_trade_value:
    case Rule::min_price:
    case Rule::max_price:
        return formula.price();
    case Rule::trade_value:
        return formula.constant(Decimal{});
    case Rule::residual:
        return formula.financed_over_term();
    case Rule::min_payment:
        return formula.payment();
    case Rule::payment_to_income:
        return formula.per_month(formula.payment());
    case Rule::down_payment:
        return formula.effective_equity();
    case Rule::loan_positive:
    case Rule::max_component_loan:
        return formula.loan();
    case Rule::max_component_service_fee:
        return formula.service_fee();
    case Rule::max_component_protection:
        return formula.constant(terms.protection);
    case Rule::max_component_insurance:
        return formula.constant(terms.insurance);
    case Rule::max_financed:
    case Rule::loan_to_value:
        return formula.loan_amount();
    case Rule::max_change:
        return number<Number>(kMillion) * formula.change_of(formula.payment());
    }
    return formula.price();
}

/* What a rule compares it with, in the same unit. */
template <typename Number>
Affine<Number> required(const Formula<Number> &formula, const Terms &terms, Rule rule) {
    switch (rule) {
    case Rule::dearer:
        return formula.constant(terms.current_price.value);
    case Rule::trade_value:
        return formula.constant(Decimal{});
    case Rule::price_below_trade_value:
        return formula.constant(terms.trade_value.value);
    case Rule::residual:
        return formula.residual();
    case Rule::min_payment:
        return formula.constant(terms.min_payment.value);
    case Rule::payment_to_income:
        return number<Number>(terms.max_payment_to_income.value) * formula.constant(terms.income.value);
    case Rule::min_price:
        return formula.constant(terms.min_price.value);
    case Rule::max_price:
        return formula.constant(terms.max_price.value);
    case Rule::down_payment:
        return number<Number>(terms.down_payment_rate) * formula.price();
    case Rule::loan_positive:
        return formula.constant(Decimal{});
    case Rule::max_component_loan:
    case Rule::max_component_service_fee:
    case Rule::max_component_protection:
    case Rule::max_component_insurance:
        return formula.constant(terms.max_component.value);
    case Rule::max_financed:
        return formula.constant(terms.max_financed.value);
    case Rule::loan_to_value:
        return number<Number>(terms.max_loan_to_value.value) * formula.price();
    case Rule::max_change:
        return {Number{}, number<Number>(kMillion) * number<Number>(terms.max_change.value)};
    }
    return formula.price();
}

/* How far a price is beyond the edge of a rule: zero at the edge, and never decreasing in the price, except
 * that of a loan-to-value above what a vehicle adds to the loan: dear vehicles keep to that. */
template <typename Number>
Affine<Number> beyond_edge(const Formula<Number> &formula, const Terms &terms, Rule rule) {
    if (rule == Rule::trade_value) {
        return {Number{}, number<Number>(decimal(1))};
    }
    if (rule == Rule::down_payment) {
        return required(formula, terms, rule) - actual(formula, terms, rule);
    }
    if (rule == Rule::max_change) {
        const ChangeLimit limit = change_limit(terms, terms.max_change.value, true);
        const Affine<Number> change = formula.change_of(formula.payment());
        return {change.slope, change.intercept - number<Number>(limit.edge)};
    }
    return actual(formula, terms, rule) - required(formula, terms, rule);
}

/* A decimal in the kind of number of a formula. */
template <typename Number>
Number number_like(const Formula<Number> &, Decimal value) {
    return number<Number>(value);
}

/* Whether the loan-to-value falls with the price, so that the rule refuses cheap vehicles. */
Result<bool> loan_to_value_falls(const Terms &terms, const Formula<Bounded> &formula) noexcept {
    const Bounded slope = beyond_edge(formula, terms, Rule::loan_to_value).slope;
    if (std::fabs(slope.value) > slope.error * kBoundSlack) {
        return slope.value < 0;
    }
    return guarded([&]() -> Result<bool> {
        return beyond_edge(Formula<Ratio>(terms), terms, Rule::loan_to_value).slope.numerator < 0;
    });
}

/* Whether a rule refuses cheap vehicles, whatever the figures of the deal. */
bool refuses_below(Rule rule) noexcept {
    return rule == Rule::dearer || rule == Rule::price_below_trade_value || rule == Rule::min_price ||
           rule == Rule::loan_positive || rule == Rule::residual || rule == Rule::min_payment;
}

/* Prices of whole minor units are compared as such: at an edge doubles could not decide. */
Result<Cut> cut(const Terms &terms, const Formula<Bounded> &formula, Rule rule, PriceBounds bounds) noexcept {
    const auto at = [&](bool sets_lowest, std::int64_t price) {
        return Cut{sets_lowest, std::clamp(price, bounds.least, bounds.most)};
    };
    if (rule == Rule::dearer) {
        return at(true, first_price_above(terms.minor_digits, terms.current_price.value, false));
    }
    if (rule == Rule::min_price) {
        return at(true, first_price_above(terms.minor_digits, terms.min_price.value, true));
    }
    if (rule == Rule::price_below_trade_value) {
        return at(true, first_price_above(terms.minor_digits, terms.trade_value.value, true));
    }
    if (rule == Rule::trade_value) {
        return at(false, 0);
    }
    if (rule == Rule::max_price) {
        return at(false, first_price_above(terms.minor_digits, terms.max_price.value, false));
    }
    bool falls = false;
    if (rule == Rule::loan_to_value) {
        const Result<bool> found = loan_to_value_falls(terms, formula);
        if (!found) {
            return tl::unexpected(found.error());
        }
        falls = *found;
    }
    const auto beyond = [&](const auto &formula) {
        const auto edge = beyond_edge(formula, terms, rule);
        return falls ? -edge : edge;
    };
    const bool reaching_is_passing =
        falls || rule == Rule::min_payment ||
        (rule == Rule::max_change && !change_limit(terms, terms.max_change.value, true).inclusive);
    const Result<std::int64_t> price =
        first_price(beyond(formula), reaching_is_passing ? Passing::at_least : Passing::above, bounds,
                    [&] { return beyond(Formula<Ratio>(terms)); });
    if (!price) {
        return tl::unexpected(price.error());
    }
    return Cut{falls || refuses_below(rule), *price};
}

} // namespace

std::int64_t first_price_above(std::int32_t minor_digits, Decimal price, bool or_equal) noexcept {
    if (price.scale <= minor_digits) {
        const auto shift = static_cast<std::size_t>(minor_digits - price.scale);
        std::int64_t minor = 0;
        if (!__builtin_mul_overflow(price.coefficient, kPowersOfTen[shift], &minor)) [[likely]] {
            return minor + (or_equal ? 0 : 1);
        }
    }
    const Int128 scaled = Int128{price.coefficient} * kPowersOfTen[static_cast<std::size_t>(minor_digits)];
    const Int128 power = kPowersOfTen[static_cast<std::size_t>(price.scale)];
    return static_cast<std::int64_t>(scaled / power) + (or_equal && scaled % power == 0 ? 0 : 1);
}

const char *rule_name(Rule rule) noexcept {
    static constexpr Words<Rule, kRules> kNames{{{"dearer", Rule::dearer},
                                                 {"trade_value", Rule::trade_value},
                                                 {"price_below_trade_value", Rule::price_below_trade_value},
                                                 {"residual", Rule::residual},
                                                 {"min_payment", Rule::min_payment},
                                                 {"payment_to_income", Rule::payment_to_income},
                                                 {"min_price", Rule::min_price},
                                                 {"max_price", Rule::max_price},
                                                 {"down_payment", Rule::down_payment},
                                                 {"loan", Rule::loan_positive},
                                                 {"max_component", Rule::max_component_loan},
                                                 {"max_component", Rule::max_component_service_fee},
                                                 {"max_component", Rule::max_component_protection},
                                                 {"max_component", Rule::max_component_insurance},
                                                 {"max_financed", Rule::max_financed},
                                                 {"loan_to_value", Rule::loan_to_value},
                                                 {"max_change", Rule::max_change}}};
    return word_for(kNames, rule);
}

Explanation explained(const Refusal &refusal, std::int32_t minor_digits) noexcept {
    const int scale = refusal_scale(refusal, minor_digits);
    const DecimalText actual = fixed_text(refusal.actual, scale);
    const DecimalText required = fixed_text(refusal.required, scale);
    Explanation out{};
    const auto say = [&](const char *before, const char *first, const char *between, const char *second,
                         const char *after = "") {
        std::snprintf(out.text, sizeof out.text, "%s%s%s%s%s", before, first, between, second, after);
    };
    switch (refusal.rule) {
    case Rule::dearer:
        say("the price of ", actual.text, " is not above the ", required.text, " of the current vehicle");
        break;
    case Rule::trade_value:
        say("the trade value is not known", "", ", and the sales tax depends on it", "");
        break;
    case Rule::price_below_trade_value:
        say("the price of ", actual.text, " is below the trade value of ", required.text);
        break;
    case Rule::residual:
        say("the amount financed is ", actual.text, ", not above the ", required.text,
            " that are left at the end");
        break;
    case Rule::min_payment:
        say("the payment of ", actual.text, " is below ", required.text);
        break;
    case Rule::payment_to_income:
        say("the payment of ", actual.text, " a month is above the ", required.text,
            " that the income allows");
        break;
    case Rule::min_price:
        say("the price of ", actual.text, " is below ", required.text);
        break;
    case Rule::max_price:
        say("the price of ", actual.text, " is above ", required.text);
        break;
    case Rule::down_payment:
        say("the equity of ", actual.text, " is below the down payment of ", required.text);
        break;
    case Rule::loan_positive:
        say("the equity covers the price, and more by ", fixed_text(refusal.short_by, scale).text, "", "");
        break;
    case Rule::max_component_loan:
    case Rule::max_component_service_fee:
    case Rule::max_component_protection:
    case Rule::max_component_insurance:
        say("a part of the loan is ", actual.text, ", above ", required.text);
        break;
    case Rule::max_financed:
        say("the amount financed is ", actual.text, ", above ", required.text);
        break;
    case Rule::loan_to_value:
        say("the amount financed is ", actual.text, ", above ", required.text, " for this price");
        break;
    case Rule::max_change:
        say("the payment change is ", actual.text, ", above ", required.text);
        break;
    }
    return out;
}

ChangeLimit change_limit(const Terms &terms, Decimal change, bool inclusive) noexcept {
    if (terms.change_digits == kAbsent) {
        return {change, inclusive};
    }
    /* The largest rounded change that satisfies the limit, in units of its last digit. */
    const Int128 scaled =
        Int128{change.coefficient} * kPowersOfTen[static_cast<std::size_t>(terms.change_digits)];
    const Int128 power = kPowersOfTen[static_cast<std::size_t>(change.scale)];
    Int128 most = scaled / power - (scaled % power < 0 ? 1 : 0);
    if (!inclusive && most * power == scaled) {
        --most;
    }
    const RoundingEdge edge = rounds_to_at_most(static_cast<std::int64_t>(most), Rounding::half_up);
    return {normalized({static_cast<std::int64_t>(edge.doubled * 5), terms.change_digits + 1}),
            edge.inclusive};
}

bool rule_applies(const Terms &terms, Rule rule) noexcept {
    return applies(terms, rule);
}

Affine<Bounded> rule_margin(const Formula<Bounded> &formula, const Terms &terms, Rule rule) noexcept {
    return beyond_edge(formula, terms, rule);
}

Result<Cut> rule_cut(const Terms &terms, const Formula<Bounded> &formula, Rule rule,
                     PriceBounds bounds) noexcept {
    return cut(terms, formula, rule, bounds);
}

Result<PriceRange> eligible_range(const Terms &terms, const Formula<Bounded> &formula) noexcept {
    PriceRange range{1, kMaxPriceMinor};
    for (std::int32_t i = 0; i < kRules; ++i) {
        const auto rule = static_cast<Rule>(i);
        if (!applies(terms, rule)) {
            continue;
        }
        const Result<Cut> found = cut(terms, formula, rule, {range.lowest, range.highest + 1});
        if (!found) {
            return tl::unexpected(found.error());
        }
        if (found->sets_lowest) {
            range.lowest = std::max(range.lowest, found->price);
        } else {
            range.highest = std::min(range.highest, found->price - 1);
        }
    }
    return range;
}

int beyond_edges(const Terms &terms, const Formula<Bounded> &formula, std::int64_t price_minor,
                 Bounded (&beyond)[kRules]) noexcept {
    int count = 0;
    const Bounded price = bounded(decimal(price_minor));
    for (std::int32_t i = 0; i < kRules; ++i) {
        const auto rule = static_cast<Rule>(i);
        if (applies(terms, rule)) {
            const Affine<Bounded> edge = beyond_edge(formula, terms, rule);
            const Bounded past = edge.slope * price + edge.intercept;
            beyond[count++] = refuses_below(rule) ? -past : past;
        }
    }
    return count;
}

Result<Refusal> refusal_at(const Terms &terms, std::int64_t price_minor) noexcept {
    const Formula<Bounded> formula(terms);
    for (std::int32_t i = 0; i < kRules; ++i) {
        const auto rule = static_cast<Rule>(i);
        if (!applies(terms, rule)) {
            continue;
        }
        const Result<Cut> found = cut(terms, formula, rule, {});
        if (!found) {
            return tl::unexpected(found.error());
        }
        if ((price_minor >= found->price) == found->sets_lowest) {
            continue;
        }
        const auto rounded = [&](Rounding rounding, auto side) {
            return round_at(compiled(side(formula)), price_minor, rounding,
                            [&] { return side(Formula<Ratio>(terms)); });
        };
        const auto what_is = [&](const auto &formula) { return actual(formula, terms, rule); };
        const auto what_must_be = [&](const auto &formula) { return required(formula, terms, rule); };
        const Result<std::int64_t> asked = rounded(Rounding::half_up, what_must_be);
        Result<std::int64_t> had = rounded(Rounding::half_up, what_is);
        Result<std::int64_t> gap = rounded(
            Rounding::up, [&](const auto &formula) { return what_is(formula) - what_must_be(formula); });
        if (!asked || !had || !gap) {
            return tl::unexpected(!asked ? asked.error() : !had ? had.error() : gap.error());
        }
        const std::int32_t digits = terms.change_digits;
        if (rule == Rule::max_change && digits != kAbsent && digits < kChangeScale) {
            /* Shown as it decides: rounded once, to the digits that count, then written in millionths. */
            const std::int64_t unit = kPowersOfTen[static_cast<std::size_t>(kChangeScale - digits)];
            had = rounded(Rounding::half_up, [&](const auto &formula) {
                const auto scale =
                    number_like(formula, decimal(kPowersOfTen[static_cast<std::size_t>(digits)]));
                return scale * formula.change_of(formula.payment());
            });
            if (!had) {
                return tl::unexpected(had.error());
            }
            *had *= unit;
            *gap = *had - *asked;
        }
        return Refusal{1, rule, *asked, *had, *gap < 0 ? -*gap : *gap};
    }
    return Refusal{};
}

} // namespace tradeup
