-- The owner of what is kept, whose rows belong in a dump; views stay with whoever runs this script, see ops/owners.

ALTER TABLE tradeup_bi.offer_history OWNER TO @extowner@;
SELECT pg_extension_config_dump('tradeup_bi.offer_history', '');
GRANT SELECT ON tradeup_bi.offers_today TO @extowner@ WITH GRANT OPTION;
GRANT SELECT ON tradeup_bi.price_by_term TO @extowner@ WITH GRANT OPTION;
GRANT SELECT ON tradeup_bi.affordability TO @extowner@ WITH GRANT OPTION;
GRANT SELECT ON tradeup_bi.best_offer TO @extowner@ WITH GRANT OPTION;
GRANT SELECT ON tradeup_bi.inventory_age TO @extowner@ WITH GRANT OPTION;
GRANT SELECT ON tradeup_bi.inventory_turn TO @extowner@ WITH GRANT OPTION;
GRANT SELECT ON tradeup_bi.quote_funnel TO @extowner@ WITH GRANT OPTION;
