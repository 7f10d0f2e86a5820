/*
 * subsidy: the least concession on a vehicle.
 */
#include "core/solve/subsidy.hpp"
#include "pg/solve/solve.hpp"
#include "pg/solve/subsidy_rules.hpp"

#include "pg/deal/deal.hpp"
#include "pg/glue/array.hpp"
#include "pg/glue/interrupt.hpp"
#include "pg/glue/rows.hpp"

using namespace tradeup;

namespace {

enum Column {
    kViable,
    kTerm,
    kServiceFeeRate,
    kBonus,
    kOpeningFeeRate,
    kPayment,
    kPaymentChange,
    kMarginLessBonus,
    kFinancedToPrice,
    kFailedGate,
    kDeal,
    kExplanation,
    kColumns
};

/* What was found, in a sentence. */
char *explanation(const Subsidy &subsidy, const SubsidyRules &rules, const Datum *values) {
    const Terms &terms = subsidy.terms;
    if (subsidy.verdict == Verdict::no_offer) {
        return subsidy.deal < 0 ? pstrdup("no deal has a term of the rules")
                                : psprintf("no combination makes an offer; of the last one, %s",
                                           explained(subsidy.refusal, terms.minor_digits).text);
    }
    char *combination = psprintf("%d months, service fee %s, bonus %s, opening fee %s",
                                 static_cast<int>(terms.term), to_text(terms.service_fee_rate).text,
                                 to_text(terms.bonus).text, to_text(terms.opening_fee_rate).text);
    switch (subsidy.verdict) {
    case Verdict::change:
        return psprintf("nearest: %s; its payment change of %s is above %s", combination,
                        shown_numeric(values[kPaymentChange]), to_text(rules.max_change.value).text);
    case Verdict::margin:
        return psprintf("nearest: %s; its margin less the bonus of %s is below %s", combination,
                        shown_numeric(values[kMarginLessBonus]), to_text(rules.min_margin.value).text);
    case Verdict::financed:
        return psprintf("nearest: %s; it finances %s of the price, above %s", combination,
                        shown_numeric(values[kFinancedToPrice]),
                        to_text(rules.max_financed_to_price.value).text);
    default:
        return combination;
    }
}

Datum subsidy_row(FunctionCallInfo fcinfo, const SubsidyRules &rules, const Subsidy &subsidy,
                  std::int64_t price_minor) {
    Datum values[kColumns] = {};
    bool nulls[kColumns] = {};
    const bool combined = subsidy.verdict != Verdict::no_offer;
    for (int column = kTerm; column <= kFinancedToPrice; ++column) {
        nulls[column] = !combined;
    }
    nulls[kDeal] = !combined;
    values[kViable] = BoolGetDatum(subsidy.verdict == Verdict::passes);
    if (combined) {
        const Terms &terms = subsidy.terms;
        const Deal &deal = compiled(terms);
        values[kTerm] = Int32GetDatum(terms.term);
        values[kServiceFeeRate] = decimal_datum(terms.service_fee_rate);
        values[kBonus] = decimal_datum(terms.bonus);
        values[kOpeningFeeRate] = decimal_datum(terms.opening_fee_rate);
        values[kPayment] =
            to_numeric(value_of(amount_at(deal, Amount::payment, price_minor)), terms.minor_digits);
        nulls[kPaymentChange] = !terms.current_payment.present;
        if (terms.current_payment.present) {
            values[kPaymentChange] =
                to_numeric(value_of(amount_at(deal, Amount::change, price_minor)), kChangeScale);
        }
        values[kMarginLessBonus] = to_numeric(subsidy.margin_less_bonus, terms.minor_digits);
        values[kFinancedToPrice] = to_numeric(subsidy.financed_to_price, kChangeScale);
        values[kDeal] = deal_datum(deal);
    }
    nulls[kFailedGate] = subsidy.verdict == Verdict::passes;
    if (!nulls[kFailedGate]) {
        values[kFailedGate] = CStringGetTextDatum(verdict_name(subsidy.verdict));
    }
    values[kExplanation] = CStringGetTextDatum(explanation(subsidy, rules, values));
    return one_row(fcinfo, values, nulls);
}

} // namespace

extern "C" {

PG_FUNCTION_INFO_V1(subsidy);

/* subsidy(deals, price, rules, max_service_fee_rate, max_bonus, max_opening_fee_rate) */
Datum subsidy(PG_FUNCTION_ARGS) {
    if (PG_ARGISNULL(kDealsArgument) || PG_ARGISNULL(kPriceArgument)) {
        PG_RETURN_NULL();
    }
    const Elements elements = elements_of(PG_GETARG_DATUM(kDealsArgument));
    auto **deals = static_cast<const Deal **>(palloc(sizeof(void *) * static_cast<Size>(elements.count + 1)));
    int kept = 0;
    for (int i = 0; i < elements.count; ++i) {
        if (!elements.nulls[i]) {
            deals[kept++] = &to_deal(elements.values[i]);
        }
    }
    const std::span<const Deal *const> given{deals, static_cast<std::size_t>(kept)};
    const SubsidyRules &rules = subsidy_rules(fcinfo, given);
    std::int64_t price = 1;
    if (kept > 0) {
        price = to_minor(PG_GETARG_DATUM(kPriceArgument), deals[0]->minor_digits, "price");
        if (price == 0) {
            ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("price must be greater than 0"),
                            errdetail("Price is 0.")));
        }
        for (int i = 1; i < kept; ++i) {
            if (deals[i]->minor_digits != deals[0]->minor_digits) {
                ereport(
                    ERROR,
                    (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("deals must be in one currency"),
                     errdetail("One has %d decimals, another %d.", static_cast<int>(deals[0]->minor_digits),
                               static_cast<int>(deals[i]->minor_digits))));
            }
        }
    }
    Subsidy found{};
    (void)uncancelled(least_subsidy(given, price, rules, stop_asked, found));
    return subsidy_row(fcinfo, rules, found, price);
}

} // extern "C"
