-- The offers of a day, kept.

CREATE OR REPLACE FUNCTION tradeup_internal.steps_of_snapshot_offers()
RETURNS bigint
LANGUAGE plpgsql VOLATILE COST 100000 SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    kept bigint;
BEGIN
    /* Two snapshots of one day: the later waits, and replaces the other. */
    LOCK TABLE tradeup_bi.offer_history IN SHARE ROW EXCLUSIVE MODE;
    DELETE FROM tradeup_bi.offer_history h WHERE h.day = tradeup_internal.today();
    INSERT INTO tradeup_bi.offer_history (day, currency, program, program_version, dealer, term, tier, tier_rank, offers, margin)
    /* Dealers whose names begin with the same 255 characters are one. */
    SELECT o.day, o.currency, o.program, o.program_version, o.dealer, o.term, o.tier, o.tier_rank, sum(o.offers)::bigint,
           sum(o.margin)::numeric(24,4)
    FROM tradeup_bi.offers_today o
    GROUP BY o.day, o.currency, o.program, o.program_version, o.dealer, o.term, o.tier, o.tier_rank;
    GET DIAGNOSTICS kept = ROW_COUNT;
    RETURN kept;
END
$$;
COMMENT ON FUNCTION tradeup_internal.steps_of_snapshot_offers() IS 'The steps of snapshot_offers';

CREATE OR REPLACE FUNCTION tradeup_bi.snapshot_offers() RETURNS bigint
LANGUAGE c VOLATILE COST 100000 AS 'MODULE_PATHNAME', 'of_steps';
COMMENT ON FUNCTION tradeup_bi.snapshot_offers() IS
    'Keeps the counts and sums of the offers of today in offer_history, in place of what it has of today, and gives how many '
    'rows they are';
