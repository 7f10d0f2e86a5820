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
#include "core/portfolio/summary.hpp"
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

/* A customer's figures out of terms, and the terms for a customer. */
inline Buyer buyer_of(const Terms &terms) {
    return {terms.equity,      terms.current_payment, terms.current_price,
            terms.trade_value, terms.income,          terms.customer_bonus};
}

inline Terms with(const Terms &terms, const Buyer &buyer) {
    Terms own = terms;
    own.equity = buyer.equity;
    own.current_payment = buyer.current_payment;
    own.current_price = buyer.current_price;
    own.trade_value = buyer.trade_value;
    own.income = buyer.income;
    own.customer_bonus = buyer.bonus;
    return own;
}

/* Other terms of the same program: the term, the rate, or what dealers arrange otherwise. */
inline Terms other_loan(RandomTerms &random, const Terms &terms) {
    Terms other = terms;
    other.term = static_cast<std::int32_t>(random.between(1, 120));
    other.annual_rate = random.one_in(3) ? other.annual_rate : random.annual_rate();
    if (random.one_in(3)) {
        other.kind = static_cast<DealKind>(random.between(0, 2));
        other.payment_frequency = static_cast<Frequency>(random.between(0, 6));
        other.first_payment_days = random.one_in(2) ? random.first_payment_days() : kAbsent;
        other.residual_rate = normalized({random.between(0, 100), 2});
        RandomTerms::drop_misplaced(other);
    }
    return other;
}

/* The customer of a case, others that have nearly her figures, and such as lack some of them. */
inline std::vector<Buyer> buyers_about(RandomTerms &random, const Case &made) {
    const Buyer first = buyer_of(made.terms);
    std::vector<Buyer> buyers{first};
    Buyer other = first;
    other.equity.coefficient += random.between(-1, 1);
    buyers.push_back(other);
    other.current_payment = {};
    buyers.push_back(other);
    other = first;
    other.current_price = {};
    other.equity.coefficient = -other.equity.coefficient / 2;
    buyers.push_back(other);
    const std::int64_t digits = made.terms.minor_digits;
    const auto about = [&](std::int64_t amount) {
        return normalized({std::max<std::int64_t>(amount + random.between(-1, 1), 0), digits});
    };
    other = first;
    other.trade_value = {about(made.price / 2), 1};
    other.income = {about(made.price / 4), 1};
    other.bonus = about(made.price / 8);
    buyers.push_back(other);
    other.trade_value.value = about(made.price);
    other.income = {};
    other.bonus = {};
    buyers.push_back(other);
    other.trade_value = {};
    other.income = first.income;
    other.bonus = about(made.price / 100);
    buyers.push_back(other);
    return buyers;
}

} // namespace tradeup
