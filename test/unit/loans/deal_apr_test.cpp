/*
 * The annual percentage rate of deals, against that of the same loan by its dates, and by identities.
 */
#include <cmath>

#include <gtest/gtest.h>

#include "core/deal/schedule.hpp"
#include "core/loans/deal_apr.hpp"
#include "random_terms.hpp"
#include "support.hpp"

namespace tradeup {

namespace {

bool never() noexcept {
    return false;
}

bool at_once() noexcept {
    return true;
}

Date day(std::int64_t year, std::int32_t month, std::int32_t day_of_month) {
    return {static_cast<std::int32_t>(days_from_civil({year, month, day_of_month}))};
}

double rate_of(const Deal &deal, std::int64_t price, std::int64_t prepaid = 0) {
    const Result<OptionalApr> apr = deal_apr(deal, price, prepaid, never);
    EXPECT_TRUE(apr) << apr.error().message;
    return apr && apr->exists ? apr->rate : std::nan("");
}

/* The rate of the payments of a deal's schedule by Regulation Z, between dates. */
double by_dates(const Deal &deal, std::int64_t price, double prepaid, Date start, Date first,
                Frequency frequency) {
    Schedule schedule = *begin_schedule(deal, price);
    ScheduleRow row{};
    std::int64_t usual = 0;
    std::int64_t last = 0;
    double financed = 0;
    while (next_row(schedule, row)) {
        financed += static_cast<double>(row.financed);
        usual = row.number == 1 ? row.payment : usual;
        last = row.payment;
    }
    const Result<OptionalApr> apr =
        annual_percentage_rate(financed - prepaid, static_cast<double>(usual), schedule.term,
                               static_cast<double>(last), start, first, unit_period_of(frequency));
    EXPECT_TRUE(apr && apr->exists);
    return apr ? apr->rate : std::nan("");
}

} // namespace

TEST(DealApr, IsThatOfTheSameLoanByItsDates) {
    const Deal plain = deal_of("v1 annual_rate=0.0699 term=72");
    const Date start = day(2026, 1, 10);
    EXPECT_NEAR(rate_of(plain, 3'412'500),
                by_dates(plain, 3'412'500, 0, start, day(2026, 2, 10), Frequency::monthly), 1e-14);
    /* 45 days are a month and 15 days of a month of 30. */
    const Deal late = deal_of("v1 annual_rate=0.0699 term=72 first_payment_days=45");
    EXPECT_NEAR(rate_of(late, 3'412'500),
                by_dates(late, 3'412'500, 0, start, day(2026, 2, 25), Frequency::monthly), 1e-14);
    const Deal early = deal_of("v1 annual_rate=0.0699 term=72 first_payment_days=20");
    EXPECT_NEAR(rate_of(early, 3'412'500),
                by_dates(early, 3'412'500, 0, start, day(2026, 1, 30), Frequency::monthly), 1e-14);
    const Deal weekly =
        deal_of("v1 annual_rate=0.0699 term=72 payment_frequency=weekly first_payment_days=17");
    EXPECT_NEAR(rate_of(weekly, 3'412'500),
                by_dates(weekly, 3'412'500, 0, start, day(2026, 1, 27), Frequency::weekly), 1e-14);
    /* Fees taken before are less money in hand. */
    EXPECT_NEAR(rate_of(plain, 2'000'000, 60'000),
                by_dates(plain, 2'000'000, 60'000, start, day(2026, 2, 10), Frequency::monthly), 1e-14);
    EXPECT_GT(rate_of(plain, 2'000'000, 60'000), 0.0699 + 0.009);
}

/* One payment a month after the advance: twelve times what it is more. After a month and a half it is more by
 * 1.005 x 1.01 - 1, and eight times that a year (Regulation Z, appendix J, (c)(5)). */
TEST(DealApr, OfOnePayment) {
    EXPECT_NEAR(rate_of(deal_of("v1 annual_rate=0.12 term=1"), 1'000'000), 0.12, 1e-12);
    EXPECT_NEAR(rate_of(deal_of("v1 annual_rate=0.12 term=1 first_payment_days=45"), 1'000'000), 0.1204,
                1e-12);
    const Deal year = deal_of("v1 annual_rate=0.12 term=12 payment_frequency=yearly");
    EXPECT_NEAR(rate_of(year, 1'000'000), 0.12, 1e-12);
}

/* Without GPS, tax and fees the rate is the contract's, but for cents; with the tax on interest its taxed
 * one. A balloon and renewed insurance do not change it. */
TEST(DealApr, IsTheContractRateButForCents) {
    for (const char *terms :
         {"", " kind=balloon residual_rate=0.4", " insurance=900 insurance_renewed=true",
          " payment_frequency=bi-weekly", " payment_frequency=quarterly first_payment_days=60",
          " gps_monthly=25 gps_tax_rate=0.16 gps_installation=500 installation_in_first_payment=true"}) {
        const std::string head = "v1 annual_rate=0.0825 term=60";
        EXPECT_NEAR(rate_of(deal_of(head + terms), 500'000'000), 0.0825, 2e-6) << terms;
        EXPECT_NEAR(rate_of(deal_of(head + " interest_tax_rate=0.16" + terms), 500'000'000), 0.0825 * 1.16,
                    2e-6)
            << terms;
    }
    const Deal fee = deal_of("v1 annual_rate=0.0825 term=60 kind=balloon residual_rate=0.4 end_fee=5000");
    EXPECT_GT(rate_of(fee, 2'000'000), 0.0825 + 0.01);
}

TEST(DealApr, NoneAndErrors) {
    const Deal lease = deal_of("v1 annual_rate=0.06 term=36 kind=lease residual_rate=0.5");
    EXPECT_TRUE(std::isnan(rate_of(lease, 2'000'000)));
    const Deal loan = deal_of("v1 annual_rate=0.06 term=36 equity=5000");
    EXPECT_TRUE(std::isnan(rate_of(loan, 2'000'000, 1'500'000)));
    EXPECT_FALSE(deal_apr(loan, 500'000, 0, never));
    const Result<OptionalApr> stopped = deal_apr(loan, 2'000'000, 0, at_once);
    ASSERT_FALSE(stopped);
    EXPECT_EQ(stopped.error().kind, ErrorKind::cancelled);
}

/* Of random deals it exists, and is at least the rate that the contract takes where no cent of a payment
 * matters. */
TEST(DealApr, OfRandomDeals) {
    RandomTerms random(34);
    int rates = 0;
    for (int i = 0; i < 1500; ++i) {
        const Case made = random.draw(Place::anywhere);
        const Deal deal = built(made.terms);
        if (!begin_schedule(deal, made.price) || made.terms.kind == DealKind::lease) {
            continue;
        }
        const Result<OptionalApr> apr = deal_apr(deal, made.price, 0, never);
        ASSERT_TRUE(apr) << apr.error().message << " " << text_of(deal);
        rates += apr->exists ? 1 : 0;
    }
    EXPECT_GT(rates, 500);
}

} // namespace tradeup
