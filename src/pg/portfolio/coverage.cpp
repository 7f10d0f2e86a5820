/*
 * offers_by_group and customers_by_price: the offers of all customers of several risk profiles, counted by
 * groups of vehicles and by price.
 */
#include "core/portfolio/coverage.hpp"
#include "core/portfolio/summary_parts.hpp"

#include <algorithm>

#include "pg/portfolio/profiles.hpp"

#include "pg/deal/deal.hpp"
#include "pg/glue/aggregate.hpp"
#include "pg/glue/interrupt.hpp"
#include "pg/glue/numeric.hpp"
#include "pg/glue/rows.hpp"

using namespace tradeup;

namespace {

/* The prices that are searched, ascending, and their index, which all profiles of a call share. */
struct Searching {
    Prices prices;
    PriceIndex index;
};

Searching searching_argument(FunctionCallInfo fcinfo) {
    Searching searching{plain_elements<std::int64_t>(PG_GETARG_DATUM(0), "prices"), {}};
    if (!std::is_sorted(searching.prices.begin(), searching.prices.end())) {
        ereport(ERROR,
                (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("prices must be in ascending order")));
    }
    if (!searching.prices.empty() &&
        (searching.prices.front() < 0 || searching.prices.back() > kMaxPriceMinor)) {
        ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("price is out of range"),
                        errdetail("Prices are from %lld to %lld minor units.",
                                  static_cast<long long>(searching.prices.front()),
                                  static_cast<long long>(searching.prices.back()))));
    }
    searching.index = planned_index(searching.prices);
    fill_index(searching.prices, searching.index,
               allocated<std::uint32_t>(CurrentMemoryContext,
                                        static_cast<std::size_t>(searching.index.buckets) + 1));
    return searching;
}

/* A profile with its deals compiled. */
Profile profile_of(const ProfileRow &row, const Searching &searching, bool share_edges) {
    Profile profile{};
    const Elements deals = row.elements(ProfileRow::deals, "deals");
    profile.plans = allocated<DealPlan>(CurrentMemoryContext, static_cast<std::size_t>(deals.count));
    for (int i = 0; i < deals.count; ++i) {
        if (deals.nulls[i]) {
            continue;
        }
        const std::size_t at = profile.plan_count;
        const DealPlan *before = share_edges && at > 0 ? &profile.plans[at - 1] : nullptr;
        (void)value_of(
            plan_deal(to_deal(deals.values[i]).terms, searching.prices, before, profile.plans[at]));
        ++profile.plan_count;
    }
    profile.prices = searching.prices;
    profile.index = searching.index;
    const std::span<const Buyer> buyers = read_buyers(CurrentMemoryContext, row.customers());
    profile.buyers = buyers.data();
    profile.buyer_count = buyers.size();
    return profile;
}

std::string_view program_of(const ProfileRow &row) {
    return row.nulls[ProfileRow::program] ? std::string_view() : view_of(row.values[ProfileRow::program]);
}

/* What is counted together: a program's offers at one term in one tier, of deals with the same margins. */
struct OfferLine {
    std::string_view program;
    Datum program_datum;
    Datum version;
    std::int32_t term;
    std::int32_t rank; // 0: no tier
    const char *tier;
    const Terms *terms;
    GroupTotals *totals;

    bool same_row(const OfferLine &other) const {
        return program == other.program && version == other.version && term == other.term &&
               rank == other.rank;
    }
};

struct OfferLines {
    OfferLine *lines;
    std::size_t count;
    std::size_t capacity;
    std::size_t groups;
};

/* The totals of a line, which is added if there is none like it; its terms are the first with the same
 * margins. */
GroupTotals *totals_of(OfferLines &all, const OfferLine &wanted) {
    for (std::size_t i = 0; i < all.count; ++i) {
        if (all.lines[i].terms == wanted.terms && all.lines[i].same_row(wanted)) {
            return all.lines[i].totals;
        }
    }
    if (all.count == all.capacity) {
        all.capacity *= 2;
        grow(all.lines, all.capacity);
    }
    OfferLine &added = all.lines[all.count++] = wanted;
    added.totals = allocated<GroupTotals>(CurrentMemoryContext, all.groups);
    std::fill_n(added.totals, all.groups, GroupTotals{});
    return added.totals;
}

/* The first terms of the lines so far whose margins are the same. */
const Terms *first_with_margins(const OfferLines &all, const Terms &terms) {
    const Terms *last = nullptr;
    for (std::size_t i = 0; i < all.count; ++i) {
        const Terms *known = all.lines[i].terms;
        if (known != last && value_of(same_margins(*known, terms))) {
            return known;
        }
        last = known;
    }
    return &terms;
}

void count_plan(const Profile &profile, const DealPlan &plan, const ProfileRow &row,
                std::span<Coverage> coverage, std::span<const std::int32_t> groups, const Terms *margins,
                OfferLines &all) {
    std::fill(coverage.begin(), coverage.end(), Coverage{});
    (void)uncancelled(cover_offers(profile, plan, coverage, stop_asked));
    const std::size_t places = profile.prices.size() + 1;
    for (std::int32_t t = 0; t <= plan.terms.tier_count; ++t) {
        const bool tiered = t < plan.terms.tier_count;
        OfferLine line{program_of(row),
                       row.values[ProfileRow::program],
                       row.values[ProfileRow::version],
                       plan.terms.term,
                       tiered ? t + 1 : 0,
                       tiered ? plan.terms.tiers[t].name : "",
                       margins,
                       nullptr};
        const std::span<const Coverage> of_tier =
            coverage.subspan(static_cast<std::size_t>(t) * places, places);
        add_to_groups(of_tier, profile.prices, groups, {totals_of(all, line), all.groups});
    }
}

void put_rows(const RowSink &sink, const OfferLines &all) {
    auto *margins = allocated<std::int64_t>(CurrentMemoryContext, all.groups);
    auto *parts = allocated<MarginPart>(CurrentMemoryContext, all.count);
    auto *done = static_cast<bool *>(palloc0(all.count + 1));
    for (std::size_t i = 0; i < all.count; ++i) {
        if (done[i]) {
            continue;
        }
        const OfferLine &line = all.lines[i];
        std::size_t count = 0;
        for (std::size_t k = i; k < all.count; ++k) {
            if (all.lines[k].same_row(line)) {
                done[k] = true;
                parts[count++] = {all.lines[k].terms, all.lines[k].totals};
            }
        }
        (void)value_of(sum_margins({parts, count}, {margins, all.groups}));
        for (std::size_t group = 0; group < all.groups; ++group) {
            std::int64_t offers = 0;
            for (std::size_t k = 0; k < count; ++k) {
                offers += parts[k].totals[group].offers;
            }
            if (offers == 0) {
                continue;
            }
            Datum values[] = {
                line.program_datum,       line.version,
                Int32GetDatum(line.term), line.rank != 0 ? CStringGetTextDatum(line.tier) : Datum{0},
                Int32GetDatum(line.rank), Int32GetDatum(static_cast<std::int32_t>(group) + 1),
                Int64GetDatum(offers),    to_numeric(margins[group], line.terms->minor_digits)};
            bool nulls[] = {line.program.data() == nullptr,
                            false,
                            false,
                            line.rank == 0,
                            line.rank == 0,
                            false,
                            false,
                            false};
            sink.put(values, nulls);
        }
    }
}

} // namespace

extern "C" {

PG_FUNCTION_INFO_V1(offers_by_group);
PG_FUNCTION_INFO_V1(customers_by_price);

/*
 * offers_by_group(prices, groups, profiles): the offers of the profiles' customers by program, term, tier and
 * group of vehicles; the groups are numbers from 1, one for each price.
 */
Datum offers_by_group(PG_FUNCTION_ARGS) {
    const RowSink sink = begin_rows(fcinfo);
    const Searching searching = searching_argument(fcinfo);
    const auto given = plain_elements<std::int32_t>(PG_GETARG_DATUM(1), "groups");
    if (given.size() != searching.prices.size()) {
        ereport(ERROR,
                (errcode(ERRCODE_ARRAY_SUBSCRIPT_ERROR),
                 errmsg("prices and groups must have the same length"),
                 errdetail("There are %zu prices and %zu groups.", searching.prices.size(), given.size())));
    }
    auto *groups = allocated<std::int32_t>(CurrentMemoryContext, given.size());
    std::int32_t most = 0;
    for (std::size_t i = 0; i < given.size(); ++i) {
        if (given[i] < 1 || given[i] > static_cast<std::int32_t>(given.size())) {
            ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                            errmsg("group must be between 1 and the number of prices"),
                            errdetail("Group is %d.", given[i])));
        }
        groups[i] = given[i] - 1;
        most = std::max(most, given[i]);
    }
    constexpr std::size_t first_lines = 64;
    OfferLines all{allocated<OfferLine>(CurrentMemoryContext, first_lines), 0, first_lines,
                   static_cast<std::size_t>(most)};
    const std::size_t places = searching.prices.size() + 1;
    const std::span<Coverage> room{allocated<Coverage>(CurrentMemoryContext, places * (kMaxTiers + 1)),
                                   places * (kMaxTiers + 1)};
    for (const ProfileRow &row : profile_rows(PG_GETARG_DATUM(2))) {
        const Profile profile = profile_of(row, searching, false);
        if (profile.plan_count == 0 || profile.buyer_count == 0 || searching.prices.empty()) {
            continue;
        }
        const Terms *margins = nullptr;
        for (std::size_t p = 0; p < profile.plan_count; ++p) {
            const DealPlan &plan = profile.plans[p];
            if (p == 0 || !same_but_for_the_loan(profile.plans[p - 1].terms, plan.terms)) {
                margins = first_with_margins(all, plan.terms);
            }
            const auto rows = static_cast<std::size_t>(plan.terms.tier_count) + 1;
            count_plan(profile, plan, row, room.first(rows * places), {groups, given.size()}, margins, all);
        }
    }
    put_rows(sink, all);
    PG_RETURN_NULL();
}

/*
 * customers_by_price(prices, profiles): how many customers of the profiles have an offer at each price, at
 * any term, and how many one in a tier.
 */
Datum customers_by_price(PG_FUNCTION_ARGS) {
    const RowSink sink = begin_rows(fcinfo);
    const Searching searching = searching_argument(fcinfo);
    const std::size_t places = searching.prices.size() + 1;
    auto *reach = allocated<Reach>(CurrentMemoryContext, places);
    std::fill_n(reach, places, Reach{});
    for (const ProfileRow &row : profile_rows(PG_GETARG_DATUM(1))) {
        const Profile profile = profile_of(row, searching, true);
        const std::size_t most = 2 * kMostStretches * std::max<std::size_t>(profile.plan_count, 1);
        const std::span<Stretch> room{allocated<Stretch>(CurrentMemoryContext, most), most};
        (void)uncancelled(reach_prices(profile, {reach, places}, room, stop_asked));
    }
    Reach here{};
    for (std::size_t i = 0; i < searching.prices.size(); ++i) {
        here.customers += reach[i].customers;
        here.in_tier += reach[i].in_tier;
        Datum values[] = {Int64GetDatum(searching.prices[i]), Int64GetDatum(here.customers),
                          Int64GetDatum(here.in_tier)};
        bool nulls[] = {false, false, false};
        sink.put(values, nulls);
    }
    PG_RETURN_NULL();
}

} // extern "C"
