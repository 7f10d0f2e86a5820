/*
 * The gates of a lender read as requirements on prices and terms, and the best of what the searches of single
 * deals find.
 */
#include "core/solve/subsidy.hpp"

#include "core/solve/subsidy_search.hpp"

#include "core/base/pure.hpp"

namespace tradeup {

namespace {

/* The figures of a combination that its deal does not have. */
Result<bool> complete(std::int64_t price_minor, Subsidy &subsidy) noexcept {
    const Terms &terms = subsidy.terms;
    const auto margin = [&](const auto &formula) { return formula.margin() - formula.constant(terms.bonus); };
    const Result<std::int64_t> rounded =
        round_at(compiled(margin(Formula<Bounded>(terms))), price_minor, terms.rounding,
                 [&] { return margin(Formula<Ratio>(terms)); });
    const auto share = [&]<typename Number>(const Formula<Number> &formula) -> Affine<Number> {
        return {Number{}, number<Number>(decimal(kPowersOfTen[kChangeScale])) *
                              at_price(formula.loan_amount(), price_minor) /
                              whole_number<Number>(price_minor)};
    };
    const Result<std::int64_t> financed =
        round_at(compiled(share(Formula<Bounded>(terms))), price_minor, Rounding::half_up,
                 [&] { return share(Formula<Ratio>(terms)); });
    if (!rounded || !financed) {
        return tl::unexpected(rounded ? financed.error() : rounded.error());
    }
    subsidy.margin_less_bonus = *rounded;
    subsidy.financed_to_price = *financed;
    return true;
}

/* Why the last combination of a deal makes no offer. */
Result<bool> refuse(const Deal &deal, const SubsidyRules &rules, std::int64_t price_minor,
                    Subsidy &subsidy) noexcept {
    Terms last = asked_terms(deal, rules);
    last.service_fee_rate = rules.grids[0].value(rules.grids[0].last);
    last.bonus = rules.grids[1].value(rules.grids[1].last);
    last.opening_fee_rate = rules.grids[2].value(rules.grids[2].last);
    const Result<Refusal> refusal = refusal_at(last, price_minor);
    if (!refusal) {
        return tl::unexpected(refusal.error());
    }
    subsidy.verdict = Verdict::no_offer;
    subsidy.terms = last;
    subsidy.refusal = *refusal;
    return true;
}

std::int32_t deal_with_term(std::span<const Deal *const> deals, std::int32_t term) noexcept {
    for (std::size_t i = 0; i < deals.size(); ++i) {
        if (deals[i]->terms.term == term) {
            return static_cast<std::int32_t>(i);
        }
    }
    return -1;
}

} // namespace

Result<bool> least_subsidy(std::span<const Deal *const> deals, std::int64_t price_minor,
                           const SubsidyRules &rules, StopAsked stop_asked, Subsidy &subsidy) noexcept {
    subsidy = {};
    subsidy.verdict = Verdict::no_offer;
    subsidy.deal = -1;
    Axes axes{};
    std::size_t axis = 0;
    for (const Concession concession : rules.order) {
        if (concession != Concession::term) {
            axes[axis++] = {grid_index(concession), false};
        }
    }
    Point best{};
    std::int32_t best_place = -1;
    for (std::int32_t place = 0; place < rules.term_count; ++place) {
        const std::int32_t at = deal_with_term(deals, rules.terms[place]);
        if (at < 0) {
            continue;
        }
        if (best_place < 0) {
            subsidy.deal = at;
        }
        SubsidySearch search(*deals[static_cast<std::size_t>(at)], price_minor, rules, stop_asked);
        Point point{};
        const Result<bool> found = search.first(axes, point);
        if (!found) {
            return found;
        }
        if (*found && (best_place < 0 || before(rules, place, point, best_place, best))) {
            best = point;
            best_place = place;
            subsidy.deal = at;
            subsidy.terms = search.terms_at(point);
            subsidy.verdict = Verdict::passes;
            if (rules.order[0] == Concession::term) {
                break;
            }
        }
    }
    if (subsidy.deal < 0) {
        return true;
    }
    if (best_place >= 0) {
        return complete(price_minor, subsidy);
    }
    Candidate nearest;
    for (std::int32_t place = 0; place < rules.term_count; ++place) {
        const std::int32_t at = deal_with_term(deals, rules.terms[place]);
        if (at < 0) {
            continue;
        }
        SubsidySearch search(*deals[static_cast<std::size_t>(at)], price_minor, rules, stop_asked);
        const Result<bool> done = search.nearest(at, place, nearest);
        if (!done) {
            return done;
        }
    }
    for (std::int32_t place = 0; nearest.found && place < rules.term_count; ++place) {
        const std::int32_t at = deal_with_term(deals, rules.terms[place]);
        if (at < 0 || (rules.order[0] == Concession::term && place > nearest.term_place)) {
            continue;
        }
        SubsidySearch search(*deals[static_cast<std::size_t>(at)], price_minor, rules, stop_asked);
        const Result<bool> done = search.first_as_near(axes, at, place, nearest);
        if (!done) {
            return done;
        }
    }
    if (!nearest.found) {
        return refuse(*deals[static_cast<std::size_t>(subsidy.deal)], rules, price_minor, subsidy);
    }
    const Result<Verdict> failed = first_failed(nearest.terms, rules, price_minor);
    if (!failed) {
        return tl::unexpected(failed.error());
    }
    subsidy.verdict = *failed;
    subsidy.deal = nearest.deal;
    subsidy.terms = nearest.terms;
    return complete(price_minor, subsidy);
}

} // namespace tradeup
