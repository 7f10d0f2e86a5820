/*
 * What a call is worth, to the cent: in doubles where they are certain of it, in numerics where not.
 */
#include "core/leads/value.hpp"

#include "pg/glue/glue.hpp"
#include "pg/glue/numeric.hpp"
#include "pg/leads/judged.hpp"

extern "C" {
#include "common/shortest_dec.h"
}

using namespace tradeup;

namespace {

/* The shortest decimal that stands for a double. */
Datum shortest_numeric(double value) {
    char digits[64];
    (void)double_to_shortest_decimal_buf(value, digits);
    return DirectFunctionCall3(numeric_in, CStringGetDatum(digits), ObjectIdGetDatum(InvalidOid),
                               Int32GetDatum(-1));
}

Datum times(Datum a, Datum b) {
    return DirectFunctionCall2(numeric_mul, a, b);
}

/* The same in numerics, without a rounding before the last. */
Datum exact_value(FunctionCallInfo fcinfo) {
    const Datum contact = shortest_numeric(PG_GETARG_FLOAT8(0));
    const Datum failure = shortest_numeric(PG_GETARG_FLOAT8(1));
    const Datum rest = DirectFunctionCall2(numeric_sub, NumericGetDatum(int64_to_numeric(1)), failure);
    const Datum margin =
        DirectFunctionCall2(numeric_add, times(failure, PG_GETARG_DATUM(2)), times(rest, PG_GETARG_DATUM(3)));
    const Datum value = DirectFunctionCall2(numeric_sub, times(contact, margin), PG_GETARG_DATUM(4));
    return DirectFunctionCall2(numeric_round, value, Int32GetDatum(2));
}

} // namespace

extern "C" {

PG_FUNCTION_INFO_V1(expected_value);

/* expected_value(contact_probability, failure_probability, margin_if_needed, margin_otherwise, contact_cost)
 */
Datum expected_value(PG_FUNCTION_ARGS) {
    const Call call{probability_argument(fcinfo, 0, "contact probability"),
                    probability_argument(fcinfo, 1, "failure probability"),
                    to_decimal(PG_GETARG_DATUM(2), "margin_if_needed"),
                    to_decimal(PG_GETARG_DATUM(3), "margin_otherwise"),
                    to_decimal(PG_GETARG_DATUM(4), "contact_cost")};
    const std::optional<std::int64_t> value = certain_value(call);
    return value ? to_numeric(*value, 2) : exact_value(fcinfo);
}

} // extern "C"
