/*
 * Price lists for tests.
 */
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <vector>

#include <gtest/gtest.h>

#include "core/portfolio/price_list.hpp"
#include "random_terms.hpp"

namespace tradeup {

inline bool never_stops() noexcept {
    return false;
}

/* Prices as runs. */
inline std::vector<PriceRun> runs_of(std::vector<std::int64_t> prices) {
    std::sort(prices.begin(), prices.end());
    std::vector<PriceRun> runs;
    for (const std::int64_t price : prices) {
        if (runs.empty() || runs.back().price != price) {
            runs.push_back({price, 0});
        }
        ++runs.back().count;
    }
    return runs;
}

/* Room for a list. */
class ListRoom {
public:
    explicit ListRoom(std::size_t runs, std::int32_t minor_digits = 2)
        : room_(new std::int64_t[price_list_size(runs) / sizeof(std::int64_t) + 1]) {
        (*this)->format = kPriceListFormat;
        (*this)->minor_digits = minor_digits;
        (*this)->runs = static_cast<std::int64_t>(runs);
    }

    PriceList &operator*() const { return *reinterpret_cast<PriceList *>(room_.get()); }
    PriceList *operator->() const { return &**this; }

private:
    std::unique_ptr<std::int64_t[]> room_;
};

/* A list of prices in any order. */
class ListBox : public ListRoom {
public:
    explicit ListBox(const std::vector<std::int64_t> &prices, std::int32_t minor_digits = 2)
        : ListBox(runs_of(prices), minor_digits) {}

private:
    ListBox(const std::vector<PriceRun> &runs, std::int32_t minor_digits)
        : ListRoom(runs.size(), minor_digits) {
        EXPECT_TRUE(fill_list(runs, **this, never_stops));
    }
};

/* Prices on the edges of a deal's windows, beside them, and anywhere about the price of its case. */
inline std::vector<std::int64_t> prices_about(RandomTerms &random, const Case &made, const Deal &deal) {
    std::vector<std::int64_t> prices;
    const auto put = [&](std::int64_t price) {
        if (0 <= price && price <= kMaxPriceMinor) {
            prices.push_back(price);
        }
    };
    for (std::int64_t i = 0; i < deal.window_count; ++i) {
        for (const std::int64_t edge : {deal.windows[i].lowest, deal.windows[i].highest}) {
            for (std::int64_t off = -1; off <= 1; ++off) {
                if (random.one_in(2)) {
                    put(edge + off);
                }
            }
        }
    }
    const std::int64_t some = random.between(0, 30);
    for (std::int64_t i = 0; i < some; ++i) {
        put(random.between(0, 3 * made.price));
    }
    return prices;
}

} // namespace tradeup
