/*
 * Series of what callers give: amounts of periods, or flows at times.
 */
#include "core/finance/series.hpp"

#include <algorithm>

#include "core/finance/day_sum.hpp"

#include "core/base/pure.hpp"

namespace tradeup {

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

Series series_of(std::span<const DayAmount> days, Wide year, StopAsked stop) {
    Series series{{}, {}, false, stop};
    series.amounts.reserve(days.size());
    series.times.reserve(days.size());
    for (std::size_t j = 0; j < days.size(); ++j) {
        ask(j, stop);
        series.amounts.push_back(days[j].amount);
        series.times.push_back(static_cast<Wide>(std::int64_t{days[j].day} - days[0].day) / year);
    }
    return series;
}

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

} // namespace tradeup
