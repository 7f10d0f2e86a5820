/*
 * The schedules of a deal as sets of rows.
 */
#include "core/deal/schedule.hpp"

#include "pg/deal/deal.hpp"
#include "pg/glue/rows.hpp"

using namespace tradeup;

extern "C" {

PG_FUNCTION_INFO_V1(schedule);
PG_FUNCTION_INFO_V1(reference_schedule);

Datum schedule(PG_FUNCTION_ARGS) {
    const Deal &deal = to_deal(PG_GETARG_DATUM(0));
    const std::int32_t digits = deal.terms.minor_digits;
    const std::int64_t price = to_minor(PG_GETARG_DATUM(1), digits, "price");
    Schedule periods = value_of(begin_schedule(deal, price));
    const RowSink rows = begin_rows(fcinfo);
    ScheduleRow row;
    while (next_row(periods, row)) {
        Datum values[] = {Int32GetDatum(row.number),        to_numeric(row.financed, digits),
                          to_numeric(row.opening, digits),  to_numeric(row.principal, digits),
                          to_numeric(row.interest, digits), to_numeric(row.charges, digits),
                          to_numeric(row.tax, digits),      to_numeric(row.payment, digits),
                          to_numeric(row.closing, digits)};
        bool nulls[sizeof values / sizeof values[0]] = {};
        rows.put(values, nulls);
    }
    return static_cast<Datum>(0);
}

Datum reference_schedule(PG_FUNCTION_ARGS) {
    const Deal &deal = to_deal(PG_GETARG_DATUM(0));
    const std::int64_t price = to_minor(PG_GETARG_DATUM(1), deal.terms.minor_digits, "price");
    ReferenceSchedule months = value_of(begin_reference_schedule(deal, price));
    const RowSink rows = begin_rows(fcinfo);
    ReferenceRow row;
    while (next_row(months, row)) {
        Datum values[] = {Int32GetDatum(row.month),
                          Float8GetDatum(row.opening),
                          Float8GetDatum(row.principal),
                          Float8GetDatum(row.interest),
                          Float8GetDatum(row.charges),
                          Float8GetDatum(row.tax),
                          Float8GetDatum(row.payment),
                          Float8GetDatum(row.closing),
                          Float8GetDatum(row.closing_loan),
                          Float8GetDatum(row.closing_service),
                          Float8GetDatum(row.closing_protection),
                          Float8GetDatum(row.closing_insurance)};
        bool nulls[sizeof values / sizeof values[0]] = {};
        rows.put(values, nulls);
    }
    return static_cast<Datum>(0);
}

} // extern "C"
