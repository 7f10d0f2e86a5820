/*
 * Every allocation of the exact path fails once: each time the answer is an out_of_memory error, and the next
 * call works. The failing operator new counts only while a call is under test.
 */
#include <cstdlib>
#include <cstring>
#include <new>

#include <gtest/gtest.h>

#include "support.hpp"

namespace {

bool armed = false;
long before_failure = 0;
long failures = 0;

} // namespace

/* Not inlined, or GCC takes the pair for a mismatch of new and free. */
[[gnu::noinline]] void *operator new(std::size_t size) {
    if (armed && before_failure-- == 0) {
        ++failures;
        throw std::bad_alloc();
    }
    void *memory = std::malloc(size);
    if (memory == nullptr) {
        throw std::bad_alloc();
    }
    return memory;
}

[[gnu::noinline]] void operator delete(void *memory) noexcept {
    std::free(memory);
}
[[gnu::noinline]] void operator delete(void *memory, std::size_t) noexcept {
    std::free(memory);
}

namespace tradeup {

/* Calls with the first allocation failing, then the second, ... until a call needs no more; returns how many
 * failed. */
template <typename Call>
long fail_each_allocation(Call call) {
    for (long k = 0;; ++k) {
        before_failure = k;
        failures = 0;
        armed = true;
        const auto result = call();
        armed = false;
        if (failures == 0) {
            EXPECT_TRUE(result);
            return k;
        }
        EXPECT_FALSE(result) << "allocation " << k;
        if (!result) {
            EXPECT_EQ(result.error().kind, ErrorKind::out_of_memory) << "allocation " << k;
            EXPECT_STREQ(result.error().message, "out of memory");
        }
        EXPECT_TRUE(call()) << "after failed allocation " << k;
    }
}

/* Edges near the largest price, where doubles know some of them to no whole minor unit. */
const char *const kHard = "v1 annual_rate=0.194900000001 term=60 interest_tax_rate=0.16 equity=123456.789"
                          " current_payment=25000000000 max_change=0.02"
                          " tiers=\"A [-0.5,-0.4], B (-0.4,-0.3], C (-0.3,-0.2], D (-0.2,-0.1], E (-0.1,0]\"";

TEST(Allocation, AmountAt) {
    Deal deal = deal_of(kHard);
    for (Line &line : deal.lines) {
        line.intercept_error = 1; // doubles never suffice
    }
    for (const Amount amount : {Amount::payment, Amount::change}) {
        EXPECT_GT(fail_each_allocation([&] { return amount_at(deal, amount, 34'799'900); }), 10);
    }
}

TEST(Allocation, InterestNpv) {
    const Deal deal = deal_of("v1 annual_rate=0.194900000001 term=24 rounding=up");
    const std::int64_t price = kMaxPriceMinor; // beyond the digits that a double holds after the point
    EXPECT_GT(fail_each_allocation([&] { return interest_npv_at(deal, price); }), 10);
}

TEST(Allocation, BuildDeal) {
    const Terms terms = terms_of(kHard);
    Deal deal;
    EXPECT_GT(fail_each_allocation([&] { return build_deal(terms, deal); }), 10);
    const Deal expected = built(terms);
    EXPECT_EQ(std::memcmp(&deal, &expected, sizeof deal), 0);
}

TEST(Allocation, PriceForPayment) {
    const Deal deal = deal_of(kHard);
    EXPECT_GT(fail_each_allocation([&] { return price_for_payment(deal, 2'000'000'000'000); }), 10);
}

TEST(Allocation, FastPathNeedsNone) {
    const Deal deal = deal_of("v1 annual_rate=0.1949 term=60 equity=50000 current_payment=6000");
    before_failure = 0;
    armed = true;
    const Result<std::int64_t> payment = amount_at(deal, Amount::payment, 34'799'900);
    armed = false;
    EXPECT_TRUE(payment);
}

} // namespace tradeup
