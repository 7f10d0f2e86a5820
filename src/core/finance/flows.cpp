/*
 * What flows are worth at a rate, and the modified rate, which follows from two such worths.
 */
#include "core/finance/flows.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "core/base/guard.hpp"
#include "core/finance/checks.hpp"
#include "core/finance/root.hpp"

#include "core/base/pure.hpp"

namespace tradeup {

namespace {

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
