/*
 * The best pairs of which no two share an item.
 */
#include "pg/glue/array.hpp"
#include "pg/glue/interrupt.hpp"

extern "C" {
#include "catalog/pg_type.h"
}

using namespace tradeup;

extern "C" {

PG_FUNCTION_INFO_V1(each_once);

/* each_once(firsts, seconds): of pairs of numbers from 1 on, in the order of their rank, whether each has
 * none of the numbers of those before it that have. */
Datum each_once(PG_FUNCTION_ARGS) {
    const auto firsts = plain_elements<std::int32_t>(PG_GETARG_DATUM(0), "firsts");
    const auto seconds = plain_elements<std::int32_t>(PG_GETARG_DATUM(1), "seconds");
    if (firsts.size() != seconds.size()) {
        ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                        errmsg("firsts and seconds must have the same length"),
                        errdetail("There are %zu and %zu.", firsts.size(), seconds.size())));
    }
    std::int32_t largest = 0;
    for (std::size_t i = 0; i < firsts.size(); ++i) {
        if (firsts[i] < 1 || seconds[i] < 1) {
            ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("numbers must be 1 or more"),
                            errdetail("There is %d.", static_cast<int>(Min(firsts[i], seconds[i])))));
        }
        largest = Max(largest, Max(firsts[i], seconds[i]));
    }
    auto *used = static_cast<bool *>(
        palloc_extended(static_cast<Size>(largest) + 1, MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO));
    auto *chosen =
        static_cast<Datum *>(palloc_extended((firsts.size() + 1) * sizeof(Datum), MCXT_ALLOC_HUGE));
    for (std::size_t i = 0; i < firsts.size(); ++i) {
        end_if_asked(i);
        const bool free = !used[firsts[i]] && !used[seconds[i]];
        chosen[i] = BoolGetDatum(free);
        if (free) {
            used[firsts[i]] = used[seconds[i]] = true;
        }
    }
    PG_RETURN_ARRAYTYPE_P(
        construct_array(chosen, static_cast<int>(firsts.size()), BOOLOID, 1, true, TYPALIGN_CHAR));
}

} // extern "C"
