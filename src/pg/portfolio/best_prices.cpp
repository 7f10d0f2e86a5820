/*
 * best_prices: where in the index on price the best offers of all customers of several risk profiles are
 * found.
 */
#include "core/portfolio/best_ranges.hpp"

#include "pg/portfolio/profiles.hpp"

#include "pg/deal/deal.hpp"
#include "pg/glue/aggregate.hpp"
#include "pg/glue/interrupt.hpp"
#include "pg/glue/rows.hpp"

using namespace tradeup;

namespace {

constexpr std::size_t kFirstRanges = 1024;

std::span<const Terms> terms_of(const Elements &deals) {
    auto *terms = allocated<Terms>(CurrentMemoryContext, static_cast<std::size_t>(deals.count));
    std::size_t count = 0;
    for (int i = 0; i < deals.count; ++i) {
        if (!deals.nulls[i]) {
            terms[count++] = to_deal(deals.values[i]).terms;
        }
    }
    return {terms, count};
}

} // namespace

extern "C" {

PG_FUNCTION_INFO_V1(best_prices);

/* best_prices(profiles, rank_by) */
Datum best_prices(PG_FUNCTION_ARGS) {
    const RowSink rows = begin_rows(fcinfo);
    if (PG_ARGISNULL(0) || PG_ARGISNULL(1)) {
        return 0;
    }
    const RankBy rank = value_of(parse_rank(view_of(PG_GETARG_DATUM(1))));
    std::size_t count = 0;
    std::size_t capacity = kFirstRanges;
    auto *ranges = allocated<BestRange>(CurrentMemoryContext, capacity);
    for (const ProfileRow &row : profile_rows(PG_GETARG_DATUM(0))) {
        const std::span<const Terms> deals = terms_of(row.elements(ProfileRow::deals, "deals"));
        const std::size_t most = deals.size() * kMostBestRanges;
        /* By a name: to g++ 14 a loop over what a call returns looks like one over what is gone. */
        const std::span<const Buyer> buyers = read_buyers(CurrentMemoryContext, row.customers());
        for (const Buyer &buyer : buyers) {
            CHECK_FOR_INTERRUPTS();
            if (capacity - count < most) {
                capacity = 2 * capacity + most;
                grow(ranges, capacity);
            }
            count += value_of(best_ranges(deals, buyer, rank, {ranges + count, most}));
        }
    }
    count = read_once({ranges, count});
    for (std::size_t i = 0; i < count; ++i) {
        Datum values[] = {Int64GetDatum(ranges[i].lowest), Int64GetDatum(ranges[i].highest),
                          BoolGetDatum(ranges[i].downward)};
        bool nulls[3] = {};
        rows.put(values, nulls);
    }
    return 0;
}

} // extern "C"
