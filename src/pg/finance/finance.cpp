/*
 * Time value of money: the functions of spreadsheets, float8 in and out.
 */
#include "core/base/frequency.hpp"

#include "pg/finance/finance.hpp"

using namespace tradeup;

namespace {

Due due_argument(FunctionCallInfo fcinfo, int at) {
    return value_of(parse_due(view_of(PG_GETARG_DATUM(at))));
}

} // namespace

extern "C" {

PG_FUNCTION_INFO_V1(pv);
PG_FUNCTION_INFO_V1(fv);
PG_FUNCTION_INFO_V1(pmt);
PG_FUNCTION_INFO_V1(ipmt);
PG_FUNCTION_INFO_V1(ppmt);
PG_FUNCTION_INFO_V1(nper);
PG_FUNCTION_INFO_V1(rate);
PG_FUNCTION_INFO_V1(rate_all);
PG_FUNCTION_INFO_V1(cumipmt);
PG_FUNCTION_INFO_V1(cumprinc);
PG_FUNCTION_INFO_V1(effect);
PG_FUNCTION_INFO_V1(nominal);
PG_FUNCTION_INFO_V1(rate_for_payment);

Datum pv(PG_FUNCTION_ARGS) {
    PG_RETURN_FLOAT8(value_of(present_value(PG_GETARG_FLOAT8(0), PG_GETARG_FLOAT8(1), PG_GETARG_FLOAT8(2),
                                            PG_GETARG_FLOAT8(3), due_argument(fcinfo, 4))));
}

Datum fv(PG_FUNCTION_ARGS) {
    PG_RETURN_FLOAT8(value_of(future_value(PG_GETARG_FLOAT8(0), PG_GETARG_FLOAT8(1), PG_GETARG_FLOAT8(2),
                                           PG_GETARG_FLOAT8(3), due_argument(fcinfo, 4))));
}

Datum pmt(PG_FUNCTION_ARGS) {
    PG_RETURN_FLOAT8(value_of(level_payment(PG_GETARG_FLOAT8(0), PG_GETARG_FLOAT8(1), PG_GETARG_FLOAT8(2),
                                            PG_GETARG_FLOAT8(3), due_argument(fcinfo, 4))));
}

Datum ipmt(PG_FUNCTION_ARGS) {
    PG_RETURN_FLOAT8(
        value_of(interest_payment(PG_GETARG_FLOAT8(0), PG_GETARG_FLOAT8(1), PG_GETARG_FLOAT8(2),
                                  PG_GETARG_FLOAT8(3), PG_GETARG_FLOAT8(4), due_argument(fcinfo, 5))));
}

Datum ppmt(PG_FUNCTION_ARGS) {
    PG_RETURN_FLOAT8(
        value_of(principal_payment(PG_GETARG_FLOAT8(0), PG_GETARG_FLOAT8(1), PG_GETARG_FLOAT8(2),
                                   PG_GETARG_FLOAT8(3), PG_GETARG_FLOAT8(4), due_argument(fcinfo, 5))));
}

Datum nper(PG_FUNCTION_ARGS) {
    return answer(fcinfo,
                  value_of(number_of_periods(PG_GETARG_FLOAT8(0), PG_GETARG_FLOAT8(1), PG_GETARG_FLOAT8(2),
                                             PG_GETARG_FLOAT8(3), due_argument(fcinfo, 4))));
}

Datum rate(PG_FUNCTION_ARGS) {
    return answer(fcinfo,
                  value_of(rate_of_return(PG_GETARG_FLOAT8(0), PG_GETARG_FLOAT8(1), PG_GETARG_FLOAT8(2),
                                          PG_GETARG_FLOAT8(3), due_argument(fcinfo, 4))));
}

Datum rate_all(PG_FUNCTION_ARGS) {
    return array_of(value_of(rates_of_return(PG_GETARG_FLOAT8(0), PG_GETARG_FLOAT8(1), PG_GETARG_FLOAT8(2),
                                             PG_GETARG_FLOAT8(3), due_argument(fcinfo, 4))));
}

Datum cumipmt(PG_FUNCTION_ARGS) {
    PG_RETURN_FLOAT8(
        value_of(cumulative_interest(PG_GETARG_FLOAT8(0), PG_GETARG_FLOAT8(1), PG_GETARG_FLOAT8(2),
                                     PG_GETARG_FLOAT8(3), PG_GETARG_FLOAT8(4), due_argument(fcinfo, 5))));
}

Datum cumprinc(PG_FUNCTION_ARGS) {
    PG_RETURN_FLOAT8(
        value_of(cumulative_principal(PG_GETARG_FLOAT8(0), PG_GETARG_FLOAT8(1), PG_GETARG_FLOAT8(2),
                                      PG_GETARG_FLOAT8(3), PG_GETARG_FLOAT8(4), due_argument(fcinfo, 5))));
}

Datum effect(PG_FUNCTION_ARGS) {
    PG_RETURN_FLOAT8(value_of(effective_rate(PG_GETARG_FLOAT8(0), PG_GETARG_INT32(1))));
}

Datum nominal(PG_FUNCTION_ARGS) {
    PG_RETURN_FLOAT8(value_of(nominal_rate(PG_GETARG_FLOAT8(0), PG_GETARG_INT32(1))));
}

/* principal, payment, term, frequency */
Datum rate_for_payment(PG_FUNCTION_ARGS) {
    const std::int32_t a_year = payments_a_year(value_of(parse_frequency(view_of(PG_GETARG_DATUM(3)))));
    const Answer a_period =
        value_of(rate_of_return(PG_GETARG_INT32(2), -PG_GETARG_FLOAT8(1), PG_GETARG_FLOAT8(0), 0, Due::end));
    return answer(fcinfo, a_period ? Answer(*a_period * a_year) : Answer());
}

} // extern "C"
