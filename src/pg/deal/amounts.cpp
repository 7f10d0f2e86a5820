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

[[noreturn, gnu::cold]] void refuse_minor(std::int64_t price_minor) {
    ereport(ERROR, (errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
                    errmsg("price in minor units must be between 0 and %lld",
                           static_cast<long long>(kMaxPriceMinor)),
                    errdetail("It is %lld.", static_cast<long long>(price_minor))));
}

/* The same where the price is given in minor units. */
[[gnu::always_inline]] inline Question question_minor(FunctionCallInfo fcinfo) {
    const std::int64_t price_minor = PG_GETARG_INT64(1);
    if (price_minor < 0 || price_minor > kMaxPriceMinor) [[unlikely]] {
        refuse_minor(price_minor);
    }
    return {to_deal(PG_GETARG_DATUM(0)), price_minor};
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

[[gnu::always_inline]] inline Datum amount(Question asked, Amount which) {
    return money(asked.deal, answer(asked, which));
}

[[gnu::always_inline]] inline Datum change(FunctionCallInfo fcinfo, Question asked) {
    if (!asked.deal.terms.current_payment.present) {
        PG_RETURN_NULL();
    }
    return to_numeric(answer(asked, Amount::change), kChangeScale);
}

/* The tier of an offer as its name, which lies in the deal as a text and lives as long as the call's
 * arguments, or as its rank. */
[[gnu::always_inline]] inline Datum tier_name(FunctionCallInfo fcinfo, Question asked) {
    const Window *window = window_at(asked.deal, asked.price_minor);
    if (window == nullptr || window->tier == kNoTier) {
        PG_RETURN_NULL();
    }
    PG_RETURN_DATUM(PointerGetDatum(&asked.deal.terms.tiers[window->tier].length_word));
}

[[gnu::always_inline]] inline Datum tier_place(FunctionCallInfo fcinfo, Question asked) {
    const Window *window = window_at(asked.deal, asked.price_minor);
    if (window == nullptr || window->tier == kNoTier) {
        PG_RETURN_NULL();
    }
    PG_RETURN_INT32(static_cast<std::int32_t>(window->tier) + 1);
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
PG_FUNCTION_INFO_V1(monthly_payment);
PG_FUNCTION_INFO_V1(monthly_payment_minor);
PG_FUNCTION_INFO_V1(payment_frequency);
PG_FUNCTION_INFO_V1(due_at_signing);
PG_FUNCTION_INFO_V1(interest_npv_deal);
PG_FUNCTION_INFO_V1(interest_npv_loan);
PG_FUNCTION_INFO_V1(eligible);
PG_FUNCTION_INFO_V1(payment_minor);
PG_FUNCTION_INFO_V1(payment_change_minor);
PG_FUNCTION_INFO_V1(tier_minor);
PG_FUNCTION_INFO_V1(tier_rank_minor);
PG_FUNCTION_INFO_V1(loan_amount_minor);
PG_FUNCTION_INFO_V1(effective_equity_minor);
PG_FUNCTION_INFO_V1(service_fee_minor);
PG_FUNCTION_INFO_V1(opening_fee_minor);
PG_FUNCTION_INFO_V1(margin_minor);

Datum payment(PG_FUNCTION_ARGS) {
    return amount(question(fcinfo), Amount::payment);
}

Datum payment_unrounded(PG_FUNCTION_ARGS) {
    const Question asked = question(fcinfo);
    PG_RETURN_FLOAT8(unrounded_payment(asked.deal, asked.price_minor));
}

Datum payment_change(PG_FUNCTION_ARGS) {
    return change(fcinfo, question(fcinfo));
}

Datum tier(PG_FUNCTION_ARGS) {
    return tier_name(fcinfo, question(fcinfo));
}

Datum tier_rank(PG_FUNCTION_ARGS) {
    return tier_place(fcinfo, question(fcinfo));
}

Datum loan_amount(PG_FUNCTION_ARGS) {
    return amount(question(fcinfo), Amount::loan_amount);
}

Datum effective_equity(PG_FUNCTION_ARGS) {
    return amount(question(fcinfo), Amount::effective_equity);
}

Datum service_fee(PG_FUNCTION_ARGS) {
    return amount(question(fcinfo), Amount::service_fee);
}

Datum opening_fee(PG_FUNCTION_ARGS) {
    return amount(question(fcinfo), Amount::opening_fee);
}

Datum margin(PG_FUNCTION_ARGS) {
    return amount(question(fcinfo), Amount::margin);
}

Datum monthly_payment(PG_FUNCTION_ARGS) {
    PG_RETURN_DATUM(amount(question(fcinfo), Amount::monthly));
}

Datum payment_frequency(PG_FUNCTION_ARGS) {
    const Terms &terms = to_deal(PG_GETARG_DATUM(0)).terms;
    PG_RETURN_TEXT_P(cstring_to_text(word_for(kFrequencies, terms.payment_frequency)));
}

Datum due_at_signing(PG_FUNCTION_ARGS) {
    const Question asked = question(fcinfo);
    PG_RETURN_DATUM(money(asked.deal, value_of(due_at_signing_at(asked.deal, asked.price_minor))));
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
    (void)value_of(set_number(checked, field_of(&Terms::term), decimal(term)));
    PG_RETURN_FLOAT8(interest_npv(loan, annual_rate, tax_rate, term));
}

Datum eligible(PG_FUNCTION_ARGS) {
    const Question asked = question(fcinfo);
    PG_RETURN_BOOL(window_at(asked.deal, asked.price_minor) != nullptr);
}

/* The same at a price in minor units. */
Datum payment_minor(PG_FUNCTION_ARGS) {
    return amount(question_minor(fcinfo), Amount::payment);
}

Datum monthly_payment_minor(PG_FUNCTION_ARGS) {
    return amount(question_minor(fcinfo), Amount::monthly);
}

Datum loan_amount_minor(PG_FUNCTION_ARGS) {
    return amount(question_minor(fcinfo), Amount::loan_amount);
}

Datum effective_equity_minor(PG_FUNCTION_ARGS) {
    return amount(question_minor(fcinfo), Amount::effective_equity);
}

Datum service_fee_minor(PG_FUNCTION_ARGS) {
    return amount(question_minor(fcinfo), Amount::service_fee);
}

Datum opening_fee_minor(PG_FUNCTION_ARGS) {
    return amount(question_minor(fcinfo), Amount::opening_fee);
}

Datum margin_minor(PG_FUNCTION_ARGS) {
    return amount(question_minor(fcinfo), Amount::margin);
}

Datum payment_change_minor(PG_FUNCTION_ARGS) {
    return change(fcinfo, question_minor(fcinfo));
}

Datum tier_minor(PG_FUNCTION_ARGS) {
    return tier_name(fcinfo, question_minor(fcinfo));
}

Datum tier_rank_minor(PG_FUNCTION_ARGS) {
    return tier_place(fcinfo, question_minor(fcinfo));
}

} // extern "C"
