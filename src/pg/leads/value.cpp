/*
 * What a call is worth, to the cent: in doubles where they are certain of it, in numerics where not.
 */
#include "core/leads/value.hpp"

#include "pg/glue/array.hpp"
#include "pg/glue/numeric.hpp"
#include "pg/glue/rows.hpp"
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

/* A call as SQL says it. */
struct StatedCall {
    double contact;
    double failure;
    Datum if_needed;
    Datum otherwise;
    Datum cost;
};

/* The same in numerics, without a rounding before the last. */
Datum exact_value(const StatedCall &call) {
    const Datum failure = shortest_numeric(call.failure);
    const Datum rest = DirectFunctionCall2(numeric_sub, NumericGetDatum(int64_to_numeric(1)), failure);
    const Datum margin =
        DirectFunctionCall2(numeric_add, times(failure, call.if_needed), times(rest, call.otherwise));
    const Datum value =
        DirectFunctionCall2(numeric_sub, times(shortest_numeric(call.contact), margin), call.cost);
    return DirectFunctionCall2(numeric_round, value, Int32GetDatum(2));
}

Datum value_of_call(const StatedCall &call) {
    const std::optional<std::int64_t> value = certain_value(
        {call.contact, call.failure, to_decimal(call.if_needed, "margin_if_needed"),
         to_decimal(call.otherwise, "margin_otherwise"), to_decimal(call.cost, "contact_cost")});
    return value ? to_numeric(*value, 2) : exact_value(call);
}

} // namespace

extern "C" {

PG_FUNCTION_INFO_V1(expected_value);
PG_FUNCTION_INFO_V1(best_call);

/* expected_value(contact_probability, failure_probability, margin_if_needed, margin_otherwise, contact_cost)
 */
Datum expected_value(PG_FUNCTION_ARGS) {
    PG_RETURN_DATUM(value_of_call({probability_argument(fcinfo, 0, "contact probability"),
                                   probability_argument(fcinfo, 1, "failure probability"), PG_GETARG_DATUM(2),
                                   PG_GETARG_DATUM(3), PG_GETARG_DATUM(4)}));
}

/* best_call(failure_probability, margin_if_needed, margin_otherwise, channels, contact_probabilities,
 * contact_costs): the channel of the greatest value, of equal ones the first, and that value. */
Datum best_call(PG_FUNCTION_ARGS) {
    const double failure = probability_argument(fcinfo, 0, "failure probability");
    const Elements channels = elements_argument(fcinfo, 3, "channels");
    const Elements contacts = elements_argument(fcinfo, 4, "contact probabilities");
    const Elements costs = elements_argument(fcinfo, 5, "contact costs");
    if (contacts.count != channels.count || costs.count != channels.count) {
        ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                        errmsg("channels, contact probabilities and costs must have the same length"),
                        errdetail("They have %d, %d and %d.", channels.count, contacts.count, costs.count)));
    }
    int best = -1;
    Datum most = 0;
    for (int i = 0; i < channels.count; ++i) {
        if (channels.nulls[i] || contacts.nulls[i] || costs.nulls[i]) {
            continue;
        }
        const double contact = DatumGetFloat8(contacts.values[i]);
        if (!is_probability(contact)) {
            report(no_probability("contact probability", contact));
        }
        const Datum value =
            value_of_call({contact, failure, PG_GETARG_DATUM(1), PG_GETARG_DATUM(2), costs.values[i]});
        if (best < 0 || is_above(value, most)) {
            best = i;
            most = value;
        }
    }
    if (best < 0) {
        PG_RETURN_NULL();
    }
    Datum values[] = {channels.values[best], most};
    return one_row(fcinfo, values);
}

} // extern "C"
