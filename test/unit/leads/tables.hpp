/*
 * The tables of test/data/leads, which come from arithmetic with 40 digits.
 */
#pragma once

#include <string>
#include <vector>

#include "../tables.hpp"

namespace tradeup {

inline std::vector<Row> table(const std::string &name) {
    return table_at("leads/" + name);
}

} // namespace tradeup
