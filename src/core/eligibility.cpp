#include "core/eligibility.hpp"

#include <algorithm>

#include "core/pure.hpp"

namespace tradeup {

namespace {

constexpr Decimal kMillion = decimal(1'000'000);

bool applies(const Terms &terms, Rule rule) noexcept {
    switch (rule) {
    case Rule::dearer:
        return terms.current_price.present != 0;
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
    case Rule::max_change:
        return terms.max_change.present != 0 && terms.current_payment.present != 0;
    }
    return false;
}

/* The rules that cheap vehicles fail: they set the lowest price, the others the highest. */
bool sets_lowest(Rule rule) noexcept {
    return rule == Rule::dearer || rule == Rule::loan_positive;
}

/* What a rule looks at, in minor units; a change in millionths. */
template <typename Number>
Affine<Number> actual(const Formula<Number> &formula, const Terms &terms, Rule rule) {
    switch (rule) {
    case Rule::dearer:
        return formula.price();
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
    case Rule::max_change:
        return {Number{}, number<Number>(kMillion) * number<Number>(terms.max_change.value)};
    }
    return formula.price();
}

/* How far a price is beyond the edge of a rule: never decreasing in the price, zero at the edge. */
template <typename Number>
Affine<Number> beyond_edge(const Formula<Number> &formula, const Terms &terms, Rule rule) {
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

/* The lowest price in minor units that is above a decimal one, which must not be negative. */
std::int64_t first_above(const Terms &terms, Decimal price) noexcept {
    const Int128 scaled =
        Int128{price.coefficient} * kPowersOfTen[static_cast<std::size_t>(terms.minor_digits)];
    return static_cast<std::int64_t>(scaled / kPowersOfTen[static_cast<std::size_t>(price.scale)]) + 1;
}

/*
 * The lowest price beyond the edge, within bounds: the first that a lower rule allows, the first that an
 * upper rule refuses.
 */
Result<std::int64_t> first_beyond(const Terms &terms, const Formula<Bounded> &formula, Rule rule,
                                  PriceBounds bounds) noexcept {
    if (rule == Rule::dearer) {
        /* The price of the current vehicle is a whole number of minor units as a rule, where doubles cannot
         * decide. */
        return std::clamp(first_above(terms, terms.current_price.value), bounds.least, bounds.most);
    }
    const bool edge_refused =
        rule == Rule::max_change && !change_limit(terms, terms.max_change.value, true).inclusive;
    return first_price(beyond_edge(formula, terms, rule), edge_refused ? Passing::at_least : Passing::above,
                       bounds, [&] { return beyond_edge(Formula<Ratio>(terms), terms, rule); });
}

} // namespace

const char *rule_name(Rule rule) noexcept {
    switch (rule) {
    case Rule::dearer:
        return "dearer";
    case Rule::down_payment:
        return "down_payment";
    case Rule::loan_positive:
        return "loan";
    case Rule::max_component_loan:
    case Rule::max_component_service_fee:
    case Rule::max_component_protection:
    case Rule::max_component_insurance:
        return "max_component";
    case Rule::max_financed:
        return "max_financed";
    case Rule::max_change:
        return "max_change";
    }
    return "";
}

ChangeLimit change_limit(const Terms &terms, Decimal change, bool inclusive) noexcept {
    if (terms.change_digits == kUnroundedChange) {
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

bool rule_sets_lowest(Rule rule) noexcept {
    return sets_lowest(rule);
}

Affine<Bounded> rule_margin(const Formula<Bounded> &formula, const Terms &terms, Rule rule) noexcept {
    return beyond_edge(formula, terms, rule);
}

Result<std::int64_t> rule_edge(const Terms &terms, const Formula<Bounded> &formula, Rule rule,
                               PriceBounds bounds) noexcept {
    return first_beyond(terms, formula, rule, bounds);
}

Result<PriceRange> eligible_range(const Terms &terms, const Formula<Bounded> &formula) noexcept {
    PriceRange range{1, kMaxPriceMinor};
    for (std::int32_t i = 0; i < kRules; ++i) {
        const auto rule = static_cast<Rule>(i);
        if (!applies(terms, rule)) {
            continue;
        }
        const Result<std::int64_t> first =
            first_beyond(terms, formula, rule, {range.lowest, range.highest + 1});
        if (!first) {
            return tl::unexpected(first.error());
        }
        if (sets_lowest(rule)) {
            range.lowest = std::max(range.lowest, *first);
        } else {
            range.highest = std::min(range.highest, *first - 1);
        }
    }
    return range;
}

Result<Refusal> refusal_at(const Deal &deal, std::int64_t price_minor) noexcept {
    const Terms &terms = deal.terms;
    const Formula<Bounded> formula(terms);
    for (std::int32_t i = 0; i < kRules; ++i) {
        const auto rule = static_cast<Rule>(i);
        if (!applies(terms, rule)) {
            continue;
        }
        const Result<std::int64_t> first = first_beyond(terms, formula, rule, {});
        if (!first) {
            return tl::unexpected(first.error());
        }
        if ((price_minor >= *first) == sets_lowest(rule)) {
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
        if (rule == Rule::max_change && digits != kUnroundedChange && digits < kChangeScale) {
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
