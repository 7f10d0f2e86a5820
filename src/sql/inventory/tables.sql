-- Inventories in tables of users' own, and what is asked of them.

CREATE TABLE tradeup.inventory (
    name text NOT NULL,
    relation regclass NOT NULL,
    currency text NOT NULL,
    id_column text NOT NULL,
    price_column text NOT NULL,
    make_column text,
    model_column text,
    body_column text,
    year_column text,
    kilometers_column text,
    region_column text,
    dealer_column text,
    cost_column text,
    status_column text,
    CONSTRAINT inventory_is_identified PRIMARY KEY (name),
    CONSTRAINT inventory_is_named CHECK (name <> ''),
    CONSTRAINT inventory_currency_is_known CHECK (tradeup.currency_digits(currency) IS NOT NULL)
);
COMMENT ON TABLE tradeup.inventory IS 'Inventories in tables of your own, as register_inventory records them';
COMMENT ON COLUMN tradeup.inventory.name IS 'Name by which functions such as best_offers_in find it';
COMMENT ON COLUMN tradeup.inventory.relation IS 'Table, view, partitioned or foreign table with the vehicles';
COMMENT ON COLUMN tradeup.inventory.currency IS 'ISO 4217 code of the currency of all its prices';
COMMENT ON COLUMN tradeup.inventory.id_column IS 'Column of what identifies a vehicle';
COMMENT ON COLUMN tradeup.inventory.price_column IS 'Column of the price, in major units';
COMMENT ON COLUMN tradeup.inventory.make_column IS 'Column of the make; null: none';
COMMENT ON COLUMN tradeup.inventory.model_column IS 'Column of the model; null: none';
COMMENT ON COLUMN tradeup.inventory.body_column IS 'Column of the body class; null: none';
COMMENT ON COLUMN tradeup.inventory.year_column IS 'Column of the model year; null: none';
COMMENT ON COLUMN tradeup.inventory.kilometers_column IS 'Column of the kilometres driven; null: none';
COMMENT ON COLUMN tradeup.inventory.region_column IS 'Column of the region; null: none';
COMMENT ON COLUMN tradeup.inventory.dealer_column IS 'Column of the dealer; null: none';
COMMENT ON COLUMN tradeup.inventory.cost_column IS
    'Column of what the dealer paid, in major units; null: none, so offers have no gross';
COMMENT ON COLUMN tradeup.inventory.status_column IS
    'Column of the status, "available" or true for what is for sale; null: none, so every vehicle is';

CREATE TYPE tradeup_internal.inventory_source AS (
    columns text,
    vehicles text,
    currency text,
    digits integer,
    price text,
    price_type text,
    id text,
    id_type text,
    year text,
    kilometers text,
    ordered_by_id boolean
);
COMMENT ON TYPE tradeup_internal.inventory_source IS
    'The pieces of queries of an inventory, as SQL: its columns, what follows FROM, with the conditions other than on the price, '
    'price and id with their types, year and kilometers (null: none); and whether ids in their own order are in that of their '
    'bytes';

CREATE TYPE tradeup_internal.inventory_branch AS (
    number integer,
    lowest bigint,
    highest bigint,
    downward boolean,
    most integer,
    ids text[],
    condition text,
    sorted_by text
);
COMMENT ON TYPE tradeup_internal.inventory_branch IS
    'One query of an inventory: its number, the lowest and highest price in minor units, and, null for all vehicles, from which '
    'end at most how many, the vehicles with some ids, a condition, and what comes before the price in the order, as SQL';
