/*
 * The aggregate offer_tally, whose state is an array of bigint that anybody may keep, send and add up, and
 * offer_counts, which tells its tiers.
 */
#include <cstring>

#include "core/offers/tally.hpp"

#include "pg/deal/deal.hpp"
#include "pg/glue/aggregate.hpp"
#include "pg/glue/array.hpp"
#include "pg/glue/rows.hpp"

extern "C" {
#include "catalog/pg_type.h"
}

using namespace tradeup;

namespace {

using Deals = std::span<const Deal *const>;

/* The deals of an array, nulls left out. Errors: 22023 where their minor digits differ. */
Deals deals_of(Datum array) {
    const Elements elements = elements_of(array);
    auto *deals = static_cast<const Deal **>(palloc(sizeof(void *) * static_cast<Size>(elements.count + 1)));
    std::size_t count = 0;
    for (int i = 0; i < elements.count; ++i) {
        if (elements.nulls[i]) {
            continue;
        }
        deals[count] = &to_deal(elements.values[i]);
        if (deals[count]->minor_digits != deals[0]->minor_digits) {
            ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                            errmsg("minor digits must be the same for all deals"),
                            errdetail("They are %d and %d.", static_cast<int>(deals[0]->minor_digits),
                                      static_cast<int>(deals[count]->minor_digits))));
        }
        ++count;
    }
    return {deals, count};
}

std::span<std::int64_t> numbers_of(ArrayType *tally) {
    return {reinterpret_cast<std::int64_t *>(ARR_DATA_PTR(tally)),
            static_cast<std::size_t>(ArrayGetNItems(ARR_NDIM(tally), ARR_DIMS(tally)))};
}

/* A tally of deals without a vehicle. */
ArrayType *empty_tally(Deals deals) {
    const std::size_t most = most_edges(deals);
    auto *edges = static_cast<std::int64_t *>(palloc(sizeof(std::int64_t) * (most + 1)));
    const std::size_t size = tally_size(merge_edges(deals, edges));
    const Size bytes = ARR_OVERHEAD_NONULLS(1) + sizeof(std::int64_t) * size;
    auto *tally = static_cast<ArrayType *>(palloc0(bytes));
    SET_VARSIZE(tally, bytes);
    tally->ndim = 1;
    tally->elemtype = INT8OID;
    ARR_DIMS(tally)[0] = static_cast<int>(size);
    ARR_LBOUND(tally)[0] = 1;
    std::memcpy(ARR_DATA_PTR(tally), edges, sizeof(std::int64_t) * (size / 2));
    pfree(edges);
    return tally;
}

/*
 * The deals of the last row, by where they lie and figures of the first of them that differ between any two
 * customers. To compare all of them in every row would take longer than counting it.
 */
struct LastDeals {
    const void *place;
    std::int64_t lowest;
    std::int64_t highest;
    double intercept;
    std::int64_t first_window;
    int size; // of their tally
};

/* The first deal of an array that lies in memory as it is; nullptr for others. */
const Deal *first_in(Datum deals) {
    const auto *array = reinterpret_cast<const ArrayType *>(DatumGetPointer(deals));
    if (VARATT_IS_EXTENDED(array) || ARR_HASNULL(array) ||
        VARSIZE(array) < ARR_OVERHEAD_NONULLS(1) + sizeof(Deal)) {
        return nullptr;
    }
    return reinterpret_cast<const Deal *>(ARR_DATA_PTR(array));
}

LastDeals seen(Datum deals) {
    const Deal *first = first_in(deals);
    if (first == nullptr) {
        return {DatumGetPointer(deals), 0, 0, 0, 0, 0};
    }
    return {DatumGetPointer(deals),
            first->lowest,
            first->highest,
            first->lines[static_cast<std::size_t>(Amount::payment)].intercept,
            first->windows[0].highest,
            0};
}

bool same(const LastDeals &a, const LastDeals &b) {
    return a.place == b.place && a.lowest == b.lowest && a.highest == b.highest &&
           a.first_window == b.first_window && a.intercept == b.intercept;
}

/* Whether a state can be the tally of the deals of the last row: whoever makes an aggregate of her own with
 * this step chooses what its groups begin with. */
bool can_be_theirs(const ArrayType *state, const LastDeals &deals) {
    return !VARATT_IS_EXTENDED(state) && state->ndim == 1 && !ARR_HASNULL(state) &&
           ARR_DIMS(state)[0] == deals.size;
}

void remember(FunctionCallInfo fcinfo, LastDeals deals, const ArrayType *tally) {
    deals.size = ARR_DIMS(tally)[0];
    if (fcinfo->flinfo->fn_extra == nullptr) {
        fcinfo->flinfo->fn_extra = MemoryContextAlloc(fcinfo->flinfo->fn_mcxt, sizeof(LastDeals));
    }
    *static_cast<LastDeals *>(fcinfo->flinfo->fn_extra) = deals;
}

[[noreturn]] void refuse_other_deals() {
    ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                    errmsg("deals must be the same for all rows of a tally"),
                    errhint("Group the rows by whatever the deals depend on.")));
    pg_unreachable();
}

/* Deals whose place or figures are not those of the row before must have the edges of the tally. */
void require_edges(ArrayType *tally, Datum deals) {
    const std::span<const std::int64_t> wanted = numbers_of(empty_tally(deals_of(deals)));
    const std::span<const std::int64_t> found = numbers_of(tally);
    if (wanted.size() != found.size() ||
        std::memcmp(wanted.data(), found.data(), sizeof(std::int64_t) * (found.size() / 2)) != 0) {
        refuse_other_deals();
    }
}

/* A tally that may come from anywhere. */
ArrayType *tally_argument(FunctionCallInfo fcinfo, int argument) {
    return plain_array(PG_GETARG_DATUM(argument), "tally");
}

ArrayType *copied(const ArrayType *tally) {
    return static_cast<ArrayType *>(std::memcpy(palloc(VARSIZE(tally)), tally, VARSIZE(tally)));
}

/*
 * The tally to count into: a new one in the first row, then that of the row before. Only in an aggregate is
 * it ours to write to; any other caller gets a changed copy.
 */
[[gnu::noinline]] ArrayType *tally_of_other_deals(FunctionCallInfo fcinfo, Datum deals) {
    const bool in_aggregate = AggCheckCallContext(fcinfo, nullptr) != 0;
    ArrayType *tally = nullptr;
    if (PG_ARGISNULL(0)) {
        tally = empty_tally(deals_of(deals));
    } else {
        tally = in_aggregate ? tally_argument(fcinfo, 0) : copied(tally_argument(fcinfo, 0));
        require_edges(tally, deals);
    }
    if (in_aggregate) {
        remember(fcinfo, seen(deals), tally);
    }
    return tally;
}

} // namespace

extern "C" {

PG_FUNCTION_INFO_V1(offer_tally_step);
PG_FUNCTION_INFO_V1(offer_tally_combine);
PG_FUNCTION_INFO_V1(tally_counts);

/* offer_tally_step(state, price_minor, deals): rows of which either is null are left out. */
Datum offer_tally_step(PG_FUNCTION_ARGS) {
    if (PG_ARGISNULL(1) || PG_ARGISNULL(2)) {
        if (PG_ARGISNULL(0)) {
            PG_RETURN_NULL();
        }
        PG_RETURN_DATUM(PG_GETARG_DATUM(0));
    }
    const Datum deals = PG_GETARG_DATUM(2);
    const auto *last = static_cast<const LastDeals *>(fcinfo->flinfo->fn_extra);
    const bool as_before = !PG_ARGISNULL(0) && last != nullptr && same(*last, seen(deals)) &&
                           can_be_theirs(reinterpret_cast<const ArrayType *>(PG_GETARG_POINTER(0)), *last);
    ArrayType *tally =
        as_before ? reinterpret_cast<ArrayType *>(PG_GETARG_POINTER(0)) : tally_of_other_deals(fcinfo, deals);
    count_price(reinterpret_cast<std::int64_t *>(ARR_DATA_PTR(tally)),
                static_cast<std::size_t>(ARR_DIMS(tally)[0]), PG_GETARG_INT64(1));
    PG_RETURN_POINTER(tally);
}

Datum offer_tally_combine(PG_FUNCTION_ARGS) {
    if (PG_ARGISNULL(1)) {
        if (PG_ARGISNULL(0)) {
            PG_RETURN_NULL();
        }
        PG_RETURN_DATUM(PG_GETARG_DATUM(0));
    }
    ArrayType *added = tally_argument(fcinfo, 1);
    if (PG_ARGISNULL(0)) {
        PG_RETURN_ARRAYTYPE_P(added);
    }
    ArrayType *tally = copied(tally_argument(fcinfo, 0));
    if (!add_tally(numbers_of(tally), numbers_of(added))) {
        refuse_other_deals();
    }
    PG_RETURN_POINTER(tally);
}

/* offer_counts(tally, deals): tier, rank, offers, vehicles; the last row is no tier's. */
Datum tally_counts(PG_FUNCTION_ARGS) {
    const Deals deals = PG_ARGISNULL(1) ? Deals{} : deals_of(PG_GETARG_DATUM(1));
    const std::span<const std::int64_t> tally =
        numbers_of(PG_ARGISNULL(0) ? empty_tally(deals) : tally_argument(fcinfo, 0));
    const TierRoom room{allocated<TierCount>(CurrentMemoryContext, most_tiers(deals)),
                        allocated<TierStretch>(CurrentMemoryContext, most_edges(deals) / 2),
                        allocated<std::int64_t>(CurrentMemoryContext, tally.size() / 2 + 2)};
    const std::size_t count = value_of(count_tiers(tally, deals, room));
    const RowSink rows = begin_rows(fcinfo);
    for (std::size_t i = 0; i < count; ++i) {
        const TierCount &found = room.tiers[i];
        const bool tiered = found.rank > 0;
        Datum values[4] = {};
        bool nulls[4] = {!tiered, !tiered, false, false};
        if (tiered) {
            values[0] = PointerGetDatum(
                cstring_to_text_with_len(found.name.data(), static_cast<int>(found.name.size())));
            values[1] = Int32GetDatum(found.rank);
        }
        values[2] = Int64GetDatum(found.offers);
        values[3] = Int64GetDatum(found.vehicles);
        rows.put(values, nulls);
    }
    return static_cast<Datum>(0);
}

} // extern "C"
