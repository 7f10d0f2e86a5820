-- Solving: one figure of a deal from what its payment should be, and the least concession on a vehicle.

CREATE OR REPLACE FUNCTION tradeup.solve(deal tradeup.deal, price tradeup.any_number, solve_for text,
                                         payment tradeup.any_number DEFAULT NULL::numeric,
                                         payment_change tradeup.any_number DEFAULT NULL::numeric, tier text DEFAULT NULL,
                                         lowest tradeup.any_number DEFAULT NULL::numeric,
                                         highest tradeup.any_number DEFAULT NULL::numeric) RETURNS tradeup.solution
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME', 'solve_deal';
COMMENT ON FUNCTION tradeup.solve(tradeup.deal, tradeup.any_number, text, tradeup.any_number, tradeup.any_number, text,
                                  tradeup.any_number, tradeup.any_number) IS
    'The bonus, down_payment, service_fee, opening_fee, rate, term or price that keeps the payment at or below a payment or a '
    'payment change, or leads to a tier; with the deal it makes, or the nearest when impossible';

CREATE OR REPLACE FUNCTION tradeup.subsidy(deals tradeup.deal[], price tradeup.any_number,
                                           rules tradeup.any_json DEFAULT NULL::jsonb,
                                           max_service_fee_rate tradeup.any_number DEFAULT NULL::numeric,
                                           max_bonus tradeup.any_number DEFAULT NULL::numeric,
                                           max_opening_fee_rate tradeup.any_number DEFAULT NULL::numeric)
RETURNS tradeup.concession
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 500 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.subsidy(tradeup.deal[], tradeup.any_number, tradeup.any_json, tradeup.any_number, tradeup.any_number,
                                    tradeup.any_number) IS
    'The first combination of term, service fee, bonus and opening fee, in the order of the rules, that passes their gates over '
    'the deals of a customer; or the nearest one and the gate that it fails';

-- The parts of a grid are replaced one by one. What is no object is left for the error that says so.
CREATE OR REPLACE FUNCTION tradeup.subsidy_rules(standing tradeup.any_json, rules tradeup.any_json) RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 100
RETURN CASE WHEN jsonb_typeof(rules) <> 'object'::text THEN rules
            ELSE coalesce(standing, '{}'::jsonb) || coalesce(rules, '{}'::jsonb)
                 || (SELECT coalesce(jsonb_object_agg(k.key, (standing -> k.key) || (rules -> k.key)), '{}'::jsonb)
                     FROM unnest('{service_fee_rate,bonus,opening_fee_rate}'::text[]) k (key)
                     WHERE jsonb_typeof(standing -> k.key) = 'object'::text
                       AND jsonb_typeof(rules -> k.key) = 'object'::text) END;
COMMENT ON FUNCTION tradeup.subsidy_rules(tradeup.any_json, tradeup.any_json) IS
    'The rules of a subsidy: those of a call, and where they say nothing those of the program';

CREATE OR REPLACE FUNCTION tradeup_internal.has_program(customer_id text, program text DEFAULT NULL) RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE COST 100
RETURN EXISTS (SELECT
               FROM tradeup.customer c
               JOIN tradeup.current_program p
                 ON p.name = coalesce(has_program.program, c.program, (SELECT d.program FROM tradeup.program_default d))
               WHERE c.customer_id = has_program.customer_id);
COMMENT ON FUNCTION tradeup_internal.has_program(text, text) IS
    'Whether a customer is known, and the program named, or else her own, or else the default, has a version that is valid today';

-- Each program sets its own limits of concessions; where a customer has no deal, the failed gate is no_offer. Customers, programs
-- and vehicles that come from a column and are not known have no rows, as in deals.
CREATE OR REPLACE FUNCTION tradeup.min_subsidy(customer_id text, vehicle_id text, rules tradeup.any_json DEFAULT NULL::jsonb,
                                               program text DEFAULT NULL, overrides tradeup.any_json DEFAULT NULL::jsonb)
RETURNS SETOF tradeup.concession
LANGUAGE sql STABLE PARALLEL SAFE COST 2000 ROWS 1
BEGIN ATOMIC
    SELECT s.viable, s.term, s.service_fee_rate, s.bonus, s.opening_fee_rate, s.payment, s.payment_change, s.margin_less_bonus,
           s.financed_to_price, s.failed_gate, s.deal,
           CASE WHEN f.financed THEN s.explanation ELSE 'the program does not finance this vehicle' END
    FROM (SELECT coalesce(array_agg(d.deal ORDER BY d.term), '{}') AS deals, min(d.program) AS program, min(d.version) AS version
          FROM tradeup.deals(min_subsidy.customer_id, min_subsidy.program, min_subsidy.overrides) d
          HAVING count(*) > 0 OR tradeup_internal.has_program(min_subsidy.customer_id, min_subsidy.program)
          OFFSET 0) c,
    (SELECT x.price, x.currency, x.year, x.kilometers, x.make
     FROM (SELECT min_subsidy.vehicle_id AS requested) q
     LEFT JOIN tradeup.vehicle x ON x.vehicle_id = q.requested
     WHERE tradeup_internal.require_known('vehicle'::text, min_subsidy.vehicle_id, x.vehicle_id,
                                          tradeup_internal.asked_for_one(min_subsidy.vehicle_id))
     OFFSET 0) v,
    LATERAL (
        SELECT p.*, tradeup.subsidy_rules(p.subsidy_rules::tradeup.any_json, min_subsidy.rules) AS rules
        FROM (SELECT c.program, c.version) x LEFT JOIN tradeup.program p ON p.name = x.program AND p.version = x.version
        OFFSET 0) p,
    LATERAL (
        SELECT (p.currency IS NULL OR v.currency = p.currency)
               AND tradeup_internal.finances(tradeup_internal.oldest_year(p.min_year, p.max_age), p.max_kilometers, p.makes,
                                             v.year, v.kilometers, v.make) AS financed) f,
    LATERAL tradeup.subsidy(CASE WHEN f.financed THEN c.deals ELSE '{}' END, v.price::tradeup.any_number,
                            p.rules::tradeup.any_json, p.max_service_fee_rate::tradeup.any_number,
                            p.max_what_if_bonus::tradeup.any_number, p.max_opening_fee_rate::tradeup.any_number) s;
END;
COMMENT ON FUNCTION tradeup.min_subsidy(text, text, tradeup.any_json, text, tradeup.any_json) IS
    'The least concession that makes a vehicle pass the gates of the rules for a customer: term, service fee, bonus and opening '
    'fee; or the nearest and the gate that it fails';

CREATE OR REPLACE FUNCTION tradeup.min_subsidies(customer_id text, rules tradeup.any_json DEFAULT NULL::jsonb,
                                                 program text DEFAULT NULL,
                                                 overrides tradeup.any_json DEFAULT NULL::jsonb)
RETURNS SETOF tradeup.vehicle_concession
LANGUAGE sql STABLE PARALLEL SAFE COST 2000 ROWS 1000
BEGIN ATOMIC
    SELECT v.vehicle_id, v.price, s.viable, s.term, s.service_fee_rate, s.bonus, s.opening_fee_rate, s.payment, s.payment_change,
           s.margin_less_bonus, s.financed_to_price, s.failed_gate, s.deal,
           CASE WHEN f.financed THEN s.explanation ELSE 'the program does not finance this vehicle' END
    FROM (SELECT coalesce(array_agg(d.deal ORDER BY d.term), '{}') AS deals, min(d.program) AS program, min(d.version) AS version
          FROM tradeup.deals(min_subsidies.customer_id, min_subsidies.program, min_subsidies.overrides) d
          HAVING count(*) > 0 OR tradeup_internal.has_program(min_subsidies.customer_id, min_subsidies.program)
          OFFSET 0) c,
    LATERAL (
        SELECT p.*, tradeup.subsidy_rules(p.subsidy_rules::tradeup.any_json, min_subsidies.rules) AS rules
        FROM (SELECT c.program, c.version) x LEFT JOIN tradeup.program p ON p.name = x.program AND p.version = x.version
        OFFSET 0) p,
    tradeup.vehicle v,
    LATERAL (
        SELECT (p.currency IS NULL OR v.currency = p.currency)
               AND tradeup_internal.finances(tradeup_internal.oldest_year(p.min_year, p.max_age), p.max_kilometers, p.makes,
                                             v.year, v.kilometers, v.make) AS financed) f,
    LATERAL tradeup.subsidy(CASE WHEN f.financed THEN c.deals ELSE '{}' END, v.price::tradeup.any_number,
                            p.rules::tradeup.any_json, p.max_service_fee_rate::tradeup.any_number,
                            p.max_what_if_bonus::tradeup.any_number, p.max_opening_fee_rate::tradeup.any_number) s
    WHERE v.status = 'available' AND (p.currency IS NULL OR v.currency = p.currency);
END;
COMMENT ON FUNCTION tradeup.min_subsidies(text, tradeup.any_json, text, tradeup.any_json) IS
    'The least concession on every available vehicle for a customer, one row each, as min_subsidy gives it';
