/*
 * Rates and likelihood ratios, which need no model: float8 in and out.
 */
#include <cmath>

#include "core/leads/ratios.hpp"

#include "pg/glue/array.hpp"
#include "pg/leads/interval.hpp"

using namespace tradeup;

namespace {

/* The argument, or what stands for null. */
double number_or(FunctionCallInfo fcinfo, int argument, double otherwise) {
    return PG_ARGISNULL(argument) ? otherwise : PG_GETARG_FLOAT8(argument);
}

void require_both_or_none(FunctionCallInfo fcinfo, int first, int second, const char *names) {
    if (PG_ARGISNULL(first) != PG_ARGISNULL(second)) {
        ereport(ERROR,
                (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("%s must be given together", names)));
    }
}

void require_given(FunctionCallInfo fcinfo, int argument, const char *name) {
    if (PG_ARGISNULL(argument)) {
        ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED), errmsg("%s must not be null", name)));
    }
}

/* Arguments failures, size, prior_rate, prior_size, discount. Without a prior: Jeffreys'. */
BetaRate rate_arguments(FunctionCallInfo fcinfo, double kept) {
    require_both_or_none(fcinfo, 2, 3, "prior_rate and prior_size");
    const BetaRate prior =
        PG_ARGISNULL(2)
            ? kJeffreysRate
            : value_of(published_rate(PG_GETARG_FLOAT8(2), PG_GETARG_FLOAT8(3), number_or(fcinfo, 4, 1)));
    return value_of(rate_after(prior, number_or(fcinfo, 0, 0), number_or(fcinfo, 1, 0), kept));
}

Datum likelihood_row(FunctionCallInfo fcinfo, const LogRatios &ratios) {
    Datum values[] = {
        Float8GetDatum(std::exp(ratios.present.log)), Float8GetDatum(std::exp(ratios.absent.log)),
        Float8GetDatum(ratios.present.log),           Float8GetDatum(ratios.absent.log),
        Float8GetDatum(ratios.present.variance),      Float8GetDatum(ratios.absent.variance)};
    return one_row(fcinfo, values);
}

} // namespace

extern "C" {

PG_FUNCTION_INFO_V1(beta_binomial);
PG_FUNCTION_INFO_V1(rate_interval);
PG_FUNCTION_INFO_V1(beta_interval);
PG_FUNCTION_INFO_V1(failures_exactly);
PG_FUNCTION_INFO_V1(failures_at_most);
PG_FUNCTION_INFO_V1(gamma_poisson);
PG_FUNCTION_INFO_V1(rate_over_years);
PG_FUNCTION_INFO_V1(fitted_rate);
PG_FUNCTION_INFO_V1(likelihood_ratio_of_counts);
PG_FUNCTION_INFO_V1(likelihood_ratio_of_relative_risk);
PG_FUNCTION_INFO_V1(soft_ratio);

/* beta_binomial(failures, size, prior_rate, prior_size, discount, kept): a, b, mean, deviation. */
Datum beta_binomial(PG_FUNCTION_ARGS) {
    const BetaRate rate = rate_arguments(fcinfo, number_or(fcinfo, 5, 1));
    Datum values[] = {Float8GetDatum(rate.a), Float8GetDatum(rate.b), Float8GetDatum(mean_of(rate)),
                      Float8GetDatum(deviation_of(rate))};
    return one_row(fcinfo, values);
}

/* rate_interval(failures, size, prior_rate, prior_size, discount, level) */
Datum rate_interval(PG_FUNCTION_ARGS) {
    const BetaRate rate = rate_arguments(fcinfo, 1);
    require_given(fcinfo, 5, "level");
    return interval_row(fcinfo, value_of(interval_of(rate, PG_GETARG_FLOAT8(5))));
}

/* beta_interval(a, b, level) */
Datum beta_interval(PG_FUNCTION_ARGS) {
    return interval_row(
        fcinfo, value_of(interval_of({PG_GETARG_FLOAT8(0), PG_GETARG_FLOAT8(1)}, PG_GETARG_FLOAT8(2))));
}

/* failures_exactly(a, b, failures, size) */
Datum failures_exactly(PG_FUNCTION_ARGS) {
    PG_RETURN_FLOAT8(value_of(failures_exactly({PG_GETARG_FLOAT8(0), PG_GETARG_FLOAT8(1)}, PG_GETARG_INT64(2),
                                               PG_GETARG_INT64(3))));
}

Datum failures_at_most(PG_FUNCTION_ARGS) {
    PG_RETURN_FLOAT8(value_of(failures_at_most({PG_GETARG_FLOAT8(0), PG_GETARG_FLOAT8(1)}, PG_GETARG_INT64(2),
                                               PG_GETARG_INT64(3))));
}

/* gamma_poisson(failures, vehicle_years, years, alpha, beta, level): alpha, beta, a year, low, median, mean,
 * high. */
Datum gamma_poisson(PG_FUNCTION_ARGS) {
    require_both_or_none(fcinfo, 3, 4, "alpha and beta");
    require_given(fcinfo, 2, "years");
    require_given(fcinfo, 5, "level");
    const GammaRate prior =
        PG_ARGISNULL(3) ? kJeffreysYearlyRate : GammaRate{PG_GETARG_FLOAT8(3), PG_GETARG_FLOAT8(4)};
    const GammaRate rate = value_of(rate_after(prior, number_or(fcinfo, 0, 0), number_or(fcinfo, 1, 0)));
    const ProbabilityInterval within =
        value_of(failure_within(rate, PG_GETARG_FLOAT8(2), PG_GETARG_FLOAT8(5)));
    Datum values[] = {
        Float8GetDatum(rate.alpha), Float8GetDatum(rate.beta),     Float8GetDatum(rate.alpha / rate.beta),
        Float8GetDatum(within.low), Float8GetDatum(within.median), Float8GetDatum(within.mean),
        Float8GetDatum(within.high)};
    return one_row(fcinfo, values);
}

Datum rate_over_years(PG_FUNCTION_ARGS) {
    PG_RETURN_FLOAT8(value_of(rate_over_years(PG_GETARG_FLOAT8(0), PG_GETARG_FLOAT8(1))));
}

/* fitted_rate(failures, sizes): rate, a, b. */
Datum fitted_rate(PG_FUNCTION_ARGS) {
    const auto failures = plain_elements<std::int64_t>(PG_GETARG_DATUM(0), "failures");
    const auto sizes = plain_elements<std::int64_t>(PG_GETARG_DATUM(1), "sizes");
    if (failures.size() != sizes.size()) {
        ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                        errmsg("failures and sizes must have the same length"),
                        errdetail("They have %zu and %zu.", failures.size(), sizes.size())));
    }
    auto *cohorts = static_cast<Cohort *>(
        palloc_extended(Max(failures.size(), std::size_t{1}) * sizeof(Cohort), MCXT_ALLOC_HUGE));
    for (std::size_t i = 0; i < failures.size(); ++i) {
        cohorts[i] = {static_cast<double>(failures[i]), static_cast<double>(sizes[i])};
    }
    const FittedRate fitted = value_of(fitted_rate({cohorts, failures.size()}));
    const BetaRate prior = fitted.prior.value_or(BetaRate{});
    Datum values[] = {Float8GetDatum(fitted.rate), Float8GetDatum(prior.a + prior.b), Float8GetDatum(prior.a),
                      Float8GetDatum(prior.b)};
    bool nulls[] = {false, !fitted.prior, !fitted.prior, !fitted.prior};
    return one_row(fcinfo, values, nulls);
}

/* likelihood_ratio(present_failed, absent_failed, present_sound, absent_sound, counts_form) */
Datum likelihood_ratio_of_counts(PG_FUNCTION_ARGS) {
    const CountsForm form =
        value_of(value_named(kCountsForms, view_of(PG_GETARG_DATUM(4)), "form of counts"));
    return likelihood_row(fcinfo, value_of(ratios_of_counts({PG_GETARG_FLOAT8(0), PG_GETARG_FLOAT8(1),
                                                             PG_GETARG_FLOAT8(2), PG_GETARG_FLOAT8(3)},
                                                            form)));
}

/* likelihood_ratio(relative_risk, rate, prevalence) */
Datum likelihood_ratio_of_relative_risk(PG_FUNCTION_ARGS) {
    return likelihood_row(fcinfo, value_of(ratios_of_relative_risk(PG_GETARG_FLOAT8(0), PG_GETARG_FLOAT8(1),
                                                                   PG_GETARG_FLOAT8(2))));
}

/* soft_ratio(ratio_present, ratio_absent, probability) */
Datum soft_ratio(PG_FUNCTION_ARGS) {
    PG_RETURN_FLOAT8(value_of(soft_ratio(PG_GETARG_FLOAT8(0), PG_GETARG_FLOAT8(1), PG_GETARG_FLOAT8(2))));
}

} // extern "C"
