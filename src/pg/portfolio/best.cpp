/*
 * best_in_stock: the best offers of all customers of several risk profiles over one stock.
 */
#include "core/portfolio/best.hpp"

#include <algorithm>

#include "pg/portfolio/profiles.hpp"
#include "pg/portfolio/stock.hpp"

#include "pg/deal/deal.hpp"
#include "pg/glue/aggregate.hpp"
#include "pg/glue/interrupt.hpp"
#include "pg/glue/rows.hpp"

using namespace tradeup;

namespace {

/* One profile, compiled, with the arrays that its rows are made of. */
struct Work {
    Profile profile;
    std::span<AmountPlan> amounts;
    Elements rates;
    Elements customer_ids;
    Elements current_payments;
    Datum tiers[kMaxTiers];
    Datum payment_frequency;
};

/* The prices of the stock and their index, which all profiles of a call share. */
struct Searching {
    Prices prices;
    PriceIndex index;
    std::int64_t minor_digits; // of the first deal; -1 before there is one
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
    work.rates = row.elements(ProfileRow::rates, "rates");
    require_same(work.rates.count, "rates", deals.count, "deals");
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
    if (work.profile.plan_count > 0) {
        const Terms &terms = work.profile.plans[0].terms;
        for (std::int32_t t = 0; t < terms.tier_count; ++t) {
            work.tiers[t] = PointerGetDatum(cstring_to_text(terms.tiers[t].name));
        }
        work.payment_frequency =
            PointerGetDatum(cstring_to_text(word_for(kFrequencies, terms.payment_frequency)));
    }
    return work;
}

/* Writes the row of one chosen offer, and frees its numbers and id, because there may be millions of rows. */
void put_row(const RowSink &rows, const ProfileRow &row, const Work &work, const Stock &stock,
             const BestOffers &best, std::size_t buyer, const Pick &pick) {
    constexpr int kFirstAmount = 10;
    constexpr int kColumns = kFirstAmount + static_cast<int>(kAmounts) + 1;
    const DealPlan &plan = work.profile.plans[pick.plan];
    const std::string_view id = stock.vehicle_id(pick.place);
    text *vehicle = cstring_to_text_with_len(id.data(), static_cast<int>(id.size()));
    Datum values[kColumns] = {
        work.customer_ids.values[buyer],     row.values[ProfileRow::program], row.values[ProfileRow::version],
        row.values[ProfileRow::profile],     Int32GetDatum(plan.terms.term),  work.rates.values[pick.plan],
        work.current_payments.values[buyer], PointerGetDatum(vehicle),        work.tiers[pick.tier],
        Int32GetDatum(pick.tier + 1)};
    bool nulls[kColumns] = {};
    for (std::size_t i = 0; i < kAmounts; ++i) {
        const auto amount = static_cast<Amount>(i);
        const std::int64_t units = value_of(best.amount(amount, pick));
        values[kFirstAmount + i] = to_numeric(
            units, amount == Amount::change ? kChangeScale : static_cast<int>(plan.terms.minor_digits));
    }
    values[kColumns - 1] = work.payment_frequency;
    rows.put(values, nulls);
    for (std::size_t i = 0; i < kAmounts; ++i) {
        pfree(DatumGetPointer(values[kFirstAmount + i]));
    }
    pfree(vehicle);
}

void choose(const RowSink &rows, const ProfileRow &row, const Work &work, const Stock &stock, RankBy rank,
            std::int32_t most) {
    if (work.profile.plan_count == 0 || most == 0) {
        return;
    }
    const std::size_t plans = work.profile.plan_count;
    const BestRoom room{{allocated<Pieces>(CurrentMemoryContext, plans), plans},
                        {allocated<Head>(CurrentMemoryContext, 2 * plans), 2 * plans}};
    BestOffers best(work.profile, work.amounts, rank, room);
    for (std::size_t buyer = 0; buyer < work.profile.buyer_count; ++buyer) {
        CHECK_FOR_INTERRUPTS();
        (void)value_of(best.begin(buyer));
        Pick pick{};
        for (std::int32_t taken = 0; taken < most && value_of(best.next(pick)); ++taken) {
            put_row(rows, row, work, stock, best, buyer, pick);
        }
    }
}

} // namespace

extern "C" {

PG_FUNCTION_INFO_V1(best_in_stock);

/* best_in_stock(stock, profiles, per_customer, rank_by) */
Datum best_in_stock(PG_FUNCTION_ARGS) {
    const RowSink rows = begin_rows(fcinfo);
    if (PG_ARGISNULL(0) || PG_ARGISNULL(1) || PG_ARGISNULL(2) || PG_ARGISNULL(3)) {
        return 0;
    }
    const Stock stock = to_stock(PG_GETARG_DATUM(0));
    const RankBy rank = value_of(parse_rank(view_of(PG_GETARG_DATUM(3))));
    Searching searching{{stock.prices, stock.count}, {}, -1};
    searching.index = planned_index(searching.prices);
    const auto starts = static_cast<std::size_t>(searching.index.buckets) + 1;
    fill_index(searching.prices, searching.index, allocated<std::uint32_t>(CurrentMemoryContext, starts));
    for (const ProfileRow &row : profile_rows(PG_GETARG_DATUM(1))) {
        choose(rows, row, work_of(row, searching), stock, rank, PG_GETARG_INT32(2));
    }
    return 0;
}

} // extern "C"
