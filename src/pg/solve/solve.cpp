/*
 * solve: one figure of a deal, found from what its payment should be.
 */
#include "core/solve/solve.hpp"
#include "pg/solve/solve.hpp"

#include "pg/deal/deal.hpp"
#include "pg/glue/rows.hpp"

namespace tradeup {

char *shown_amount(std::int64_t units, int scale) {
    return shown_numeric(to_numeric(units, scale));
}

} // namespace tradeup

using namespace tradeup;

namespace {

enum Argument { kDeal, kPrice, kSolveFor, kPayment, kPaymentChange, kTier, kLowest, kHighest };

Target target_of(FunctionCallInfo fcinfo, const Terms &terms) {
    int given = 0;
    for (const int argument : {kPayment, kPaymentChange, kTier}) {
        given += PG_ARGISNULL(argument) ? 0 : 1;
    }
    if (given != 1) {
        ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("exactly one target must be given"),
                        errdetail("There are %d.", given),
                        errhint("Give payment, payment_change or tier, by name.")));
    }
    Target target{};
    if (!PG_ARGISNULL(kPayment)) {
        target.kind = TargetKind::payment;
        target.payment_minor = to_minor(PG_GETARG_DATUM(kPayment), terms.minor_digits, "payment", true);
    } else if (!PG_ARGISNULL(kPaymentChange)) {
        target.kind = TargetKind::change;
        target.change = to_decimal(PG_GETARG_DATUM(kPaymentChange), "payment_change");
        if (compare(target.change, kMinChange) < 0 || compare(target.change, kMaxChange) > 0) {
            ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                            errmsg("payment change must be between -1 and 1000000"),
                            errdetail("Payment change is %s.", to_text(target.change).text)));
        }
    } else {
        target.kind = TargetKind::tier;
        target.tier = value_of(tier_named(terms, view_of(PG_GETARG_DATUM(kTier))));
    }
    return target;
}

/* A limit in units of the figure's grid, or the standing one. */
std::int64_t limit_of(FunctionCallInfo fcinfo, int argument, int scale, std::int64_t standing) {
    if (PG_ARGISNULL(argument)) {
        return standing;
    }
    const char *name = argument == kLowest ? "lowest" : "highest";
    const Decimal limit = normalized(to_decimal(PG_GETARG_DATUM(argument), name));
    if (limit.scale > scale) {
        ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                        errmsg("%s has more than %d decimals", name, scale),
                        errdetail("It is %s.", to_text(limit).text)));
    }
    std::int64_t units = 0;
    if (__builtin_mul_overflow(limit.coefficient, kPowersOfTen[static_cast<std::size_t>(scale - limit.scale)],
                               &units) ||
        units > kMaxCoefficient || units < -kMaxCoefficient) {
        ereport(ERROR, (errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE), errmsg("%s is too large", name),
                        errdetail("It is %s.", to_text(limit).text)));
    }
    return units;
}

/* A value with the decimals of its grid; one that stood in the deal with more of them keeps its own. */
Datum value_datum(Decimal value, int scale) {
    return value.scale > scale
               ? decimal_datum(value)
               : to_numeric(value.coefficient * kPowersOfTen[static_cast<std::size_t>(scale - value.scale)],
                            scale);
}

/* What was found, in a sentence. */
char *explanation(Figure figure, const Target &target, FigureRange range, const Solution &solution,
                  const char *value, const char *payment) {
    const char *name = figure_words(figure);
    const int scale = figure_scale(figure, solution.terms);
    const char *tier = target.kind == TargetKind::tier ? solution.terms.tiers[target.tier].name : "";
    if (!solution.defined) {
        return psprintf("nothing is financed at this price, so the %s decides nothing", name);
    }
    if (solution.standing) {
        return psprintf("the payment of %s is in tier %s as it stands", payment, tier);
    }
    if (solution.possible) {
        return psprintf("%s %s makes a payment of %s", name, value, payment);
    }
    const char *low = shown_amount(range.lowest, scale);
    const char *high = shown_amount(range.highest, scale);
    return target.kind == TargetKind::tier
               ? psprintf("no %s from %s to %s leads to tier %s; the nearest is %s, with a payment of %s",
                          name, low, high, tier, value, payment)
               : psprintf("no %s from %s to %s reaches the target; the nearest is %s, with a payment of %s",
                          name, low, high, value, payment);
}

/* The solution as a row, with the deal and the offer that it makes. */
Datum solution_row(FunctionCallInfo fcinfo, Figure figure, const Target &target, FigureRange range,
                   const Solution &solution) {
    const Deal &found = compiled(solution.terms);
    const std::int64_t at = solution.price_minor;
    const std::int32_t digits = found.minor_digits;
    const int scale = figure_scale(figure, solution.terms);
    const bool compared = found.terms.current_payment.present != 0;
    const Window *window = window_at(found, at);
    const bool tiered = window != nullptr && window->tier != kNoTier;
    const Datum value = value_datum(solution.value, scale);
    const Datum payment = to_numeric(value_of(amount_at(found, Amount::payment, at)), digits);
    char *sentence =
        explanation(figure, target, range, solution, shown_numeric(value), shown_numeric(payment));
    if (window == nullptr) {
        const Refusal refusal = value_of(refusal_at(solution.terms, at));
        sentence = psprintf("%s; no offer exists there: %s", sentence,
                            refusal.failed ? explained(refusal, digits).text : "the price is 0");
    }
    enum Column { kValue, kPossible, kEligible, kAtPrice, kItsPayment, kItsChange, kItsTier, kItsDeal, kWhy };
    Datum values[kWhy + 1] = {};
    bool nulls[kWhy + 1] = {};
    values[kValue] = value;
    nulls[kValue] = !solution.defined;
    values[kPossible] = BoolGetDatum(solution.possible);
    values[kEligible] = BoolGetDatum(window != nullptr);
    values[kAtPrice] = to_numeric(at, digits);
    values[kItsPayment] = payment;
    nulls[kItsChange] = !compared;
    if (compared) {
        values[kItsChange] = to_numeric(value_of(amount_at(found, Amount::change, at)), kChangeScale);
    }
    nulls[kItsTier] = !tiered;
    if (tiered) {
        values[kItsTier] = CStringGetTextDatum(found.terms.tiers[window->tier].name);
    }
    values[kItsDeal] = deal_datum(found);
    values[kWhy] = CStringGetTextDatum(sentence);
    return one_row(fcinfo, values, nulls);
}

} // namespace

extern "C" {

PG_FUNCTION_INFO_V1(solve_deal);

/* solve(deal, price, solve_for, payment, payment_change, tier, lowest, highest) */
Datum solve_deal(PG_FUNCTION_ARGS) {
    if (PG_ARGISNULL(kDeal) || PG_ARGISNULL(kPrice) || PG_ARGISNULL(kSolveFor)) {
        PG_RETURN_NULL();
    }
    const Deal &deal = to_deal(PG_GETARG_DATUM(kDeal));
    const Terms &terms = deal.terms;
    const std::int64_t price = to_minor(PG_GETARG_DATUM(kPrice), terms.minor_digits, "price");
    const Figure figure = value_of(figure_named(view_of(PG_GETARG_DATUM(kSolveFor))));
    const Target target = target_of(fcinfo, terms);
    const int scale = figure_scale(figure, terms);
    const FigureRange domain = figure_domain(figure, terms);
    const FigureRange range{limit_of(fcinfo, kLowest, scale, domain.lowest),
                            limit_of(fcinfo, kHighest, scale, domain.highest)};
    Solution solution{};
    (void)value_of(solve(deal, price, figure, target, range, solution));
    return solution_row(fcinfo, figure, target, range, solution);
}

} // extern "C"
