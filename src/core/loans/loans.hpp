/*
 * Plain loans and leases in whole units of money: level payments, amortization, payoff, and the questions
 * turned around; and the annual percentage rate of the United States' Regulation Z.
 *
 * A unit is the smallest amount that is paid (0.01, 1, 0.05, 0.001). Amounts are 64-bit counts of units, a
 * loan at most kMaxLoanDigits of the unit's last decimal.
 */
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "core/base/frequency.hpp"
#include "core/base/stop.hpp"
#include "core/finance/daycount.hpp"
#include "core/finance/finance.hpp"
#include "core/number/decimal.hpp"
#include "core/number/rounding.hpp"

#include "core/base/pure.hpp"

namespace tradeup {

/* What an extra payment leaves as it was: the payment (the loan ends earlier) or the number of payments. */
enum class ExtraKeeps : std::int32_t { payment, term };

/* The most payments of a loan, 40 years of them: 480 monthly, 2080 weekly. */
constexpr std::int32_t longest_term(Frequency frequency) noexcept {
    return 40 * payments_a_year(frequency);
}

/* The value of its name; errors: bad_value with a hint of all names. */
Result<ExtraKeeps> parse_extra_keeps(std::string_view name) noexcept;

/* The largest principal, counted in the last decimal of the unit. */
inline constexpr std::int64_t kMaxLoanDigits = 100'000'000'000'000;

/* The highest yearly rate: 1000 %. */
inline constexpr Decimal kMaxLoanRate{10, 0};

/* A unit of money, normalized. Domain: above 0, at most 1000, at most 6 decimals. Errors: bad_value. */
Result<Decimal> money_unit(Decimal unit) noexcept;

/*
 * An amount as a count of units; `what` names it. Domain: 0 to kMaxLoanDigits, a multiple of the unit.
 * Errors: bad_value, out_of_range.
 */
Result<std::int64_t> to_units(Decimal amount, Decimal unit, const char *what) noexcept;

/* A date that may be missing. */
struct OptionalDate {
    bool given;
    Date date;
};

/* Principal that is paid on top, with the payment of a number or on a date. */
struct NumberedExtra {
    std::int32_t number;
    std::int64_t amount;
};
struct DatedExtra {
    Date date;
    std::int64_t amount;
};

/* What a loan is made of; amounts in units, the rate a yearly fraction. */
struct Loan {
    std::int64_t principal;
    Decimal annual_rate;
    std::int32_t term; // payments; 0 with a given payment: until nothing is left
    Frequency frequency;
    Due due; // a period after the start, or in advance
    OptionalDate start;
    OptionalDate first_payment;
    std::int64_t balloon;       // paid with the last payment
    std::int32_t interest_only; // payments at the beginning that repay nothing
    bool payment_given;
    std::int64_t payment; // in place of the level one
    std::int64_t extra;   // of principal, with each payment but the last
    ExtraKeeps extra_keeps;
    std::span<const NumberedExtra> numbered; // ascending by number; the caller's, as the dated ones
    std::span<const DatedExtra> dated;       // ascending by date
    bool by_days;                            // interest by day_count instead of equal periods
    DayCount day_count;
    bool level_by_periods; // the level payment of equal periods though interest is by day_count
    DayCount odd_days;     // of the days of a first period that are no whole period, without a day count
    Rounding rounding;
};

/* How the level payment of a loan with a day count is worked out; true by equal periods. Errors: bad_value.
 */
Result<bool> parse_level(std::string_view name) noexcept;

/*
 * The exact level payment, rounded to units: with i the rate of a period, v = 1 / (1 + i) and g the growth
 * over the first period,
 *     payment = (principal g - balloon v^(n-1)) / (1 + v + ... + v^(n-1))
 * (S. G. Kellison, The Theory of Interest, 3rd ed., ch. 3: an annuity due at the date of the first payment).
 * g is 1 + i when the first period is regular; otherwise interest is simple over the stretch from start to
 * first payment, 1 + rate (m / p + d / 365), where m whole periods of p a year are counted back from the
 * first payment and d days, which odd_days counts, are left between the start and the earliest of them. A
 * first payment that falls on a date counted from the start, or on a month's end where it has no such day, is
 * whole periods away. Payments in advance begin at the start, so g is 1. Payments of interest alone come
 * before, so the others are those of a loan that begins with the last of these. With a day count the factors
 * of the periods are 1 + rate t, t the year fraction between due dates: payment = (principal F(0) - balloon)
 * / (F(1) + ... + F(n)),  F(k) the product of the factors after period k. A given payment is that. Errors:
 * those of a loan out of its domain, see begin_amortization; out_of_memory.
 */
Result<std::int64_t> level_payment(const Loan &loan) noexcept;

/* One payment of a loan, in units. */
struct AmortizationRow {
    std::int32_t period;
    OptionalDate due;
    std::int64_t opening;
    std::int64_t payment; // interest + principal
    std::int64_t interest;
    std::int64_t principal;
    std::int64_t extra;
    std::int64_t closing; // opening - principal - extra
};

/* Where an amortization stands between two rows. */
struct Amortization {
    Loan loan;          // its term is the longest where none is given
    bool open;          // whether none is
    YearFraction first; // the stretch of the first period without a day count
    std::int64_t payment;
    std::int64_t balance;
    std::int64_t ceiling; // unpaid interest may raise the balance up to here, after the first period
    std::int32_t period;
    Date previous; // the due date before, or the start; only with dates
    Date anchor;   // due dates are whole periods from here, this payment's or, for 0, the start
    std::int32_t anchor_period;
    std::size_t numbered; // extras that were taken, or passed
    std::size_t dated;
};

/*
 * Begins the amortization of a loan. The interest of a row is opening balance * annual rate * time, rounded:
 * time is a period, in the first row the stretch of level_payment, with a day count always the year fraction
 * between the due dates. The principal of a row is the level payment less the interest, at most the balance
 * and at least nothing. Interest is left unpaid, and then adds to the balance, only by a first period that is
 * longer than regular and, where the payment is level by a day count, by long months, up to one period's
 * interest in all. Payments of interest alone have no principal. The last row pays whatever is left, the
 * balloon with it, so the last balance is exactly 0; a balance that is 0 earlier ends the loan. Extras go to
 * the principal: those of every payment and of its number after the payment; those of a date with the next
 * payment due on it or later, and with a day count the interest of the days from then on is less. Due dates
 * are the first payment's day of each month, third, sixth or twelfth month, or the month's last day where it
 * has no such day, counted from the first payment always; that day and the one 15 days away in turns; or 14
 * or 7 days apart. A first payment that is the start's day cut to the end of a shorter month stands for the
 * start's day. With a start alone the first payment is one period later; with a first payment alone the start
 * is one period earlier; in advance both are one day; with neither there are no dates. Domain: principal 1 to
 * kMaxLoanDigits, rate 0 to kMaxLoanRate, term 1 to longest_term, or 0 with a given payment; balloon 0 to
 * principal; interest-only payments fewer than the term, and none in advance; a given payment above 0; extras
 * at least 0, numbers up to the term, dates from the start to the last payment's; first payment after the
 * start by at most 5 years; dates for a day count and for extras of a date. No balloon with extras that keep
 * the term, whose payments could fall below the interest; neither with a given payment. Errors: bad_value;
 * out_of_range for due dates beyond the calendar; out_of_memory.
 */
Result<Amortization> begin_amortization(const Loan &loan) noexcept;

/* The next row, or false after the last. Errors: bad_value where a given payment does not cover the interest,
 * or does not repay the loan in the longest term; out_of_memory. */
Result<bool> next_row(Amortization &amortization, AmortizationRow &row) noexcept;

/* What pays off a loan on a date; amounts in units. */
struct Payoff {
    std::int32_t paid_periods;
    std::int64_t balance;       // after the payments and extras due on or before the date
    Date accrued_from;          // the last payment's date, or the start
    std::int32_t days;          // from there to the date
    Int128 per_diem_millionths; // of one of the money's major unit, rounded half up
    std::int64_t interest;
    std::int64_t payoff;
};

/*
 * The payoff of a loan whose payments were made when due. The interest of a day is balance * annual rate /
 * 365, or / 360 for the day counts whose year has 360 days; that of all days is the exact sum, rounded once.
 * An extra of a date counts from that day on. Errors: as begin_amortization and next_row; bad_value without
 * dates, or for a date before the start; cancelled when `stop`, which is asked before each payment, says so.
 */
Result<Payoff> payoff_on(const Loan &loan, Date date, Decimal unit, StopAsked stop) noexcept;

/* An answer that may not exist. */
struct OptionalUnits {
    bool exists;
    std::int64_t units;
};

/*
 * The largest principal, in units and at least the balloon, whose rounded level payment is at most `payment`;
 * none when even the smallest costs more. Nothing is rounded down to a payment of 0: it repays only what a
 * balloon alone repays. Of the loan, principal and dates are not read.
 * Errors: as begin_amortization; out_of_range when it exceeds `most`.
 */
Result<OptionalUnits> principal_for_payment(const Loan &loan, std::int64_t payment,
                                            std::int64_t most = kMaxLoanDigits) noexcept;

/*
 * The least number of payments, up to the longest term, whose rounded level payment is at most `payment`;
 * none when there is none, as for a payment of 0. Of the loan, term and dates are not read.
 */
Result<OptionalUnits> term_for_payment(const Loan &loan, std::int64_t payment) noexcept;

/*
 * The monthly payment of a lease in units, rounded once:
 *     ((cost - residual) / term + (cost + residual) money_factor) (1 + tax_rate)
 * Domain: cost above 0, residual 0 to cost, term 1 to 480 months, money factor and tax rate 0 to 10.
 * Errors: bad_value, out_of_range, out_of_memory.
 */
Result<std::int64_t> lease_payment(Decimal cost, Decimal residual, std::int32_t term, Decimal money_factor,
                                   Decimal tax_rate, Rounding rounding, Decimal unit) noexcept;

/*
 * The money factor of a lease at a yearly rate: a twenty-fourth of it, rounded half up to 16 decimals.
 * Domain: rate 0 to kMaxLoanRate. Errors: bad_value.
 */
inline constexpr std::int32_t kMoneyFactors = 24; // of a yearly rate
Result<Decimal> money_factor(Decimal annual_rate) noexcept;

/* Whether a money factor is 0 to 10. Errors: bad_value. */
Result<bool> check_money_factor(Decimal money_factor) noexcept;

/* The unit-period of Regulation Z: a multiple of a standard interval. */
struct UnitPeriod {
    enum class Interval : std::int32_t { day, week, semimonth, month, year } interval;
    std::int32_t multiple; // of weeks up to 4, of months up to 6; 1 otherwise

    friend constexpr bool operator==(UnitPeriod, UnitPeriod) noexcept = default;
};

/* The unit-period of its name: day, week, biweek, 4 weeks, semimonth, month, 2 months, quarter, 4 months,
 * 6 months, year. Errors: bad_value. */
Result<UnitPeriod> parse_unit_period(std::string_view name) noexcept;

/* The unit-period of payments that are so frequent. */
UnitPeriod unit_period_of(Frequency frequency) noexcept;

/* Money that flows on a date: advances are positive, payments negative. The caller sets amount and date. */
struct AprFlow {
    double amount;
    Date date;
    double whole;    // unit-periods since the first advance
    double fraction; // of a unit-period, beyond the whole ones
};

/* A yearly rate that may not exist. */
struct OptionalApr {
    bool exists;
    double rate;
};

/* Arrays of flows are at most this long. */
inline constexpr std::size_t kMaxAprFlows = 100'000;

/*
 * The annual percentage rate, a fraction and unrounded, by the actuarial method: the rate i of a unit-period
 * with
 *     sum of advances / ((1 + e i) (1 + i)^q) = sum of payments / ((1 + f i) (1 + i)^t)
 * times the unit-periods of a year, where q, t are whole unit-periods and e, f the fractions left, counted
 * back from each flow to the first advance. Source: 12 CFR 1026, appendix J, (b)(5) and (b)(8). A single
 * advance with a single payment has its term as unit-period, or a year when it is longer (b)(4)(ii), whatever
 * is asked for. In a series of month-ends months count from month-end to month-end (b)(3)(iv).
 * None when payments do not balance the advances at any rate above -100 % a unit-period.
 * Domain: at least one advance and one payment, no flow before the first advance, finite dates.
 * Errors: bad_value; cancelled when `stop`, which is asked before each pass over the flows, says so.
 */
Result<OptionalApr> annual_percentage_rate(AprFlow *flows, std::size_t count, UnitPeriod unit_period,
                                           StopAsked stop) noexcept;

/*
 * The same of flows in order whose times the caller set, in periods of so frequent payments since the first,
 * the only advance before any payment. A single payment within a year earns simple interest.
 */
Result<OptionalApr> annual_percentage_rate_of_periods(const AprFlow *flows, std::size_t count,
                                                      Frequency frequency, StopAsked stop) noexcept;

/*
 * The same for one amount financed and payments of equal size, the last one of its own size, one unit-period
 * apart after the first. A first payment that is the start's day cut to the month's end is of the start's
 * day; one from month-end to month-end is of month-ends. Domain: amount above 0, payments 1 to 2080, first
 * payment after the start.
 */
Result<OptionalApr> annual_percentage_rate(double amount_financed, double payment, std::int32_t payments,
                                           double last_payment, Date start, Date first_payment,
                                           UnitPeriod unit_period) noexcept;

} // namespace tradeup
