-- What is kept for analysts: the offers of each day.

CREATE TABLE tradeup_bi.offer_history (
    day date NOT NULL,
    currency varchar(3) NOT NULL,
    program varchar(255) NOT NULL,
    program_version integer NOT NULL,
    dealer varchar(255) NOT NULL,
    term integer NOT NULL,
    tier varchar(255) NOT NULL,
    tier_rank integer NOT NULL,
    offers bigint NOT NULL,
    margin numeric(24,4) NOT NULL,
    CONSTRAINT snapshot_has_each_once PRIMARY KEY (day, program, program_version, dealer, term, tier_rank)
);
COMMENT ON TABLE tradeup_bi.offer_history IS 'The offers of past days, as snapshot_offers counted them';
COMMENT ON COLUMN tradeup_bi.offer_history.day IS 'Day on which they were counted, in UTC';
COMMENT ON COLUMN tradeup_bi.offer_history.currency IS 'ISO 4217 code of the currency';
COMMENT ON COLUMN tradeup_bi.offer_history.program IS 'Name of the finance program';
COMMENT ON COLUMN tradeup_bi.offer_history.program_version IS 'Version of the finance program';
COMMENT ON COLUMN tradeup_bi.offer_history.dealer IS 'Dealer that had the vehicles, or "no dealer"';
COMMENT ON COLUMN tradeup_bi.offer_history.term IS 'Term in months';
COMMENT ON COLUMN tradeup_bi.offer_history.tier IS 'Tier of the offers, or "no tier"';
COMMENT ON COLUMN tradeup_bi.offer_history.tier_rank IS 'Rank of the tier; 0: no tier';
COMMENT ON COLUMN tradeup_bi.offer_history.offers IS 'Number of offers';
COMMENT ON COLUMN tradeup_bi.offer_history.margin IS 'Sum of their margins';
