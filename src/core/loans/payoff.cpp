/*
 * What pays off a loan on a date.
 */
#include <algorithm>

#include "core/base/guard.hpp"
#include "core/loans/domain.hpp"
#include "core/loans/due_dates.hpp"
#include "core/number/line.hpp"

#include "core/base/pure.hpp"

namespace tradeup {

namespace {

/* Walks the rows that are due on or before a date: what is left, and from when interest runs. */
Result<bool> pay_until(Date date, Amortization &amortization, Payoff &payoff, StopAsked stop) noexcept {
    payoff.balance = amortization.balance;
    payoff.accrued_from = amortization.loan.start.date;
    AmortizationRow row;
    while (amortization.period < amortization.loan.term &&
           due_date(amortization, amortization.period + 1) <= date) {
        if (stop()) {
            return tl::unexpected(stopped());
        }
        const Result<bool> more = next_row(amortization, row);
        if (!more || !*more) {
            return more;
        }
        payoff.paid_periods = row.period;
        payoff.balance = row.closing;
        payoff.accrued_from = row.due.date;
    }
    return true;
}

/* Takes the extras of dates since then; returns the sum of each day's balance. */
Int128 balance_days(std::span<const DatedExtra> extras, Date date, Payoff &payoff) noexcept {
    Int128 sum = 0;
    Date since = payoff.accrued_from;
    for (const DatedExtra &extra : extras) {
        if (extra.date > date) {
            break;
        }
        sum += Int128{payoff.balance} * (std::int64_t{extra.date.days} - since.days);
        payoff.balance -= std::min(extra.amount, payoff.balance);
        since = extra.date;
    }
    return sum + Int128{payoff.balance} * (std::int64_t{date.days} - since.days);
}

/* Adds the interest of the days since then. */
Result<Payoff> with_interest(Payoff payoff, const Amortization &amortization, Date date,
                             Decimal unit) noexcept {
    const Loan &loan = amortization.loan;
    const std::int64_t days_a_year = loan.by_days && has_360_days(loan.day_count) ? 360 : 365;
    payoff.days = static_cast<std::int32_t>(std::int64_t{date.days} - payoff.accrued_from.days);
    const Int128 sum = balance_days(loan.dated.subspan(amortization.dated), date, payoff);
    return guarded([&]() -> Result<Payoff> {
        const Ratio a_day = ratio(loan.annual_rate) / Ratio{days_a_year, 1};
        const Ratio shown = Ratio{payoff.balance, 1} * a_day * ratio(unit) * Ratio{1'000'000, 1};
        const Ratio accrued = Ratio{Integer(sum), 1} * a_day;
        const Result<std::int64_t> interest =
            narrowed(round_ratio(accrued.numerator, accrued.denominator, loan.rounding));
        if (!interest) {
            return tl::unexpected(interest.error());
        }
        payoff.per_diem_millionths =
            static_cast<Int128>(round_ratio(shown.numerator, shown.denominator, Rounding::half_up));
        payoff.interest = *interest;
        payoff.payoff = payoff.balance + payoff.interest;
        return payoff;
    });
}

} // namespace

Result<Payoff> payoff_on(const Loan &loan, Date date, Decimal unit, StopAsked stop) noexcept {
    Result<Amortization> begun = begin_amortization(loan);
    if (!begun) {
        return tl::unexpected(begun.error());
    }
    if (!begun->loan.start.given) {
        return bad_loan("a payoff needs dates", "No start date is given.", "Give start_date.");
    }
    if (!is_finite(date) || date < begun->loan.start.date) {
        return bad_loan("payoff date must be a date on or after the start date",
                        is_finite(date) ? "The date is before the start date." : "The date is infinite.",
                        is_finite(date) ? "" : "Give on_date.");
    }
    Payoff payoff{};
    const Result<bool> paid = pay_until(date, *begun, payoff, stop);
    if (!paid) {
        return tl::unexpected(paid.error());
    }
    return with_interest(payoff, *begun, date, unit);
}

} // namespace tradeup
