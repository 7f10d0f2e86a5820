/*
 * The annual percentage rate of Regulation Z, 12 CFR 1026, appendix J.
 */
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>

#include "core/finance/root.hpp"
#include "core/finance/search.hpp"
#include "core/loans/unit_period.hpp"

#include "core/base/pure.hpp"

namespace tradeup {

namespace {

/*
 * The day of the month that the advances (or the payments) are scheduled for, which their dates in short
 * months do not show: the last one when all late dates are month-ends, else the latest if it explains them
 * all; 0 when there is none.
 */
std::int32_t scheduled_day(const AprFlow *flows, std::size_t count, bool advances) noexcept {
    constexpr std::int32_t kShortest = 28; // days of the shortest month
    std::int32_t latest = 0;
    std::size_t late = 0;
    bool month_ends = true;
    for (std::size_t i = 0; i < count; ++i) {
        const Civil civil = civil_from_days(flows[i].date.days);
        if ((flows[i].amount > 0) == advances && civil.day >= kShortest) {
            ++late;
            latest = std::max(latest, civil.day);
            month_ends = month_ends && is_month_end(civil);
        }
    }
    if (late < 2) {
        return 0;
    }
    if (month_ends) {
        return kMonthEnd;
    }
    for (std::size_t i = 0; i < count; ++i) {
        const Civil civil = civil_from_days(flows[i].date.days);
        if ((flows[i].amount > 0) == advances && civil.day >= kShortest && !is_cut_to(civil, latest)) {
            return 0;
        }
    }
    return latest;
}

/* The days of a transaction's series. */
struct SeriesDays {
    std::int32_t advances;
    std::int32_t payments;

    /* The day that a flow is scheduled for: the series' where the flow's is that day cut to its month. */
    std::int32_t of(const AprFlow &flow) const noexcept {
        const Civil civil = civil_from_days(flow.date.days);
        if (flow.amount > 0 && advances != 0 && is_cut_to(civil, advances)) {
            return advances;
        }
        return payments != 0 && is_cut_to(civil, payments) ? payments : civil.day;
    }
};

/*
 * The rate of a unit-period at which the equation is zero, as root.hpp finds it: the only one when the flows
 * change sign once, advances first; else the one that `chosen` would choose. Equations may throw Stopped.
 */
template <typename Equation>
Result<OptionalApr> root_of(const Equation &equation, bool one_change) noexcept {
    return searched([&]() -> Result<OptionalApr> {
        const Force root = one_change ? the_root(equation, 1) : chosen_on_grid(equation, equation, kNoise, 1);
        const Answer rate = rate_from(root);
        return rate ? OptionalApr{true, *rate} : OptionalApr{};
    });
}

/* (1 + i)^whole (1 + fraction i), the growth over a time, as a factor of at most 1 for rates below 0. */
Wide growth_over(Wide force, Wide whole, Wide fraction) noexcept {
    return std::exp(whole * force) * (1 + fraction * std::expm1(force));
}

tl::unexpected<Error> bad(const char *message, const char *detail) noexcept {
    return tl::unexpected(with_detail(make_error(ErrorKind::bad_value, "%s", message), "%s", detail));
}

/* One advance and one payment: the unit-period is the term, at most a year (b)(4)(ii), (b)(5)(v) to (vii). */
Result<OptionalApr> of_single_payment(double advance, double payment, Date start, Date due) noexcept {
    const std::int32_t day = day_between(start, due);
    const Months months = months_between(start, due, day);
    if (months.full >= 12) {
        const Elapsed years = elapsed(start, due, {UnitPeriod::Interval::year, 1}, day);
        return root_of(
            [=](Wide force) {
                /* Multiplied by the growth below 0 and divided by it above, so that it stays finite. */
                const Wide growth = growth_over(force, years.whole, years.fraction);
                const Wide lent = force < 0 ? advance * growth : advance;
                const Wide repaid = force < 0 ? payment : payment / growth;
                return Valued{lent - repaid, lent + repaid};
            },
            true);
    }
    const double a_year = months.odd_days == 0 ? 12.0 / static_cast<double>(months.full)
                                               : 365.0 / static_cast<double>(due.days - start.days);
    const double rate = payment / advance - 1;
    return OptionalApr{rate > -1, rate * a_year};
}

/* What a transaction's flows are, once they are known to be one. */
struct Transaction {
    Date start; // the first advance
    bool repaid;
};

Result<Transaction> checked_flows(const AprFlow *flows, std::size_t count) noexcept {
    if (count > kMaxAprFlows) {
        return bad("too many advances and payments", "There are more than 100000.");
    }
    std::size_t advances = 0;
    bool repaid = false;
    Date start = kLastDate;
    Date earliest = kLastDate;
    for (std::size_t i = 0; i < count; ++i) {
        if (!is_finite(flows[i].date)) {
            return bad("dates must be finite", "A date is infinite.");
        }
        if (!std::isfinite(flows[i].amount)) {
            return tl::unexpected(not_finite("amount", flows[i].amount));
        }
        earliest = std::min(earliest, flows[i].date);
        repaid = repaid || flows[i].amount < 0;
        if (flows[i].amount > 0) {
            ++advances;
            start = std::min(start, flows[i].date);
        }
    }
    if (advances == 0 || advances == count) {
        return bad("an annual percentage rate needs advances and payments",
                   advances == 0 ? "There is no advance." : "There is no payment.");
    }
    if (earliest < start) {
        return bad("payments must not come before the first advance",
                   "A payment date is before the first advance date.");
    }
    return Transaction{start, repaid};
}

/* Sets the unit-periods of each flow since the start; returns the most whole ones of those that count. */
Wide measure_times(AprFlow *flows, std::size_t count, Date start, UnitPeriod unit_period) noexcept {
    const SeriesDays series{scheduled_day(flows, count, true), scheduled_day(flows, count, false)};
    Wide longest = 0;
    for (std::size_t i = 0; i < count; ++i) {
        const Elapsed time = elapsed(start, flows[i].date, unit_period, series.of(flows[i]));
        flows[i].whole = time.whole;
        flows[i].fraction = time.fraction;
        longest = flows[i].amount == 0 ? longest : std::max<Wide>(longest, time.whole);
    }
    return longest;
}

/* How often the flows, in order of their dates, change sign; those of 0 are left out. */
int changes_of_sign(const AprFlow *flows, std::size_t count) noexcept {
    int changes = 0;
    double last = 0;
    for (std::size_t i = 0; i < count; ++i) {
        const double amount = flows[i].amount;
        changes += amount != 0 && last != 0 && std::signbit(amount) != std::signbit(last) ? 1 : 0;
        last = amount != 0 ? amount : last;
    }
    return changes;
}

/* A rate of a unit-period as one of a year. */
Result<OptionalApr> of_a_year(const Result<OptionalApr> &rate, UnitPeriod unit_period) noexcept {
    return rate.map([&](OptionalApr found) {
        return OptionalApr{found.exists, found.rate * periods_a_year(unit_period)};
    });
}

/* The rate of a unit-period of flows in order whose times are measured. */
Result<OptionalApr> rate_of_flows(const AprFlow *flows, std::size_t count, Wide longest,
                                  StopAsked stop) noexcept {
    return root_of(
        [=](Wide force) {
            if (stop()) {
                throw Stopped();
            }
            /* Multiplied by a power of the discount below 0, where it would grow without bound. */
            const Wide shift = force < 0 ? longest : 0;
            const Wide above = std::expm1(force);
            Valued sum{};
            for (std::size_t k = 0; k < count; ++k) {
                const Wide term = flows[k].amount == 0
                                      ? 0
                                      : flows[k].amount * std::exp((shift - flows[k].whole) * force) /
                                            (1 + flows[k].fraction * above);
                sum.value += term;
                sum.scale += std::fabs(term);
            }
            return sum;
        },
        changes_of_sign(flows, count) == 1);
}

} // namespace

Result<OptionalApr> annual_percentage_rate(AprFlow *flows, std::size_t count, UnitPeriod unit_period,
                                           StopAsked stop) noexcept {
    const Result<Transaction> transaction = checked_flows(flows, count);
    if (!transaction) {
        return tl::unexpected(transaction.error());
    }
    const Date start = transaction->start;
    if (!transaction->repaid) {
        return OptionalApr{}; // nothing comes back at any rate
    }
    if (count == 2) {
        const AprFlow &advance = flows[0].amount > 0 ? flows[0] : flows[1];
        const AprFlow &payment = flows[0].amount > 0 ? flows[1] : flows[0];
        if (payment.date == start) {
            return OptionalApr{};
        }
        return of_single_payment(advance.amount, -payment.amount, start, payment.date);
    }
    const Wide longest = measure_times(flows, count, start, unit_period);
    std::sort(flows, flows + count, [](const AprFlow &a, const AprFlow &b) { return a.date < b.date; });
    return of_a_year(rate_of_flows(flows, count, longest, stop), unit_period);
}

Result<OptionalApr> annual_percentage_rate_of_periods(const AprFlow *flows, std::size_t count,
                                                      Frequency frequency, StopAsked stop) noexcept {
    const UnitPeriod period = unit_period_of(frequency);
    const AprFlow &last = flows[count - 1];
    const double years = (last.whole + last.fraction) / periods_a_year(period);
    if (count == 2 && years <= 1) {
        const double rate = -last.amount / flows[0].amount - 1;
        return OptionalApr{rate > -1, rate / years};
    }
    return of_a_year(rate_of_flows(flows, count, last.whole, stop), period);
}

Result<OptionalApr> annual_percentage_rate(double amount_financed, double payment, std::int32_t payments,
                                           double last_payment, Date start, Date first_payment,
                                           UnitPeriod unit_period) noexcept {
    if (!is_finite(start) || !is_finite(first_payment)) {
        return bad("dates must be finite", "A date is infinite.");
    }
    if (first_payment <= start) {
        return bad("first payment must be after the start", "It is on the start date or before.");
    }
    if (!(amount_financed > 0)) {
        return bad("amount financed must be greater than 0",
                   "The prepaid finance charge must be less than the amount.");
    }
    const std::int32_t most = longest_term(Frequency::weekly);
    if (payments < 1 || payments > most) {
        return tl::unexpected(with_detail(
            make_error(ErrorKind::bad_value, "payments must be between 1 and %d", static_cast<int>(most)),
            "Payments is %d.", static_cast<int>(payments)));
    }
    if (payment == 0 && last_payment == 0) {
        return OptionalApr{}; // nothing comes back at any rate
    }
    if (payments == 1) {
        return of_single_payment(amount_financed, last_payment, start, first_payment);
    }
    const Elapsed time = elapsed(start, first_payment, unit_period, day_between(start, first_payment));
    const Result<OptionalApr> rate = root_of(
        [=](Wide force) {
            const Wide n = payments - 1;
            const Wide above = std::expm1(force);
            const Wide reach = n + time.whole;
            /* The payments before the last are worth payment * annuity at the first of them. */
            const Wide annuity = force == 0 ? n : -std::expm1(-std::fabs(force) * n) / std::fabs(above);
            const Wide odd = 1 + time.fraction * above;
            if (force < 0) {
                /* Compounded to the last payment, where every factor is at most 1. */
                const Wide lent = amount_financed * std::exp(reach * force) * odd;
                const Wide repaid = payment * annuity * std::exp(force) + last_payment;
                return Valued{lent - repaid, lent + repaid};
            }
            const Wide repaid = (payment * annuity * std::exp(force) + last_payment * std::exp(-n * force)) *
                                std::exp(-Wide{time.whole} * force) / odd;
            return Valued{amount_financed - repaid, amount_financed + repaid};
        },
        true);
    return of_a_year(rate, unit_period);
}

} // namespace tradeup
