/*
 * Each rule by itself, at the prices on both sides of its edge.
 */
#include <string>

#include <gtest/gtest.h>

#include "core/deal/eligibility.hpp"
#include "oracle.hpp"
#include "random_terms.hpp"
#include "support.hpp"

namespace tradeup {

/* One payment without interest: amounts are read off the price. */
Deal plain_deal(const std::string &rest) {
    return deal_of("v1 annual_rate=0 term=1" + rest);
}

Refusal refusal(const Deal &deal, std::int64_t price) {
    const Result<Refusal> result = refusal_at(deal.terms, price);
    EXPECT_TRUE(result) << result.error().message;
    return result.value_or(Refusal{});
}

void expect_refused(const Deal &deal, std::int64_t price, Rule rule, std::int64_t required,
                    std::int64_t actual) {
    const Refusal refused = refusal(deal, price);
    ASSERT_TRUE(refused.failed) << price;
    EXPECT_EQ(refused.rule, rule) << rule_name(refused.rule);
    EXPECT_EQ(refused.required, required);
    EXPECT_EQ(refused.actual, actual);
    EXPECT_EQ(refused.short_by, std::abs(required - actual));
    EXPECT_EQ(window_at(deal, price), nullptr);
}

void expect_offer(const Deal &deal, std::int64_t price) {
    EXPECT_FALSE(refusal(deal, price).failed) << price;
    EXPECT_NE(window_at(deal, price), nullptr) << price;
}

TEST(Eligibility, DearerThanTheCurrentCar) {
    const Deal deal = plain_deal(" current_price=500");
    expect_offer(deal, 50'001);
    expect_refused(deal, 50'000, Rule::dearer, 50'000, 50'000);
    expect_refused(deal, 49'000, Rule::dearer, 50'000, 49'000);
    EXPECT_EQ(plain_deal(" current_price=500.009").lowest, 50'001);
}

TEST(Eligibility, DownPayment) {
    const Deal deal = plain_deal(" equity=300 down_payment_rate=0.3");
    expect_offer(deal, 100'000);
    expect_refused(deal, 110'000, Rule::down_payment, 33'000, 30'000);
    EXPECT_EQ(deal.highest, 100'000);
}

TEST(Eligibility, OpeningFeeLowersTheHighestPrice) {
    /* equity >= down P means P <= K / (down + opening): 340 / (0.3 + 0.04) = 1000. */
    const Deal deal = plain_deal(" equity=340 down_payment_rate=0.3 opening_fee_rate=0.04");
    EXPECT_EQ(deal.highest, 100'000);
}

TEST(Eligibility, LoanMustBePositive) {
    const Deal deal = plain_deal(" equity=100");
    expect_offer(deal, 10'001);
    expect_refused(deal, 9'000, Rule::loan_positive, 0, -1'000);
    EXPECT_TRUE(refusal(deal, 10'000).failed);
    EXPECT_EQ(plain_deal(" equity=-100").lowest, 1) << "a price of zero makes no offer";
}

TEST(Eligibility, ComponentsUpToTheLargest) {
    expect_refused(plain_deal(" max_component=1000"), 100'001, Rule::max_component_loan, 100'000, 100'001);
    expect_offer(plain_deal(" max_component=1000"), 100'000);
    const Deal service = plain_deal(" max_component=1000 service_fee_rate=0.5 equity=1900");
    expect_offer(service, 200'000);
    expect_refused(service, 200'002, Rule::max_component_service_fee, 100'000, 100'001);
    expect_refused(plain_deal(" max_component=10 protection=10.01"), 500, Rule::max_component_protection,
                   1'000, 1'001);
    expect_refused(plain_deal(" max_component=10 insurance=20"), 500, Rule::max_component_insurance, 1'000,
                   2'000);
    EXPECT_GT(plain_deal(" max_component=10 insurance=20").lowest,
              plain_deal(" max_component=10 insurance=20").highest);
}

TEST(Eligibility, AmountFinancedUpToTheLargest) {
    const Deal deal = plain_deal(" max_financed=1000 document_fee=100 insurance=50 insurance_months=1");
    expect_offer(deal, 85'000);
    expect_refused(deal, 85'001, Rule::max_financed, 100'000, 100'001);
}

TEST(Eligibility, PricesThatTheProgramFinances) {
    const Deal deal = plain_deal(" min_price=500 max_price=800.009");
    expect_offer(deal, 50'000);
    expect_refused(deal, 49'999, Rule::min_price, 50'000, 49'999);
    expect_offer(deal, 80'000);
    EXPECT_EQ(refusal(deal, 80'001).rule, Rule::max_price);
    EXPECT_EQ(plain_deal(" min_price=500.001").lowest, 50'001);
}

TEST(Eligibility, LoanToValueRefusesDearVehiclesWhereTheEquityIsSmall) {
    /* P - 200 <= 0.8 P means P <= 1000. */
    const Deal deal = plain_deal(" equity=200 max_loan_to_value=0.8");
    EXPECT_EQ(deal.highest, 100'000);
    expect_offer(deal, 100'000);
    expect_refused(deal, 100'010, Rule::loan_to_value, 80'008, 80'010);
}

TEST(Eligibility, LoanToValueRefusesCheapVehiclesWhereFeesAreLarge) {
    /* P + 300 <= 1.25 P means P >= 1200. */
    const Deal deal = plain_deal(" document_fee=300 max_loan_to_value=1.25");
    EXPECT_EQ(deal.lowest, 120'000);
    EXPECT_EQ(deal.highest, kMaxPriceMinor);
    expect_offer(deal, 120'000);
    expect_refused(deal, 119'996, Rule::loan_to_value, 149'995, 149'996);
}

TEST(Eligibility, LoanToValueThatNoPriceChanges) {
    /* P (1 + 0.1) against 1.1 P: only the fee decides, at every price alike; doubles cannot tell that slope
     * from zero. */
    EXPECT_EQ(plain_deal(" service_fee_rate=0.1 max_loan_to_value=1.1").highest, kMaxPriceMinor);
    const Deal none = plain_deal(" service_fee_rate=0.1 document_fee=0.01 max_loan_to_value=1.1");
    EXPECT_GT(none.lowest, none.highest);
}

TEST(Eligibility, ChangeUpToTheLargest) {
    const Deal deal = plain_deal(" current_payment=1000 max_change=0.25");
    expect_offer(deal, 125'000);
    expect_refused(deal, 125'001, Rule::max_change, 250'000, 250'010);
    expect_offer(plain_deal(" max_change=0.25"), 125'001);
}

TEST(Eligibility, ChangeIsRoundedBeforeItDecides) {
    const Deal deal = plain_deal(" current_payment=1000 max_change=1 change_digits=4");
    EXPECT_EQ(deal.highest, 200'004) << "1.00005 is 1.0001, 1.00004 is 1.0000";
    const Deal finer = plain_deal(" current_payment=1000 max_change=0.99997 change_digits=4");
    EXPECT_EQ(finer.highest, 199'994) << "0.9999 is allowed and 1.0000 is not";
}

std::string sentence(const Deal &deal, std::int64_t price) {
    return explained(refusal(deal, price), deal.minor_digits).text;
}

TEST(Eligibility, TradeValueMustBeKnownWhereTheTaxDependsOnIt) {
    const Deal unknown = plain_deal(" sales_tax_base=difference sales_tax_rate=0.1");
    EXPECT_GT(unknown.lowest, unknown.highest);
    expect_refused(unknown, 1, Rule::trade_value, 0, 0);
    expect_refused(unknown, kMaxPriceMinor, Rule::trade_value, 0, 0);
    EXPECT_EQ(sentence(unknown, 100), "the trade value is not known, and the sales tax depends on it");
    expect_offer(plain_deal(" sales_tax_base=difference sales_tax_rate=0.1 trade_value=0"), 1);
    expect_offer(plain_deal(" sales_tax_rate=0.1"), 1);
}

TEST(Eligibility, PriceReachesTheTradeValueThatLowersTheTax) {
    const Deal deal = plain_deal(" sales_tax_base=difference trade_value=500");
    expect_offer(deal, 50'000);
    expect_refused(deal, 49'999, Rule::price_below_trade_value, 50'000, 49'999);
    EXPECT_EQ(sentence(deal, 49'999), "the price of 499.99 is below the trade value of 500.00");
    EXPECT_EQ(plain_deal(" sales_tax_base=difference trade_value=500.001").lowest, 50'001);
    expect_offer(plain_deal(" trade_value=500"), 1);
}

TEST(Eligibility, MoreIsFinancedThanIsLeftAtTheEnd) {
    /* P - 100 > P / 2 means P > 200. */
    for (const char *kind : {" kind=balloon", " kind=lease"}) {
        const Deal deal = plain_deal(kind + std::string(" equity=100 residual_rate=0.5"));
        expect_offer(deal, 20'001);
        expect_refused(deal, 20'000, Rule::residual, 10'000, 10'000);
        expect_refused(deal, 19'998, Rule::residual, 9'999, 9'998);
        EXPECT_EQ(sentence(deal, 19'998),
                  "the amount financed is 99.98, not above the 99.99 that are left at the end");
    }
    const Deal none = plain_deal(" kind=balloon residual_rate=1");
    EXPECT_GT(none.lowest, none.highest) << "all of it is left at the end, at every price alike";
    expect_offer(plain_deal(" kind=balloon residual_rate=1 document_fee=0.01"), 1);
}

TEST(Eligibility, PaymentFromTheLowestOn) {
    const Deal deal = plain_deal(" min_payment=500");
    expect_offer(deal, 50'000);
    expect_refused(deal, 49'999, Rule::min_payment, 50'000, 49'999);
    EXPECT_EQ(sentence(deal, 49'999), "the payment of 499.99 is below 500.00");
    /* The payment itself, not those of a month: two of a price's halves. */
    const Deal semimonthly = plain_deal(" min_payment=500 payment_frequency=semimonthly");
    expect_offer(semimonthly, 100'000);
    expect_refused(semimonthly, 99'998, Rule::min_payment, 50'000, 49'999);
    EXPECT_EQ(semimonthly.lowest, 100'000);
}

TEST(Eligibility, PaymentsOfAMonthUpToAShareOfTheIncome) {
    const Deal deal = plain_deal(" income=4000 max_payment_to_income=0.125");
    expect_offer(deal, 50'000);
    expect_refused(deal, 50'001, Rule::payment_to_income, 50'000, 50'001);
    EXPECT_EQ(sentence(deal, 50'001),
              "the payment of 500.01 a month is above the 500.00 that the income allows");
    const Deal semimonthly =
        plain_deal(" income=4000 max_payment_to_income=0.125 payment_frequency=semimonthly");
    expect_offer(semimonthly, 50'000);
    expect_refused(semimonthly, 50'001, Rule::payment_to_income, 50'000, 50'001);
    expect_offer(plain_deal(" max_payment_to_income=0.125"), 50'001);
    expect_offer(plain_deal(" income=4000"), 5'000'001);
}

TEST(Eligibility, FirstFailedRuleIsNamed) {
    const Deal deal = plain_deal(" current_price=500 equity=1000 down_payment_rate=0.5 max_financed=10");
    EXPECT_EQ(refusal(deal, 40'000).rule, Rule::dearer);
    EXPECT_EQ(refusal(deal, 250'000).rule, Rule::down_payment);
    EXPECT_EQ(refusal(deal, 60'000).rule, Rule::loan_positive);
    EXPECT_EQ(refusal(deal, 150'000).rule, Rule::max_financed);
}

TEST(Eligibility, RefusalsAreExplained) {
    const char *const sentences[kRules] = {
        "the price of 12.00 is not above the 10.50 of the current vehicle",
        "the trade value is not known, and the sales tax depends on it",
        "the price of 12.00 is below the trade value of 10.50",
        "the price of 12.00 is below 10.50",
        "the price of 12.00 is above 10.50",
        "the equity of 12.00 is below the down payment of 10.50",
        "the equity covers the price, and more by 1.50",
        "the amount financed is 12.00, not above the 10.50 that are left at the end",
        "a part of the loan is 12.00, above 10.50",
        "a part of the loan is 12.00, above 10.50",
        "a part of the loan is 12.00, above 10.50",
        "a part of the loan is 12.00, above 10.50",
        "the amount financed is 12.00, above 10.50",
        "the amount financed is 12.00, above 10.50 for this price",
        "the payment of 12.00 is below 10.50",
        "the payment of 12.00 a month is above the 10.50 that the income allows",
        "the payment change is 0.001200, above 0.001050",
    };
    for (std::int32_t i = 0; i < kRules; ++i) {
        const Refusal refused{1, static_cast<Rule>(i), 1050, 1200, 150};
        EXPECT_STREQ(explained(refused, 2).text, sentences[i]);
    }
    constexpr std::int64_t kMost = -kMaxCoefficient;
    EXPECT_STREQ(
        explained({1, Rule::dearer, kMost, kMost, 0}, 0).text,
        "the price of -999999999999999999 is not above the -999999999999999999 of the current vehicle");
}

TEST(Eligibility, RulesHaveNames) {
    const char *names[kRules] = {"dearer",
                                 "trade_value",
                                 "price_below_trade_value",
                                 "min_price",
                                 "max_price",
                                 "down_payment",
                                 "loan",
                                 "residual",
                                 "max_component",
                                 "max_component",
                                 "max_component",
                                 "max_component",
                                 "max_financed",
                                 "loan_to_value",
                                 "min_payment",
                                 "payment_to_income",
                                 "max_change"};
    for (int i = 0; i < kRules; ++i) {
        EXPECT_STREQ(rule_name(static_cast<Rule>(i)), names[i]);
    }
}

/* `change <= c` on the rounded change against `change < edge` (or <=) on the unrounded one, in 80 digits. */
TEST(Eligibility, ChangeLimitIsTheEdgeOfTheRounding) {
    RandomTerms random(1);
    Terms terms = default_terms();
    for (int i = 0; i < 20'000; ++i) {
        terms.change_digits = static_cast<std::int32_t>(random.between(-1, 9));
        const Decimal limit = normalized({random.between(-20'000, 20'000), random.between(0, 5)});
        const bool inclusive = random.one_in(2);
        const ChangeLimit edge = change_limit(terms, limit, inclusive);
        const oracle::Deal truth(terms);
        const int digits = terms.change_digits < 0 ? 9 : terms.change_digits;
        for (int step = -3; step <= 3; ++step) {
            const oracle::Real unit = oracle::power(oracle::Real(10), digits);
            const oracle::Real change =
                oracle::real(i % 2 == 0 ? edge.edge : limit) + oracle::Real(step) / (2 * unit);
            const oracle::Real decides = truth.deciding_change(change);
            const oracle::Real wanted = oracle::real(limit);
            const bool passes = oracle::same(decides, wanted) ? inclusive : decides < wanted;
            const bool stated = oracle::same(change, oracle::real(edge.edge))
                                    ? edge.inclusive
                                    : change < oracle::real(edge.edge);
            ASSERT_EQ(passes, stated)
                << to_text(limit).text << " digits " << terms.change_digits << " step " << step;
        }
    }
}

TEST(Eligibility, RefusalAgreesWithTheRangeNearItsEnds) {
    RandomTerms random(2);
    for (int i = 0; i < 1000; ++i) {
        Case made = random.draw(static_cast<Place>(i % 3));
        random.add_windows(made);
        const Deal deal = built(made.terms);
        for (const std::int64_t end : {deal.lowest, deal.highest, made.price}) {
            for (std::int64_t price = std::max<std::int64_t>(1, end - 2);
                 price <= std::min(end + 2, kMaxPriceMinor); ++price) {
                const bool within = deal.lowest <= price && price <= deal.highest;
                ASSERT_EQ(refusal(deal, price).failed == 0, within) << price << " " << text_of(deal);
            }
        }
    }
}

TEST(Eligibility, DifferenceIsNeverShownAsZeroBeyondTheEdge) {
    const Deal deal = plain_deal(" equity=300.001 down_payment_rate=0.3");
    EXPECT_EQ(deal.highest, 100'000);
    const Refusal refused = refusal(deal, 100'001);
    EXPECT_EQ(refused.required, refused.actual) << "both are 300.00 when rounded";
    EXPECT_EQ(refused.short_by, 1);
}

} // namespace tradeup
