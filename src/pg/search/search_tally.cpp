/*
 * The aggregate search_tally: the vehicles of a search, read once, counted by bucket of prices and by make,
 * body, region and band of years.
 */
#include <algorithm>
#include <cstring>

#include "core/deal/buckets.hpp"
#include "core/search/facets.hpp"

#include "pg/glue/aggregate.hpp"
#include "pg/glue/array.hpp"
#include "pg/glue/rows.hpp"

extern "C" {
#include "catalog/pg_type.h"
}

using namespace tradeup;

namespace {

constexpr int kTextFacets = 3;
constexpr int kFacets = kTextFacets + 1;
constexpr const char *kFacetNames[kFacets] = {"make", "body", "region", "year"};
constexpr std::size_t kFirstSlots = 64;
constexpr int kBand = 5;

/* Vehicles without a value. */
struct Missing {
    std::int64_t vehicles;
    std::int64_t offers;
};

/* What has been counted; everything lies in the aggregate's memory. */
struct SearchTally {
    MemoryContext context;
    std::span<const std::int64_t> edges;
    const std::int64_t *offers; // of each vehicle of a bucket
    std::int64_t *vehicles;     // of each bucket
    std::size_t last;           // the bucket of the row before
    FacetTable facets[kFacets];
    Missing missing[kFacets];
};

std::span<FacetCount> new_slots(MemoryContext context, std::size_t count) {
    auto *slots = allocated<FacetCount>(context, count);
    std::memset(static_cast<void *>(slots), 0, count * sizeof(FacetCount));
    return {slots, count};
}

std::int64_t *copied(MemoryContext context, std::span<const std::int64_t> numbers) {
    auto *copy = allocated<std::int64_t>(context, numbers.size());
    std::copy(numbers.begin(), numbers.end(), copy);
    return copy;
}

SearchTally *new_tally(FunctionCallInfo fcinfo) {
    const MemoryContext context = aggregate_context(fcinfo);
    const auto edges = plain_elements<std::int64_t>(PG_GETARG_DATUM(2), "edges");
    const auto offers = plain_elements<std::int64_t>(PG_GETARG_DATUM(3), "offers");
    if (offers.size() != edges.size() + 1) {
        ereport(ERROR,
                (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("offers must be one more than the edges"),
                 errdetail("They are %zu and %zu.", offers.size(), edges.size())));
    }
    auto *tally = allocated<SearchTally>(context, 1);
    *tally = {context,
              {copied(context, edges), edges.size()},
              copied(context, offers),
              allocated<std::int64_t>(context, offers.size()),
              0,
              {},
              {}};
    std::fill_n(tally->vehicles, offers.size(), 0);
    for (FacetTable &table : tally->facets) {
        table = {new_slots(context, kFirstSlots), 0};
    }
    return tally;
}

void count_value(SearchTally *tally, FacetTable &table, std::string_view value, std::int64_t offers) {
    FacetCount &slot = facet_slot(table, value);
    slot.offers += offers;
    if (slot.vehicles++ == 0) [[unlikely]] {
        auto *copy = allocated<char>(tally->context, value.size());
        std::memcpy(copy, value.data(), value.size());
        slot.value = copy;
        ++table.used;
        if (!has_room(table)) {
            const std::span<FacetCount> old = table.slots;
            move_facets(table, new_slots(tally->context, 2 * old.size()));
            pfree(old.data());
        }
    }
}

/* The years of a band as they are shown. */
text *shown_band(std::string_view first) {
    std::int32_t year = 0;
    std::memcpy(&year, first.data(), sizeof year);
    char shown[32];
    const int length = snprintf(shown, sizeof shown, "%d-%lld", static_cast<int>(year), year + kBand - 1LL);
    return cstring_to_text_with_len(shown, length);
}

/* The columns of the result of all facets, grown row by row. */
struct Columns {
    std::size_t count;
    Datum *facets;
    Datum *values;
    bool *nulls;
    Datum *offers;
    Datum *vehicles;

    void put(const char *facet, text *value, std::int64_t of_offers, std::int64_t of_vehicles) {
        facets[count] = CStringGetTextDatum(facet);
        values[count] = PointerGetDatum(value);
        nulls[count] = value == nullptr;
        offers[count] = Int64GetDatum(of_offers);
        vehicles[count++] = Int64GetDatum(of_vehicles);
    }
};

Columns columns_of(const SearchTally *tally) {
    std::size_t most = kFacets;
    for (const FacetTable &table : tally->facets) {
        most += table.used;
    }
    const MemoryContext context = CurrentMemoryContext;
    Columns columns{0,
                    allocated<Datum>(context, most),
                    allocated<Datum>(context, most),
                    allocated<bool>(context, most),
                    allocated<Datum>(context, most),
                    allocated<Datum>(context, most)};
    for (int i = 0; i < kFacets; ++i) {
        const FacetTable &table = tally->facets[i];
        for (const FacetCount &slot : table.slots) {
            if (slot.vehicles > 0) {
                const std::string_view value{slot.value, slot.key.length};
                columns.put(kFacetNames[i],
                            i < kTextFacets
                                ? cstring_to_text_with_len(value.data(), static_cast<int>(value.size()))
                                : shown_band(value),
                            slot.offers, slot.vehicles);
            }
        }
        if (tally->missing[i].vehicles > 0) {
            columns.put(kFacetNames[i], nullptr, tally->missing[i].offers, tally->missing[i].vehicles);
        }
    }
    return columns;
}

Datum bigints(Datum *values, std::size_t count) {
    return PointerGetDatum(construct_array(values, static_cast<int>(count), INT8OID, sizeof(std::int64_t),
                                           FLOAT8PASSBYVAL, TYPALIGN_DOUBLE));
}

Datum texts(Datum *values, bool *nulls, std::size_t count) {
    int length = static_cast<int>(count);
    int from = 1;
    return PointerGetDatum(
        construct_md_array(values, nulls, 1, &length, &from, TEXTOID, -1, false, TYPALIGN_INT));
}

} // namespace

extern "C" {

PG_FUNCTION_INFO_V1(search_tally_step);
PG_FUNCTION_INFO_V1(search_tally_final);

/* search_tally_step(state, price_minor, edges, offers, make, body, region, year): rows without a price, edges
 * or offers are left out; edges and offers are those of the first row. */
Datum search_tally_step(PG_FUNCTION_ARGS) {
    SearchTally *tally = state_argument<SearchTally>(fcinfo);
    if (PG_ARGISNULL(1) || PG_ARGISNULL(2) || PG_ARGISNULL(3)) [[unlikely]] {
        if (tally == nullptr) {
            PG_RETURN_NULL();
        }
        PG_RETURN_POINTER(tally);
    }
    if (tally == nullptr) [[unlikely]] {
        tally = new_tally(fcinfo);
    }
    const std::int64_t price = PG_GETARG_INT64(1);
    if (!in_bucket(tally->edges, tally->last, price)) {
        tally->last = bucket_of(tally->edges, price);
    }
    const std::size_t bucket = tally->last;
    const std::int64_t offers = tally->offers[bucket];
    if (offers == 0) {
        PG_RETURN_POINTER(tally);
    }
    ++tally->vehicles[bucket];
    for (int i = 0; i < kFacets; ++i) {
        if (PG_ARGISNULL(4 + i)) {
            ++tally->missing[i].vehicles;
            tally->missing[i].offers += offers;
        } else if (i < kTextFacets) {
            count_value(tally, tally->facets[i], view_of(PG_GETARG_DATUM(4 + i)), offers);
        } else {
            const std::int32_t first = PG_GETARG_INT32(4 + i) / kBand * kBand;
            count_value(tally, tally->facets[i], {reinterpret_cast<const char *>(&first), sizeof first},
                        offers);
        }
    }
    PG_RETURN_POINTER(tally);
}

/* search_tally_final(state): buckets, facets, values, offers, vehicles. */
Datum search_tally_final(PG_FUNCTION_ARGS) {
    const SearchTally *tally = state_argument<SearchTally>(fcinfo);
    if (tally == nullptr) {
        PG_RETURN_NULL();
    }
    const std::size_t buckets = tally->edges.size() + 1;
    auto *counted = allocated<Datum>(CurrentMemoryContext, buckets);
    std::transform(tally->vehicles, tally->vehicles + buckets, counted,
                   [](std::int64_t count) { return Int64GetDatum(count); });
    Columns columns = columns_of(tally);
    bool *no_nulls = static_cast<bool *>(palloc0(columns.count * sizeof(bool)));
    Datum values[5] = {bigints(counted, buckets), texts(columns.facets, no_nulls, columns.count),
                       texts(columns.values, columns.nulls, columns.count),
                       bigints(columns.offers, columns.count), bigints(columns.vehicles, columns.count)};
    return one_row(fcinfo, values);
}

} // extern "C"
