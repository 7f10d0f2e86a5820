/*
 * The aggregate reliability: predictions counted in equal bins of p.
 */
#include "core/leads/reliability.hpp"

#include <cstring>

#include "pg/leads/judged.hpp"

using namespace tradeup;

namespace {

constexpr std::int32_t kUsualBins = 10;

/* The bins of a group lie behind it. */
struct alignas(ReliabilityBin) Reliability {
    std::int64_t bins;
    ReliabilityBin *first() { return reinterpret_cast<ReliabilityBin *>(this + 1); }
    std::span<ReliabilityBin> all() { return {first(), static_cast<std::size_t>(bins)}; }
};

constexpr Size size_of(std::size_t bins) {
    return sizeof(Reliability) + bins * sizeof(ReliabilityBin);
}

Reliability *new_reliability(MemoryContext context, std::size_t bins) {
    auto *state = reinterpret_cast<Reliability *>(
        allocated<ReliabilityBin>(context, size_of(bins) / sizeof(ReliabilityBin) + 1));
    std::memset(static_cast<void *>(state), 0, size_of(bins));
    state->bins = static_cast<std::int64_t>(bins);
    return state;
}

void require_same(const Reliability *state, std::int64_t bins) {
    if (state->bins != bins) {
        ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                        errmsg("bins must be the same in all rows of a group"),
                        errdetail("They are %lld and %lld.", static_cast<long long>(state->bins),
                                  static_cast<long long>(bins))));
    }
}

std::int32_t bins_argument(FunctionCallInfo fcinfo, int argument) {
    if (PG_NARGS() <= argument) {
        return kUsualBins;
    }
    if (PG_ARGISNULL(argument)) {
        ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED), errmsg("bins must not be null")));
    }
    const std::int32_t bins = PG_GETARG_INT32(argument);
    if (bins < 1 || bins > kMostBins) {
        ereport(ERROR,
                (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("bins must be between 1 and %d", kMostBins),
                 errdetail("They are %d.", static_cast<int>(bins))));
    }
    return bins;
}

} // namespace

extern "C" {

PG_FUNCTION_INFO_V1(reliability_step);
PG_FUNCTION_INFO_V1(reliability_final);
PG_FUNCTION_INFO_V1(reliability_combine);
PG_FUNCTION_INFO_V1(reliability_serialize);
PG_FUNCTION_INFO_V1(reliability_deserialize);

/* reliability_step(state, p, failed [, bins]): rows without p or an outcome are left out. */
Datum reliability_step(PG_FUNCTION_ARGS) {
    auto *state = state_argument<Reliability>(fcinfo);
    const std::int32_t bins = bins_argument(fcinfo, 3);
    if (state == nullptr) [[unlikely]] {
        state = new_reliability(aggregate_context(fcinfo), static_cast<std::size_t>(bins));
    }
    require_same(state, bins);
    if (!PG_ARGISNULL(1) && !PG_ARGISNULL(2)) {
        const Judged row(probability_argument(fcinfo, 1, "p"), PG_GETARG_BOOL(2));
        count_in_bins(state->all(), {&row, 1});
    }
    PG_RETURN_POINTER(state);
}

/* The bins that have rows. */
Datum reliability_final(PG_FUNCTION_ARGS) {
    auto *state = state_argument<Reliability>(fcinfo);
    if (state == nullptr) {
        PG_RETURN_NULL();
    }
    const std::span<ReliabilityBin> bins = state->all();
    RowArray rows(fcinfo, bins.size());
    for (std::size_t i = 0; i < bins.size(); ++i) {
        if (bins[i].rows == 0) {
            continue;
        }
        const BinFigures figures = value_of(bin_figures(i, bins.size(), bins[i]));
        Datum values[] = {Float8GetDatum(figures.from),   Float8GetDatum(figures.to),
                          Int64GetDatum(bins[i].rows),    Int64GetDatum(bins[i].failures),
                          Float8GetDatum(figures.mean_p), Float8GetDatum(figures.observed_rate),
                          Float8GetDatum(figures.low),    Float8GetDatum(figures.high)};
        rows.put(values);
    }
    return rows.array();
}

Datum reliability_combine(PG_FUNCTION_ARGS) {
    auto *others = PG_ARGISNULL(1) ? nullptr : reinterpret_cast<Reliability *>(PG_GETARG_POINTER(1));
    auto *state = state_argument<Reliability>(fcinfo);
    if (others == nullptr) {
        if (state == nullptr) {
            PG_RETURN_NULL();
        }
        PG_RETURN_POINTER(state);
    }
    if (state == nullptr) {
        state = new_reliability(aggregate_context(fcinfo), static_cast<std::size_t>(others->bins));
    }
    require_same(state, others->bins);
    for (std::size_t i = 0; i < state->all().size(); ++i) {
        ReliabilityBin &bin = state->all()[i];
        const ReliabilityBin &added = others->all()[i];
        bin.rows += added.rows;
        bin.failures += added.failures;
        bin.p.add(added.p);
    }
    PG_RETURN_POINTER(state);
}

/* The receiver is a process of the same server, so the state goes as it is. */
Datum reliability_serialize(PG_FUNCTION_ARGS) {
    (void)aggregate_context(fcinfo);
    auto *state = reinterpret_cast<Reliability *>(PG_GETARG_POINTER(0));
    const Size size = size_of(state->all().size());
    auto *sent = static_cast<bytea *>(palloc(VARHDRSZ + size));
    SET_VARSIZE(sent, VARHDRSZ + size);
    std::memcpy(VARDATA(sent), state, size);
    PG_RETURN_BYTEA_P(sent);
}

Datum reliability_deserialize(PG_FUNCTION_ARGS) {
    (void)aggregate_context(fcinfo);
    const bytea *sent = PG_GETARG_BYTEA_PP(0);
    const Size size = VARSIZE_ANY_EXHDR(sent);
    Reliability *state =
        new_reliability(CurrentMemoryContext, (size - sizeof(Reliability)) / sizeof(ReliabilityBin));
    std::memcpy(static_cast<void *>(state), VARDATA_ANY(sent), size);
    PG_RETURN_POINTER(state);
}

} // extern "C"
