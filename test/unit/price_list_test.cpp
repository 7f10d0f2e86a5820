#include "core/price_list.hpp"

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "oracle.hpp"
#include "price_lists.hpp"
#include "random_terms.hpp"
#include "support.hpp"

namespace tradeup {

TEST(PriceList, SortsLikeTheStandardLibrary) {
    RandomTerms random(3);
    for (int i = 0; i < 200; ++i) {
        std::vector<std::int64_t> prices(static_cast<std::size_t>(random.between(0, 3000)));
        const std::int64_t highest = i % 3 == 0 ? kMaxPriceMinor : random.between(0, 5000);
        for (std::int64_t &price : prices) {
            price = random.between(0, highest);
        }
        std::vector<std::int64_t> wanted = prices;
        std::sort(wanted.begin(), wanted.end());
        std::vector<std::int64_t> scratch(prices.size());
        ASSERT_TRUE(sort_prices(prices, scratch, []() noexcept { return false; }));
        ASSERT_EQ(prices, wanted);
    }
    std::vector<std::int64_t> prices{2, 1};
    std::vector<std::int64_t> scratch(2);
    const Result<bool> stopped = sort_prices(prices, scratch, []() noexcept { return true; });
    ASSERT_FALSE(stopped);
    EXPECT_EQ(stopped.error().kind, ErrorKind::cancelled);
}

TEST(PriceList, FindsPlacesAndSums) {
    RandomTerms random(4);
    for (int i = 0; i < 300; ++i) {
        std::vector<std::int64_t> prices(static_cast<std::size_t>(random.between(0, 40)));
        for (std::int64_t &price : prices) {
            price = random.between(0, 30);
        }
        const ListBox box(prices);
        for (std::int64_t low = -1; low <= 31; ++low) {
            ASSERT_EQ(prices_below(*box, low),
                      static_cast<std::size_t>(std::count_if(prices.begin(), prices.end(),
                                                             [=](std::int64_t p) { return p < low; })));
            for (std::int64_t high = -1; high <= 31; ++high) {
                std::int64_t count = 0;
                std::int64_t sum = 0;
                for (const std::int64_t price : prices) {
                    const bool within = low <= price && price <= high;
                    count += within ? 1 : 0;
                    sum += within ? price : 0;
                }
                const Stretch stretch = prices_between(*box, low, high);
                ASSERT_EQ(count_of(stretch), count);
                ASSERT_EQ(sum_of(*box, stretch), sum);
            }
        }
    }
}

TEST(PriceList, TotalThatDoesNotFitIsAnError) {
    const auto room = std::make_unique<std::int64_t[]>(price_list_size(92234) / sizeof(std::int64_t));
    auto &list = *reinterpret_cast<PriceList *>(room.get());
    list.count = 92234;
    std::fill_n(list.prices(), list.count, kMaxPriceMinor);
    const Result<bool> done = add_up(list);
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().kind, ErrorKind::out_of_range);
    list.count = 92233;
    EXPECT_TRUE(add_up(list));
}

/* Each price asked alone, changes and margins as exact fractions. */
TEST(PriceList, CountsTheOffersOfRandomDeals) {
    RandomTerms random(5);
    int beyond = 0;
    for (int i = 0; i < 600; ++i) {
        Case made = random.draw(static_cast<Place>(i % 3));
        random.add_windows(made);
        const Deal deal = built(made.terms);
        const ListBox box(prices_about(random, made, deal), made.terms.minor_digits);
        TierOffers tiers[kMaxTiers + 1];
        const Result<std::int32_t> records = count_offers(deal, *box, tiers);
        if (!records) { // a mean or a sum of more than 18 digits
            ASSERT_EQ(records.error().kind, ErrorKind::out_of_range);
            ++beyond;
            continue;
        }
        ASSERT_EQ(*records, made.terms.tier_count + 1);
        const Formula<Ratio> formula(deal.terms);
        const Affine<Ratio> change = formula.change_of(formula.payment());
        const Affine<Ratio> margin = formula.margin();
        for (std::int32_t t = 0; t < *records; ++t) {
            std::int64_t offers = 0;
            std::int64_t sum = 0;
            for (std::int64_t p = 0; p < box->count; ++p) {
                const Window *window = window_at(deal, box->prices()[p]);
                if (window != nullptr && window->tier == tiers[t].tier) {
                    ++offers;
                    sum += box->prices()[p];
                }
            }
            ASSERT_EQ(tiers[t].offers, offers) << text_of(deal);
            ASSERT_EQ(tiers[t].price_sum, sum) << text_of(deal);
            if (offers == 0) {
                continue;
            }
            const Ratio margins = margin.slope * Ratio{sum, 1} + margin.intercept * Ratio{offers, 1};
            ASSERT_EQ(Integer(tiers[t].margin),
                      round_ratio(margins.numerator, margins.denominator, deal.rounding))
                << text_of(deal);
            if (deal.terms.current_payment.present) {
                const Ratio mean = (change.slope * Ratio{sum, 1} + change.intercept * Ratio{offers, 1}) *
                                   Ratio{1'000'000, 1} / Ratio{offers, 1};
                ASSERT_EQ(Integer(tiers[t].mean_change),
                          round_ratio(mean.numerator, mean.denominator, Rounding::half_up))
                    << text_of(deal);
            }
        }
    }
    EXPECT_LT(beyond, 60);
}

/* With an index a search finds what it finds without, at every price of a list and beside it. */
TEST(PriceList, AnIndexFindsTheSamePlaces) {
    RandomTerms random(11);
    for (int round = 0; round < 300; ++round) {
        std::vector<std::int64_t> prices;
        const std::int64_t count = random.between(0, 200);
        const std::int64_t most = random.one_in(3) ? random.between(0, 50) : kMaxPriceMinor;
        const std::int64_t least = random.one_in(2) ? 0 : most / 2;
        for (std::int64_t i = 0; i < count; ++i) {
            prices.push_back(random.between(least, random.one_in(9) ? most : least + (most - least) / 1000));
        }
        const ListBox box(prices);
        PriceIndex index = planned_index(*box);
        std::vector<std::uint32_t> starts(static_cast<std::size_t>(index.buckets) + 1);
        fill_index(*box, index, starts.data());
        prices.insert(prices.end(), {0, kMaxPriceMinor});
        for (const std::int64_t price : prices) {
            for (std::int64_t off = -1; off <= 1; ++off) {
                ASSERT_EQ(prices_below(*box, index, price + off), prices_below(*box, price + off));
            }
        }
    }
}

} // namespace tradeup
