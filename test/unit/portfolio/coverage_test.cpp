/*
 * Offers by group and customers by price against each price asked by itself, and that they stop when asked.
 */
#include "core/portfolio/coverage.hpp"

#include <algorithm>
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

/* Some terms compiled over ascending prices, with customers. */
struct Compiled {
    std::vector<DealPlan> plans;
    std::vector<std::uint32_t> starts;
    Profile profile{};

    Compiled(const std::vector<Terms> &terms, Prices prices, const std::vector<Buyer> &buyers,
             bool share_edges)
        : plans(terms.size()) {
        for (std::size_t i = 0; i < terms.size(); ++i) {
            const DealPlan *before = share_edges && i > 0 ? &plans[i - 1] : nullptr;
            const Result<bool> done = plan_deal(terms[i], prices, before, plans[i]);
            EXPECT_TRUE(done) << done.error().message;
        }
        profile.prices = prices;
        profile.plans = plans.data();
        profile.plan_count = plans.size();
        profile.buyers = buyers.data();
        profile.buyer_count = buyers.size();
        profile.index = planned_index(prices);
        starts.resize(static_cast<std::size_t>(profile.index.buckets) + 1);
        fill_index(prices, profile.index, starts.data());
    }
};

/* The case, its customers, and prices on and beside the edges of all its deals. */
struct Drawn {
    Case made;
    std::vector<Terms> terms;
    std::vector<Buyer> buyers;
    std::vector<std::int64_t> prices;
};

Drawn draw(RandomTerms &random, int round) {
    Drawn drawn{random.draw(static_cast<Place>(round % 3)), {}, {}, {}};
    random.add_windows(drawn.made);
    drawn.terms.push_back(drawn.made.terms);
    for (std::int64_t more = random.between(0, 2); more > 0; --more) {
        drawn.terms.push_back(other_loan(random, drawn.made.terms));
    }
    drawn.buyers = buyers_about(random, drawn.made);
    for (const Terms &one : drawn.terms) {
        for (const Buyer &buyer : drawn.buyers) {
            for (const std::int64_t price : prices_about(random, drawn.made, built(with(one, buyer)))) {
                drawn.prices.insert(drawn.prices.end(), random.one_in(5) ? 2 : 1, price);
            }
        }
    }
    std::sort(drawn.prices.begin(), drawn.prices.end());
    return drawn;
}

} // namespace

TEST(Coverage, CountsGroupsAsEveryPriceAskedAlone) {
    constexpr std::size_t groups = 3;
    RandomTerms random(61);
    std::int64_t all = 0;
    for (int round = 0; round < 60; ++round) {
        const Drawn drawn = draw(random, round);
        std::vector<std::int32_t> group(drawn.prices.size());
        std::generate(group.begin(), group.end(),
                      [&] { return static_cast<std::int32_t>(random.between(0, 2)); });
        const Compiled compiled(drawn.terms, drawn.prices, drawn.buyers, false);
        const std::size_t places = drawn.prices.size() + 1;
        for (std::size_t p = 0; p < drawn.terms.size(); ++p) {
            const auto rows = static_cast<std::size_t>(drawn.terms[p].tier_count) + 1;
            std::vector<std::int64_t> offers(rows * groups);
            std::vector<oracle::Real> margin(rows * groups);
            for (const Buyer &buyer : drawn.buyers) {
                const Terms own = with(drawn.terms[p], buyer);
                const oracle::Deal deal(own);
                for (std::size_t i = 0; i < drawn.prices.size(); ++i) {
                    const oracle::Offer offer = deal.offer(drawn.prices[i]);
                    if (drawn.prices[i] > 0 && deal.eligible(offer)) {
                        const int tier = deal.tier(offer);
                        const std::size_t row = tier < 0 ? rows - 1 : static_cast<std::size_t>(tier);
                        const std::size_t at = row * groups + static_cast<std::size_t>(group[i]);
                        ++offers[at];
                        margin[at] += offer.margin * deal.unit();
                        ++all;
                    }
                }
            }
            std::vector<Coverage> coverage(rows * places);
            const Result<bool> done =
                cover_offers(compiled.profile, compiled.plans[p], coverage, never_stops);
            ASSERT_TRUE(done) << done.error().message;
            for (std::size_t row = 0; row < rows; ++row) {
                std::vector<GroupTotals> totals(groups);
                add_to_groups({coverage.data() + row * places, places}, drawn.prices, group, totals);
                const MarginPart part{&drawn.terms[p], totals.data()};
                std::vector<std::int64_t> margins(groups);
                ASSERT_TRUE(sum_margins({&part, 1}, margins));
                for (std::size_t g = 0; g < groups; ++g) {
                    const std::size_t at = row * groups + g;
                    ASSERT_EQ(totals[g].offers, offers[at])
                        << text_of(built(drawn.terms[p])) << " row " << row;
                    ASSERT_EQ(oracle::Real(margins[g]), oracle::rounded(margin[at], Rounding::half_up));
                }
            }
        }
    }
    EXPECT_GT(all, 10000);
}

TEST(Coverage, ReachesPricesAsEachAskedAlone) {
    RandomTerms random(62);
    std::int64_t all = 0;
    for (int round = 0; round < 60; ++round) {
        const Drawn drawn = draw(random, round);
        std::vector<Reach> truth(drawn.prices.size());
        for (const Buyer &buyer : drawn.buyers) {
            std::vector<Reach> one(drawn.prices.size());
            for (const Terms &terms : drawn.terms) {
                const Terms own = with(terms, buyer);
                const oracle::Deal deal(own);
                for (std::size_t i = 0; i < drawn.prices.size(); ++i) {
                    const oracle::Offer offer = deal.offer(drawn.prices[i]);
                    if (drawn.prices[i] > 0 && deal.eligible(offer)) {
                        one[i].customers = 1;
                        one[i].in_tier |= deal.tier(offer) >= 0 ? 1 : 0;
                    }
                }
            }
            for (std::size_t i = 0; i < one.size(); ++i) {
                truth[i].customers += one[i].customers;
                truth[i].in_tier += one[i].in_tier;
            }
        }
        const Compiled compiled(drawn.terms, drawn.prices, drawn.buyers, true);
        std::vector<Reach> reach(drawn.prices.size() + 1);
        std::vector<Stretch> room(2 * kMostStretches * drawn.terms.size());
        const Result<bool> done = reach_prices(compiled.profile, reach, room, never_stops);
        ASSERT_TRUE(done) << done.error().message;
        Reach here{};
        for (std::size_t i = 0; i < truth.size(); ++i) {
            here.customers += reach[i].customers;
            here.in_tier += reach[i].in_tier;
            ASSERT_EQ(here.customers, truth[i].customers) << drawn.prices[i];
            ASSERT_EQ(here.in_tier, truth[i].in_tier) << drawn.prices[i];
            all += here.in_tier;
        }
    }
    EXPECT_GT(all, 1000);
}

/* Deals of one profile and another may differ in what margins are not made of. */
TEST(Coverage, SameMargins) {
    const std::string deal = "v1 annual_rate=0.06 term=60 service_fee_rate=0.01 down_payment_rate=";
    const Result<bool> same = same_margins(terms_of(deal + "0.1"), terms_of(deal + "0.2"));
    ASSERT_TRUE(same);
    EXPECT_TRUE(*same);
    const Result<bool> other =
        same_margins(terms_of(deal + "0.1"), terms_of("v1 annual_rate=0.06 term=60 service_fee_rate=0.02"));
    ASSERT_TRUE(other);
    EXPECT_FALSE(*other);
    const Result<bool> other_currency =
        same_margins(terms_of(deal + "0.1"), terms_of(deal + "0.1 minor_digits=3"));
    ASSERT_TRUE(other_currency);
    EXPECT_FALSE(*other_currency);
}

TEST(Coverage, StopsWhenAsked) {
    const std::vector<std::int64_t> prices{100, 200};
    const std::vector<Buyer> buyers(1);
    const Compiled compiled({terms_of("v1 annual_rate=0.1 term=12")}, prices, buyers, false);
    std::vector<Coverage> coverage(3);
    const Result<bool> covered = cover_offers(compiled.profile, compiled.plans[0], coverage, at_once);
    ASSERT_FALSE(covered);
    EXPECT_EQ(covered.error().kind, ErrorKind::cancelled);
    std::vector<Reach> reach(3);
    std::vector<Stretch> room(2 * kMostStretches);
    const Result<bool> reached = reach_prices(compiled.profile, reach, room, at_once);
    ASSERT_FALSE(reached);
    EXPECT_EQ(reached.error().kind, ErrorKind::cancelled);
}

} // namespace tradeup
