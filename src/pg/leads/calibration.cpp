/*
 * The aggregate calibration. A group keeps its first rows; when they are more than a few it sums them, so
 * that it takes no more memory however many follow, and parallel workers send sums.
 */
#include "core/leads/calibration.hpp"

#include <cstring>

#include "pg/glue/rows.hpp"
#include "pg/leads/judged.hpp"

extern "C" {
#include "libpq/pqformat.h"
}

using namespace tradeup;

namespace {

struct Calibration {
    MemoryContext context;
    std::int64_t rows;
    std::int64_t censored;
    CalibrationTotals *totals; // of rows that are not kept; nullptr while there are few
    Kept<Judged> kept;
};

Calibration *new_calibration(MemoryContext context) {
    auto *state = static_cast<Calibration *>(MemoryContextAllocZero(context, sizeof(Calibration)));
    state->context = context;
    return state;
}

Calibration *calibration_or_new(FunctionCallInfo fcinfo) {
    auto *state = state_argument<Calibration>(fcinfo);
    return state != nullptr ? state : new_calibration(aggregate_context(fcinfo));
}

/* Without a jump, because the core calls it. */
CalibrationCell *new_cells(void *where) noexcept {
    constexpr Size kBytes = kCellsPerUnit * sizeof(CalibrationCell) + alignof(CalibrationCell);
    void *room = MemoryContextAllocExtended(static_cast<MemoryContext>(where), kBytes,
                                            MCXT_ALLOC_NO_OOM | MCXT_ALLOC_ZERO);
    return aligned<CalibrationCell>(room);
}

CalibrationTotals *new_totals(MemoryContext context) {
    auto *totals = allocated<CalibrationTotals>(context, 1);
    clear(*totals);
    return totals;
}

/* Takes rows that are kept into the totals. */
void fold(Calibration *state) {
    if (state->totals == nullptr) {
        state->totals = new_totals(state->context);
    }
    (void)value_of(add_rows(*state->totals, state->kept.all(), new_cells, state->context));
    state->kept.count = 0;
}

[[noreturn]] void certain_and_wrong(std::int64_t row, double p) {
    ereport(ERROR,
            (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("a prediction that was certain came out wrong"),
             errdetail("Row %lld of its group has p = %g and %s.", static_cast<long long>(row), p,
                       p == 0 ? "failed" : "did not fail"),
             errhint("Its log loss is infinite. Leave such rows out: WHERE p > 0 AND p < 1.")));
    pg_unreachable();
}

/* Raw memory of a state as it is sent. */
void send(StringInfo message, const void *from, Size size) {
    appendBinaryStringInfo(message, static_cast<const char *>(from), static_cast<int>(size));
}

template <typename Part>
void receive(const char *&from, Part *to, std::size_t count = 1) {
    std::memcpy(static_cast<void *>(to), from, count * sizeof(Part));
    from += count * sizeof(Part);
}

Datum number(std::optional<double> value, bool &null) {
    null = !value;
    return value ? Float8GetDatum(*value) : Datum{0};
}

Datum number(const std::optional<LogisticLine> &line, Wide LogisticLine::*figure, bool &null) {
    return number(line ? std::optional(static_cast<double>((*line).*figure)) : std::nullopt, null);
}

} // namespace

extern "C" {

PG_FUNCTION_INFO_V1(calibration_step);
PG_FUNCTION_INFO_V1(calibration_final);
PG_FUNCTION_INFO_V1(calibration_combine);
PG_FUNCTION_INFO_V1(calibration_serialize);
PG_FUNCTION_INFO_V1(calibration_deserialize);

/* calibration_step(state, p, failed): rows without p are left out, those without an outcome are counted. */
Datum calibration_step(PG_FUNCTION_ARGS) {
    Calibration *state = calibration_or_new(fcinfo);
    if (PG_ARGISNULL(1) || PG_ARGISNULL(2)) [[unlikely]] {
        state->censored += PG_ARGISNULL(1) ? 0 : 1;
        PG_RETURN_POINTER(state);
    }
    const double p = probability_argument(fcinfo, 1, "p");
    const bool failed = PG_GETARG_BOOL(2);
    ++state->rows;
    if (p == (failed ? 0 : 1)) [[unlikely]] {
        certain_and_wrong(state->rows, p);
    }
    if (state->kept.count == kFewRows) [[unlikely]] {
        fold(state);
    }
    state->kept.put(state->context, Judged(p, failed));
    PG_RETURN_POINTER(state);
}

Datum calibration_final(PG_FUNCTION_ARGS) {
    auto *state = state_argument<Calibration>(fcinfo);
    if (state == nullptr || (state->rows == 0 && state->censored == 0)) {
        PG_RETURN_NULL();
    }
    constexpr int kColumns = 19;
    Datum values[kColumns] = {};
    bool nulls[kColumns];
    std::fill_n(nulls, kColumns, true);
    values[2] = Int64GetDatum(state->censored);
    nulls[0] = nulls[1] = nulls[2] = false;
    if (state->rows > 0) {
        if (state->totals != nullptr) {
            fold(state);
        }
        const CalibrationFigures figures =
            value_of(state->totals != nullptr ? calibration(*state->totals) : calibration(state->kept.all()));
        values[0] = Int64GetDatum(figures.rows);
        values[1] = Int64GetDatum(figures.failures);
        const std::optional<double> numbers[] = {
            figures.mean_p,         figures.observed_rate, figures.brier,          figures.reliability,
            figures.resolution,     figures.uncertainty,   figures.within_bin,     figures.brier_skill,
            figures.expected_error, figures.log_loss,      figures.spiegelhalter_z};
        int column = 3;
        for (const auto &value : numbers) {
            values[column] = number(value, nulls[column]);
            ++column;
        }
        for (const auto figure : {&LogisticLine::intercept, &LogisticLine::slope,
                                  &LogisticLine::intercept_error, &LogisticLine::slope_error}) {
            values[column] = number(figures.line, figure, nulls[column]);
            ++column;
        }
        values[column] = number(figures.in_the_large, nulls[column]);
    }
    return one_row(fcinfo, values, nulls);
}

Datum calibration_combine(PG_FUNCTION_ARGS) {
    const auto *others =
        PG_ARGISNULL(1) ? nullptr : reinterpret_cast<const Calibration *>(PG_GETARG_POINTER(1));
    if (others == nullptr && PG_ARGISNULL(0)) {
        PG_RETURN_NULL();
    }
    Calibration *state = calibration_or_new(fcinfo);
    if (others == nullptr) {
        PG_RETURN_POINTER(state);
    }
    state->rows += others->rows;
    state->censored += others->censored;
    if (state->totals == nullptr && others->totals == nullptr &&
        static_cast<std::size_t>(state->rows) <= kFewRows) {
        state->kept.put_all(state->context, others->kept.all());
        PG_RETURN_POINTER(state);
    }
    fold(state);
    if (others->totals != nullptr) {
        (void)value_of(add_totals(*state->totals, *others->totals, new_cells, state->context));
    }
    (void)value_of(add_rows(*state->totals, others->kept.all(), new_cells, state->context));
    PG_RETURN_POINTER(state);
}

/* The receiver is a process of the same server, so numbers go as they are; of the cells those that are there,
 * each block behind its unit. */
Datum calibration_serialize(PG_FUNCTION_ARGS) {
    (void)aggregate_context(fcinfo);
    auto *state = reinterpret_cast<Calibration *>(PG_GETARG_POINTER(0));
    if (state->totals != nullptr) {
        fold(state);
    }
    StringInfoData message;
    pq_begintypsend(&message);
    send(&message, state, sizeof *state);
    if (state->kept.count > 0) {
        send(&message, state->kept.elements, state->kept.count * sizeof(Judged));
    }
    if (state->totals != nullptr) {
        send(&message, &state->totals->sums, sizeof state->totals->sums);
        for (std::int32_t unit = 0; unit < kUnits; ++unit) {
            if (state->totals->cells[unit] != nullptr) {
                send(&message, &unit, sizeof unit);
                send(&message, state->totals->cells[unit], kCellsPerUnit * sizeof(CalibrationCell));
            }
        }
    }
    PG_RETURN_BYTEA_P(pq_endtypsend(&message));
}

Datum calibration_deserialize(PG_FUNCTION_ARGS) {
    (void)aggregate_context(fcinfo);
    const bytea *sent = PG_GETARG_BYTEA_PP(0);
    const char *from = VARDATA_ANY(sent);
    const char *const end = from + VARSIZE_ANY_EXHDR(sent);
    Calibration *state = new_calibration(CurrentMemoryContext);
    Calibration other;
    receive(from, &other);
    state->rows = other.rows;
    state->censored = other.censored;
    state->kept.take(state->context, from, other.kept.count);
    from += other.kept.count * sizeof(Judged);
    if (other.totals != nullptr) {
        state->totals = new_totals(state->context);
        receive(from, &state->totals->sums);
        while (from < end) {
            std::int32_t unit = 0;
            receive(from, &unit);
            CalibrationCell *cells = new_cells(state->context);
            if (cells == nullptr) {
                ereport(ERROR, (errcode(ERRCODE_OUT_OF_MEMORY), errmsg("out of memory")));
            }
            receive(from, cells, kCellsPerUnit);
            state->totals->cells[unit] = cells;
        }
    }
    PG_RETURN_POINTER(state);
}

} // extern "C"
