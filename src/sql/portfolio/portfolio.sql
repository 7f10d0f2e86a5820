-- The best offers of every customer.

-- There are few programs and many customers, so a program is looked up among the customers by index.
CREATE OR REPLACE FUNCTION tradeup_internal.programs_wanted(program text) RETURNS TABLE (program text, version integer)
LANGUAGE sql STABLE PARALLEL SAFE COST 100 ROWS 2
BEGIN ATOMIC
    SELECT p.name, p.version
    FROM (SELECT x.name, x.version FROM tradeup.current_program x) p
    WHERE CASE WHEN programs_wanted.program IS NOT NULL THEN p.name = programs_wanted.program
               ELSE EXISTS (SELECT FROM tradeup.program_default d WHERE d.program = p.name)
                    OR EXISTS (SELECT FROM tradeup.customer c WHERE c.program = p.name) END;
END;
COMMENT ON FUNCTION tradeup_internal.programs_wanted(text) IS
    'The current version of the program named, or of all programs that customers have';

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
                 CASE WHEN p.requires_dearer THEN c.current_price END AS current_price, p.program, p.version, p.profile,
                 p.terms, p.rates, p.deal, p.min_year, p.max_kilometers, p.makes, p.currency
          FROM tradeup.customer c
          JOIN (SELECT p.*, t.terms, t.rates
                FROM tradeup_internal.programs_wanted(portfolio.program) w,
                     LATERAL tradeup_internal.program_deals(w.program, w.version, portfolio.overrides) p,
                     LATERAL (SELECT array_agg(t.term ORDER BY t.term) AS terms, array_agg(t.annual_rate ORDER BY t.term) AS rates
                              FROM tradeup_internal.program_terms(p.program, p.version, p.annual_rate, p.max_adjusted_rate,
                                                       portfolio.overrides) t) t
                OFFSET 0) p
            ON p.program = coalesce(portfolio.program, c.program, (SELECT d.program FROM tradeup.program_default d))
           AND p.profile = c.risk_profile
          WHERE (portfolio.program IS NULL
                 OR tradeup_internal.require_known('program'::text, portfolio.program,
                                  (SELECT x.name FROM tradeup.current_program x WHERE x.name = portfolio.program), true))
            AND tradeup_internal.require_overrides(portfolio.overrides)
            AND tradeup_internal.require_not_negative('per_customer'::text, portfolio.per_customer)
            AND tradeup_internal.require_one_of('rank_by'::text, portfolio.rank_by,
                                                '{margin,price,payment,closeness}'::text[])) c,
    LATERAL (
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
              FROM range r,
              LATERAL (SELECT v.* FROM tradeup.vehicle v
                       WHERE v.status = 'available' AND v.currency = c.currency AND v.price_minor >= r.lowest
                         AND v.price_minor <= r.highest
                         AND tradeup_internal.finances(c.min_year, c.max_kilometers, c.makes, v.year, v.kilometers,
                                                       v.make)
                         AND EXISTS (SELECT FROM d
                                     WHERE tradeup_internal.tier_rank_minor(d.deal, v.price_minor) IS NOT NULL)
                       ORDER BY v.price_minor DESC, v.vehicle_id DESC LIMIT portfolio.per_customer) v,
              LATERAL (SELECT d.* FROM d
                       WHERE tradeup_internal.tier_rank_minor(d.deal, v.price_minor) IS NOT NULL OFFSET 0) d,
              LATERAL tradeup_internal.priced(ROW(c.customer_id, c.program, c.version, c.profile, d.term, d.annual_rate,
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
              FROM range r,
              LATERAL (SELECT v.* FROM tradeup.vehicle v
                       WHERE v.status = 'available' AND v.currency = c.currency AND v.price_minor >= r.lowest
                         AND v.price_minor <= r.highest
                         AND tradeup_internal.finances(c.min_year, c.max_kilometers, c.makes, v.year, v.kilometers,
                                                       v.make)
                         AND EXISTS (SELECT FROM d
                                     WHERE tradeup_internal.tier_rank_minor(d.deal, v.price_minor) IS NOT NULL)
                       ORDER BY v.price_minor, v.vehicle_id LIMIT portfolio.per_customer) v,
              LATERAL (SELECT d.* FROM d
                       WHERE tradeup_internal.tier_rank_minor(d.deal, v.price_minor) IS NOT NULL OFFSET 0) d,
              LATERAL tradeup_internal.priced(ROW(c.customer_id, c.program, c.version, c.profile, d.term, d.annual_rate,
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
              FROM d,
              LATERAL tradeup_internal.best_vehicles(d.deal, c.current_payment, c.currency,
                                                     tradeup_internal.lowest_minor(d.deal, true),
                                    tradeup_internal.highest_minor(d.deal, true), portfolio.per_customer,
                                    portfolio.rank_by, c.min_year, c.max_kilometers, c.makes) b,
              LATERAL (SELECT v FROM tradeup.vehicle v WHERE v.vehicle_id = b.vehicle_id OFFSET 0) x,
              LATERAL tradeup_internal.priced(ROW(c.customer_id, c.program, c.version, c.profile, d.term, d.annual_rate,
                                                  c.current_payment, d.deal,
                             c.min_year, c.max_kilometers, c.makes, c.currency)::tradeup.customer_deal, x.v,
                             tradeup_internal.tier_minor(d.deal, b.price_minor),
                             tradeup_internal.tier_rank_minor(d.deal, b.price_minor)) o,
              LATERAL (SELECT tradeup_internal.ranked_downward(portfolio.rank_by, o.payment,
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
