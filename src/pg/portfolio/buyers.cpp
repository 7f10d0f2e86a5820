/*
 * Customers as arrays, checked as deal(...) checks its arguments.
 */
#include "pg/portfolio/buyers.hpp"

#include "pg/glue/aggregate.hpp"
#include "pg/glue/numeric.hpp"

namespace tradeup {

namespace {

Decimal checked(const Field &field, Datum numeric) {
    const Decimal number = normalized(to_decimal(numeric, field.name));
    if (compare(number, field.lowest) < 0 || compare(number, field.highest) > 0) {
        Terms terms{};
        (void)value_of(set_number(terms, field, number)); // raises the error
    }
    return number;
}

OptionalDecimal checked_if_any(const Field &field, const Elements &array, int i) {
    if (array.count == 0 || array.nulls[i]) {
        return {};
    }
    return {checked(field, array.values[i]), 1};
}

void require_as_many(const Customers &customers) {
    const int count = customers.equities.count;
    const struct {
        const Elements &array;
        const char *name;
    } kOthers[] = {{customers.current_payments, "current payments"},
                   {customers.current_prices, "current prices"},
                   {customers.trade_values, "trade values"},
                   {customers.bonuses, "bonuses"},
                   {customers.incomes, "incomes"}};
    for (const auto &other : kOthers) {
        if (other.array.count != 0 && other.array.count != count) {
            ereport(ERROR,
                    (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                     errmsg("arrays of customers must have the same length"),
                     errdetail("There are %d equities and %d %s.", count, other.array.count, other.name),
                     errhint("Use null for what is not known of a customer.")));
        }
    }
}

} // namespace

std::span<const Buyer> read_buyers(MemoryContext context, const Customers &customers) {
    require_as_many(customers);
    const Elements &equities = customers.equities;
    auto *buyers = allocated<Buyer>(context, static_cast<std::size_t>(equities.count));
    const Field &equity = field_of(&Terms::equity);
    const Field &current_payment = field_of(&Terms::current_payment);
    const Field &current_price = field_of(&Terms::current_price);
    const Field &trade_value = field_of(&Terms::trade_value);
    const Field &bonus = field_of(&Terms::customer_bonus);
    const Field &income = field_of(&Terms::income);
    std::size_t count = 0;
    for (int i = 0; i < equities.count; ++i) {
        if (!equities.nulls[i]) {
            buyers[count++] = {checked(equity, equities.values[i]),
                               checked_if_any(current_payment, customers.current_payments, i),
                               checked_if_any(current_price, customers.current_prices, i),
                               checked_if_any(trade_value, customers.trade_values, i),
                               checked_if_any(income, customers.incomes, i),
                               checked_if_any(bonus, customers.bonuses, i).value};
        }
    }
    return {buyers, count};
}

} // namespace tradeup
