/*
 * Risk profiles as portfolios and summaries are given them: an array of rows of
 * tradeup_internal.profile_customers.
 */
#pragma once

#include <span>

#include "pg/portfolio/buyers.hpp"

#include "pg/glue/array.hpp"

namespace tradeup {

/* One row: a risk profile of a program with its deals and its customers as arrays. */
struct ProfileRow {
    static constexpr int kFields = 12;
    enum Field {
        program,
        version,
        profile,
        deals,
        rates,
        customer_ids,
        equities,
        current_payments,
        current_prices,
        trade_values,
        bonuses,
        incomes
    };

    Datum values[kFields];
    bool nulls[kFields];

    /* The array of a field; no elements where it is null. Errors: 2202E; `what` is the field's name. */
    Elements elements(Field field, const char *what) const;

    /* The arrays of its customers' figures. */
    Customers customers() const;
};

/* The rows of such an array; elements that are null are left out. */
std::span<ProfileRow> profile_rows(Datum array);

} // namespace tradeup
