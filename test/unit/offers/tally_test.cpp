/*
 * Tallies against each price asked of each deal by itself.
 */
#include "core/offers/tally.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "oracle.hpp"
#include "random_terms.hpp"
#include "support.hpp"

namespace tradeup {

namespace {

using Deals = std::vector<const Deal *>;

std::vector<std::int64_t> tally_of(const Deals &deals, const std::vector<std::int64_t> &prices) {
    std::vector<std::int64_t> edges(most_edges(deals));
    edges.resize(merge_edges(deals, edges.data()));
    std::vector<std::int64_t> tally = edges;
    tally.resize(tally_size(edges.size()));
    for (const std::int64_t price : prices) {
        count_price(tally.data(), tally.size(), price);
    }
    return tally;
}

struct Counted {
    Result<std::size_t> count;
    std::vector<TierCount> tiers;
};

Counted counted(const std::vector<std::int64_t> &tally, const Deals &deals) {
    std::vector<TierCount> tiers(most_tiers(deals));
    std::vector<TierStretch> stretches(most_edges(deals) / 2);
    std::vector<std::int64_t> below(tally.size() / 2 + 2);
    const Result<std::size_t> count =
        count_tiers(tally, deals, {tiers.data(), stretches.data(), below.data()});
    tiers.resize(count ? *count : 0);
    return {count, tiers};
}

/* Offers and vehicles of each rank and name, 0 and "" for no tier, one price and one deal after another. */
std::map<std::pair<std::int32_t, std::string>, std::pair<std::int64_t, std::int64_t>>
by_hand(const Deals &deals, const std::vector<std::int64_t> &prices) {
    std::map<std::pair<std::int32_t, std::string>, std::pair<std::int64_t, std::int64_t>> found;
    found[{0, ""}] = {0, 0};
    for (const Deal *deal : deals) {
        for (std::int32_t i = 0; i < deal->terms.tier_count; ++i) {
            found[{i + 1, deal->terms.tiers[i].name}];
        }
    }
    for (const std::int64_t price : prices) {
        std::set<std::pair<std::int32_t, std::string>> of_this;
        for (const Deal *deal : deals) {
            if (const Window *window = window_at(*deal, price); window != nullptr) {
                std::pair<std::int32_t, std::string> key{0, ""};
                if (window->tier != kNoTier) {
                    key = {static_cast<std::int32_t>(window->tier) + 1, deal->terms.tiers[window->tier].name};
                }
                ++found[key].first;
                of_this.insert(key);
            }
        }
        for (const auto &key : of_this) {
            ++found[key].second;
        }
    }
    return found;
}

} // namespace

TEST(Buckets, AreThoseOfTheStandardLibrary) {
    RandomTerms random(11);
    for (int i = 0; i < 500; ++i) {
        std::set<std::int64_t> some;
        for (std::int64_t n = random.between(0, 40); n > 0; --n) {
            some.insert(random.between(0, 100));
        }
        const std::vector<std::int64_t> edges(some.begin(), some.end());
        for (std::int64_t price = -1; price <= 101; ++price) {
            const auto at_most = std::upper_bound(edges.begin(), edges.end(), price) - edges.begin();
            ASSERT_EQ(bucket_of(edges, price), static_cast<std::size_t>(at_most));
            for (std::size_t bucket = 0; bucket <= edges.size(); ++bucket) {
                ASSERT_EQ(in_bucket(edges, bucket, price), bucket == static_cast<std::size_t>(at_most));
            }
        }
    }
}

TEST(Tally, CountsWhatEachDealMakesOfEachPrice) {
    RandomTerms random(12);
    std::int64_t offers = 0;
    for (int i = 0; i < 400; ++i) {
        std::vector<Deal> built(static_cast<std::size_t>(random.between(0, 12)));
        Deals deals;
        for (Deal &deal : built) {
            if (build_deal(random.draw(Place::anywhere).terms, deal)) {
                deals.push_back(&deal);
            }
        }
        std::vector<std::int64_t> prices;
        for (const Deal *deal : deals) {
            for (std::int64_t w = 0; w < deal->window_count; ++w) {
                const Window &window = deal->windows[w];
                for (const std::int64_t price :
                     {window.lowest - 1, window.lowest, window.highest, window.highest + 1}) {
                    prices.push_back(std::clamp<std::int64_t>(price, 0, kMaxPriceMinor));
                }
                prices.push_back(random.between(window.lowest, window.highest));
            }
        }
        const std::vector<std::int64_t> tally = tally_of(deals, prices);
        const Counted found = counted(tally, deals);
        ASSERT_TRUE(found.count) << found.count.error().message;
        const auto wanted = by_hand(deals, prices);
        ASSERT_EQ(found.tiers.size(), wanted.size());
        for (const TierCount &tier : found.tiers) {
            const auto &[want_offers, want_vehicles] = wanted.at({tier.rank, std::string(tier.name)});
            ASSERT_EQ(tier.offers, want_offers);
            ASSERT_EQ(tier.vehicles, want_vehicles);
            offers += tier.offers;
        }
        EXPECT_EQ(found.tiers.back().rank, 0);
        EXPECT_TRUE(std::is_sorted(found.tiers.begin(), found.tiers.end() - 1,
                                   [](const TierCount &a, const TierCount &b) { return a.rank < b.rank; }));

        /* Parts add up, and some of the deals can be told of the tally of all. */
        const auto middle = prices.begin() + static_cast<std::ptrdiff_t>(prices.size() / 3);
        std::vector<std::int64_t> parts = tally_of(deals, {prices.begin(), middle});
        ASSERT_TRUE(add_tally(parts, tally_of(deals, {middle, prices.end()})));
        ASSERT_EQ(parts, tally);
        if (!deals.empty()) {
            const Deals first{deals[0]};
            const Counted of_first = counted(tally, first);
            ASSERT_TRUE(of_first.count);
            for (const TierCount &tier : of_first.tiers) {
                ASSERT_EQ(tier.offers, by_hand(first, prices).at({tier.rank, std::string(tier.name)}).first);
                ASSERT_EQ(tier.vehicles, tier.offers);
            }
        }
    }
    EXPECT_GT(offers, 10000);
}

TEST(Tally, RefusesWhatIsNone) {
    const Deals none;
    for (const std::vector<std::int64_t> &list :
         {std::vector<std::int64_t>{}, {1, 2}, {2, 1, 0, 0, 0}, {1, 1, 0, 0, 0}, {1, 0, -1}}) {
        const Counted found = counted(list, none);
        ASSERT_FALSE(found.count);
        EXPECT_EQ(found.count.error().kind, ErrorKind::bad_value);
    }
    constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
    const Counted too_many = counted({1, most, 1}, none);
    ASSERT_FALSE(too_many.count);
    EXPECT_EQ(too_many.count.error().kind, ErrorKind::out_of_range);

    RandomTerms random(13);
    Deal deal;
    while (!build_deal(random.draw(Place::anywhere).terms, deal) || deal.window_count == 0) {
    }
    const Deals deals{&deal, &deal};
    std::vector<std::int64_t> other = tally_of(deals, {});
    other[0] -= 1;
    const Counted found = counted(other, deals);
    ASSERT_FALSE(found.count);
    EXPECT_EQ(found.count.error().kind, ErrorKind::bad_value);
    EXPECT_FALSE(add_tally(other, tally_of(deals, {})));
    EXPECT_FALSE(add_tally(other, tally_of(none, {})));

    /* Two deals make two offers of each vehicle. */
    std::vector<std::int64_t> large = tally_of(deals, {deal.windows[0].lowest});
    large[large.size() / 2 + 1] = most;
    const Counted doubled = counted(large, deals);
    ASSERT_FALSE(doubled.count);
    EXPECT_EQ(doubled.count.error().kind, ErrorKind::out_of_range);
}

} // namespace tradeup
