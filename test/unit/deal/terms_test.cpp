/*
 * The table of a deal's terms: defaults, domains, and the errors that name them.
 */
#include <cstring>
#include <string>

#include <gtest/gtest.h>

#include "core/deal/terms.hpp"
#include "random_terms.hpp"
#include "support.hpp"

namespace tradeup {

const Field &field(std::string_view name) {
    for (const Field &candidate : fields()) {
        if (name == candidate.name) {
            return candidate;
        }
    }
    ADD_FAILURE() << "no field " << name;
    return fields().front();
}

TEST(Program, MembersOfTheTermsAreFieldsOfTheirNames) {
    EXPECT_STREQ(field_of(&Terms::annual_rate).name, "annual_rate");
    EXPECT_STREQ(field_of(&Terms::term).name, "term");
    EXPECT_STREQ(field_of(&Terms::current_price).name, "current_price");
    EXPECT_STREQ(field_of(&Terms::rounding).name, "rounding");
    EXPECT_STREQ(field_of(&Terms::tiers).name, "tiers");
    EXPECT_STREQ(field_of(&Terms::max_loan_to_value).name, "max_loan_to_value");
    for (const Field &known : fields()) {
        EXPECT_EQ(find_field(known.name), &known);
        EXPECT_EQ(&field_at(known.offset), &known);
    }
    EXPECT_EQ(find_field("colour"), nullptr);
}

TEST(Program, DefaultsAreInsideTheirDomains) {
    const Terms terms = default_terms();
    EXPECT_EQ(terms.insurance_months, 12);
    EXPECT_EQ(terms.minor_digits, 2);
    EXPECT_EQ(terms.change_digits, kAbsent);
    EXPECT_EQ(terms.rounding, Rounding::half_up);
    EXPECT_EQ(terms.margin_service_fee, 1);
    EXPECT_EQ(terms.tier_count, 3);
    EXPECT_FALSE(terms.current_payment.present || terms.max_change.present || terms.max_financed.present);
}

TEST(Program, RatesAreFractionsOrPercentagesByNameNotByMagnitude) {
    const auto text = [](const Result<Decimal> &rate) {
        return rate ? to_text(*rate).text : std::string("error");
    };
    EXPECT_EQ(text(rate_of_fraction(decimal(49, 3), true)), "0.049");
    EXPECT_EQ(text(rate_of_fraction(decimal(1), true)), "1");
    EXPECT_EQ(text(rate_of_fraction({1'000'000'000'000'001, 15}, true)), "error");
    EXPECT_EQ(text(rate_of_fraction(decimal(-1, 18), true)), "error");
    EXPECT_EQ(text(rate_of_percent(decimal(49, 1))), "0.049");
    EXPECT_EQ(text(rate_of_percent(decimal(1))), "0.01");
    EXPECT_EQ(text(rate_of_percent(decimal(1000))), "10");
    EXPECT_EQ(text(rate_of_percent(decimal(10001, 1))), "error");
    EXPECT_EQ(text(rate_of_percent(decimal(-1))), "error");
    EXPECT_EQ(text(rate_of_percent(decimal(1, 16))), "0.000000000000000001");
    EXPECT_EQ(text(rate_of_percent(decimal(1, 17))), "error");
    EXPECT_STREQ(rate_of_fraction(decimal(49, 1), true).error().message,
                 "annual rate must be between 0 and 1");
    EXPECT_STREQ(rate_of_fraction(decimal(49, 1), true).error().hint,
                 "A rate is a fraction: 4.9 percent is 0.049, or annual_percent => 4.9. Write a rate above "
                 "100 percent as annual_percent.");
    EXPECT_STREQ(rate_of_fraction(decimal(49, 1), false).error().hint,
                 "A rate is a fraction: 4.9 percent is 0.049.");
}

TEST(Program, NumbersAreTakenUpToBothEndsOfTheDomain) {
    for (const Field &f : fields()) {
        if (f.kind == FieldKind::tiers || f.kind == FieldKind::boolean || f.kind == FieldKind::word) {
            continue;
        }
        Terms terms = default_terms();
        for (const Decimal end : {f.lowest, f.highest}) {
            ASSERT_TRUE(set_number(terms, f, end)) << f.name;
            const bool whole = f.kind == FieldKind::integer || f.kind == FieldKind::optional_integer;
            const Decimal stored = whole ? decimal(integer_at(terms, f)) : number_at(terms, f).value;
            EXPECT_EQ(compare(stored, end), 0) << f.name;
        }
        const Decimal step = f.highest.coefficient >= 1'000'000'000'000 ? decimal(1, 4) : decimal(1, 9);
        const Decimal above = {f.highest.coefficient * kPowersOfTen[static_cast<std::size_t>(step.scale)] + 1,
                               step.scale};
        const Result<bool> refused = set_number(terms, f, above);
        ASSERT_FALSE(refused) << f.name;
        EXPECT_EQ(refused.error().kind, ErrorKind::bad_value);
        EXPECT_FALSE(set_number(terms, f, decimal(-1'000'000'000'001))) << f.name;
    }
}

TEST(Program, ErrorsNameTheParameterAndTheValue) {
    Terms terms = default_terms();
    const Result<bool> term = set_number(terms, field("term"), decimal(0));
    EXPECT_STREQ(term.error().message, "term must be between 1 and 480 months");
    EXPECT_STREQ(term.error().detail, "Term is 0.");
    const Result<bool> rate = set_number(terms, field("annual_rate"), decimal(-1));
    EXPECT_STREQ(rate.error().message, "annual rate must be between 0 and 10");
    EXPECT_STREQ(rate.error().detail, "Annual rate is -1.");
    const Result<bool> payment = set_number(terms, field("current_payment"), decimal(0));
    EXPECT_STREQ(payment.error().message, "current payment must be greater than 0");
    const Result<bool> months = set_number(terms, field("term"), decimal(125, 1));
    EXPECT_STREQ(months.error().message, "term must be a whole number");
    EXPECT_STREQ(months.error().detail, "Term is 12.5.");
}

TEST(Program, RefusedNumberLeavesTheTermsAsTheyWere) {
    Terms terms = default_terms();
    const Terms before = terms;
    EXPECT_FALSE(set_number(terms, field("term"), decimal(481)));
    EXPECT_FALSE(set_tiers(terms, "A [0,1], B [0,1]"));
    EXPECT_EQ(std::memcmp(&terms, &before, sizeof terms), 0);
}

TEST(Program, EqualNumbersAreEqualBytes) {
    Terms a = default_terms();
    Terms b = default_terms();
    ASSERT_TRUE(set_number(a, field("max_change"), decimal(2500, 4)));
    ASSERT_TRUE(set_number(b, field("max_change"), decimal(25, 2)));
    EXPECT_EQ(std::memcmp(&a, &b, sizeof a), 0);
    set_absent(a, field("max_change"));
    set_absent(b, field("max_change"));
    EXPECT_FALSE(a.max_change.present);
    EXPECT_EQ(std::memcmp(&a, &b, sizeof a), 0);
}

TEST(Program, WordsByName) {
    Terms terms = default_terms();
    for (const char *name : {"half_even", "up", "down", "half_up"}) {
        ASSERT_TRUE(set_word(terms, field("rounding"), name));
        EXPECT_STREQ(rounding_name(terms.rounding), name);
        EXPECT_STREQ(word_at(terms, field("rounding")), name);
    }
    const Result<bool> unknown = set_word(terms, field("rounding"), "nearest");
    EXPECT_EQ(unknown.error().kind, ErrorKind::bad_value);
    EXPECT_STREQ(unknown.error().message, "unknown rounding \"nearest\"");
    EXPECT_STREQ(unknown.error().hint, "Use half_up, half_even, up or down.");
    for (const char *name : {"balloon", "lease", "loan"}) {
        ASSERT_TRUE(set_word(terms, field("kind"), name));
        EXPECT_STREQ(word_at(terms, field("kind")), name);
    }
    for (const char *name : {"difference", "price"}) {
        ASSERT_TRUE(set_word(terms, field("sales_tax_base"), name));
        EXPECT_STREQ(word_at(terms, field("sales_tax_base")), name);
    }
    for (const char *name : {"upfront", "payment"}) {
        ASSERT_TRUE(set_word(terms, field("lease_tax"), name));
        EXPECT_STREQ(word_at(terms, field("lease_tax")), name);
    }
    for (const char *name :
         {"semimonthly", "bi-weekly", "weekly", "quarterly", "semiannually", "yearly", "monthly"}) {
        ASSERT_TRUE(set_word(terms, field("payment_frequency"), name));
        EXPECT_STREQ(word_at(terms, field("payment_frequency")), name);
    }
    ASSERT_TRUE(set_word(terms, field("payment_frequency"), "semi-monthly"));
    EXPECT_EQ(terms.payment_frequency, Frequency::semimonthly);
    ASSERT_TRUE(set_word(terms, field("payment_frequency"), "biweekly"));
    EXPECT_EQ(terms.payment_frequency, Frequency::biweekly);
    EXPECT_STREQ(set_word(terms, field("kind"), "").error().message, "unknown kind \"\"");
    EXPECT_STREQ(set_word(terms, field("kind"), "rent").error().hint, "Use loan, balloon or lease.");
}

TEST(Program, PaymentsInAYearAndInMonths) {
    EXPECT_EQ(payments_a_year(Frequency::monthly), 12);
    EXPECT_EQ(payments_a_year(Frequency::semimonthly), 24);
    EXPECT_EQ(payments_a_year(Frequency::biweekly), 26);
    EXPECT_EQ(payments_a_year(Frequency::weekly), 52);
    EXPECT_EQ(days_of_period(Frequency::monthly), 30);
    EXPECT_EQ(days_of_period(Frequency::semimonthly), 15);
    EXPECT_EQ(days_of_period(Frequency::biweekly), 14);
    EXPECT_EQ(days_of_period(Frequency::weekly), 7);
    EXPECT_EQ(payments_a_year(Frequency::quarterly), 4);
    EXPECT_EQ(payments_a_year(Frequency::semiannually), 2);
    EXPECT_EQ(payments_a_year(Frequency::yearly), 1);
    EXPECT_EQ(days_of_period(Frequency::quarterly), 90);
    EXPECT_EQ(days_of_period(Frequency::semiannually), 180);
    EXPECT_EQ(days_of_period(Frequency::yearly), 360);
    for (const std::int32_t months : {1, 7, 480}) {
        EXPECT_EQ(periods_in(Frequency::monthly, months), months);
        EXPECT_EQ(periods_in(Frequency::semimonthly, months), 2 * months);
    }
    EXPECT_EQ(periods_in(Frequency::biweekly, 1), 2);  // 2.17
    EXPECT_EQ(periods_in(Frequency::biweekly, 3), 7);  // 6.5, a half counts as one
    EXPECT_EQ(periods_in(Frequency::biweekly, 7), 15); // 15.17
    EXPECT_EQ(periods_in(Frequency::biweekly, 60), 130);
    EXPECT_EQ(periods_in(Frequency::biweekly, 480), 1040);
    EXPECT_EQ(periods_in(Frequency::weekly, 1), 4); // 4.33
    EXPECT_EQ(periods_in(Frequency::weekly, 2), 9); // 8.67
    EXPECT_EQ(periods_in(Frequency::weekly, 480), 2080);
    EXPECT_EQ(periods_in(Frequency::quarterly, 1), 1); // at least one
    EXPECT_EQ(periods_in(Frequency::quarterly, 5), 2);
    EXPECT_EQ(periods_in(Frequency::semiannually, 9), 2); // a half counts as one
    EXPECT_EQ(periods_in(Frequency::yearly, 1), 1);
    EXPECT_EQ(periods_in(Frequency::yearly, 17), 1);
    EXPECT_EQ(periods_in(Frequency::yearly, 18), 2);
}

TEST(Program, TermsNeedATerm) {
    EXPECT_FALSE(check_terms(default_terms()));
    Terms terms = default_terms();
    terms.term = 1;
    EXPECT_TRUE(check_terms(terms));
}

TEST(Program, TermsOfOtherKindsAreRefused) {
    struct Misplaced {
        const char *text;
        const char *message;
    };
    const Misplaced refused[] = {
        {"residual_rate=0.4", "a loan has no residual rate"},
        {"end_fee=1", "a loan has no end fee"},
        {"lease_tax=upfront", "a loan has no lease tax"},
        {"payments_in_advance=true", "a loan has no payments in advance"},
        {"kind=balloon lease_tax=upfront", "a balloon has no lease tax"},
        {"kind=balloon payments_in_advance=true", "a balloon has no payments in advance"},
        {"kind=lease payment_frequency=weekly", "a lease has no payment frequency"},
        {"kind=lease first_payment_days=30", "a lease has no first payment days"},
        {"kind=lease sales_tax_base=difference", "a lease has no sales tax base"}};
    for (const Misplaced &one : refused) {
        const Result<bool> checked =
            check_terms(terms_of("v1 annual_rate=0 term=1 " + std::string(one.text)));
        ASSERT_FALSE(checked) << one.text;
        EXPECT_EQ(checked.error().kind, ErrorKind::bad_value);
        EXPECT_STREQ(checked.error().message, one.message);
    }
    const Error error = check_terms(terms_of("v1 annual_rate=0 term=1 end_fee=1")).error();
    EXPECT_STREQ(error.hint, "Leave it out, or take another kind of deal.");
    for (const char *text :
         {"kind=balloon residual_rate=0.4 end_fee=1 payment_frequency=weekly first_payment_days=3"
          " sales_tax_base=difference acquisition_fee=1",
          "kind=lease residual_rate=0.4 end_fee=1 lease_tax=upfront payments_in_advance=true trade_value=1"
          " acquisition_fee=1 customer_bonus=1",
          "payment_frequency=biweekly first_payment_days=366 sales_tax_base=difference acquisition_fee=1"
          " sales_tax_financed=false fees_financed=false"}) {
        EXPECT_TRUE(
            check_terms(terms_of("v1 annual_rate=10 interest_tax_rate=1 term=1 " + std::string(text))))
            << text;
    }
}

std::string written(const Terms &terms) {
    char list[kTierListSize];
    return {list, write_tiers(terms, list, sizeof list)};
}

TEST(Tiers, DefaultListIsWrittenAsItIsRead) {
    EXPECT_EQ(written(default_terms()), kDefaultTiers);
}

TEST(Tiers, BracketsOpenEndsAndSpaces) {
    Terms terms = default_terms();
    ASSERT_TRUE(set_tiers(terms, "  Same  ( , 0.050 ) ,Up[0.05,0.3],\tBig Step (0.3,)"));
    ASSERT_EQ(terms.tier_count, 3);
    EXPECT_EQ(written(terms), "Same (,0.05), Up [0.05,0.3], Big Step (0.3,)");
    EXPECT_FALSE(terms.tiers[0].lower.present);
    EXPECT_TRUE(terms.tiers[1].lower.inclusive && terms.tiers[1].upper.inclusive);
    EXPECT_FALSE(terms.tiers[2].upper.present);
    ASSERT_TRUE(set_tiers(terms, "Point [-1,-1]"));
    EXPECT_EQ(written(terms), "Point [-1,-1]");
}

TEST(Tiers, EmptyListMeansNone) {
    Terms terms = default_terms();
    ASSERT_TRUE(set_tiers(terms, " "));
    EXPECT_EQ(terms.tier_count, 0);
    EXPECT_EQ(written(terms), "");
}

TEST(Tiers, AreFoundByTheirNames) {
    Terms terms = default_terms();
    EXPECT_EQ(*tier_named(terms, "Refresh"), 0);
    EXPECT_EQ(*tier_named(terms, "Max Upgrade"), 2);
    const Error unknown = tier_named(terms, "upgrade").error();
    EXPECT_EQ(unknown.kind, ErrorKind::bad_value);
    EXPECT_STREQ(unknown.message, "unknown tier \"upgrade\"");
    EXPECT_STREQ(unknown.hint, "Use Refresh, Upgrade or Max Upgrade.");
    ASSERT_TRUE(set_tiers(terms, ""));
    EXPECT_STREQ(tier_named(terms, "Upgrade").error().hint, "The deal has no tiers.");
}

TEST(Tiers, EveryMistakeIsNamed) {
    struct Mistake {
        const char *list;
        ErrorKind kind;
        const char *message;
    };
    const std::string longest(39, 'n');
    const std::string too_long = std::string(40, 'n') + " [0,1]";
    const char *malformed = "malformed list of tiers";
    const char *order = "tiers must be in ascending order and must not overlap";
    const char *empty = "interval of a tier is empty";
    const char *name = "tier name must have 1 to 39 bytes and no comma, quote, bracket or parenthesis";
    const Mistake mistakes[] = {
        {"A", ErrorKind::bad_text, malformed},
        {"A [0,1", ErrorKind::bad_text, malformed},
        {"A [0 1]", ErrorKind::bad_text, malformed},
        {"A [0,x]", ErrorKind::bad_text, malformed},
        {"A [0,1,2]", ErrorKind::bad_text, malformed},
        {"A [0,1] B [2,3]", ErrorKind::bad_text, malformed},
        {"A [0,1],", ErrorKind::bad_text, malformed},
        {"A [0,0.0000000000000000001]", ErrorKind::bad_text, malformed},
        {"[0,1]", ErrorKind::bad_value, name},
        {"A,B [0,1]", ErrorKind::bad_value, name},
        {"A\" [0,1]", ErrorKind::bad_value, name},
        {too_long.c_str(), ErrorKind::bad_value, name},
        {"A [1,0]", ErrorKind::bad_value, empty},
        {"A [1,1)", ErrorKind::bad_value, empty},
        {"A (1,1]", ErrorKind::bad_value, empty},
        {"A [0,1], B [1,2]", ErrorKind::bad_value, order},
        {"A [0,1], B (0.5,2]", ErrorKind::bad_value, order},
        {"A [1,2], B [0,1)", ErrorKind::bad_value, order},
        {"A [0,), B [1,2]", ErrorKind::bad_value, order},
        {"A [0,1], B (,2]", ErrorKind::bad_value, order},
        {"A [0,1], A (1,2]", ErrorKind::bad_value, "tier name is twice in the list"},
        {"A [0,1), B [1,2), C [2,3), D [3,4), E [4,5), F [5,6), G [6,7), H [7,8), I [8,9)",
         ErrorKind::bad_value, "a deal has at most 8 tiers"},
    };
    Terms terms = default_terms();
    for (const Mistake &mistake : mistakes) {
        const Result<bool> result = set_tiers(terms, mistake.list);
        ASSERT_FALSE(result) << mistake.list;
        EXPECT_EQ(result.error().kind, mistake.kind) << mistake.list;
        EXPECT_STREQ(result.error().message, mistake.message) << mistake.list;
    }
    EXPECT_TRUE(set_tiers(terms, longest + " [0,1]"));
}

TEST(Tiers, WidestListFitsItsBuffer) {
    Terms terms = default_terms();
    std::string list;
    for (int i = 0; i < kMaxTiers; ++i) {
        const std::string digits = "0000000000000000";
        list += (i > 0 ? ", " : "") + std::string(38, 'n') + std::to_string(i) + " [-0." +
                std::to_string(9 - i) + digits + "1,-0." + std::to_string(9 - i) + digits + "0)";
    }
    ASSERT_TRUE(set_tiers(terms, list));
    const std::string out = written(terms);
    EXPECT_LT(out.size(), kTierListSize);
    Terms again = default_terms();
    ASSERT_TRUE(set_tiers(again, out));
    EXPECT_EQ(std::memcmp(&again, &terms, sizeof terms), 0);
}

TEST(Tiers, RandomListsComeBackTheSame) {
    RandomTerms random(1);
    for (int i = 0; i < 2000; ++i) {
        Case made = random.draw(Place::anywhere);
        random.add_windows(made);
        Terms again = made.terms;
        set_absent(again, field("tiers"));
        ASSERT_TRUE(set_tiers(again, written(made.terms))) << written(made.terms);
        ASSERT_EQ(std::memcmp(&again, &made.terms, sizeof again), 0) << written(made.terms);
    }
}

} // namespace tradeup
