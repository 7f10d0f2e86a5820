-- Rates of failure that are not known exactly. No table is needed.

CREATE OR REPLACE FUNCTION tradeup_leads.beta_binomial(
    failures double precision DEFAULT 0::double precision, size double precision DEFAULT 0::double precision,
    prior_rate double precision DEFAULT NULL::double precision, prior_size double precision DEFAULT NULL::double precision,
    discount double precision DEFAULT 1::double precision, kept double precision DEFAULT 1::double precision
) RETURNS tradeup_leads.beta_rate
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION
    tradeup_leads.beta_binomial(
        double precision, double precision, double precision, double precision, double precision, double precision
    ) IS
    'The rate of failure after so many failures among so many vehicles, each of which counts for kept; from a published '
    'rate of prior_size vehicles, which count for discount, or from nothing (Jeffreys)';

CREATE OR REPLACE FUNCTION tradeup_leads.rate_interval(
    failures double precision DEFAULT 0::double precision, size double precision DEFAULT 0::double precision,
    prior_rate double precision DEFAULT NULL::double precision, prior_size double precision DEFAULT NULL::double precision,
    discount double precision DEFAULT 1::double precision, level double precision DEFAULT 0.95::double precision
) RETURNS tradeup_leads.probability_interval
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION
    tradeup_leads.rate_interval(
        double precision, double precision, double precision, double precision, double precision, double precision
    ) IS
    'Where the rate of failure lies after so many failures among so many vehicles; from a published rate of prior_size vehicles, '
    'which count for discount, or from nothing (Jeffreys)';

CREATE OR REPLACE FUNCTION tradeup_leads.beta_interval(
    a double precision, b double precision, level double precision DEFAULT 0.95::double precision
) RETURNS tradeup_leads.probability_interval
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_leads.beta_interval(double precision, double precision, double precision) IS
    'Where a rate lies that has the density of Beta(a, b)';

CREATE OR REPLACE FUNCTION tradeup_leads.failures_exactly(a double precision, b double precision, failures bigint, size bigint)
RETURNS double precision
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_leads.failures_exactly(double precision, double precision, bigint, bigint) IS
    'The probability that exactly so many of so many vehicles fail, where the rate has the density of Beta(a, b)';

CREATE OR REPLACE FUNCTION tradeup_leads.failures_at_most(a double precision, b double precision, failures bigint, size bigint)
RETURNS double precision
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_leads.failures_at_most(double precision, double precision, bigint, bigint) IS
    'The probability that at most so many of so many vehicles fail, where the rate has the density of Beta(a, b)';

CREATE OR REPLACE FUNCTION tradeup_leads.gamma_poisson(
    failures double precision DEFAULT 0::double precision, vehicle_years double precision DEFAULT 0::double precision,
    years double precision DEFAULT 1::double precision, alpha double precision DEFAULT NULL::double precision,
    beta double precision DEFAULT NULL::double precision, level double precision DEFAULT 0.95::double precision
) RETURNS tradeup_leads.yearly_rate
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION
    tradeup_leads.gamma_poisson(
        double precision, double precision, double precision, double precision, double precision, double precision
    ) IS
    'The rate a year after so many failures in so many vehicle-years, from a prior Gamma(alpha, beta) or from nothing '
    '(Jeffreys), and where the probability of a failure within years lies: for vehicles that were watched for unequal times';

CREATE OR REPLACE FUNCTION tradeup_leads.rate_over_years(rate double precision, years double precision) RETURNS double precision
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_leads.rate_over_years(double precision, double precision) IS
    'The probability of a failure within so many years, where rate is that of one year: 1 - (1 - rate)^years';

CREATE OR REPLACE FUNCTION tradeup_leads.fitted_rate(failures bigint[], sizes bigint[]) RETURNS tradeup_leads.fitted_rate
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1000 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_leads.fitted_rate(bigint[], bigint[]) IS
    'The rate that cohorts have in common, and the prior under which their failures are most likely (empirical Bayes); null '
    'where cohorts differ no more than by chance';
