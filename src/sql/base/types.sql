-- Types of arguments. PostgreSQL refuses a float where a numeric is asked for, a json where a jsonb is, a timestamp where a date
-- is; but that is what drivers send, and what columns hold. Overloads would not help: with two of them, a whole number, a literal
-- or a value that a driver sends without a type would resolve to the wrong one, or to none. So there is one function, and its
-- arguments are of types that all these turn into by themselves. They are stored as the types they stand for: those cost nothing.

CREATE TYPE tradeup.any_number (
    INPUT = tradeup_internal.any_number_in,
    OUTPUT = tradeup_internal.any_number_out,
    RECEIVE = tradeup_internal.any_number_recv,
    SEND = tradeup_internal.any_number_send,
    LIKE = pg_catalog.numeric,
    CATEGORY = 'N'
);
COMMENT ON TYPE tradeup.any_number IS
    'A number as an argument: a numeric, an integer or a float, which is rounded to the 15 digits (of real: 6) that it surely '
    'has';

CREATE TYPE tradeup.any_json (
    INPUT = tradeup_internal.any_json_in,
    OUTPUT = tradeup_internal.any_json_out,
    RECEIVE = tradeup_internal.any_json_recv,
    SEND = tradeup_internal.any_json_send,
    LIKE = pg_catalog.jsonb
);
COMMENT ON TYPE tradeup.any_json IS 'JSON as an argument: jsonb, json or text';

CREATE TYPE tradeup.any_date (
    INPUT = tradeup_internal.any_date_in,
    OUTPUT = tradeup_internal.any_date_out,
    RECEIVE = tradeup_internal.any_date_recv,
    SEND = tradeup_internal.any_date_send,
    LIKE = pg_catalog.date,
    CATEGORY = 'D'
);
COMMENT ON TYPE tradeup.any_date IS 'A date as an argument: date or a timestamp, whose time of day is left out';

CREATE TYPE tradeup.any_term (
    INPUT = tradeup_internal.any_term_in,
    OUTPUT = tradeup_internal.any_term_out,
    RECEIVE = tradeup_internal.any_term_recv,
    SEND = tradeup_internal.any_term_send,
    LIKE = pg_catalog.int4,
    CATEGORY = 'N'
);
COMMENT ON TYPE tradeup.any_term IS
    'A number of months or payments as an argument: an integer, or a numeric or float without a fraction';

CREATE CAST (numeric AS tradeup.any_number) WITHOUT FUNCTION AS IMPLICIT;
CREATE CAST (tradeup.any_number AS numeric) WITHOUT FUNCTION AS IMPLICIT;
CREATE CAST (smallint AS tradeup.any_number) WITH FUNCTION pg_catalog.numeric(smallint) AS IMPLICIT;
CREATE CAST (integer AS tradeup.any_number) WITH FUNCTION pg_catalog.numeric(integer) AS IMPLICIT;
CREATE CAST (bigint AS tradeup.any_number) WITH FUNCTION pg_catalog.numeric(bigint) AS IMPLICIT;
CREATE CAST (real AS tradeup.any_number) WITH FUNCTION pg_catalog.numeric(real) AS IMPLICIT;
CREATE CAST (double precision AS tradeup.any_number) WITH FUNCTION pg_catalog.numeric(double precision) AS IMPLICIT;

CREATE CAST (jsonb AS tradeup.any_json) WITHOUT FUNCTION AS IMPLICIT;
CREATE CAST (tradeup.any_json AS jsonb) WITHOUT FUNCTION AS IMPLICIT;
CREATE CAST (json AS tradeup.any_json) WITH INOUT AS IMPLICIT;
CREATE CAST (text AS tradeup.any_json) WITH INOUT AS IMPLICIT;
CREATE CAST (varchar AS tradeup.any_json) WITH INOUT AS IMPLICIT;

CREATE CAST (date AS tradeup.any_date) WITHOUT FUNCTION AS IMPLICIT;
CREATE CAST (tradeup.any_date AS date) WITHOUT FUNCTION AS IMPLICIT;
CREATE CAST (timestamp AS tradeup.any_date) WITH FUNCTION pg_catalog.date(timestamp) AS IMPLICIT;
CREATE CAST (timestamptz AS tradeup.any_date) WITH FUNCTION pg_catalog.date(timestamptz) AS IMPLICIT;

CREATE CAST (integer AS tradeup.any_term) WITHOUT FUNCTION AS IMPLICIT;
CREATE CAST (tradeup.any_term AS integer) WITHOUT FUNCTION AS IMPLICIT;
CREATE CAST (smallint AS tradeup.any_term) WITH FUNCTION pg_catalog.int4(smallint) AS IMPLICIT;
CREATE CAST (bigint AS tradeup.any_term) WITH FUNCTION pg_catalog.int4(bigint) AS IMPLICIT;
CREATE CAST (numeric AS tradeup.any_term) WITH FUNCTION tradeup_internal.whole_term(numeric) AS IMPLICIT;
CREATE CAST (real AS tradeup.any_term) WITH FUNCTION tradeup_internal.whole_term(real) AS IMPLICIT;
CREATE CAST (double precision AS tradeup.any_term) WITH FUNCTION tradeup_internal.whole_term(double precision) AS IMPLICIT;

COMMENT ON CAST (numeric AS tradeup.any_number) IS 'A numeric as an argument, as it is';
COMMENT ON CAST (tradeup.any_number AS numeric) IS 'A number that was an argument, as it is';
COMMENT ON CAST (smallint AS tradeup.any_number) IS 'A whole number as an argument';
COMMENT ON CAST (integer AS tradeup.any_number) IS 'A whole number as an argument';
COMMENT ON CAST (bigint AS tradeup.any_number) IS 'A whole number as an argument';
COMMENT ON CAST (real AS tradeup.any_number) IS 'A float as an argument: rounded to 6 digits';
COMMENT ON CAST (double precision AS tradeup.any_number) IS 'A float as an argument: rounded to 15 digits';
COMMENT ON CAST (jsonb AS tradeup.any_json) IS 'JSON as an argument, as it is';
COMMENT ON CAST (tradeup.any_json AS jsonb) IS 'JSON that was an argument, as it is';
COMMENT ON CAST (json AS tradeup.any_json) IS 'JSON as an argument';
COMMENT ON CAST (text AS tradeup.any_json) IS 'JSON as an argument, from its text';
COMMENT ON CAST (varchar AS tradeup.any_json) IS 'JSON as an argument, from its text';
COMMENT ON CAST (date AS tradeup.any_date) IS 'A date as an argument, as it is';
COMMENT ON CAST (tradeup.any_date AS date) IS 'A date that was an argument, as it is';
COMMENT ON CAST (timestamp AS tradeup.any_date) IS 'The day of a moment as an argument';
COMMENT ON CAST (timestamptz AS tradeup.any_date) IS 'The day of a moment as an argument, in the time zone of the session';
COMMENT ON CAST (integer AS tradeup.any_term) IS 'A term as an argument, as it is';
COMMENT ON CAST (tradeup.any_term AS integer) IS 'A term that was an argument, as it is';
COMMENT ON CAST (smallint AS tradeup.any_term) IS 'A whole number as a term';
COMMENT ON CAST (bigint AS tradeup.any_term) IS 'A whole number as a term';
COMMENT ON CAST (numeric AS tradeup.any_term) IS 'A whole number as a term; an error with a fraction';
COMMENT ON CAST (real AS tradeup.any_term) IS 'A whole number as a term; an error with a fraction';
COMMENT ON CAST (double precision AS tradeup.any_term) IS 'A whole number as a term; an error with a fraction';
