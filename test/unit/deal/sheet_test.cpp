/*
 * Worksheets by hand, and what must hold of every worksheet: its parts add up, and their sums are the figures
 * of an offer and of its schedule.
 */
#include <cstdlib>
#include <map>
#include <set>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "core/deal/schedule.hpp"
#include "core/deal/sheet.hpp"
#include "oracle.hpp"
#include "random_terms.hpp"
#include "support.hpp"

namespace tradeup {

using oracle::Real;

namespace {

Sheet sheet_of(const Deal &deal, std::int64_t price) {
    const Result<Sheet> sheet = sheet_at(deal, price);
    EXPECT_TRUE(sheet) << sheet.error().message;
    return sheet ? *sheet : Sheet{};
}

/* The amount of a line, 0 where it is left out. */
std::int64_t line(const Sheet &sheet, SheetPart part, std::string_view name) {
    std::int64_t amount = 0;
    for (const SheetLine &one : sheet.all()) {
        amount += one.part == part && one.name == name ? one.amount : 0;
    }
    return amount;
}

std::int64_t sum(const Sheet &sheet, SheetPart part) {
    return line(sheet, part, name_of(part));
}

/* The lines of a part as text. */
std::string text(const Sheet &sheet, SheetPart part) {
    std::string all;
    for (const SheetLine &one : sheet.all()) {
        if (one.part == part) {
            all += (all.empty() ? "" : ", ") + std::string(one.name) + " " + std::to_string(one.amount) +
                   " " + word_of(one.settled, Frequency::monthly);
        }
    }
    return all;
}

} // namespace

/* 30,000, a trade-in of 12,000 on which 15,000 are owed, tax of 6.25 % on the difference, 6.99 %, 72 months.
 */
TEST(Sheet, TradeInWithTaxOnTheDifference) {
    const Deal deal = deal_of("v1 annual_rate=0.0699 term=72 equity=-3000 trade_value=12000 "
                              "sales_tax_rate=0.0625 sales_tax_base=difference");
    const Sheet sheet = sheet_of(deal, 3'000'000);
    EXPECT_EQ(text(sheet, SheetPart::amount_financed),
              "price 3000000 financed, trade value -1200000 financed, payoff 1500000 financed, "
              "sales tax 112500 financed, amount financed 3412500 sum");
    EXPECT_EQ(text(sheet, SheetPart::due_at_signing), "due at signing 0 sum");
    EXPECT_EQ(text(sheet, SheetPart::payment), "principal and interest 58163 monthly, payment 58163 sum");
    EXPECT_EQ(text(sheet, SheetPart::at_the_end), "");
    EXPECT_EQ(sheet.prepaid, 0);
}

/* What she owes and what she brings: the equity alone, an equity above the trade value. */
TEST(Sheet, EquityPayoffAndDownPayment) {
    const SheetPart part = SheetPart::amount_financed;
    EXPECT_EQ(text(sheet_of(deal_of("v1 annual_rate=0.06 term=60 equity=5000"), 2'000'000), part),
              "price 2000000 financed, equity -500000 financed, amount financed 1500000 sum");
    EXPECT_EQ(
        text(sheet_of(deal_of("v1 annual_rate=0.06 term=60 equity=5000 trade_value=3500"), 2'000'000), part),
        "price 2000000 financed, trade value -350000 financed, down payment -150000 financed, "
        "amount financed 1500000 sum");
    EXPECT_EQ(
        text(sheet_of(deal_of("v1 annual_rate=0.06 term=60 equity=3500 trade_value=3500"), 2'000'000), part),
        "price 2000000 financed, trade value -350000 financed, amount financed 1650000 sum");
}

/* Halves of a cent: three lines are rounded up, and their sum by one cent only. */
TEST(Sheet, RoundingIsALineOfItsOwn) {
    const Deal deal = deal_of("v1 annual_rate=0.06 term=60 equity=0.005 bonus=0.005 document_fee=0.005 "
                              "protection=0.005 insurance=0.005");
    EXPECT_EQ(text(sheet_of(deal, 100'000), SheetPart::amount_financed),
              "price 100000 financed, equity -1 financed, bonus -1 financed, document fee 1 financed, "
              "protection 1 financed, insurance 1 financed, amount financed 100001 sum");
    const Deal other = deal_of("v1 annual_rate=0.06 term=60 document_fee=0.005 protection=0.005");
    EXPECT_EQ(text(sheet_of(other, 100'000), SheetPart::amount_financed),
              "price 100000 financed, document fee 1 financed, protection 1 financed, "
              "rounding -1 financed, amount financed 100001 sum");
}

/* A lease that begins with a payment, and is taxed at signing on all of them. */
TEST(Sheet, LeaseInAdvanceTaxedUpfront) {
    const Deal deal = deal_of("v1 annual_rate=0.06 term=36 kind=lease residual_rate=0.55 sales_tax_rate=0.07 "
                              "lease_tax=upfront acquisition_fee=650 fees_financed=false "
                              "payments_in_advance=true end_fee=350");
    const Sheet sheet = sheet_of(deal, 2'000'000);
    EXPECT_EQ(text(sheet, SheetPart::payment),
              "depreciation 25000 monthly, rent charge 7750 monthly, payment 32750 sum");
    EXPECT_EQ(text(sheet, SheetPart::due_at_signing),
              "acquisition fee 65000 due at signing, sales tax 82530 due at signing, "
              "first payment 32750 due at signing, due at signing 180280 sum");
    EXPECT_EQ(text(sheet, SheetPart::total_of_payments),
              "amount financed 2000000 over the term, residual -1100000 at the end, "
              "rent charge 279000 over the term, end fee 35000 at the end, total of payments 1214000 sum");
    EXPECT_EQ(text(sheet, SheetPart::at_the_end), "end fee 35000 at the end, at the end 35000 sum");
    EXPECT_EQ(text(sheet, SheetPart::finance_charge), "");
    EXPECT_EQ(lease_money_factor(deal.terms, 8).value_or(-1), 250'000);
}

/* What holds of every sheet, whatever the terms. */
void expect_sheet(const Deal &deal, std::int64_t price) {
    const Terms &t = deal.terms;
    const Sheet sheet = sheet_of(deal, price);
    ASSERT_GT(sheet.count, 0U);
    ASSERT_LE(sheet.count, kMaxSheetLines);
    std::map<SheetPart, std::int64_t> lines;
    constexpr std::int64_t kMostLines = 17; // of a part
    std::set<SheetPart> closed;
    for (const SheetLine &one : sheet.all()) {
        ASSERT_FALSE(closed.contains(one.part)) << "a line stands after the sum of its part";
        if (one.settled == Settled::sum) {
            ASSERT_EQ(lines[one.part], one.amount) << one.name;
            ASSERT_STREQ(one.name, name_of(one.part));
            closed.insert(one.part);
            continue;
        }
        ASSERT_NE(one.amount, 0) << one.name;
        if (one.name == std::string_view("rounding")) {
            ASSERT_LE(std::abs(one.amount), kMostLines); // each is less than a unit off, those of 0 too
        }
        lines[one.part] += one.amount;
    }
    const oracle::Deal truth(t);
    const oracle::Offer offer = truth.offer(price);
    const auto minor = [&](const Real &amount) { return static_cast<std::int64_t>(truth.minor(amount)); };
    ASSERT_EQ(sum(sheet, SheetPart::amount_financed), minor(offer.loan_amount));
    ASSERT_EQ(sum(sheet, SheetPart::payment), minor(offer.payment));
    ASSERT_EQ(sum(sheet, SheetPart::due_at_signing), minor(offer.due_at_signing));
    ASSERT_EQ(line(sheet, SheetPart::amount_financed, "opening fee"), minor(offer.opening_fee));
    const SheetPart fees = t.fees_financed ? SheetPart::amount_financed : SheetPart::due_at_signing;
    ASSERT_EQ(line(sheet, fees, "service fee"), minor(offer.service_fee));
    ASSERT_EQ(line(sheet, fees, "document fee"), minor(oracle::real(t.document_fee)));

    Schedule schedule = *begin_schedule(deal, price);
    ScheduleRow row{};
    std::int64_t paid = 0;
    std::int64_t interest = 0;
    while (next_row(schedule, row)) {
        paid += row.payment;
        interest += row.interest;
    }
    ASSERT_EQ(sum(sheet, SheetPart::total_of_payments), paid);
    const bool leased = t.kind == DealKind::lease;
    ASSERT_EQ(line(sheet, SheetPart::total_of_payments, leased ? "rent charge" : "interest"), interest);
    ASSERT_EQ(closed.contains(SheetPart::finance_charge), !leased);
    if (!leased) {
        const std::int64_t prepaid = line(sheet, SheetPart::finance_charge, "service fee") +
                                     line(sheet, SheetPart::finance_charge, "opening fee") +
                                     line(sheet, SheetPart::finance_charge, "acquisition fee");
        ASSERT_EQ(sheet.prepaid, prepaid);
        ASSERT_EQ(sum(sheet, SheetPart::finance_charge) - prepaid,
                  interest + line(sheet, SheetPart::total_of_payments, "tax on interest") +
                      line(sheet, SheetPart::total_of_payments, "end fee"));
    }
    ASSERT_EQ(line(sheet, SheetPart::at_the_end, "balloon"),
              t.kind == DealKind::balloon ? minor(offer.residual) : 0);
}

TEST(Sheet, IdentitiesOfRandomDeals) {
    RandomTerms random(12);
    std::map<DealKind, int> sheets;
    std::set<std::string> names;
    for (int i = 0; i < 6000; ++i) {
        const Case made = random.draw(static_cast<Place>(i % 3));
        const Deal deal = built(made.terms);
        if (begin_schedule(deal, made.price)) {
            sheets[made.terms.kind] += 1;
            expect_sheet(deal, made.price);
            ASSERT_FALSE(testing::Test::HasFatalFailure()) << made.price << " " << text_of(deal);
            const auto sheet = sheet_of(deal, made.price);
            for (const SheetLine &one : sheet.all()) {
                names.insert(one.name);
            }
        }
    }
    for (const DealKind kind : {DealKind::loan, DealKind::balloon, DealKind::lease}) {
        EXPECT_GT(sheets[kind], 300);
    }
    EXPECT_EQ(names.size(), 36U); // every name that a line can have
}

TEST(Sheet, ErrorsOfThePrice) {
    const Deal deal = deal_of("v1 annual_rate=0.06 term=60 equity=5000");
    const Result<Sheet> covered = sheet_at(deal, 500'000);
    ASSERT_FALSE(covered);
    EXPECT_STREQ(covered.error().message, "nothing is financed at this price");
    const Deal dear = deal_of("v1 annual_rate=10 term=480 minor_digits=4 gps_monthly=1000000000000");
    const Result<Sheet> beyond = sheet_at(dear, 100'000'000'000'000);
    ASSERT_FALSE(beyond);
    EXPECT_EQ(beyond.error().kind, ErrorKind::out_of_range);
}

} // namespace tradeup
