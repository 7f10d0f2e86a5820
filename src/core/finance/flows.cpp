/*
 * Cash flows as polynomials with real exponents: their worth, and their roots by derivatives that have fewer
 * of them.
 */
#include "core/finance/flows.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include <boost/multiprecision/cpp_bin_float.hpp>

#include "core/base/guard.hpp"
#include "core/finance/root.hpp"

#include "core/base/pure.hpp"

namespace tradeup {

namespace {

/* For the steps of a long loop: ends the search when its caller wants that. */
void ask(std::size_t step, StopAsked stop) {
    if (stops_at(step, stop)) {
        throw Stopped();
    }
}

/* Flows as the solver sees them: sorted by time, no zero among the amounts. */
struct Series {
    std::vector<Wide> amounts;
    std::vector<Wide> times;
    bool periodic; // times are whole numbers and no two are far apart: Horner's rule
    StopAsked stop;

    int sign_changes() const noexcept {
        int changes = 0;
        for (std::size_t j = 1; j < amounts.size(); ++j) {
            changes += sign(amounts[j]) != sign(amounts[j - 1]) ? 1 : 0;
        }
        return changes;
    }

    /*
     * The worth at a force of interest, compounded to the first flow's time for forces above zero and to the
     * last one's for those below: so no factor is above 1.
     */
    Valued operator()(Wide force) const {
        const Wide origin = force >= 0 ? times.front() : times.back();
        Valued sum{};
        if (periodic) {
            const Wide factor = std::exp(-std::fabs(force));
            const std::size_t n = amounts.size();
            for (std::size_t i = 0; i < n; ++i) {
                ask(i, stop);
                const std::size_t j = force >= 0 ? n - 1 - i : i;
                sum.value = sum.value * factor + amounts[j];
                sum.scale = sum.scale * factor + std::fabs(amounts[j]);
            }
            return sum;
        }
        for (std::size_t j = 0; j < amounts.size(); ++j) {
            ask(j, stop);
            const Wide term = amounts[j] * std::exp((origin - times[j]) * force);
            sum.value += term;
            sum.scale += std::fabs(term);
        }
        return sum;
    }

    /*
     * The derivative of the worth compounded to the time of flow k: that flow drops out and those after it
     * change sign, so at least one change of sign is lost when k is where the sign changes.
     */
    Series derivative(std::size_t k) const {
        Series result{{}, {}, false, stop};
        result.amounts.reserve(amounts.size());
        result.times.reserve(times.size());
        for (std::size_t j = 0; j < amounts.size(); ++j) {
            ask(j, stop);
            if (times[j] != times[k]) {
                result.amounts.push_back(amounts[j] * (times[k] - times[j]));
                result.times.push_back(times[j]);
            }
        }
        return result;
    }

    /* The middle one of the flows whose sign differs from the one before. */
    std::size_t middle_change() const noexcept {
        const int wanted = (sign_changes() + 1) / 2;
        int seen = 0;
        std::size_t j = 1;
        for (; j < amounts.size(); ++j) {
            seen += sign(amounts[j]) != sign(amounts[j - 1]) ? 1 : 0;
            if (seen == wanted) {
                break;
            }
        }
        return j;
    }
};

/* A series in doubles, ten times as fast, for coming near a root. */
struct Rough {
    std::vector<double> amounts;
    std::vector<double> times;
    StopAsked stop;

    /* Far above the rounding of doubles and of their exponents, which reach into the hundreds. */
    static constexpr Wide kNoise = 0x1p-40L;

    explicit Rough(const Series &series) : stop(series.stop) {
        amounts.reserve(series.amounts.size());
        times.reserve(series.amounts.size());
        for (std::size_t j = 0; j < series.amounts.size(); ++j) {
            ask(j, stop);
            amounts.push_back(static_cast<double>(series.amounts[j]));
            times.push_back(static_cast<double>(series.times[j]));
        }
    }

    Valued operator()(Wide wide_force) const {
        const auto force = static_cast<double>(wide_force);
        const double origin = force >= 0 ? times.front() : times.back();
        double sum = 0;
        double scale = 0;
        for (std::size_t j = 0; j < amounts.size(); ++j) {
            ask(j, stop);
            const double term = amounts[j] * std::exp((origin - times[j]) * force);
            sum += term;
            scale += std::fabs(term);
        }
        return {sum, scale};
    }
};

/*
 * A force near the only root: Newton's method in doubles from the force at which the inflows, taken together
 * at their mean time, are worth the outflows at theirs. Nothing when it does not settle quickly.
 */
Force guessed(const Rough &rough) {
    double in = 0;
    double out = 0;
    double time_in = 0;
    double time_out = 0;
    for (std::size_t j = 0; j < rough.amounts.size(); ++j) {
        const double amount = rough.amounts[j];
        (amount > 0 ? in : out) += std::fabs(amount);
        (amount > 0 ? time_in : time_out) += std::fabs(amount) * rough.times[j];
    }
    double force = std::log(in / out) / (time_in / in - time_out / out);
    constexpr int kMostSteps = 12;
    constexpr double kSettled = 0x1p-36;
    constexpr double kMostForce = 30;
    for (int i = 0; i < kMostSteps && std::fabs(force) < kMostForce; ++i) {
        double value = 0;
        double slope = 0;
        const double origin = force >= 0 ? rough.times.front() : rough.times.back();
        for (std::size_t j = 0; j < rough.amounts.size(); ++j) {
            ask(j, rough.stop);
            const double time = origin - rough.times[j];
            const double term = rough.amounts[j] * std::exp(time * force);
            value += term;
            slope += term * time;
        }
        const double step = value / slope;
        force -= step;
        if (std::fabs(step) <= kSettled * std::fabs(force)) {
            return force;
        }
    }
    return {};
}

/*
 * The only root of a series with one change of sign. It is bracketed in doubles, by signs that are beyond the
 * rounding of doubles; one step of Newton's method in long doubles adds the last digits, and counts only
 * where it stays in the bracket. Else the search starts anew in long doubles.
 */
Force proved_root(const Series &series) {
    const int first_sign = sign(series.amounts.front());
    if (series.periodic) {
        return the_root(series, first_sign); // Horner's rule is as fast
    }
    constexpr int kRoughBits = 36;
    constexpr Wide kBracket = 0x1p-34L;
    const Rough rough(series);
    const Force guess = guessed(rough);
    const Force near = guess ? guess : the_root(rough, first_sign, kRoughBits);
    if (near && *near != 0) {
        const Wide beside = std::fabs(*near) * kBracket;
        if (certain_sign(rough(*near - beside), Rough::kNoise) *
                certain_sign(rough(*near + beside), Rough::kNoise) ==
            -1) {
            const Wide origin = *near >= 0 ? series.times.front() : series.times.back();
            Wide value = 0;
            Wide slope = 0;
            for (std::size_t j = 0; j < series.amounts.size(); ++j) {
                ask(j, series.stop);
                const Wide time = origin - series.times[j];
                const Wide term = series.amounts[j] * std::exp(time * *near);
                value += term;
                slope += term * time;
            }
            const Wide step = value / slope;
            if (std::fabs(step) <= beside) {
                return *near - step;
            }
        }
    }
    return the_root(series, first_sign);
}

/* A series in 100 digits, for what long doubles cannot tell from zero: amounts that all but cancel. */
struct Precise {
    const Series &series;

    Valued operator()(Wide wide_force) const {
        if (series.stop()) {
            throw Stopped();
        }
        using High = boost::multiprecision::cpp_bin_float_100;
        const High force = wide_force;
        const Wide origin = wide_force >= 0 ? series.times.front() : series.times.back();
        High sum = 0;
        High scale = 0;
        for (std::size_t j = 0; j < series.amounts.size(); ++j) {
            const High term = High(series.amounts[j]) * exp(High(origin - series.times[j]) * force);
            sum += term;
            scale += abs(term);
        }
        return {static_cast<Wide>(sum), static_cast<Wide>(scale)};
    }
};

/* What precise arithmetic may cost; longer series keep to long doubles. */
constexpr std::size_t kMostPrecise = 1000;

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

Series series_of(std::span<const double> amounts, StopAsked stop) {
    Series series{{}, {}, true, stop};
    const auto nonzero = [](double amount) { return amount != 0; };
    const auto first = std::find_if(amounts.begin(), amounts.end(), nonzero);
    const auto last = std::find_if(amounts.rbegin(), amounts.rend(), nonzero).base();
    const auto count = static_cast<std::size_t>(std::max<std::ptrdiff_t>(last - first, 0));
    series.amounts.reserve(count);
    series.times.reserve(count);
    /* Zeros between others keep their places for Horner's rule. */
    for (auto at = first; at < last; ++at) {
        ask(static_cast<std::size_t>(at - first), stop);
        series.amounts.push_back(*at);
        series.times.push_back(static_cast<Wide>(at - amounts.begin()));
    }
    return series;
}

/* The same without the zeros, for counting signs and taking derivatives. */
Series without_zeros(const Series &series) {
    Series result{{}, {}, series.periodic, series.stop};
    result.amounts.reserve(series.amounts.size());
    result.times.reserve(series.amounts.size());
    for (std::size_t j = 0; j < series.amounts.size(); ++j) {
        ask(j, series.stop);
        if (series.amounts[j] != 0) {
            result.amounts.push_back(series.amounts[j]);
            result.times.push_back(series.times[j]);
        }
    }
    result.periodic = series.periodic && result.amounts.size() == series.amounts.size();
    return result;
}

/* Flows in ascending order of time, those of one time added. */
Result<Series> series_of(std::span<const Flow> flows, StopAsked stop) {
    Series series{{}, {}, false, stop};
    series.amounts.reserve(flows.size());
    series.times.reserve(flows.size());
    for (std::size_t j = 0, end = 0; j < flows.size(); j = end) {
        ask(j, stop);
        const Wide time = flows[j].time;
        for (end = j + 1; end < flows.size() && flows[end].time == time;) {
            ++end;
        }
        Wide amount = flows[j].amount;
        if (end > j + 1) {
            DaySum sum = DaySum::of(amount);
            for (std::size_t i = j + 1; i < end; ++i) {
                sum.add(DaySum::of(flows[i].amount));
            }
            const Result<Wide> total = sum.total();
            if (!total) {
                return tl::unexpected(total.error());
            }
            amount = *total;
        }
        series.amounts.push_back(amount);
        series.times.push_back(time);
    }
    return series;
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

Result<bool> check_rate(double rate) noexcept {
    if (!std::isfinite(rate)) {
        return tl::unexpected(not_finite("rate", rate));
    }
    if (rate <= -1) {
        return tl::unexpected(rate_too_low(rate));
    }
    return true;
}

Result<bool> check_amounts(std::span<const double> amounts) noexcept {
    for (const double amount : amounts) {
        if (!std::isfinite(amount)) {
            return tl::unexpected(not_finite("amount", amount));
        }
    }
    return true;
}

Result<bool> check_flows(std::span<const Flow> flows) noexcept {
    for (const Flow &flow : flows) {
        if (!std::isfinite(flow.amount)) {
            return tl::unexpected(not_finite("amount", static_cast<double>(flow.amount)));
        }
    }
    return true;
}

/*
 * The worth of amounts at periods first, first + 1, ...: Horner's rule within blocks, because a power made by
 * multiplying repeatedly loses a digit in ten steps, and one made by exp costs fifty times as much.
 */
Wide worth(Wide force, std::span<const double> amounts, Wide first) noexcept {
    constexpr std::size_t kBlock = 64;
    const Wide factor = std::exp(-force);
    Wide sum = 0;
    for (std::size_t block = (amounts.size() + kBlock - 1) / kBlock; block-- > 0;) {
        const std::size_t start = block * kBlock;
        Wide value = 0;
        for (std::size_t j = std::min(start + kBlock, amounts.size()); j-- > start;) {
            value = value * factor + amounts[j];
        }
        if (value != 0) {
            sum += value * std::exp(-(first + static_cast<Wide>(start)) * force);
        }
    }
    return sum;
}

/* The number sum * e^logarithm. */
struct Scaled {
    Wide sum;
    Wide logarithm;
};

/*
 * The worth at period 0 of amounts that are not negative, as a sum that neither over- nor underflows: at the
 * first of them for forces from zero up, at the last for those below.
 */
Scaled scaled_worth(Wide force, std::vector<double> &amounts) {
    const auto positive = [](double amount) { return amount > 0; };
    const auto first = std::find_if(amounts.begin(), amounts.end(), positive);
    const auto last = std::find_if(amounts.rbegin(), amounts.rend(), positive).base();
    if (first == amounts.end()) {
        return {};
    }
    const auto count = static_cast<std::size_t>(last - first);
    if (force >= 0) {
        return {worth(force, {&*first, count}, 0), -force * static_cast<Wide>(first - amounts.begin())};
    }
    const Wide shift = -force * static_cast<Wide>(last - amounts.begin() - 1);
    std::reverse(first, last);
    return {worth(-force, {&*first, count}, 0), shift};
}

} // namespace

/* Divides by 2^kRaise, which loses nothing of sums that are near the end of the doubles. */
void DaySum::raise() noexcept {
    constexpr int kRaise = 256;
    high = std::ldexp(high, -kRaise);
    low = std::ldexp(low, -kRaise);
    rounding = std::ldexp(rounding, -kRaise);
    exponent += kRaise;
}

void DaySum::add(DaySum other) noexcept {
    constexpr double kLargest = 0x1p1000;
    if (std::fabs(high) > kLargest || std::fabs(other.high) > kLargest || exponent != other.exponent) {
        for (DaySum *sum : {this, &other}) {
            if (sum->exponent == 0) {
                sum->raise();
            }
        }
    }
    const double total = high + other.high;
    const double part = total - high;
    const double lost = (high - (total - part)) + (other.high - part);
    high = total;
    low += lost + other.low;
    rounding += other.rounding;
}

Result<Wide> DaySum::total() const noexcept {
    const Wide sum = Wide{high} + low;
    if (std::fabs(sum) <= rounding) {
        return 0;
    }
    const Wide whole = exponent == 0 ? sum : std::ldexp(sum, exponent);
    if (!std::isfinite(static_cast<double>(whole))) {
        return tl::unexpected(
            with_detail(make_error(ErrorKind::out_of_range, "sum of the amounts of one date is out of range"),
                        "It is %Lg.", whole));
    }
    return whole;
}

Result<bool> sort_days(std::span<DaySum> days, StopAsked stop) noexcept {
    return searched([&]() -> Result<bool> {
        std::size_t step = 0;
        const auto before = [&](const DaySum &a, const DaySum &b) {
            ask(step++, stop);
            return a.day < b.day;
        };
        if (!std::is_sorted(days.begin(), days.end(), before)) {
            std::sort(days.begin(), days.end(), before);
        }
        return true;
    });
}

Result<double> net_present_value(double rate, std::span<const double> amounts, double first) noexcept {
    const Result<bool> checked = check_rate(rate).and_then([&](bool) { return check_amounts(amounts); });
    if (!checked) {
        return tl::unexpected(checked.error());
    }
    if (!std::isfinite(first)) {
        return tl::unexpected(not_finite("first period", first));
    }
    return narrow(worth(std::log1p(Wide{rate}), amounts, first));
}

Result<double> net_present_value(double rate, std::span<const Flow> flows, StopAsked stop) noexcept {
    const Result<bool> checked = check_rate(rate).and_then([&](bool) { return check_flows(flows); });
    if (!checked) {
        return tl::unexpected(checked.error());
    }
    const Wide force = std::log1p(Wide{rate});
    Wide sum = 0;
    for (std::size_t j = 0; j < flows.size(); ++j) {
        if (stops_at(j, stop)) {
            return tl::unexpected(stopped());
        }
        const Flow &flow = flows[j];
        sum += flow.amount == 0 ? 0 : flow.amount * std::exp(-force * flow.time);
    }
    return narrow(sum);
}

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

Result<Answer> modified_rate(std::span<const double> amounts, double finance_rate,
                             double reinvest_rate) noexcept {
    const Result<bool> checked =
        check_amounts(amounts).and_then([&](bool) { return check_rate(finance_rate); }).and_then([&](bool) {
            return check_rate(reinvest_rate);
        });
    if (!checked) {
        return tl::unexpected(checked.error());
    }
    return guarded([&]() -> Result<Answer> {
        std::vector<double> proceeds(amounts.size());
        std::vector<double> costs(amounts.size());
        for (std::size_t j = 0; j < amounts.size(); ++j) {
            proceeds[j] = std::max(amounts[j], 0.0);
            costs[j] = std::max(-amounts[j], 0.0);
        }
        const auto periods = static_cast<Wide>(amounts.size()) - 1;
        const Wide reinvested = std::log1p(Wide{reinvest_rate});
        const Scaled gained = scaled_worth(reinvested, proceeds);
        const Scaled spent = scaled_worth(std::log1p(Wide{finance_rate}), costs);
        if (!(gained.sum > 0 && spent.sum > 0)) {
            return Answer{};
        }
        const Wide whole =
            std::log(gained.sum / spent.sum) + (gained.logarithm + periods * reinvested - spent.logarithm);
        return rate_from(whole / periods);
    });
}

} // namespace tradeup
