-- Cash flows, as arrays and as rows: what they are worth, and what they yield.

CREATE OR REPLACE FUNCTION tradeup.year_fraction(from_date tradeup.any_date, to_date tradeup.any_date,
                                                 day_count text DEFAULT 'actual/365'::text)
RETURNS double precision
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME', 'year_fraction_of_dates';
COMMENT ON FUNCTION tradeup.year_fraction(tradeup.any_date, tradeup.any_date, text) IS
    'The years between two dates under a day count: actual/365, actual/360, actual/actual, actual/actual excel, 30/360, '
    '30/360 us or 30e/360';

CREATE OR REPLACE FUNCTION tradeup.npv(rate double precision, amounts double precision[], first_period integer DEFAULT 0)
RETURNS double precision
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 20 AS 'MODULE_PATHNAME', 'npv_array';
COMMENT ON FUNCTION tradeup.npv(double precision, double precision[], integer) IS
    'Net present value of amounts one period apart, the first at period 0 (1 is what spreadsheets do)';

CREATE OR REPLACE FUNCTION tradeup.irr(amounts double precision[]) RETURNS double precision
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 200 AS 'MODULE_PATHNAME', 'irr_array';
COMMENT ON FUNCTION tradeup.irr(double precision[]) IS
    'Internal rate of return of amounts one period apart, one of them when there are several; null when there is none';

CREATE OR REPLACE FUNCTION tradeup.irr_all(amounts double precision[]) RETURNS double precision[]
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1000 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.irr_all(double precision[]) IS 'All internal rates of return above -1, ascending';

CREATE OR REPLACE FUNCTION tradeup.mirr(amounts double precision[], finance_rate double precision, reinvest_rate double precision)
RETURNS double precision
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 20 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.mirr(double precision[], double precision, double precision) IS
    'Modified internal rate of return: costs financed at one rate, proceeds reinvested at another';

CREATE OR REPLACE FUNCTION tradeup.xnpv(
    rate double precision, amounts double precision[], dates tradeup.any_date[], day_count text DEFAULT 'actual/365'::text
) RETURNS double precision
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 50 AS 'MODULE_PATHNAME', 'xnpv_array';
COMMENT ON FUNCTION tradeup.xnpv(double precision, double precision[], tradeup.any_date[], text) IS
    'Net present value of dated amounts on the earliest of the dates';

CREATE OR REPLACE FUNCTION tradeup.xirr(amounts double precision[], dates tradeup.any_date[],
                                        day_count text DEFAULT 'actual/365'::text)
RETURNS double precision
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 500 AS 'MODULE_PATHNAME', 'xirr_array';
COMMENT ON FUNCTION tradeup.xirr(double precision[], tradeup.any_date[], text) IS
    'Yearly internal rate of return of dated amounts, one of them when there are several; null when there is none';

CREATE OR REPLACE FUNCTION tradeup.xirr_all(
    amounts double precision[], dates tradeup.any_date[], day_count text DEFAULT 'actual/365'::text
) RETURNS double precision[]
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1000 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.xirr_all(double precision[], tradeup.any_date[], text) IS
    'All yearly internal rates of return above -1 of dated amounts, ascending';

CREATE OR REPLACE FUNCTION tradeup.cat(amounts double precision[], dates tradeup.any_date[]) RETURNS double precision
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 500
RETURN tradeup.xirr(amounts, dates, 'actual/365'::text);
COMMENT ON FUNCTION tradeup.cat(double precision[], tradeup.any_date[]) IS
    'Mexico''s total annual cost (costo anual total) of a credit, as a fraction: the effective yearly rate of its dated flows';

CREATE OR REPLACE FUNCTION tradeup.cat_all(amounts double precision[], dates tradeup.any_date[]) RETURNS double precision[]
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 1000
RETURN tradeup.xirr_all(amounts, dates, 'actual/365'::text);
COMMENT ON FUNCTION tradeup.cat_all(double precision[], tradeup.any_date[]) IS
    'All rates above -1 at which the dated flows of a credit are worth nothing, ascending';

-- Rows of flows in periods: the order of the rows is the order of the periods.
CREATE OR REPLACE FUNCTION tradeup_internal.irr_step(internal, double precision) RETURNS internal
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_internal.irr_step(internal, double precision) IS 'Step of the aggregate irr_agg';
CREATE OR REPLACE FUNCTION tradeup_internal.irr_final(internal) RETURNS double precision
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 200 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_internal.irr_final(internal) IS 'End of the aggregate irr_agg';
CREATE OR REPLACE AGGREGATE tradeup.irr_agg(amount double precision) (
    SFUNC = tradeup_internal.irr_step, STYPE = internal, SSPACE = 512, FINALFUNC = tradeup_internal.irr_final, PARALLEL = SAFE);
COMMENT ON AGGREGATE tradeup.irr_agg(double precision) IS
    'Internal rate of return of rows one period apart, in their order: irr_agg(amount ORDER BY period)';

CREATE OR REPLACE FUNCTION tradeup_internal.npv_step(internal, double precision, double precision) RETURNS internal
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_internal.npv_step(internal, double precision, double precision) IS 'Step of the aggregate npv_agg';
CREATE OR REPLACE FUNCTION tradeup_internal.npv_final(internal) RETURNS double precision
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 20 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_internal.npv_final(internal) IS 'End of the aggregate npv_agg';
CREATE OR REPLACE AGGREGATE tradeup.npv_agg(rate double precision, amount double precision) (
    SFUNC = tradeup_internal.npv_step, STYPE = internal, SSPACE = 512, FINALFUNC = tradeup_internal.npv_final, PARALLEL = SAFE);
COMMENT ON AGGREGATE tradeup.npv_agg(double precision, double precision) IS
    'Net present value of rows one period apart, the first at period 0, in their order: npv_agg(rate, amount ORDER BY period)';

-- Rows of dated flows: their order does not matter, and parallel workers can share them.
CREATE OR REPLACE FUNCTION tradeup_internal.dated_flows_combine(internal, internal) RETURNS internal
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 20 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_internal.dated_flows_combine(internal, internal) IS
    'Joins what parallel workers have of an aggregate of dated flows';
CREATE OR REPLACE FUNCTION tradeup_internal.dated_flows_serialize(internal) RETURNS bytea
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 20 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_internal.dated_flows_serialize(internal) IS
    'Sends what a parallel worker has of an aggregate of dated flows';
CREATE OR REPLACE FUNCTION tradeup_internal.dated_flows_deserialize(bytea, internal) RETURNS internal
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 20 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_internal.dated_flows_deserialize(bytea, internal) IS
    'Receives what a parallel worker has of an aggregate of dated flows';
CREATE OR REPLACE FUNCTION tradeup_internal.xirr_final(internal) RETURNS double precision
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 500 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_internal.xirr_final(internal) IS 'End of the aggregate xirr_agg';
CREATE OR REPLACE FUNCTION tradeup_internal.xnpv_final(internal) RETURNS double precision
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 50 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_internal.xnpv_final(internal) IS 'End of the aggregate xnpv_agg';

CREATE OR REPLACE FUNCTION tradeup_internal.xirr_step(internal, double precision, tradeup.any_date) RETURNS internal
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_internal.xirr_step(internal, double precision, tradeup.any_date) IS 'Step of the aggregate xirr_agg';
CREATE OR REPLACE AGGREGATE tradeup.xirr_agg(amount double precision, date tradeup.any_date) (
    SFUNC = tradeup_internal.xirr_step, STYPE = internal, SSPACE = 512, FINALFUNC = tradeup_internal.xirr_final,
    COMBINEFUNC = tradeup_internal.dated_flows_combine, SERIALFUNC = tradeup_internal.dated_flows_serialize,
    DESERIALFUNC = tradeup_internal.dated_flows_deserialize, PARALLEL = SAFE);
COMMENT ON AGGREGATE tradeup.xirr_agg(double precision, tradeup.any_date) IS
    'Yearly internal rate of return of dated rows (actual/365), one of them when there are several; null when there is none';

CREATE OR REPLACE FUNCTION tradeup_internal.xirr_step(internal, double precision, tradeup.any_date, text) RETURNS internal
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_internal.xirr_step(internal, double precision, tradeup.any_date, text) IS
    'Step of the aggregate xirr_agg with a day count';
CREATE OR REPLACE AGGREGATE tradeup.xirr_agg(amount double precision, date tradeup.any_date, day_count text) (
    SFUNC = tradeup_internal.xirr_step, STYPE = internal, SSPACE = 512, FINALFUNC = tradeup_internal.xirr_final,
    COMBINEFUNC = tradeup_internal.dated_flows_combine, SERIALFUNC = tradeup_internal.dated_flows_serialize,
    DESERIALFUNC = tradeup_internal.dated_flows_deserialize, PARALLEL = SAFE);
COMMENT ON AGGREGATE tradeup.xirr_agg(double precision, tradeup.any_date, text) IS
    'Yearly internal rate of return of dated rows under a day count';

CREATE OR REPLACE FUNCTION tradeup_internal.xnpv_step(internal, double precision, double precision,
                                                      tradeup.any_date) RETURNS internal
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_internal.xnpv_step(internal, double precision, double precision, tradeup.any_date) IS
    'Step of the aggregate xnpv_agg';
CREATE OR REPLACE AGGREGATE tradeup.xnpv_agg(rate double precision, amount double precision, date tradeup.any_date) (
    SFUNC = tradeup_internal.xnpv_step, STYPE = internal, SSPACE = 512, FINALFUNC = tradeup_internal.xnpv_final,
    COMBINEFUNC = tradeup_internal.dated_flows_combine, SERIALFUNC = tradeup_internal.dated_flows_serialize,
    DESERIALFUNC = tradeup_internal.dated_flows_deserialize, PARALLEL = SAFE);
COMMENT ON AGGREGATE tradeup.xnpv_agg(double precision, double precision, tradeup.any_date) IS
    'Net present value of dated rows on the earliest date (actual/365)';

CREATE OR REPLACE FUNCTION tradeup_internal.xnpv_step(internal, double precision, double precision, tradeup.any_date,
                                                      text) RETURNS internal
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_internal.xnpv_step(internal, double precision, double precision, tradeup.any_date, text) IS
    'Step of the aggregate xnpv_agg with a day count';
CREATE OR REPLACE AGGREGATE tradeup.xnpv_agg(rate double precision, amount double precision, date tradeup.any_date,
                                             day_count text) (
    SFUNC = tradeup_internal.xnpv_step, STYPE = internal, SSPACE = 512, FINALFUNC = tradeup_internal.xnpv_final,
    COMBINEFUNC = tradeup_internal.dated_flows_combine, SERIALFUNC = tradeup_internal.dated_flows_serialize,
    DESERIALFUNC = tradeup_internal.dated_flows_deserialize, PARALLEL = SAFE);
COMMENT ON AGGREGATE tradeup.xnpv_agg(double precision, double precision, tradeup.any_date, text) IS
    'Net present value of dated rows on the earliest date under a day count';

CREATE OR REPLACE AGGREGATE tradeup.cat_agg(amount double precision, date tradeup.any_date) (
    SFUNC = tradeup_internal.xirr_step, STYPE = internal, SSPACE = 512, FINALFUNC = tradeup_internal.xirr_final,
    COMBINEFUNC = tradeup_internal.dated_flows_combine, SERIALFUNC = tradeup_internal.dated_flows_serialize,
    DESERIALFUNC = tradeup_internal.dated_flows_deserialize, PARALLEL = SAFE);
COMMENT ON AGGREGATE tradeup.cat_agg(double precision, tradeup.any_date) IS
    'Mexico''s total annual cost (costo anual total) of dated rows, as a fraction';
