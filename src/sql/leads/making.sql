-- What writes leads and predictions.

-- One statement. Two sessions at once make the same list once: whoever comes second waits at the key of open_lead, and then
-- leaves out what the first has opened.
CREATE OR REPLACE FUNCTION tradeup_leads.make_leads(dealer text, as_of date DEFAULT NULL::date,
                                                    at_most integer DEFAULT NULL::integer) RETURNS bigint
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    made bigint;
    day CONSTANT date := coalesce(as_of, tradeup_leads_internal.today());
BEGIN
    IF at_most < 0 THEN
        RAISE EXCEPTION 'at_most must not be negative'
            USING ERRCODE = 'invalid_parameter_value', DETAIL = format('It is %s.', at_most);
    ELSIF day < tradeup_leads_internal.today() THEN
        RAISE EXCEPTION 'leads cannot be made for a day that is over'
            USING ERRCODE = 'invalid_parameter_value', DETAIL = format('The day is %s.', day),
                  HINT = 'Leave out as_of, or give today or a later day: nothing is scored after the fact.';
    END IF;
    /* One after the other for a dealer, so that capacities hold. */
    PERFORM pg_advisory_xact_lock(hashtextextended('tradeup_leads.make_leads '::text || make_leads.dealer, 0::bigint));
    WITH listed AS MATERIALIZED (
        SELECT l.*, v.vehicle_class, v.evidence
        FROM tradeup_leads.leads(make_leads.dealer, NULL::jsonb) l
        JOIN tradeup_leads.owned_vehicle v ON v.vehicle_id = l.vehicle_id
        WHERE tradeup_leads_internal.is_kept(v.sold_on, day)
          AND NOT EXISTS (SELECT FROM tradeup_leads.open_lead o WHERE o.vehicle_id = l.vehicle_id AND o.model = l.model)
    ), capped AS MATERIALIZED (
        SELECT x.*
        FROM (SELECT l.*, row_number() OVER (PARTITION BY l.region
                                             ORDER BY l.expected_value DESC NULLS LAST, l.risk DESC,
                                                      l.vehicle_id COLLATE "C") AS place
              FROM listed l) x
        LEFT JOIN tradeup_leads.lead_capacity c ON c.dealer = make_leads.dealer AND c.region = x.region
        WHERE c.leads_a_day IS NULL
           OR x.place <= c.leads_a_day - (SELECT count(*)
                                          FROM tradeup_leads.lead y
                                          /* Who has gone to another dealer since is not called by this one. */
                                          JOIN tradeup_leads.owned_vehicle z ON z.vehicle_id = y.vehicle_id
                                                                            AND z.dealer = y.dealer
                                          WHERE y.dealer = make_leads.dealer AND y.region = x.region AND y.as_of = day)
        ORDER BY x.expected_value DESC NULLS LAST, x.risk DESC, x.vehicle_id COLLATE "C"
        LIMIT at_most
    ), numbered AS MATERIALIZED (
        SELECT c.vehicle_id, c.model, nextval('tradeup_leads.lead_lead_id_seq'::regclass) AS lead_id
        FROM (SELECT x.vehicle_id, x.model FROM capped x
              ORDER BY x.expected_value DESC NULLS LAST, x.risk DESC, x.vehicle_id COLLATE "C") c
    ), opened AS (
        INSERT INTO tradeup_leads.open_lead (vehicle_id, model, dealer, lead_id)
        SELECT c.vehicle_id, c.model, make_leads.dealer, c.lead_id
        FROM numbered c
        ORDER BY c.vehicle_id COLLATE "C"
        ON CONFLICT ON CONSTRAINT vehicle_has_one_open_lead_of_a_model DO NOTHING
        RETURNING open_lead.vehicle_id, open_lead.model, open_lead.lead_id
    ), written AS (
        INSERT INTO tradeup_leads.lead (lead_id, vehicle_id, customer_id, dealer, region, vehicle_class, model, version, cohort,
                                        evidence, as_of, risk, low, high, severity, percentile, priority, reason, channel,
                                        expected_value, parts, service)
        SELECT o.lead_id, c.vehicle_id, c.customer_id, make_leads.dealer, c.region, c.vehicle_class, c.model, c.version, c.cohort,
               c.evidence, day, c.risk, c.low, c.high, c.severity, c.percentile, c.priority, c.reason, c.channel,
               c.expected_value, c.parts, c.service
        FROM capped c JOIN opened o ON o.vehicle_id = c.vehicle_id AND o.model = c.model
        RETURNING lead.lead_id
    )
    SELECT count(*) INTO made FROM written;
    RETURN made;
END
$$;
COMMENT ON FUNCTION tradeup_leads.make_leads(text, date, integer) IS
    'Makes leads of the vehicles of a dealer that are worth a call and have no open one, best first, within its capacity';

CREATE OR REPLACE FUNCTION tradeup_leads.predict(dealer text, as_of date DEFAULT NULL::date) RETURNS bigint
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    made bigint;
    day CONSTANT date := coalesce(as_of, tradeup_leads_internal.today());
BEGIN
    IF day < tradeup_leads_internal.today() THEN
        RAISE EXCEPTION 'nothing can be predicted for a day that is over'
            USING ERRCODE = 'invalid_parameter_value', DETAIL = format('The day is %s.', day),
                  HINT = 'Leave out as_of, or give today or a later day.';
    END IF;
    INSERT INTO tradeup_leads.prediction (vehicle_id, dealer, model, version, cohort, as_of, p, low, high)
    SELECT v.vehicle_id, v.dealer, p.model, p.version, p.cohort, day, p.risk, p.low, p.high
    FROM tradeup_leads_internal.lead_patterns(predict.dealer) p
    JOIN tradeup_leads.owned_vehicle v
         ON v.dealer = predict.dealer
        AND tradeup_leads_internal.pattern_key(v.model, v.cohort, v.vehicle_class, v.evidence) = p.key
        AND tradeup_leads_internal.is_kept(v.sold_on, day)
    ON CONFLICT ON CONSTRAINT vehicle_is_predicted_once_a_day DO NOTHING;
    GET DIAGNOSTICS made = ROW_COUNT;
    RETURN made;
END
$$;
COMMENT ON FUNCTION tradeup_leads.predict(text, date) IS
    'Freezes the risk of every vehicle of a dealer for a day, to be judged by outcomes later, and returns how many are new';
