/*
 * Loans and leases, as SQL asks for them.
 */
#include <algorithm>
#include <initializer_list>

#include "core/loans/loans.hpp"

#include "pg/glue/interrupt.hpp"
#include "pg/glue/numeric.hpp"
#include "pg/glue/rows.hpp"
#include "pg/loans/rare_terms.hpp"

extern "C" {
#include "utils/date.h"
}

using namespace tradeup;

namespace {

/* A count of units as a numeric with the decimals of the unit. */
Datum money_of(std::int64_t units, Decimal unit) {
    std::int64_t digits = 0;
    if (__builtin_mul_overflow(units, unit.coefficient, &digits)) {
        report(make_error(ErrorKind::out_of_range, "amount is out of range"));
    }
    return to_numeric(digits, static_cast<int>(unit.scale));
}

std::int64_t units_argument(Datum amount, Decimal unit, const char *what) {
    return value_of(to_units(to_decimal(amount, what), unit, what));
}

/* Where the arguments of a loan stand in a call. */
struct Places {
    int start, first_payment, frequency, extra, terms;
};

constexpr int kRatePlace = 1;

bool is_null(FunctionCallInfo fcinfo, int place) {
    return fcinfo->args[place].isnull;
}

Datum argument(FunctionCallInfo fcinfo, int place) {
    return fcinfo->args[place].value;
}

/* The rate of a call, a fraction in its place or annual_percent, the last argument. */
Decimal rate_argument(FunctionCallInfo fcinfo, int place) {
    return to_rate(fcinfo->args[place], fcinfo->args[PG_NARGS() - 1]);
}

/* Whether an argument is null that must not be: any but those that may be missing, and the rate in one of its
 * two forms. */
bool lacks_argument(FunctionCallInfo fcinfo, int rate, std::initializer_list<int> may_be_missing = {}) {
    const int percent = PG_NARGS() - 1;
    for (int i = 0; i < percent; ++i) {
        const bool optional =
            std::find(may_be_missing.begin(), may_be_missing.end(), i) != may_be_missing.end() ||
            (i == rate && !is_null(fcinfo, percent));
        if (!optional && is_null(fcinfo, i)) {
            return true;
        }
    }
    return false;
}

bool lacks_argument(FunctionCallInfo fcinfo, const Places &places) {
    return lacks_argument(fcinfo, kRatePlace, {places.start, places.first_payment, places.terms});
}

OptionalDate date_argument(FunctionCallInfo fcinfo, int place) {
    if (is_null(fcinfo, place)) {
        return {};
    }
    return {true, {DatumGetDateADT(argument(fcinfo, place))}};
}

Decimal unit_argument(Datum unit) {
    return value_of(money_unit(to_decimal(unit, "unit")));
}

/* The loan of a call whose first three arguments are principal, annual rate and term. */
Loan loan_arguments(FunctionCallInfo fcinfo, const Places &places, RareTerms &terms, Decimal unit) {
    Loan loan{};
    loan.principal = units_argument(argument(fcinfo, 0), unit, "principal");
    loan.annual_rate = rate_argument(fcinfo, kRatePlace);
    loan.term = DatumGetInt32(argument(fcinfo, 2));
    loan.frequency = value_of(parse_frequency(view_of(argument(fcinfo, places.frequency))));
    loan.start = date_argument(fcinfo, places.start);
    loan.first_payment = date_argument(fcinfo, places.first_payment);
    loan.extra = units_argument(argument(fcinfo, places.extra), unit, "extra");
    if (terms.given[kBalloon]) {
        loan.balloon = rare_value(terms, kBalloon, to_units(number_of(terms, kBalloon), unit, "balloon"));
    }
    if (terms.given[kPayment]) {
        loan.payment_given = true;
        loan.payment = rare_value(terms, kPayment, to_units(number_of(terms, kPayment), unit, "payment"));
    }
    if (terms.given[kInterestOnly]) {
        loan.interest_only = whole_of(&terms.values[kInterestOnly]);
    }
    loan.due = terms.given[kDue] ? rare_value(terms, kDue, parse_due(word_of(terms, kDue))) : Due::end;
    set_extras(terms, unit, loan);
    loan.extra_keeps = terms.given[kExtraKeeps]
                           ? rare_value(terms, kExtraKeeps, parse_extra_keeps(word_of(terms, kExtraKeeps)))
                           : ExtraKeeps::payment;
    if (terms.given[kDayCount]) {
        loan.by_days = true;
        loan.day_count = rare_value(terms, kDayCount, parse_day_count(word_of(terms, kDayCount)));
    }
    if (terms.given[kLevel]) {
        loan.level_by_periods = rare_value(terms, kLevel, parse_level(word_of(terms, kLevel)));
        if (!loan.by_days && !loan.level_by_periods) {
            refuse_rare(kLevel, &terms.values[kLevel], "a level payment by days needs a day count");
        }
    }
    loan.odd_days = terms.given[kOddDays]
                        ? rare_value(terms, kOddDays, parse_day_count(word_of(terms, kOddDays)))
                        : DayCount::actual_365;
    loan.rounding = terms.given[kRounding]
                        ? rare_value(terms, kRounding, parse_rounding(word_of(terms, kRounding)))
                        : Rounding::half_up;
    return loan;
}

} // namespace

extern "C" {

PG_FUNCTION_INFO_V1(amortization);
PG_FUNCTION_INFO_V1(payoff);
PG_FUNCTION_INFO_V1(lease_payment);
PG_FUNCTION_INFO_V1(money_factor);
PG_FUNCTION_INFO_V1(money_factor_to_apr);
PG_FUNCTION_INFO_V1(principal_for_payment);
PG_FUNCTION_INFO_V1(term_for_payment);

Datum amortization(PG_FUNCTION_ARGS) {
    constexpr Places kPlaces{4, 5, 3, 6, 7};
    const RowSink rows = begin_rows(fcinfo);
    if (lacks_argument(fcinfo, kPlaces)) {
        return static_cast<Datum>(0);
    }
    RareTerms terms = rare_terms(fcinfo->args[kPlaces.terms]);
    const Decimal unit = unit_of(terms);
    Amortization periods = value_of(begin_amortization(loan_arguments(fcinfo, kPlaces, terms, unit)));
    AmortizationRow row;
    while (value_of(next_row(periods, row))) {
        CHECK_FOR_INTERRUPTS();
        Datum values[] = {Int32GetDatum(row.period),    DateADTGetDatum(row.due.date.days),
                          money_of(row.opening, unit),  money_of(row.payment, unit),
                          money_of(row.interest, unit), money_of(row.principal, unit),
                          money_of(row.extra, unit),    money_of(row.closing, unit)};
        bool nulls[sizeof values / sizeof values[0]] = {false, !row.due.given};
        rows.put(values, nulls);
    }
    return static_cast<Datum>(0);
}

Datum payoff(PG_FUNCTION_ARGS) {
    constexpr Places kPlaces{4, 5, 6, 7, 8};
    constexpr int kMillionths = 6;
    if (lacks_argument(fcinfo, kPlaces)) {
        PG_RETURN_NULL();
    }
    RareTerms terms = rare_terms(fcinfo->args[kPlaces.terms]);
    const Decimal unit = unit_of(terms);
    const Payoff paid = uncancelled(payoff_on(loan_arguments(fcinfo, kPlaces, terms, unit),
                                              {DatumGetDateADT(argument(fcinfo, 3))}, unit, stop_asked));
    Datum values[] = {Int32GetDatum(paid.paid_periods),
                      money_of(paid.balance, unit),
                      DateADTGetDatum(paid.accrued_from.days),
                      Int32GetDatum(paid.days),
                      wide_numeric(paid.per_diem_millionths, kMillionths),
                      money_of(paid.interest, unit),
                      money_of(paid.payoff, unit)};
    return one_row(fcinfo, values);
}

Datum lease_payment(PG_FUNCTION_ARGS) {
    const Decimal unit = unit_argument(PG_GETARG_DATUM(6));
    return money_of(
        value_of(tradeup::lease_payment(to_decimal(PG_GETARG_DATUM(0), "capitalized_cost"),
                                        to_decimal(PG_GETARG_DATUM(1), "residual"), PG_GETARG_INT32(2),
                                        to_decimal(PG_GETARG_DATUM(3), "money_factor"),
                                        to_decimal(PG_GETARG_DATUM(4), "tax_rate"),
                                        value_of(parse_rounding(view_of(PG_GETARG_DATUM(5)))), unit)),
        unit);
}

Datum money_factor(PG_FUNCTION_ARGS) {
    if (lacks_argument(fcinfo, 0)) {
        PG_RETURN_NULL();
    }
    const Decimal factor = value_of(tradeup::money_factor(rate_argument(fcinfo, 0)));
    return decimal_datum(factor);
}

Datum money_factor_to_apr(PG_FUNCTION_ARGS) {
    (void)value_of(check_money_factor(to_decimal(PG_GETARG_DATUM(0), "money_factor")));
    return DirectFunctionCall2(numeric_mul, PG_GETARG_DATUM(0),
                               NumericGetDatum(int64_to_numeric(kMoneyFactors)));
}

Datum principal_for_payment(PG_FUNCTION_ARGS) {
    if (lacks_argument(fcinfo, kRatePlace)) {
        PG_RETURN_NULL();
    }
    const Decimal unit = unit_argument(PG_GETARG_DATUM(6));
    Loan loan{};
    const std::int64_t payment = units_argument(PG_GETARG_DATUM(0), unit, "payment");
    loan.annual_rate = rate_argument(fcinfo, kRatePlace);
    loan.term = PG_GETARG_INT32(2);
    loan.frequency = value_of(parse_frequency(view_of(PG_GETARG_DATUM(3))));
    loan.balloon = units_argument(PG_GETARG_DATUM(4), unit, "balloon");
    loan.rounding = value_of(parse_rounding(view_of(PG_GETARG_DATUM(5))));
    const OptionalUnits principal =
        value_of(tradeup::principal_for_payment(loan, payment, kMaxLoanDigits / unit.coefficient));
    if (!principal.exists) {
        PG_RETURN_NULL();
    }
    return money_of(principal.units, unit);
}

Datum term_for_payment(PG_FUNCTION_ARGS) {
    constexpr int kRate = 2;
    if (lacks_argument(fcinfo, kRate)) {
        PG_RETURN_NULL();
    }
    const Decimal unit = unit_argument(PG_GETARG_DATUM(5));
    Loan loan{};
    loan.principal = units_argument(PG_GETARG_DATUM(0), unit, "principal");
    const std::int64_t payment = units_argument(PG_GETARG_DATUM(1), unit, "payment");
    loan.annual_rate = rate_argument(fcinfo, kRate);
    loan.frequency = value_of(parse_frequency(view_of(PG_GETARG_DATUM(3))));
    loan.rounding = value_of(parse_rounding(view_of(PG_GETARG_DATUM(4))));
    const OptionalUnits term = value_of(tradeup::term_for_payment(loan, payment));
    if (!term.exists) {
        PG_RETURN_NULL();
    }
    PG_RETURN_INT32(static_cast<std::int32_t>(term.units));
}

} // extern "C"
