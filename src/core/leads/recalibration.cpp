/*
 * The regression of outcomes on the weight of the evidence, beside what the cohort's rate says already.
 */
#include "core/leads/recalibration.hpp"

#include <algorithm>
#include <cmath>
#include <tuple>
#include <vector>

#include "core/base/guard.hpp"
#include "core/leads/judged.hpp"

#include "core/base/pure.hpp"

namespace tradeup {

namespace {

double logit(double p) noexcept {
    return std::log(p) - std::log1p(-p);
}

} // namespace

Result<RatedOutcome> rated_outcome(double rate, double p, bool failed) noexcept {
    for (const auto &[what, value] : {std::pair("rate", rate), std::pair("p", p)}) {
        if (!(value > 0 && value < 1)) {
            return tl::unexpected(
                with_detail(make_error(ErrorKind::bad_value, "%s must be above 0 and below 1", what),
                            "It is %.17g.", value));
        }
    }
    return RatedOutcome{rate, p, failed};
}

Result<std::optional<LogisticLine>> recalibration(std::span<RatedOutcome> rows) noexcept {
    return guarded([&]() -> Result<std::optional<LogisticLine>> {
        std::sort(rows.begin(), rows.end(), [](const RatedOutcome &a, const RatedOutcome &b) {
            return std::tuple(a.rate, a.p, a.failed) < std::tuple(b.rate, b.p, b.failed);
        });
        std::vector<LogisticTerm> terms;
        terms.reserve(rows.size());
        LogisticTotals totals{};
        Reaches reaches = no_reaches();
        for (const RatedOutcome &row : rows) {
            const double offset = logit(row.rate);
            const double weight = logit(row.p) - offset;
            terms.push_back({offset, weight, 1, {}});
            totals.failures += row.failed ? 1 : 0;
            totals.failures_x += row.failed ? weight : 0;
            reach(reaches, row.failed, weight);
        }
        const std::optional<Wide> start = fitted_intercept(terms, totals.failures, 1);
        return start && overlap(reaches) ? fitted_line(terms, totals, *start) : std::nullopt;
    });
}

} // namespace tradeup
