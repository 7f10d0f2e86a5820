/*
 * The aggregates auc and isotonic, which keep all rows of their group.
 */
#include "core/leads/ranking.hpp"

#include <algorithm>
#include <cstring>

#include "pg/glue/interrupt.hpp"
#include "pg/leads/judged.hpp"

using namespace tradeup;

namespace {

/* The rows of argument 0 in the order of p; none where there is no state. */
std::span<Judged> sorted_rows(FunctionCallInfo fcinfo) {
    auto *state = state_argument<KeptState<Judged>>(fcinfo);
    if (state == nullptr) {
        return {};
    }
    const std::span<Judged> rows = state->kept.all();
    (void)uncancelled(sort_judged(rows, stop_asked));
    return rows;
}

} // namespace

extern "C" {

PG_FUNCTION_INFO_V1(judged_step);
PG_FUNCTION_INFO_V1(judged_combine);
PG_FUNCTION_INFO_V1(judged_serialize);
PG_FUNCTION_INFO_V1(judged_deserialize);
PG_FUNCTION_INFO_V1(auc_final);
PG_FUNCTION_INFO_V1(isotonic_final);

/* judged_step(state, p, failed): rows without p or an outcome are left out. */
Datum judged_step(PG_FUNCTION_ARGS) {
    auto *state = kept_state<Judged>(fcinfo);
    if (!PG_ARGISNULL(1) && !PG_ARGISNULL(2)) {
        state->kept.put(state->context, Judged(probability_argument(fcinfo, 1, "p"), PG_GETARG_BOOL(2)));
    }
    PG_RETURN_POINTER(state);
}

Datum judged_combine(PG_FUNCTION_ARGS) {
    return kept_combine<Judged>(fcinfo);
}

Datum judged_serialize(PG_FUNCTION_ARGS) {
    return kept_serialize<Judged>(fcinfo);
}

Datum judged_deserialize(PG_FUNCTION_ARGS) {
    return kept_deserialize<Judged>(fcinfo);
}

Datum auc_final(PG_FUNCTION_ARGS) {
    const Answer area = area_under_curve(sorted_rows(fcinfo));
    if (!area) {
        PG_RETURN_NULL();
    }
    PG_RETURN_FLOAT8(*area);
}

Datum isotonic_final(PG_FUNCTION_ARGS) {
    const std::span<Judged> rows = sorted_rows(fcinfo);
    if (rows.empty()) {
        PG_RETURN_NULL();
    }
    auto *blocks = allocated<IsotonicBlock>(CurrentMemoryContext, rows.size());
    const std::size_t count = isotonic_blocks(rows, blocks);
    RowArray result(fcinfo, count);
    for (const IsotonicBlock &block : std::span(blocks, count)) {
        Datum values[] = {
            Float8GetDatum(block.p_from), Float8GetDatum(block.p_to), Int64GetDatum(block.rows),
            Int64GetDatum(block.failures),
            Float8GetDatum(static_cast<double>(block.failures) / static_cast<double>(block.rows))};
        result.put(values);
    }
    return result.array();
}

} // extern "C"
