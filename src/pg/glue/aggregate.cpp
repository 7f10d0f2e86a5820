/*
 * The memory of aggregates, and what their parallel workers send.
 */
#include "pg/glue/aggregate.hpp"

extern "C" {
#include "lib/stringinfo.h"
}

namespace tradeup {

MemoryContext aggregate_context(FunctionCallInfo fcinfo) {
    MemoryContext context = nullptr;
    if (AggCheckCallContext(fcinfo, &context) == 0) {
        elog(ERROR, "aggregate function called in non-aggregate context");
    }
    return context;
}

StringInfoData sent_argument(FunctionCallInfo fcinfo, int argument) {
    const bytea *sent = PG_GETARG_BYTEA_PP(argument);
    StringInfoData message;
    initStringInfo(&message);
    appendBinaryStringInfo(&message, VARDATA_ANY(sent), static_cast<int>(VARSIZE_ANY_EXHDR(sent)));
    return message;
}

} // namespace tradeup
