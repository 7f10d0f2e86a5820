/*
 * The search for a subsidy over the grid of one deal.
 *
 * At one price and term, each rule of an offer and each gate is affine in service fee, bonus and opening fee
 * together. So what passes is a polyhedron over the grid, and the first combination is found by elimination
 * (Fourier and Motzkin; A. Schrijver, Theory of Linear and Integer Programming, section 12.2): the
 * projections say which values of the first concession leave any of the others, and so on inwards. What they
 * leave may still be a strip too narrow for a whole number: with the first value fixed, all edges that slant
 * across the other two are parallel, because each is a part of the amount financed, and the places where the
 * strip does hold one are found without trying those between.
 *
 * Elimination and strips are in doubles, relaxed by more than they can err, and only say where to look; each
 * combination is decided exactly. One that fails exactly teaches: the values of its restriction on the grid
 * are a known distance apart, so all combinations with the same value are left out from then on.
 */
#pragma once

#include <array>
#include <cstdint>

#include "core/number/sign.hpp"
#include "core/solve/elimination.hpp"
#include "core/solve/subsidy.hpp"

#include "core/base/pure.hpp"

namespace tradeup {

inline constexpr int kGates = 3;

/* Which concession lies along an axis of a search, as the index of its grid, and from which end it goes. */
struct Axis {
    int grid;
    bool from_last;
};

using Axes = std::array<Axis, kGrids>; // the outermost first

using Point = std::array<std::int64_t, kGrids>; // indices into the grids, in the order of the grids

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
class SubsidySearch {
public:
    SubsidySearch(const Deal &deal, std::int64_t price_minor, const SubsidyRules &rules,
                  StopAsked stop_asked) noexcept;

    /* The first combination in the order of the axes that passes. */
    Result<bool> first(const Axes &axes, Point &point) noexcept;

    /* Replaces the best candidate by one of this deal that is nearer than it and than all others of the deal.
     */
    Result<bool> nearest(std::int32_t deal, std::int32_t term_place, Candidate &best) noexcept;

    /* Replaces the best candidate by the first of this deal that is as near, if that comes before it. */
    Result<bool> first_as_near(const Axes &axes, std::int32_t deal, std::int32_t term_place,
                               Candidate &best) noexcept;

    /* The terms with a combination in place. */
    const Terms &terms_at(const Point &point) noexcept;

private:
    struct Measures;
    struct Projections;
    struct Cursor;

    /* The restrictions of a search beside the rules of an offer. */
    enum class Sought { passing, nearer };

    Measures measure(const Point &point) noexcept;
    Linear linear_through(const Measures &base, const Measures *far, int i, double &relaxed) const noexcept;
    Linear along(const Axes &axes, const Linear &linear) const noexcept;
    Point point_of(const Axes &axes, const double *at) const noexcept;
    double last(const Axes &axes, int axis) const noexcept;
    double value_at(const Linear &linear, const Point &point) const noexcept;
    bool project(const Axes &axes, Sought sought, Projections &out) const noexcept;
    bool stopped() noexcept;
    Result<bool> seek(const Projections &projections, Cursor &cursor) noexcept;
    Result<int> failed(Sought sought) noexcept;
    void restrict_to(const Candidate &best) noexcept;
    int side_of(Bounded off) const noexcept;
    Result<bool> measure_spacing() noexcept;
    double spacing(const Linear &linear, double relaxed) const;
    Result<bool> learn(int restriction, const Point &point) noexcept;
    Result<bool> nearest_on_line(const Projections &projections, const Cursor &cursor, std::int32_t deal,
                                 std::int32_t term_place, Candidate &best, bool &learned) noexcept;
    Result<bool> take(const Point &point, std::int32_t deal, std::int32_t term_place, Candidate &best,
                      bool &learned) noexcept;
    Axes toward_nearest() const noexcept;

    const SubsidyRules &rules_;
    std::int64_t price_minor_;
    StopAsked stop_asked_;
    Terms tried_;
    /* Rules, gates, and two for combinations that are nearer than the best: above and below the current
     * payment. */
    Linear linear_[kRules + kGates + 2];
    double relaxed_[kRules + kGates + 2];
    int rule_count_ = 0;
    int gate_count_ = 0;
    Linear off_;
    double off_relaxed_ = 0;
    bool few_; // combinations, so that trying them costs less than learning
    bool spacing_known_ = false;
    Integer steps_of_[kGrids]; // what each step adds to the amount financed, in one unit for all
    std::uint32_t steps_ = 0;
};

} // namespace tradeup
