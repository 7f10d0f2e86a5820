/*
 * The best offers of all customers of several risk profiles over one stock: best_in_stock picks them, and
 * offers_picked says what they come to. Between the two a query looks up the vehicles that were picked, all
 * of a stock at once, and only the second makes rows.
 */
#include "core/portfolio/best.hpp"

#include <algorithm>

#include "pg/portfolio/profiles.hpp"
#include "pg/portfolio/stock.hpp"

#include "pg/deal/deal.hpp"
#include "pg/glue/aggregate.hpp"
#include "pg/glue/interrupt.hpp"
#include "pg/glue/rows.hpp"

extern "C" {
#include "catalog/pg_type.h"
}

using namespace tradeup;

namespace {

/* A pick as it stands in the array of picks: four numbers. */
struct StoredPick {
    std::int32_t buyer; // a running number over all profiles
    std::int32_t plan;
    std::int32_t tier;
    std::int32_t place; // in the stock that was picked
};

constexpr std::size_t kNumbers = sizeof(StoredPick) / sizeof(std::int32_t);
constexpr std::size_t kMostPicks = MaxArraySize / kNumbers;

/* One profile, compiled. */
struct Work {
    Profile profile;
    std::span<AmountPlan> amounts;
    Elements customer_ids;
    Elements current_payments;
};

/* The prices of the stock and their index, which all profiles of a call share. */
struct Searching {
    Prices prices;
    PriceIndex index;
    std::int64_t minor_digits; // of the first deal; -1 before there is one
};

/* The picks of a call, in memory that grows. */
struct Picks {
    StoredPick *at;
    std::size_t count;
    std::size_t capacity;

    void put(const StoredPick &pick) {
        if (count == kMostPicks) {
            ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED), errmsg("too many offers are picked"),
                            errdetail("There are more than %zu of one stock.", kMostPicks),
                            errhint("Ask for fewer offers of each customer, or for one program at a time.")));
        }
        if (count == capacity) {
            capacity = std::min(2 * capacity, kMostPicks);
            grow(at, capacity);
        }
        at[count++] = pick;
    }
};

void require_same(int count, const char *what, int wanted, const char *of_what) {
    if (count != wanted) {
        ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                        errmsg("arrays of a profile must have the same length"),
                        errdetail("There are %d %s for %d %s.", count, what, wanted, of_what)));
    }
}

void compile_deals(const ProfileRow &row, Searching &searching, Work &work) {
    const Elements deals = row.elements(ProfileRow::deals, "deals");
    const auto most = static_cast<std::size_t>(deals.count);
    work.profile.plans = allocated<DealPlan>(CurrentMemoryContext, most);
    auto *amounts = allocated<AmountPlan>(CurrentMemoryContext, most);
    for (int i = 0; i < deals.count; ++i) {
        if (deals.nulls[i]) {
            ereport(ERROR,
                    (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED), errmsg("deals of a profile must not be null")));
        }
        const Deal &deal = to_deal(deals.values[i]);
        if (searching.minor_digits < 0) {
            searching.minor_digits = deal.minor_digits;
        }
        if (searching.minor_digits != deal.minor_digits) {
            ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                            errmsg("deals over one stock must have the same minor digits"),
                            errdetail("They are %d and %d.", static_cast<int>(searching.minor_digits),
                                      static_cast<int>(deal.minor_digits))));
        }
        const std::size_t at = work.profile.plan_count++;
        (void)value_of(plan_deal(deal.terms, searching.prices, at > 0 ? &work.profile.plans[at - 1] : nullptr,
                                 work.profile.plans[at]));
        amounts[at] = plan_amounts(deal.terms);
    }
    work.amounts = {amounts, most};
    work.profile.prices = searching.prices;
    work.profile.index = searching.index;
}

Work work_of(const ProfileRow &row, Searching &searching) {
    Work work{};
    compile_deals(row, searching, work);
    const Customers customers = row.customers();
    work.current_payments = customers.current_payments;
    work.customer_ids = row.elements(ProfileRow::customer_ids, "customer_ids");
    const std::span<const Buyer> buyers = read_buyers(CurrentMemoryContext, customers);
    work.profile.buyers = buyers.data();
    work.profile.buyer_count = buyers.size();
    require_same(work.customer_ids.count, "customer_ids", static_cast<int>(buyers.size()), "equities");
    return work;
}

/* Picks the best offers of the profile's customers, the first of whom has the number `first`. */
void pick_best(const Work &work, RankBy rank, std::int32_t most, std::int32_t first, Picks &picks) {
    if (work.profile.plan_count == 0 || most == 0) {
        return;
    }
    const std::size_t plans = work.profile.plan_count;
    const BestRoom room{{allocated<Pieces>(CurrentMemoryContext, plans), plans},
                        {allocated<Line>(CurrentMemoryContext, plans), plans},
                        {allocated<Head>(CurrentMemoryContext, 2 * plans), 2 * plans}};
    BestOffers best(work.profile, work.amounts, rank, room);
    for (std::size_t buyer = 0; buyer < work.profile.buyer_count; ++buyer) {
        CHECK_FOR_INTERRUPTS();
        (void)value_of(best.begin(buyer));
        Pick pick{};
        for (std::int32_t taken = 0; taken < most && value_of(best.next(pick)); ++taken) {
            picks.put({first + static_cast<std::int32_t>(buyer), pick.plan, pick.tier,
                       static_cast<std::int32_t>(pick.place)});
        }
    }
}

/* The picks as an integer[]. */
Datum picks_array(const Picks &picks) {
    const std::size_t numbers = picks.count * kNumbers;
    const Size size = ARR_OVERHEAD_NONULLS(1) + numbers * sizeof(std::int32_t);
    if (numbers == 0) {
        return PointerGetDatum(construct_empty_array(INT4OID));
    }
    auto *array = static_cast<ArrayType *>(palloc0(size));
    SET_VARSIZE(array, size);
    array->ndim = 1;
    array->elemtype = INT4OID;
    ARR_DIMS(array)[0] = static_cast<int>(numbers);
    ARR_LBOUND(array)[0] = 1;
    std::memcpy(ARR_DATA_PTR(array), picks.at, numbers * sizeof(std::int32_t));
    return PointerGetDatum(array);
}

/* The words of one deal. */
struct DealWords {
    Datum tiers[kMaxTiers];
    Datum payment_frequency;
};

/* What rows of one profile have in common, and its texts as Datums. */
struct RowMaker {
    const ProfileRow &row;
    const Work &work;
    const Stock &stock;
    Elements rates;
    DealWords *words;   // of each plan
    Datum *vehicle_ids; // of the stock's places; 0 where not made yet
};

RowMaker row_maker(const ProfileRow &row, const Work &work, const Stock &stock, Datum *vehicle_ids) {
    const std::size_t plans = work.profile.plan_count;
    const RowMaker maker{row,
                         work,
                         stock,
                         row.elements(ProfileRow::rates, "rates"),
                         allocated<DealWords>(CurrentMemoryContext, plans),
                         vehicle_ids};
    require_same(maker.rates.count, "rates", static_cast<int>(plans), "deals");
    for (std::size_t i = 0; i < plans; ++i) {
        const Terms &terms = work.profile.plans[i].terms;
        DealWords &words = maker.words[i];
        for (std::int32_t t = 0; t < terms.tier_count; ++t) {
            words.tiers[t] = PointerGetDatum(cstring_to_text(terms.tiers[t].name));
        }
        words.payment_frequency =
            PointerGetDatum(cstring_to_text(word_for(kFrequencies, terms.payment_frequency)));
    }
    return maker;
}

/* Writes the row of one picked offer. Its numbers stand on the stack: there may be millions of rows. */
void put_row(const RowSink &rows, const RowMaker &maker, const BestOffers &best, std::size_t buyer,
             const Pick &pick) {
    constexpr int kFirstAmount = 10;
    constexpr int kColumns = kFirstAmount + static_cast<int>(kAmounts) + 1;
    const DealPlan &plan = maker.work.profile.plans[pick.plan];
    const DealWords &words = maker.words[pick.plan];
    Datum &vehicle = maker.vehicle_ids[pick.place];
    if (vehicle == 0) {
        const std::string_view id = maker.stock.vehicle_id(pick.place);
        vehicle = PointerGetDatum(cstring_to_text_with_len(id.data(), static_cast<int>(id.size())));
    }
    Datum values[kColumns] = {maker.work.customer_ids.values[buyer],
                              maker.row.values[ProfileRow::program],
                              maker.row.values[ProfileRow::version],
                              maker.row.values[ProfileRow::profile],
                              Int32GetDatum(plan.terms.term),
                              maker.rates.values[pick.plan],
                              maker.work.current_payments.values[buyer],
                              vehicle,
                              words.tiers[pick.tier],
                              Int32GetDatum(pick.tier + 1)};
    bool nulls[kColumns] = {maker.work.customer_ids.nulls[buyer],
                            maker.row.nulls[ProfileRow::program],
                            maker.row.nulls[ProfileRow::version],
                            maker.row.nulls[ProfileRow::profile],
                            false,
                            maker.rates.nulls[pick.plan]};
    NumericRoom numbers[kAmounts];
    for (std::size_t i = 0; i < kAmounts; ++i) {
        const auto amount = static_cast<Amount>(i);
        const std::int64_t units = value_of(best.amount(amount, pick));
        const int scale = amount == Amount::change ? kChangeScale : static_cast<int>(plan.terms.minor_digits);
        values[kFirstAmount + i] = to_numeric(units, scale, numbers[i]);
    }
    values[kColumns - 1] = words.payment_frequency;
    rows.put(values, nulls);
}

/* Whether a pick is one of an offer of this profile, whose first customer has the number `first`. */
bool fits(const StoredPick &pick, std::int32_t first, const Work &work) {
    const auto within = [](std::int64_t number, std::size_t count) {
        return number >= 0 && number < static_cast<std::int64_t>(count);
    };
    return within(std::int64_t{pick.buyer} - first, work.profile.buyer_count) &&
           within(pick.plan, work.profile.plan_count) &&
           within(pick.tier, static_cast<std::size_t>(work.profile.plans[pick.plan].terms.tier_count)) &&
           within(pick.place, work.profile.prices.size()) &&
           work.profile.buyers[pick.buyer - first].current_payment.present != 0;
}

[[noreturn]] void wrong_picks(std::size_t number) {
    ereport(ERROR,
            (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("picks do not fit the profiles and vehicles"),
             errdetail("It is pick %zu.", number + 1),
             errhint("Take profiles, vehicles and picks of the same call of best_in_stock.")));
    pg_unreachable();
}

} // namespace

extern "C" {

PG_FUNCTION_INFO_V1(best_in_stock);
PG_FUNCTION_INFO_V1(offers_picked);

/* best_in_stock(stock, profiles, per_customer, rank_by): the vehicles that are picked as a stock of their
 * own, and the picks. */
Datum best_in_stock(PG_FUNCTION_ARGS) {
    const Stock stock = to_stock(PG_GETARG_DATUM(0));
    const RankBy rank = value_of(parse_rank(view_of(PG_GETARG_DATUM(3))));
    Searching searching{{stock.prices, stock.count}, {}, -1};
    searching.index = planned_index(searching.prices);
    const auto starts = static_cast<std::size_t>(searching.index.buckets) + 1;
    fill_index(searching.prices, searching.index, allocated<std::uint32_t>(CurrentMemoryContext, starts));
    constexpr std::size_t kFirstCapacity = 1024;
    Picks picks{allocated<StoredPick>(CurrentMemoryContext, kFirstCapacity), 0, kFirstCapacity};
    std::int32_t buyers = 0;
    for (const ProfileRow &row : profile_rows(PG_GETARG_DATUM(1))) {
        const Work work = work_of(row, searching);
        pick_best(work, rank, PG_GETARG_INT32(2), buyers, picks);
        buyers += static_cast<std::int32_t>(work.profile.buyer_count);
    }
    /* The vehicles that are picked move together, in their order. */
    auto *places = allocated<std::int32_t>(CurrentMemoryContext, stock.count);
    std::fill_n(places, stock.count, -1);
    for (std::size_t i = 0; i < picks.count; ++i) {
        places[picks.at[i].place] = 0;
    }
    Datum values[] = {kept_in_stock(stock, places), 0};
    for (std::size_t i = 0; i < picks.count; ++i) {
        picks.at[i].place = places[picks.at[i].place];
    }
    values[1] = picks_array(picks);
    return one_row(fcinfo, values);
}

/* offers_picked(profiles, vehicles, picks) */
Datum offers_picked(PG_FUNCTION_ARGS) {
    const RowSink rows = begin_rows(fcinfo);
    if (PG_ARGISNULL(0) || PG_ARGISNULL(1) || PG_ARGISNULL(2)) {
        return 0;
    }
    const Stock stock = to_stock(PG_GETARG_DATUM(1));
    const std::span<const std::int32_t> numbers = plain_elements<std::int32_t>(PG_GETARG_DATUM(2), "picks");
    const auto *picks = reinterpret_cast<const StoredPick *>(numbers.data());
    const std::size_t count = numbers.size() / kNumbers;
    auto *vehicle_ids = allocated<Datum>(CurrentMemoryContext, stock.count);
    std::fill_n(vehicle_ids, stock.count, Datum{0});
    Searching searching{{stock.prices, stock.count}, {}, -1};
    std::size_t next = 0;
    std::int32_t buyers = 0;
    for (const ProfileRow &row : profile_rows(PG_GETARG_DATUM(0))) {
        const Work work = work_of(row, searching);
        const RowMaker maker = row_maker(row, work, stock, vehicle_ids);
        BestOffers best(work.profile, work.amounts, RankBy::margin, {});
        std::size_t turned_to = work.profile.buyer_count; // none of them
        for (; next < count && fits(picks[next], buyers, work); ++next) {
            CHECK_FOR_INTERRUPTS();
            const StoredPick &pick = picks[next];
            const auto buyer = static_cast<std::size_t>(pick.buyer - buyers);
            if (buyer != turned_to) {
                best.turn_to(buyer);
                turned_to = buyer;
            }
            put_row(rows, maker, best, buyer, {pick.plan, pick.tier, static_cast<std::size_t>(pick.place)});
        }
        buyers += static_cast<std::int32_t>(work.profile.buyer_count);
    }
    if (next < count || numbers.size() % kNumbers != 0) {
        wrong_picks(next);
    }
    return 0;
}

} // extern "C"
