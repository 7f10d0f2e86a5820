/*
 * The share of a year between two dates.
 */
#include "pg/finance/finance.hpp"

using namespace tradeup;

extern "C" {

PG_FUNCTION_INFO_V1(year_fraction_of_dates);

Datum year_fraction_of_dates(PG_FUNCTION_ARGS) {
    const DateADT from = PG_GETARG_DATEADT(0);
    const DateADT to = PG_GETARG_DATEADT(1);
    require_finite(from);
    require_finite(to);
    const DayCount day_count = day_count_argument(fcinfo, 2);
    PG_RETURN_FLOAT8(to >= from ? year_fraction(day_count, Date{from}, Date{to})
                                : 0 - year_fraction(day_count, Date{to}, Date{from})); // no -0
}

} // extern "C"
