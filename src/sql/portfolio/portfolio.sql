-- The best offers of every customer.

-- Where the rank depends on the vehicle alone (margin, price), the best vehicles of all terms are the ends of one range, so
-- a customer costs one index scan; whether some term has a tier at a price is asked of each vehicle, because the ranges of
-- the terms may leave holes. (The OFFSET 0 keeps the vehicles outside of the deals in the join: one scan a customer.) Payment and
-- closeness rank each term's vehicles in another order, so each term is scanned.
CREATE OR REPLACE FUNCTION tradeup.portfolio(per_customer integer DEFAULT 3, program text DEFAULT NULL,
                                             overrides jsonb DEFAULT NULL, rank_by text DEFAULT 'margin')
RETURNS SETOF tradeup.offer
LANGUAGE sql STABLE PARALLEL SAFE COST 10000 ROWS 10000
BEGIN ATOMIC
    SELECT b.*
    FROM (SELECT c.customer_id, c.equity, c.current_payment,
                 CASE WHEN p.requires_dearer THEN c.current_price END AS current_price, p.name, p.version, p.profile,
                 p.terms, p.rates, p.deal, p.min_year, p.max_kilometers, p.makes, p.currency
          FROM tradeup.customer c
          JOIN (SELECT p.name, p.version, p.requires_dearer, p.currency, f.profile,
                       tradeup.restricted(
                           tradeup_internal.deal_of(p, 1, 0::numeric, f.down_payment_rate, f.insurance, 0::numeric, NULL::numeric,
                                                    NULL::numeric, portfolio.overrides),
                           p.min_price, p.max_price, f.max_loan_to_value) AS deal,
                       t.terms, t.rates, tradeup_internal.oldest_year(p.min_year, p.max_age) AS min_year, p.max_kilometers,
                       p.makes
                FROM tradeup.current_program w
                JOIN tradeup.program p ON p.name = w.name AND p.version = w.version
                JOIN tradeup.program_profile f ON f.program = p.name AND f.version = p.version
                CROSS JOIN LATERAL (
                    SELECT array_agg(t.term ORDER BY t.term) AS terms, array_agg(r.annual_rate ORDER BY t.term) AS rates
                    FROM tradeup.program_term t
                    CROSS JOIN LATERAL (
                        SELECT tradeup_internal.overridden(portfolio.overrides, 'annual_rate'::text, f.annual_rate,
                                                           p.max_annual_rate)
                               + t.rate_adjustment AS annual_rate) r
                    WHERE t.program = p.name AND t.version = p.version
                        AND tradeup_internal.term_wanted(portfolio.overrides, t.term)
                      AND (p.max_adjusted_rate IS NULL OR r.annual_rate <= p.max_adjusted_rate)) t
                WHERE p.name = portfolio.program
                   OR (portfolio.program IS NULL
                       AND p.name IN (SELECT x.program FROM tradeup.program_default x
                                      UNION ALL SELECT x.program FROM tradeup.customer x WHERE x.program IS NOT NULL))
                OFFSET 0) p
            ON p.name = coalesce(portfolio.program, c.program, (SELECT d.program FROM tradeup.program_default d))
           AND p.profile = c.risk_profile
          WHERE (portfolio.program IS NULL
                 OR tradeup_internal.require_known('program'::text, portfolio.program,
                                  (SELECT x.name FROM tradeup.current_program x WHERE x.name = portfolio.program), true))
            AND tradeup_internal.require_overrides(portfolio.overrides)
            AND tradeup_internal.require_not_negative('per_customer'::text, portfolio.per_customer)
            AND tradeup_internal.require_one_of('rank_by'::text, portfolio.rank_by, '{margin,price,payment,closeness}'::text[])) c
    CROSS JOIN LATERAL (
        WITH d (term, annual_rate, deal) AS MATERIALIZED (
            SELECT t.term, t.annual_rate,
                   tradeup.deal_for(c.deal, t.annual_rate, t.term, c.equity, c.current_payment, c.current_price)
            FROM (SELECT unnest(c.terms) AS term, unnest(c.rates) AS annual_rate) t
        ), range AS (
            SELECT min(tradeup_internal.lowest_minor(d.deal, true)) AS lowest,
                   max(tradeup_internal.highest_minor(d.deal, true)) AS highest FROM d
        )
        SELECT x.*
        FROM (SELECT o.*
              FROM range r
              CROSS JOIN LATERAL (SELECT v.* FROM tradeup.vehicle v
                                  WHERE v.status = 'available' AND v.currency = c.currency AND v.price_minor >= r.lowest
                                    AND v.price_minor <= r.highest
                                    AND tradeup_internal.finances(c.min_year, c.max_kilometers, c.makes, v.year, v.kilometers,
                                                                  v.make)
                                    AND EXISTS (SELECT FROM d
                                                WHERE tradeup_internal.tier_rank_minor(d.deal, v.price_minor) IS NOT NULL)
                                  ORDER BY v.price_minor DESC, v.vehicle_id DESC LIMIT portfolio.per_customer) v
              CROSS JOIN LATERAL (SELECT d.* FROM d
                                  WHERE tradeup_internal.tier_rank_minor(d.deal, v.price_minor) IS NOT NULL OFFSET 0) d
              CROSS JOIN LATERAL tradeup_internal.priced(ROW(c.customer_id, c.name, c.version, c.profile, d.term, d.annual_rate,
                                                             c.current_payment, d.deal,
                                        c.min_year, c.max_kilometers, c.makes, c.currency)::tradeup.customer_deal,
                                        v::tradeup.vehicle,
                                        tradeup_internal.tier_minor(d.deal, v.price_minor),
                                        tradeup_internal.tier_rank_minor(d.deal, v.price_minor)) o
              ORDER BY o.margin DESC, o.price DESC, o.vehicle_id DESC, o.term LIMIT portfolio.per_customer) x
        WHERE portfolio.rank_by = 'margin'
        UNION ALL
        SELECT x.*
        FROM (SELECT o.*
              FROM range r
              CROSS JOIN LATERAL (SELECT v.* FROM tradeup.vehicle v
                                  WHERE v.status = 'available' AND v.currency = c.currency AND v.price_minor >= r.lowest
                                    AND v.price_minor <= r.highest
                                    AND tradeup_internal.finances(c.min_year, c.max_kilometers, c.makes, v.year, v.kilometers,
                                                                  v.make)
                                    AND EXISTS (SELECT FROM d
                                                WHERE tradeup_internal.tier_rank_minor(d.deal, v.price_minor) IS NOT NULL)
                                  ORDER BY v.price_minor, v.vehicle_id LIMIT portfolio.per_customer) v
              CROSS JOIN LATERAL (SELECT d.* FROM d
                                  WHERE tradeup_internal.tier_rank_minor(d.deal, v.price_minor) IS NOT NULL OFFSET 0) d
              CROSS JOIN LATERAL tradeup_internal.priced(ROW(c.customer_id, c.name, c.version, c.profile, d.term, d.annual_rate,
                                                             c.current_payment, d.deal,
                                        c.min_year, c.max_kilometers, c.makes, c.currency)::tradeup.customer_deal,
                                        v::tradeup.vehicle,
                                        tradeup_internal.tier_minor(d.deal, v.price_minor),
                                        tradeup_internal.tier_rank_minor(d.deal, v.price_minor)) o
              ORDER BY o.price, o.vehicle_id, o.term LIMIT portfolio.per_customer) x
        WHERE portfolio.rank_by = 'price'
        UNION ALL
        SELECT x.*
        FROM (SELECT o.*
              FROM d
              CROSS JOIN LATERAL tradeup_internal.best_vehicles(d.deal, c.current_payment, c.currency,
                                                                tradeup_internal.lowest_minor(d.deal, true),
                                               tradeup_internal.highest_minor(d.deal, true), portfolio.per_customer,
                                               portfolio.rank_by, c.min_year, c.max_kilometers, c.makes) b
              CROSS JOIN LATERAL (SELECT v FROM tradeup.vehicle v WHERE v.vehicle_id = b.vehicle_id OFFSET 0) x
              CROSS JOIN LATERAL tradeup_internal.priced(ROW(c.customer_id, c.name, c.version, c.profile, d.term, d.annual_rate,
                                                             c.current_payment, d.deal,
                                        c.min_year, c.max_kilometers, c.makes, c.currency)::tradeup.customer_deal, x.v,
                                        tradeup_internal.tier_minor(d.deal, b.price_minor),
                                        tradeup_internal.tier_rank_minor(d.deal, b.price_minor)) o
              CROSS JOIN LATERAL (SELECT tradeup_internal.ranked_downward(portfolio.rank_by, o.payment,
                                                                          o.current_payment) AS downward) k
              ORDER BY tradeup_internal.rank_key(portfolio.rank_by, o.margin, o.price, o.payment, o.current_payment),
                  NOT k.downward,
                       CASE WHEN k.downward THEN -o.price ELSE o.price END,
                       CASE WHEN k.downward THEN o.vehicle_id END DESC, o.vehicle_id, o.term
              LIMIT portfolio.per_customer) x
        WHERE portfolio.rank_by IN ('payment', 'closeness')) b;
END;
COMMENT ON FUNCTION tradeup.portfolio(integer, text, jsonb, text) IS
    'The best offers of every customer, whatever their tier, ranked as best_offers ranks them';
