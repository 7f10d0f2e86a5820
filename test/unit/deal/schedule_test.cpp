/*
 * Schedules by hand, and what must hold of every schedule: principal adds up, the last balance is zero.
 */
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "core/deal/schedule.hpp"
#include "oracle.hpp"
#include "random_terms.hpp"
#include "support.hpp"

namespace tradeup {

using oracle::Real;

std::vector<ScheduleRow> rows_of(const Deal &deal, std::int64_t price) {
    Result<Schedule> schedule = begin_schedule(deal, price);
    EXPECT_TRUE(schedule) << schedule.error().message;
    std::vector<ScheduleRow> rows;
    ScheduleRow row{};
    while (schedule && next_row(*schedule, row)) {
        rows.push_back(row);
    }
    return rows;
}

std::int64_t whole(const Real &value) {
    return static_cast<std::int64_t>(value);
}

std::int64_t at(const Deal &deal, Amount amount, std::int64_t price) {
    return amount_at(deal, amount, price).value_or(-1);
}

/* A deal whose every figure can be worked out on paper: 1,200.00 at 12 percent and 10 percent tax in 2
 * months. */
TEST(Schedule, TwoMonthsByHand) {
    const Deal deal = deal_of("v1 annual_rate=0.12 term=2 interest_tax_rate=0.1");
    const std::vector<ScheduleRow> rows = rows_of(deal, 120'000);
    ASSERT_EQ(rows.size(), 2U);
    EXPECT_EQ(rows[0].opening, 120'000);
    EXPECT_EQ(rows[0].interest, 1'200);
    EXPECT_EQ(rows[0].tax, 120);
    EXPECT_EQ(rows[0].payment, 60'992); // 120000 * 0.011 / (1 - 1.011^-2) = 60991.64...
    EXPECT_EQ(rows[0].principal, 59'672);
    EXPECT_EQ(rows[1].opening, 60'328);
    EXPECT_EQ(rows[1].interest, 603);
    EXPECT_EQ(rows[1].tax, 60);
    EXPECT_EQ(rows[1].payment, 60'991);
    EXPECT_EQ(rows[1].closing, 0);
}

/* Whether a loan's first level payment repays some minor units, so that rounding cannot use it up. */
bool repays_at_once(const Terms &t, const Real &loan_minor, std::int32_t months) {
    const Real q = oracle::real(t.annual_rate) * (1 + oracle::real(t.interest_tax_rate)) / 12;
    return months > 1 && (oracle::annuity(q, months) - q) * loan_minor > 5;
}

/* What holds in every schedule, whatever the terms. */
void expect_identities(const Deal &deal, std::int64_t price) {
    const Terms &t = deal.terms;
    const std::vector<ScheduleRow> rows = rows_of(deal, price);
    ASSERT_GE(rows.size(), static_cast<std::size_t>(periods_in(t.payment_frequency, t.term)));
    std::int64_t financed = 0;
    std::int64_t principal = 0;
    std::int64_t before = 0;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const ScheduleRow &row = rows[i];
        ASSERT_EQ(row.number, static_cast<std::int32_t>(i) + 1);
        ASSERT_EQ(row.opening, before + row.financed);
        ASSERT_EQ(row.closing, row.opening - row.principal);
        ASSERT_EQ(row.payment, row.principal + row.interest + row.charges + row.tax);
        ASSERT_GE(row.opening, 0);
        ASSERT_GE(row.closing, 0);
        ASSERT_TRUE(row.principal >= 0 || (i == 0 && t.first_payment_days != kAbsent));
        financed += row.financed;
        principal += row.principal;
        before = row.closing;
    }
    /* A lease ends at what the vehicle is worth then. */
    const Real share = t.kind == DealKind::lease ? oracle::real(t.residual_rate) : Real(0);
    const std::int64_t left = whole(oracle::rounded(share * price, t.rounding));
    ASSERT_EQ(rows.back().closing, left);
    ASSERT_EQ(principal + left, financed);
    ASSERT_EQ(rows[0].financed, at(deal, Amount::loan_amount, price));
    const Real premium = oracle::real(t.insurance) * oracle::power(10, t.minor_digits);
    if (t.kind == DealKind::balloon || (t.kind == DealKind::loan && !require_plain_loan(t, "it"))) {
        return;
    }
    if ((t.kind == DealKind::lease ? t.term > 1 : repays_at_once(t, rows[0].financed - premium, t.term)) &&
        (premium == 0 || repays_at_once(t, premium, t.insurance_months))) {
        ASSERT_EQ(rows[0].payment, at(deal, Amount::payment, price));
    }
}

TEST(Schedule, IdentitiesOfTheReferenceProgram) {
    for (const char *head :
         {"v1 annual_rate=0.1949 term=12", "v1 annual_rate=0.4549 term=72", "v1 annual_rate=0.2249 term=30",
          "v1 annual_rate=0 term=48", "v1 annual_rate=0.000000001 term=60"}) {
        for (const char *rounding : {"half_up", "half_even", "up", "down"}) {
            const Deal deal =
                deal_of(head + std::string(" equity=60000") + kReference + " rounding=" + rounding);
            for (std::int64_t price = 10'000'000; price < 60'000'000; price += 7'654'321) {
                expect_identities(deal, price);
            }
        }
    }
}

TEST(Schedule, IdentitiesOfRandomDeals) {
    RandomTerms random(1);
    int schedules = 0;
    for (int i = 0; i < 3000; ++i) {
        const Case made = random.draw(static_cast<Place>(i % 3));
        const Deal deal = built(made.terms);
        if (begin_schedule(deal, made.price)) {
            ++schedules;
            expect_identities(deal, made.price);
            ASSERT_FALSE(testing::Test::HasFatalFailure()) << made.price << " " << text_of(deal);
        }
    }
    EXPECT_GT(schedules, 1000);
}

/* High rates over long terms, where a rounding error of the level payment grows by the interest on it. */
TEST(Schedule, RoundingErrorsDoNotGrowBeyondTheLoan) {
    for (const char *rounding : {"half_up", "half_even", "up", "down"}) {
        for (const char *rate : {"0.6", "1.2", "2", "10"}) {
            const Deal deal = deal_of(std::string("v1 term=480 interest_tax_rate=0.16 annual_rate=") + rate +
                                      " rounding=" + rounding);
            for (const std::int64_t price : {1'234'567, 1'000'000, 25'000'001}) {
                expect_identities(deal, price);
                ASSERT_FALSE(testing::Test::HasFatalFailure()) << price << " " << text_of(deal);
            }
        }
    }
}

/* Interest is the balance times the period's part of the rate, the first period's by its days, of which those
 * beyond a period are compounded by it; tax is on that interest: worked out again in 80 digits. */
TEST(Schedule, InterestAndTaxByTheirDefinition) {
    RandomTerms random(2);
    for (int i = 0; i < 300; ++i) {
        Case made = random.draw(Place::anywhere);
        made.terms.insurance = {};
        made.terms.gps_monthly = {};
        made.terms.gps_installation = {};
        const Deal deal = built(made.terms);
        const Terms &t = deal.terms;
        if (t.kind == DealKind::lease || !begin_schedule(deal, made.price)) {
            continue;
        }
        const oracle::Calendar calendar = oracle::calendar(t.payment_frequency);
        for (const ScheduleRow &row : rows_of(deal, made.price)) {
            const bool odd = row.number == 1 && t.first_payment_days != kAbsent;
            const Real days = odd ? Real(t.first_payment_days) / calendar.days : Real(1);
            const Real rate = oracle::real(t.annual_rate) / calendar.a_year;
            const Real compounded = rate * (1 + oracle::real(t.interest_tax_rate)) * (days - 1);
            const Real periods = days > 1 ? Real(days + compounded) : days;
            const Real interest = oracle::rounded(Real(row.opening) * rate * periods, t.rounding);
            ASSERT_EQ(row.interest, whole(interest)) << text_of(deal);
            ASSERT_EQ(row.tax,
                      whole(oracle::rounded(interest * oracle::real(t.interest_tax_rate), t.rounding)));
        }
    }
}

/* The payment stays as quoted when the first one is late, even where the interest until then is more. By hand
 * (in fractions): 20,000.00 at 9.99 percent. */
TEST(Schedule, ALateFirstPaymentIsTheQuotedOne) {
    const struct {
        const char *terms;
        std::int64_t payment;
        std::int64_t first_interest;
        std::int64_t last;
    } kCases[] = {{"term=60 first_payment_days=90", 43'192, 50'227, 43'164},
                  {"term=60 first_payment_days=45", 42'661, 25'044, 42'668},
                  {"term=60 payment_frequency=weekly first_payment_days=60", 9'922, 32'990, 9'989}};
    for (const auto &one : kCases) {
        const Deal deal = deal_of(std::string("v1 annual_rate=0.0999 ") + one.terms);
        const std::vector<ScheduleRow> rows = rows_of(deal, 2'000'000);
        EXPECT_EQ(at(deal, Amount::payment, 2'000'000), one.payment) << one.terms;
        EXPECT_EQ(rows[0].payment, one.payment) << one.terms;
        EXPECT_EQ(rows[0].interest, one.first_interest) << one.terms;
        EXPECT_EQ(rows[0].principal, one.payment - one.first_interest) << one.terms;
        EXPECT_EQ(rows.back().payment, one.last) << one.terms;
        EXPECT_EQ(rows.back().closing, 0) << one.terms;
    }
}

TEST(Schedule, ChargesRunOverTheTermAndInstallationInTheFirstMonth) {
    const Deal deal =
        deal_of("v1 annual_rate=0.2 term=3 gps_monthly=350 gps_installation=750 gps_tax_rate=0.16"
                " installation_in_first_payment=true insurance=120");
    const std::vector<ScheduleRow> rows = rows_of(deal, 1'000'000);
    ASSERT_EQ(rows.size(), 12U) << "the policy outlasts the term";
    EXPECT_EQ(rows[0].charges, 110'000);
    EXPECT_EQ(rows[1].charges, 35'000);
    EXPECT_EQ(rows[1].tax, 5'600);
    EXPECT_EQ(rows[3].charges, 0);
    EXPECT_EQ(rows[3].tax, 0);
    EXPECT_EQ(rows[0].financed, 1'012'000);
}

TEST(Schedule, InsuranceIsRenewedWhileTheVehicleIsPaid) {
    const std::string head = "v1 annual_rate=0.2 term=30 insurance=1200 insurance_renewed=";
    const std::vector<ScheduleRow> renewed = rows_of(deal_of(head + "true"), 10'000'000);
    ASSERT_EQ(renewed.size(), 36U);
    EXPECT_EQ(renewed[12].financed, 120'000);
    EXPECT_EQ(renewed[24].financed, 120'000);
    EXPECT_EQ(renewed[29].financed, 0);
    EXPECT_EQ(renewed[35].closing, 0);
    EXPECT_GT(renewed[34].closing, 0);
    const std::vector<ScheduleRow> once = rows_of(deal_of(head + "false"), 10'000'000);
    ASSERT_EQ(once.size(), 30U);
    EXPECT_EQ(once[12].financed, 0);
}

TEST(Schedule, RateZeroRepaysEqualParts) {
    for (const ScheduleRow &row : rows_of(deal_of("v1 annual_rate=0 term=8"), 80'000)) {
        EXPECT_EQ(row.principal, 10'000);
        EXPECT_EQ(row.interest, 0);
    }
    const std::vector<ScheduleRow> uneven = rows_of(deal_of("v1 annual_rate=0 term=3"), 100);
    EXPECT_EQ(uneven[0].payment, 33);
    EXPECT_EQ(uneven[2].payment, 34) << "the last row pays what rounding left";
}

TEST(Schedule, NothingFinancedIsAnError) {
    const Deal deal = deal_of("v1 annual_rate=0.1 term=12 equity=1000 insurance=10");
    for (const std::int64_t price : {50'000, 100'000}) {
        const Result<Schedule> schedule = begin_schedule(deal, price);
        ASSERT_FALSE(schedule);
        EXPECT_EQ(schedule.error().kind, ErrorKind::bad_value);
        EXPECT_STREQ(schedule.error().message, "nothing is financed at this price");
    }
    EXPECT_TRUE(begin_schedule(deal, 100'001));
}

TEST(LevelPayment, IsTheOracles) {
    RandomTerms random(3);
    for (int i = 0; i < 2000; ++i) {
        const Terms t = random.draw(Place::anywhere).terms;
        if (!require_plain_loan(t, "it")) {
            continue;
        }
        const std::int64_t principal = random.between(1, 1'000'000'000);
        const auto months = static_cast<std::int32_t>(random.between(1, 480));
        const Real q = oracle::real(t.annual_rate) * (1 + oracle::real(t.interest_tax_rate)) / 12;
        ASSERT_EQ(*level_payment(t, principal, months),
                  whole(oracle::rounded(oracle::annuity(q, months) * principal, t.rounding)));
    }
}

/* The audited spreadsheet in 80 digits, as its specification has it: buckets of principal, interest on
 * another balance. */
struct ReferenceBucket {
    Real amount;
    int months;
    Real balance;
};

void expect_reference(const Deal &deal, std::int64_t price, double tolerance) {
    const Terms &t = deal.terms;
    const oracle::Offer offer = oracle::Deal(t).offer(price);
    const Real i = oracle::real(t.annual_rate) / 12;
    const Real q = i * (1 + oracle::real(t.interest_tax_rate));
    const Real insurance = oracle::real(t.insurance);
    const Real protection = oracle::real(t.protection);
    const Real loan = offer.loan_amount - insurance - protection - offer.service_fee;
    ReferenceBucket buckets[] = {{loan, t.term, loan},
                                 {offer.service_fee, t.term, offer.service_fee},
                                 {protection, t.term, protection},
                                 {insurance, t.insurance_months, insurance}};
    Result<ReferenceSchedule> schedule = begin_reference_schedule(deal, price);
    ASSERT_TRUE(schedule);
    const auto close = [&](double got, const Real &truth) {
        return abs(Real(got) - truth) <= Real(tolerance) * offer.loan_amount + Real(1e-9);
    };
    ReferenceRow row{};
    int month = 0;
    while (next_row(*schedule, row)) {
        ++month;
        ASSERT_EQ(row.month, month);
        Real opening = 0;
        Real principal = 0;
        Real interest = 0;
        for (ReferenceBucket &bucket : buckets) {
            const int k = (month - 1) % bucket.months + 1;
            const int n = bucket.months;
            bucket.balance = k == 1 ? bucket.amount : bucket.balance;
            opening += bucket.balance;
            Real principal_k = bucket.amount / n;
            if (i != 0) {
                principal_k = bucket.amount * q * oracle::power(1 + q, k - 1) / (oracle::power(1 + q, n) - 1);
                const Real all = oracle::power(1 + i, n);
                interest += i * bucket.amount * (all - oracle::power(1 + i, k - 1)) / (all - 1);
            }
            principal += principal_k;
            const Real left = bucket.balance - principal_k;
            bucket.balance = left < 0 ? Real(0) : left;
        }
        if (month == 1 && t.installation_in_first_payment) {
            principal += oracle::real(t.gps_installation) * (1 + oracle::real(t.gps_tax_rate));
        }
        const Real charges = oracle::real(t.gps_monthly);
        const Real tax =
            interest * oracle::real(t.interest_tax_rate) + charges * oracle::real(t.gps_tax_rate);
        ASSERT_TRUE(close(row.opening, opening)) << month;
        ASSERT_TRUE(close(row.principal, principal)) << month;
        ASSERT_TRUE(close(row.interest, interest)) << month;
        ASSERT_TRUE(close(row.tax, tax)) << month;
        ASSERT_TRUE(close(row.payment, principal + interest + charges + tax)) << month;
        ASSERT_TRUE(close(row.closing_loan, buckets[0].balance)) << month;
        ASSERT_TRUE(close(row.closing_service, buckets[1].balance)) << month;
        ASSERT_TRUE(close(row.closing_protection, buckets[2].balance)) << month;
        ASSERT_TRUE(close(row.closing_insurance, buckets[3].balance)) << month;
        ASSERT_TRUE(close(row.closing,
                          buckets[0].balance + buckets[1].balance + buckets[2].balance + buckets[3].balance));
    }
    ASSERT_EQ(month, t.term);
}

TEST(ReferenceSchedule, IsTheLiteralSpreadsheet) {
    for (const char *head :
         {"v1 annual_rate=0.1949 term=12", "v1 annual_rate=0.2249 term=24", "v1 annual_rate=0.4549 term=72",
          "v1 annual_rate=0 term=36", "v1 annual_rate=2 term=120"}) {
        expect_reference(deal_of(head + std::string(" equity=60000") + kReference), 34'799'900, 1e-11);
        ASSERT_FALSE(testing::Test::HasFatalFailure()) << head;
    }
}

/* The spreadsheet's powers lose digits as the rate falls, but its figures stay near the truth. */
TEST(ReferenceSchedule, SmallRates) {
    for (const char *head :
         {"v1 annual_rate=0.00001 term=60", "v1 annual_rate=0.0000001 term=60",
          "v1 annual_rate=0.000000000000001 term=60", "v1 annual_rate=0.000000000000000001 term=480"}) {
        expect_reference(deal_of(head + std::string(" equity=60000") + kReference), 34'799'900, 1e-6);
        ASSERT_FALSE(testing::Test::HasFatalFailure()) << head;
    }
}

} // namespace tradeup
