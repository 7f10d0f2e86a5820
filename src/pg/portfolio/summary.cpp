/*
 * The aggregate summary_by_tier: one row is a price list with the risk profiles that are counted over it,
 * each with its deals, one for each term, and with the figures of its customers as arrays. So the list is
 * kept once, what a deal needs of its program is compiled once, and the customers are walked in one loop.
 */
#include "core/portfolio/summary.hpp"

#include <algorithm>

#include "pg/portfolio/price_list.hpp"
#include "pg/portfolio/profiles.hpp"

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

/* A list that is searched, with its prices and their index. */
struct KeptList {
    const PriceList *list; // nullptr before there is a deal
    Prices prices;
    PriceIndex index;
};

/* Keeps the list of a row in the decimals of its deals, because the end needs it again. */
KeptList kept_list(const Summary *state, Datum given, std::int32_t minor_digits) {
    const PriceList &list = with_digits(to_price_list(given), minor_digits);
    auto *copy = static_cast<PriceList *>(MemoryContextAllocHuge(state->context, VARSIZE(&list)));
    std::memcpy(copy, &list, VARSIZE(&list));
    KeptList kept{copy, prices_of(*copy), {}};
    kept.index = planned_index(kept.prices);
    const auto starts = static_cast<std::size_t>(kept.index.buckets) + 1;
    fill_index(kept.prices, kept.index, allocated<std::uint32_t>(state->context, starts));
    return kept;
}

/* Compiles the deals of a profile over the list `given`, which is kept when the first deal is seen. */
void read_deals(Summary *state, const ProfileRow &row, Datum given, KeptList &kept, Profile &profile) {
    const Elements deals = row.elements(ProfileRow::deals, "deals");
    const auto most = static_cast<std::size_t>(deals.count);
    profile.plans = allocated<DealPlan>(state->context, most);
    profile.totals = allocated<PlanTotals>(state->context, most * (kMaxTiers + 1));
    for (int i = 0; i < deals.count; ++i) {
        if (deals.nulls[i]) {
            continue;
        }
        const Deal &deal = to_deal(deals.values[i]);
        if (kept.list == nullptr) {
            kept = kept_list(state, given, deal.minor_digits);
        }
        if (kept.list->minor_digits != deal.minor_digits) {
            ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                            errmsg("deals over one price list must have the same minor digits"),
                            errdetail("They are %d and %d.", static_cast<int>(kept.list->minor_digits),
                                      static_cast<int>(deal.minor_digits))));
        }
        const std::size_t at = profile.plan_count;
        DealPlan &plan = profile.plans[at];
        (void)value_of(plan_deal(deal.terms, kept.prices, at > 0 ? &profile.plans[at - 1] : nullptr, plan));
        for (std::int32_t t = 0; t < deal.terms.tier_count; ++t) {
            plan.slots[t] = slot_of(state, t + 1, deal.terms.tiers[t].name);
        }
        plan.slots[kMaxTiers] = slot_of(state, 0, "");
        std::fill_n(profile.totals + at * (kMaxTiers + 1), kMaxTiers + 1, PlanTotals{});
        ++profile.plan_count;
    }
    profile.list = kept.list;
    profile.prices = kept.prices;
    profile.index = kept.index;
}

/* Counts the customers of a profile, which may be asked to stop. */
void count_profile(Summary *state, const Profile &profile) {
    const std::span<Slot> slots{state->slots, static_cast<std::size_t>(state->slot_count)};
    (void)uncancelled(count_customers(profile, slots, state->customers, stop_asked));
    state->customers += static_cast<std::int64_t>(profile.buyer_count);
}

/* Keeps a profile and counts it. */
void add_profile(Summary *state, const ProfileRow &row, Datum given, KeptList &kept) {
    Profile profile{};
    read_deals(state, row, given, kept, profile);
    const std::span<const Buyer> buyers = read_buyers(state->context, row.customers());
    profile.buyers = buyers.data();
    profile.buyer_count = buyers.size();
    if (profile.plan_count == 0) {
        return;
    }
    if (state->profile_count == state->profile_capacity) {
        state->profile_capacity *= 2;
        grow(state->profiles, state->profile_capacity);
    }
    state->profiles[state->profile_count++] = profile;
    count_profile(state, profile);
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

/* summary_by_tier_step(state, prices, profiles) */
Datum summary_by_tier_step(PG_FUNCTION_ARGS) {
    const MemoryContext context = aggregate_context(fcinfo);
    Summary *state = state_argument<Summary>(fcinfo);
    if (state == nullptr) {
        state = new_summary(context);
    }
    if (PG_ARGISNULL(1) || PG_ARGISNULL(2)) {
        PG_RETURN_POINTER(state);
    }
    KeptList kept{};
    for (const ProfileRow &row : profile_rows(PG_GETARG_DATUM(2))) {
        add_profile(state, row, PG_GETARG_DATUM(1), kept);
    }
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
