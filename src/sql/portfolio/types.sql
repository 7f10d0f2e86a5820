-- Price lists, changes of prices, and the rows of summaries.

CREATE TYPE tradeup.price_changes (
    INPUT = tradeup_internal.price_changes_in,
    OUTPUT = tradeup_internal.price_changes_out,
    INTERNALLENGTH = VARIABLE,
    ALIGNMENT = double,
    STORAGE = extended
);

COMMENT ON TYPE tradeup.price_changes IS
    'Old and new prices of vehicles, sorted for many customers; made by price_changes(old_prices, new_prices), not meant to be '
    'kept in tables';

-- Sorted numbers compress a little and cost a copy each time that they are read: they are kept as they are.
CREATE TYPE tradeup.price_list (
    INPUT = tradeup_internal.price_list_in,
    OUTPUT = tradeup_internal.price_list_out,
    RECEIVE = tradeup_internal.price_list_recv,
    SEND = tradeup_internal.price_list_send,
    INTERNALLENGTH = VARIABLE,
    ALIGNMENT = double,
    STORAGE = external
);

COMMENT ON TYPE tradeup.price_list IS
    'Prices in ascending order with their running sums: how many lie in a range, and what they add up to, are two binary '
    'searches';
CREATE TYPE tradeup.offer_change AS (
    customer_id text,
    gained boolean,
    lost boolean
);
COMMENT ON TYPE tradeup.offer_change IS 'Whether a customer gains an offer with a tier, or loses one, when vehicles change';

CREATE TYPE tradeup_internal.tier_count AS (
    tier text,
    tier_rank integer,
    offers bigint,
    customers bigint,
    mean_change numeric,
    margin numeric
);
COMMENT ON TYPE tradeup_internal.tier_count IS
    'The offers of one tier, counted: their number, how many customers have one, the mean payment change and the sum of the '
    'margins';

CREATE TYPE tradeup.tier_summary AS (
    currency text,
    tier text,
    tier_rank integer,
    offers bigint,
    customers bigint,
    mean_change numeric,
    margin numeric
);
COMMENT ON TYPE tradeup.tier_summary IS
    'The offers of one tier in one currency, counted: their number, how many customers have one, the mean payment change and the '
    'sum of the margins';

CREATE TYPE tradeup.tier_comparison AS (
    currency text,
    tier text,
    tier_rank integer,
    offers_a bigint,
    offers_b bigint,
    more_offers bigint,
    customers_a bigint,
    customers_b bigint,
    more_customers bigint,
    mean_change_a numeric,
    mean_change_b numeric,
    mean_change_difference numeric,
    margin_a numeric,
    margin_b numeric,
    more_margin numeric
);
COMMENT ON TYPE tradeup.tier_comparison IS
    'What portfolio_summary says of one tier in one currency under two sets of overrides, and the differences, b less a';

CREATE TYPE tradeup_internal.customer_arrays AS (
    customer_ids text[],
    equities numeric[],
    current_payments numeric[],
    current_prices numeric[],
    trade_values numeric[],
    bonuses numeric[],
    incomes numeric[]
);
COMMENT ON TYPE tradeup_internal.customer_arrays IS 'Customers as arrays of the same length; null is what is not known';

CREATE TYPE tradeup_internal.profile_customers AS (
    program text,
    version integer,
    profile text,
    deals tradeup.deal[],
    rates numeric[],
    customer_ids text[],
    equities numeric[],
    current_payments numeric[],
    current_prices numeric[],
    trade_values numeric[],
    bonuses numeric[],
    incomes numeric[]
);
COMMENT ON TYPE tradeup_internal.profile_customers IS
    'A risk profile of a program with its deals and their annual rates, one for each term, and its customers as arrays';
