/*
 * Offers whose amounts are known beforehand, and what must hold of every deal.
 */
#include <cstring>
#include <string>

#include <gtest/gtest.h>

#include "core/deal/formula.hpp"
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

std::int64_t due_at_signing(const Deal &deal, std::int64_t price) {
    const Result<std::int64_t> due =
        round_at(compiled(Formula<Bounded>(deal.terms).due_at_signing()), price, deal.rounding,
                 [&] { return Formula<Ratio>(deal.terms).due_at_signing(); });
    EXPECT_TRUE(due) << due.error().message;
    return due.value_or(0);
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
        ASSERT_EQ(oracle::Real(at(deal, Amount::monthly, made.price)), truth.minor(offer.monthly))
            << text_of(deal);
        ASSERT_EQ(oracle::Real(at(deal, Amount::margin, made.price)), truth.minor(offer.margin))
            << text_of(deal);
        ASSERT_EQ(oracle::Real(due_at_signing(deal, made.price)), truth.minor(offer.due_at_signing))
            << text_of(deal);
    }
}

/* A vehicle of 30,000 against one that is worth 12,000 and owes 15,000; the sales tax is financed. */
TEST(Deal, SalesTaxOnTheDifference) {
    const std::string deal =
        "v1 annual_rate=0.0699 term=72 equity=-3000 trade_value=12000 sales_tax_rate=0.0625";
    const Deal on_difference = deal_of(deal + " sales_tax_base=difference");
    EXPECT_EQ(at(on_difference, Amount::loan_amount, 3'000'000), 3'412'500);
    EXPECT_EQ(at(on_difference, Amount::payment, 3'000'000), 58'163);
    EXPECT_EQ(due_at_signing(on_difference, 3'000'000), 0);
    const Deal on_price = deal_of(deal);
    EXPECT_EQ(at(on_price, Amount::loan_amount, 3'000'000), 3'487'500);
    EXPECT_EQ(at(on_price, Amount::payment, 3'000'000), 59'442);
    const Deal at_signing = deal_of(deal + " sales_tax_base=difference sales_tax_financed=false");
    EXPECT_EQ(at(at_signing, Amount::loan_amount, 3'000'000), 3'300'000);
    EXPECT_EQ(due_at_signing(at_signing, 3'000'000), 112'500);
}

TEST(Deal, FeesAndBonusAtSigning) {
    const std::string deal = "v1 annual_rate=0 term=10 customer_bonus=500 service_fee_rate=0.01 "
                             "document_fee=80 acquisition_fee=20";
    const Deal financed = deal_of(deal);
    EXPECT_EQ(at(financed, Amount::effective_equity, 1'000'000), 50'000);
    EXPECT_EQ(at(financed, Amount::loan_amount, 1'000'000), 970'000);
    EXPECT_EQ(due_at_signing(financed, 1'000'000), 0);
    const Deal paid = deal_of(deal + " fees_financed=false");
    EXPECT_EQ(at(paid, Amount::loan_amount, 1'000'000), 950'000);
    EXPECT_EQ(at(paid, Amount::payment, 1'000'000), 95'000);
    EXPECT_EQ(due_at_signing(paid, 1'000'000), 20'000);
}

/* 8,200 of 21,500 are left to the last payment. */
TEST(Deal, BalloonLeavesAShareOfThePrice) {
    const Deal deal = deal_of("v1 kind=balloon annual_rate=0.069 term=48 residual_rate=0.381395348837209302");
    EXPECT_EQ(at(deal, Amount::loan_amount, 2'150'000), 2'150'000);
    EXPECT_EQ(at(deal, Amount::payment, 2'150'000), 36'502);
}

/* 34,250 at a money factor of 0.00198, worth 19,865 after 36 months. */
TEST(Deal, LeaseIsPaidForLossAndRent) {
    const std::string lease = "v1 kind=lease annual_rate=0.04752 term=36 residual_rate=0.58";
    EXPECT_EQ(at(deal_of(lease), Amount::payment, 3'425'000), 50'673);
    const Deal taxed = deal_of(lease + " sales_tax_rate=0.0825");
    EXPECT_EQ(at(taxed, Amount::payment, 3'425'000), 54'854);
    EXPECT_EQ(at(taxed, Amount::loan_amount, 3'425'000), 3'425'000) << "the tax of a lease is not financed";
    EXPECT_EQ(due_at_signing(taxed, 3'425'000), 0);
    const Deal in_advance = deal_of(lease + " sales_tax_rate=0.0825 payments_in_advance=true");
    EXPECT_EQ(due_at_signing(in_advance, 3'425'000), 54'854);
    /* 36 times 506.73103... times the tax. */
    const Deal upfront = deal_of(lease + " sales_tax_rate=0.0825 lease_tax=upfront");
    EXPECT_EQ(at(upfront, Amount::payment, 3'425'000), 50'673);
    EXPECT_EQ(due_at_signing(upfront, 3'425'000), 150'499);
}

/* Without interest 26 payments share a year's loan out; a month has 26/12 of them. */
TEST(Deal, PaymentsOfOtherPeriods) {
    const char *const words[] = {"monthly",   "semimonthly",  "bi-weekly", "weekly",
                                 "quarterly", "semiannually", "yearly"};
    const std::int64_t payments[] = {260'000, 130'000, 120'000, 60'000, 780'000, 1'560'000, 3'120'000};
    for (std::size_t i = 0; i < std::size(words); ++i) {
        const Deal deal = deal_of(
            std::string("v1 annual_rate=0 term=12 current_payment=2600 payment_frequency=") + words[i]);
        EXPECT_EQ(at(deal, Amount::payment, 3'120'000), payments[i]) << words[i];
        EXPECT_EQ(at(deal, Amount::monthly, 3'120'000), 260'000) << words[i];
        EXPECT_EQ(at(deal, Amount::change, 3'120'000), 0) << words[i];
    }
    /* 25,000 at 6 %, 130 payments of 0.06 / 26. */
    const Deal biweekly = deal_of("v1 annual_rate=0.06 term=60 payment_frequency=biweekly");
    EXPECT_EQ(at(biweekly, Amount::payment, 2'500'000), 22'281);
    EXPECT_EQ(at(biweekly, Amount::monthly, 2'500'000), 48'276);
}

/* One payment tells the interest of the first period: 10,000 at 12 %, one month. */
TEST(Deal, OddFirstPeriodBearsSimpleInterest) {
    const auto payment = [](int days) {
        const std::string text = "v1 annual_rate=0.12 term=1 first_payment_days=" + std::to_string(days);
        return at(deal_of(text), Amount::payment, 1'000'000);
    };
    EXPECT_EQ(payment(30), 1'010'000);
    EXPECT_EQ(payment(15), 1'005'000);
    EXPECT_EQ(payment(1), 1'000'333);
    EXPECT_EQ(payment(45), 1'015'050) << "1.01 times 1.005";
    const Deal weekly = deal_of(
        "v1 annual_rate=0.52 term=1 payment_frequency=weekly first_payment_days=14 insurance_months=1");
    EXPECT_EQ(periods_in(Frequency::weekly, 1), 4);
    EXPECT_EQ(at(weekly, Amount::payment, 1'000'000), 258'844); // 0.2562810939... times 1.01
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
    int loans = 0;
    for (int i = 0; i < 400; ++i) {
        const Case made = random.draw(Place::anywhere);
        const Deal deal = built(made.terms);
        const oracle::Deal truth(made.terms);
        if (!require_plain_loan(made.terms, "interest_npv")) {
            ASSERT_STREQ(interest_npv_at(deal, made.price).error().message,
                         "interest_npv is of loans with whole months only");
            continue;
        }
        ++loans;
        const oracle::Real npv =
            oracle::interest_npv(truth.offer(made.price).loan_amount, oracle::real(made.terms.annual_rate),
                                 oracle::real(made.terms.interest_tax_rate), made.terms.term);
        ASSERT_EQ(oracle::Real(*interest_npv_at(deal, made.price)), truth.minor(npv)) << text_of(deal);
    }
    EXPECT_GT(loans, 150);
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
    for (const char *whole :
         {"v1 annual_rate=0.06 term=60 trade_value=0 income=4000 customer_bonus=500 sales_tax_base=difference"
          " sales_tax_financed=false fees_financed=false kind=balloon residual_rate=0.4 acquisition_fee=95"
          " end_fee=10 payment_frequency=bi-weekly first_payment_days=45 min_payment=100"
          " max_payment_to_income=0.15",
          "v1 annual_rate=0.06 term=60 kind=lease lease_tax=upfront payments_in_advance=true",
          "v1 annual_rate=0.06 term=60 payment_frequency=semimonthly",
          "v1 annual_rate=0.06 term=60 payment_frequency=weekly"}) {
        EXPECT_EQ(text_of(deal_of(whole)), whole);
    }
    EXPECT_EQ(
        text_of(deal_of("v1 annual_rate=0 term=1 kind=loan payment_frequency=semi-monthly lease_tax=payment"
                        " sales_tax_base=price sales_tax_financed=true fees_financed=true")),
        "v1 annual_rate=0 term=1 payment_frequency=semimonthly");
    EXPECT_EQ(text_of(deal_of("v1 annual_rate=0 term=1 payment_frequency=biweekly")),
              "v1 annual_rate=0 term=1 payment_frequency=bi-weekly");
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
        {"v1 annual_rate=0 term=1 kind=rent", "unknown kind \"rent\""},
        {"v1 annual_rate=0 term=1 sales_tax_base=all", "unknown sales tax base \"all\""},
        {"v1 annual_rate=0 term=1 lease_tax=never", "unknown lease tax \"never\""},
        {"v1 annual_rate=0 term=1 payment_frequency=daily", "unknown payment frequency \"daily\""},
        {"v1 annual_rate=0 term=1 first_payment_days=0", "first payment days must be between 1 and 366"},
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
        for (const Amount amount : {Amount::payment, Amount::monthly, Amount::change, Amount::loan_amount,
                                    Amount::service_fee, Amount::opening_fee, Amount::margin}) {
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
