-- Quotes: what was promised to whom, by whom and until when, in figures that can be computed again; and what became of it.

-- The deal is kept as text, because the binary form belongs to one version of the library and a quote to none. No foreign
-- key leads to the program: it would lock one row of it in every session that saves a quote; and a published version cannot go.
CREATE TABLE tradeup.quote (
    quote_id bigint GENERATED ALWAYS AS IDENTITY,
    customer_id text NOT NULL,
    vehicle_id text NOT NULL,
    make text,
    model text,
    dealer text,
    program text NOT NULL,
    version integer NOT NULL,
    profile text NOT NULL,
    region text,
    term integer NOT NULL,
    overrides jsonb,
    equity numeric NOT NULL,
    current_payment numeric,
    current_price numeric,
    trade_value numeric,
    customer_bonus numeric NOT NULL DEFAULT 0,
    income numeric,
    price numeric NOT NULL,
    annual_rate numeric NOT NULL,
    tier text,
    tier_rank integer,
    payment numeric NOT NULL,
    payment_change numeric,
    loan_amount numeric NOT NULL,
    effective_equity numeric NOT NULL,
    service_fee numeric NOT NULL,
    opening_fee numeric NOT NULL,
    margin numeric NOT NULL,
    deal text NOT NULL,
    quoted_by text NOT NULL DEFAULT current_user,
    quoted_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    valid_for interval NOT NULL,
    /* In UTC, because in the time zone of a session a day may have 23 hours. */
    valid_until timestamptz NOT NULL GENERATED ALWAYS AS
        ((quoted_at AT TIME ZONE 'UTC'::text + valid_for) AT TIME ZONE 'UTC'::text) STORED,
    CONSTRAINT quote_is_identified PRIMARY KEY (quote_id),
    CONSTRAINT quote_id_is_positive CHECK (quote_id > 0),
    CONSTRAINT quote_is_valid_for_up_to_366_days CHECK (
        CASE WHEN isfinite(quoted_at) AND isfinite(valid_until)
             THEN valid_until > quoted_at AND valid_until - quoted_at <= interval '366 days' ELSE false END)
);

COMMENT ON TABLE tradeup.quote IS
    'Quotes: every input and every figure of an offer as it was promised; rows are added and never changed';
COMMENT ON COLUMN tradeup.quote.quote_id IS 'Number of the quote';
COMMENT ON COLUMN tradeup.quote.customer_id IS 'Customer to whom it was promised';
COMMENT ON COLUMN tradeup.quote.vehicle_id IS 'Vehicle that was offered';
COMMENT ON COLUMN tradeup.quote.make IS 'Make of the vehicle at that moment; null: unknown';
COMMENT ON COLUMN tradeup.quote.model IS 'Model of the vehicle at that moment; null: unknown';
COMMENT ON COLUMN tradeup.quote.dealer IS 'Dealer that had the vehicle at that moment; null: unknown';
COMMENT ON COLUMN tradeup.quote.program IS 'Name of the finance program';
COMMENT ON COLUMN tradeup.quote.version IS 'Version of the finance program';
COMMENT ON COLUMN tradeup.quote.profile IS 'Risk profile of the customer at that moment';
COMMENT ON COLUMN tradeup.quote.region IS 'Region of the customer at that moment; null: unknown';
COMMENT ON COLUMN tradeup.quote.term IS 'Term in months';
COMMENT ON COLUMN tradeup.quote.overrides IS 'What-if overrides under which it was made; null: none';
COMMENT ON COLUMN tradeup.quote.equity IS 'Equity of the customer at that moment';
COMMENT ON COLUMN tradeup.quote.current_payment IS 'Payment of the customer at that moment; null: unknown';
COMMENT ON COLUMN tradeup.quote.current_price IS 'Price of the customer''s vehicle at that moment; null: unknown';
COMMENT ON COLUMN tradeup.quote.trade_value IS 'What was allowed for the customer''s vehicle at that moment; null: unknown';
COMMENT ON COLUMN tradeup.quote.customer_bonus IS 'Rebate of the customer''s own at that moment';
COMMENT ON COLUMN tradeup.quote.income IS 'Monthly income of the customer at that moment; null: unknown';
COMMENT ON COLUMN tradeup.quote.price IS 'Price of the vehicle at that moment';
COMMENT ON COLUMN tradeup.quote.annual_rate IS 'Annual rate as a fraction, with the adjustment of the term';
COMMENT ON COLUMN tradeup.quote.tier IS 'Tier of the offer; null: none';
COMMENT ON COLUMN tradeup.quote.tier_rank IS 'Rank of the tier, 1 for the smallest payment changes';
COMMENT ON COLUMN tradeup.quote.payment IS 'First monthly payment';
COMMENT ON COLUMN tradeup.quote.payment_change IS
    'Payment against the current one, as a fraction; null without a current payment';
COMMENT ON COLUMN tradeup.quote.loan_amount IS 'Amount financed';
COMMENT ON COLUMN tradeup.quote.effective_equity IS 'Equity left for the down payment';
COMMENT ON COLUMN tradeup.quote.service_fee IS 'Service fee';
COMMENT ON COLUMN tradeup.quote.opening_fee IS 'Opening fee with its tax';
COMMENT ON COLUMN tradeup.quote.margin IS 'Margin of the offer';
COMMENT ON COLUMN tradeup.quote.deal IS 'The whole deal as text; quote.deal::deal gives schedules and every other figure';
COMMENT ON COLUMN tradeup.quote.quoted_by IS 'Role that saved it';
COMMENT ON COLUMN tradeup.quote.quoted_at IS 'When it was saved';
COMMENT ON COLUMN tradeup.quote.valid_for IS 'How long it is valid, in days of 24 hours';
COMMENT ON COLUMN tradeup.quote.valid_until IS 'Last moment at which it can be accepted';

CREATE INDEX quote_of_customer ON tradeup.quote (customer_id, quoted_at);
COMMENT ON INDEX tradeup.quote_of_customer IS 'Quotes of a customer by time';
CREATE INDEX quote_by_time ON tradeup.quote USING brin (quoted_at);
COMMENT ON INDEX tradeup.quote_by_time IS 'Quotes by day, for statistics; they are stored in the order of time';

-- No foreign key leads to the quote, because a dump may be restored in parallel, events first. Triggers and health() check it.
CREATE TABLE tradeup.quote_event (
    quote_id bigint NOT NULL,
    seq integer NOT NULL,
    event text NOT NULL,
    happened_at timestamptz NOT NULL,
    happened_by text NOT NULL,
    note text,
    CONSTRAINT event_is_once_in_its_quote PRIMARY KEY (quote_id, seq),
    CONSTRAINT event_is_known CHECK (event IN ('issued', 'viewed', 'accepted', 'rejected', 'withdrawn', 'expired')),
    CONSTRAINT first_event_is_issued CHECK (seq > 0 AND (seq = 1) = (event = 'issued'))
);

COMMENT ON TABLE tradeup.quote_event IS 'What became of each quote, event by event; rows are added and never changed';
COMMENT ON COLUMN tradeup.quote_event.quote_id IS 'Number of the quote';
COMMENT ON COLUMN tradeup.quote_event.seq IS 'Position of the event among those of its quote, from 1';
COMMENT ON COLUMN tradeup.quote_event.event IS 'issued, viewed, accepted, rejected, withdrawn or expired';
COMMENT ON COLUMN tradeup.quote_event.happened_at IS 'When it was recorded; a trigger fills it in';
COMMENT ON COLUMN tradeup.quote_event.happened_by IS 'Role that recorded it; a trigger fills it in';
COMMENT ON COLUMN tradeup.quote_event.note IS 'What there is to say about it';

CREATE INDEX quote_ends ON tradeup.quote_event (quote_id)
    WHERE event IN ('accepted', 'rejected', 'withdrawn', 'expired');
COMMENT ON INDEX tradeup.quote_ends IS 'The events that end quotes';

CREATE TABLE tradeup.quote_retention (
    purge_id bigint GENERATED ALWAYS AS IDENTITY,
    ended_before timestamptz NOT NULL,
    accepted_too boolean NOT NULL,
    purged_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    purged_by text NOT NULL DEFAULT current_user,
    quotes bigint NOT NULL,
    numbers int8multirange NOT NULL,
    highest bigint GENERATED ALWAYS AS (upper(numbers) - 1::bigint) STORED,
    CONSTRAINT purge_is_identified PRIMARY KEY (purge_id)
);

COMMENT ON TABLE tradeup.quote_retention IS 'Every purge of old quotes: what it deleted, who ran it and when';
COMMENT ON COLUMN tradeup.quote_retention.purge_id IS 'Number of the purge';
COMMENT ON COLUMN tradeup.quote_retention.ended_before IS 'Quotes that ended before this moment were deleted';
COMMENT ON COLUMN tradeup.quote_retention.accepted_too IS 'Whether accepted quotes were deleted too';
COMMENT ON COLUMN tradeup.quote_retention.purged_at IS 'When it ran';
COMMENT ON COLUMN tradeup.quote_retention.purged_by IS 'Role that ran it';
COMMENT ON COLUMN tradeup.quote_retention.quotes IS 'Number of quotes deleted';
COMMENT ON COLUMN tradeup.quote_retention.numbers IS 'Numbers of the quotes deleted; none of them is used again';
COMMENT ON COLUMN tradeup.quote_retention.highest IS 'The highest of these numbers; null: none';
COMMENT ON SEQUENCE tradeup.quote_quote_id_seq IS 'Numbers of quotes';
COMMENT ON SEQUENCE tradeup.quote_retention_purge_id_seq IS 'Numbers of purges';
