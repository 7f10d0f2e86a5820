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

Terms with(const Terms &terms, const Buyer &buyer) {
    Terms own = terms;
    own.equity = buyer.equity;
    own.current_payment = buyer.current_payment;
    own.current_price = buyer.current_price;
    return own;
}

Buyer buyer_of(const Terms &terms) {
    return {terms.equity, terms.current_payment, terms.current_price};
}

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

/* Asks each price of the list alone. */
void add_offers_of(const Terms &terms, const PriceList &list, std::vector<Truth> &truths,
                   std::vector<bool> &has_offer) {
    const oracle::Deal deal(terms);
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
        truth.margin += offer.margin * deal.unit() * repeated;
        if (terms.current_payment.present) {
            truth.changes += repeated;
            truth.change += offer.change * repeated;
        }
    }
}

} // namespace

/* Every price of the list asked of a deal that is built for each customer and term. */
TEST(Summary, CountsAsEveryPriceAskedAlone) {
    RandomTerms random(6);
    for (int round = 0; round < 600; ++round) {
        Case made = random.draw(static_cast<Place>(round % 3));
        random.add_windows(made);
        draw_limits(random, made);
        std::vector<Terms> terms{made.terms};
        const std::int64_t more = random.between(0, 2);
        for (std::int64_t i = 0; i < more; ++i) {
            Terms other = made.terms;
            other.term = static_cast<std::int32_t>(random.between(1, 120));
            other.annual_rate = random.one_in(3) ? other.annual_rate : random.annual_rate();
            if (random.one_in(6)) {
                other.bonus = made.terms.equity.coefficient > 0 ? made.terms.equity : other.bonus;
            }
            terms.push_back(other);
        }
        std::vector<Buyer> buyers{buyer_of(made.terms)};
        Buyer other = buyers[0];
        other.equity.coefficient += random.between(-1, 1);
        buyers.push_back(other);
        other.current_payment = {};
        buyers.push_back(other);
        other = buyers[0];
        other.current_price = {};
        other.equity.coefficient = -other.equity.coefficient / 2;
        buyers.push_back(other);
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
                add_offers_of(with(one, buyer), *box, truths, has_offer);
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
