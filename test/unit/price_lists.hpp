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

/* A list with its memory. */
class ListBox {
public:
    explicit ListBox(std::vector<std::int64_t> prices, std::int32_t minor_digits = 2)
        : room_(new std::int64_t[price_list_size(prices.size()) / sizeof(std::int64_t) + 1]) {
        std::sort(prices.begin(), prices.end());
        PriceList &list = *reinterpret_cast<PriceList *>(room_.get());
        list.format = kPriceListFormat;
        list.minor_digits = minor_digits;
        list.count = static_cast<std::int64_t>(prices.size());
        std::copy(prices.begin(), prices.end(), list.prices());
        EXPECT_TRUE(add_up(list, []() noexcept { return false; }));
    }

    const PriceList &operator*() const { return *reinterpret_cast<const PriceList *>(room_.get()); }
    const PriceList *operator->() const { return &**this; }

private:
    std::unique_ptr<std::int64_t[]> room_;
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
