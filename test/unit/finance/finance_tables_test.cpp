/*
 * The finance functions against tables that an independent program made with 60 digits and more
 * (test/finance/tables): every result within 4 units in the last place, and where the terms of the defining
 * formula cancel, within a 256th of a unit more for each unit of the condition number.
 */
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <fstream>
#include <functional>
#include <span>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "core/finance/daycount.hpp"
#include "core/finance/flows.hpp"

namespace tradeup {
namespace {

bool never() noexcept {
    return false;
}

/* One line of a table: its fields by position. */
struct Case {
    std::string line;
    std::vector<std::string> fields;

    double number(std::size_t at) const { return std::strtod(fields[at].c_str(), nullptr); }
    Due due(std::size_t at) const { return parse_due(fields[at]).value(); }

    std::vector<double> numbers(std::size_t at) const {
        std::istringstream in(fields[at]);
        std::vector<double> values;
        for (std::string word; in >> word;) {
            values.push_back(std::strtod(word.c_str(), nullptr));
        }
        return values;
    }

    std::vector<Flow> flows(std::size_t amounts_at) const {
        const std::vector<double> amounts = numbers(amounts_at);
        const std::vector<double> days = numbers(amounts_at + 1);
        const DayCount count = parse_day_count(fields[amounts_at + 2]).value();
        const Date first{static_cast<std::int32_t>(*std::min_element(days.begin(), days.end()))};
        std::vector<Flow> flows;
        for (std::size_t j = 0; j < amounts.size(); ++j) {
            const YearFraction years =
                exact_year_fraction(count, first, Date{static_cast<std::int32_t>(days[j])});
            flows.push_back(
                {amounts[j], static_cast<Wide>(years.numerator) / static_cast<Wide>(years.denominator)});
        }
        std::stable_sort(flows.begin(), flows.end(),
                         [](const Flow &a, const Flow &b) { return a.time < b.time; });
        return flows;
    }

    /* The rate as dated rows give it, where each has a day of its own and all years are equally long. */
    Result<Answer> rate_of_days() const {
        const std::vector<double> amounts = numbers(0);
        const std::vector<double> dates = numbers(1);
        std::vector<DayAmount> days;
        for (std::size_t j = 0; j < amounts.size(); ++j) {
            days.push_back({amounts[j], static_cast<std::int32_t>(dates[j])});
        }
        EXPECT_TRUE(sort_days(std::span(days), never));
        const bool apart =
            std::adjacent_find(days.begin(), days.end(), [](const DayAmount &a, const DayAmount &b) {
                return a.day == b.day;
            }) == days.end();
        if (apart && fields[2] == "actual/365") {
            return rate_of_return(days, 365, never);
        }
        return apart && fields[2] == "actual/360" ? rate_of_return(days, 360, never)
                                                  : rate_of_return(flows(0), never);
    }
};

Result<Answer> answer(const Result<double> &value) {
    return value ? Result<Answer>(*value) : tl::unexpected(value.error());
}

double ulps(double got, double expected) {
    if (got == expected) {
        return 0;
    }
    const double magnitude = std::max(std::fabs(expected), 1e-300);
    return std::fabs(got - expected) / (std::nextafter(magnitude, INFINITY) - magnitude);
}

using Function = std::function<Result<Answer>(const Case &)>;

/* Compares a function with its table; the last two fields of a line are the expected value and the condition.
 */
void compare_table(const std::string &name, const Function &function) {
    std::ifstream in(std::string(TRADEUP_TEST_DATA) + "/finance/" + name + ".csv");
    ASSERT_TRUE(in) << name;
    std::string line;
    std::getline(in, line);
    int cases = 0;
    int wrong = 0;
    double worst = 0;
    while (std::getline(in, line)) {
        Case one{line, {}};
        std::istringstream fields(line);
        for (std::string field; std::getline(fields, field, ',');) {
            one.fields.push_back(field);
        }
        const std::string expected = one.fields[one.fields.size() - 2];
        const std::string shown = line.substr(0, 300);
        const Result<Answer> got = function(one);
        ++cases;
        bool right = false;
        if (expected == "overflow") {
            right = !got && got.error().kind == ErrorKind::out_of_range;
        } else if (expected.empty()) {
            right = got && !*got;
        } else if (got && *got) {
            const double condition = std::strtod(one.fields.back().c_str(), nullptr);
            const double off = ulps(**got, std::strtod(expected.c_str(), nullptr));
            right = off <= 4 + condition / 256;
            worst = condition < 256 ? std::max(worst, off) : worst;
        }
        if (!right && ++wrong <= 5) {
            ADD_FAILURE() << name << ": " << shown << "\n  got "
                          << (!got   ? got.error().message
                              : *got ? std::to_string(**got)
                                     : "nothing")
                          << "\n  " << (got && *got ? ulps(**got, std::atof(expected.c_str())) : 0)
                          << " ulps";
        }
    }
    EXPECT_GE(cases, 2000) << name;
    EXPECT_EQ(wrong, 0) << name << " of " << cases;
    ::testing::Test::RecordProperty("worst_ulps", std::to_string(worst));
}

using AllRates = std::function<Result<Rates>(const Case &)>;

/* Compares all rates of a table's cases with the column before the last two, to nine digits of 1 + rate. */
void compare_rates(const std::string &name, const AllRates &function) {
    std::ifstream in(std::string(TRADEUP_TEST_DATA) + "/finance/" + name + ".csv");
    ASSERT_TRUE(in) << name;
    std::string line;
    std::getline(in, line);
    int several = 0;
    while (std::getline(in, line)) {
        Case one{line, {}};
        std::istringstream fields(line);
        for (std::string field; std::getline(fields, field, ',');) {
            one.fields.push_back(field);
        }
        const std::vector<double> expected = one.numbers(one.fields.size() - 3);
        const Result<Rates> got = function(one);
        ASSERT_TRUE(got) << line.substr(0, 300);
        ASSERT_EQ(static_cast<std::size_t>(got->count), expected.size()) << line.substr(0, 300);
        for (std::size_t k = 0; k < expected.size(); ++k) {
            ASSERT_NEAR(got->at[k], expected[k], 1e-9 * (1 + expected[k])) << line.substr(0, 300);
        }
        several += expected.size() > 1 ? 1 : 0;
    }
    EXPECT_GT(several, 50) << name;
}

TEST(FinanceTables, RateAll) {
    compare_rates("rate", [](const Case &c) {
        return rates_of_return(c.number(0), c.number(1), c.number(2), c.number(3), c.due(4));
    });
}

TEST(FinanceTables, IrrAll) {
    compare_rates("irr", [](const Case &c) { return rates_of_return(c.numbers(0), never); });
}

TEST(FinanceTables, XirrAll) {
    compare_rates("xirr", [](const Case &c) { return rates_of_return(c.flows(0), never); });
}

TEST(FinanceTables, Pv) {
    compare_table("pv", [](const Case &c) {
        return answer(present_value(c.number(0), c.number(1), c.number(2), c.number(3), c.due(4)));
    });
}

TEST(FinanceTables, Fv) {
    compare_table("fv", [](const Case &c) {
        return answer(future_value(c.number(0), c.number(1), c.number(2), c.number(3), c.due(4)));
    });
}

TEST(FinanceTables, Pmt) {
    compare_table("pmt", [](const Case &c) {
        return answer(level_payment(c.number(0), c.number(1), c.number(2), c.number(3), c.due(4)));
    });
}

TEST(FinanceTables, Ipmt) {
    compare_table("ipmt", [](const Case &c) {
        return answer(
            interest_payment(c.number(0), c.number(1), c.number(2), c.number(3), c.number(4), c.due(5)));
    });
}

TEST(FinanceTables, Ppmt) {
    compare_table("ppmt", [](const Case &c) {
        return answer(
            principal_payment(c.number(0), c.number(1), c.number(2), c.number(3), c.number(4), c.due(5)));
    });
}

TEST(FinanceTables, Nper) {
    compare_table("nper", [](const Case &c) {
        return number_of_periods(c.number(0), c.number(1), c.number(2), c.number(3), c.due(4));
    });
}

TEST(FinanceTables, Rate) {
    compare_table("rate", [](const Case &c) {
        return rate_of_return(c.number(0), c.number(1), c.number(2), c.number(3), c.due(4));
    });
}

TEST(FinanceTables, Cumipmt) {
    compare_table("cumipmt", [](const Case &c) {
        return answer(
            cumulative_interest(c.number(0), c.number(1), c.number(2), c.number(3), c.number(4), c.due(5)));
    });
}

TEST(FinanceTables, Cumprinc) {
    compare_table("cumprinc", [](const Case &c) {
        return answer(
            cumulative_principal(c.number(0), c.number(1), c.number(2), c.number(3), c.number(4), c.due(5)));
    });
}

TEST(FinanceTables, Effect) {
    compare_table("effect", [](const Case &c) {
        return answer(effective_rate(c.number(0), static_cast<std::int32_t>(c.number(1))));
    });
}

TEST(FinanceTables, Nominal) {
    compare_table("nominal", [](const Case &c) {
        return answer(nominal_rate(c.number(0), static_cast<std::int32_t>(c.number(1))));
    });
}

TEST(FinanceTables, Npv) {
    compare_table("npv", [](const Case &c) {
        return answer(net_present_value(c.number(0), c.numbers(1), c.number(2)));
    });
}

TEST(FinanceTables, Irr) {
    compare_table("irr", [](const Case &c) { return rate_of_return(c.numbers(0), never); });
}

TEST(FinanceTables, Mirr) {
    compare_table("mirr",
                  [](const Case &c) { return modified_rate(c.numbers(0), c.number(1), c.number(2)); });
}

TEST(FinanceTables, Xnpv) {
    compare_table("xnpv",
                  [](const Case &c) { return answer(net_present_value(c.number(0), c.flows(1), never)); });
}

TEST(FinanceTables, Xirr) {
    compare_table("xirr", [](const Case &c) { return rate_of_return(c.flows(0), never); });
    compare_table("xirr", [](const Case &c) { return c.rate_of_days(); });
}

} // namespace
} // namespace tradeup
