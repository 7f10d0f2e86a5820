-- What solving and the search for the least concession answer.

CREATE TYPE tradeup.solution AS (
    value numeric,
    possible boolean,
    eligible boolean,
    price numeric,
    payment numeric,
    payment_change numeric,
    tier text,
    deal tradeup.deal,
    explanation text
);
COMMENT ON TYPE tradeup.solution IS
    'The figure that solve found, whether it does what was asked and makes an offer, and the deal with that figure';

CREATE TYPE tradeup.concession AS (
    viable boolean,
    term integer,
    service_fee_rate numeric,
    bonus numeric,
    opening_fee_rate numeric,
    payment numeric,
    payment_change numeric,
    margin_less_bonus numeric,
    financed_to_price numeric,
    failed_gate text,
    deal tradeup.deal,
    explanation text
);
COMMENT ON TYPE tradeup.concession IS
    'A combination of term, service fee, bonus and opening fee, what it gives, and the gate that it fails if it is not viable';

CREATE TYPE tradeup.vehicle_concession AS (
    vehicle_id text,
    price numeric,
    viable boolean,
    term integer,
    service_fee_rate numeric,
    bonus numeric,
    opening_fee_rate numeric,
    payment numeric,
    payment_change numeric,
    margin_less_bonus numeric,
    financed_to_price numeric,
    failed_gate text,
    deal tradeup.deal,
    explanation text
);
COMMENT ON TYPE tradeup.vehicle_concession IS 'The least concession on a vehicle of this price';
