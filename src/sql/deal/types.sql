-- The type deal. It is complete only after the functions that read and write it.

CREATE TYPE tradeup.deal (
    INPUT = tradeup_internal.deal_in,
    OUTPUT = tradeup_internal.deal_out,
    RECEIVE = tradeup_internal.deal_recv,
    SEND = tradeup_internal.deal_send,
    INTERNALLENGTH = VARIABLE,
    ALIGNMENT = double,
    STORAGE = plain
);

COMMENT ON TYPE tradeup.deal IS
    'What one customer, one finance program and one term make of any vehicle: every amount as a function of the price, and the '
    'prices of every tier';

-- An application keeps a deal as its text, and a driver sends that back as text or varchar.
CREATE CAST (text AS tradeup.deal) WITH INOUT AS IMPLICIT;
CREATE CAST (varchar AS tradeup.deal) WITH INOUT AS IMPLICIT;
COMMENT ON CAST (text AS tradeup.deal) IS 'A deal from its text form';
COMMENT ON CAST (varchar AS tradeup.deal) IS 'A deal from its text form';

CREATE TYPE tradeup.reference_installment AS (
    month integer,
    opening_balance double precision,
    principal double precision,
    interest double precision,
    charges double precision,
    tax double precision,
    payment double precision,
    closing_balance double precision,
    closing_loan double precision,
    closing_service double precision,
    closing_protection double precision,
    closing_insurance double precision
);
COMMENT ON TYPE tradeup.reference_installment IS 'A month of the schedule of the audited spreadsheet, unrounded';
