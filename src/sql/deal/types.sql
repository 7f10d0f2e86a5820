-- The type deal. It is complete only after the functions that read and write it.

CREATE TYPE tradeup.deal (
    INPUT = tradeup.deal_in,
    OUTPUT = tradeup.deal_out,
    RECEIVE = tradeup.deal_recv,
    SEND = tradeup.deal_send,
    INTERNALLENGTH = VARIABLE,
    ALIGNMENT = double,
    STORAGE = plain
);

COMMENT ON TYPE tradeup.deal IS
    'What one customer, one finance program and one term make of any vehicle: every amount as a function of the price, and the '
    'prices of every tier';
