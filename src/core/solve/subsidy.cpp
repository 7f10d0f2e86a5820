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
    for (int i = 0; i < kGrids; ++i) {
        last.*conceded(grid_concession(i)) = rules.grids[i].value(rules.grids[i].last);
    }
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

/* A search for the least subsidy over the deals of a customer. */
struct Question {
    std::span<const Deal *const> deals;
    std::int64_t price_minor;
    const SubsidyRules &rules;
    StopAsked stop_asked;
    Axes axes;

    SubsidySearch search(std::int32_t deal) const noexcept {
        return {*deals[static_cast<std::size_t>(deal)], price_minor, rules, stop_asked};
    }
};

/* The grids in the order of concession, the one that changes last outermost. */
Axes axes_of(const SubsidyRules &rules) noexcept {
    Axes axes{};
    std::size_t axis = 0;
    for (const Concession concession : rules.order) {
        if (concession != Concession::term) {
            axes[axis++] = {grid_index(concession), false};
        }
    }
    return axes;
}

/* The first combination of all deals that passes. Without one, the verdict stays and the deal is the last, as
 * refuse wants it. */
Result<bool> first_that_passes(const Question &asked, Subsidy &subsidy) noexcept {
    const SubsidyRules &rules = asked.rules;
    Point best{};
    std::int32_t best_place = -1;
    for (std::int32_t place = 0; place < rules.term_count; ++place) {
        const std::int32_t at = deal_with_term(asked.deals, rules.terms[place]);
        if (at < 0) {
            continue;
        }
        if (best_place < 0) {
            subsidy.deal = at;
        }
        SubsidySearch search = asked.search(at);
        Point point{};
        const Result<bool> found = search.first(asked.axes, point);
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
    return true;
}

/* The combination of all deals whose payment is nearest to the current one; of several, the first. */
Result<Candidate> nearest_of_all(const Question &asked) noexcept {
    const SubsidyRules &rules = asked.rules;
    Candidate nearest;
    for (std::int32_t place = 0; place < rules.term_count; ++place) {
        const std::int32_t at = deal_with_term(asked.deals, rules.terms[place]);
        if (at < 0) {
            continue;
        }
        const Result<bool> done = asked.search(at).nearest(at, place, nearest);
        if (!done) {
            return tl::unexpected(done.error());
        }
    }
    for (std::int32_t place = 0; nearest.found && place < rules.term_count; ++place) {
        const std::int32_t at = deal_with_term(asked.deals, rules.terms[place]);
        if (at < 0 || (rules.order[0] == Concession::term && place > nearest.term_place)) {
            continue;
        }
        const Result<bool> done = asked.search(at).first_as_near(asked.axes, at, place, nearest);
        if (!done) {
            return tl::unexpected(done.error());
        }
    }
    return nearest;
}

} // namespace

Result<bool> least_subsidy(std::span<const Deal *const> deals, std::int64_t price_minor,
                           const SubsidyRules &rules, StopAsked stop_asked, Subsidy &subsidy) noexcept {
    subsidy = {};
    subsidy.verdict = Verdict::no_offer;
    subsidy.deal = -1;
    const Question question{deals, price_minor, rules, stop_asked, axes_of(rules)};
    const Result<bool> searched = first_that_passes(question, subsidy);
    if (!searched || subsidy.deal < 0) {
        return searched;
    }
    if (subsidy.verdict == Verdict::passes) {
        return complete(price_minor, subsidy);
    }
    const Result<Candidate> nearest = nearest_of_all(question);
    if (!nearest) {
        return tl::unexpected(nearest.error());
    }
    if (!nearest->found) {
        return refuse(*deals[static_cast<std::size_t>(subsidy.deal)], rules, price_minor, subsidy);
    }
    const Result<Verdict> failed = first_failed(nearest->terms, rules, price_minor);
    if (!failed) {
        return tl::unexpected(failed.error());
    }
    subsidy.verdict = *failed;
    subsidy.deal = nearest->deal;
    subsidy.terms = nearest->terms;
    return complete(price_minor, subsidy);
}

} // namespace tradeup
