/*
 * What pays off a loan on a date.
 */
#include "core/base/guard.hpp"
#include "core/loans/domain.hpp"
#include "core/loans/due_dates.hpp"
#include "core/number/line.hpp"

#include "core/base/pure.hpp"

namespace tradeup {

namespace {

/* Walks the rows that are due on or before a date: what is left, and from when interest runs. */
Result<bool> pay_until(Date date, Amortization &amortization, Payoff &payoff) noexcept {
    payoff.balance = amortization.balance;
    payoff.accrued_from = amortization.loan.start.date;
    AmortizationRow row;
    while (true) {
        const Result<bool> more = next_row(amortization, row);
        if (!more) {
            return more;
        }
        if (!*more || row.due.date > date) {
            return true;
        }
        payoff.paid_periods = row.period;
        payoff.balance = row.closing;
        payoff.accrued_from = row.due.date;
    }
}

/* Adds the interest of the days since then. */
Result<Payoff> with_interest(Payoff payoff, const Loan &loan, Date date, Decimal unit) noexcept {
    const bool by_360 =
        loan.by_days && (loan.day_count == DayCount::actual_360 || loan.day_count == DayCount::thirty_360);
    const std::int64_t days_a_year = by_360 ? 360 : kDaysAYear;
    return guarded([&]() -> Result<Payoff> {
        payoff.days = static_cast<std::int32_t>(std::int64_t{date.days} - payoff.accrued_from.days);
        const Ratio per_diem = Ratio{payoff.balance, 1} * ratio(loan.annual_rate) / Ratio{days_a_year, 1};
        const Ratio shown = per_diem * ratio(unit) * Ratio{1'000'000, 1};
        const Ratio accrued = per_diem * Ratio{payoff.days, 1};
        const auto millionths = narrowed(round_ratio(shown.numerator, shown.denominator, Rounding::half_up));
        const auto interest = narrowed(round_ratio(accrued.numerator, accrued.denominator, loan.rounding));
        if (!millionths || !interest) {
            return tl::unexpected(millionths ? interest.error() : millionths.error());
        }
        payoff.per_diem_millionths = *millionths;
        payoff.interest = *interest;
        payoff.payoff = payoff.balance + payoff.interest;
        return payoff;
    });
}

} // namespace

Result<Payoff> payoff_on(const Loan &loan, Date date, Decimal unit) noexcept {
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
    const Result<bool> paid = pay_until(date, *begun, payoff);
    if (!paid) {
        return tl::unexpected(paid.error());
    }
    return with_interest(payoff, loan, date, unit);
}

} // namespace tradeup
