\echo Use "ALTER EXTENSION tradeup UPDATE" to load this file. \quit

SET LOCAL search_path = pg_catalog, pg_temp;

-- What changes in tables and types since the last release; functions that changed follow, then modules that are new.
ALTER TABLE tradeup.program
    ADD COLUMN valid_from date,
    ADD COLUMN valid_to date,
    ADD COLUMN min_year integer,
    ADD COLUMN max_age integer,
    ADD COLUMN max_kilometers integer,
    ADD COLUMN makes text[],
    ADD COLUMN min_price numeric,
    ADD COLUMN max_price numeric,
    ADD CONSTRAINT program_begins_before_it_ends CHECK (valid_from < valid_to),
    ADD CONSTRAINT years_of_vehicles_are_1886_to_2999 CHECK (min_year BETWEEN 1886 AND 2999),
    ADD CONSTRAINT max_age_is_0_to_200_years CHECK (max_age BETWEEN 0 AND 200),
    ADD CONSTRAINT max_kilometers_are_not_negative CHECK (max_kilometers >= 0),
    ADD CONSTRAINT makes_are_named CHECK (cardinality(makes) > 0 AND array_position(makes, NULL) IS NULL),
    ADD CONSTRAINT prices_of_vehicles_are_a_range CHECK (
        min_price BETWEEN 0 AND 1000000000000 AND max_price BETWEEN 0 AND 1000000000000 AND min_price <= max_price);
COMMENT ON COLUMN tradeup.program.valid_from IS 'First day on which offers use this version, in UTC; null: from its publication';
COMMENT ON COLUMN tradeup.program.valid_to IS 'Day from which offers do not use this version any more, in UTC; null: no end';
COMMENT ON COLUMN tradeup.program.min_year IS 'Oldest model year that is financed; null: any';
COMMENT ON COLUMN tradeup.program.max_age IS 'Largest age of a vehicle, in years: this year, in UTC, less its model year; null: any';
COMMENT ON COLUMN tradeup.program.max_kilometers IS 'Most kilometres of a vehicle; null: any';
COMMENT ON COLUMN tradeup.program.makes IS 'Makes that are financed; null: any';
COMMENT ON COLUMN tradeup.program.min_price IS 'Lowest price that is financed; null: any';
COMMENT ON COLUMN tradeup.program.max_price IS 'Highest price that is financed; null: any';

ALTER TABLE tradeup.program_profile
    ADD COLUMN max_loan_to_value numeric,
    ADD CONSTRAINT max_loan_to_value_is_0_to_10 CHECK (max_loan_to_value BETWEEN 0 AND 10);
COMMENT ON COLUMN tradeup.program_profile.max_loan_to_value IS 'Largest amount financed as a multiple of the price; null: no limit';

ALTER TYPE tradeup.customer_deal ADD ATTRIBUTE min_year integer, ADD ATTRIBUTE max_kilometers integer, ADD ATTRIBUTE makes text[];
COMMENT ON TYPE tradeup.customer_deal IS 'The deal of a customer for one term of a program, and which vehicles the program finances: those from a model year, with kilometres up to, of makes (null: any)';

-- When the vehicles of before came, nobody knows; so the default comes after the column.
ALTER TABLE tradeup.vehicle ADD COLUMN listed_on date;
ALTER TABLE tradeup.vehicle ALTER COLUMN listed_on SET DEFAULT (now() AT TIME ZONE 'UTC')::date;
COMMENT ON COLUMN tradeup.vehicle.listed_on IS 'Day on which it came into the inventory, in UTC, by default that of its loading; null: unknown';

DROP INDEX tradeup.vehicle_available_by_price;
CREATE INDEX vehicle_available_by_price ON tradeup.vehicle (price, vehicle_id) INCLUDE (make, body, region, year, kilometers)
    WHERE status = 'available';
COMMENT ON INDEX tradeup.vehicle_available_by_price IS 'Available vehicles by price, for offers';

