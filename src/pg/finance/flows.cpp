/*
 * Cash flows as arrays and as rows. The aggregates of dated flows keep one sum for each date, so that the
 * order of the rows does not matter, parallel workers can share the work, and memory follows the number of
 * dates.
 */
#include "core/finance/flows.hpp"

#include <algorithm>
#include <cmath>
#include <span>

#include "core/finance/daycount.hpp"
#include "pg/finance/finance.hpp"

extern "C" {
#include "libpq/pqformat.h"
#include "miscadmin.h"
#include "utils/date.h"
#include "utils/memutils.h"
}

using namespace tradeup;

namespace {

/* Searches until it has an answer or the query is cancelled. */
template <typename Search>
auto searched(const Search &search) {
    for (;;) {
        const auto result = search();
        if (result || result.error().kind != ErrorKind::cancelled) {
            return value_of(result);
        }
        CHECK_FOR_INTERRUPTS();
    }
}

/* The elements of a one-dimensional array without nulls. */
template <typename Element>
struct Elements {
    const Element *at;
    std::size_t count;
};

template <typename Element>
Elements<Element> elements(FunctionCallInfo fcinfo, int argument, Oid type, const char *what) {
    ArrayType *array = PG_GETARG_ARRAYTYPE_P(argument);
    Assert(ARR_ELEMTYPE(array) == type);
    if (ARR_NDIM(array) > 1) {
        ereport(ERROR,
                (errcode(ERRCODE_ARRAY_SUBSCRIPT_ERROR), errmsg("%s must be a one-dimensional array", what),
                 errdetail("It has %d dimensions.", ARR_NDIM(array))));
    }
    if (array_contains_nulls(array)) {
        ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED), errmsg("%s must not contain nulls", what),
                        type == FLOAT8OID ? errhint("Write 0 for a period without a flow.") : 0));
    }
    const int count = ArrayGetNItems(ARR_NDIM(array), ARR_DIMS(array));
    return {reinterpret_cast<const Element *>(ARR_DATA_PTR(array)), static_cast<std::size_t>(count)};
}

std::span<const double> amounts_argument(FunctionCallInfo fcinfo, int argument) {
    const auto [at, count] = elements<double>(fcinfo, argument, FLOAT8OID, "amounts");
    return {at, count};
}

DayCount day_count_argument(FunctionCallInfo fcinfo, int argument) {
    const text *name = PG_GETARG_TEXT_PP(argument);
    return value_of(parse_day_count({VARDATA_ANY(name), VARSIZE_ANY_EXHDR(name)}));
}

void require_finite(DateADT date) {
    if (!is_finite(Date{date})) {
        ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("date must be finite")));
    }
}

/* The state of the aggregates of dated flows. */
struct DatedFlows {
    double rate; // of xnpv
    bool has_rate;
    DayCount day_count;
    bool has_day_count;
    Size count;
    Size capacity;
    DaySum *days;
};

constexpr Size kFirstCapacity = 16;
constexpr Size kMostBytes = Size{1} << 30;

/* The state of the aggregates of flows in periods. */
struct PeriodicFlows {
    double rate; // of npv
    bool has_rate;
    Size count;
    Size capacity;
    double *amounts;
};

template <typename State>
State *new_state(FunctionCallInfo fcinfo) {
    MemoryContext context = nullptr;
    if (AggCheckCallContext(fcinfo, &context) == 0) {
        ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                        errmsg("aggregate function called in non-aggregate context"),
                        errhint("Call the aggregate.")));
    }
    if (!PG_ARGISNULL(0)) {
        return reinterpret_cast<State *>(PG_GETARG_POINTER(0));
    }
    return static_cast<State *>(MemoryContextAllocZero(context, sizeof(State)));
}

/* Makes room for one more element of an aggregate's array, which lives as long as its state. */
template <typename Element>
void make_room(FunctionCallInfo fcinfo, Element *&array, Size count, Size &capacity) {
    if (count < capacity) {
        return;
    }
    const Size wanted = capacity == 0 ? kFirstCapacity : 2 * capacity;
    if (wanted * sizeof(Element) > kMostBytes) {
        ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED), errmsg("too many flows in one group"),
                        errdetail("A group holds at most %zu.", capacity),
                        errhint("Sum the flows by period or by month first.")));
    }
    if (array == nullptr) {
        MemoryContext context = nullptr;
        (void)AggCheckCallContext(fcinfo, &context);
        array = static_cast<Element *>(MemoryContextAllocHuge(context, wanted * sizeof(Element)));
    } else {
        array = static_cast<Element *>(repalloc_huge(array, wanted * sizeof(Element)));
    }
    capacity = wanted;
}

/* Sorts the days and makes one sum of each. */
void merge_days(DatedFlows &flows) {
    const auto before = [](const DaySum &a, const DaySum &b) { return a.day < b.day; };
    if (!std::is_sorted(flows.days, flows.days + flows.count, before)) {
        std::sort(flows.days, flows.days + flows.count, before);
    }
    Size kept = 0;
    for (Size i = 1; i < flows.count; ++i) {
        if (flows.days[i].day == flows.days[kept].day) {
            flows.days[kept].add(flows.days[i]);
        } else {
            flows.days[++kept] = flows.days[i];
        }
    }
    flows.count = flows.count == 0 ? 0 : kept + 1;
}

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

/* The flows with their times in years from the earliest date. */
std::span<const Flow> timed(DatedFlows &flows) {
    merge_days(flows);
    /* A long double wants more alignment than the server's allocator gives. */
    const Size room = flows.count * sizeof(Flow) + alignof(Flow);
    auto *timed = reinterpret_cast<Flow *>(
        TYPEALIGN(alignof(Flow), MemoryContextAllocHuge(CurrentMemoryContext, room)));
    for (Size i = 0; i < flows.count; ++i) {
        const YearFraction years =
            exact_year_fraction(flows.day_count, Date{flows.days[0].day}, Date{flows.days[i].day});
        timed[i] = {value_of(flows.days[i].total()),
                    static_cast<Wide>(years.numerator) / static_cast<Wide>(years.denominator)};
    }
    return {timed, flows.count};
}

/* Flows from the two arrays of an array function. */
DatedFlows dated_arguments(FunctionCallInfo fcinfo, int first) {
    const auto amounts = amounts_argument(fcinfo, first);
    const auto [dates, count] = elements<DateADT>(fcinfo, first + 1, DATEOID, "dates");
    if (count != amounts.size()) {
        ereport(ERROR, (errcode(ERRCODE_ARRAY_SUBSCRIPT_ERROR),
                        errmsg("amounts and dates must have the same length"),
                        errdetail("There are %zu amounts and %zu dates.", amounts.size(), count)));
    }
    DatedFlows flows{};
    flows.day_count = day_count_argument(fcinfo, first + 2);
    flows.days = static_cast<DaySum *>(
        MemoryContextAllocHuge(CurrentMemoryContext, std::max<Size>(count, 1) * sizeof(DaySum)));
    for (std::size_t i = 0; i < count; ++i) {
        require_finite(dates[i]);
        flows.days[flows.count++] = DaySum::of(amounts[i], dates[i]);
    }
    return flows;
}

/* The state of an aggregate at its end, or nullptr when it saw no row. */
template <typename State>
State *final_state(FunctionCallInfo fcinfo) {
    return PG_ARGISNULL(0) ? nullptr : reinterpret_cast<State *>(PG_GETARG_POINTER(0));
}

/* The rate must be one for a whole group: a rate of its own in each row has no meaning. */
template <typename State>
void take_rate(State &state, double rate) {
    if (!std::isfinite(rate)) {
        report(not_finite("rate", rate));
    }
    if (state.has_rate && state.rate != rate) {
        ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                        errmsg("rate must be the same in all rows of a group"),
                        errdetail("It is %g and %g.", state.rate, rate), errhint("Group by the rate.")));
    }
    state.rate = rate;
    state.has_rate = true;
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

double finite_amount(double amount) {
    if (!std::isfinite(amount)) {
        report(not_finite("amount", amount));
    }
    return amount;
}

/*
 * One row of dated flows: the amount at `at`, the date after it, then a day count if the aggregate has one.
 * Rows without amount or date are passed over, as other aggregates pass over nulls.
 */
DatedFlows *dated_row(FunctionCallInfo fcinfo, int at) {
    auto *flows = new_state<DatedFlows>(fcinfo);
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

PG_FUNCTION_INFO_V1(npv_array);
PG_FUNCTION_INFO_V1(irr_array);
PG_FUNCTION_INFO_V1(irr_all);
PG_FUNCTION_INFO_V1(mirr);
PG_FUNCTION_INFO_V1(xnpv_array);
PG_FUNCTION_INFO_V1(xirr_array);
PG_FUNCTION_INFO_V1(xirr_all);
PG_FUNCTION_INFO_V1(irr_step);
PG_FUNCTION_INFO_V1(irr_final);
PG_FUNCTION_INFO_V1(npv_step);
PG_FUNCTION_INFO_V1(npv_final);
PG_FUNCTION_INFO_V1(xirr_step);
PG_FUNCTION_INFO_V1(xirr_final);
PG_FUNCTION_INFO_V1(xnpv_step);
PG_FUNCTION_INFO_V1(xnpv_final);
PG_FUNCTION_INFO_V1(dated_flows_combine);
PG_FUNCTION_INFO_V1(dated_flows_serialize);
PG_FUNCTION_INFO_V1(dated_flows_deserialize);
PG_FUNCTION_INFO_V1(year_fraction_of_dates);

Datum npv_array(PG_FUNCTION_ARGS) {
    PG_RETURN_FLOAT8(
        value_of(net_present_value(PG_GETARG_FLOAT8(0), amounts_argument(fcinfo, 1), PG_GETARG_INT32(2))));
}

Datum irr_array(PG_FUNCTION_ARGS) {
    const std::span<const double> amounts = amounts_argument(fcinfo, 0);
    return answer(fcinfo, searched([&] { return rate_of_return(amounts, stop_asked); }));
}

Datum irr_all(PG_FUNCTION_ARGS) {
    const std::span<const double> amounts = amounts_argument(fcinfo, 0);
    return array_of(searched([&] { return rates_of_return(amounts, stop_asked); }));
}

Datum mirr(PG_FUNCTION_ARGS) {
    return answer(fcinfo, value_of(modified_rate(amounts_argument(fcinfo, 0), PG_GETARG_FLOAT8(1),
                                                 PG_GETARG_FLOAT8(2))));
}

Datum xnpv_array(PG_FUNCTION_ARGS) {
    DatedFlows flows = dated_arguments(fcinfo, 1);
    PG_RETURN_FLOAT8(value_of(net_present_value(PG_GETARG_FLOAT8(0), timed(flows))));
}

Datum xirr_array(PG_FUNCTION_ARGS) {
    DatedFlows flows = dated_arguments(fcinfo, 0);
    const std::span<const Flow> series = timed(flows);
    return answer(fcinfo, searched([&] { return rate_of_return(series, stop_asked); }));
}

Datum xirr_all(PG_FUNCTION_ARGS) {
    DatedFlows flows = dated_arguments(fcinfo, 0);
    const std::span<const Flow> series = timed(flows);
    return array_of(searched([&] { return rates_of_return(series, stop_asked); }));
}

/* A missing amount would move all later ones by a period, so it is an error here. */
Datum irr_step(PG_FUNCTION_ARGS) {
    auto *flows = new_state<PeriodicFlows>(fcinfo);
    const int at = PG_NARGS() - 1;
    if (PG_ARGISNULL(at)) {
        ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED), errmsg("amount must not be null"),
                        errhint("Write 0 for a period without a flow: coalesce(amount, 0).")));
    }
    make_room(fcinfo, flows->amounts, flows->count, flows->capacity);
    flows->amounts[flows->count++] = finite_amount(PG_GETARG_FLOAT8(at));
    PG_RETURN_POINTER(flows);
}

Datum irr_final(PG_FUNCTION_ARGS) {
    const auto *flows = final_state<PeriodicFlows>(fcinfo);
    if (flows == nullptr) {
        PG_RETURN_NULL();
    }
    return answer(fcinfo, searched([&] {
                      return rate_of_return(std::span<const double>(flows->amounts, flows->count),
                                            stop_asked);
                  }));
}

Datum npv_step(PG_FUNCTION_ARGS) {
    if (PG_ARGISNULL(1)) {
        ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED), errmsg("rate must not be null")));
    }
    auto *flows = reinterpret_cast<PeriodicFlows *>(DatumGetPointer(irr_step(fcinfo)));
    take_rate(*flows, PG_GETARG_FLOAT8(1));
    PG_RETURN_POINTER(flows);
}

Datum npv_final(PG_FUNCTION_ARGS) {
    const auto *flows = final_state<PeriodicFlows>(fcinfo);
    if (flows == nullptr) {
        PG_RETURN_NULL();
    }
    PG_RETURN_FLOAT8(
        value_of(net_present_value(flows->rate, std::span<const double>(flows->amounts, flows->count), 0)));
}

Datum xirr_step(PG_FUNCTION_ARGS) {
    PG_RETURN_POINTER(dated_row(fcinfo, 1));
}

Datum xirr_final(PG_FUNCTION_ARGS) {
    auto *flows = final_state<DatedFlows>(fcinfo);
    if (flows == nullptr || flows->count == 0) {
        PG_RETURN_NULL();
    }
    const std::span<const Flow> series = timed(*flows);
    return answer(fcinfo, searched([&] { return rate_of_return(series, stop_asked); }));
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
    auto *flows = final_state<DatedFlows>(fcinfo);
    if (flows == nullptr || flows->count == 0) {
        PG_RETURN_NULL();
    }
    PG_RETURN_FLOAT8(value_of(net_present_value(flows->rate, timed(*flows))));
}

Datum dated_flows_combine(PG_FUNCTION_ARGS) {
    if (PG_ARGISNULL(1)) {
        if (PG_ARGISNULL(0)) {
            PG_RETURN_NULL();
        }
        PG_RETURN_DATUM(PG_GETARG_DATUM(0));
    }
    auto *flows = new_state<DatedFlows>(fcinfo);
    const auto *others = reinterpret_cast<const DatedFlows *>(PG_GETARG_POINTER(1));
    if (others->has_rate) {
        take_rate(*flows, others->rate);
    }
    if (others->has_day_count) {
        take_day_count(*flows, others->day_count);
    }
    for (Size i = 0; i < others->count; ++i) {
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
    if (AggCheckCallContext(fcinfo, nullptr) == 0) {
        ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                        errmsg("aggregate function called in non-aggregate context"),
                        errhint("Call the aggregate.")));
    }
    const bytea *sent = PG_GETARG_BYTEA_PP(0);
    StringInfoData message;
    initStringInfo(&message);
    appendBinaryStringInfo(&message, VARDATA_ANY(sent), static_cast<int>(VARSIZE_ANY_EXHDR(sent)));
    auto *flows = static_cast<DatedFlows *>(palloc0(sizeof(DatedFlows)));
    flows->has_rate = pq_getmsgbyte(&message) != 0;
    flows->rate = pq_getmsgfloat8(&message);
    flows->has_day_count = pq_getmsgbyte(&message) != 0;
    flows->day_count = static_cast<DayCount>(pq_getmsgint(&message, 4));
    flows->count = static_cast<Size>(pq_getmsgint64(&message));
    flows->capacity = flows->count;
    flows->days = static_cast<DaySum *>(
        MemoryContextAllocHuge(CurrentMemoryContext, std::max<Size>(flows->count, 1) * sizeof(DaySum)));
    pq_copymsgbytes(&message, reinterpret_cast<char *>(flows->days),
                    static_cast<int>(flows->count * sizeof(DaySum)));
    pq_getmsgend(&message);
    PG_RETURN_POINTER(flows);
}

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
