/*
 * The aggregate summary_by_tier: one row is a risk profile of a program with its deals, one for each term,
 * and with the figures of its customers as arrays. So what a deal needs of its program is compiled once, and
 * the customers are walked in one loop.
 */
#include "core/portfolio/summary.hpp"

#include <algorithm>

#include "pg/portfolio/buyers.hpp"
#include "pg/portfolio/price_list.hpp"

#include "pg/deal/deal.hpp"
#include "pg/glue/aggregate.hpp"
#include "pg/glue/array.hpp"
#include "pg/glue/interrupt.hpp"

extern "C" {
#include "funcapi.h"
#include "utils/lsyscache.h"
#include "utils/typcache.h"
}

using namespace tradeup;

namespace {

/* A tier of any program that takes part; rank 0: no tier. */
struct NamedSlot {
    std::int32_t rank;
    char name[kTierNameSize];
};

/* What the rows so far have given; everything lies in the aggregate's memory. */
struct Summary {
    MemoryContext context;
    Profile *profiles;
    std::size_t profile_count;
    std::size_t profile_capacity;
    NamedSlot *names;
    Slot *slots;
    std::int32_t slot_count;
    std::int32_t slot_capacity;
    std::int64_t customers;
    struct varatt_external stored; // where the last row's prices lie, if outside their row
};

constexpr std::int32_t kFirstSlots = 2 * (kMaxTiers + 1);
constexpr std::size_t kFirstProfiles = 32;

Summary *new_summary(MemoryContext context) {
    auto *state = allocated<Summary>(context, 1);
    *state = {};
    state->context = context;
    state->profile_capacity = kFirstProfiles;
    state->profiles = allocated<Profile>(context, kFirstProfiles);
    state->slot_capacity = kFirstSlots;
    state->names = allocated<NamedSlot>(context, kFirstSlots);
    state->slots = allocated<Slot>(context, kFirstSlots);
    return state;
}

/* Where a tier is counted; tiers of several programs are one when they have the same rank and name. */
std::int32_t slot_of(Summary *state, std::int32_t rank, const char *name) {
    for (std::int32_t i = 0; i < state->slot_count; ++i) {
        if (state->names[i].rank == rank && std::strcmp(state->names[i].name, name) == 0) {
            return i;
        }
    }
    if (state->slot_count == state->slot_capacity) {
        state->slot_capacity *= 2;
        grow(state->names, static_cast<std::size_t>(state->slot_capacity));
        grow(state->slots, static_cast<std::size_t>(state->slot_capacity));
    }
    NamedSlot &named = state->names[state->slot_count];
    named = {rank, {}};
    strlcpy(named.name, name, sizeof named.name);
    state->slots[state->slot_count] = {};
    return state->slot_count++;
}

/* Whether the prices are stored outside their row, and where the last row had its own; that is kept. */
bool stored_as_before(Summary *state, Datum given) {
    const auto *value = reinterpret_cast<const struct varlena *>(DatumGetPointer(given));
    struct varatt_external place {};
    if (VARATT_IS_EXTERNAL_ONDISK(value)) {
        std::memcpy(&place, VARDATA_EXTERNAL(value), sizeof place);
    }
    const bool same = place.va_valueid != InvalidOid && place.va_valueid == state->stored.va_valueid &&
                      place.va_toastrelid == state->stored.va_toastrelid;
    state->stored = place;
    return same;
}

/* The list in the decimals of the deals, with an index; rows with the same prices share one copy. */
void keep_list(Summary *state, Datum given, std::int32_t minor_digits, Profile &profile) {
    const Profile *last = state->profile_count > 0 ? &state->profiles[state->profile_count - 1] : nullptr;
    const bool same = stored_as_before(state, given);
    if (same && last != nullptr && last->list->minor_digits == minor_digits) {
        profile.list = last->list;
        profile.prices = last->prices;
        profile.index = last->index;
        return;
    }
    const PriceList &list = with_digits(to_price_list(given), minor_digits);
    if (last != nullptr && VARSIZE(last->list) == VARSIZE(&list) &&
        std::memcmp(last->list, &list, VARSIZE(&list)) == 0) {
        profile.list = last->list;
        profile.prices = last->prices;
        profile.index = last->index;
        return;
    }
    auto *copy = static_cast<PriceList *>(MemoryContextAllocHuge(state->context, VARSIZE(&list)));
    std::memcpy(copy, &list, VARSIZE(&list));
    profile.list = copy;
    profile.prices = prices_of(*copy);
    profile.index = planned_index(profile.prices);
    const auto starts = static_cast<std::size_t>(profile.index.buckets) + 1;
    fill_index(profile.prices, profile.index, allocated<std::uint32_t>(state->context, starts));
}

/* Compiles the deals of the row. */
void read_deals(FunctionCallInfo fcinfo, Summary *state, Profile &profile) {
    const Elements deals = elements_argument(fcinfo, 2, "deals");
    const auto most = static_cast<std::size_t>(deals.count);
    profile.plans = allocated<DealPlan>(state->context, most);
    profile.totals = allocated<PlanTotals>(state->context, most * (kMaxTiers + 1));
    for (int i = 0; i < deals.count; ++i) {
        if (deals.nulls[i]) {
            continue;
        }
        const Deal &deal = to_deal(deals.values[i]);
        if (profile.list == nullptr) {
            keep_list(state, PG_GETARG_DATUM(1), deal.minor_digits, profile);
        }
        if (profile.list->minor_digits != deal.minor_digits) {
            ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                            errmsg("deals of one row must have the same minor digits"),
                            errdetail("They are %d and %d.", static_cast<int>(profile.list->minor_digits),
                                      static_cast<int>(deal.minor_digits))));
        }
        const std::size_t at = profile.plan_count;
        DealPlan &plan = profile.plans[at];
        (void)value_of(
            plan_deal(deal.terms, profile.prices, at > 0 ? &profile.plans[at - 1] : nullptr, plan));
        for (std::int32_t t = 0; t < deal.terms.tier_count; ++t) {
            plan.slots[t] = slot_of(state, t + 1, deal.terms.tiers[t].name);
        }
        plan.slots[kMaxTiers] = slot_of(state, 0, "");
        std::fill_n(profile.totals + at * (kMaxTiers + 1), kMaxTiers + 1, PlanTotals{});
        ++profile.plan_count;
    }
}

/* The step's work, which may be asked to stop. */
void count_row(Summary *state, const Profile &profile) {
    const std::span<Slot> slots{state->slots, static_cast<std::size_t>(state->slot_count)};
    (void)uncancelled(count_customers(profile, slots, state->customers, stop_asked));
}

/* The slots in the order in which they are shown: by rank and name, no tier last. */
std::int32_t *ordered_slots(const Summary *state) {
    auto *order = static_cast<std::int32_t *>(
        palloc(sizeof(std::int32_t) * static_cast<Size>(Max(state->slot_count, 1))));
    for (std::int32_t i = 0; i < state->slot_count; ++i) {
        order[i] = i;
    }
    const NamedSlot *names = state->names;
    std::sort(order, order + state->slot_count, [names](std::int32_t a, std::int32_t b) {
        const bool none_a = names[a].rank == 0;
        const bool none_b = names[b].rank == 0;
        return none_a != none_b                 ? none_b
               : names[a].rank != names[b].rank ? names[a].rank < names[b].rank
                                                : std::strcmp(names[a].name, names[b].name) < 0;
    });
    return order;
}

Datum slot_row(TupleDesc description, const Summary *state, std::int32_t slot) {
    const auto found = summarize({state->profiles, state->profile_count}, slot, stop_asked);
    const SlotSummary &sums = uncancelled(found);
    const NamedSlot &named = state->names[slot];
    const bool tiered = named.rank != 0;
    Datum values[6] = {};
    bool nulls[6] = {!tiered, !tiered, false, false, true, false};
    if (tiered) {
        values[0] = CStringGetTextDatum(named.name);
        values[1] = Int32GetDatum(named.rank);
    }
    values[2] = Int64GetDatum(sums.offers);
    values[3] = Int64GetDatum(state->slots[slot].customers);
    if (sums.changes > 0) {
        values[4] = to_numeric(sums.mean_change, kChangeScale);
        nulls[4] = false;
    }
    values[5] = to_numeric(sums.margin, sums.margin_digits);
    return HeapTupleGetDatum(heap_form_tuple(description, values, nulls));
}

} // namespace

extern "C" {

PG_FUNCTION_INFO_V1(summary_by_tier_step);
PG_FUNCTION_INFO_V1(summary_by_tier_final);

/* summary_by_tier_step(state, prices, deals, equities, current_payments, current_prices) */
Datum summary_by_tier_step(PG_FUNCTION_ARGS) {
    const MemoryContext context = aggregate_context(fcinfo);
    Summary *state = state_argument<Summary>(fcinfo);
    if (state == nullptr) {
        state = new_summary(context);
    }
    if (PG_ARGISNULL(1) || PG_ARGISNULL(2)) {
        PG_RETURN_POINTER(state);
    }
    Profile profile{};
    read_deals(fcinfo, state, profile);
    const Customers customers{elements_argument(fcinfo, 3, "equities"),
                              elements_argument(fcinfo, 4, "current_payments"),
                              elements_argument(fcinfo, 5, "current_prices")};
    const std::span<const Buyer> buyers = read_buyers(state->context, customers);
    profile.buyers = buyers.data();
    profile.buyer_count = buyers.size();
    if (profile.plan_count == 0) {
        PG_RETURN_POINTER(state);
    }
    if (state->profile_count == state->profile_capacity) {
        state->profile_capacity *= 2;
        grow(state->profiles, state->profile_capacity);
    }
    state->profiles[state->profile_count++] = profile;
    count_row(state, profile);
    state->customers += static_cast<std::int64_t>(profile.buyer_count);
    PG_RETURN_POINTER(state);
}

Datum summary_by_tier_final(PG_FUNCTION_ARGS) {
    const auto *state = state_argument<Summary>(fcinfo);
    if (state == nullptr) {
        PG_RETURN_NULL();
    }
    const Oid type = get_element_type(get_fn_expr_rettype(fcinfo->flinfo));
    TupleDesc description = lookup_rowtype_tupdesc_copy(type, -1);
    auto *rows = static_cast<Datum *>(palloc(sizeof(Datum) * static_cast<Size>(Max(state->slot_count, 1))));
    const std::int32_t *order = ordered_slots(state);
    for (std::int32_t i = 0; i < state->slot_count; ++i) {
        rows[i] = slot_row(description, state, order[i]);
    }
    PG_RETURN_ARRAYTYPE_P(construct_array(rows, state->slot_count, type, -1, false, TYPALIGN_DOUBLE));
}

} // extern "C"
