/*
 * Changes of prices against each vehicle asked by itself.
 */
#include "core/portfolio/changes.hpp"

#include <random>
#include <vector>

#include <gtest/gtest.h>

#include "support.hpp"

namespace tradeup {

namespace {

/* The arrays of a SortedChanges with their room. */
struct Sorted {
    std::vector<std::int64_t> before;
    std::vector<std::int64_t> after;
    std::vector<std::uint32_t> position_before;

    explicit Sorted(std::vector<PriceChange> changes)
        : before(changes.size()), after(changes.size()), position_before(changes.size()) {
        std::vector<std::uint32_t> order(changes.size());
        sort_changes(changes, order, before, after, position_before);
    }

    SortedChanges view() const { return {before, after, position_before}; }
};

TierChange change_of(const std::vector<Deal> &deals, const std::vector<PriceChange> &changes) {
    const Sorted sorted(changes);
    std::vector<std::uint8_t> before(changes.size());
    std::vector<std::uint8_t> after(changes.size());
    for (const Deal &deal : deals) {
        mark_tiers(deal, sorted.before, before.data());
        mark_tiers(deal, sorted.after, after.data());
    }
    return compare_tiers(sorted.view(), before.data(), after.data());
}

/* The tiers of a price by asking each deal's window at it: another way than marking stretches. */
unsigned tiers_at(const std::vector<Deal> &deals, std::int64_t price_minor) {
    unsigned tiers = 0;
    for (const Deal &deal : deals) {
        const Window *window = price_minor < 0 ? nullptr : window_at(deal, price_minor);
        if (window != nullptr && window->tier != kNoTier) {
            tiers |= 1U << window->tier;
        }
    }
    return tiers;
}

std::int64_t place(std::int64_t price_minor) {
    return price_minor < 0 ? kNoPrice : place_of(price_minor, 2);
}

} // namespace

TEST(Changes, EveryVehicleByItself) {
    std::mt19937_64 engine(7);
    const auto below = [&engine](std::uint64_t n) { return static_cast<std::int64_t>(engine() % n); };
    int gains = 0;
    int losses = 0;
    for (int round = 0; round < 3000; ++round) {
        std::vector<Deal> deals;
        const std::string payment = std::to_string(100 + below(900));
        for (const char *term : {"12", "24", "60", "72"}) {
            deals.push_back(deal_of("v1 annual_rate=0.1 equity=1000 down_payment_rate=0.05 current_payment=" +
                                    payment + " term=" + term));
        }
        std::vector<PriceChange> changes;
        TierChange expected{};
        const std::int64_t count = below(round % 5 == 0 ? 3000 : 4);
        const std::int64_t step = round % 2 == 0 ? 1 : 50'000;
        for (std::int64_t i = 0; i < count; ++i) {
            /* Prices beside the ends of windows, none at all, and anything between. */
            std::int64_t prices[2];
            for (std::int64_t &price : prices) {
                const Deal &deal = deals[static_cast<std::size_t>(below(4))];
                const Window &window = deal.windows[below(static_cast<std::uint64_t>(deal.window_count))];
                price = below(4) == 0
                            ? -1
                            : (below(2) == 0 ? window.lowest : window.highest) + (below(3) - 1) * step;
                price = price < -1 || price > kMaxPriceMinor ? -1 : price;
            }
            if (round % 3 == 0) {
                prices[1] = prices[0]; // no change at all
            }
            changes.push_back({place(prices[0]), place(prices[1])});
            const unsigned before = tiers_at(deals, prices[0]);
            const unsigned after = tiers_at(deals, prices[1]);
            expected.gained = expected.gained || (after & ~before) != 0;
            expected.lost = expected.lost || (before & ~after) != 0;
        }
        const TierChange found = change_of(deals, changes);
        EXPECT_EQ(found.gained, expected.gained) << round;
        EXPECT_EQ(found.lost, expected.lost) << round;
        gains += found.gained && !found.lost ? 1 : 0;
        losses += found.lost && !found.gained ? 1 : 0;
    }
    EXPECT_GT(gains, 50);
    EXPECT_GT(losses, 50);
}

TEST(Changes, BetweenTwoMinorUnitsIsInNoWindow) {
    const std::vector<Deal> deals{
        deal_of("v1 annual_rate=0 term=10 current_payment=100 minor_digits=0 tiers=\"Same [0,0]\"")};
    ASSERT_EQ(tiers_at(deals, 1000), 1U);
    const std::int64_t exact = place_of(1000, 0);
    EXPECT_TRUE(change_of(deals, {{kNoPrice, exact}}).gained);
    EXPECT_TRUE(change_of(deals, {{exact, exact + 1}}).lost);
    EXPECT_FALSE(change_of(deals, {{exact - 1, kNoPrice}}).lost);
    EXPECT_EQ(place_of(1000, 0), place_of(100'000, 2));
    EXPECT_EQ(place_of(kMaxPriceMinor, 0), 2'000'000'000'000'000'000);
}

TEST(Changes, NothingChangesNothing) {
    const TierChange change = change_of({deal_of("v1 annual_rate=0.1 term=12")}, {});
    EXPECT_FALSE(change.gained);
    EXPECT_FALSE(change.lost);
}

} // namespace tradeup
