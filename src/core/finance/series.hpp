/*
 * Cash flows as polynomials with real exponents, in the three kinds of numbers in which their worth is asked
 * for: long doubles, doubles where near is enough, 100 digits where long doubles cannot tell.
 */
#pragma once

#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

#include <boost/multiprecision/cpp_bin_float.hpp>

#include "core/finance/flows.hpp"
#include "core/finance/root.hpp"
#include "core/finance/search.hpp"

#include "core/base/pure.hpp"

namespace tradeup {

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
inline constexpr std::size_t kMostPrecise = 1000;

/* Amounts at periods 0, 1, ... from the first to the last that is not 0; zeros between them keep their
 * places. May throw. */
Series series_of(std::span<const double> amounts, StopAsked stop);

/* Amounts of days, in strictly ascending order, `year` days a year. May throw. */
Series series_of(std::span<const DayAmount> days, Wide year, StopAsked stop);

/* Flows in ascending order of time, those of one time added. Errors: out_of_range for such a sum. May throw.
 */
Result<Series> series_of(std::span<const Flow> flows, StopAsked stop);

/* The same without the zeros, for counting signs and taking derivatives. May throw. */
Series without_zeros(const Series &series);

} // namespace tradeup
