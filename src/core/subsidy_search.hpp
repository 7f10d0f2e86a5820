/*
 * The search for a subsidy over the grid of one deal.
 *
 * At one price and term, each rule of an offer and each gate is affine in service fee, bonus and opening fee
 * together. So what passes is a polyhedron over the grid, and the first combination is found by elimination
 * (Fourier and Motzkin; A. Schrijver, Theory of Linear and Integer Programming, section 12.2): the
 * projections say which values of the first concession leave any of the others, and so on inwards. The
 * elimination is in doubles, relaxed by more than they can err, and only says where to look; each combination
 * is decided exactly.
 */
#pragma once

#include <array>
#include <cstdint>

#include "core/elimination.hpp"
#include "core/sign.hpp"
#include "core/subsidy.hpp"

#include "core/pure.hpp"

namespace tradeup {

inline constexpr int kGates = 3;

/* Which concession lies along each axis of a search, the outermost first, as indices of grids. */
using Axes = std::array<int, kGrids>;

using Point = std::array<std::int64_t, kGrids>; // indices into the grids, in the order of the grids

/* The index of the grid of a concession, which is not the term. */
inline int grid_index(Concession concession) noexcept {
    return static_cast<int>(concession) - 1;
}

/* A candidate for the nearest combination. */
struct Candidate {
    bool found = false;
    std::int32_t deal = -1;
    std::int32_t term_place = 0;
    Point point{};
    Terms terms{};
    Bounded off{}; // payment less the current one
};

/* The terms of a deal with those rules of an offer that are asked. */
Terms asked_terms(const Deal &deal, const SubsidyRules &rules) noexcept;

/* Whether one combination comes before another in the order of concession. */
bool before(const SubsidyRules &rules, std::int32_t term_place, const Point &point, std::int32_t other_place,
            const Point &other) noexcept;

/* The first gate that terms fail at a price, or passes. Errors: out_of_memory. */
Result<Verdict> first_failed(const Terms &terms, const SubsidyRules &rules,
                             std::int64_t price_minor) noexcept;

/* Errors of the searches: out_of_memory, cancelled. */
class Search {
public:
    Search(const Deal &deal, std::int64_t price_minor, const SubsidyRules &rules,
           StopAsked stop_asked) noexcept;

    /* The first combination in the order of concession that passes. */
    Result<bool> first(const Axes &axes, Point &point) noexcept;

    /* Replaces the best candidate by one of this deal that is nearer. */
    Result<bool> nearest(std::int32_t deal, std::int32_t term_place, Candidate &best) noexcept;

    /* The terms with a combination in place. */
    const Terms &terms_at(const Point &point) noexcept;

private:
    struct Measures;
    struct Projections;

    Measures measure(const Point &point) noexcept;
    Linear linear_through(const Measures &base, const Measures *far, int i, double &relaxed) const noexcept;
    double last(const Axes &axes, int axis) const noexcept;
    bool project(const Axes &axes, int count, Projections &out) const noexcept;
    bool stopped() noexcept;
    Result<bool> exists(const Formula<Bounded> &formula) const noexcept;
    Result<bool> passes(const Point &candidate, Point &point) noexcept;
    Result<bool> nearest_along(const Axes &axes, double *at, Interval z, std::int32_t deal,
                               std::int32_t term_place, Candidate &best) noexcept;
    Result<bool> take(const Point &point, std::int32_t deal, std::int32_t term_place,
                      Candidate &best) noexcept;
    double off_at(const Axes &axes, const double *at, int fixed) const noexcept;
    bool hopeless(const Axes &axes, const double *at, int fixed, const Candidate &best) const noexcept;

    const SubsidyRules &rules_;
    std::int64_t price_minor_;
    StopAsked stop_asked_;
    Terms tried_;
    Linear linear_[kRules + kGates];
    int rule_count_ = 0;
    int gate_count_ = 0;
    Linear off_;
    double off_relaxed_ = 0;
    std::uint32_t steps_ = 0;
};

} // namespace tradeup
