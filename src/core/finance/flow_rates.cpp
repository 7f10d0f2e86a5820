/*
 * The rates at which flows are worth nothing: the roots of a series, by derivatives that have fewer of them.
 */
#include <algorithm>
#include <cmath>
#include <vector>

#include "core/finance/checks.hpp"
#include "core/finance/flows.hpp"
#include "core/finance/only_root.hpp"
#include "core/finance/series.hpp"

#include "core/base/pure.hpp"

namespace tradeup {

namespace {

/* A series as `only_root` sees it. */
struct SeriesView {
    const Series &series;
    StopAsked stop;

    static constexpr bool kDays = false;
    std::size_t size() const { return series.amounts.size(); }
    template <typename Number>
    Number amount(std::size_t j) const {
        return static_cast<Number>(series.amounts[j]);
    }
    template <typename Number>
    Number span(std::size_t i, std::size_t j) const {
        return static_cast<Number>(series.times[j] - series.times[i]);
    }
};

/* Amounts of days as `only_root` sees them, the unit of time a day. */
struct DaysView {
    std::span<const DayAmount> days;
    StopAsked stop;

    static constexpr bool kDays = true;
    std::size_t size() const { return days.size(); }
    template <typename Number>
    Number amount(std::size_t j) const {
        return days[j].amount;
    }
    template <typename Number>
    Number span(std::size_t i, std::size_t j) const {
        return static_cast<Number>(std::int64_t{days[j].day} - days[i].day);
    }
};

/*
 * The only root of a series with one change of sign. Where doubles do not come near it, or cannot prove that
 * they are, the search is in long doubles.
 */
Force proved_root(const Series &series) {
    if (!series.periodic) { // else Horner's rule is as fast
        const Force root = only_root(SeriesView{series, series.stop});
        if (root) {
            return root;
        }
    }
    return the_root(series, sign(series.amounts.front()));
}

/* The roots between neighbours of these forces; where the forces are the worth's extrema, those there too. */
void add_roots(const Series &series, bool extrema, const std::vector<Wide> &points,
               std::vector<Root> &roots) {
    add_roots(series, Precise{series}, series.amounts.size() <= kMostPrecise, extrema, points, roots);
}

/* All roots, ascending. */
std::vector<Root> all_roots(const Series &series) {
    const int changes = series.sign_changes();
    std::vector<Root> roots;
    if (changes == 0) {
        return roots;
    }
    if (changes == 1) {
        const int first_sign = sign(series.amounts.front());
        const Force root = the_root(series, first_sign);
        if (root) {
            roots.push_back({*root, first_sign});
        }
        return roots;
    }
    std::vector<Wide> points{kLowestForce};
    for (const Root &extremum : all_roots(series.derivative(series.middle_change()))) {
        points.push_back(extremum.force);
    }
    points.push_back(kHighestForce);
    /* Zero among the points keeps a root near it from being taken for the noise around it. */
    points.insert(std::upper_bound(points.begin(), points.end(), Wide{0}), Wide{0});
    add_roots(series, true, points, roots);
    return roots;
}

/* The root that an answer of one rate means, of flows with any number of changes of sign. */
Answer chosen_root(const Series &dense) {
    const bool zeros = std::find(dense.amounts.begin(), dense.amounts.end(), 0) != dense.amounts.end();
    const Series series = zeros ? without_zeros(dense) : Series();
    const Series &sparse = zeros ? series : dense;
    const Series &quick = dense.periodic ? dense : sparse; // Horner's rule wants the zeros
    const int changes = sparse.sign_changes();
    if (changes == 0) {
        return {};
    }
    if (changes == 1) {
        return rate_from(proved_root(quick));
    }
    const int first_sign = sign(sparse.amounts.front());
    if (changes > kMostSignChanges) {
        return rate_from(chosen_on_grid(quick, Rough(quick), Rough::kNoise, first_sign));
    }
    return rate_from(chosen(all_roots(sparse), first_sign));
}

/* All roots of flows with any number of changes of sign, as rates. */
Rates rates_of(const Series &dense) {
    const bool zeros = std::find(dense.amounts.begin(), dense.amounts.end(), 0) != dense.amounts.end();
    const Series series = zeros ? without_zeros(dense) : Series();
    const Series &sparse = zeros ? series : dense;
    std::vector<Root> roots;
    if (sparse.sign_changes() <= kMostSignChanges) {
        roots = all_roots(sparse);
    } else {
        add_roots(dense.periodic ? dense : sparse, false, grid(), roots);
    }
    return rates_from(roots);
}

} // namespace

Result<Answer> rate_of_return(std::span<const double> amounts, StopAsked stop) noexcept {
    const Result<bool> checked = check_amounts(amounts);
    if (!checked) {
        return tl::unexpected(checked.error());
    }
    return searched([&]() -> Result<Answer> { return chosen_root(series_of(amounts, stop)); });
}

Result<Answer> rate_of_return(std::span<const Flow> flows, StopAsked stop) noexcept {
    const Result<bool> checked = check_flows(flows);
    if (!checked) {
        return tl::unexpected(checked.error());
    }
    return searched([&] { return series_of(flows, stop).map(chosen_root); });
}

Result<Answer> rate_of_return(std::span<const DayAmount> days, Wide year, StopAsked stop) noexcept {
    return searched([&]() -> Result<Answer> {
        const Force daily = only_root(DaysView{days, stop});
        if (daily) {
            return rate_from(*daily * year);
        }
        return chosen_root(series_of(days, year, stop));
    });
}

Result<Rates> rates_of_return(std::span<const double> amounts, StopAsked stop) noexcept {
    const Result<bool> checked = check_amounts(amounts);
    if (!checked) {
        return tl::unexpected(checked.error());
    }
    return searched([&]() -> Result<Rates> { return rates_of(series_of(amounts, stop)); });
}

Result<Rates> rates_of_return(std::span<const Flow> flows, StopAsked stop) noexcept {
    const Result<bool> checked = check_flows(flows);
    if (!checked) {
        return tl::unexpected(checked.error());
    }
    return searched([&] { return series_of(flows, stop).map(rates_of); });
}

} // namespace tradeup
