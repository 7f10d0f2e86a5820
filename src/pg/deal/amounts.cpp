/*
 * What a deal says at a price: its amounts, its tier, whether there is an offer.
 */
#include "pg/deal/deal.hpp"

using namespace tradeup;

namespace {

/* The deal and the price that every amount is asked with. */
struct Question {
    const Deal &deal;
    std::int64_t price_minor;
};

/*
 * The ways in and out are inlined into every amount, and what is rare is kept out of them: a call from SQL
 * costs little more than the executor's share.
 */
[[gnu::always_inline]] inline Question question(FunctionCallInfo fcinfo) {
    const Deal &deal = to_deal(PG_GETARG_DATUM(0));
    std::int64_t price_minor = common_price(PG_GETARG_DATUM(1), deal.minor_digits);
    if (price_minor < 0) [[unlikely]] {
        price_minor = to_minor(PG_GETARG_DATUM(1), deal.minor_digits, "price");
    }
    return {deal, price_minor};
}

[[gnu::noinline, gnu::cold]] std::int64_t answer_in_doubt(const Deal &deal, Amount amount,
                                                          std::int64_t price_minor) {
    return value_of(amount_at(deal, amount, price_minor));
}

/* An amount at the price, from the fast path where it can. */
[[gnu::always_inline]] inline std::int64_t answer(Question asked, Amount amount) {
    std::int64_t rounded = 0;
    if (amount_without_doubt(asked.deal, amount, asked.price_minor, rounded)) [[likely]] {
        return rounded;
    }
    return answer_in_doubt(asked.deal, amount, asked.price_minor);
}

[[gnu::always_inline]] inline Datum amount(FunctionCallInfo fcinfo, Amount which) {
    const Question asked = question(fcinfo);
    return money(asked.deal, answer(asked, which));
}

/* A float8 argument as a numeric, to 15 digits. */
Datum as_numeric(double value) {
    return DirectFunctionCall1(float8_numeric, Float8GetDatum(value));
}

} // namespace

extern "C" {

PG_FUNCTION_INFO_V1(payment);
PG_FUNCTION_INFO_V1(payment_unrounded);
PG_FUNCTION_INFO_V1(payment_change);
PG_FUNCTION_INFO_V1(tier);
PG_FUNCTION_INFO_V1(tier_rank);
PG_FUNCTION_INFO_V1(loan_amount);
PG_FUNCTION_INFO_V1(effective_equity);
PG_FUNCTION_INFO_V1(service_fee);
PG_FUNCTION_INFO_V1(opening_fee);
PG_FUNCTION_INFO_V1(margin);
PG_FUNCTION_INFO_V1(interest_npv_deal);
PG_FUNCTION_INFO_V1(interest_npv_loan);
PG_FUNCTION_INFO_V1(eligible);

Datum payment(PG_FUNCTION_ARGS) {
    return amount(fcinfo, Amount::payment);
}

Datum payment_unrounded(PG_FUNCTION_ARGS) {
    const Question asked = question(fcinfo);
    PG_RETURN_FLOAT8(unrounded_payment(asked.deal, asked.price_minor));
}

Datum payment_change(PG_FUNCTION_ARGS) {
    const Question asked = question(fcinfo);
    if (!asked.deal.terms.current_payment.present) {
        PG_RETURN_NULL();
    }
    return to_numeric(answer(asked, Amount::change), kChangeScale);
}

Datum tier(PG_FUNCTION_ARGS) {
    const Question asked = question(fcinfo);
    const Window *window = window_at(asked.deal, asked.price_minor);
    if (window == nullptr || window->tier == kNoTier) {
        PG_RETURN_NULL();
    }
    /* The name lies in the deal as a text, and the deal lives as long as this call's arguments: no copy is
     * needed. */
    PG_RETURN_DATUM(PointerGetDatum(&asked.deal.terms.tiers[window->tier].length_word));
}

Datum tier_rank(PG_FUNCTION_ARGS) {
    const Question asked = question(fcinfo);
    const Window *window = window_at(asked.deal, asked.price_minor);
    if (window == nullptr || window->tier == kNoTier) {
        PG_RETURN_NULL();
    }
    PG_RETURN_INT32(static_cast<std::int32_t>(window->tier) + 1);
}

Datum loan_amount(PG_FUNCTION_ARGS) {
    return amount(fcinfo, Amount::loan_amount);
}

Datum effective_equity(PG_FUNCTION_ARGS) {
    return amount(fcinfo, Amount::effective_equity);
}

Datum service_fee(PG_FUNCTION_ARGS) {
    return amount(fcinfo, Amount::service_fee);
}

Datum opening_fee(PG_FUNCTION_ARGS) {
    return amount(fcinfo, Amount::opening_fee);
}

Datum margin(PG_FUNCTION_ARGS) {
    return amount(fcinfo, Amount::margin);
}

Datum interest_npv_deal(PG_FUNCTION_ARGS) {
    const Question asked = question(fcinfo);
    return money(asked.deal, value_of(interest_npv_at(asked.deal, asked.price_minor)));
}

Datum interest_npv_loan(PG_FUNCTION_ARGS) {
    const double loan = PG_GETARG_FLOAT8(0);
    const Decimal annual_rate = to_rate(as_numeric(PG_GETARG_FLOAT8(1)));
    const std::int32_t term = PG_GETARG_INT32(2);
    const double tax = PG_GETARG_FLOAT8(3);
    if (!(tax >= 0 && tax <= 1)) {
        ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("tax rate must be between 0 and 1"),
                        errdetail("It is %g.", tax)));
    }
    const Decimal tax_rate = to_decimal(as_numeric(tax), "tax_rate");
    if (!(loan >= 0 && loan <= 1e15)) {
        ereport(ERROR,
                (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                 errmsg("loan amount must be between 0 and 1000000000000000"), errdetail("It is %g.", loan)));
    }
    Terms checked = default_terms();
    (void)value_of(set_number(checked, fields()[1], decimal(term)));
    PG_RETURN_FLOAT8(interest_npv(loan, annual_rate, tax_rate, term));
}

Datum eligible(PG_FUNCTION_ARGS) {
    const Question asked = question(fcinfo);
    PG_RETURN_BOOL(window_at(asked.deal, asked.price_minor) != nullptr);
}

} // extern "C"
