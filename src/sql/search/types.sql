-- The indexes of searches, and their filters and places as rows.

CREATE TYPE tradeup_internal.search_place AS (
    sort text,
    key numeric,
    downward boolean,
    price_minor bigint,
    vehicle_id text,
    term integer
);
COMMENT ON TYPE tradeup_internal.search_place IS
    'The place of an offer in a sorted search: the key of the sort, the smallest first, then the price and vehicle_id in one '
    'direction, then the term';
-- The nulls come first, so that backward, from the newest on, they come last.
CREATE INDEX vehicle_available_by_year ON tradeup.vehicle (currency, year NULLS FIRST, price_minor, vehicle_id)
    INCLUDE (make, dealer, kilometers) WHERE status = 'available';
COMMENT ON INDEX tradeup.vehicle_available_by_year IS 'Available vehicles by year, for searches sorted by it';
CREATE INDEX vehicle_available_by_kilometers ON tradeup.vehicle (currency, kilometers, price_minor, vehicle_id)
    INCLUDE (make, dealer, year) WHERE status = 'available';
COMMENT ON INDEX tradeup.vehicle_available_by_kilometers IS 'Available vehicles by kilometres, for searches sorted by them';

CREATE TYPE tradeup.offer_filter AS (
    price_from numeric,
    price_to numeric,
    makes text[],
    models text[],
    bodies text[],
    colors text[],
    regions text[],
    dealers text[],
    fuels text[],
    transmissions text[],
    year_from integer,
    year_to integer,
    kilometers_to integer,
    listed_from date,
    promotion boolean,
    match_case boolean,
    better boolean,
    newer boolean,
    same_make boolean,
    kilometers_ratio numeric,
    price_ratio numeric,
    change_from numeric,
    change_to numeric,
    terms integer[],
    tiers text[],
    categories text[]
);
COMMENT ON TYPE tradeup.offer_filter IS
    'The conditions of a search as a row, its lists about vehicles in lower case unless match_case is true; null is no condition';

CREATE TYPE tradeup_internal.vehicle_conditions AS (
    price_from numeric,
    price_to numeric,
    year_from integer,
    year_to integer,
    kilometers_to numeric,
    makes text[],
    only_make text,
    other_make text,
    bodies text[],
    regions text[],
    models text[],
    colors text[],
    dealers text[],
    fuels text[],
    transmissions text[],
    listed_from date,
    promotion boolean,
    match_case boolean,
    of_index boolean,
    of_table boolean
);
COMMENT ON TYPE tradeup_internal.vehicle_conditions IS
    'What a search asks of vehicles, with the customer''s own vehicle worked in; null is no condition. of_index and of_table say '
    'whether it asks anything beside the price that the index on price holds, and anything that only the table holds';

CREATE TYPE tradeup_internal.search_tally AS (
    buckets bigint[],
    facets text[],
    "values" text[],
    offers bigint[],
    vehicles bigint[]
);
COMMENT ON TYPE tradeup_internal.search_tally IS
    'The vehicles of a search, counted: those of each bucket of prices; and facet, value, offers and vehicles of each value of '
    'make, body, region and band of years';

CREATE TYPE tradeup_internal.search_cover AS (
    bucket integer,
    tier text,
    rank integer,
    category text,
    terms bigint
);
COMMENT ON TYPE tradeup_internal.search_cover IS
    'How many offers a vehicle of a bucket of prices makes in a tier and category';
