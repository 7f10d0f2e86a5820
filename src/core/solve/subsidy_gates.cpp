/*
 * The gates of a lender, and which combination comes first.
 */
#include "core/solve/subsidy_parts.hpp"

#include "core/base/pure.hpp"

namespace tradeup {

namespace {

/* How far a combination is beyond a gate, not positive when it passes: it may be zero but for a change whose
 * limit leaves it out. */
template <typename Number>
Number beyond(const Formula<Number> &formula, const Terms &terms, const SubsidyRules &rules, Verdict gate,
              std::int64_t price_minor) {
    if (gate == Verdict::change) {
        return at_price(formula.change_of(formula.payment()), price_minor) -
               number<Number>(change_limit(terms, rules.max_change.value, true).edge);
    }
    if (gate == Verdict::margin) {
        return formula.constant(rules.min_margin.value).intercept + formula.constant(terms.bonus).intercept -
               at_price(formula.margin(), price_minor);
    }
    return at_price(formula.loan_amount(), price_minor) -
           number<Number>(rules.max_financed_to_price.value) * whole_number<Number>(price_minor);
}

} // namespace

bool asked(const Terms &terms, const SubsidyRules &rules, Verdict gate) noexcept {
    switch (gate) {
    case Verdict::change:
        return rules.max_change.present && terms.current_payment.present;
    case Verdict::margin:
        return rules.min_margin.present != 0;
    default:
        return rules.max_financed_to_price.present != 0;
    }
}

Bounded beyond_gate(const Formula<Bounded> &formula, const Terms &terms, const SubsidyRules &rules,
                    Verdict gate, std::int64_t price_minor) noexcept {
    return beyond(formula, terms, rules, gate, price_minor);
}

Terms asked_terms(const Deal &deal, const SubsidyRules &rules) noexcept {
    Terms terms = deal.terms;
    if (!rules.require_dearer) {
        terms.current_price = {};
    }
    return terms;
}

bool before(const SubsidyRules &rules, std::int32_t term_place, const Point &point, std::int32_t other_place,
            const Point &other) noexcept {
    for (const Concession concession : rules.order) {
        const auto at = static_cast<std::size_t>(grid_index(concession));
        const bool term = concession == Concession::term;
        const std::int64_t a = term ? term_place : point[at];
        const std::int64_t b = term ? other_place : other[at];
        if (a != b) {
            return a < b;
        }
    }
    return false;
}

Result<Verdict> first_failed(const Terms &terms, const SubsidyRules &rules,
                             std::int64_t price_minor) noexcept {
    const Formula<Bounded> formula(terms);
    for (const Verdict gate : kGateOrder) {
        if (!asked(terms, rules, gate)) {
            continue;
        }
        const Result<int> sign = sign_of(beyond(formula, terms, rules, gate, price_minor), [&] {
            return beyond(Formula<Ratio>(terms), terms, rules, gate, price_minor);
        });
        if (!sign) {
            return tl::unexpected(sign.error());
        }
        const bool edge_fails =
            gate == Verdict::change && !change_limit(terms, rules.max_change.value, true).inclusive;
        if (*sign > 0 || (*sign == 0 && edge_fails)) {
            return gate;
        }
    }
    return Verdict::passes;
}

} // namespace tradeup
