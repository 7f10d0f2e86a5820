/*
 * Summaries against each price asked by itself, and that they stop when asked.
 */
#include "core/portfolio/summary.hpp"

#include <vector>

#include <gtest/gtest.h>

#include "oracle.hpp"
#include "price_lists.hpp"
#include "random_terms.hpp"
#include "support.hpp"

namespace tradeup {

namespace {

bool at_once() noexcept {
    return true;
}

/* The plans of some terms over a list, each tier counted in the slot of its index. */
struct Plans {
    std::vector<DealPlan> plans;
    std::vector<PlanTotals> totals;
    std::vector<Slot> slots = std::vector<Slot>(kMaxTiers + 1);
    std::vector<std::uint32_t> starts;
    Profile profile{};

    Plans(const std::vector<Terms> &terms, const PriceList &list, const std::vector<Buyer> &buyers)
        : plans(terms.size()), totals(terms.size() * (kMaxTiers + 1)) {
        for (std::size_t i = 0; i < terms.size(); ++i) {
            const Result<bool> done =
                plan_deal(terms[i], prices_of(list), i > 0 ? &plans[i - 1] : nullptr, plans[i]);
            EXPECT_TRUE(done) << done.error().message;
            for (std::int32_t t = 0; t <= kMaxTiers; ++t) {
                plans[i].slots[t] = t;
            }
        }
        profile = {prices_of(list), &list,         plans.data(),  totals.data(),
                   plans.size(),    buyers.data(), buyers.size(), planned_index(prices_of(list))};
        starts.resize(static_cast<std::size_t>(profile.index.buckets) + 1);
        fill_index(prices_of(list), profile.index, starts.data());
    }
};

/* Limits that random terms do not draw, on and beside the case's price. */
void draw_limits(RandomTerms &random, Case &made) {
    Terms &t = made.terms;
    const auto price = [&](int off) {
        return OptionalDecimal{normalized({std::max<std::int64_t>(made.price + off, 0), t.minor_digits}), 1};
    };
    const auto off = static_cast<int>(random.between(-3, 3));
    t.min_price = random.one_in(4) ? price(off - 2) : OptionalDecimal{};
    t.max_price = random.one_in(4) ? price(off + 2) : OptionalDecimal{};
    t.max_loan_to_value =
        random.one_in(3) ? OptionalDecimal{normalized({random.between(1, 30), 1}), 1} : OptionalDecimal{};
}

/* What the offers of one slot come to, in 80 digits; the margin in minor units. */
struct Truth {
    std::int64_t customers = 0;
    std::int64_t offers = 0;
    std::int64_t changes = 0;
    oracle::Real margin = 0;
    oracle::Real change = 0;
};

/* Asks each price of the list alone; returns how many offers there are. */
std::int64_t add_offers_of(const Terms &terms, const PriceList &list, std::vector<Truth> &truths,
                           std::vector<bool> &has_offer) {
    const oracle::Deal deal(terms);
    std::int64_t found = 0;
    for (std::size_t p = 0; p < prices_of(list).size(); ++p) {
        const oracle::Offer offer = deal.offer(list.prices()[p]);
        if (!deal.eligible(offer)) {
            continue;
        }
        const std::int64_t repeated = list.count_at(p);
        const int tier = deal.tier(offer);
        const auto slot = static_cast<std::size_t>(tier < 0 ? kMaxTiers : tier);
        Truth &truth = truths[slot];
        has_offer[slot] = true;
        truth.offers += repeated;
        found += repeated;
        truth.margin += offer.margin * deal.unit() * repeated;
        if (terms.current_payment.present) {
            truth.changes += repeated;
            truth.change += offer.change * repeated;
        }
    }
    return found;
}

} // namespace

/* Every price of the list asked of a deal that is built for each customer and term. */
TEST(Summary, CountsAsEveryPriceAskedAlone) {
    RandomTerms random(6);
    std::int64_t of_kind[3] = {};
    std::int64_t of_other_periods = 0;
    for (int round = 0; round < 400; ++round) {
        Case made = random.draw(static_cast<Place>(round % 3));
        random.add_windows(made);
        draw_limits(random, made);
        std::vector<Terms> terms{made.terms};
        const std::int64_t more = random.between(0, 2);
        for (std::int64_t i = 0; i < more; ++i) {
            Terms other = other_loan(random, made.terms);
            if (random.one_in(6)) {
                other.bonus = made.terms.equity.coefficient > 0 ? made.terms.equity : other.bonus;
            }
            terms.push_back(other);
        }
        const std::vector<Buyer> buyers = buyers_about(random, made);
        std::vector<std::int64_t> prices;
        for (const Terms &one : terms) {
            for (const Buyer &buyer : buyers) {
                const std::vector<std::int64_t> some = prices_about(random, made, built(with(one, buyer)));
                prices.insert(prices.end(), some.begin(), some.end());
            }
        }
        const ListBox box(prices, made.terms.minor_digits);
        Plans plans(terms, *box, buyers);
        const Result<bool> done = count_customers(plans.profile, plans.slots, 0, never_stops);
        ASSERT_TRUE(done) << done.error().message;

        std::vector<Truth> truths(kMaxTiers + 1);
        for (const Buyer &buyer : buyers) {
            std::vector<bool> has_offer(truths.size());
            for (const Terms &one : terms) {
                const std::int64_t found = add_offers_of(with(one, buyer), *box, truths, has_offer);
                of_kind[static_cast<std::size_t>(one.kind)] += found;
                of_other_periods += one.payment_frequency != Frequency::monthly ? found : 0;
            }
            for (std::size_t slot = 0; slot < truths.size(); ++slot) {
                truths[slot].customers += has_offer[slot] ? 1 : 0;
            }
        }
        for (std::int32_t slot = 0; slot <= kMaxTiers; ++slot) {
            const auto &[customers, offers, changes, margin, change] = truths[static_cast<std::size_t>(slot)];
            const Result<SlotSummary> found = summarize({&plans.profile, 1}, slot, never_stops);
            const oracle::Real mean =
                changes > 0 ? oracle::Real(change * 1'000'000 / changes) : oracle::Real(0);
            ASSERT_TRUE(found) << found.error().message;
            ASSERT_EQ(found->offers, offers) << text_of(built(made.terms)) << " slot " << slot;
            const bool shown = abs(mean) < oracle::Real(kMaxCoefficient) + 1;
            ASSERT_EQ(found->changes, shown ? changes : 0);
            ASSERT_EQ(plans.slots[static_cast<std::size_t>(slot)].customers, customers);
            ASSERT_EQ(oracle::Real(found->margin), oracle::rounded(margin, Rounding::half_up));
            if (changes > 0 && shown) {
                ASSERT_EQ(oracle::Real(found->mean_change), oracle::rounded(mean, Rounding::half_up))
                    << text_of(built(made.terms));
            }
        }
    }
    EXPECT_GT(of_kind[static_cast<std::size_t>(DealKind::balloon)], 1000);
    EXPECT_GT(of_kind[static_cast<std::size_t>(DealKind::lease)], 1000);
    EXPECT_GT(of_other_periods, 1000);
}

/* No customer costs an exact search: every edge moves with her own figures, is a price of hers, or decides
 * for all prices alike. */
TEST(Summary, EdgesNeedNoFractions) {
    const std::string limits =
        "v1 annual_rate=0.07 term=60 down_payment_rate=0.1 opening_fee_rate=0.02"
        " opening_fee_less_equity=true service_fee_rate=0.01 sales_tax_rate=0.08"
        " document_fee=80 bonus=250 max_component=60000 max_financed=80000"
        " max_loan_to_value=1.25 min_payment=100 max_payment_to_income=0.15 max_change=1"
        " min_price=5000 max_price=90000";
    const ListBox box({100, 200});
    for (const char *kind :
         {"", " sales_tax_base=difference", " payment_frequency=biweekly first_payment_days=45",
          " kind=balloon residual_rate=0.4 sales_tax_base=difference", " kind=lease residual_rate=0.5"}) {
        DealPlan plan{};
        ASSERT_TRUE(plan_deal(terms_of(limits + kind), prices_of(*box), nullptr, plan));
        EXPECT_GT(plan.rule_count, 7) << kind;
        for (std::int32_t i = 0; i < plan.rule_count; ++i) {
            EXPECT_NE(plan.rules[i].kind, EdgeKind::exact) << rule_name(plan.rules[i].rule) << kind;
        }
    }
}

TEST(Summary, StopsWhenAsked) {
    const ListBox box({100, 200});
    const std::vector<Buyer> buyers(1);
    Plans plans({terms_of("v1 annual_rate=0.1 term=12")}, *box, buyers);
    const Result<bool> stopped = count_customers(plans.profile, plans.slots, 0, at_once);
    ASSERT_FALSE(stopped);
    EXPECT_EQ(stopped.error().kind, ErrorKind::cancelled);
}

} // namespace tradeup
