-- Time value of money, as spreadsheets and numpy-financial have it: cash paid is negative, rates are fractions per period.

CREATE OR REPLACE FUNCTION tradeup.pv(
    rate double precision, nper double precision, pmt double precision, fv double precision DEFAULT 0::double precision,
    due text DEFAULT 'end'::text
) RETURNS double precision
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.pv(double precision, double precision, double precision, double precision, text) IS
    'Present value: what nper payments and a value at the end are worth now';

CREATE OR REPLACE FUNCTION tradeup.fv(
    rate double precision, nper double precision, pmt double precision, pv double precision, due text DEFAULT 'end'::text
) RETURNS double precision
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.fv(double precision, double precision, double precision, double precision, text) IS
    'Future value: what a value now and nper payments grow to';

CREATE OR REPLACE FUNCTION tradeup.pmt(
    rate double precision, nper double precision, pv double precision, fv double precision DEFAULT 0::double precision,
    due text DEFAULT 'end'::text
) RETURNS double precision
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.pmt(double precision, double precision, double precision, double precision, text) IS
    'The level payment of a loan or a savings plan of nper periods';

CREATE OR REPLACE FUNCTION tradeup.ipmt(
    rate double precision, per double precision, nper double precision, pv double precision,
    fv double precision DEFAULT 0::double precision, due text DEFAULT 'end'::text
) RETURNS double precision
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION
    tradeup.ipmt(double precision, double precision, double precision, double precision, double precision, text) IS
    'The interest in the level payment of one period';

CREATE OR REPLACE FUNCTION tradeup.ppmt(
    rate double precision, per double precision, nper double precision, pv double precision,
    fv double precision DEFAULT 0::double precision, due text DEFAULT 'end'::text
) RETURNS double precision
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION
    tradeup.ppmt(double precision, double precision, double precision, double precision, double precision, text) IS
    'The principal in the level payment of one period';

CREATE OR REPLACE FUNCTION tradeup.nper(
    rate double precision, pmt double precision, pv double precision, fv double precision DEFAULT 0::double precision,
    due text DEFAULT 'end'::text
) RETURNS double precision
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.nper(double precision, double precision, double precision, double precision, text) IS
    'The number of periods after which payments have paid off a loan or reached a value; null when they never do';

CREATE OR REPLACE FUNCTION tradeup.rate(
    nper double precision, pmt double precision, pv double precision, fv double precision DEFAULT 0::double precision,
    due text DEFAULT 'end'::text
) RETURNS double precision
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.rate(double precision, double precision, double precision, double precision, text) IS
    'The rate per period of a loan or a savings plan, the larger one of two; null when there is none';

CREATE OR REPLACE FUNCTION tradeup.rate_all(
    nper double precision, pmt double precision, pv double precision, fv double precision DEFAULT 0::double precision,
    due text DEFAULT 'end'::text
) RETURNS double precision[]
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 200 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.rate_all(double precision, double precision, double precision, double precision, text) IS
    'All rates per period above -1 of a loan or a savings plan, ascending';

CREATE OR REPLACE FUNCTION tradeup.cumipmt(
    rate double precision, nper double precision, pv double precision, first double precision, last double precision,
    due text DEFAULT 'end'::text
) RETURNS double precision
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION
    tradeup.cumipmt(double precision, double precision, double precision, double precision, double precision, text) IS
    'The interest paid from one period to another, both included';

CREATE OR REPLACE FUNCTION tradeup.cumprinc(
    rate double precision, nper double precision, pv double precision, first double precision, last double precision,
    due text DEFAULT 'end'::text
) RETURNS double precision
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION
    tradeup.cumprinc(double precision, double precision, double precision, double precision, double precision, text) IS
    'The principal paid from one period to another, both included';

CREATE OR REPLACE FUNCTION tradeup.effect(nominal double precision, periods integer) RETURNS double precision
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.effect(double precision, integer) IS
    'The effective yearly rate of a nominal one that is compounded so many times a year';

CREATE OR REPLACE FUNCTION tradeup.nominal(effective double precision, periods integer) RETURNS double precision
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.nominal(double precision, integer) IS
    'The nominal yearly rate, compounded so many times a year, of an effective one';

CREATE OR REPLACE FUNCTION tradeup.rate_for_payment(
    principal double precision, payment double precision, term tradeup.any_term, frequency text DEFAULT 'monthly'::text
) RETURNS double precision
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.rate_for_payment(double precision, double precision, tradeup.any_term, text) IS
    'The yearly rate of a loan with level payments; null when the payments do not cover the principal in any way';
