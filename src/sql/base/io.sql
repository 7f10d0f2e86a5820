-- Text and binary forms of the types of arguments: those of the types that they stand for.

CREATE OR REPLACE FUNCTION tradeup_internal.any_number_in(cstring, oid, integer) RETURNS tradeup.any_number
LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'numeric_in';
CREATE OR REPLACE FUNCTION tradeup_internal.any_number_out(tradeup.any_number) RETURNS cstring
LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'numeric_out';
CREATE OR REPLACE FUNCTION tradeup_internal.any_number_recv(internal, oid, integer) RETURNS tradeup.any_number
LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'numeric_recv';
CREATE OR REPLACE FUNCTION tradeup_internal.any_number_send(tradeup.any_number) RETURNS bytea
LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'numeric_send';
COMMENT ON FUNCTION tradeup_internal.any_number_in(cstring, oid, integer) IS 'A number from its text form';
COMMENT ON FUNCTION tradeup_internal.any_number_out(tradeup.any_number) IS 'The text form of a number';
COMMENT ON FUNCTION tradeup_internal.any_number_recv(internal, oid, integer) IS
    'A number from its binary form, that of a numeric';
COMMENT ON FUNCTION tradeup_internal.any_number_send(tradeup.any_number) IS 'The binary form of a number, that of a numeric';

CREATE OR REPLACE FUNCTION tradeup_internal.any_json_in(cstring) RETURNS tradeup.any_json
LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'jsonb_in';
CREATE OR REPLACE FUNCTION tradeup_internal.any_json_out(tradeup.any_json) RETURNS cstring
LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'jsonb_out';
CREATE OR REPLACE FUNCTION tradeup_internal.any_json_recv(internal) RETURNS tradeup.any_json
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME';
CREATE OR REPLACE FUNCTION tradeup_internal.any_json_send(tradeup.any_json) RETURNS bytea
LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'jsonb_send';
COMMENT ON FUNCTION tradeup_internal.any_json_in(cstring) IS 'JSON from its text form';
COMMENT ON FUNCTION tradeup_internal.any_json_out(tradeup.any_json) IS 'The text form of JSON';
COMMENT ON FUNCTION tradeup_internal.any_json_recv(internal) IS 'JSON from its binary form, that of a jsonb';
COMMENT ON FUNCTION tradeup_internal.any_json_send(tradeup.any_json) IS 'The binary form of JSON, that of a jsonb';

CREATE OR REPLACE FUNCTION tradeup_internal.any_date_in(cstring) RETURNS tradeup.any_date
LANGUAGE internal STABLE STRICT PARALLEL SAFE AS 'date_in';
CREATE OR REPLACE FUNCTION tradeup_internal.any_date_out(tradeup.any_date) RETURNS cstring
LANGUAGE internal STABLE STRICT PARALLEL SAFE AS 'date_out';
CREATE OR REPLACE FUNCTION tradeup_internal.any_date_recv(internal) RETURNS tradeup.any_date
LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'date_recv';
CREATE OR REPLACE FUNCTION tradeup_internal.any_date_send(tradeup.any_date) RETURNS bytea
LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'date_send';
COMMENT ON FUNCTION tradeup_internal.any_date_in(cstring) IS 'A date from its text form, which may have a time of day';
COMMENT ON FUNCTION tradeup_internal.any_date_out(tradeup.any_date) IS 'The text form of a date';
COMMENT ON FUNCTION tradeup_internal.any_date_recv(internal) IS 'A date from its binary form, that of a date';
COMMENT ON FUNCTION tradeup_internal.any_date_send(tradeup.any_date) IS 'The binary form of a date, that of a date';

CREATE OR REPLACE FUNCTION tradeup_internal.any_term_in(cstring) RETURNS tradeup.any_term
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME';
CREATE OR REPLACE FUNCTION tradeup_internal.any_term_out(tradeup.any_term) RETURNS cstring
LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'int4out';
CREATE OR REPLACE FUNCTION tradeup_internal.any_term_recv(internal) RETURNS tradeup.any_term
LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'int4recv';
CREATE OR REPLACE FUNCTION tradeup_internal.any_term_send(tradeup.any_term) RETURNS bytea
LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'int4send';
COMMENT ON FUNCTION tradeup_internal.any_term_in(cstring) IS 'A term from its text form, a whole number';
COMMENT ON FUNCTION tradeup_internal.any_term_out(tradeup.any_term) IS 'The text form of a term';
COMMENT ON FUNCTION tradeup_internal.any_term_recv(internal) IS 'A term from its binary form, that of an integer';
COMMENT ON FUNCTION tradeup_internal.any_term_send(tradeup.any_term) IS 'The binary form of a term, that of an integer';
CREATE OR REPLACE FUNCTION tradeup_internal.whole_term(term numeric) RETURNS integer
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_internal.whole_term(numeric) IS 'A whole number as an integer; an error with a fraction';
CREATE OR REPLACE FUNCTION tradeup_internal.whole_term(term double precision) RETURNS integer
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 1
RETURN tradeup_internal.whole_term(pg_catalog.numeric(term));
COMMENT ON FUNCTION tradeup_internal.whole_term(double precision) IS 'A whole float as an integer; an error with a fraction';
CREATE OR REPLACE FUNCTION tradeup_internal.whole_term(term real) RETURNS integer
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 1
RETURN tradeup_internal.whole_term(pg_catalog.numeric(term));
COMMENT ON FUNCTION tradeup_internal.whole_term(real) IS 'A whole float as an integer; an error with a fraction';
