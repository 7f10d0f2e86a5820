/*
 * The type price_changes, which holds the changed prices of an inventory sorted for many customers, and what
 * it means for the deals of one of them.
 */
#include <cstring>
#include <span>

#include "core/portfolio/changes.hpp"

#include "pg/deal/deal.hpp"
#include "pg/glue/array.hpp"
#include "pg/glue/rows.hpp"

extern "C" {
#include "utils/memutils.h"
}

using namespace tradeup;

namespace {

/* As it is stored: the count, then the three arrays of SortedChanges. */
struct PriceChanges {
    std::int32_t length_word;
    std::uint32_t count;
};

constexpr std::size_t kBytesPerChange = 2 * sizeof(std::int64_t) + sizeof(std::uint32_t);

/* More than this would not fit into one value. */
constexpr std::size_t kMostChanges = (MaxAllocSize - sizeof(PriceChanges)) / kBytesPerChange;

struct Arrays {
    std::int64_t *before;
    std::int64_t *after;
    std::uint32_t *position_before;
};

Arrays arrays_of(PriceChanges *changes) {
    auto *before = reinterpret_cast<std::int64_t *>(changes + 1);
    std::int64_t *after = before + changes->count;
    return {before, after, reinterpret_cast<std::uint32_t *>(after + changes->count)};
}

SortedChanges sorted_changes(Datum datum) {
    auto *changes = reinterpret_cast<PriceChanges *>(PG_DETOAST_DATUM(datum));
    const Arrays arrays = arrays_of(changes);
    return {{arrays.before, changes->count},
            {arrays.after, changes->count},
            {arrays.position_before, changes->count}};
}

/* The place of any numeric: kNoPrice where no deal makes an offer at such a price, so that nothing fails for
 * it. */
std::int64_t place_of_numeric(Datum price) {
    constexpr std::int32_t kCents = 2;
    const std::int64_t common = common_price(price, kCents);
    if (common >= 0) [[likely]] {
        return place_of(common, kCents);
    }
    const auto compared = [price](std::int64_t with) {
        return DatumGetInt32(DirectFunctionCall2(numeric_cmp, price, to_numeric(with, 0)));
    };
    /* The dearest vehicle of a currency without decimals; NaN and infinity lie beyond. */
    if (compared(0) <= 0 || compared(kMaxPriceMinor) > 0) {
        return kNoPrice;
    }
    const Datum cut = DirectFunctionCall2(numeric_trunc, price, Int32GetDatum(kStepDigits));
    const bool beyond = DatumGetBool(DirectFunctionCall2(numeric_ne, price, cut));
    const Decimal units = to_decimal(cut, "price");
    return 2 * units.coefficient * kPowersOfTen[static_cast<std::size_t>(kStepDigits - units.scale)] +
           (beyond ? 1 : 0);
}

} // namespace

extern "C" {

PG_FUNCTION_INFO_V1(price_changes_in);
PG_FUNCTION_INFO_V1(price_changes_out);
PG_FUNCTION_INFO_V1(price_changes);
PG_FUNCTION_INFO_V1(tier_changes);

/* A value comes from price_changes(...) only, so that whoever reads one can trust its order. */
Datum price_changes_in(PG_FUNCTION_ARGS) {
    (void)fcinfo;
    ereport(ERROR, (errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
                    errmsg("a value of type price_changes cannot be written as text"),
                    errhint("Make it with price_changes(old_prices, new_prices).")));
    PG_RETURN_NULL();
}

Datum price_changes_out(PG_FUNCTION_ARGS) {
    const SortedChanges changes = sorted_changes(PG_GETARG_DATUM(0));
    PG_RETURN_CSTRING(psprintf("%zu vehicles", changes.after.size()));
}

/* price_changes(old_prices, new_prices): the changes of vehicles, one at each position; a null price is none.
 */
Datum price_changes(PG_FUNCTION_ARGS) {
    const Elements before = elements_of(PG_GETARG_DATUM(0));
    const Elements after = elements_of(PG_GETARG_DATUM(1));
    if (before.count != after.count) {
        ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                        errmsg("old and new prices must have the same length"),
                        errdetail("There are %d old and %d new prices.", before.count, after.count),
                        errhint("Give null for a vehicle that was not, or is no longer, for sale.")));
    }
    const auto count = static_cast<std::size_t>(before.count);
    if (count > kMostChanges) {
        ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED), errmsg("too many changed prices"),
                        errdetail("There are %zu, at most %zu are allowed.", count, kMostChanges)));
    }
    auto *scratch = static_cast<PriceChange *>(palloc(count * sizeof(PriceChange)));
    auto *order = static_cast<std::uint32_t *>(palloc(count * sizeof(std::uint32_t)));
    for (std::size_t i = 0; i < count; ++i) {
        scratch[i].before = before.nulls[i] ? kNoPrice : place_of_numeric(before.values[i]);
        scratch[i].after = after.nulls[i] ? kNoPrice : place_of_numeric(after.values[i]);
    }
    const std::size_t size = sizeof(PriceChanges) + count * kBytesPerChange;
    auto *changes = static_cast<PriceChanges *>(palloc0(size));
    SET_VARSIZE(changes, size);
    changes->count = static_cast<std::uint32_t>(count);
    const Arrays arrays = arrays_of(changes);
    sort_changes({scratch, count}, {order, count}, {arrays.before, count}, {arrays.after, count},
                 {arrays.position_before, count});
    pfree(scratch);
    pfree(order);
    PG_RETURN_POINTER(changes);
}

/* tier_changes(deals, changes): whether the deals of a customer gain or lose a tier of some vehicle. */
Datum tier_changes(PG_FUNCTION_ARGS) {
    const Elements deals = elements_of(PG_GETARG_DATUM(0));
    const SortedChanges changes = sorted_changes(PG_GETARG_DATUM(1));
    const std::size_t count = changes.after.size();
    auto *before = static_cast<std::uint8_t *>(palloc0(2 * count + 1));
    std::uint8_t *after = before + count;
    for (int i = 0; i < deals.count; ++i) {
        if (!deals.nulls[i]) {
            const Deal &deal = to_deal(deals.values[i]);
            mark_tiers(deal, changes.before, before);
            mark_tiers(deal, changes.after, after);
        }
    }
    const TierChange change = compare_tiers(changes, before, after);
    pfree(before);
    Datum values[] = {BoolGetDatum(change.gained), BoolGetDatum(change.lost)};
    return one_row(fcinfo, values);
}

} // extern "C"
