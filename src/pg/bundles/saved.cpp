/*
 * What is done to each bundle that is saved: its variants in order, and another number where it is changed.
 * In C, because the same in SQL and PL/pgSQL takes as long as all else that is done to the row.
 */
#include "core/base/sort.hpp"

#include "pg/glue/array.hpp"
#include "pg/glue/interrupt.hpp"

extern "C" {
#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "commands/sequence.h"
#include "commands/trigger.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "nodes/makefuncs.h"
#include "utils/rel.h"
#include "utils/timestamp.h"
}

using namespace tradeup;

namespace {

/* What the trigger writes. */
struct WrittenColumn {
    const char *name;
    Oid type;
};
constexpr WrittenColumn kWritten[] = {
    {"bundle_id", INT8OID}, {"saved_by", TEXTOID}, {"saved_at", TIMESTAMPTZOID}};

/* The places of the columns; false where the table is another one. */
bool find_columns(TupleDesc row, int (&places)[lengthof(kWritten)]) {
    for (std::size_t i = 0; i < lengthof(kWritten); ++i) {
        places[i] = SPI_fnumber(row, kWritten[i].name);
        if (places[i] <= 0 || SPI_gettypeid(row, places[i]) != kWritten[i].type) {
            return false;
        }
    }
    return true;
}

/* A variant of a list, or none, which stands behind all. */
struct Listed {
    std::string_view words;
    Datum value;
    bool is_null;
};

} // namespace

extern "C" {

PG_FUNCTION_INFO_V1(sorted_variants);
PG_FUNCTION_INFO_V1(number_bundle);

/* sorted_variants(variants): the same in one dimension, by their bytes; nulls last. */
Datum sorted_variants(PG_FUNCTION_ARGS) {
    const Elements given = PG_ARGISNULL(0) ? Elements{} : elements_of(PG_GETARG_DATUM(0));
    auto *list = static_cast<Listed *>(
        palloc_extended(sizeof(Listed) * static_cast<Size>(given.count + 1), MCXT_ALLOC_HUGE));
    for (int i = 0; i < given.count; ++i) {
        list[i] = {given.nulls[i] ? "" : view_of(given.values[i]), given.values[i], given.nulls[i]};
    }
    const auto before = [](const Listed &a, const Listed &b) {
        return a.is_null != b.is_null ? b.is_null : a.words < b.words;
    };
    (void)uncancelled(
        sort_elements(std::span(list, static_cast<std::size_t>(given.count)), before, stop_asked));
    for (int i = 0; i < given.count; ++i) {
        given.values[i] = list[i].value;
        given.nulls[i] = list[i].is_null;
    }
    int dimensions[] = {given.count};
    int bounds[] = {1};
    PG_RETURN_ARRAYTYPE_P(construct_md_array(given.values, given.nulls, 1, dimensions, bounds, TEXTOID, -1,
                                             false, TYPALIGN_INT));
}

/* number_bundle(): a trigger before updates of tradeup_bundles.bundle. */
Datum number_bundle(PG_FUNCTION_ARGS) {
    const auto *trigger = reinterpret_cast<TriggerData *>(fcinfo->context);
    int places[lengthof(kWritten)];
    if (!CALLED_AS_TRIGGER(fcinfo) || !TRIGGER_FIRED_BY_UPDATE(trigger->tg_event) ||
        !TRIGGER_FIRED_BEFORE(trigger->tg_event) || !TRIGGER_FIRED_FOR_ROW(trigger->tg_event) ||
        !find_columns(trigger->tg_relation->rd_att, places)) {
        ereport(ERROR, (errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
                        errmsg("number_bundle must be a trigger before updates of each row"),
                        errdetail("The table must have the columns bundle_id, saved_by and saved_at."),
                        errhint("Save bundles with save_bundles, which writes tradeup_bundles.bundle.")));
    }
    char schema[] = "tradeup_bundles";
    char sequence[] = "bundle_bundle_id_seq";
    const RangeVar *numbers = makeRangeVar(schema, sequence, -1);
    Datum values[] = {Int64GetDatum(nextval_internal(RangeVarGetRelid(numbers, NoLock, false), true)),
                      CStringGetTextDatum(GetUserNameFromId(GetUserId(), false)),
                      TimestampTzGetDatum(GetCurrentTimestamp())};
    bool nulls[lengthof(kWritten)] = {};
    return PointerGetDatum(heap_modify_tuple_by_cols(trigger->tg_newtuple, trigger->tg_relation->rd_att,
                                                     lengthof(kWritten), places, values, nulls));
}

} // extern "C"
