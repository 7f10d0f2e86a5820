/*
 * Offers whose amounts are known beforehand, and what must hold of every deal.
 */
#include <cstring>
#include <string>

#include <gtest/gtest.h>

#include "oracle.hpp"
#include "random_terms.hpp"
#include "support.hpp"

namespace tradeup {

constexpr Rounding kModes[] = {Rounding::half_up, Rounding::half_even, Rounding::up, Rounding::down};

std::int64_t at(const Deal &deal, Amount amount, std::int64_t price) {
    const Result<std::int64_t> value = amount_at(deal, amount, price);
    EXPECT_TRUE(value) << value.error().message;
    return value.value_or(0);
}

/* Customer R000 and car 100005 of the reference's tables, 12 months. */
TEST(Deal, ReferenceOffer) {
    const Deal deal = deal_of("v1 annual_rate=0.1949 term=12 equity=241762.5 current_payment=11333.19"
                              " current_price=292999 down_payment_rate=0.3" +
                              kReference);
    const std::int64_t price = 34'799'900;
    EXPECT_EQ(at(deal, Amount::payment, price), 1'732'563);      // 17325.626834656705
    EXPECT_EQ(at(deal, Amount::change, price), 528'751);         // 0.5287511137337946
    EXPECT_EQ(at(deal, Amount::loan_amount, price), 17'094'542); // 170945.41999999998
    EXPECT_EQ(at(deal, Amount::effective_equity, price), 22'697'254);
    EXPECT_EQ(at(deal, Amount::service_fee, price), 1'391'996);
    EXPECT_EQ(at(deal, Amount::opening_fee, price), 1'391'996);
    EXPECT_EQ(at(deal, Amount::margin, price), 2'583'992); // 25839.920000000002
    EXPECT_NEAR(unrounded_payment(deal, price), 17325.626834656705, 1e-8);
    ASSERT_NE(window_at(deal, price), nullptr);
    EXPECT_STREQ(deal.terms.tiers[window_at(deal, price)->tier].name, "Max Upgrade");
}

/* Customer R000 and car 100001 under the later rule set. */
TEST(Deal, LaterRuleSet) {
    const Deal deal =
        deal_of("v1 annual_rate=0.1949 term=12 equity=241762.5 current_payment=11333.19"
                " down_payment_rate=0.3 interest_tax_rate=0.16 service_fee_rate=0.04 opening_fee_rate=0.0399"
                " opening_fee_tax_rate=0.16 opening_fee_less_equity=true protection=17599 insurance=10999"
                " gps_installation=750 gps_monthly=350 gps_tax_rate=0.16 installation_from_equity=true"
                " installation_financed=true margin_opening_fee=false margin_protection=true"
                " max_change=1 change_digits=4");
    const std::int64_t price = 27'299'900;
    EXPECT_EQ(at(deal, Amount::payment, price), 734'806);
    EXPECT_EQ(at(deal, Amount::loan_amount, price), 7'394'021);
    EXPECT_EQ(at(deal, Amount::effective_equity, price), 23'944'675);
    EXPECT_EQ(at(deal, Amount::margin, price), 2'851'896);
    EXPECT_EQ((at(deal, Amount::change, price) - 50) / 100, -3516);
    ASSERT_NE(window_at(deal, price), nullptr);
    EXPECT_EQ(window_at(deal, price)->tier, kNoTier);
}

TEST(Deal, RateZeroSharesTheLoanOut) {
    const Deal deal = deal_of("v1 annual_rate=0 term=48");
    EXPECT_EQ(at(deal, Amount::payment, 4'800'000), 100'000);
    EXPECT_EQ(at(deal, Amount::payment, 24), 1) << "half a minor unit";
    EXPECT_EQ(at(deal, Amount::payment, 23), 0);
}

TEST(Deal, TiesRoundByTheDealsMode) {
    const std::int64_t expected[4][2] = {{1, 2}, {0, 2}, {1, 2}, {0, 1}}; // of 0.5 and 1.5
    for (int mode = 0; mode < 4; ++mode) {
        const Deal deal =
            deal_of(std::string("v1 annual_rate=0 term=2 rounding=") + rounding_name(kModes[mode]));
        EXPECT_EQ(at(deal, Amount::payment, 1), expected[mode][0]);
        EXPECT_EQ(at(deal, Amount::payment, 3), expected[mode][1]);
    }
}

TEST(Deal, AmountBeyond18DigitsIsOutOfRange) {
    const Deal deal = deal_of("v1 annual_rate=0 term=1 current_payment=0.000001");
    const Result<std::int64_t> change = amount_at(deal, Amount::change, kMaxPriceMinor);
    ASSERT_FALSE(change);
    EXPECT_EQ(change.error().kind, ErrorKind::out_of_range);
    EXPECT_EQ(at(deal, Amount::change, 10'000'000), 99'999'999'999'000'000)
        << "exact where doubles have no such digits";
}

TEST(Deal, RandomAmountsAreTheOracles) {
    RandomTerms random(1);
    for (int i = 0; i < 2000; ++i) {
        const Case made = random.draw(static_cast<Place>(i % 3));
        const Deal deal = built(made.terms);
        const oracle::Deal truth(made.terms);
        const oracle::Offer offer = truth.offer(made.price);
        ASSERT_EQ(oracle::Real(at(deal, Amount::payment, made.price)), truth.minor(offer.payment))
            << text_of(deal);
        ASSERT_EQ(oracle::Real(at(deal, Amount::margin, made.price)), truth.minor(offer.margin))
            << text_of(deal);
    }
}

/* With the doubles' error made too large to trust, the fractions must say the same. */
TEST(Deal, ExactPathAgreesWithDoubles) {
    RandomTerms random(2);
    for (int i = 0; i < 300; ++i) {
        const Case made = random.draw(Place::anywhere);
        const Deal fast = built(made.terms);
        Deal slow = fast;
        for (Line &line : slow.lines) {
            line.intercept_error = 1;
        }
        for (std::size_t amount = 0; amount < kAmounts; ++amount) {
            ASSERT_EQ(at(fast, static_cast<Amount>(amount), made.price),
                      at(slow, static_cast<Amount>(amount), made.price))
                << text_of(fast);
        }
    }
}

TEST(Deal, PaymentNeverFallsWithThePrice) {
    RandomTerms random(3);
    for (int i = 0; i < 500; ++i) {
        const Case made = random.draw(static_cast<Place>(i % 3));
        const Deal deal = built(made.terms);
        std::int64_t before = at(deal, Amount::payment, made.price);
        for (int step = 1; step < 20; ++step) {
            const std::int64_t payment = at(deal, Amount::payment, made.price + step);
            ASSERT_LE(before, payment) << text_of(deal);
            before = payment;
        }
    }
}

TEST(Deal, InterestNpvIsTheLiteralSum) {
    RandomTerms random(4);
    for (int i = 0; i < 200; ++i) {
        const Case made = random.draw(Place::anywhere);
        const Deal deal = built(made.terms);
        const oracle::Deal truth(made.terms);
        const oracle::Real npv =
            oracle::interest_npv(truth.offer(made.price).loan_amount, oracle::real(made.terms.annual_rate),
                                 oracle::real(made.terms.interest_tax_rate), made.terms.term);
        ASSERT_EQ(oracle::Real(*interest_npv_at(deal, made.price)), truth.minor(npv)) << text_of(deal);
    }
}

TEST(Deal, WithoutACurrentPaymentThereIsOneWindowAndNoTier) {
    const Deal deal = deal_of("v1 annual_rate=0.0599 term=60");
    ASSERT_EQ(deal.window_count, 1);
    EXPECT_EQ(deal.windows[0].tier, kNoTier);
    EXPECT_EQ(deal.windows[0].lowest, 1);
    EXPECT_EQ(deal.windows[0].highest, kMaxPriceMinor);
    EXPECT_GT(tiered_range(deal).lowest, tiered_range(deal).highest);
}

/* Rate 0, one month, current payment 1000.00: the change is exactly (price - 100000) / 100000. */
TEST(Deal, WindowsEndAtTheExactMinorUnit) {
    const Deal deal = deal_of("v1 annual_rate=0 term=1 current_payment=1000");
    ASSERT_EQ(deal.window_count, 5);
    const Window expected[] = {{1, 94'999, kNoTier},
                               {95'000, 105'000, 0},
                               {105'001, 125'000, 1},
                               {125'001, 200'000, 2},
                               {200'001, kMaxPriceMinor, kNoTier}};
    for (int i = 0; i < 5; ++i) {
        EXPECT_EQ(deal.windows[i].lowest, expected[i].lowest);
        EXPECT_EQ(deal.windows[i].highest, expected[i].highest);
        EXPECT_EQ(deal.windows[i].tier, expected[i].tier);
    }
    EXPECT_EQ(tiered_range(deal).lowest, 95'000);
    EXPECT_EQ(tiered_range(deal).highest, 200'000);
    EXPECT_EQ(window_at(deal, 105'000), &deal.windows[1]);
    EXPECT_EQ(window_at(deal, 0), nullptr);
    EXPECT_EQ(window_at(deal, kMaxPriceMinor + 1), nullptr);
}

TEST(Deal, BoundsDecideByTheirBrackets) {
    const Deal open =
        deal_of("v1 annual_rate=0 term=1 current_payment=1000 tiers=\"A [0,0.1), B [0.1,0.2)\"");
    EXPECT_EQ(window_at(open, 109'999)->tier, 0);
    EXPECT_EQ(window_at(open, 110'000)->tier, 1);
    EXPECT_EQ(window_at(open, 120'000)->tier, kNoTier);
}

TEST(Deal, TiersOfARoundedChange) {
    const Deal deal = deal_of(
        "v1 annual_rate=0 term=1 current_payment=1000 change_digits=2 tiers=\"A [0,0.05], B (0.05,1]\"");
    EXPECT_EQ(window_at(deal, 105'499)->tier, 0) << "0.05499 is 0.05";
    EXPECT_EQ(window_at(deal, 105'500)->tier, 1) << "0.055 is 0.06";
    EXPECT_EQ(window_at(deal, 99'500)->tier, kNoTier) << "-0.005 is -0.01";
    EXPECT_EQ(window_at(deal, 99'501)->tier, 0);
}

TEST(Deal, TierBoundsBeyondAMillionAreRefused) {
    Terms terms = default_terms();
    EXPECT_TRUE(set_tiers(terms, "A [-1000000,1000000]"));
    for (const char *list : {"A [0,1000000.1]", "A [-1000001,0]", "A [0,999999999999999999]"}) {
        const Result<bool> set = set_tiers(terms, list);
        ASSERT_FALSE(set) << list;
        EXPECT_EQ(set.error().kind, ErrorKind::bad_value);
    }
}

TEST(Deal, RandomWindowsAreTheOracles) {
    RandomTerms random(5);
    int tiered = 0;
    for (int i = 0; i < 300; ++i) {
        Case made = random.draw(static_cast<Place>(i % 3));
        random.add_windows(made);
        const Deal deal = built(made.terms);
        const oracle::Deal truth(made.terms);
        for (std::int64_t w = 0; w < deal.window_count; ++w) {
            for (std::int64_t price = deal.windows[w].lowest - 2; price <= deal.windows[w].lowest + 2;
                 ++price) {
                const oracle::Offer offer = truth.offer(price);
                const Window *window = window_at(deal, price);
                ASSERT_EQ(window != nullptr, truth.eligible(offer)) << price << " " << text_of(deal);
                ASSERT_TRUE(window == nullptr || window->tier == truth.tier(offer))
                    << price << " " << text_of(deal);
                tiered += window != nullptr && window->tier != kNoTier ? 1 : 0;
            }
        }
    }
    EXPECT_GT(tiered, 100);
}

TEST(DealText, ReadsAsItIsWritten) {
    const std::string text =
        "v1 annual_rate=0.0599 term=60 equity=-5000.25 current_payment=310 opening_fee_less_equity=true"
        " margin_service_fee=false change_digits=4 rounding=half_even tiers=\"Up (0,0.5]\"";
    EXPECT_EQ(text_of(deal_of(text)), text);
    EXPECT_EQ(text_of(deal_of("v1 term=060 annual_rate=.05990 insurance_months=12 rounding=half_up")),
              "v1 annual_rate=0.0599 term=60");
    EXPECT_EQ(text_of(deal_of("v1 annual_rate=0 term=1 tiers=\"\"")), "v1 annual_rate=0 term=1 tiers=\"\"");
}

TEST(DealText, RebuildsIdenticalBytes) {
    RandomTerms random(6);
    for (int i = 0; i < 3000; ++i) {
        Case made = random.draw(static_cast<Place>(i % 3));
        random.add_windows(made);
        const Deal deal = built(made.terms);
        const std::string text = text_of(deal);
        const Deal again = deal_of(text);
        ASSERT_EQ(std::memcmp(&again, &deal, sizeof deal), 0) << text;
        ASSERT_EQ(text_of(again), text);
    }
}

TEST(DealText, EveryMistakeIsNamed) {
    struct Mistake {
        const char *text;
        const char *message;
    };
    const Mistake mistakes[] = {
        {"", "malformed deal: it does not begin with v1"},
        {"v2 annual_rate=0 term=1", "malformed deal: it does not begin with v1"},
        {"v1", "malformed deal: the annual rate or the term is missing"},
        {"v1 annual_rate=0.1", "malformed deal: the annual rate or the term is missing"},
        {"v1annual_rate=0 term=1", "malformed deal: a value does not end where it should"},
        {"v1 annual_rate=0 term=1 ", "malformed deal: a name is unknown"},
        {"v1 annual_rate=0  term=1", "malformed deal: a name is unknown"},
        {"v1 annual_rate=0 term=1 apr=3", "malformed deal: a name is unknown"},
        {"v1 annual_rate=0 term=1 equity", "malformed deal: a name is unknown"},
        {"v1 annual_rate=0 term=1 term=2", "malformed deal: a name is there twice"},
        {"v1 annual_rate=0 term=1 tiers=\"A [0,1]", "malformed deal: a quote is not closed"},
        {"v1 annual_rate=0 term=1 tiers=\"A [0,1]\"x", "malformed deal: a quote is not closed"},
        {"v1 annual_rate=0 term=1 installation_financed=1",
         "malformed deal: a flag is neither true nor false"},
        {"v1 annual_rate=0 term=1 equity=", "invalid decimal number"},
        {"v1 annual_rate=NaN term=1", "invalid decimal number"},
        {"v1 annual_rate=0 term=1 equity=1e9", "invalid decimal number"},
        {"v1 annual_rate=0 term=1000", "term must be between 1 and 480 months"},
        {"v1 annual_rate=-1 term=12", "annual rate must be between 0 and 10"},
        {"v1 annual_rate=0 term=1 rounding=odd", "unknown rounding \"odd\""},
        {"v1 annual_rate=0 term=1 tiers=A", "malformed list of tiers"},
    };
    for (const Mistake &mistake : mistakes) {
        const Result<Terms> terms = parse_deal(mistake.text);
        ASSERT_FALSE(terms) << mistake.text;
        EXPECT_STREQ(terms.error().message, mistake.message) << mistake.text;
    }
}

TEST(DealText, AnyByteChangedIsAnErrorOrAnotherDealThatComesBack) {
    RandomTerms random(7);
    const std::string text =
        "v1 annual_rate=0.1949 term=24 equity=50000 current_payment=6000 max_change=1" + kReference;
    const Deal original = deal_of(text);
    int errors = 0;
    int others = 0;
    for (int i = 0; i < 20'000; ++i) {
        std::string changed = text;
        const auto at =
            static_cast<std::size_t>(random.between(0, static_cast<std::int64_t>(text.size()) - 1));
        changed[at] = static_cast<char>(random.between(32, 126));
        if (changed == text || changed[at] == '+') { // +.04 is 0.04
            continue;
        }
        const Result<Terms> terms = parse_deal(changed);
        if (!terms) {
            ++errors;
            continue;
        }
        const Deal deal = built(*terms);
        const Deal again = deal_of(text_of(deal));
        ASSERT_EQ(std::memcmp(&deal, &again, sizeof deal), 0) << changed;
        ASSERT_NE(std::memcmp(&deal, &original, sizeof deal), 0) << changed;
        ++others;
    }
    EXPECT_GT(errors, 1000);
    EXPECT_GT(others, 200);
}

/* The answer's own payment must be within the limit, and the next price's beyond it. */
TEST(PriceForPayment, IsTheDearestWithinThePayment) {
    RandomTerms random(8);
    for (int i = 0; i < 3000; ++i) {
        const Case made = random.draw(static_cast<Place>(i % 3));
        const Deal deal = built(made.terms);
        const std::int64_t limit = at(deal, Amount::payment, made.price) + random.between(-2, 2);
        const Result<std::int64_t> price = price_for_payment(deal, limit);
        ASSERT_TRUE(price);
        if (*price >= 0) {
            ASSERT_LE(at(deal, Amount::payment, *price), limit) << text_of(deal);
        }
        if (*price < kMaxPriceMinor) {
            ASSERT_GT(at(deal, Amount::payment, *price + 1), limit) << text_of(deal);
        }
    }
}

TEST(PriceForAmount, IsTheDearestThatKeepsToTheAmount) {
    RandomTerms random(8);
    for (int i = 0; i < 3000; ++i) {
        Case made = random.draw(static_cast<Place>(i % 3));
        const Deal deal = built(made.terms);
        for (const Amount amount : {Amount::payment, Amount::change, Amount::loan_amount, Amount::service_fee,
                                    Amount::opening_fee, Amount::margin}) {
            const std::int64_t limit = at(deal, amount, made.price) + random.between(-2, 2);
            const Result<std::int64_t> price = price_for_amount(deal, amount, limit);
            ASSERT_TRUE(price);
            if (*price >= 0) {
                ASSERT_LE(at(deal, amount, *price), limit) << text_of(deal);
            }
            if (*price < kMaxPriceMinor) {
                ASSERT_GT(at(deal, amount, *price + 1), limit) << text_of(deal);
            }
        }
    }
}

/* The payment is half the price: 0.5, 1, 1.5, 2, 2.5 ... */
TEST(PriceForPayment, TiesByEveryMode) {
    const std::int64_t expected[4][2] = {{2, 4}, {2, 5}, {2, 4}, {3, 5}}; // for payments of at most 1 and 2
    for (int mode = 0; mode < 4; ++mode) {
        const Deal deal =
            deal_of(std::string("v1 annual_rate=0 term=2 rounding=") + rounding_name(kModes[mode]));
        EXPECT_EQ(*price_for_payment(deal, 1), expected[mode][0]) << mode;
        EXPECT_EQ(*price_for_payment(deal, 2), expected[mode][1]) << mode;
    }
}

TEST(PriceForPayment, Ends) {
    EXPECT_EQ(*price_for_payment(deal_of("v1 annual_rate=0 term=1 document_fee=100"), 9999), -1);
    EXPECT_EQ(*price_for_payment(deal_of("v1 annual_rate=0 term=1"), kMaxCoefficient), kMaxPriceMinor);
    EXPECT_EQ(*price_for_payment(deal_of("v1 annual_rate=0 term=1"), -5), -1);
}

} // namespace tradeup
