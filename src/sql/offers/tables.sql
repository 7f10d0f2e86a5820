-- Customers and vehicles, and the shape of a deal and of an offer between them.

CREATE TABLE tradeup.customer (
    customer_id text NOT NULL,
    risk_profile text NOT NULL,
    equity numeric NOT NULL DEFAULT 0,
    current_payment numeric,
    current_price numeric,
    current_make text,
    current_model text,
    current_year integer,
    current_kilometers integer,
    region text,
    program text,
    trade_value numeric,
    payoff numeric,
    bonus numeric NOT NULL DEFAULT 0,
    income numeric,
    CONSTRAINT customer_is_identified PRIMARY KEY (customer_id),
    CONSTRAINT customer_id_is_not_empty CHECK (btrim(customer_id, E' \t\r\n') <> ''),
    CONSTRAINT equity_is_an_amount CHECK (equity BETWEEN -1000000000000 AND 1000000000000),
    CONSTRAINT current_payment_is_positive CHECK (current_payment BETWEEN 0.0001 AND 1000000000000),
    CONSTRAINT current_price_is_an_amount CHECK (current_price BETWEEN 0 AND 1000000000000),
    CONSTRAINT trade_value_and_payoff_are_amounts CHECK (
        trade_value BETWEEN 0 AND 1000000000000 AND payoff BETWEEN 0 AND 1000000000000),
    CONSTRAINT bonus_is_an_amount CHECK (bonus BETWEEN 0 AND 1000000000000),
    CONSTRAINT income_is_an_amount CHECK (income BETWEEN 0 AND 1000000000000),
    CONSTRAINT equity_is_the_trade_value_less_the_payoff CHECK (equity = trade_value - payoff),
    CONSTRAINT amounts_have_at_most_12_decimals CHECK (
        trade_value = round(trade_value, 12) AND payoff = round(payoff, 12) AND bonus = round(bonus, 12)
        AND income = round(income, 12) AND equity = round(equity, 12)
        AND current_payment = round(current_payment, 12) AND current_price = round(current_price, 12)),
    CONSTRAINT amounts_have_at_most_18_digits CHECK (
        trade_value * power(10::numeric, scale(trim_scale(trade_value))) < 1000000000000000000
        AND bonus * power(10::numeric, scale(trim_scale(bonus))) < 1000000000000000000
        AND income * power(10::numeric, scale(trim_scale(income))) < 1000000000000000000
        AND abs(equity) * power(10::numeric, scale(trim_scale(equity))) < 1000000000000000000
        AND current_payment * power(10::numeric, scale(trim_scale(current_payment))) < 1000000000000000000
        AND current_price * power(10::numeric, scale(trim_scale(current_price))) < 1000000000000000000),
    CONSTRAINT current_year_is_1886_to_2200 CHECK (current_year BETWEEN 1886 AND 2200),
    CONSTRAINT current_kilometers_are_not_negative CHECK (current_kilometers >= 0)
);

COMMENT ON TABLE tradeup.customer IS 'Customers with the vehicle that they drive and pay now';
COMMENT ON COLUMN tradeup.customer.customer_id IS 'Identifier, yours';
COMMENT ON COLUMN tradeup.customer.risk_profile IS 'Risk profile, one of those of the program';
COMMENT ON COLUMN tradeup.customer.equity IS
    'What the current vehicle is worth less what is owed on it; may be negative; of trade_value and payoff, if both are given';
COMMENT ON COLUMN tradeup.customer.current_payment IS
    'Monthly payment now; null: unknown, so offers have no payment change and no tier';
COMMENT ON COLUMN tradeup.customer.current_price IS 'Price of the current vehicle; null: unknown, so no offer has to be dearer';
COMMENT ON COLUMN tradeup.customer.current_make IS 'Make of the current vehicle';
COMMENT ON COLUMN tradeup.customer.current_model IS 'Model of the current vehicle';
COMMENT ON COLUMN tradeup.customer.current_year IS 'Model year of the current vehicle';
COMMENT ON COLUMN tradeup.customer.current_kilometers IS 'Kilometres of the current vehicle; 0 or null: unknown';
COMMENT ON COLUMN tradeup.customer.region IS
    'Region of the customer, by which programs may have a sales tax and a document fee of their own; null: none of theirs';
COMMENT ON COLUMN tradeup.customer.program IS 'Finance program of this customer; null: the default one';
COMMENT ON COLUMN tradeup.customer.trade_value IS
    'What the dealer allows for the current vehicle, 0 where there is none; null: only the equity is known';
COMMENT ON COLUMN tradeup.customer.payoff IS 'What is owed on the current vehicle; null: only the equity is known';
COMMENT ON COLUMN tradeup.customer.bonus IS
    'Rebate of this customer''s own, as for loyalty or conquest, after tax; it adds to the bonus of the program';
COMMENT ON COLUMN tradeup.customer.income IS 'Income in a month; null: unknown, so no payment is too large a share of it';

CREATE TABLE tradeup.vehicle (
    vehicle_id text COLLATE "C" NOT NULL,
    make text,
    model text,
    body text,
    year integer,
    kilometers integer,
    color text,
    fuel text,
    transmission text,
    vin text,
    region text,
    dealer text,
    currency text NOT NULL DEFAULT tradeup_internal.default_currency(),
    regular_price numeric NOT NULL,
    promotion_price numeric,
    rebate numeric,
    price numeric GENERATED ALWAYS AS (tradeup_internal.effective_price(regular_price, promotion_price, rebate, currency)) STORED,
    price_minor bigint GENERATED ALWAYS AS (tradeup_internal.price_minor(regular_price, promotion_price, rebate,
                                                                         currency)) STORED,
    cost numeric,
    status text NOT NULL DEFAULT 'available',
    listed_on date DEFAULT (now() AT TIME ZONE 'UTC')::date,
    sold_on date,
    CONSTRAINT vehicle_is_identified PRIMARY KEY (vehicle_id),
    CONSTRAINT vehicle_id_is_not_empty CHECK (btrim(vehicle_id, E' \t\r\n') <> ''),
    CONSTRAINT regular_price_is_an_amount CHECK (regular_price > 0 AND regular_price <= 1000000000000),
    CONSTRAINT promotion_price_is_an_amount CHECK (promotion_price > 0 AND promotion_price <= 1000000000000),
    CONSTRAINT rebate_is_less_than_the_price CHECK (rebate >= 0 AND price_minor > 0),
    CONSTRAINT currency_is_known CHECK (tradeup.currency_digits(currency) IS NOT NULL),
    CONSTRAINT vehicle_is_priced_in_whole_minor_units CHECK (price_minor IS NOT NULL),
    CONSTRAINT cost_is_an_amount CHECK (cost BETWEEN 0 AND 1000000000000),
    CONSTRAINT cost_is_in_whole_minor_units CHECK (cost = round(cost, tradeup.currency_digits(currency))),
    CONSTRAINT year_is_1886_to_2200 CHECK (year BETWEEN 1886 AND 2200),
    CONSTRAINT kilometers_are_not_negative CHECK (kilometers >= 0),
    CONSTRAINT vin_is_not_empty CHECK (vin <> '' AND vin = btrim(vin, E' \t\r\n')),
    CONSTRAINT status_is_known CHECK (status IN ('available', 'reserved', 'sold', 'withdrawn'))
);

COMMENT ON TABLE tradeup.vehicle IS 'The inventory; offers are made of its available vehicles';
COMMENT ON COLUMN tradeup.vehicle.vehicle_id IS 'Identifier, yours; equal prices are ordered by it, byte by byte';
COMMENT ON COLUMN tradeup.vehicle.make IS 'Make';
COMMENT ON COLUMN tradeup.vehicle.model IS 'Model';
COMMENT ON COLUMN tradeup.vehicle.body IS 'Body class';
COMMENT ON COLUMN tradeup.vehicle.year IS 'Model year';
COMMENT ON COLUMN tradeup.vehicle.kilometers IS 'Kilometres driven';
COMMENT ON COLUMN tradeup.vehicle.color IS 'Colour';
COMMENT ON COLUMN tradeup.vehicle.fuel IS 'What it is driven by: petrol, diesel, hybrid, electric, in words of yours';
COMMENT ON COLUMN tradeup.vehicle.transmission IS 'Transmission: manual, automatic, in words of yours';
COMMENT ON COLUMN tradeup.vehicle.vin IS
    'Vehicle identification number, or the number of the chassis; of the vehicles that are available or reserved no two have the '
    'same; null: unknown';
COMMENT ON COLUMN tradeup.vehicle.region IS 'Region where the vehicle stands';
COMMENT ON COLUMN tradeup.vehicle.dealer IS 'Dealer that has the vehicle';
COMMENT ON COLUMN tradeup.vehicle.regular_price IS 'Price without promotion';
COMMENT ON COLUMN tradeup.vehicle.promotion_price IS 'Price of a promotion; null: none';
COMMENT ON COLUMN tradeup.vehicle.currency IS
    'ISO 4217 code of the currency of its prices, by default that of the default program; only programs in it make offers';
COMMENT ON COLUMN tradeup.vehicle.rebate IS
    'Cash of the manufacturer on this vehicle, before tax, which lowers its price; null: none';
COMMENT ON COLUMN tradeup.vehicle.price IS
    'Effective price: the promotion price when there is one and it is lower, otherwise the regular one, less the rebate';
COMMENT ON COLUMN tradeup.vehicle.price_minor IS
    'The effective price in minor units of the currency (cents); what offers and searches look for';
COMMENT ON COLUMN tradeup.vehicle.cost IS
    'What the dealer paid for it, with what was spent on it since; offers show the price less it as gross; null: unknown';
COMMENT ON COLUMN tradeup.vehicle.status IS 'available, reserved, sold or withdrawn';
COMMENT ON COLUMN tradeup.vehicle.listed_on IS
    'Day on which it came into the inventory, in UTC, by default that of its loading; null: unknown';
COMMENT ON COLUMN tradeup.vehicle.sold_on IS 'Day on which it was sold; null: not sold, or unknown';

-- The index that every offer reads: ranges of prices, forward or backward, ties in a fixed order. It carries what programs
-- and searches ask of vehicles, so that only the vehicles that are shown are looked up in the table.
CREATE INDEX vehicle_available_by_price ON tradeup.vehicle (currency, price_minor, vehicle_id)
    INCLUDE (make, body, region, dealer, year, kilometers)
    WHERE status = 'available';
COMMENT ON INDEX tradeup.vehicle_available_by_price IS 'Available vehicles by currency and price, for offers';
-- Vehicles from before 1981, and from some countries to this day, have numbers of another form than the 17 characters of
-- ISO 3779, so only what is the same twice is refused; and one that was sold may come back as a trade-in. Without the nulls, so
-- that an inventory without these numbers pays nothing.
CREATE UNIQUE INDEX vehicle_in_stock_by_vin ON tradeup.vehicle (vin)
    WHERE vin IS NOT NULL AND status IN ('available', 'reserved');
COMMENT ON INDEX tradeup.vehicle_in_stock_by_vin IS
    'Vehicles that are available or reserved by identification number, each once';
CREATE INDEX customer_by_program_and_profile ON tradeup.customer (program, risk_profile);
COMMENT ON INDEX tradeup.customer_by_program_and_profile IS 'Customers by program and risk profile, for portfolios';

CREATE TYPE tradeup.customer_deal AS (
    customer_id text,
    program text,
    version integer,
    profile text,
    term integer,
    annual_rate numeric,
    current_payment numeric,
    deal tradeup.deal,
    min_year integer,
    max_kilometers integer,
    makes text[],
    currency text
);
COMMENT ON TYPE tradeup.customer_deal IS
    'The deal of a customer for one term of a program, and which vehicles the program finances: those from a model year, with '
    'kilometres up to, of makes (null: any), priced in its currency';

CREATE TYPE tradeup.offer AS (
    customer_id text,
    program text,
    version integer,
    profile text,
    term integer,
    annual_rate numeric,
    vehicle_id text COLLATE "C",
    make text,
    model text,
    body text,
    year integer,
    kilometers integer,
    color text,
    region text,
    dealer text,
    currency text,
    price_before_rebate numeric,
    price numeric,
    price_minor bigint,
    tier text,
    tier_rank integer,
    current_payment numeric,
    payment numeric,
    payment_frequency text,
    monthly_payment numeric,
    payment_change numeric,
    loan_amount numeric,
    effective_equity numeric,
    service_fee numeric,
    opening_fee numeric,
    margin numeric,
    gross numeric
);
COMMENT ON TYPE tradeup.offer IS
    'One vehicle for one customer at one term, with all its amounts, in the currency of vehicle and program; gross is its price '
    'less its cost, null where the cost is not known';
