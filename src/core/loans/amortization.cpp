/*
 * The amortization of a loan, row by row.
 */
#include <algorithm>

#include "core/loans/annuity.hpp"
#include "core/loans/domain.hpp"
#include "core/loans/due_dates.hpp"
#include "core/loans/interest.hpp"

#include "core/base/pure.hpp"

namespace tradeup {

namespace {

bool is_level_by_days(const Loan &loan) noexcept {
    return loan.by_days && !loan.level_by_periods;
}

/* The level payment that repays a balance after a period: that of the payments which are not of interest
 * alone. */
Result<std::int64_t> level_after(const Amortization &amortization, std::int32_t period,
                                 std::int64_t balance) noexcept {
    const Loan &loan = amortization.loan;
    const std::int32_t from = std::max(period, loan.interest_only);
    const std::int64_t balloon = std::min(loan.balloon, balance);
    if (is_level_by_days(loan)) {
        return level_payment_by_days(amortization, from, balance, balloon);
    }
    Annuity annuity = regular_annuity(loan, loan.term - from);
    if (from == 0) {
        annuity.first = amortization.first;
    }
    return level_payment(annuity, balance, balloon, loan.rounding);
}

/* Sets how far unpaid interest may raise a balance: by the interest of a period where the payment is level by
 * days, else not at all. Cents that cannot amortize would raise it without end. */
Result<bool> set_ceiling(Amortization &amortization, std::int64_t balance) noexcept {
    const Loan &loan = amortization.loan;
    if (!is_level_by_days(loan) || loan.payment_given) {
        return true;
    }
    const Result<std::int64_t> interest =
        interest_of(balance, loan.annual_rate, {1, payments_a_year(loan.frequency)}, Rounding::down);
    if (!interest) {
        return tl::unexpected(interest.error());
    }
    amortization.ceiling = balance + *interest;
    return true;
}

/* Sets the level payment after a period, and the ceiling. */
Result<bool> set_level(Amortization &amortization, std::int32_t period) noexcept {
    const Result<std::int64_t> payment = level_after(amortization, period, amortization.balance);
    if (!payment) {
        return tl::unexpected(payment.error());
    }
    amortization.payment = *payment;
    return set_ceiling(amortization, amortization.balance);
}

/* Whether the first period is longer than regular. */
bool is_stretched(const Amortization &amortization) noexcept {
    const YearFraction first = amortization.first;
    return first.numerator * payments_a_year(amortization.loan.frequency) > first.denominator;
}

/* The time of a row without a day count. */
YearFraction equal_period(const Amortization &amortization, std::int32_t period) noexcept {
    return period == 1 ? amortization.first : YearFraction{1, payments_a_year(amortization.loan.frequency)};
}

/* The extras of dates up to a row's, which reduce the balance that the payment finds. */
Result<Accrued> accrue(Amortization &amortization, const AmortizationRow &row) noexcept {
    const Loan &loan = amortization.loan;
    const std::size_t before = amortization.dated;
    while (amortization.dated < loan.dated.size() && loan.dated[amortization.dated].date <= row.due.date) {
        ++amortization.dated;
    }
    const auto extras = loan.dated.subspan(before, amortization.dated - before);
    if (!loan.by_days) {
        const Result<std::int64_t> interest =
            interest_of(row.opening, loan.annual_rate, equal_period(amortization, row.period), loan.rounding);
        if (!interest) {
            return tl::unexpected(interest.error());
        }
        return Accrued{*interest, total_of(extras, row.opening)};
    }
    return accrued_by_days(loan, row.opening, amortization.previous, row.due.date, extras);
}

/* The principal of a payment that finds a balance, of which `covered` is left after the interest. */
Result<std::int64_t> principal_of(const Amortization &amortization, std::int32_t period, std::int64_t balance,
                                  std::int64_t covered) noexcept {
    const Loan &loan = amortization.loan;
    if (period == loan.term) {
        if (amortization.open && covered < balance) {
            return bad_loan("payment does not repay the loan in 40 years",
                            "Part of the loan is left after the longest term.",
                            "Give a larger payment, or a term, whose last payment pays what is left.");
        }
        return balance;
    }
    if (period <= loan.interest_only) {
        return 0;
    }
    if (period == 1 && is_stretched(amortization)) {
        return std::min(covered, balance);
    }
    if (loan.payment_given && covered < 0) {
        return tl::unexpected(
            with_hint(with_detail(make_error(ErrorKind::bad_value, "payment does not cover the interest"),
                                  "The interest of payment %d is larger.", static_cast<int>(period)),
                      "Give a larger payment."));
    }
    const std::int64_t least = std::min<std::int64_t>(balance - amortization.ceiling, 0);
    return std::min(std::max(covered, least), balance);
}

/* The extras that go with a payment, at most what it leaves. */
std::int64_t extra_with(Amortization &amortization, std::int32_t period, std::int64_t left) noexcept {
    const Loan &loan = amortization.loan;
    std::int64_t extra = std::min(loan.extra, left);
    for (; amortization.numbered < loan.numbered.size() &&
           loan.numbered[amortization.numbered].number <= period;
         ++amortization.numbered) {
        extra += std::min(loan.numbered[amortization.numbered].amount, left - extra);
    }
    return extra;
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
    amortization.open = loan.term == 0;
    const Result<bool> sound = check_loan(loan);
    if (!sound) {
        return tl::unexpected(sound.error());
    }
    if (amortization.open) {
        amortization.loan.term = longest_term(loan.frequency);
    }
    const Result<bool> dated = set_dates(amortization).and_then([&](bool) {
        return check_dated_extras(amortization.loan, due_date(amortization, amortization.loan.term));
    });
    if (!dated) {
        return tl::unexpected(dated.error());
    }
    if (loan.payment_given) {
        amortization.payment = loan.payment;
        return amortization;
    }
    const Result<bool> level = set_level(amortization, 0);
    if (!level) {
        return tl::unexpected(level.error());
    }
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
    if (loan.start.given) {
        row.due = {true, due_date(amortization, row.period)};
    }
    const Result<Accrued> accrued = accrue(amortization, row);
    if (!accrued) {
        return tl::unexpected(accrued.error());
    }
    amortization.previous = row.due.date;
    row.interest = accrued->interest;
    const std::int64_t found = row.opening - accrued->extra;
    const Result<std::int64_t> principal =
        principal_of(amortization, row.period, found, amortization.payment - row.interest);
    if (!principal) {
        return tl::unexpected(principal.error());
    }
    row.principal = *principal;
    row.payment = row.interest + row.principal;
    row.extra = accrued->extra + extra_with(amortization, row.period, found - row.principal);
    row.closing = row.opening - row.principal - row.extra;
    amortization.balance = row.closing;
    if (row.closing == 0 || row.period == loan.term) {
        return true;
    }
    if (row.extra > 0 && loan.extra_keeps == ExtraKeeps::term) {
        return set_level(amortization, row.period);
    }
    return row.principal < 0 && row.period == 1 ? set_ceiling(amortization, row.closing) : true;
}

} // namespace tradeup
