-- Rows of schedules of loans.

CREATE TYPE tradeup.installment AS (
    period integer,
    due_date date,
    opening numeric,
    payment numeric,
    interest numeric,
    principal numeric,
    extra numeric,
    closing numeric
);
COMMENT ON TYPE tradeup.installment IS 'A payment of a loan, what it is made of, and the balance before and after it';

CREATE TYPE tradeup.loan_year AS (
    year integer,
    payments integer,
    payment numeric,
    interest numeric,
    principal numeric,
    extra numeric,
    closing numeric
);
COMMENT ON TYPE tradeup.loan_year IS 'What is paid on a loan in a calendar year, what it is made of, and the balance at its end';

CREATE TYPE tradeup.payoff_statement AS (
    paid_periods integer,
    balance numeric,
    accrued_from date,
    days integer,
    per_diem numeric,
    interest numeric,
    payoff numeric
);
COMMENT ON TYPE tradeup.payoff_statement IS 'What pays off a loan on a day: the balance, interest by the day, and their sum';
