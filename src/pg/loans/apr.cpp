/*
 * The annual percentage rate, of level payments and of any advances and payments.
 */
#include "core/loans/loans.hpp"
#include "core/number/bounded.hpp"

#include "pg/glue/array.hpp"
#include "pg/glue/interrupt.hpp"
#include "pg/glue/numeric.hpp"

extern "C" {
#include "utils/date.h"
}

using namespace tradeup;

namespace {

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

PG_FUNCTION_INFO_V1(apr);
PG_FUNCTION_INFO_V1(apr_flows);

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
                               unit_period_of(value_of(parse_frequency(view_of(PG_GETARG_DATUM(5)))))));
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
