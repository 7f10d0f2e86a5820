/*
 * Aggregates of dated flows: xirr and xnpv. They keep one sum for each date, so that the order of the rows
 * does not matter, parallel workers can share the work, and memory follows the number of dates.
 */
#include "pg/finance/dated_flows.hpp"
#include "pg/finance/flow_aggregates.hpp"
#include "pg/glue/interrupt.hpp"

extern "C" {
#include "libpq/pqformat.h"
}

using namespace tradeup;

namespace {

void append(FunctionCallInfo fcinfo, DatedFlows &flows, const DaySum &day) {
    if (flows.count > 0 && flows.days[flows.count - 1].day == day.day) {
        flows.days[flows.count - 1].add(day);
        return;
    }
    if (flows.count == flows.capacity) {
        merge_days(flows);
        /* Merging repeatedly would cost more than the memory it saves. */
        if (flows.count > flows.capacity / 2 || flows.capacity == 0) {
            make_room(fcinfo, flows.days, flows.capacity, flows.capacity);
        }
    }
    flows.days[flows.count++] = day;
}

void take_day_count(DatedFlows &flows, DayCount day_count) {
    if (flows.has_day_count && flows.day_count != day_count) {
        ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                        errmsg("day count must be the same in all rows of a group"),
                        errhint("Group by the day count.")));
    }
    flows.day_count = day_count;
    flows.has_day_count = true;
}

/*
 * One row of dated flows: the amount at `at`, the date after it, then a day count if the aggregate has one.
 * Rows without amount or date are passed over, as other aggregates pass over nulls.
 */
DatedFlows *dated_row(FunctionCallInfo fcinfo, int at) {
    auto *flows = state_or_new<DatedFlows>(fcinfo);
    if (PG_NARGS() > at + 2) {
        if (PG_ARGISNULL(at + 2)) {
            ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED), errmsg("day count must not be null"),
                            errhint("Use actual/365, actual/360, actual/actual or 30/360.")));
        }
        take_day_count(*flows, day_count_argument(fcinfo, at + 2));
    }
    if (!PG_ARGISNULL(at) && !PG_ARGISNULL(at + 1)) {
        const DateADT date = PG_GETARG_DATEADT(at + 1);
        require_finite(date);
        append(fcinfo, *flows, DaySum::of(finite_amount(PG_GETARG_FLOAT8(at)), date));
    }
    return flows;
}

} // namespace

extern "C" {

PG_FUNCTION_INFO_V1(xirr_step);
PG_FUNCTION_INFO_V1(xirr_final);
PG_FUNCTION_INFO_V1(xnpv_step);
PG_FUNCTION_INFO_V1(xnpv_final);
PG_FUNCTION_INFO_V1(dated_flows_combine);
PG_FUNCTION_INFO_V1(dated_flows_serialize);
PG_FUNCTION_INFO_V1(dated_flows_deserialize);

Datum xirr_step(PG_FUNCTION_ARGS) {
    PG_RETURN_POINTER(dated_row(fcinfo, 1));
}

Datum xirr_final(PG_FUNCTION_ARGS) {
    auto *flows = state_argument<DatedFlows>(fcinfo);
    if (flows == nullptr || flows->count == 0) {
        PG_RETURN_NULL();
    }
    const std::span<const Flow> series = timed(*flows);
    return answer(fcinfo, uncancelled(rate_of_return(series, stop_asked)));
}

Datum xnpv_step(PG_FUNCTION_ARGS) {
    if (PG_ARGISNULL(1)) {
        ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED), errmsg("rate must not be null")));
    }
    DatedFlows *flows = dated_row(fcinfo, 2);
    take_rate(*flows, PG_GETARG_FLOAT8(1));
    PG_RETURN_POINTER(flows);
}

Datum xnpv_final(PG_FUNCTION_ARGS) {
    auto *flows = state_argument<DatedFlows>(fcinfo);
    if (flows == nullptr || flows->count == 0) {
        PG_RETURN_NULL();
    }
    PG_RETURN_FLOAT8(uncancelled(net_present_value(flows->rate, timed(*flows), stop_asked)));
}

Datum dated_flows_combine(PG_FUNCTION_ARGS) {
    if (PG_ARGISNULL(1)) {
        if (PG_ARGISNULL(0)) {
            PG_RETURN_NULL();
        }
        PG_RETURN_DATUM(PG_GETARG_DATUM(0));
    }
    auto *flows = state_or_new<DatedFlows>(fcinfo);
    const auto *others = reinterpret_cast<const DatedFlows *>(PG_GETARG_POINTER(1));
    if (others->has_rate) {
        take_rate(*flows, others->rate);
    }
    if (others->has_day_count) {
        take_day_count(*flows, others->day_count);
    }
    for (Size i = 0; i < others->count; ++i) {
        end_if_asked(i);
        append(fcinfo, *flows, others->days[i]);
    }
    PG_RETURN_POINTER(flows);
}

Datum dated_flows_serialize(PG_FUNCTION_ARGS) {
    auto *flows = reinterpret_cast<DatedFlows *>(PG_GETARG_POINTER(0));
    merge_days(*flows);
    StringInfoData message;
    pq_begintypsend(&message);
    pq_sendbyte(&message, flows->has_rate ? 1 : 0);
    pq_sendfloat8(&message, flows->rate);
    pq_sendbyte(&message, flows->has_day_count ? 1 : 0);
    pq_sendint32(&message, static_cast<std::uint32_t>(flows->day_count));
    pq_sendint64(&message, flows->count);
    /* The receiver is a process of the same server. */
    pq_sendbytes(&message, reinterpret_cast<const char *>(flows->days),
                 static_cast<int>(flows->count * sizeof(DaySum)));
    PG_RETURN_BYTEA_P(pq_endtypsend(&message));
}

Datum dated_flows_deserialize(PG_FUNCTION_ARGS) {
    (void)aggregate_context(fcinfo);
    StringInfoData message = sent_argument(fcinfo, 0);
    auto *flows = static_cast<DatedFlows *>(palloc0(sizeof(DatedFlows)));
    flows->has_rate = pq_getmsgbyte(&message) != 0;
    flows->rate = pq_getmsgfloat8(&message);
    flows->has_day_count = pq_getmsgbyte(&message) != 0;
    flows->day_count = static_cast<DayCount>(pq_getmsgint(&message, 4));
    flows->count = static_cast<Size>(pq_getmsgint64(&message));
    flows->capacity = flows->count;
    flows->days = allocated<DaySum>(CurrentMemoryContext, flows->count);
    pq_copymsgbytes(&message, reinterpret_cast<char *>(flows->days),
                    static_cast<int>(flows->count * sizeof(DaySum)));
    pq_getmsgend(&message);
    PG_RETURN_POINTER(flows);
}

} // extern "C"
