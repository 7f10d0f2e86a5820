/*
 * Price lists against the standard library's sort and against each price asked by itself.
 */
#include "core/portfolio/price_list.hpp"

#include <algorithm>
#include <cstring>
#include <limits>
#include <memory>
#include <string>
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

} // namespace

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
        ASSERT_TRUE(sort_prices(prices, scratch, never_stops));
        ASSERT_EQ(prices, wanted);
    }
    std::vector<std::int64_t> prices{2, 1};
    std::vector<std::int64_t> scratch(2);
    const Result<bool> stopped = sort_prices(prices, scratch, at_once);
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
            const auto distinct = prices_of(*box).first(prices_below(prices_of(*box), low));
            ASSERT_TRUE(
                std::all_of(distinct.begin(), distinct.end(), [=](std::int64_t p) { return p < low; }));
            for (std::int64_t high = -1; high <= 31; ++high) {
                std::int64_t count = 0;
                std::int64_t sum = 0;
                for (const std::int64_t price : prices) {
                    const bool within = low <= price && price <= high;
                    count += within ? 1 : 0;
                    sum += within ? price : 0;
                }
                const Stretch stretch = prices_between(prices_of(*box), low, high);
                ASSERT_EQ(count_of(*box, stretch), count);
                ASSERT_EQ(sum_of(*box, stretch), sum);
            }
        }
    }
}

/* Whatever goes through all prices of a list ends when its caller asks. */
TEST(PriceList, LongWorkStopsWhenAsked) {
    const ListBox list({100, 200, 300});
    const ListBox one({200});
    const ListRoom out(4);
    std::vector<char> text(list_text_size(3));
    PriceRun runs[3] = {{1, 1}, {2, 1}, {3, 1}};
    PriceRun merged[6];
    const std::int64_t prices[] = {1, 2};
    const Result<ListHead> head = parse_list_head("v1 {1,2,3}");
    ASSERT_TRUE(head);
    const auto stopped = [](const auto &result) {
        return !result && result.error().kind == ErrorKind::cancelled;
    };
    EXPECT_TRUE(stopped(runs_together(*list, *one, at_once)));
    EXPECT_TRUE(stopped(merge_lists(*list, *one, *out, at_once)));
    EXPECT_TRUE(stopped(runs_left(*list, *one, at_once)));
    EXPECT_TRUE(stopped(remove_list(*list, *one, *out, at_once)));
    EXPECT_TRUE(stopped(rescale_list(*list, 3, *out, at_once)));
    EXPECT_TRUE(stopped(fill_list(runs, *out, at_once)));
    EXPECT_TRUE(stopped(merge_prices(runs, prices, merged, at_once)));
    EXPECT_TRUE(stopped(write_list(*list, text.data(), at_once)));
    EXPECT_TRUE(stopped(parse_prices(*head, runs, at_once)));
}

TEST(PriceList, TogetherAndApart) {
    RandomTerms random(12);
    for (int round = 0; round < 300; ++round) {
        std::vector<std::int64_t> some;
        std::vector<std::int64_t> more;
        for (std::vector<std::int64_t> *list : {&some, &more}) {
            list->resize(static_cast<std::size_t>(random.between(0, 30)));
            for (std::int64_t &price : *list) {
                price = random.between(0, 20);
            }
        }
        const ListBox a(some);
        const ListBox b(more);
        std::vector<std::int64_t> both = some;
        both.insert(both.end(), more.begin(), more.end());
        const ListBox wanted(both);
        const auto is = [](const ListRoom &list, const ListRoom &other) {
            return list->runs == other->runs &&
                   std::memcmp(&*list, &*other, price_list_size(static_cast<std::size_t>(list->runs))) == 0;
        };
        const Result<std::size_t> together = runs_together(*a, *b, never_stops);
        ASSERT_TRUE(together);
        const ListRoom merged(*together);
        ASSERT_TRUE(merge_lists(*a, *b, *merged, never_stops));
        merged->length_word = wanted->length_word;
        ASSERT_TRUE(is(merged, wanted));
        const Result<std::size_t> left = runs_left(*wanted, *b, never_stops);
        ASSERT_TRUE(left);
        const ListRoom rest(*left);
        ASSERT_TRUE(remove_list(*wanted, *b, *rest, never_stops));
        rest->length_word = a->length_word;
        ASSERT_TRUE(is(rest, a));
        std::sort(more.begin(), more.end());
        std::vector<PriceRun> runs = runs_of(some);
        std::vector<PriceRun> folded(runs.size() + more.size());
        const Result<std::size_t> count = merge_prices(runs, more, folded.data(), never_stops);
        ASSERT_TRUE(count);
        const ListRoom built_up(*count);
        ASSERT_TRUE(fill_list(std::span(folded).first(*count), *built_up, never_stops));
        built_up->length_word = wanted->length_word;
        ASSERT_TRUE(is(built_up, wanted));
        if (!more.empty()) {
            more.back() = 21;
            const ListBox strange(more);
            EXPECT_EQ(runs_left(*wanted, *strange, never_stops).error().kind, ErrorKind::bad_value);
        }
    }
}

/* No sum is too large; the number of prices has 63 bits. */
TEST(PriceList, HoldsAsManyPricesAsCanBeCounted) {
    constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
    PriceRun runs[2] = {{kMaxPriceMinor - 1, kMost - 2}, {kMaxPriceMinor, 2}};
    const ListRoom list(2);
    ASSERT_TRUE(fill_list(runs, *list, never_stops));
    EXPECT_EQ(list->all().count, kMost);
    EXPECT_EQ(list->all().sum(), Int128{kMaxPriceMinor - 1} * (kMost - 2) + 2 * Int128{kMaxPriceMinor});
    std::vector<char> text(list_text_size(2));
    ASSERT_TRUE(write_list(*list, text.data(), never_stops));
    EXPECT_STREQ(text.data(), "v1 {999999999999.99*9223372036854775805,1000000000000.00*2}");
    runs[1].count = 3;
    EXPECT_EQ(fill_list(runs, *list, never_stops).error().kind, ErrorKind::out_of_range);
    const PriceRun folded[] = {{5, kMost}};
    const std::int64_t more[] = {4, 5};
    PriceRun merged[3];
    EXPECT_EQ(merge_prices(folded, more, merged, never_stops).error().kind, ErrorKind::out_of_range);
    runs[0].price = kMaxPriceMinor;
    EXPECT_EQ(joined_runs(runs).error().kind, ErrorKind::out_of_range);
    const Result<ListHead> head = parse_list_head("v1 {1*0}");
    ASSERT_TRUE(head);
    for (const char *words :
         {"v1 {1*0}", "v1 {1*-1}", "v1 {1*}", "v1 {1*2*3}", "v1 {1*9223372036854775808}", "v1 {*3}"}) {
        PriceRun run{};
        EXPECT_FALSE(parse_prices(*parse_list_head(words), &run, never_stops)) << words;
    }
}

TEST(PriceList, OtherMinorUnitsKeepPricesWithinTheirBounds) {
    const ListBox largest({1, kMaxPriceMinor / 10});
    const ListRoom out(2);
    ASSERT_TRUE(rescale_list(*largest, 3, *out, never_stops));
    EXPECT_EQ(prices_of(*out)[0], 10);
    EXPECT_EQ(prices_of(*out)[1], kMaxPriceMinor);
    const ListBox above({kMaxPriceMinor / 10 + 1});
    EXPECT_EQ(rescale_list(*above, 3, *out, never_stops).error().kind, ErrorKind::out_of_range);
}

/* Each price asked alone in 80 digits. */
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
        const oracle::Deal truth(made.terms);
        for (std::int32_t t = 0; t < *records; ++t) {
            std::int64_t offers = 0;
            std::int64_t sum = 0;
            oracle::Real margin = 0;
            oracle::Real change = 0;
            for (std::size_t p = 0; p < prices_of(*box).size(); ++p) {
                const std::int64_t price = box->prices()[p];
                const std::int64_t repeated = box->count_at(p);
                const oracle::Offer offer = truth.offer(price);
                if (truth.eligible(offer) && truth.tier(offer) == tiers[t].tier) {
                    offers += repeated;
                    sum += price * repeated;
                    margin += offer.margin * repeated;
                    change += offer.change * repeated;
                }
            }
            ASSERT_EQ(tiers[t].offers, offers) << text_of(deal);
            ASSERT_EQ(tiers[t].price_sum, sum) << text_of(deal);
            if (offers == 0) {
                continue;
            }
            ASSERT_EQ(oracle::Real(tiers[t].margin), truth.minor(margin)) << text_of(deal);
            if (made.terms.current_payment.present) {
                const oracle::Real mean = change * 1'000'000 / offers;
                ASSERT_EQ(oracle::Real(tiers[t].mean_change), oracle::rounded(mean, Rounding::half_up))
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
        PriceIndex index = planned_index(prices_of(*box));
        std::vector<std::uint32_t> starts(static_cast<std::size_t>(index.buckets) + 1);
        fill_index(prices_of(*box), index, starts.data());
        prices.insert(prices.end(), {0, kMaxPriceMinor});
        for (const std::int64_t price : prices) {
            for (std::int64_t off = -1; off <= 1; ++off) {
                ASSERT_EQ(prices_below(prices_of(*box), index, price + off),
                          prices_below(prices_of(*box), price + off));
                ASSERT_EQ(prices_below(prices_of(*box), PriceIndex{}, price + off),
                          prices_below(prices_of(*box), price + off));
            }
        }
    }
}

} // namespace tradeup
