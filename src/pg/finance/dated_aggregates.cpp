/*
 * Aggregates of dated flows: xirr and xnpv. They keep one sum for each date, so that the order of the rows
 * does not matter, parallel workers can share the work, and memory follows the number of dates.
 */
#include "pg/finance/dated_flows.hpp"

#include <cstring>

#include "pg/finance/flow_aggregates.hpp"
#include "pg/glue/interrupt.hpp"

extern "C" {
#include "libpq/pqformat.h"
}

using namespace tradeup;

namespace {

/* What a group takes at first: 30 flows. */
constexpr Size kFirstBytes = 512;

Size bytes_of(const DatedFlows &flows) {
    return flows.count * (flows.summed ? sizeof(DaySum) : sizeof(DayAmount));
}

std::size_t capacity_of(Size bytes, bool summed) {
    return (bytes - sizeof(DatedFlows)) / (summed ? sizeof(DaySum) : sizeof(DayAmount));
}

DatedFlows *flows_or_new(FunctionCallInfo fcinfo) {
    if (!PG_ARGISNULL(0)) [[likely]] {
        return state_argument<DatedFlows>(fcinfo);
    }
    return new_flows(aggregate_context(fcinfo), capacity_of(kFirstBytes, false), false);
}

/* Makes room where there is none, twice as much. The flows move. */
DatedFlows *grown(DatedFlows *flows) {
    const Size element = flows->summed ? sizeof(DaySum) : sizeof(DayAmount);
    const Size elements = 2 * Size{flows->capacity};
    if (elements * element > kMostBytes) {
        too_many_flows(flows->capacity);
    }
    flows = static_cast<DatedFlows *>(repalloc_huge(flows, sizeof(DatedFlows) + elements * element));
    flows->capacity = static_cast<std::uint32_t>(elements);
    return flows;
}

void put_sum(DatedFlows &flows, const DaySum &sum) {
    DaySum *sums = flows.sums();
    if (flows.count > 0 && sums[flows.count - 1].day == sum.day) {
        sums[flows.count - 1].add(sum);
    } else {
        sums[flows.count++] = sum;
    }
}

/* From amounts to sums of their days, in order, in a block of its own. */
DatedFlows *summed(FunctionCallInfo fcinfo, DatedFlows *flows) {
    sort_flows(*flows); // so that no day comes twice, and the sums are not more than the amounts
    const DayAmount *amounts = flows->amounts();
    DatedFlows *result = new_flows(aggregate_context(fcinfo), Max(flows->count, flows->capacity / 2), true);
    result->rate = flows->rate;
    result->has_rate = flows->has_rate;
    result->day_count = flows->day_count;
    result->has_day_count = flows->has_day_count;
    for (std::uint32_t i = 0; i < flows->count; ++i) {
        end_if_asked(i);
        put_sum(*result, DaySum::of(amounts[i].amount, amounts[i].day));
    }
    pfree(flows);
    return result;
}

/*
 * Makes room where there is none. Flows are summed by day, and the sums merged, where that halves them;
 * merging for less would cost more than the memory it saves.
 */
DatedFlows *with_room(FunctionCallInfo fcinfo, DatedFlows *flows) {
    if (flows->summed) {
        sort_flows(*flows);
        return flows->count > flows->capacity / 2 ? grown(flows) : flows;
    }
    sort_flows(*flows);
    return flows->ascending || days_of(*flows) > flows->count / 2 ? grown(flows) : summed(fcinfo, flows);
}

DatedFlows *append(FunctionCallInfo fcinfo, DatedFlows *flows, double amount, DateADT day) {
    if (flows->count == flows->capacity) [[unlikely]] {
        flows = with_room(fcinfo, flows);
    }
    if (flows->summed) {
        put_sum(*flows, DaySum::of(amount, day));
    } else {
        put(*flows, amount, day);
    }
    return flows;
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
    DatedFlows *flows = flows_or_new(fcinfo);
    if (PG_NARGS() > at + 2) {
        if (PG_ARGISNULL(at + 2)) {
            ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED), errmsg("day count must not be null"),
                            errhint("Use %s.", kDayCountNames)));
        }
        take_day_count(*flows, day_count_argument(fcinfo, at + 2));
    }
    if (!PG_ARGISNULL(at) && !PG_ARGISNULL(at + 1)) {
        const DateADT date = PG_GETARG_DATEADT(at + 1);
        require_finite(date);
        return append(fcinfo, flows, finite_amount(PG_GETARG_FLOAT8(at)), date);
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
    return answer(fcinfo, rate_of(*flows));
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
    DatedFlows *flows = flows_or_new(fcinfo);
    auto *others = reinterpret_cast<DatedFlows *>(PG_GETARG_POINTER(1));
    if (others->has_rate) {
        take_rate(*flows, others->rate);
    }
    if (others->has_day_count) {
        take_day_count(*flows, others->day_count);
    }
    if (others->summed && !flows->summed) {
        flows = summed(fcinfo, flows);
    }
    for (std::uint32_t i = 0; i < others->count; ++i) {
        end_if_asked(i);
        if (!others->summed) {
            flows = append(fcinfo, flows, others->amounts()[i].amount, others->amounts()[i].day);
            continue;
        }
        if (flows->count == flows->capacity) {
            flows = with_room(fcinfo, flows);
        }
        put_sum(*flows, others->sums()[i]);
    }
    PG_RETURN_POINTER(flows);
}

/* The receiver is a process of the same server, so the state goes as it is. */
Datum dated_flows_serialize(PG_FUNCTION_ARGS) {
    auto *flows = reinterpret_cast<DatedFlows *>(PG_GETARG_POINTER(0));
    if (flows->summed) {
        sort_flows(*flows);
    }
    StringInfoData message;
    pq_begintypsend(&message);
    pq_sendbytes(&message, reinterpret_cast<const char *>(flows),
                 static_cast<int>(sizeof(DatedFlows) + bytes_of(*flows)));
    PG_RETURN_BYTEA_P(pq_endtypsend(&message));
}

Datum dated_flows_deserialize(PG_FUNCTION_ARGS) {
    (void)aggregate_context(fcinfo);
    const bytea *sent = PG_GETARG_BYTEA_PP(0);
    const Size size = VARSIZE_ANY_EXHDR(sent);
    auto *flows = static_cast<DatedFlows *>(MemoryContextAllocHuge(CurrentMemoryContext, size));
    std::memcpy(flows, VARDATA_ANY(sent), size);
    flows->capacity = flows->count;
    PG_RETURN_POINTER(flows);
}

} // extern "C"
