/*
 * The best offers of customers against every price asked of a deal that is built for each
 * customer and term, and the stock that they are searched in.
 */
#include "core/portfolio/best.hpp"

#include <algorithm>
#include <set>
#include <vector>

#include <gtest/gtest.h>

#include "core/portfolio/best_ranges.hpp"
#include "core/portfolio/stock.hpp"
#include "price_lists.hpp"
#include "random_terms.hpp"
#include "support.hpp"

namespace tradeup {

namespace {

/* The plans of some terms over prices, with the amounts of each. */
struct Searchable {
    std::vector<DealPlan> plans;
    std::vector<AmountPlan> amounts;
    std::vector<std::uint32_t> starts;
    std::vector<Pieces> pieces;
    std::vector<Line> lines;
    std::vector<Head> heads;
    Profile profile{};

    Searchable(const std::vector<Terms> &terms, Prices prices, const std::vector<Buyer> &buyers)
        : plans(terms.size()), pieces(terms.size()), lines(terms.size()), heads(2 * terms.size()) {
        for (std::size_t i = 0; i < terms.size(); ++i) {
            const Result<bool> done = plan_deal(terms[i], prices, i > 0 ? &plans[i - 1] : nullptr, plans[i]);
            EXPECT_TRUE(done) << done.error().message;
            amounts.push_back(plan_amounts(terms[i]));
        }
        profile = {prices,       nullptr,       plans.data(),  nullptr,
                   plans.size(), buyers.data(), buyers.size(), planned_index(prices)};
        starts.resize(static_cast<std::size_t>(profile.index.buckets) + 1);
        fill_index(prices, profile.index, starts.data());
    }

    BestOffers best(RankBy rank) { return {profile, amounts, rank, {pieces, lines, heads}}; }
};

/* An offer that exists, as the deal itself tells it. */
struct Truth {
    Int128 key;
    bool downward;
    std::size_t place;
    std::int32_t plan;
    std::int32_t tier;
    std::int64_t amounts[kAmounts];
};

bool better(const Truth &a, const Truth &b) {
    if (a.key != b.key) {
        return a.key < b.key;
    }
    if (a.downward != b.downward) {
        return a.downward;
    }
    if (a.place != b.place) {
        return a.downward ? a.place > b.place : a.place < b.place;
    }
    return a.plan < b.plan;
}

std::vector<Truth> all_offers(const std::vector<Terms> &terms, const Buyer &buyer, Prices prices,
                              RankBy rank) {
    std::vector<Truth> found;
    for (std::size_t t = 0; t < terms.size() && buyer.current_payment.present; ++t) {
        const Deal deal = built(with(terms[t], buyer));
        for (std::size_t p = 0; p < prices.size(); ++p) {
            const std::int64_t price = prices[p];
            const Window *window = window_at(deal, price);
            if (window == nullptr || window->tier == kNoTier) {
                continue;
            }
            Truth one{0,
                      rank == RankBy::margin,
                      p,
                      static_cast<std::int32_t>(t),
                      static_cast<std::int32_t>(window->tier),
                      {}};
            for (std::size_t a = 0; a < kAmounts; ++a) {
                const Result<std::int64_t> amount = amount_at(deal, static_cast<Amount>(a), price);
                one.amounts[a] = amount ? *amount : -1;
            }
            const Decimal now = buyer.current_payment.value;
            const auto scaled = [](std::int64_t units, int scale) {
                return Int128{units} * kPowersOfTen[static_cast<std::size_t>(kMaxScale - scale)];
            };
            const std::int64_t monthly = one.amounts[static_cast<std::size_t>(Amount::monthly)];
            const Int128 distance = scaled(monthly, deal.minor_digits) - scaled(now.coefficient, now.scale);
            one.key = rank == RankBy::margin    ? -price
                      : rank == RankBy::price   ? price
                      : rank == RankBy::payment ? Int128{monthly}
                      : distance < 0            ? -distance
                                                : distance;
            one.downward = one.downward || (rank == RankBy::closeness && distance <= 0);
            found.push_back(one);
        }
    }
    std::sort(found.begin(), found.end(), better);
    return found;
}

/* The places of the first prices of each range, at most so many, from the end where its best are. */
std::set<std::size_t> first_places(std::span<const BestRange> ranges, Prices prices, std::size_t most) {
    std::set<std::size_t> places;
    for (const BestRange &range : ranges) {
        const Stretch in = prices_between(prices, range.lowest, range.highest);
        for (std::size_t i = 0; i < std::min(most, in.last - in.first); ++i) {
            places.insert(range.downward ? in.last - 1 - i : in.first + i);
        }
    }
    return places;
}

} // namespace

TEST(BestOffers, AreThoseOfEveryPriceAskedAlone) {
    RandomTerms random(11);
    std::size_t compared = 0;
    std::size_t of_kind[3] = {};
    std::size_t of_other_periods = 0;
    for (int round = 0; round < 800; ++round) {
        Case made = random.draw(static_cast<Place>(round % 3));
        random.add_windows(made);
        std::vector<Terms> terms{made.terms};
        for (std::int64_t i = random.between(0, 2); i > 0; --i) {
            terms.push_back(other_loan(random, made.terms));
        }
        const std::vector<Buyer> buyers = buyers_about(random, made);
        std::vector<std::int64_t> prices;
        for (const Terms &one : terms) {
            for (const Buyer &buyer : buyers) {
                const std::vector<std::int64_t> some = prices_about(random, made, built(with(one, buyer)));
                prices.insert(prices.end(), some.begin(), some.end());
            }
        }
        std::sort(prices.begin(), prices.end());
        Searchable searched(terms, prices, buyers);
        for (const RankBy rank : {RankBy::margin, RankBy::price, RankBy::payment, RankBy::closeness}) {
            BestOffers best = searched.best(rank);
            for (std::size_t b = 0; b < buyers.size(); ++b) {
                const std::vector<Truth> truth = all_offers(terms, buyers[b], prices, rank);
                const Result<bool> begun = best.begin(b);
                ASSERT_TRUE(begun) << begun.error().message;
                for (const Truth &wanted : truth) {
                    Pick pick{};
                    const Result<bool> more = best.next(pick);
                    ASSERT_TRUE(more) << more.error().message;
                    ASSERT_TRUE(*more);
                    ASSERT_EQ(pick.place, wanted.place) << text_of(built(made.terms));
                    ASSERT_EQ(pick.plan, wanted.plan);
                    ASSERT_EQ(pick.tier, wanted.tier);
                    for (std::size_t a = 0; a < kAmounts; ++a) {
                        ASSERT_EQ(best.amount(static_cast<Amount>(a), pick).value_or(-1), wanted.amounts[a])
                            << a << " " << text_of(built(made.terms));
                    }
                    const Terms &chosen = terms[static_cast<std::size_t>(pick.plan)];
                    ++of_kind[static_cast<std::size_t>(chosen.kind)];
                    of_other_periods += chosen.payment_frequency != Frequency::monthly ? 1 : 0;
                    ++compared;
                }
                Pick none{};
                ASSERT_FALSE(best.next(none).value_or(true));
            }
        }
    }
    EXPECT_GT(compared, 20'000U);
    EXPECT_GT(of_kind[static_cast<std::size_t>(DealKind::balloon)], 1000U);
    EXPECT_GT(of_kind[static_cast<std::size_t>(DealKind::lease)], 1000U);
    EXPECT_GT(of_other_periods, 1000U);
}

TEST(BestRanges, HaveTheBestOffersAtTheirEnds) {
    RandomTerms random(12);
    std::size_t found = 0;
    std::size_t kept_out = 0;
    for (int round = 0; round < 400; ++round) {
        Case made = random.draw(static_cast<Place>(round % 3));
        random.add_windows(made);
        std::vector<Terms> terms{made.terms};
        for (std::int64_t i = random.between(0, 2); i > 0; --i) {
            terms.push_back(other_loan(random, made.terms));
        }
        for (const Buyer &buyer : buyers_about(random, made)) {
            std::vector<std::int64_t> prices;
            for (const Terms &one : terms) {
                const std::vector<std::int64_t> some = prices_about(random, made, built(with(one, buyer)));
                prices.insert(prices.end(), some.begin(), some.end());
            }
            std::sort(prices.begin(), prices.end());
            for (const RankBy rank : {RankBy::margin, RankBy::price, RankBy::payment, RankBy::closeness}) {
                std::vector<BestRange> ranges(terms.size() * kMostBestRanges);
                const Result<std::size_t> count = best_ranges(terms, buyer, rank, ranges);
                ASSERT_TRUE(count) << count.error().message;
                const auto most = static_cast<std::size_t>(random.between(1, 4));
                const std::set<std::size_t> places = first_places({ranges.data(), *count}, prices, most);
                const std::vector<Truth> truth = all_offers(terms, buyer, prices, rank);
                for (std::size_t i = 0; i < std::min(most, truth.size()); ++i) {
                    ASSERT_TRUE(places.contains(truth[i].place)) << text_of(built(made.terms));
                    ++found;
                }
                kept_out += places.size() < prices.size() ? 1 : 0;
            }
        }
    }
    EXPECT_GT(found, 1000U);
    EXPECT_GT(kept_out, 1000U);
}

TEST(BestRanges, ReadNoPriceTwiceInOneDirection) {
    RandomTerms random(13);
    std::size_t fewer = 0;
    for (int round = 0; round < 2000; ++round) {
        std::vector<std::int64_t> prices(static_cast<std::size_t>(random.between(0, 30)));
        for (std::int64_t &price : prices) {
            price = random.between(0, 20);
        }
        std::sort(prices.begin(), prices.end());
        std::vector<BestRange> ranges(static_cast<std::size_t>(random.between(0, 12)));
        for (BestRange &range : ranges) {
            const std::int64_t lowest = random.between(0, 20);
            range = {lowest, random.between(lowest, 20), random.between(0, 1) == 1};
        }
        std::set<std::pair<bool, std::int64_t>> wanted;
        for (const BestRange &range : ranges) {
            for (std::int64_t price = range.lowest; price <= range.highest; ++price) {
                wanted.emplace(range.downward, price);
            }
        }
        const auto most = static_cast<std::size_t>(random.between(1, 4));
        const std::set<std::size_t> places = first_places(ranges, prices, most);
        const std::size_t all = ranges.size();
        ranges.resize(read_once(ranges));
        const std::set<std::size_t> read = first_places(ranges, prices, most);
        ASSERT_TRUE(std::includes(read.begin(), read.end(), places.begin(), places.end()));
        std::set<std::pair<bool, std::int64_t>> covered;
        for (const BestRange &range : ranges) {
            ASSERT_LE(range.lowest, range.highest);
            for (std::int64_t price = range.lowest; price <= range.highest; ++price) {
                ASSERT_TRUE(covered.emplace(range.downward, price).second);
                ASSERT_EQ(wanted.count({range.downward, price}), 1U);
            }
        }
        ASSERT_EQ(covered.size(), wanted.size());
        fewer += ranges.size() < all ? 1 : 0;
    }
    EXPECT_GT(fewer, 500U);
}

TEST(BestOffers, RanksHaveWords) {
    EXPECT_EQ(parse_rank("closeness").value_or(RankBy::margin), RankBy::closeness);
    EXPECT_FALSE(parse_rank("colour"));
}

TEST(Stock, IsReadWithinItsBytes) {
    std::vector<std::int64_t> bytes(8);
    auto *head = reinterpret_cast<StockHead *>(bytes.data());
    *head = {0, kStockFormat, 2};
    auto *prices = reinterpret_cast<std::int64_t *>(head + 1);
    prices[0] = 100;
    prices[1] = 100;
    auto *starts = reinterpret_cast<std::uint32_t *>(prices + 2);
    starts[0] = 0;
    starts[1] = 1;
    starts[2] = 3;
    char *ids = reinterpret_cast<char *>(starts + 3);
    ids[0] = 'a';
    ids[1] = 'b';
    ids[2] = 'c';
    const char *all = reinterpret_cast<const char *>(bytes.data());
    const Result<Stock> stock = read_stock(all, stock_size(2, 3));
    ASSERT_TRUE(stock);
    EXPECT_EQ(stock->vehicle_id(1), "bc");
    for (std::size_t size = 0; size < stock_size(2, 3); ++size) {
        EXPECT_FALSE(read_stock(all, size)) << size;
    }
    starts[1] = 4;
    EXPECT_FALSE(read_stock(all, stock_size(2, 3)));
    starts[1] = 1;
    prices[1] = 99;
    EXPECT_FALSE(read_stock(all, stock_size(2, 3)));
    prices[1] = kMaxPriceMinor + 1;
    EXPECT_FALSE(read_stock(all, stock_size(2, 3)));
    prices[1] = 100;
    head->count = -1;
    EXPECT_FALSE(read_stock(all, stock_size(2, 3)));
    head->count = std::int64_t{1} << 62;
    EXPECT_FALSE(read_stock(all, stock_size(2, 3)));
}

} // namespace tradeup
