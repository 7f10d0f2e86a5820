/*
 * Loans, leases and the annual percentage rate, as SQL asks for them.
 */
#include <algorithm>
#include <initializer_list>

#include "core/loans/loans.hpp"
#include "core/number/bounded.hpp"

#include "pg/glue/array.hpp"
#include "pg/glue/interrupt.hpp"
#include "pg/glue/json.hpp"
#include "pg/glue/numeric.hpp"
#include "pg/glue/rows.hpp"

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

/* What few loans have: a key of the argument terms. */
struct Rare {
    const char *key;
    jbvType kind;
    const char *allowed;
};
enum RareKey { kBalloon, kExtraKeeps, kDayCount, kRounding, kUnit };
constexpr Rare kRare[] = {
    {"balloon", jbvNumeric, "an amount from 0 to the principal"},
    {"extra_keeps", jbvString, "payment or term"},
    {"day_count", jbvString,
     "actual/365, actual/360, actual/actual or 30/360, or null for periods of equal length"},
    {"rounding", jbvString, "half_up, half_even, up or down"},
    {"unit", jbvNumeric, "a number above 0, at most 1000: 0.01 for cents, 1 for yen"},
};
constexpr const char *kRareKeys = "balloon, extra_keeps, day_count, rounding and unit";

struct RareTerms {
    JsonbValue values[std::size(kRare)];
    bool given[std::size(kRare)];
};

[[noreturn]] void bad_rare(RareKey at, JsonbValue *value, const char *message) {
    ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("%s", message),
                    errdetail("terms.%s is %s.", kRare[at].key, shown_json(value)),
                    errhint("It may be %s.", kRare[at].allowed)));
    pg_unreachable();
}

/* The keys of the argument terms, each of its kind. */
RareTerms rare_terms(FunctionCallInfo fcinfo, int place) {
    RareTerms terms{};
    if (is_null(fcinfo, place)) {
        return terms;
    }
    Jsonb *json = DatumGetJsonbP(argument(fcinfo, place));
    if (!JB_ROOT_IS_OBJECT(json)) {
        ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("terms must be a JSON object"),
                        errdetail("They are %s.", shown_json(json)),
                        errhint("The keys of terms may be %s.", kRareKeys)));
    }
    JsonbIterator *iterator = JsonbIteratorInit(&json->root);
    JsonbValue value;
    (void)JsonbIteratorNext(&iterator, &value, true);
    while (JsonbIteratorNext(&iterator, &value, true) == WJB_KEY) {
        const char *key = pnstrdup(value.val.string.val, static_cast<Size>(value.val.string.len));
        const auto *rare = std::find_if(std::begin(kRare), std::end(kRare),
                                        [key](const Rare &one) { return std::strcmp(one.key, key) == 0; });
        if (rare == std::end(kRare)) {
            ereport(ERROR,
                    (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("unknown key \"%s\"", shown_text(key)),
                     errdetail("It is terms.%s.", shown_text(key)),
                     errhint("The keys of terms may be %s.", kRareKeys)));
        }
        const auto at = static_cast<RareKey>(rare - kRare);
        (void)JsonbIteratorNext(&iterator, &value, true);
        if (at == kDayCount && value.type == jbvNull) {
            continue;
        }
        if (value.type != rare->kind) {
            bad_rare(at, &value, psprintf("wrong kind of value for key \"%s\"", rare->key));
        }
        terms.values[at] = value;
        terms.given[at] = true;
    }
    return terms;
}

std::string_view word_of(const RareTerms &terms, RareKey at) {
    const auto &word = terms.values[at].val.string;
    return {word.val, static_cast<std::size_t>(word.len)};
}

Decimal number_of(const RareTerms &terms, RareKey at) {
    return to_decimal(NumericGetDatum(terms.values[at].val.numeric), kRare[at].key);
}

/* What a key says, or the error that says where it is wrong. */
template <typename T>
T rare_value(RareTerms &terms, RareKey at, const tradeup::Result<T> &result) {
    if (!result && result.error().kind == ErrorKind::bad_value) {
        bad_rare(at, &terms.values[at], result.error().message);
    }
    return value_of(result);
}

Decimal unit_of(RareTerms &terms) {
    return terms.given[kUnit] ? rare_value(terms, kUnit, money_unit(number_of(terms, kUnit))) : decimal(1, 2);
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
        loan.balloon =
            rare_value(terms, kBalloon, to_units(number_of(terms, kBalloon), unit, kRare[kBalloon].key));
    }
    loan.extra_keeps = terms.given[kExtraKeeps]
                           ? rare_value(terms, kExtraKeeps, parse_extra_keeps(word_of(terms, kExtraKeeps)))
                           : ExtraKeeps::payment;
    if (terms.given[kDayCount]) {
        loan.by_days = true;
        loan.day_count = rare_value(terms, kDayCount, parse_day_count(word_of(terms, kDayCount)));
    }
    loan.rounding = terms.given[kRounding]
                        ? rare_value(terms, kRounding, parse_rounding(word_of(terms, kRounding)))
                        : Rounding::half_up;
    return loan;
}

double to_double(Datum numeric, const char *what) {
    const Decimal exact = to_decimal(numeric, what);
    return bounded(exact).value;
}

/* Fills flows from an array of amounts and one of dates; `sign` is 1 for advances and -1 for payments. */
void add_flows(Datum amounts, Datum dates, double sign, const char *what, AprFlow *&flows,
               std::size_t &count) {
    for (const Datum given : {amounts, dates}) {
        ArrayType *array = DatumGetArrayTypeP(given);
        if (ARR_NDIM(array) > 1) {
            ereport(ERROR, (errcode(ERRCODE_ARRAY_SUBSCRIPT_ERROR),
                            errmsg("%ss and their dates must be one-dimensional arrays", what),
                            errdetail("One has %d dimensions.", ARR_NDIM(array))));
        }
        if (ArrayGetNItems(ARR_NDIM(array), ARR_DIMS(array)) > static_cast<int>(kMaxAprFlows)) {
            ereport(ERROR,
                    (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("too many advances and payments"),
                     errdetail("There are more than %d.", static_cast<int>(kMaxAprFlows))));
        }
    }
    const Elements paid = elements_of(amounts);
    const Elements days = elements_of(dates);
    if (paid.count != days.count) {
        ereport(ERROR, (errcode(ERRCODE_ARRAY_SUBSCRIPT_ERROR),
                        errmsg("%ss and their dates must have the same length", what),
                        errdetail("There are %d %ss and %d dates.", paid.count, what, days.count)));
    }
    const std::size_t room = (count + static_cast<std::size_t>(paid.count) + 1) * sizeof(AprFlow);
    flows = static_cast<AprFlow *>(flows == nullptr ? palloc(room) : repalloc(flows, room));
    for (int i = 0; i < paid.count; ++i) {
        if (paid.nulls[i] || days.nulls[i]) {
            ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
                            errmsg("%ss and their dates must not be null", what),
                            errdetail("Number %d is null.", i + 1)));
        }
        const double amount = to_double(paid.values[i], what);
        if (amount < 0 || (amount == 0 && sign > 0)) {
            ereport(ERROR,
                    (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                     errmsg(sign > 0 ? "advances must be greater than 0" : "payments must not be negative"),
                     errdetail("Number %d is %g.", i + 1, amount)));
        }
        flows[count++] = {sign * amount, {DatumGetDateADT(days.values[i])}, 0, 0};
    }
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
PG_FUNCTION_INFO_V1(apr);
PG_FUNCTION_INFO_V1(apr_flows);

Datum amortization(PG_FUNCTION_ARGS) {
    constexpr Places kPlaces{4, 5, 3, 6, 7};
    const RowSink rows = begin_rows(fcinfo);
    if (lacks_argument(fcinfo, kPlaces)) {
        return static_cast<Datum>(0);
    }
    RareTerms terms = rare_terms(fcinfo, kPlaces.terms);
    const Decimal unit = unit_of(terms);
    Amortization periods = value_of(begin_amortization(loan_arguments(fcinfo, kPlaces, terms, unit)));
    AmortizationRow row;
    while (value_of(next_row(periods, row))) {
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
    RareTerms terms = rare_terms(fcinfo, kPlaces.terms);
    const Decimal unit = unit_of(terms);
    const Payoff paid = value_of(payoff_on(loan_arguments(fcinfo, kPlaces, terms, unit),
                                           {DatumGetDateADT(argument(fcinfo, 3))}, unit));
    Datum values[] = {Int32GetDatum(paid.paid_periods),
                      money_of(paid.balance, unit),
                      DateADTGetDatum(paid.accrued_from.days),
                      Int32GetDatum(paid.days),
                      to_numeric(paid.per_diem_millionths, kMillionths),
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

/* amount, payment, payments, start_date, first_payment, frequency, prepaid_finance_charge, last_payment */
Datum apr(PG_FUNCTION_ARGS) {
    constexpr int kLastPayment = 7;
    for (int i = 0; i < kLastPayment; ++i) {
        if (PG_ARGISNULL(i)) {
            PG_RETURN_NULL();
        }
    }
    const double payment = to_double(PG_GETARG_DATUM(1), "payment");
    const double last =
        PG_ARGISNULL(kLastPayment) ? payment : to_double(PG_GETARG_DATUM(kLastPayment), "last_payment");
    const double prepaid = to_double(PG_GETARG_DATUM(6), "prepaid_finance_charge");
    if (payment < 0 || last < 0 || prepaid < 0) {
        ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                        errmsg("payments and prepaid finance charge must not be negative"),
                        errdetail("They are %g, %g and %g.", payment, last, prepaid)));
    }
    const OptionalApr rate = value_of(
        annual_percentage_rate(to_double(PG_GETARG_DATUM(0), "amount") - prepaid, payment, PG_GETARG_INT32(2),
                               last, {PG_GETARG_DATEADT(3)}, {PG_GETARG_DATEADT(4)},
                               value_of(parse_payment_frequency(view_of(PG_GETARG_DATUM(5))))));
    if (!rate.exists) {
        PG_RETURN_NULL();
    }
    PG_RETURN_FLOAT8(rate.rate);
}

Datum apr_flows(PG_FUNCTION_ARGS) {
    const UnitPeriod unit_period = value_of(parse_unit_period(view_of(PG_GETARG_DATUM(4))));
    AprFlow *flows = nullptr;
    std::size_t count = 0;
    add_flows(PG_GETARG_DATUM(0), PG_GETARG_DATUM(1), 1, "advance", flows, count);
    add_flows(PG_GETARG_DATUM(2), PG_GETARG_DATUM(3), -1, "payment", flows, count);
    const OptionalApr rate = uncancelled(annual_percentage_rate(flows, count, unit_period, stop_asked));
    if (!rate.exists) {
        PG_RETURN_NULL();
    }
    PG_RETURN_FLOAT8(rate.rate);
}

} // extern "C"
