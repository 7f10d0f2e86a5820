/*
 * Tables of test/data, which come from arithmetic with more digits, and how near to them a result must be.
 */
#pragma once

#include <algorithm>
#include <cmath>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace tradeup {

/* One row of a table. */
class Row {
public:
    Row(const std::vector<std::string> &names, const std::vector<std::string> &fields) {
        for (std::size_t i = 0; i < names.size(); ++i) {
            fields_[names[i]] = i < fields.size() ? fields[i] : std::string();
        }
    }
    const std::string &text(const std::string &name) const { return fields_.at(name); }
    double number(const std::string &name) const { return std::strtod(text(name).c_str(), nullptr); }

private:
    std::map<std::string, std::string> fields_;
};

/* The parts of a text between a separator; none inside of quotation marks. */
inline std::vector<std::string> parts_of(const std::string &text, char separator) {
    std::vector<std::string> parts(1);
    bool quoted = false;
    for (const char c : text) {
        if (c == '"') {
            quoted = !quoted;
        } else if (c == separator && !quoted) {
            parts.emplace_back();
        } else {
            parts.back() += c;
        }
    }
    return parts;
}

/* The rows of a table, by its path without `.csv`. */
inline std::vector<Row> table_at(const std::string &name) {
    std::ifstream in(std::string(TRADEUP_TEST_DATA) + "/" + name + ".csv");
    std::string line;
    std::getline(in, line);
    const std::vector<std::string> names = parts_of(line, ',');
    std::vector<Row> rows;
    while (std::getline(in, line)) {
        rows.emplace_back(names, parts_of(line, ','));
    }
    EXPECT_FALSE(rows.empty()) << name;
    return rows;
}

/* Whether a result is near to what is expected, relative to it. What is 0 is written as what 40 digits leave
 * of it. */
inline void expect_near(double result, double expected, double relative, const std::string &what) {
    constexpr double kNothing = 1e-36;
    EXPECT_LE(std::abs(result - expected), std::max(relative * std::abs(expected), kNothing))
        << what << ": " << result << " for " << expected;
}

} // namespace tradeup
