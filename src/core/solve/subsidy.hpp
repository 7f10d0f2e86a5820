/*
 * The least concession that makes a vehicle pass the gates of a lender: which term, service fee, bonus and
 * opening fee, on the grids and in the order of the rules.
 */
#pragma once

#include <cstdint>
#include <span>

#include "core/base/stop.hpp"
#include "core/base/words.hpp"
#include "core/deal/eligibility.hpp"

#include "core/base/pure.hpp"

namespace tradeup {

/* What is conceded, in the standing order of concession. */
enum class Concession : std::int32_t { term, service_fee, bonus, opening_fee };

inline constexpr int kConcessions = 4;
inline constexpr int kGrids = 3; // all but the term
inline constexpr int kMostSubsidyTerms = 60;
inline constexpr std::int64_t kMostGridSteps = 10'000;

/* The index of the grid of a concession, which is not the term; and back. */
constexpr int grid_index(Concession concession) noexcept {
    return static_cast<int>(concession) - 1;
}
constexpr Concession grid_concession(int index) noexcept {
    return static_cast<Concession>(index + 1);
}

/* The figure of the terms that is conceded, which is not the term. */
constexpr Decimal Terms::*conceded(Concession concession) noexcept {
    return concession == Concession::service_fee ? &Terms::service_fee_rate
           : concession == Concession::bonus     ? &Terms::bonus
                                                 : &Terms::opening_fee_rate;
}

/* The names of the concessions in rules, in the standing order. */
inline constexpr Words<Concession, kConcessions> kConcessionNames{
    {{"term", Concession::term},
     {"service_fee_rate", Concession::service_fee},
     {"bonus", Concession::bonus},
     {"opening_fee_rate", Concession::opening_fee}}};

/* The name of a concession in rules. */
constexpr const char *concession_name(Concession concession) noexcept {
    return word_for(kConcessionNames, concession);
}

/* The concession of its name. Errors: bad_value. */
Result<Concession> parse_concession(std::string_view name) noexcept;

/* The values first, first + step, ..., first + last * step, each exactly; the step may be negative. */
struct Grid {
    std::int64_t first; // in units of 10^-scale, as the step is
    std::int64_t step;
    std::int64_t last; // the index of the last value, 0 for a grid of one
    std::int64_t scale;

    Decimal value(std::int64_t index) const noexcept { return normalized({first + index * step, scale}); }
};

/*
 * The grid of a concession (not the term) that goes from one value towards another by steps and never past
 * it. Errors: bad_value for a step that is not above 0, values outside the domain of the figure, more than
 * kMostGridSteps steps or more than 18 digits.
 */
Result<Grid> make_grid(Concession concession, Decimal from, Decimal to, Decimal step) noexcept;

/* The values of a grid that are at most a limit. Errors: bad_value when there are none. */
Result<Grid> limited(Concession concession, Grid grid, Decimal highest) noexcept;

/*
 * What is tried, and what must hold. The order of concession is lexicographic: the first combination wins,
 * where the concession named last changes first.
 */
struct SubsidyRules {
    Concession order[kConcessions];
    std::int32_t term_count;
    std::int32_t terms[kMostSubsidyTerms];
    Grid grids[kGrids];         // in the standing order; see grid()
    OptionalDecimal max_change; // gates; an absent one is not asked
    OptionalDecimal min_margin; // of the margin less the bonus, in major units
    OptionalDecimal max_financed_to_price;
    bool
        require_dearer; // whether the vehicle must be dearer than the current one; else that rule is left out

    /* The grid of a concession, which is not the term. */
    Grid &grid(Concession concession) noexcept { return grids[grid_index(concession)]; }
    const Grid &grid(Concession concession) const noexcept { return grids[grid_index(concession)]; }
};

/*
 * What is tried and must hold where nothing else is said: the terms of the deals in their order, the fees and
 * the bonus of the first deal alone, change at most 1, financed at most 0.9 of the price; no margin is asked.
 */
SubsidyRules standing_rules(std::span<const Deal *const> deals) noexcept;

/* What became of a search. The gates are in the order in which a failed one is named. */
enum class Verdict : std::int32_t { passes, change, margin, financed, no_offer };

/* `passes`, `change`, `margin`, `financed`, `no_offer`. */
const char *verdict_name(Verdict verdict) noexcept;

/*
 * A combination: the first that passes every gate; or else, of those that make an offer, the one whose
 * payment is nearest to the current one (the lowest payment when there is no current one), with the first
 * gate that it fails; or else no_offer, with the last combination of the last deal and the rule that refuses
 * it.
 */
struct Subsidy {
    Verdict verdict;
    std::int32_t deal; // its index; -1: no deal has a term of the rules, and nothing else is set
    Terms terms;
    std::int64_t margin_less_bonus; // in minor units, rounded as the terms say
    std::int64_t financed_to_price; // in millionths, rounded half up
    Refusal refusal;
};

/*
 * The least subsidy of a vehicle over the deals of a customer, one for each term; deals whose term the rules
 * do not name are left out, and those whose term came before. Domain: 1 <= price_minor <= kMaxPriceMinor.
 * Errors: out_of_range, out_of_memory, cancelled.
 */
Result<bool> least_subsidy(std::span<const Deal *const> deals, std::int64_t price_minor,
                           const SubsidyRules &rules, StopAsked stop_asked, Subsidy &subsidy) noexcept;

} // namespace tradeup
