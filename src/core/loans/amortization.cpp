/*
 * The amortization of a loan, row by row.
 */
#include <algorithm>

#include "core/loans/annuity.hpp"
#include "core/loans/domain.hpp"
#include "core/loans/due_dates.hpp"

#include "core/base/pure.hpp"

namespace tradeup {

namespace {

/* amount * rate * time, rounded. Amounts are below 10^16, rates at most 10 with 18 digits, and times at most
 * 5 years over at most 365 * 366, so 128 bits hold. */
std::int64_t interest_of(std::int64_t amount, Decimal rate, YearFraction time, Rounding rounding) noexcept {
    const Int128 power = kPowersOfTen[static_cast<std::size_t>(rate.scale)];
    return static_cast<std::int64_t>(round_ratio<Int128>(Int128{amount} * rate.coefficient * time.numerator,
                                                         power * time.denominator, rounding));
}

} // namespace

Result<std::int64_t> level_payment(const Loan &loan) noexcept {
    const Result<Amortization> begun = begin_amortization(loan);
    if (!begun) {
        return tl::unexpected(begun.error());
    }
    return begun->payment;
}

Result<Amortization> begin_amortization(const Loan &loan) noexcept {
    Amortization amortization{};
    amortization.loan = loan;
    amortization.balance = loan.principal;
    const Result<bool> sound = check_loan(loan);
    if (!sound) {
        return tl::unexpected(sound.error());
    }
    const Result<bool> dated = set_dates(amortization);
    if (!dated) {
        return tl::unexpected(dated.error());
    }
    const Annuity annuity{loan.annual_rate, payments_a_year(loan.frequency), loan.term, amortization.first};
    const Result<std::int64_t> payment = level_payment(annuity, loan.principal, loan.balloon, loan.rounding);
    if (!payment) {
        return tl::unexpected(payment.error());
    }
    amortization.payment = *payment;
    return amortization;
}

Result<bool> next_row(Amortization &amortization, AmortizationRow &row) noexcept {
    const Loan &loan = amortization.loan;
    if (amortization.period == loan.term || amortization.balance == 0) {
        return false;
    }
    row = {};
    row.period = ++amortization.period;
    row.opening = amortization.balance;
    YearFraction time{1, payments_a_year(loan.frequency)};
    const YearFraction regular = time;
    const bool first = row.period == 1;
    if (first) {
        time = amortization.first;
    }
    if (loan.start.given) {
        row.due = {true,
                   {static_cast<std::int32_t>(period_later(loan.frequency, amortization.anchor,
                                                           row.period - amortization.anchor_period))}};
        if (loan.by_days) {
            time = exact_year_fraction(loan.day_count, amortization.previous, row.due.date);
        }
        amortization.previous = row.due.date;
    }
    row.interest = interest_of(row.opening, loan.annual_rate, time, loan.rounding);
    const bool stretched =
        first && amortization.first.numerator * regular.denominator > amortization.first.denominator;
    const bool last = row.period == loan.term;
    const std::int64_t covered = amortization.payment - row.interest;
    row.principal =
        last ? row.opening : std::min(stretched ? covered : std::max<std::int64_t>(covered, 0), row.opening);
    row.payment = row.interest + row.principal;
    row.extra = std::min(loan.extra, row.opening - row.principal);
    row.closing = row.opening - row.principal - row.extra;
    amortization.balance = row.closing;
    if (row.extra > 0 && row.closing > 0 && loan.extra_keeps == ExtraKeeps::term) {
        const Result<std::int64_t> payment =
            level_payment(regular_annuity(loan, loan.term - row.period), row.closing,
                          std::min(loan.balloon, row.closing), loan.rounding);
        if (!payment) {
            return tl::unexpected(payment.error());
        }
        amortization.payment = *payment;
    }
    return true;
}

} // namespace tradeup
